/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/secure_stream.h - TLS 1.2 and 1.3 by wolfSSL, for streams, with certificates or with keys
 * that were shared before: memory in, memory out, randomness and time from the virtual kernel's
 * scope, as net/secure.h has it for datagrams. A client that keeps what net_secure_stream_keep
 * gives it begins its next connection with a session ticket (RFC 8446 2.2, RFC 5077).
 *
 * A *domain* is one side's settings (not shared between threads), a stream one connection. It has
 * no timers: who waits too long for the other side ends it. */
#ifndef NET_SECURE_STREAM_H
#define NET_SECURE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/end.h"
#include "net/secure.h"
#include "net/secure_certificate.h"

typedef struct net_secure_stream_domain net_secure_stream_domain;
typedef struct net_secure_stream net_secure_stream;

/* Made from inside the functions below. `send` may call nothing of its stream; the others may write
 * and close, but neither free it nor feed it. */
typedef struct net_secure_stream_calls {
    void (*send)(void *owner, const uint8_t *bytes, size_t n);    /* bytes for the wire */
    void (*opened)(void *owner);                                  /* handshake complete */
    void (*received)(void *owner, const uint8_t *data, size_t n); /* what was decrypted */
    /* once; free it, but not in this call */
    void (*ended)(void *owner, net_end why);
} net_secure_stream_calls;

/* Which versions are spoken. */
typedef enum net_secure_versions {
    NET_SECURE_ANY, /* TLS 1.3, and 1.2 with a peer that knows no better */
    NET_SECURE_12   /* 1.2 alone */
} net_secure_versions;

/* Texts in PEM, borrowed while the domain is made. */
typedef struct net_secure_stream_papers {
    const char *chain; /* our certificate, and those between it and the authority; NULL: none */
    const char *key;   /* of our certificate; NULL: none */
    /* whom we trust. NULL: a client believes any server, a server asks clients for nothing */
    const char *authorities;
    /* A server that takes keys shared before (RFC 4279, RFC 8446 2.2), also of clients without a
     * certificate; asked as net_secure_find_key has it. NULL: it takes none. */
    net_secure_find_key *find;
    void *find_context;
    net_secure_versions version;
    /* What makes a time that is passed in one since NET_VKERNEL_EPOCH_S: certificates have dates.
     * 0 where the virtual kernel's own time is the right one. */
    sim_time offset;
    /* of a server, borrowed while the domain is made: feeds the key of its tickets; NULL: the
     * operating system does */
    sim_stream *stream;
} net_secure_stream_papers;

/* NULL: *wrong is a sentence about papers that are wrong, or NULL where there was no memory. */
net_secure_stream_domain *net_secure_stream_server_domain(const net_secure_stream_papers *papers,
                                                          const net_secure_stream_calls *calls,
                                                          const char **wrong);
net_secure_stream_domain *net_secure_stream_client_domain(const net_secure_stream_papers *papers,
                                                          const net_secure_stream_calls *calls,
                                                          const char **wrong);
/* The session tickets that a server has given out are worth nothing from now on; `stream` as in its
 * papers. */
void net_secure_stream_domain_forget(net_secure_stream_domain *d, sim_stream *stream);
void net_secure_stream_domain_free(
    net_secure_stream_domain *d); /* after its streams; NULL is fine */

/* A connection that was made. `stream` feeds its randomness, borrowed; NULL: the operating system
 * does. NULL: no memory. */
net_secure_stream *net_secure_stream_accept(net_secure_stream_domain *d, sim_stream *stream,
                                            void *owner);
/* What a client keeps of a connection, for the next one with the same server. */
typedef struct net_secure_kept net_secure_kept;
void net_secure_kept_free(net_secure_kept *k); /* NULL is fine */

/* Of one client; all but `key` is copied. Its certificate or its key: who has neither is nobody,
 * unless its domain has papers. */
typedef struct net_secure_stream_client {
    const char *host;        /* the name that the server's certificate must bear; NULL: whichever */
    const char *application; /* what it will speak (RFC 7301): "mqtt"; NULL: not said */
    const net_certificate *certificate; /* NULL: none of its own */
    /* shared before: no certificates then; NULL: none. Borrowed until it is open. */
    const char *identity; /* shorter than NET_SECURE_IDENTITY_MAX */
    const uint8_t *key;
    size_t key_size;       /* 1..NET_SECURE_KEY_MAX */
    net_secure_kept *kept; /* of the last connection; NULL: nothing */
    sim_time offset;       /* its clock is so far from that of its domain */
} net_secure_stream_client;

/* Likewise for a client, which has said nothing yet. */
net_secure_stream *net_secure_stream_connect(net_secure_stream_domain *d,
                                             const net_secure_stream_client *client,
                                             sim_stream *stream, void *owner);
/* Sends the client's first words. */
void net_secure_stream_start(net_secure_stream *s, sim_time now);
void net_secure_stream_input(net_secure_stream *s, sim_time now, const uint8_t *bytes, size_t n);
/* SIM_ESTATE before opened and after ended; SIM_ENOMEM. */
SIM_MUST_USE int net_secure_stream_write(net_secure_stream *s, sim_time now, const uint8_t *data,
                                         size_t n);
/* Sends close_notify, if open. The stream is dead then; `ended` is not called. */
void net_secure_stream_close(net_secure_stream *s, sim_time now);
bool net_secure_stream_is_open(const net_secure_stream *s);
/* Of a server, once it is open: the name in the client's certificate, or the identity of its key;
 * "": it has not said. */
const char *net_secure_stream_identity(const net_secure_stream *s);
bool net_secure_stream_resumed(const net_secure_stream *s); /* it began with a ticket */
/* Of a client: what there is to begin the next one with; NULL: nothing. The caller's. */
net_secure_kept *net_secure_stream_keep(net_secure_stream *s);
void net_secure_stream_free(net_secure_stream *s); /* sends nothing; NULL is fine */

#endif
