/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/street_account.h"

#include "sim/fleet/street_private.h"

fleet_account fleet_street_account(const fleet_street *s) {
    return (fleet_account){.now = s->shard.now,
                           .first_device = s->first_device,
                           .device_count = s->device_count,
                           .events = s->shard.handled,
                           .fingerprint = s->shard.fingerprint.value,
                           .ledger = &s->ledger,
                           .service = &s->service.counts,
                           .silence = &s->silence,
                           .restarts = s->restarts,
                           .request_latency = &s->request_latency,
                           .request_never = &s->request_never,
                           .connect_latency = &s->connect_latency,
                           .change_latency = &s->change_latency,
                           .changes_wanted = s->changes_wanted,
                           .metrics = s->heard.metrics};
}

const fleet_sums *fleet_street_sums(const fleet_street *s) {
    return &s->sums;
}

const cloud_edge *fleet_street_edge(const fleet_street *s) {
    return &s->edge;
}

const sim_rough *fleet_street_second(const fleet_street *s) {
    return &s->second;
}

void fleet_street_door_counts(const fleet_street *s, cloud_door_counts *into) {
    for (uint32_t g = 0; g < s->gate_count; g++)
        cloud_door_counts_add(into, s->gates[g].door_kind->count(s->gates[g].door));
}

uint64_t fleet_street_ever_answered(const fleet_street *s) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < s->device_count; i++) n += s->notes[i].been_answered ? 1 : 0;
    return n;
}

bool fleet_street_waits_for_finished(const fleet_street *s) {
    for (uint32_t i = 0; i < s->device_count; i++) {
        if (s->notes[i].finished_sent) return true;
    }
    return false;
}

void fleet_street_cohorts(const fleet_street *s, uint32_t *out) {
    for (uint32_t i = 0; i < s->device_count; i++) out[s->first_device + i] = s->notes[i].cohort;
}
