/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/coap_server.h - the cloud's CoAP side for the peers of one shard: a pool of stock libcoap
 * contexts, at most NET_COAP_SERVER_PEERS peers each, because libcoap walks all sessions of a
 * context on every step (design D1). */
#ifndef NET_COAP_SERVER_H
#define NET_COAP_SERVER_H

#include "net/coap.h"
#include "net/coap_blocks.h"
#include "net/vkernel.h"

/* Design D1 allows 32. libcoap walks the peers of a context on every step, and in a large fleet
 * each of them is a cache miss: a run of 2,000 devices has 18 % fewer last-level misses with 4 than
 * with 16 (cachegrind, 1 MiB), and no fewer with 2. A peer takes 1.9 KB instead of 1.4 KB. */
enum { NET_COAP_SERVER_PEERS = 4 };

typedef struct net_coap_server net_coap_server;
typedef uint32_t net_coap_peer; /* number + 1, reused after forget; 0: none */

typedef struct net_coap_reply {
    uint8_t code;
    uint16_t format;     /* or NET_COAP_FORMAT_NONE */
    uint32_t entity_tag; /* ETag; 0: none is sent */
    uint32_t max_age_s;  /* sent when it is not NET_COAP_MAX_AGE_DEFAULT */
    /* Location-Path, written as net_coap_request.path is; borrowed until the answer is written,
     * right after the call; NULL: none */
    const char *location;
    uint8_t payload[128];
    /* instead of `payload`, for what is larger: borrowed until the answer is written, right after
     * the call; NULL: `payload` */
    const uint8_t *body;
    size_t payload_size; /* 0..128, with a body 0..NET_COAP_PAYLOAD_MAX */
} net_coap_reply;

/* Inside a call the owner may notify any peer, and call no other verb. */
typedef struct net_coap_server_calls {
    void (*send)(void *owner, net_coap_peer peer, const uint8_t *datagram, size_t n);
    /* Answer this request by filling *reply (preset to 4.04, no payload). Every path is asked for,
     * .well-known/core too; a repeated request is asked again, libcoap 4.3.1 does not recognise
     * duplicates. Bytes that cannot stand in a path or query come as %XX; one longer than 255 bytes
     * is answered 4.04 unasked. A payload in blocks is asked for once it is whole (coap_blocks.h).
     * What RFC 7252 and RFC 7959 decide by themselves is answered unasked: a method that is none
     * (4.05), a critical option that may stand once and stands twice (4.02), a reserved block size
     * (4.00); content in a format that the peer does not accept becomes 4.06. Also asked for every
     * notification of an observed path, with method GET and `observe`: any answer but 2.xx ends
     * the observation, and the peer is told 4.04. */
    void (*request)(void *owner, net_coap_peer peer, const net_coap_request *request,
                    net_coap_reply *reply);
    /* The deadline of pool member `member` may have moved. */
    void (*deadline)(void *owner, uint32_t member, sim_time due);
} net_coap_server_calls;

net_coap_server *net_coap_server_new(net_vkernel *k, const net_coap_server_calls *calls,
                                     void *owner);
void net_coap_server_free(net_coap_server *s);
/* Makes room for one more peer; its libcoap session begins with its first datagram. `stream` is
 * borrowed until forget. SIM_ENOMEM, SIM_ELIBRARY. */
SIM_MUST_USE int net_coap_server_admit(net_coap_server *s, sim_time now, sim_stream *stream,
                                       net_coap_peer *out);
/* All that is sent to it arrives (net/coap_stream.h): it acknowledges nothing, and nothing is
 * repeated. */
void net_coap_server_rely(net_coap_server *s, net_coap_peer peer);
/* Drops the peer's session, observations and queued messages; sends nothing. */
void net_coap_server_forget(net_coap_server *s, sim_time now, net_coap_peer peer);
void net_coap_server_input(net_coap_server *s, sim_time now, net_coap_peer peer,
                           const uint8_t *datagram, size_t n);
/* Lets this peer (and only this one: others are told 4.03) observe `path`, e.g. "s/4711", of at
 * most 255 unreserved characters and slashes. At most one observable path a peer (a second one
 * replaces the first, the same one again changes nothing); a path that another peer of the same
 * context had is taken over, which ends the other's observation. SIM_ENOMEM, SIM_ERANGE. */
SIM_MUST_USE int net_coap_server_observable(net_coap_server *s, sim_time now, net_coap_peer peer,
                                            const char *path);
/* The peer's observable path has a new value: a confirmable notification goes out if the peer
 * observes it, after the one before has been acknowledged. A notification that is not (62..93 s),
 * or is reset, ends the observation. */
void net_coap_server_notify(net_coap_server *s, sim_time now, net_coap_peer peer);
void net_coap_server_wake(net_coap_server *s, sim_time now, uint32_t member);

#endif
