/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/secure_stream.h - TLS 1.2 and 1.3 with certificates by wolfSSL, for streams: memory in,
 * memory out, randomness and time from the virtual kernel's scope, as net/secure.h has it for
 * datagrams.
 *
 * A *domain* is one side's settings (not shared between threads), a stream one connection. It has
 * no timers: who waits too long for the other side ends it. */
#ifndef NET_SECURE_STREAM_H
#define NET_SECURE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/end.h"
#include "sim/core/error.h"
#include "sim/core/random.h"
#include "sim/core/time.h"

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

/* Texts in PEM, borrowed while the domain is made. */
typedef struct net_secure_stream_papers {
    const char *chain; /* our certificate, and those between it and the authority; NULL: none */
    const char *key;   /* of our certificate; NULL: none */
    /* whom we trust. NULL: a client believes any server, a server asks clients for nothing */
    const char *authorities;
    /* What makes a time that is passed in one since NET_VKERNEL_EPOCH_S: certificates have dates.
     * 0 where the virtual kernel's own time is the right one. */
    sim_time offset;
} net_secure_stream_papers;

/* NULL: no memory, or papers that are wrong; `why` (size >= 200) says which. */
net_secure_stream_domain *net_secure_stream_server_domain(const net_secure_stream_papers *papers,
                                                          const net_secure_stream_calls *calls,
                                                          char *why, size_t size);
net_secure_stream_domain *net_secure_stream_client_domain(const net_secure_stream_papers *papers,
                                                          const net_secure_stream_calls *calls,
                                                          char *why, size_t size);
void net_secure_stream_domain_free(
    net_secure_stream_domain *d); /* after its streams; NULL is fine */

/* A connection that was made. `stream` feeds its randomness, borrowed; NULL: the operating system
 * does. NULL: no memory. */
net_secure_stream *net_secure_stream_accept(net_secure_stream_domain *d, sim_stream *stream,
                                            void *owner);
/* Likewise for a client, which has said nothing yet: `host` (copied) is the name that the server's
 * certificate must bear; NULL: whichever. */
net_secure_stream *net_secure_stream_connect(net_secure_stream_domain *d, const char *host,
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
void net_secure_stream_free(net_secure_stream *s); /* sends nothing; NULL is fine */

#endif
