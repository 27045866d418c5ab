/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/watch_steps.h - what the files of the fleet examiner call of each other. */
#ifndef SIM_CLOUD_WATCH_STEPS_H
#define SIM_CLOUD_WATCH_STEPS_H

#include "sim/cloud/watch_private.h"

/* How many windows a span is, at least 1. */
static inline uint32_t watch_windows(const cloud_watch_settings *s, sim_time span) {
    const sim_time n = span < 1 ? 0 : (span - 1) / s->window + 1; /* a span of SIM_NEVER does not overflow */
    return n < 1 ? 1 : n > UINT32_MAX / 4 ? UINT32_MAX / 4 : (uint32_t)n;
}

/* Looks, at least 1. */
static inline uint32_t watch_looks(const cloud_watch_settings *s, sim_time span) {
    const uint32_t n = watch_windows(s, span) / s->look;
    return n < 1 ? 1 : n;
}

/* An outage of its street, or its new firmware, explains what the device does. */
static inline bool watch_muted(const cloud_watch *w, const watch_device *d) {
    return d->muted_until > w->window || w->streets[d->street].muted_until > w->window;
}

static inline int64_t watch_fixed(float x) {
    return (int64_t)(x * (float)WATCH_FIXED);
}

void watch_sums_clear(watch_sums *s);
void watch_sums_add(watch_sums *into, const watch_sums *from);

/* watch.c */
void watch_disturb(cloud_watch *w, watch_device *d);

/* watch_close.c: the device is to be told of, unless it was within the rest period. `evidence` >= `needed`. */
typedef struct watch_case {
    sim_anomaly kind;
    sim_metric metric;
    uint32_t since; /* window */
    float evidence, needed;
    double seen, expected;
} watch_case;
void watch_accuse(cloud_watch *w, sim_time now, watch_device *d, const watch_case *c);
void watch_mark_told(watch_device *d, sim_time now, sim_anomaly kind);
bool watch_told(const cloud_watch *w, sim_time now, const watch_device *d, sim_anomaly kind);

/* watch_look.c: counts since the last look against what is usual. */
void watch_look_signals(cloud_watch *w, sim_time now, watch_device *d);
bool watch_mature(const cloud_watch *w, const watch_device *d);

/* watch_series.c */
void watch_reading_told(cloud_watch *w, sim_time now, uint32_t device, double value);
void watch_battery_told(cloud_watch *w, watch_device *d, double value);
void watch_look_reading(cloud_watch *w, sim_time now, watch_device *d);
void watch_hour_reading(cloud_watch *w, sim_time now, watch_device *d);
void watch_hour_battery(cloud_watch *w, sim_time now, watch_device *d);

/* watch_learn.c: what is usual in a cohort, after a window; `looked`: devices were examined. */
void watch_learn_cohort(const cloud_watch_fleet *f, watch_cohort *c, const watch_sums *s, sim_time now,
                        bool looked);
float watch_fresh_usual(const cloud_watch_fleet *f, const watch_cohort *c, watch_signal signal, sim_time now);

#endif
