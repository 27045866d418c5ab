/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/coap_client.h - a device's CoAP endpoint: its own stock libcoap context on virtual sockets.
 * Bytes in, bytes out, a deadline; no clock, no socket. On datagrams all requests that want an
 * answer are confirmable (RFC 7252 4.2), retransmission is libcoap's own; on a stream (RFC 8323) so
 * are the signals. */
#ifndef NET_COAP_CLIENT_H
#define NET_COAP_CLIENT_H

#include "net/coap.h"
#include "net/vkernel.h"

typedef struct net_coap_client net_coap_client;

const char *net_coap_version(void); /* of libcoap; static */

/* What the endpoint tells its owner; may be called from within any verb below. Inside a call the
 * owner may ask again, but must not free the client, nor hand it input or wake it: what `send` gets
 * is to be queued, not answered on the spot. */
typedef struct net_coap_client_calls {
    void (*send)(void *owner, const uint8_t *datagram, size_t n);
    void (*answered)(void *owner, const net_coap_response *response);
    /* No answer: SIM_ETIMEOUT after MAX_RETRANSMIT (62..93 s) or when an acknowledged request got
     * no usable response within EXCHANGE_LIFETIME (247 s, RFC 7252 4.8.2), SIM_ECLOSED on Reset,
     * SIM_EUNREACHABLE when refused. Each request is either answered or failed, once (notifications
     * apart). */
    void (*failed)(void *owner, uint32_t tag, int error);
    /* Of a stream alone: the peer has introduced itself, and may be asked; it is over: libcoap has
     * ended it, by itself (`late`: it waited too long) or as the peer wished. */
    void (*opened)(void *owner);
    void (*closed)(void *owner, bool late);
} net_coap_client_calls;

/* `calls` and `stream` are borrowed for the client's life. NULL: no memory. */
net_coap_client *net_coap_client_new(net_vkernel *k, sim_time now, sim_stream *stream,
                                     const net_coap_client_calls *calls, void *owner);
/* The same on a stream, which is not open yet: sends nothing. Each request waits for so long for
 * its answer: nothing is repeated. */
net_coap_client *net_coap_client_new_on_stream(net_vkernel *k, sim_stream *stream,
                                               const net_coap_client_calls *calls, void *owner);
#define NET_COAP_STREAM_ANSWER_LIMIT (30 * SIM_SECOND)
/* The stream is open: sends what introduces it (RFC 8323 5.3). It asks for a sign of life when it
 * has said and heard nothing for `alive_every`, whole seconds; SIM_NEVER: it does not. False: no
 * memory. */
bool net_coap_client_start(net_coap_client *c, sim_time now, sim_time alive_every);
/* NULL is fine; sends nothing and calls nobody back */
void net_coap_client_free(net_coap_client *c);
/* SIM_ENOMEM, SIM_ERANGE (payload or path too long), SIM_ELIBRARY. On error no call about `tag`
 * follows. */
SIM_MUST_USE int net_coap_client_request(net_coap_client *c, sim_time now,
                                         const net_coap_request *request);
/* A datagram, or of a stream whole messages. */
void net_coap_client_input(net_coap_client *c, sim_time now, const uint8_t *datagram, size_t n);
/* The socket reports ECONNREFUSED: open requests fail. */
void net_coap_client_refused(net_coap_client *c, sim_time now);
void net_coap_client_wake(net_coap_client *c,
                          sim_time now); /* to be called at the deadline; early is harmless */
sim_time net_coap_client_deadline(const net_coap_client *c); /* SIM_NEVER: idle */

#endif
