/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/front.h"

#include <string.h>

#include "sim/cloud/front_private.h"
#include "sim/core/fingerprint.h"
#include "sim/core/heap.h"
#include "sim/record/dtls_record.h"

/* ---- what DTLS tells ---- */

static void secure_send(void *owner, const uint8_t *datagram, size_t n) {
    cloud_peer *p = owner;
    p->front->calls->send(p->front->context, &p->address, datagram, n);
}

static void secure_opened(void *owner) {
    cloud_peer *p = owner;
    cloud_front *f = p->front;
    uint32_t device = CLOUD_FRONT_NOBODY;
    uint8_t key[NET_SECURE_KEY_MAX];
    f->counts.sessions_opened++;
    if (f->calls->who(f->context, net_secure_identity(p->session), &device, key) == 0) return;
    if (cloud_peer_is_device(f, p, device) != 0 || cloud_peer_admit_coap(f, p) != 0)
        cloud_peer_end(p);
}

static void secure_received(void *owner, const uint8_t *data, size_t n) {
    cloud_peer *p = owner;
    if (p->coap != 0) net_coap_server_input(p->front->coap, p->front->now, p->coap, data, n);
}

/* The name was the device's, the key was not. */
static void tell_refused(cloud_front *f, const cloud_peer *p) {
    uint32_t device;
    uint8_t key[NET_SECURE_KEY_MAX];
    if (f->calls->refused == NULL || p->session == NULL) return;
    if (f->calls->who(f->context, net_secure_identity(p->session), &device, key) > 0 &&
        device < CLOUD_FRONT_ANYBODY)
        f->calls->refused(f->context, device);
}

static void secure_ended(void *owner, net_end why) {
    cloud_peer *p = owner;
    cloud_front *f = p->front;
    cloud_peer_end(p);
    if (why == NET_END_UNKNOWN_IDENTITY) f->counts.unknown_identity++;
    if (why == NET_END_WRONG_KEY) {
        f->counts.wrong_key++;
        tell_refused(f, p);
    }
    if (why == NET_END_TIMEOUT || why == NET_END_SILENT) f->counts.handshake_timeouts++;
    if (why == NET_END_UNKNOWN_IDENTITY || why == NET_END_WRONG_KEY) {
        f->calls->outcome(f->context, &p->address, RECORD_OUTCOME_REFUSED);
    }
}

static const net_secure_calls secure_calls = {secure_send, secure_opened, secure_received,
                                              secure_ended};

static size_t find_key(void *context, const char *identity, uint8_t key[NET_SECURE_KEY_MAX]) {
    cloud_front *f = context;
    uint32_t device;
    return f->calls->who(f->context, identity, &device, key);
}

/* ---- what CoAP asks ---- */

static void coap_send(void *owner, net_coap_peer peer, const uint8_t *datagram, size_t n) {
    cloud_front *f = owner;
    cloud_peer *p = f->peers[f->slot_of_coap[peer]];
    if (p->session == NULL) {
        f->calls->send(f->context, &p->address, datagram, n);
    } else if (net_secure_write(p->session, f->now, datagram, n) != 0) {
        cloud_peer_end(p); /* no memory for one record: the peer will come again */
    }
}

static void coap_deadline(void *owner, uint32_t member, sim_time due) {
    cloud_front *f = owner;
    f->calls->member_wake_at(f->context, member, due);
}

static const net_coap_server_calls coap_calls = {coap_send, cloud_front_request, coap_deadline};

/* ---- verbs ---- */

cloud_front *cloud_front_new(const cloud_front_config *config, net_vkernel *kernel,
                             const cloud_front_calls *calls, void *context) {
    cloud_front *f = sim_calloc(1, sizeof *f);
    if (f == NULL) return NULL;
    f->config = *config;
    f->calls = calls;
    f->shared_version = 1;
    f->context = context;
    f->secret = sim_stream_for(config->seed, SIM_PURPOSE_KEY, UINT64_MAX - config->number);
    sim_slots_init(&f->slots, config->peers_maximum);
    sim_map_init(&f->by_address);
    sim_map_init(&f->by_device);
    f->coap = net_coap_server_new(kernel, &coap_calls, f);
    if (config->secure) {
        f->domain =
            net_secure_server_domain_new(&net_secure_timing_default, &secure_calls, find_key, f,
                                         config->system_randomness ? NULL : &f->secret);
    }
    if (f->coap == NULL || (config->secure && f->domain == NULL)) {
        cloud_front_free(f);
        return NULL;
    }
    return f;
}

