/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the examiner in the cloud is told of a street: what the edge and the front see, and what devices say of themselves. */
#include <math.h>
#include <string.h>

#include "sim/run/examiner.h"
#include "sim/run/street_private.h"

/* Arrivals of a window are decided when it begins, so an attempt may be told a few milliseconds before its time; the examiner's clock must not run backwards. */
static sim_time clock_of(run_street *s, sim_time now) {
    s->watch_now = sim_time_max(s->watch_now, now);
    return s->watch_now;
}

static void count(run_street *s, uint32_t local, sim_time now, sim_metric metric, uint32_t n) {
    s->metrics |= UINT64_C(1) << metric;
    cloud_watch_count(s->watch, clock_of(s, now), local, metric, n);
}

static void level(run_street *s, uint32_t local, sim_metric metric, double value) {
    s->metrics |= UINT64_C(1) << metric;
    cloud_watch_level(s->watch, clock_of(s, s->shard.now), local, metric, value);
}

static void member(run_street *s, uint32_t local, sim_metric metric, uint64_t id) {
    s->metrics |= UINT64_C(1) << metric;
    cloud_watch_member(s->watch, clock_of(s, s->shard.now), local, metric, id);
}

/* Which kind of device it is, by its place in its home. */
static uint32_t group_of(const run_street *s, uint32_t local) {
    uint32_t place = local % s->per_home, g = 0;
    while (place >= s->zone->groups[g].per_home) place -= s->zone->groups[g++].per_home;
    return g;
}

int run_sight_init(run_street *s) {
    if (s->commons->watch == NULL) return 0;
    s->watch = cloud_watch_new(s->commons->watch, s->first_device, s->device_count, s->home_count, 1);
    if (s->watch == NULL) return SIM_ENOMEM;
    for (uint32_t i = 0; i < s->device_count; i++) {
        s->notes[i].cohort = (uint16_t)run_examiner_cohort(s->zone_number, group_of(s, i), 1);
        cloud_watch_place(s->watch, i, s->notes[i].cohort, i / s->per_home, 0);
        int error = s->commons->spec->examination.series ? cloud_watch_series(s->watch, i) : 0;
        if (error != 0) return error;
    }
    return 0;
}

void run_sight_attempt(run_street *s, uint32_t local, sim_time now) {
    if (s->watch != NULL) count(s, local, now, SIM_METRIC_CONNECTION_ATTEMPTS, 1);
}

void run_sight_refused(run_street *s, uint32_t local) {
    if (s->watch != NULL) count(s, local, s->shard.now, SIM_METRIC_AUTHORIZATION_FAILURES, 1);
}

void run_sight_session(run_street *s, uint32_t local, uint32_t at, bool up, sim_time heard) {
    if (s->watch == NULL) return;
    cloud_watch_session(s->watch, clock_of(s, s->shard.now), local, up);
    if (up) {
        member(s, local, SIM_METRIC_SOURCE_ADDRESS, run_street_device(s, run_street_number(s, at))->home);
    } else {
        count(s, local, s->shard.now, SIM_METRIC_DISCONNECTS, 1);
        level(s, local, SIM_METRIC_DISCONNECT_DURATION, sim_time_seconds(s->shard.now - heard));
    }
}

/* A firmware that is new to the device makes it one of another cohort. */
static void firmware(run_street *s, uint32_t local, double version) {
    if (!(version >= 1) || version > 1e9) return;
    uint32_t cohort = run_examiner_cohort(s->zone_number, group_of(s, local), (uint32_t)version);
    if (s->notes[local].cohort == cohort) return;
    s->notes[local].cohort = (uint16_t)cohort;
    cloud_watch_cohort(s->watch, clock_of(s, s->shard.now), local, cohort);
}

static void record(run_street *s, uint32_t local, sim_metric metric, double value) {
    switch (sim_metric_kind_of(metric)) {
        case SIM_METRIC_EVENTS:
            if (value >= 0) count(s, local, s->shard.now, metric, value < 4e9 ? (uint32_t)value : UINT32_MAX);
            break;
        case SIM_METRIC_LEVEL:
            if (metric == SIM_METRIC_FIRMWARE) firmware(s, local, value);
            level(s, local, metric, value);
            break;
        case SIM_METRIC_MEMBER:
            if (value >= 0 && value < 9e15) member(s, local, metric, (uint64_t)value);
            break;
    }
}

/* The name behind the part of the device, which the cloud put before it (devices/actions.c, base_name). */
static const char *name_of(const net_senml_record *r) {
    const char *end = strrchr(r->name, '_');
    return end == NULL ? r->name : end + 1;
}

/* Names that sim/core/metric.h knows are device-side metrics; of the others the first is what the device is there to measure. */
void run_sight_report(run_street *s, uint32_t local, const net_senml_pack *pack, size_t bytes) {
    if (s->watch == NULL) return;
    bool read = false;
    count(s, local, s->shard.now, SIM_METRIC_MESSAGES_IN, 1);
    count(s, local, s->shard.now, SIM_METRIC_MESSAGES_OUT, 1);
    level(s, local, SIM_METRIC_MESSAGE_BYTES, (double)bytes);
    for (size_t i = 0; pack != NULL && i < pack->count; i++) {
        const net_senml_record *r = &pack->records[i];
        sim_metric metric;
        if (r->is_boolean) continue;
        if (sim_metric_named(name_of(r), &metric) == 0 &&
            sim_metric_side_of(metric) == SIM_METRIC_DEVICE_SIDE) {
            record(s, local, metric, r->value);
        } else if (!read) {
            level(s, local, SIM_METRIC_READING, r->value);
            read = true;
        }
    }
}
