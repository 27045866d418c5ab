/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Readings and batteries of a device against its cohort's. A reading is taken in its own deviations
 * from its own mean; what the cohort has in common then (day and night, weather) is taken away, as
 * much of it as this device follows. */
#include <math.h>

#include "sim/examine/watch_steps.h"

enum {
    CHANGES_LEAST = 20, /* of a reading, before it can be stuck: some never change */
    STILL_LEAST = 12,   /* reports without a change */
    OUT_LEAST = 2,      /* readings that cannot be, within an hour */
    COMMON_HOURS = 48,  /* that the cohort's drain counts for beside the device's own */
    HOURS_LEAST = 24    /* of residuals or of battery, that say what is usual */
};
static const float common_moved = 0.75f; /* deviations, while a reading did not move */
static const float drift_slack = 1, drift_step = 3, drift_least = 0.5f;
static const float residual_most = 10, clip = 3;
static const float
    deviation_per_sigma = 1.25f,
    cohort_residuals =
        2.4f; /* weather is not the same for all: a device must be off by more than others are */

/* ---- readings
 * ------------------------------------------------------------------------------------------ */

static bool beyond(const examine_watch *w, const examine_cohort *c, double value) {
    if (!isfinite(value)) return true;
    if (!c->has_range || c->age < examine_windows(w->settings, w->settings->learn)) return false;
    const double room = ((double)c->high - (double)c->low) * (double)w->settings->margin;
    return value > (double)c->high + room || value < (double)c->low - room;
}

/* One may be a glitch. */
static void note_beyond(examine_watch *w, sim_time now, examine_device *d, double value) {
    examine_reading *r = &d->reading;
    const examine_cohort *c = &w->fleet->cohorts[d->cohort];
    if (r->out == 0 || w->window - r->out_at > examine_windows(w->settings, SIM_HOUR)) r->out = 0;
    if (r->out < UINT8_MAX) r->out++;
    const uint32_t since = r->out == 1 ? w->window : r->out_at;
    r->out_at = w->window;
    if (r->out < OUT_LEAST) return;
    examine_accuse(
        w, now, d,
        &(examine_case){.kind = RECORD_ANOMALY_OUT_OF_RANGE,
                        .metric = RECORD_METRIC_READING,
                        .since = since,
                        .evidence = (float)r->out,
                        .needed = OUT_LEAST,
                        .seen = isfinite(value) ? value : 0,
                        .expected = isfinite(value) && value > (double)c->high ? (double)c->high
                                                                               : (double)c->low});
}

static void widen(examine_sums *s, float value) {
    s->low = fminf(s->low, value);
    s->high = fmaxf(s->high, value);
}

static void note_movement(const examine_watch *w, examine_device *d, float value) {
    examine_reading *r = &d->reading;
    if (value == r->last) {
        if (r->still < UINT16_MAX) r->still++;
        return;
    }
    if (r->still > r->still_most && d->told[RECORD_ANOMALY_STUCK_SENSOR] == 0)
        r->still_most = r->still;
    if (r->changes < UINT16_MAX) r->changes++;
    r->still = 0;
    r->last = value;
    r->moved = w->window;
    r->common_when_moved = w->fleet->cohorts[d->cohort].common;
}

static void step_series(examine_watch *w, sim_time now, examine_device *d, examine_detector *series,
                        double value) {
    const examine_verdict v = examine_detector_step(series, sim_time_seconds(now), value);
    if (!v.scored || v.score < w->settings->series_score) return;
    examine_accuse(w, now, d,
                   &(examine_case){.kind = RECORD_ANOMALY_UNKNOWN,
                                   .metric = RECORD_METRIC_READING,
                                   .since = w->window,
                                   .evidence = v.score,
                                   .needed = w->settings->series_score,
                                   .seen = value,
                                   .expected = (double)d->reading.base});
}

void examine_reading_told(examine_watch *w, sim_time now, uint32_t device, double value) {
    examine_device *d = &w->devices[device];
    if (w->series && w->series[device]) step_series(w, now, d, w->series[device], value);
    if (beyond(w, &w->fleet->cohorts[d->cohort], value) || fabs(value) > 1e30) {
        note_beyond(w, now, d, value);
        return;
    }
    widen(&w->sums[d->cohort], (float)value);
    note_movement(w, d, (float)value);
    d->reading.sum += (float)value;
    if (d->reading.n < UINT16_MAX) d->reading.n++;
}

static bool drifting(const examine_watch *w, const examine_reading *r) {
    return fmaxf(r->up, r->down) > w->settings->drift / 3;
}

