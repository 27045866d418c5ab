/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/channel.h"

#include "sim/core/heap.h"

struct net_channel {
    const net_channel_calls *calls;
    void *owner;
    net_coap_client *client;
    net_secure_session *session; /* NULL: plain CoAP */
    sim_time now;                /* of the verb that runs: libcoap's output becomes DTLS's input */
    bool ready;
};

/* ---- CoAP above ---- */

static void coap_sends(void *owner, const uint8_t *datagram, size_t n) {
    net_channel *c = owner;
    if (c->session == NULL) {
        c->calls->send(c->owner, datagram, n);
        return;
    }
    /* A datagram that DTLS does not take any more is lost like any other; libcoap repeats it or
     * gives up. */
    int error = net_secure_write(c->session, c->now, datagram, n);
    (void)error;
}

static void coap_is_answered(void *owner, const net_coap_response *response) {
    net_channel *c = owner;
    c->calls->answered(c->owner, response);
}

static void coap_fails(void *owner, uint32_t tag, int error) {
    net_channel *c = owner;
    c->calls->failed(c->owner, tag, error);
}

static const net_coap_client_calls coap_calls = {coap_sends, coap_is_answered, coap_fails};

/* ---- DTLS below ---- */

static void secure_sends(void *owner, const uint8_t *datagram, size_t n) {
    net_channel *c = owner;
    c->calls->send(c->owner, datagram, n);
}

static void secure_opens(void *owner) {
    net_channel *c = owner;
    c->ready = true;
    c->calls->ready(c->owner);
}

static void secure_receives(void *owner, const uint8_t *data, size_t n) {
    net_channel *c = owner;
    net_coap_client_input(c->client, c->now, data, n);
}

static void secure_ends(void *owner, net_secure_end why) {
    net_channel *c = owner;
    c->ready = false;
    c->calls->ended(c->owner, why);
}

const net_secure_calls net_channel_secure_calls = {secure_sends, secure_opens, secure_receives,
                                                   secure_ends};

/* ---- Verbs ---- */

net_channel *net_channel_new(net_vkernel *k, net_secure_domain *d,
                             const net_channel_credentials *credentials, sim_time now,
                             sim_stream *stream, const net_channel_calls *calls, void *owner) {
    net_channel *c = sim_malloc(sizeof *c);
    if (c == NULL) return NULL;
    *c = (net_channel){.calls = calls, .owner = owner, .now = now};
    c->client = net_coap_client_new(k, now, stream, &coap_calls, c);
    if (c->client != NULL && d != NULL) {
        c->session = net_secure_client_new(d, credentials->identity, credentials->key,
                                           credentials->key_size, stream, c);
    }
    if (c->client != NULL && (d == NULL || c->session != NULL)) return c;
    net_channel_free(c);
    return NULL;
}

void net_channel_free(net_channel *c) {
    if (c == NULL) return;
    net_coap_client_free(c->client);
    net_secure_free(c->session);
    sim_free(c);
}

void net_channel_start(net_channel *c, sim_time now) {
    c->now = now;
    if (c->session != NULL) {
        net_secure_client_start(c->session, now);
    } else {
        secure_opens(c);
    }
}

int net_channel_request(net_channel *c, sim_time now, const net_coap_request *request) {
    if (!c->ready) return SIM_ESTATE;
    c->now = now;
    return net_coap_client_request(c->client, now, request);
}

void net_channel_input(net_channel *c, sim_time now, const uint8_t *datagram, size_t n) {
    c->now = now;
    if (c->session != NULL) {
        net_secure_input(c->session, now, datagram, n);
    } else {
        net_coap_client_input(c->client, now, datagram, n);
    }
}

void net_channel_refused(net_channel *c, sim_time now) {
    c->now = now;
    if (c->session != NULL) {
        net_secure_refused(c->session);
    } else {
        net_coap_client_refused(c->client, now);
    }
}

void net_channel_wake(net_channel *c, sim_time now) {
    c->now = now;
    if (c->session != NULL && net_secure_deadline(c->session) <= now)
        net_secure_wake(c->session, now);
    if (net_coap_client_deadline(c->client) <= now) net_coap_client_wake(c->client, now);
}

sim_time net_channel_deadline(const net_channel *c) {
    sim_time due = net_coap_client_deadline(c->client);
    return c->session == NULL ? due : sim_time_min(due, net_secure_deadline(c->session));
}
