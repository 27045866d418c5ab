/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/secure.h - DTLS 1.2 with a pre-shared key by wolfSSL (TLS_PSK_WITH_AES_128_CCM_8, RFC 6655,
 * the suite of RFC 7252 9.1.3.1): memory in, memory out, deadlines from the owner's queue,
 * randomness and time from the virtual kernel's scope. Only this module's files see wolfSSL.
 *
 * A *domain* is one side's settings (one per shard and side: it is not shared between threads). A
 * *session* is one association. What a peer sends, however wrong, is an outcome to count, never a
 * crash. */
#ifndef NET_SECURE_H
#define NET_SECURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/address.h"
#include "net/end.h"
#include "sim/core/error.h"
#include "sim/core/random.h"
#include "sim/core/time.h"

enum {
    NET_SECURE_IDENTITY_MAX = 64,   /* bytes with the final 0; RFC 4279 5.3 asks for 128 at most */
    NET_SECURE_KEY_MAX = 32,        /* bytes */
    NET_SECURE_DATAGRAM_MAX = 1400, /* bytes of a datagram that we make */
    /* bytes of data in it: less header 13, nonce 8, tag 8, wolfSSL's reserve 12 */
    NET_SECURE_DATA_MAX = 1359
};

typedef struct net_secure_domain net_secure_domain;
typedef struct net_secure_session net_secure_session;

/* Process-wide; once before the first domain, once after the last. SIM_ELIBRARY. */
SIM_MUST_USE int net_secure_startup(void);
void net_secure_cleanup(void);
const char *net_secure_version(void); /* of wolfSSL; static */

/* Made from inside the functions below. `send` may call nothing of its session; the others may
 * write and close, but neither free it nor feed it. */
typedef struct net_secure_calls {
    /* a datagram to put on the wire */
    void (*send)(void *owner, const uint8_t *datagram, size_t n);
    void (*opened)(void *owner);                                  /* handshake complete */
    void (*received)(void *owner, const uint8_t *data, size_t n); /* one decrypted datagram */
    /* once; free it, but not in this call */
    void (*ended)(void *owner, net_end why);
} net_secure_calls;

/* Looks up the key of `identity`: returns its length (1..NET_SECURE_KEY_MAX), or 0 when the
 * identity is unknown. */
typedef size_t net_secure_find_key(void *context, const char *identity,
                                   uint8_t key[NET_SECURE_KEY_MAX]);

/* Timers: initial retransmission 1 s doubled up to 60 s (RFC 6347 4.2.4.1; `initial_timeout_s` 9
 * for RFC 7925), given up `handshake_limit` after the first flight. */
typedef struct net_secure_timing {
    uint32_t initial_timeout_s;
    uint32_t maximum_timeout_s;
    sim_time handshake_limit;
} net_secure_timing;
extern const net_secure_timing net_secure_timing_default; /* 1 s, 60 s, 60 s */

/* ---- client side ---- */
net_secure_domain *net_secure_client_domain_new(const net_secure_timing *timing,
                                                const net_secure_calls *calls);
/* A session that has sent nothing yet. `identity` (shorter than NET_SECURE_IDENTITY_MAX) and `key`
 * (1..NET_SECURE_KEY_MAX bytes) are copied, both lengths a promise; `stream` is borrowed for the
 * session's life (randomness of this device). NULL: no memory. */
net_secure_session *net_secure_client_new(net_secure_domain *d, const char *identity,
                                          const uint8_t *key, size_t key_size, sim_stream *stream,
                                          void *owner);
/* Sends the first ClientHello. */
void net_secure_client_start(net_secure_session *s, sim_time now);

/* ---- server side ---- */
/* `find` may be asked at any time for any bytes a peer sent as identity. `secret_stream` seeds the
 * cookie secret (RFC 6347 4.2.1); here and below NULL means the operating system's randomness. */
net_secure_domain *net_secure_server_domain_new(const net_secure_timing *timing,
                                                const net_secure_calls *calls,
                                                net_secure_find_key *find, void *find_context,
                                                sim_stream *secret_stream);
/* A datagram from a peer without a session. Stateless until the peer returned a valid cookie (RFC
 * 6347 4.2.1): answers through `reply` (a HelloVerifyRequest) or not at all, and keeps nothing.
 * With a valid cookie, *out is a new session owned by the caller that has already answered (through
 * calls->send); its `owner` is `owner` and its randomness `stream`. Returns 0 (*out set or NULL),
 * SIM_EPARSE for garbage and for a ClientHello that cannot be served (which gets an alert),
 * SIM_ENOMEM. A known peer that lost its memory begins anew with a ClientHello (record_dtls_look,
 * net_secure_knows_hello): it belongs here too, the old session would throw it away, and when *out
 * is set the old one is to be freed (RFC 6347 4.2.8). */
SIM_MUST_USE int net_secure_listen(net_secure_domain *d, sim_time now, const net_address *from,
                                   const uint8_t *datagram, size_t n, sim_stream *stream,
                                   void *owner,
                                   void (*reply)(void *owner, const uint8_t *datagram, size_t n),
                                   net_secure_session **out);
/* True when a ClientHello with this Random belongs to the handshake that `s` is in: a repetition.
 * Any other is for net_secure_listen. */
bool net_secure_knows_hello(const net_secure_session *s, const uint8_t random[32]);

/* ---- both ---- */
/* An open session that waits for nothing rests. `awake` of those that do keep what wolfSSL has of
 * them, 5 KB: the first of them for good, an eighth of the places goes to those that spoke last.
 * The others sleep in 350 bytes until something comes or is written. Nobody can tell by what they
 * send. Before the first session; without it: NET_SECURE_ALL_AWAKE. */
#define NET_SECURE_ALL_AWAKE UINT32_MAX
void net_secure_keep_awake(net_secure_domain *d, uint32_t awake);
bool net_secure_sleeps(const net_secure_session *s);
void net_secure_domain_free(net_secure_domain *d); /* after its sessions */
/* NULL is fine; sends nothing (power loss sends nothing) */
void net_secure_free(net_secure_session *s);
/* Sends close_notify, if open. The session is dead then; `ended` is not called and `why` stays
 * NONE. */
void net_secure_close(net_secure_session *s, sim_time now);
void net_secure_input(net_secure_session *s, sim_time now, const uint8_t *datagram, size_t n);
/* Encrypts and sends one datagram. SIM_ESTATE before opened or after ended; SIM_ERANGE when empty
 * or longer than NET_SECURE_DATA_MAX. */
SIM_MUST_USE int net_secure_write(net_secure_session *s, sim_time now, const uint8_t *data,
                                  size_t n);
/* The socket below reports ECONNREFUSED: an ICMP error told that nobody listens there (RFC 1122
 * 4.1.3.3). Ends the session, open or not, with NET_END_REFUSED. */
void net_secure_refused(net_secure_session *s);
void net_secure_wake(net_secure_session *s, sim_time now);
sim_time net_secure_deadline(const net_secure_session *s); /* SIM_NEVER: none */
bool net_secure_is_open(const net_secure_session *s);
const char *net_secure_identity(const net_secure_session *s); /* "" until known */
/* Datagrams of which something was thrown away: bad record, replay, wrong epoch, failed
 * authentication, out of place in this state. */
uint64_t net_secure_discarded(const net_secure_domain *d);
/* Clients that were refused because they offer no suite that is served; not among the discarded. */
uint64_t net_secure_unsuited(const net_secure_domain *d);

#endif
