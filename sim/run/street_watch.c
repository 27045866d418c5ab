/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the examiner in the cloud is told of a street: what the edge and the front see, and what
 * devices say of themselves. */
#include "sim/run/examiner.h"
#include "sim/run/street_private.h"

/* Which kind of device it is, by its place in its home. */
static uint32_t group_of(const run_street *s, uint32_t local) {
    uint32_t place = local % s->per_home, g = 0;
    while (place >= s->zone->groups[g].per_home) place -= s->zone->groups[g++].per_home;
    return g;
}

int run_watch_init(run_street *s) {
    if (s->commons->watch == NULL) return 0;
    examine_watch *w =
        examine_watch_new(s->commons->watch, s->first_device, s->device_count, s->home_count, 1);
    s->sight.watch = w;
    if (w == NULL) return SIM_ENOMEM;
    for (uint32_t i = 0; i < s->device_count; i++) {
        s->notes[i].cohort = (uint16_t)run_examiner_cohort(s->zone_number, group_of(s, i), 1);
        examine_watch_place(w, i, s->notes[i].cohort, i / s->per_home, 0);
        int error = s->commons->spec->examination.series ? examine_watch_series(w, i) : 0;
        if (error != 0) return error;
    }
    return 0;
}

/* Arrivals of a window are decided when it begins, so an attempt may be told a few milliseconds
 * before its time. */
void run_watch_attempt(run_street *s, uint32_t local, sim_time now) {
    if (s->sight.watch != NULL)
        run_watch_count(&s->sight, now, local, RECORD_METRIC_CONNECTION_ATTEMPTS, 1);
}

void run_watch_refused(run_street *s, uint32_t local) {
    if (s->sight.watch != NULL)
        run_watch_count(&s->sight, s->shard.now, local, RECORD_METRIC_AUTHORIZATION_FAILURES, 1);
}

void run_watch_session(run_street *s, uint32_t local, uint32_t at, bool up, sim_time heard) {
    if (s->sight.watch == NULL) return;
    if (up)
        run_watch_up(&s->sight, s->shard.now, local,
                     run_street_device(s, run_street_number(s, at))->home);
    else
        run_watch_down(&s->sight, s->shard.now, local, heard);
}

static uint32_t firmware(void *context, uint32_t local, uint32_t version) {
    run_street *s = context;
    s->notes[local].cohort =
        (uint16_t)run_examiner_cohort(s->zone_number, group_of(s, local), version);
    return s->notes[local].cohort;
}

void run_watch_report(run_street *s, uint32_t local, const net_senml_pack *pack, size_t bytes) {
    if (s->sight.watch != NULL)
        run_watch_pack(&s->sight, s->shard.now, local, pack, bytes, firmware, s);
}
