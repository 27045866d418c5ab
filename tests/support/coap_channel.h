/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/coap_channel.h - a connection to a cloud on which any request of CoAP can be made,
 * over DTLS or over nothing; a device's link (net/link.h) makes none but its own. Made for one
 * connection attempt, freed when it ended; a power loss is just a free. */
#ifndef TESTS_COAP_CHANNEL_H
#define TESTS_COAP_CHANNEL_H

#include "net/coap_client.h"
#include "net/secure.h"

typedef struct coap_channel coap_channel;

typedef struct coap_channel_calls {
    void (*send)(void *owner, const uint8_t *datagram, size_t n);
    /* requests may be sent: at once without DTLS, else after the handshake */
    void (*ready)(void *owner);
    void (*answered)(void *owner, const net_coap_response *response);
    void (*failed)(void *owner, uint32_t tag, int error);
    /* The DTLS session is gone, and the open requests with it; free the channel, but not inside a
     * call. */
    void (*ended)(void *owner, net_end why);
} coap_channel_calls;

typedef struct coap_channel_credentials {
    const char *identity;
    const uint8_t *key;
    size_t key_size;
} coap_channel_credentials;

/* `d` NULL: plain CoAP, `credentials` unused. `k`, `d`, `calls`, `stream` are borrowed for the
 * channel's life. The client domain `d` must have been made with coap_channel_secure_calls. NULL:
 * no memory. */
coap_channel *coap_channel_new(net_vkernel *k, net_secure_domain *d,
                               const coap_channel_credentials *credentials, sim_time now,
                               sim_stream *stream, const coap_channel_calls *calls, void *owner);
extern const net_secure_calls coap_channel_secure_calls;
void coap_channel_free(coap_channel *c); /* NULL is fine; sends nothing, calls nobody */
void coap_channel_start(coap_channel *c, sim_time now);
SIM_MUST_USE int coap_channel_request(
    coap_channel *c, sim_time now,
    const net_coap_request *request); /* as net_coap_client_request; SIM_ESTATE before ready */
void coap_channel_input(coap_channel *c, sim_time now, const uint8_t *datagram, size_t n);
/* The socket reports ECONNREFUSED: the DTLS session ends, or without one all open requests fail. */
void coap_channel_refused(coap_channel *c, sim_time now);
void coap_channel_wake(coap_channel *c, sim_time now);
sim_time coap_channel_deadline(const coap_channel *c); /* earliest of all its layers */

#endif
