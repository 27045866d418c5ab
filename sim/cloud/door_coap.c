/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/door_coap_private.h"
#include "sim/cloud/door_tls.h"
#include "sim/core/heap.h"

/* ---- what DTLS tells ---- */

bool coap_peer_mute(const coap_peer *p, bool open) {
    return p->door->frozen == CLOUD_FROZEN_HANDSHAKE && !open;
}

static void secure_send(void *owner, const uint8_t *datagram, size_t n) {
    coap_peer *p = owner;
    if (coap_peer_mute(p, p->secure != NULL && net_secure_is_open(p->secure))) return;
    p->door->calls->send(p->door->context, &p->session.address, datagram, n);
}

static void secure_opened(void *owner) {
    coap_peer *p = owner;
    coap_door *d = p->door;
    uint32_t device = CLOUD_NOBODY;
    uint8_t key[NET_SECURE_KEY_MAX];
    d->counts.sessions_opened++;
    if (d->calls->who(d->context, net_secure_identity(p->secure), &device, key) == 0) return;
    if (coap_peer_is_device(d, p, device) != 0 || coap_peer_admit_coap(d, p) != 0) coap_peer_end(p);
}

void coap_peer_asks(coap_peer *p, const uint8_t *datagram, size_t n) {
    coap_door *d = p->door;
    net_coap_server_input(d->coap, d->now, p->coap, datagram, n);
    d->unanswered = NULL;
}

static void secure_received(void *owner, const uint8_t *data, size_t n) {
    coap_peer *p = owner;
    if (p->coap != 0) coap_peer_asks(p, data, n);
}

/* Whose name a client without its key has said. */
static uint32_t named(const coap_door *d, const coap_peer *p) {
    uint32_t device;
    uint8_t key[NET_SECURE_KEY_MAX];
    if (p->secure == NULL) return CLOUD_NOBODY;
    bool known = d->calls->who(d->context, net_secure_identity(p->secure), &device, key) > 0;
    return known ? device : (uint32_t)CLOUD_NOBODY;
}

void coap_peer_unproven(coap_peer *p, net_end why) {
    coap_door *d = p->door;
    if (why == NET_END_UNKNOWN_IDENTITY) {
        d->counts.unknown_identity++;
        cloud_service_refused(d->service, &p->session, CLOUD_NOBODY);
    }
    if (why == NET_END_WRONG_KEY) {
        d->counts.wrong_key++;
        cloud_service_refused(d->service, &p->session, named(d, p));
    }
}

static void secure_ended(void *owner, net_end why) {
    coap_peer *p = owner;
    coap_door *d = p->door;
    coap_peer_end(p);
    coap_peer_unproven(p, why);
    if (why == NET_END_TIMEOUT || why == NET_END_SILENT) d->counts.handshake_timeouts++;
}

static const net_secure_calls secure_calls = {secure_send, secure_opened, secure_received,
                                              secure_ended};

size_t coap_door_find_key(void *context, const char *identity, uint8_t key[NET_SECURE_KEY_MAX]) {
    coap_door *d = context;
    uint32_t device;
    return d->calls->who(d->context, identity, &device, key);
}

/* ---- what CoAP asks ---- */

/* An answer to a request is an acknowledgement or non-confirmable, a notification is confirmable
 * (net/coap_server.h). */
static bool is_withheld(const coap_door *d, const coap_peer *p, const uint8_t *datagram) {
    enum { CONFIRMABLE = 0 };
    bool is_notification = (datagram[0] >> 4 & 3) == CONFIRMABLE;
    return is_notification ? d->frozen == CLOUD_FROZEN_NOTIFICATION : d->unanswered == p;
}

static void coap_send(void *owner, net_coap_peer peer, const uint8_t *datagram, size_t n) {
    coap_door *d = owner;
    coap_peer *p = d->peers[d->slot_of_coap[peer]];
    if (is_withheld(d, p, datagram)) return;
    if (p->messages != NULL) {
        net_coap_stream_write(p->messages, datagram, n);
    } else if (p->secure == NULL) {
        d->calls->send(d->context, &p->session.address, datagram, n);
    } else if (net_secure_write(p->secure, d->now, datagram, n) != 0) {
        coap_peer_end(p); /* no memory for one record: the peer will come again */
    }
}

static void coap_deadline(void *owner, uint32_t member, sim_time due) {
    coap_door *d = owner;
    d->calls->wake_at(d->context, (sim_id){.slot = member}, due);
}

static const net_coap_server_calls coap_calls = {coap_send, coap_door_request, coap_deadline};

/* ---- verbs ---- */

static coap_door *door_of(cloud_door *d) {
    return (coap_door *)d;
}

static void free_door(cloud_door *door) {
    coap_door *d = door_of(door);
    while (d->oldest != NULL) coap_peer_drop(d, d->oldest);
    net_coap_server_free(d->coap);
    net_secure_domain_free(d->domain);
    net_secure_stream_domain_free(d->tls);
    sim_free(d->spare);
    sim_slots_deinit(&d->slots);
    sim_map_deinit(&d->by_address);
    sim_map_deinit(&d->by_device);
    sim_free(d->slot_of_coap);
    sim_free(d->peers);
    sim_free(d);
}

