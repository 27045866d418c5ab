/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/coap_channel.h"

#include "sim/core/heap.h"

struct coap_channel {
    const coap_channel_calls *calls;
    void *owner;
    net_coap_client *client;
    net_secure_session *session; /* NULL: plain CoAP */
    sim_time now;                /* of the verb that runs: libcoap's output becomes DTLS's input */
    bool ready;
};

/* ---- CoAP above ---- */

static void coap_sends(void *owner, const uint8_t *datagram, size_t n) {
    coap_channel *c = owner;
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
    coap_channel *c = owner;
    c->calls->answered(c->owner, response);
}

static void coap_fails(void *owner, uint32_t tag, int error) {
    coap_channel *c = owner;
    c->calls->failed(c->owner, tag, error);
}

static const net_coap_client_calls coap_calls = {
    .send = coap_sends, .answered = coap_is_answered, .failed = coap_fails};

/* ---- DTLS below ---- */

static void secure_sends(void *owner, const uint8_t *datagram, size_t n) {
    coap_channel *c = owner;
    c->calls->send(c->owner, datagram, n);
}

static void secure_opens(void *owner) {
    coap_channel *c = owner;
    c->ready = true;
    c->calls->ready(c->owner);
}

static void secure_receives(void *owner, const uint8_t *data, size_t n) {
    coap_channel *c = owner;
    net_coap_client_input(c->client, c->now, data, n);
}

static void secure_ends(void *owner, net_end why) {
    coap_channel *c = owner;
    c->ready = false;
    c->calls->ended(c->owner, why);
}

const net_secure_calls coap_channel_secure_calls = {secure_sends, secure_opens, secure_receives,
                                                    secure_ends};

/* ---- Verbs ---- */

coap_channel *coap_channel_new(net_vkernel *k, net_secure_domain *d,
                               const coap_channel_credentials *credentials, sim_time now,
                               sim_stream *stream, const coap_channel_calls *calls, void *owner) {
    coap_channel *c = sim_malloc(sizeof *c);
    if (c == NULL) return NULL;
    *c = (coap_channel){.calls = calls, .owner = owner, .now = now};
    c->client = net_coap_client_new(k, now, stream, &coap_calls, c);
    if (c->client != NULL && d != NULL) {
        c->session = net_secure_client_new(d, credentials->identity, credentials->key,
                                           credentials->key_size, stream, c);
    }
    if (c->client != NULL && (d == NULL || c->session != NULL)) return c;
    coap_channel_free(c);
    return NULL;
}

void coap_channel_free(coap_channel *c) {
    if (c == NULL) return;
    net_coap_client_free(c->client);
    net_secure_free(c->session);
    sim_free(c);
}

void coap_channel_start(coap_channel *c, sim_time now) {
    c->now = now;
    if (c->session != NULL) {
        net_secure_client_start(c->session, now);
    } else {
        secure_opens(c);
    }
}

int coap_channel_request(coap_channel *c, sim_time now, const net_coap_request *request) {
    if (!c->ready) return SIM_ESTATE;
    c->now = now;
    return net_coap_client_request(c->client, now, request);
}

void coap_channel_input(coap_channel *c, sim_time now, const uint8_t *datagram, size_t n) {
    c->now = now;
    if (c->session != NULL) {
        net_secure_input(c->session, now, datagram, n);
    } else {
        net_coap_client_input(c->client, now, datagram, n);
    }
}

void coap_channel_refused(coap_channel *c, sim_time now) {
    c->now = now;
    if (c->session != NULL) {
        net_secure_refused(c->session);
    } else {
        net_coap_client_refused(c->client, now);
    }
}

void coap_channel_wake(coap_channel *c, sim_time now) {
    c->now = now;
    if (c->session != NULL && net_secure_deadline(c->session) <= now)
        net_secure_wake(c->session, now);
    if (net_coap_client_deadline(c->client) <= now) net_coap_client_wake(c->client, now);
}

sim_time coap_channel_deadline(const coap_channel *c) {
    sim_time due = net_coap_client_deadline(c->client);
    return c->session == NULL ? due : sim_time_min(due, net_secure_deadline(c->session));
}
