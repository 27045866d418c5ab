/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/watch.h"

#include <string.h>

static sim_time clock_of(fleet_watch *s, sim_time now) {
    s->now = sim_time_max(s->now, now);
    return s->now;
}

void fleet_watch_count(fleet_watch *s, sim_time now, uint32_t device, record_metric metric,
                       uint32_t n) {
    s->metrics |= UINT64_C(1) << metric;
    examine_watch_count(s->watch, clock_of(s, now), device, metric, n);
}

static void level(fleet_watch *s, sim_time now, uint32_t device, record_metric metric,
                  double value) {
    s->metrics |= UINT64_C(1) << metric;
    examine_watch_level(s->watch, clock_of(s, now), device, metric, value);
}

static void member(fleet_watch *s, sim_time now, uint32_t device, record_metric metric,
                   uint64_t id) {
    s->metrics |= UINT64_C(1) << metric;
    examine_watch_member(s->watch, clock_of(s, now), device, metric, id);
}

void fleet_watch_up(fleet_watch *s, sim_time now, uint32_t device, uint64_t address) {
    examine_watch_session(s->watch, clock_of(s, now), device, true);
    member(s, now, device, RECORD_METRIC_SOURCE_ADDRESS, address);
}

void fleet_watch_down(fleet_watch *s, sim_time now, uint32_t device, sim_time heard) {
    examine_watch_session(s->watch, clock_of(s, now), device, false);
    fleet_watch_count(s, now, device, RECORD_METRIC_DISCONNECTS, 1);
    level(s, now, device, RECORD_METRIC_DISCONNECT_DURATION, sim_time_seconds(now - heard));
}

typedef struct report { /* on its way to the watch */
    fleet_watch *heard;
    sim_time now;
    uint32_t device;
    fleet_watch_firmware *firmware;
    void *context;
} report;

/* A firmware that is new to the device makes it one of another cohort. */
static void firmware(const report *r, double version) {
    if (!(version >= 1) || version > 1e9) return;
    uint32_t cohort = r->firmware(r->context, r->device, (uint32_t)version);
    examine_watch_cohort(r->heard->watch, clock_of(r->heard, r->now), r->device, cohort);
}

static void record(const report *r, record_metric metric, double value) {
    switch (record_metric_kind_of(metric)) {
        case RECORD_METRIC_EVENTS:
            if (value >= 0)
                fleet_watch_count(r->heard, r->now, r->device, metric,
                                  value < 4e9 ? (uint32_t)value : UINT32_MAX);
            break;
        case RECORD_METRIC_LEVEL:
            if (metric == RECORD_METRIC_FIRMWARE) firmware(r, value);
            level(r->heard, r->now, r->device, metric, value);
            break;
        case RECORD_METRIC_MEMBER:
            if (value >= 0 && value < 9e15)
                member(r->heard, r->now, r->device, metric, (uint64_t)value);
            break;
    }
}

/* The name behind the part of the device, which the cloud put before it (devices/actions.c,
 * base_name). */
static const char *name_of(const net_senml_record *r) {
    const char *end = strrchr(r->name, '_');
    return end == NULL ? r->name : end + 1;
}

void fleet_watch_pack(fleet_watch *s, sim_time now, uint32_t device, const net_senml_pack *pack,
                      size_t bytes, fleet_watch_firmware *firmware_of, void *context) {
    const report told = {
        .heard = s, .now = now, .device = device, .firmware = firmware_of, .context = context};
    bool read = false;
    fleet_watch_count(s, now, device, RECORD_METRIC_MESSAGES_IN, 1);
    fleet_watch_count(s, now, device, RECORD_METRIC_MESSAGES_OUT, 1);
    level(s, now, device, RECORD_METRIC_MESSAGE_BYTES, (double)bytes);
    for (size_t i = 0; pack != NULL && i < pack->count; i++) {
        const net_senml_record *r = &pack->records[i];
        record_metric metric;
        if (r->is_boolean) continue;
        if (record_metric_named(name_of(r), &metric) == 0 &&
            record_metric_side_of(metric) == RECORD_METRIC_DEVICE_SIDE) {
            record(&told, metric, r->value);
        } else if (!read) {
            level(s, now, device, RECORD_METRIC_READING, r->value);
            read = true;
        }
    }
}