static cloud_door *make(const cloud_door_kind *kind, bool secured,
                        const cloud_door_settings *settings, net_vkernel *kernel,
                        cloud_service *service, const cloud_door_calls *calls, void *context) {
    coap_door *d = sim_calloc(1, sizeof *d);
    if (d == NULL) return NULL;
    d->base.kind = kind;
    d->settings = *settings;
    d->service = service;
    d->calls = calls;
    d->context = context;
    d->secret = sim_stream_for(settings->seed, SIM_PURPOSE_KEY, UINT64_MAX - settings->number);
    sim_slots_init(&d->slots, settings->peers_maximum);
    sim_map_init(&d->by_address);
    sim_map_init(&d->by_device);
    d->coap = net_coap_server_new(kernel, &coap_calls, d);
    if (secured && !kind->stream)
        d->domain = net_secure_server_domain_new(&net_secure_timing_default, &secure_calls,
                                                 coap_door_find_key, d,
                                                 settings->system_randomness ? NULL : &d->secret);
    if (d->domain != NULL && settings->awake != 0)
        net_secure_keep_awake(d->domain, settings->awake);
    bool whole = !secured || (kind->stream ? coap_door_make_tls(d) : d->domain != NULL);
    d->settings.papers = NULL; /* borrowed until here */
    if (d->coap != NULL && whole) return &d->base;
    free_door(&d->base);
    return NULL;
}

/* What tells one hello from another; 0 when it is none. */
static uint64_t hello_of(const net_address *from, const uint8_t *datagram, size_t n) {
    cloud_glance glance = cloud_coaps_look(from->port, datagram, n);
    return glance.demand == CLOUD_DEMAND_CONNECTION ? glance.tag : 0;
}

/* A hello with another Random comes from a device that lost its memory, in the middle of a
 * handshake or later. One with the same Random is a repetition, also when the session is open and
 * has long forgotten it (net_secure_knows_hello): begun anew, a duplicate that comes late, or is
 * sent again by somebody on the way, would end the session it once began. */
static bool starts_anew(const coap_peer *p, const uint8_t *datagram, size_t n) {
    uint64_t hello = hello_of(&p->session.address, datagram, n);
    return hello != 0 && hello != p->hello;
}

/* A peer without a session speaks, or an old one starts anew from the same port (RFC 6347 4.2.8:
 * only a returned cookie may replace a session). */
static int greet_secure(coap_door *d, const net_address *from, const uint8_t *datagram, size_t n) {
    coap_peer *p = coap_door_spare(d, from);
    if (p == NULL) return SIM_ENOMEM;
    uint64_t unsuited = net_secure_unsuited(d->domain);
    int error = net_secure_listen(d->domain, d->now, from, datagram, n, coap_peer_stream(p), p,
                                  secure_send, &p->secure);
    bool garbage = error == SIM_EPARSE && net_secure_unsuited(d->domain) == unsuited;
    if (garbage) d->counts.garbage++;
    if (error != 0) return error == SIM_EPARSE ? 0 : error;
    if (p->secure == NULL) return 0;
    error = p->ended ? SIM_ECLOSED : coap_peer_enter(d, p);
    if (error != 0) {
        net_secure_free(p->secure);
        p->secure = NULL;
        return error == SIM_ENOMEM ? error : 0;
    }
    p->hello = hello_of(from, datagram, n);
    coap_peer_settle(d, p);
    return 0;
}

static int greet_plain(coap_door *d, const net_address *from, coap_peer **out) {
    coap_peer *p = coap_door_spare(d, from);
    if (p == NULL) return SIM_ENOMEM;
    int error = coap_peer_enter(d, p);
    if (error != 0) return error == SIM_EAGAIN ? 0 : error;
    error = coap_peer_admit_coap(d, p);
    if (error != 0) {
        coap_peer_drop(d, p);
        return error;
    }
    *out = p;
    return 0;
}

void coap_door_publish(coap_door *d) {
    coap_peer *p = d->publish;
    d->publish = NULL;
    if (p == NULL || p->ended) return;
    if (net_coap_server_observable(d->coap, d->now, p->coap, d->publish_path) != 0)
        d->counts.unpublished++;
}

static void take(coap_door *d, coap_peer *p, const uint8_t *datagram, size_t n) {
    coap_peer_heard(d, p);
    if (d->fate == CLOUD_FATE_RESTART) {
        coap_peer_turn_away(p);
    } else if (p->secure != NULL) {
        net_secure_input(p->secure, d->now, datagram, n);
    } else {
        coap_peer_asks(p, datagram, n);
    }
    coap_door_publish(d);
    coap_peer_settle(d, p);
}

