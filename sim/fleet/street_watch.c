/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the examiner in the cloud is told of a street: what the edge and the front see, and what
 * devices say of themselves. */
#include "sim/fleet/examiner.h"
#include "sim/fleet/street_private.h"

/* Which kind of device it is, by its place in its home. */
static uint32_t group_of(const fleet_street *s, uint32_t local) {
    uint32_t place = local % s->per_home, g = 0;
    while (place >= s->zone->groups[g].per_home) place -= s->zone->groups[g++].per_home;
    return g;
}

int fleet_watch_init(fleet_street *s) {
    if (s->shared->watch == NULL) return 0;
    examine_watch *w =
        examine_watch_new(s->shared->watch, s->first_device, s->device_count, s->home_count, 1);
    s->heard.watch = w;
    if (w == NULL) return SIM_ENOMEM;
    for (uint32_t i = 0; i < s->device_count; i++) {
        s->notes[i].cohort = (uint16_t)fleet_examiner_cohort(s->zone_number, group_of(s, i), 1);
        examine_watch_place(w, i, s->notes[i].cohort, i / s->per_home, 0);
        int error = s->shared->spec->examination.series ? examine_watch_series(w, i) : 0;
        if (error != 0) return error;
    }
    return 0;
}

/* Arrivals of a window are decided when it begins, so an attempt may be told a few milliseconds
 * before its time. */
void fleet_watch_attempt(fleet_street *s, uint32_t local, sim_time now) {
    if (s->heard.watch != NULL)
        fleet_watch_count(&s->heard, now, local, RECORD_METRIC_CONNECTION_ATTEMPTS, 1);
}

void fleet_watch_refused(fleet_street *s, uint32_t local) {
    if (s->heard.watch != NULL)
        fleet_watch_count(&s->heard, s->shard.now, local, RECORD_METRIC_AUTHORIZATION_FAILURES, 1);
}

void fleet_watch_session(fleet_street *s, uint32_t local, uint32_t at, bool up, sim_time heard) {
    if (s->heard.watch == NULL) return;
    if (up)
        fleet_watch_up(&s->heard, s->shard.now, local,
                       fleet_street_device(s, fleet_street_number(s, at))->home);
    else
        fleet_watch_down(&s->heard, s->shard.now, local, heard);
}

static uint32_t firmware(void *context, uint32_t local, uint32_t version) {
    fleet_street *s = context;
    s->notes[local].cohort =
        (uint16_t)fleet_examiner_cohort(s->zone_number, group_of(s, local), version);
    return s->notes[local].cohort;
}

void fleet_watch_report(fleet_street *s, uint32_t local, const net_senml_pack *pack, size_t bytes) {
    if (s->heard.watch != NULL)
        fleet_watch_pack(&s->heard, s->shard.now, local, pack, bytes, firmware, s);
}
