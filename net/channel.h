/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/channel.h - a device's connection to its cloud: a CoAP endpoint over DTLS, or over nothing
 * (coap://). Made for one connection attempt, freed when it ended; a power loss is just a free. */
#ifndef NET_CHANNEL_H
#define NET_CHANNEL_H

#include "net/coap_client.h"
#include "net/secure.h"

typedef struct net_channel net_channel;

typedef struct net_channel_calls {
    void (*send)(void *owner, const uint8_t *datagram, size_t n);
    /* requests may be sent: at once without DTLS, else after the handshake */
    void (*ready)(void *owner);
    void (*answered)(void *owner, const net_coap_response *response);
    void (*failed)(void *owner, uint32_t tag, int error);
    /* The DTLS session is gone, and the open requests with it; free the channel, but not inside a
     * call. */
    void (*ended)(void *owner, net_secure_end why);
} net_channel_calls;

typedef struct net_channel_credentials {
    const char *identity;
    const uint8_t *key;
    size_t key_size;
} net_channel_credentials;

/* `d` NULL: plain CoAP, `credentials` unused. `k`, `d`, `calls`, `stream` are borrowed for the
 * channel's life. The client domain `d` must have been made with net_channel_secure_calls. NULL: no
 * memory. */
net_channel *net_channel_new(net_vkernel *k, net_secure_domain *d,
                             const net_channel_credentials *credentials, sim_time now,
                             sim_stream *stream, const net_channel_calls *calls, void *owner);
extern const net_secure_calls net_channel_secure_calls;
void net_channel_free(net_channel *c); /* NULL is fine; sends nothing, calls nobody */
void net_channel_start(net_channel *c, sim_time now);
SIM_MUST_USE int net_channel_request(
    net_channel *c, sim_time now,
    const net_coap_request *request); /* as net_coap_client_request; SIM_ESTATE before ready */
void net_channel_input(net_channel *c, sim_time now, const uint8_t *datagram, size_t n);
/* The socket reports ECONNREFUSED: the DTLS session ends, or without one all open requests fail. */
void net_channel_refused(net_channel *c, sim_time now);
void net_channel_wake(net_channel *c, sim_time now);
sim_time net_channel_deadline(const net_channel *c); /* earliest of all its layers */

#endif
