/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/edge.h"

void cloud_edge_init(cloud_edge *e) {
    *e = (cloud_edge){0};
    record_attempts_init(&e->attempts);
}

void cloud_edge_deinit(cloud_edge *e) {
    record_attempts_deinit(&e->attempts);
}

static int begin(cloud_edge *e, cloud_edge_peer *peer, sim_time now, uint32_t device, uint32_t home,
                 const cloud_glance *glance) {
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
    peer->tag = glance->tag;
    peer->port = glance->port;
    peer->attempt = (uint32_t)index + 1;
    peer->number++;
    peer->fate = CLOUD_FATE_DROP;
    peer->admitted = peer->staged = peer->ended = false;
    e->seen++;
    return 0;
}

int cloud_edge_arrive(cloud_edge *e, cloud_edge_peer *peer, sim_time now, uint32_t device,
                      uint32_t home, const cloud_glance *glance, cloud_demand *demand) {
    *demand = glance->demand;
    if (glance->demand != CLOUD_DEMAND_CONNECTION) return 0;
    bool known = peer->attempt != 0 && peer->tag == glance->tag;
    if (known) {
        if (peer->admitted) *demand = glance->later;
        return 0;
    }
    return begin(e, peer, now, device, home, glance);
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
    peer->admitted = peer->staged = false;
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