static void learn_base(const examine_watch *w, examine_reading *r, float value) {
    const uint32_t most = examine_looks(w->settings, 14 * SIM_DAY),
                   least = examine_looks(w->settings, 2 * SIM_DAY);
    if (r->looks < UINT16_MAX) r->looks++;
    const uint32_t memory = r->looks < most ? r->looks : most,
                   short_memory = memory < least ? memory : least;
    const float away = value - r->base;
    const bool young = r->looks <= examine_looks(w->settings, w->settings->learn);
    const float bounded =
        young ? away : fminf(fmaxf(away, -clip * r->deviation), clip * r->deviation);
    if (drifting(w, r)) return;
    r->base += bounded / (float)memory;
    r->deviation += (fabsf(young ? value - r->base : bounded) - r->deviation) / (float)short_memory;
}

/* The last look's reading, now that the cohort's common movement of that look is known. */
static void judge_pending(const examine_watch *w, examine_device *d) {
    examine_reading *r = &d->reading;
    if (isnan(r->pending)) return;
    const examine_cohort *c = &w->fleet->cohorts[d->cohort];
    const float residual =
        fminf(fmaxf(r->pending - r->gain * c->common, -residual_most), residual_most);
    const float pace = 1 / (float)examine_looks(w->settings, 2 * SIM_DAY);
    if (!drifting(w, r) && fabsf(residual) < clip)
        r->gain += pace * residual * c->common / fmaxf(c->common_square, 0.05f);
    r->gain = fminf(fmaxf(r->gain, -5), 5);
    r->hour_sum += residual;
    r->hour_n++;
    r->pending = (float)NAN;
}

static void look_stuck(examine_watch *w, sim_time now, examine_device *d) {
    const examine_reading *r = &d->reading;
    const uint32_t needed = examine_windows(w->settings, w->settings->stuck),
                   windows = w->window - r->moved;
    if (windows < needed || r->changes < CHANGES_LEAST || r->still < STILL_LEAST) return;
    if (r->still <= 3 * r->still_most) return;
    const float common = w->fleet->cohorts[d->cohort].common - r->common_when_moved;
    if (fabsf(r->gain * common) < common_moved) return;
    examine_accuse(
        w, now, d,
        &(examine_case){.kind = RECORD_ANOMALY_STUCK_SENSOR,
                        .metric = RECORD_METRIC_READING,
                        .since = r->moved,
                        .evidence = (float)windows,
                        .needed = (float)needed,
                        .seen = (double)r->last,
                        .expected = (double)(r->last + r->gain * common * r->deviation)});
}

void examine_look_reading(examine_watch *w, sim_time now, examine_device *d) {
    examine_reading *r = &d->reading;
    judge_pending(w, d);
    if (r->n == 0) return;
    const float value = r->sum / (float)r->n;
    r->sum = 0;
    r->n = 0;
    if (examine_mature(w, d) && r->deviation > 1e-6f * fabsf(r->base)) {
        examine_sums *sums = &w->sums[d->cohort];
        r->pending = (value - r->base) / r->deviation;
        sums->reading += examine_fixed(fminf(fmaxf(r->pending, -clip), clip));
        sums->reading_of++;
        look_stuck(w, now, d);
    }
    learn_base(w, r, value);
}

static void learn_residual(const examine_watch *w, examine_device *d, float size) {
    examine_reading *r = &d->reading;
    const uint32_t hours = (d->age - examine_looks(w->settings, w->settings->learn)) /
                               examine_looks(w->settings, SIM_HOUR) +
                           1u;
    if (drifting(w, r)) return;
    const float bounded = hours > HOURS_LEAST ? fminf(size, 3 * r->usual) : size;
    r->usual += (bounded - r->usual) / (float)(hours < 72 ? hours : 72);
}