void cloud_front_free(cloud_front *f) {
    if (f == NULL) return;
    while (f->oldest != NULL) cloud_peer_drop(f, f->oldest);
    net_coap_server_free(f->coap);
    net_secure_domain_free(f->domain);
    sim_free(f->spare);
    sim_slots_deinit(&f->slots);
    sim_map_deinit(&f->by_address);
    sim_map_deinit(&f->by_device);
    sim_free(f->slot_of_coap);
    sim_free(f->peers);
    sim_free(f);
}

/* What tells one hello from another; 0 when it is none. */
static uint64_t hello_of(const uint8_t *datagram, size_t n) {
    record_dtls_glance sight;
    sim_fingerprint random;
    if (record_dtls_look(datagram, n, &sight) != 0 || !sight.client_hello) return 0;
    sim_fingerprint_init(&random);
    sim_fingerprint_bytes(&random, sight.random, sizeof sight.random);
    return random.value;
}

/* A hello with another Random comes from a device that lost its memory, in the middle of a
 * handshake or later. One with the same Random is a repetition, also when the session is open and
 * has long forgotten it (net_secure_knows_hello): begun anew, a duplicate that comes late, or is
 * sent again by somebody on the way, would end the session it once began. */
static bool starts_anew(const cloud_peer *p, const uint8_t *datagram, size_t n) {
    uint64_t hello = hello_of(datagram, n);
    return hello != 0 && hello != p->hello;
}

/* A peer without a session speaks, or an old one starts anew from the same port (RFC 6347 4.2.8:
 * only a returned cookie may replace a session). */
static int greet_secure(cloud_front *f, const net_address *from, const uint8_t *datagram,
                        size_t n) {
    cloud_peer *p = cloud_front_spare(f, from);
    if (p == NULL) return SIM_ENOMEM;
    int error = net_secure_listen(f->domain, f->now, from, datagram, n, cloud_peer_stream(p), p,
                                  secure_send, &p->session);
    if (error == SIM_EPARSE) f->counts.garbage++;
    if (error != 0) return error == SIM_EPARSE ? 0 : error;
    if (p->session == NULL) return 0;
    error = p->ended ? SIM_ECLOSED : cloud_peer_enter(f, p);
    if (error != 0) {
        net_secure_free(p->session);
        p->session = NULL;
        return error == SIM_ENOMEM ? error : 0;
    }
    p->hello = hello_of(datagram, n);
    cloud_peer_settle(f, p);
    return 0;
}

static int greet_plain(cloud_front *f, const net_address *from, cloud_peer **out) {
    cloud_peer *p = cloud_front_spare(f, from);
    if (p == NULL) return SIM_ENOMEM;
    int error = cloud_peer_enter(f, p);
    if (error != 0) return error == SIM_EAGAIN ? 0 : error;
    error = cloud_peer_admit_coap(f, p);
    if (error != 0) {
        cloud_peer_drop(f, p);
        return error;
    }
    *out = p;
    return 0;
}

/* A device that could not be given its path finds 4.04 there and goes without. */
static void publish(cloud_front *f) {
    cloud_peer *p = f->publish;
    f->publish = NULL;
    if (p == NULL || p->ended) return;
    if (net_coap_server_observable(f->coap, f->now, p->coap, f->publish_path) != 0)
        f->counts.unpublished++;
}

int cloud_front_input(cloud_front *f, sim_time now, const net_address *from,
                      const uint8_t *datagram, size_t n, cloud_fate fate) {
    f->now = now;
    f->fate = fate;
    cloud_peer *p = cloud_front_peer_at(f, from);
    if (p != NULL && !net_address_equal(&p->address, from))
        return 0; /* two addresses, one hash: the later one is not served */
    if (f->domain != NULL && (p == NULL || starts_anew(p, datagram, n)))
        return greet_secure(f, from, datagram, n);
    if (p == NULL) {
        int error = greet_plain(f, from, &p);
        if (error != 0 || p == NULL) return error;
    }
    cloud_peer_heard(f, p);
    if (p->session != NULL) {
        net_secure_input(p->session, now, datagram, n);
    } else {
        net_coap_server_input(f->coap, now, p->coap, datagram, n);
    }
    publish(f);
    cloud_peer_settle(f, p);
    return 0;
}

