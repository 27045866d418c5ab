/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/examine/watch_steps.h - what the files of the fleet examiner call of each other. */
#ifndef SIM_EXAMINE_WATCH_STEPS_H
#define SIM_EXAMINE_WATCH_STEPS_H

#include "sim/examine/watch_private.h"

/* How many windows a span is, at least 1. */
static inline uint32_t examine_windows(const examine_watch_settings *s, sim_time span) {
    /* a span of SIM_NEVER does not overflow */
    const sim_time n = span < 1 ? 0 : (span - 1) / s->window + 1;
    return n < 1 ? 1 : n > UINT32_MAX / 4 ? UINT32_MAX / 4 : (uint32_t)n;
}

/* Looks, at least 1. */
static inline uint32_t examine_looks(const examine_watch_settings *s, sim_time span) {
    const uint32_t n = examine_windows(s, span) / s->look;
    return n < 1 ? 1 : n;
}

/* An outage of its street, or its new firmware, explains what the device does. */
static inline bool examine_muted(const examine_watch *w, const examine_device *d) {
    return d->muted_until > w->window || w->streets[d->street].muted_until > w->window;
}

static inline int64_t examine_fixed(float x) {
    return (int64_t)(x * (float)EXAMINE_FIXED);
}

void examine_sums_clear(examine_sums *s);
void examine_sums_add(examine_sums *into, const examine_sums *from);

/* watch.c */
void examine_disturb(examine_watch *w, examine_device *d);

/* watch_close.c: the device is to be told of, unless it was within the rest period. `evidence` >=
 * `needed`. */
typedef struct examine_case {
    record_anomaly kind;
    record_metric metric;
    uint32_t since; /* window */
    float evidence, needed;
    double seen, expected;
} examine_case;
void examine_accuse(examine_watch *w, sim_time now, examine_device *d, const examine_case *c);
void examine_mark_told(examine_device *d, sim_time now, record_anomaly kind);
bool examine_told(const examine_watch *w, sim_time now, const examine_device *d,
                  record_anomaly kind);

/* watch_look.c: counts since the last look against what is usual. */
void examine_look_signals(examine_watch *w, sim_time now, examine_device *d);
bool examine_mature(const examine_watch *w, const examine_device *d);

/* watch_series.c */
void examine_reading_told(examine_watch *w, sim_time now, uint32_t device, double value);
void examine_battery_told(examine_watch *w, examine_device *d, double value);
void examine_look_reading(examine_watch *w, sim_time now, examine_device *d);
void examine_hour_reading(examine_watch *w, sim_time now, examine_device *d);
void examine_hour_battery(examine_watch *w, sim_time now, examine_device *d);

/* watch_learn.c: what is usual in a cohort, after a window; `looked`: devices were examined. */
void examine_learn_cohort(const examine_watch_fleet *f, examine_cohort *c, const examine_sums *s,
                          sim_time now, bool looked);
float examine_fresh_usual(const examine_watch_fleet *f, const examine_cohort *c,
                          examine_signal signal, sim_time now);

#endif
