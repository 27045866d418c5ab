/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CoAP door of connections (RFC 8323). What is said on them becomes datagrams
 * (net/coap_stream.h), and is answered as those are. */
#include "sim/cloud/door_coap_private.h"
#include "sim/cloud/door_tls.h"

/* ---- what a connection says ---- */

/* The signal that answers to be withheld begin with; 0: none. */
static uint8_t withheld_signal(const coap_door *d) {
    return d->frozen == CLOUD_FROZEN_CSM    ? NET_COAP_CSM
           : d->frozen == CLOUD_FROZEN_PONG ? NET_COAP_PONG
                                            : 0;
}

static void messages_send(void *owner, const uint8_t *bytes, size_t n) {
    coap_peer *p = owner;
    uint8_t code = 0;
    size_t size;
    (void)net_coap_message_peek((net_span){bytes, n}, &code, &size);
    if (code != 0 && code == withheld_signal(p->door)) return;
    if (p->tls == NULL)
        p->door->calls->send(p->door->context, &p->session.address, bytes, n);
    else if (net_secure_stream_write(p->tls, p->door->now, bytes, n) != 0)
        coap_peer_end(p); /* no memory for a record: it will come again */
}

/* A stream has no holes: what was to fall has come, and its requests are left unheard. */
static void messages_received(void *owner, const uint8_t *datagram, size_t n) {
    coap_peer *p = owner;
    coap_door *d = p->door;
    if (d->fate == CLOUD_FATE_DROP || p->ended) return;
    coap_peer_asks(p, datagram, n);
    coap_door_publish(d);
}

static void messages_ended(void *owner, net_end why) {
    coap_peer *p = owner;
    if (why == NET_END_PROTOCOL) p->door->counts.garbage++;
    if (why != NET_END_CLOSED && !p->session.online)
        cloud_service_refused(p->door->service, &p->session, CLOUD_NOBODY);
    coap_peer_end(p);
}

static const net_coap_stream_calls messages_calls = {messages_send, messages_received,
                                                     messages_ended};

static void begin(coap_peer *p) {
    p->messages = net_coap_stream_new(&messages_calls, p);
    if (p->messages == NULL) coap_peer_end(p);
}

/* ---- what TLS tells ---- */

static void tls_send(void *owner, const uint8_t *bytes, size_t n) {
    coap_peer *p = owner;
    if (coap_peer_mute(p, p->tls != NULL && net_secure_stream_is_open(p->tls))) return;
    p->door->calls->send(p->door->context, &p->session.address, bytes, n);
}

/* Who it is, its certificate or its key may have told. */
static void tls_opened(void *owner) {
    coap_peer *p = owner;
    coap_door *d = p->door;
    const char *name = coap_peer_proven(p);
    uint32_t device = CLOUD_NOBODY;
    uint8_t key[NET_SECURE_KEY_MAX];
    d->counts.sessions_opened++;
    bool known = name != NULL && d->calls->who(d->context, name, &device, key) > 0;
    if (known && coap_peer_is_device(d, p, device) != 0)
        coap_peer_end(p);
    else
        begin(p);
}

static void tls_received(void *owner, const uint8_t *data, size_t n) {
    coap_peer *p = owner;
    if (p->messages != NULL) net_coap_stream_input(p->messages, data, n);
}

/* Before it was online it was a handshake that came to nothing. */
static void tls_ended(void *owner, net_end why) {
    coap_peer *p = owner;
    bool names = why == NET_END_UNKNOWN_IDENTITY || why == NET_END_WRONG_KEY;
    coap_peer_unproven(p, why);
    if (why != NET_END_CLOSED && !names && !p->session.online)
        cloud_service_refused(p->door->service, &p->session, CLOUD_NOBODY);
    coap_peer_end(p);
}

bool coap_door_make_tls(coap_door *d) {
    static const net_secure_stream_calls calls = {tls_send, tls_opened, tls_received, tls_ended};
    d->tls = cloud_door_tls_new(&d->settings, &calls, coap_door_find_key, d, &d->tickets);
    return d->tls != NULL;
}

/* ---- verbs ---- */

static coap_peer *peer_at(const coap_door *d, const net_address *from) {
    coap_peer *p = coap_door_peer_at(d, from);
    return p != NULL && net_address_equal(&p->session.address, from) ? p : NULL;
}

/* False: no memory. */
static bool prepare(coap_door *d, coap_peer *p) {
    if (coap_peer_admit_coap(d, p) != 0) return false;
    if (d->tls != NULL)
        p->tls = net_secure_stream_accept(d->tls, coap_peer_stream(p), p);
    else
        begin(p);
    return (p->tls != NULL || p->messages != NULL) && !p->ended;
}

/* A connection was made. Who cannot be served is reset. */
static coap_peer *greet(coap_door *d, const net_address *from) {
    bool taken = coap_door_peer_at(d, from) != NULL; /* of the same hash */
    coap_peer *p = taken ? NULL : coap_door_spare(d, from);
    if (p != NULL && coap_peer_enter(d, p) == 0) {
        if (prepare(d, p)) return p;
        p->closed = true; /* it is reset below */
        if (p->ended)
            coap_door_drop_ended(d);
        else
            coap_peer_drop(d, p);
    }
    d->calls->close(d->context, from, true);
    return NULL;
}

int coap_door_stream_input(cloud_door *door, sim_time now, const net_address *from,
                           const uint8_t *bytes, size_t n, cloud_fate fate) {
    coap_door *d = (coap_door *)door;
    d->now = now;
    d->fate = fate;
    coap_peer *p = peer_at(d, from);
    if (p == NULL && n == 0) p = greet(d, from);
    if (p == NULL) return 0;
    coap_peer_heard(d, p);
    if (fate == CLOUD_FATE_RESTART) {
        coap_peer_turn_away(p);
    } else if (n > 0 && p->tls != NULL) {
        net_secure_stream_input(p->tls, now, bytes, n);
    } else if (n > 0) {
        net_coap_stream_input(p->messages, bytes, n);
    }
    coap_peer_settle(d, p);
    return 0;
}

void coap_door_stream_ended(cloud_door *door, sim_time now, const net_address *from) {
    coap_door *d = (coap_door *)door;
    coap_peer *p = peer_at(d, from);
    d->now = now;
    d->fate = CLOUD_FATE_ADMIT;
    if (p == NULL) return;
    p->closed = true;
    coap_peer_drop(d, p);
}
