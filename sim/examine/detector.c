/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/examine/detector.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/error.h"

const examine_detector_settings examine_detector_default = {
    .warm_up = 250,
    .rest = 100,
    .gain = 1.2f,
    .novelty = {.short_block = 6,
                .long_block = 96,
                .lag = {12, 48, 96},
                .range = 10.5f,
                .fade = 2,
                .memory = 3000,
                .column_prior = 25,
                .weight = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    .tail = {.step = 0.03f, .slack = 0.4f, .cap = 1000},
    .weight_z = 0.3f,
    .weight_cusum = 0.5f,
    .usual = 5,
    .usual_least = 0.12f,
    .usual_share = 0.98f,
    .usual_step = 0.025f,
    .decades = 3.5f,
    .at_half = 0.115f,
    .threshold = 0.5f,
    .clearly = 0.05f,
};

enum {
    FIRST_SURPRISES = 30, /* whose mean is the first guess of what is usual */
    WARM_UP_MIN = 32
};
static const float learnable = 1e-3f, clipped_step = 1.0f / 256, scale_end = 700;

static void begin_learning(examine_detector *d) {
    d->points = 0;
    d->usual = 0;
    d->clipped = 0;
    memset(&d->as, 0, sizeof d->as);
}

void examine_detector_init(examine_detector *d, const examine_detector_settings *settings) {
    const examine_novelty_settings *n = &settings->novelty;
    SIM_PROMISE(settings->warm_up >= WARM_UP_MIN &&
                settings->warm_up <= EXAMINE_DETECTOR_WARM_UP_MAX);
    SIM_PROMISE(n->short_block > 0 && n->long_block > 0);
    for (int i = 0; i < EXAMINE_NOVELTY_LAGS; i++)
        SIM_PROMISE(n->lag[i] > 0 && n->lag[i] < EXAMINE_NOVELTY_RING);
    SIM_PROMISE(n->short_block <= EXAMINE_NOVELTY_RING / 2 - 1 &&
                n->long_block <= EXAMINE_NOVELTY_RING / 2 - 1);
    memset(d, 0, sizeof *d);
    d->settings = settings;
    d->since_spoke = d->since_alarm = settings->rest;
    begin_learning(d);
}

static int ascending(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Median and spread of the warm-up. What hardly moves gets a spread that fits what it may do later.
 */
static void set_scale(examine_detector *d, const float *values, uint32_t n) {
    float sorted[EXAMINE_DETECTOR_WARM_UP_MAX];
    memcpy(sorted, values, n * sizeof *values);
    qsort(sorted, n, sizeof *sorted, ascending);
    d->centre = sorted[n / 2];
    double spread = (double)sorted[n * 9 / 10] - (double)sorted[n / 10];
    if (!(spread > 0)) spread = (double)sorted[n - 1] - (double)sorted[0];
    const double level = fabs(d->origin + d->centre);
    if (!(spread > level * 1e-9)) spread = level * 0.1 + 1e-9;
    d->scale = (double)d->settings->gain / spread;
}

static float on_scale(const examine_detector *d, double from_origin) {
    const double u = asinh((from_origin - d->centre) * d->scale);
    return (float)fmin(fmax(u, -(double)scale_end), (double)scale_end);
}

typedef struct surprises {
    float z, cusum;
    examine_novelty_votes novelty;
} surprises;

static surprises examine(examine_detector *d, double time, float u) {
    const examine_detector_settings *s = d->settings;
    return (surprises){examine_tail_z(&d->z, &s->tail, u),
                       examine_tail_cusum(&d->cusum, &s->tail, u),
                       examine_novelty_step(&d->as.novelty, &s->novelty, time, u)};
}

/* The weighted mean of the detectors and of the views that could look: one that could not, because
 * the time is unknown or the series too young, does not dilute what the others say. */
static float together(const examine_detector_settings *s, const surprises *x) {
    const float weights = s->weight_z + s->weight_cusum + x->novelty.weight;
    return (x->novelty.surprise + s->weight_z * x->z + s->weight_cusum * x->cusum) / weights;
}

/* How strange, 0..1: the surprise in decades, and against what is the usual worst of this series;
 * both must be large. */
static float strangeness(examine_detector *d, float surprise) {
    const examine_detector_settings *s = d->settings;
    const float against_usual = surprise / (surprise + s->usual * fmaxf(d->usual, s->usual_least));
    const float step = fmaxf(d->usual, learnable) * s->usual_step;
    if (d->points <= FIRST_SURPRISES)
        d->usual += (surprise - d->usual) / (float)d->points;
    else
        d->usual += surprise > d->usual ? step * s->usual_share : -step * (1 - s->usual_share);
    return d->points <= FIRST_SURPRISES ? 0
                                        : sqrtf(against_usual * fminf(1, surprise / s->decades));
}

/* 0..1 with `at_half` in the middle. */
static float to_score(const examine_detector_settings *s, float x) {
    return x < s->at_half ? 0.5f * x / s->at_half
                          : 0.5f + 0.5f * (x - s->at_half) / (1 - s->at_half);
}

static float learn(examine_detector *d, double time, double from_origin, surprises *x) {
    const float u = on_scale(d, from_origin);
    d->points++;
    *x = examine(d, time, u);
    const bool out = fabsf(u) > d->settings->novelty.range / 2;
    d->clipped += ((float)out - d->clipped) * clipped_step;
    return strangeness(d, together(d->settings, x));
}

static void end_warm_up(examine_detector *d) {
    float values[EXAMINE_DETECTOR_WARM_UP_MAX], times[EXAMINE_DETECTOR_WARM_UP_MAX];
    const uint32_t n = (uint32_t)d->points;
    surprises unused;
    memcpy(values, d->as.warm.value, sizeof values);
    memcpy(times, d->as.warm.time, sizeof times);
    begin_learning(d);
    set_scale(d, values, n);
    examine_novelty_init(&d->as.novelty);
    examine_tail_init(&d->z, 0, d->settings->gain / 4);
    examine_tail_init(&d->cusum, 0, d->settings->gain / 4);
    for (uint32_t i = 0; i < n; i++)
        learn(d, d->epoch + (double)times[i], (double)values[i], &unused);
}

static void warm_up(examine_detector *d, double time, double value) {
    if (d->points == 0) {
        d->origin = value;
        d->epoch = time;
    }
    d->as.warm.value[d->points] = (float)fmin(fmax(value - d->origin, -FLT_MAX / 4), FLT_MAX / 4);
    d->as.warm.time[d->points] = (float)(time - d->epoch);
    if (++d->points == d->settings->warm_up) end_warm_up(d);
}

/* After an outstanding point only a stranger one speaks, for `rest` points. */
static float rested(examine_detector *d, float strange) {
    const uint32_t rest = d->settings->rest;
    if (d->since_spoke < rest) d->since_spoke++;
    if (d->since_spoke < rest && strange <= d->spoke) return 0;
    d->spoke = strange;
    d->since_spoke = 0;
    return strange;
}

/* An alarm about noise must not hide a fault: what is clearly stranger is told at once. */
static bool alarming(examine_detector *d, float score) {
    const examine_detector_settings *s = d->settings;
    if (d->since_alarm < s->rest) d->since_alarm++;
    const bool resting = d->since_alarm < s->rest && score < d->alarmed + s->clearly;
    if (score < s->threshold || resting) return false;
    d->alarmed = score;
    d->since_alarm = 0;
    return true;
}

examine_verdict examine_detector_step(examine_detector *d, double time, double value) {
    examine_verdict v = {0};
    if (!isfinite(value)) {
        d->not_numbers++;
        return v;
    }
    if (d->scale == 0) {
        warm_up(d, time, value);
        return v;
    }
    surprises x;
    v.score = to_score(d->settings, rested(d, learn(d, time, value - d->origin, &x)));
    v.scored = true;
    v.z = x.z;
    v.cusum = x.cusum;
    v.novelty = x.novelty.surprise;
    v.alarm = alarming(d, v.score);
    if (d->clipped > 0.5f) { /* it lives elsewhere now */
        begin_learning(d);
        d->scale = 0;
    }
    return v;
}