void examine_hour_reading(examine_watch *w, sim_time now, examine_device *d) {
    examine_reading *r = &d->reading;
    if (r->hour_n == 0) return;
    const float residual = r->hour_sum / (float)r->hour_n, size = fabsf(residual);
    r->hour_sum = 0;
    r->hour_n = 0;
    if (d->age >= 2 * examine_looks(w->settings, w->settings->learn)) {
        const float others = cohort_residuals * w->fleet->cohorts[d->cohort].residual;
        const float z = residual / (deviation_per_sigma * fmaxf(0.02f, fmaxf(r->usual, others)));
        const float counts = size < drift_least ? 0 : fminf(fmaxf(z, -drift_step), drift_step);
        const float most = 2 * w->settings->drift;
        r->up = fminf(fmaxf(0, r->up + counts - drift_slack), most);
        r->down = fminf(fmaxf(0, r->down - counts - drift_slack), most);
    }
    w->sums[d->cohort].residual += examine_fixed(fminf(size, clip));
    w->sums[d->cohort].residual_of++;
    learn_residual(w, d, size);
    if (examine_told(w, now, d, RECORD_ANOMALY_SLOW_DRIFT)) r->up = r->down = 0;
    const float evidence = fmaxf(r->up, r->down);
    if (evidence < w->settings->drift) return;
    const uint32_t since = examine_windows(w->settings, 12 * SIM_HOUR);
    examine_accuse(w, now, d,
                   &(examine_case){.kind = RECORD_ANOMALY_SLOW_DRIFT,
                                   .metric = RECORD_METRIC_READING,
                                   .since = w->window > since ? w->window - since : 1,
                                   .evidence = evidence,
                                   .needed = w->settings->drift,
                                   .seen = (double)(r->base + residual * r->deviation),
                                   .expected = (double)r->base});
}

/* ---- batteries
 * ----------------------------------------------------------------------------------------- */

void examine_battery_told(examine_watch *w, examine_device *d, double value) {
    (void)w;
    if (!isfinite(value) || value < 0 || value > 100) return;
    d->battery.sum += (float)value;
    if (d->battery.n < UINT16_MAX) d->battery.n++;
}

static void learn_drop(examine_battery *b, float drop, float noise) {
    if (b->hours < UINT16_MAX) b->hours++;
    const float slow = 1 / (float)(b->hours < 336 ? b->hours : 336),
                fast = 1 / (float)(b->hours < 72 ? b->hours : 72);
    b->usual = fmaxf(0, b->usual + (drop - b->usual) * slow);
    b->noise += (fminf(noise, b->hours > HOURS_LEAST ? 3 * b->noise : noise) - b->noise) * fast;
}

/* Charge that went beyond twice the usual, in per cent; a fall of one hour is not enough. */
static void weigh_drop(examine_watch *w, sim_time now, examine_device *d, float loss, float usual,
                       float hours, float needed) {
    examine_battery *b = &d->battery;
    const float step = fminf(loss - 2 * usual * hours, 0.6f * needed);
    if (examine_told(w, now, d, RECORD_ANOMALY_BATTERY_DRAIN)) {
        b->evidence = 0;
        return;
    }
    if (b->evidence == 0 && step > 0) d->since = w->window - examine_windows(w->settings, SIM_HOUR);
    b->evidence = fminf(fmaxf(0, b->evidence + step), 2 * needed);
    if (b->evidence < needed) return;
    examine_accuse(w, now, d,
                   &(examine_case){.kind = RECORD_ANOMALY_BATTERY_DRAIN,
                                   .metric = RECORD_METRIC_BATTERY,
                                   .since = d->since,
                                   .evidence = b->evidence,
                                   .needed = needed,
                                   .seen = (double)(loss / hours),
                                   .expected = (double)usual});
}

static void judge_drop(examine_watch *w, sim_time now, examine_device *d, float loss, float hours) {
    examine_battery *b = &d->battery;
    const float common = w->fleet->cohorts[d->cohort].battery,
                needed = fmaxf(w->settings->battery, 8 * b->noise);
    const float usual =
        (b->usual * (float)b->hours + common * COMMON_HOURS) / (float)(b->hours + COMMON_HOURS);
    if (loss < -needed) { /* charged */
        b->evidence = 0;
        return;
    }
    if (b->hours >= HOURS_LEAST && examine_mature(w, d))
        weigh_drop(w, now, d, loss, usual, hours, needed);
    if (b->evidence > needed / 2) return;
    learn_drop(b, loss / hours, fabsf(loss - b->usual * hours));
    examine_sums *sums = &w->sums[d->cohort];
    sums->battery += examine_fixed(fminf(fmaxf(loss / hours, -5), 5));
    sums->battery_of++;
}

void examine_hour_battery(examine_watch *w, sim_time now, examine_device *d) {
    examine_battery *b = &d->battery;
    if (b->n == 0) return;
    const uint16_t hour = (uint16_t)(now / SIM_HOUR), passed = (uint16_t)(hour - b->hour);
    const float level = b->sum / (float)b->n, loss = b->before - level;
    const bool first = isnan(b->before);
    const bool two = examine_told(w, now, d, RECORD_ANOMALY_CLONE); /* batteries under one name */
    b->sum = 0;
    b->n = 0;
    b->hour = hour;
    b->before = level;
    if (!first && passed > 0 && !two) judge_drop(w, now, d, loss, (float)passed);
}
