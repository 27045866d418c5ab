/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/edge.h"

#include "sim/core/fingerprint.h"
#include "sim/core/random.h"
#include "sim/record/dtls_record.h"

enum { DTLS_APPLICATION_DATA = 23 };

void cloud_edge_init(cloud_edge *e) {
    *e = (cloud_edge){0};
    record_attempts_init(&e->attempts);
}

void cloud_edge_deinit(cloud_edge *e) {
    record_attempts_deinit(&e->attempts);
}

static uint64_t tag_of(uint16_t source_port, const uint8_t *random, size_t n) {
    sim_fingerprint f;
    sim_fingerprint_init(&f);
    sim_fingerprint_word(&f, source_port);
    sim_fingerprint_bytes(&f, random, n);
    return f.value;
}

static cloud_glance look_secure(uint16_t source_port, const uint8_t *datagram, size_t n) {
    record_dtls_glance sight;
    cloud_glance nothing = {.demand = CLOUD_DEMAND_NOTHING, .port = source_port};
    if (record_dtls_look(datagram, n, &sight) != 0) return nothing;
    if (sight.client_hello) {
        return (cloud_glance){.demand = CLOUD_DEMAND_CONNECTION,
                              .later = CLOUD_DEMAND_NOTHING,
                              .tag = tag_of(source_port, sight.random, sizeof sight.random),
                              .port = source_port};
    }
    if (sight.content_type != DTLS_APPLICATION_DATA) return nothing;
    return (cloud_glance){.demand = CLOUD_DEMAND_REQUEST, .port = source_port};
}

cloud_glance cloud_edge_look(bool secure, uint16_t source_port, const uint8_t *datagram, size_t n) {
    if (secure) return look_secure(source_port, datagram, n);
    return (cloud_glance){.demand = CLOUD_DEMAND_CONNECTION,
                          .later = CLOUD_DEMAND_REQUEST,
                          .tag = tag_of(source_port, NULL, 0),
                          .port = source_port};
}

static int begin(cloud_edge *e, cloud_edge_peer *peer, sim_time now, uint32_t device, uint32_t home,
                 const cloud_glance *sight) {
    cloud_edge_close(e, peer);
    record_attempt attempt = {.at = now,
                              .latency = SIM_NEVER,
                              .device = device,
                              .home = home,
                              .number = peer->number + 1,
                              .trigger = peer->trigger,
                              .outcome = RECORD_OUTCOME_NONE};
    size_t index;
    int error = record_attempts_add(&e->attempts, &attempt, &index);
    if (error != 0) return error;
    peer->tag = sight->tag;
    peer->port = sight->port;
    peer->attempt = (uint32_t)index + 1;
    peer->number++;
    peer->fate = CLOUD_FATE_DROP;
    peer->admitted = peer->ended = false;
    e->seen++;
    return 0;
}

int cloud_edge_arrive(cloud_edge *e, cloud_edge_peer *peer, sim_time now, uint32_t device,
                      uint32_t home, const cloud_glance *sight, cloud_demand *demand) {
    *demand = sight->demand;
    if (sight->demand != CLOUD_DEMAND_CONNECTION) return 0;
    bool known = peer->attempt != 0 && peer->tag == sight->tag;
    if (known) {
        if (peer->admitted) *demand = sight->later;
        return 0;
    }
    return begin(e, peer, now, device, home, sight);
}

void cloud_edge_decided(cloud_edge_peer *peer, const cloud_decision *decision) {
    if (decision->fate == CLOUD_FATE_DROP) return;
    peer->admitted = decision->fate != CLOUD_FATE_REFUSE;
    peer->fate = (uint8_t)decision->fate;
    peer->serve_at = decision->serve_at;
}

void cloud_edge_outcome(cloud_edge *e, cloud_edge_peer *peer, sim_time now,
                        record_outcome outcome) {
    if (peer->attempt == 0 || peer->ended) return;
    record_attempt *attempt = &e->attempts.items[peer->attempt - 1];
    attempt->outcome = (uint8_t)outcome;
    attempt->latency = now == SIM_NEVER ? SIM_NEVER : now - attempt->at;
    peer->ended = true;
    if (outcome == RECORD_OUTCOME_ONLINE) {
        e->successes++;
    } else {
        e->rejections++;
    }
}

void cloud_edge_forget(cloud_edge_peer *peer) {
    if (peer->ended) return;
    peer->admitted = false;
    peer->fate = CLOUD_FATE_DROP;
}

/* Until the next attempt begins or the run ends, a retransmission could still save one that was not
 * let through. */
void cloud_edge_close(cloud_edge *e, cloud_edge_peer *peer) {
    if (peer->attempt == 0 || peer->ended || peer->admitted) return;
    if (peer->fate == CLOUD_FATE_REFUSE)
        cloud_edge_outcome(e, peer, peer->serve_at, RECORD_OUTCOME_REFUSED);
    else
        cloud_edge_outcome(e, peer, SIM_NEVER, RECORD_OUTCOME_DROPPED);
}

void cloud_edge_trigger(cloud_edge_peer *peer, uint8_t trigger) {
    peer->trigger = trigger;
    peer->number = 0;
}