static void close_in_order(cloud_peer *p) {
    if (p->session == NULL || !net_secure_is_open(p->session)) return;
    p->front->counts.closed++;
    net_secure_close(p->session, p->front->now);
}

void cloud_front_wake_peer(cloud_front *f, sim_time now, sim_id id) {
    if (!sim_slots_valid(&f->slots, id)) return;
    cloud_peer *p = f->peers[id.slot];
    if (now < p->due) return; /* a call for a deadline that has moved since; another is under way */
    f->now = now;
    f->fate = CLOUD_FATE_ADMIT;
    p->due = SIM_NEVER; /* that one has come */
    if (now >= p->close_at) {
        close_in_order(p);
        cloud_peer_end(p);
    } else if (net_secure_deadline(p->session) <= now) {
        net_secure_wake(p->session, now);
    }
    cloud_peer_settle(f, p);
}

void cloud_front_wake_member(cloud_front *f, sim_time now, uint32_t member) {
    f->now = now;
    f->fate = CLOUD_FATE_ADMIT;
    net_coap_server_wake(f->coap, now, member);
    cloud_front_drop_ended(f);
}

void cloud_front_notify(cloud_front *f, sim_time now, uint32_t device) {
    cloud_peer *p = cloud_front_peer_of(f, device);
    if (p == NULL || p->coap == 0) return;
    f->now = now;
    f->fate = CLOUD_FATE_ADMIT;
    net_coap_server_notify(f->coap, now, p->coap);
    cloud_peer_settle(f, p);
}

bool cloud_front_knows(const cloud_front *f, const net_address *from) {
    return cloud_front_peer_at(f, from) != NULL;
}

uint32_t cloud_front_peers(const cloud_front *f) {
    return f->slots.live;
}

const cloud_front_counts *cloud_front_count(const cloud_front *f) {
    return &f->counts;
}

uint64_t cloud_front_discarded(const cloud_front *f) {
    return f->domain == NULL ? 0 : net_secure_discarded(f->domain);
}

void cloud_front_max_age(cloud_front *f, uint32_t max_age_s) {
    f->config.max_age_s = max_age_s;
}

void cloud_front_close_after(cloud_front *f, sim_time now, sim_time close_after) {
    f->now = now;
    f->config.close_after = close_after;
    for (cloud_peer *p = f->oldest, *next; p != NULL; p = next) {
        next = p->newer;
        p->close_at = SIM_NEVER;
        if (close_after <= 0 || !p->online) continue;
        close_in_order(p);
        cloud_peer_drop(f, p);
    }
}

void cloud_front_forget(cloud_front *f, sim_time now, bool tell) {
    f->now = now;
    while (f->oldest != NULL) {
        if (tell) close_in_order(f->oldest);
        cloud_peer_drop(f, f->oldest);
    }
}

void cloud_front_counts_add(cloud_front_counts *into, const cloud_front_counts *from) {
    into->requests += from->requests;
    into->registrations += from->registrations;
    into->reports += from->reports;
    into->reports_malformed += from->reports_malformed;
    into->refused_busy += from->refused_busy;
    into->forbidden += from->forbidden;
    into->not_found += from->not_found;
    into->set_points_sent += from->set_points_sent;
    into->manifests_sent += from->manifests_sent;
    into->blocks_sent += from->blocks_sent;
    into->value_changes += from->value_changes;
    into->value_conflicts += from->value_conflicts;
    into->sessions_opened += from->sessions_opened;
    into->sessions_replaced += from->sessions_replaced;
    into->unknown_identity += from->unknown_identity;
    into->wrong_key += from->wrong_key;
    into->handshake_timeouts += from->handshake_timeouts;
    into->garbage += from->garbage;
    into->peers_refused += from->peers_refused;
    into->closed += from->closed;
    into->unpublished += from->unpublished;
}