static int input(cloud_door *door, sim_time now, const net_address *from, const uint8_t *datagram,
                 size_t n, cloud_fate fate) {
    coap_door *d = door_of(door);
    d->now = now;
    d->fate = fate;
    if (d->domain == NULL && !coap_door_can_read(datagram, n)) {
        d->counts.garbage++;
        return 0;
    }
    coap_peer *p = coap_door_peer_at(d, from);
    if (p != NULL && !net_address_equal(&p->session.address, from))
        return 0; /* two addresses, one hash: the later one is not served */
    if (d->domain != NULL && (p == NULL || starts_anew(p, datagram, n)))
        return greet_secure(d, from, datagram, n);
    if (p == NULL) {
        int error = greet_plain(d, from, &p);
        if (error != 0 || p == NULL) return error;
    }
    take(d, p, datagram, n);
    return 0;
}

static void wake_peer(coap_door *d, sim_id id) {
    if (!sim_slots_valid(&d->slots, id)) return;
    coap_peer *p = d->peers[id.slot];
    /* a call for a deadline that has moved since; another is under way */
    if (d->now < p->due) return;
    p->due = SIM_NEVER; /* that one has come */
    if (d->now >= p->session.close_at) {
        coap_peer_expire(p);
        coap_peer_end(p);
    } else if (p->secure != NULL && net_secure_deadline(p->secure) <= d->now) {
        net_secure_wake(p->secure, d->now);
    }
    coap_peer_settle(d, p);
}

static void wake(cloud_door *door, sim_time now, sim_id timer) {
    coap_door *d = door_of(door);
    d->now = now;
    d->fate = CLOUD_FATE_ADMIT;
    if (timer.generation != 0) {
        wake_peer(d, timer);
    } else {
        net_coap_server_wake(d->coap, now, timer.slot);
        coap_door_drop_ended(d);
    }
}

static void notify(cloud_door *door, sim_time now, uint32_t device) {
    coap_door *d = door_of(door);
    coap_peer *p = coap_door_peer_of(d, device);
    if (p == NULL || p->coap == 0) return;
    d->now = now;
    d->fate = CLOUD_FATE_ADMIT;
    net_coap_server_notify(d->coap, now, p->coap);
    coap_peer_settle(d, p);
}

static bool knows(const cloud_door *door, const net_address *from, const cloud_glance *glance) {
    const coap_door *d = (const coap_door *)door;
    const coap_peer *p = coap_door_peer_at(d, from);
    bool asks_anew = d->domain != NULL && glance->demand == CLOUD_DEMAND_CONNECTION;
    return p != NULL && (!asks_anew || p->hello == glance->tag);
}

static void expire(cloud_door *door, sim_time now) {
    coap_door *d = door_of(door);
    d->now = now;
    for (coap_peer *p = d->oldest, *next; p != NULL; p = next) {
        next = p->newer;
        p->session.close_at = SIM_NEVER;
        if (d->service->close_after <= 0 || !p->session.online) continue;
        coap_peer_expire(p);
        coap_peer_drop(d, p);
    }
}

static void forget(cloud_door *door, sim_time now, bool tell) {
    coap_door *d = door_of(door);
    d->now = now;
    while (d->oldest != NULL) {
        if (tell) coap_peer_close(d->oldest);
        coap_peer_drop(d, d->oldest);
    }
    if (d->tls != NULL) cloud_door_tls_forget(d->tls, &d->settings, &d->tickets);
}

static void freeze(cloud_door *door, sim_time now, cloud_frozen what, sim_time until) {
    (void)now;
    (void)until; /* it is told */
    door_of(door)->frozen = what == CLOUD_FROZEN_ALL ? CLOUD_FROZEN_NOT : what;
}

static const cloud_door_counts *count(cloud_door *door) {
    coap_door *d = door_of(door);
    d->counts.peers = d->slots.live;
    d->counts.discarded = d->counts.garbage;
    if (d->domain == NULL) return &d->counts;
    d->counts.discarded += net_secure_discarded(d->domain);
    d->counts.no_suite = net_secure_unsuited(d->domain);
    return &d->counts;
}

/* One of DTLS or TLS, or none. */
#define DOOR(name, word, speaks, looks, is_secured, takes, ...)                                 \
    static cloud_door *make_##name(const cloud_door_settings *settings, net_vkernel *kernel,    \
                                   cloud_service *service, const cloud_door_calls *calls,       \
                                   void *context) {                                             \
        return make(&cloud_door_##name, is_secured, settings, kernel, service, calls, context); \
    }                                                                                           \
    const cloud_door_kind cloud_door_##name = {.scheme = word,                                  \
                                               .protocol = &net_protocol_##speaks,              \
                                               .secured = is_secured,                           \
                                               .look = looks,                                   \
                                               .make = make_##name,                             \
                                               .freeze = freeze,                                \
                                               CLOUD_DOOR_VERBS(takes) __VA_OPT__(, ) __VA_ARGS__}
#define STREAM_DOOR(name, word, looks, is_secured)                                        \
    DOOR(name, word, coap_tcp, looks, is_secured, coap_door_stream_input, .stream = true, \
         .ended = coap_door_stream_ended)

DOOR(coap, "coap", coap, cloud_coap_look, false, input);
DOOR(coaps, "coaps", coap, cloud_coaps_look, true, input);
STREAM_DOOR(coap_stream, "coap+tcp", cloud_coap_stream_look, false);
STREAM_DOOR(coaps_stream, "coaps+tcp", cloud_glance_of_sealed_stream, true);
