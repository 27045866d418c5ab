/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/crowd.h"

#include <math.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/judge/words.h"

enum {
    AROUND = 20,      /* bins on either side that make the mean */
    LAG_LEAST = 4,    /* bins: what is closer is one burst */
    LAG_MOST = 2600,  /* of two minutes and a bit */
    BINS_MAX = 12000, /* of a stretch: ten minutes */
    STRETCHES_MAX = 20,
    PERIODS_LEAST = 3, /* that a stretch holds of a lag */
    CLIENTS_LEAST = 10,
    BUSY = 50, /* attempts in a second that no client makes alone and lives */
    ATTEMPTS_LEAST = 50
};

static const sim_time bin_least = 50 * SIM_MILLISECOND;
static const sim_time pause = 5 * SIM_MINUTE; /* without an attempt: another stretch begins */
static const double repetition_most = 0.5;    /* as sim/judge/pattern.h has it of waves */

typedef struct repetition {
    double *bins, *levelled;
    double products[LAG_MOST + 1], left[LAG_MOST + 1], right[LAG_MOST + 1];
    sim_time bin; /* its width: not finer than what the clock tells apart */
    uint64_t attempts, bin_count;
    size_t lag; /* where it is largest; 0: there is none */
    double value;
} repetition;

/* --- repetition --- */

static void level(const double *bins, size_t n, double *out) {
    double sum = 0;
    for (size_t i = 0; i < n && i < AROUND; i++) sum += bins[i];
    for (size_t i = 0; i < n; i++) {
        if (i + AROUND < n) sum += bins[i + AROUND];
        if (i > AROUND) sum -= bins[i - AROUND - 1];
        size_t from = i > AROUND ? i - AROUND : 0, until = i + AROUND < n ? i + AROUND : n - 1;
        out[i] = bins[i] - sum / (double)(until - from + 1);
    }
}

/* Adds what one stretch says of every lag of which it holds enough periods. */
static void add_stretch(repetition *r, size_t n) {
    level(r->bins, n, r->levelled);
    for (size_t lag = LAG_LEAST; lag <= LAG_MOST && PERIODS_LEAST * lag <= n; lag++) {
        for (size_t i = 0; i + lag < n; i++) {
            double a = r->levelled[i], b = r->levelled[i + lag];
            r->products[lag] += a * b;
            r->left[lag] += a * a;
            r->right[lag] += b * b;
        }
    }
    r->bin_count += n;
}

/* Stretches without a long pause, the first ten minutes of each. */
static void add_stretches(const judge_crowd_case *c, repetition *r) {
    size_t stretches = 0;
    for (size_t i = 0; i < c->count && stretches < STRETCHES_MAX; stretches++) {
        sim_time began = c->attempts[i].at, latest = began;
        size_t n = 0;
        memset(r->bins, 0, BINS_MAX * sizeof *r->bins);
        for (; i < c->count && c->attempts[i].at - latest < pause; i++) {
            latest = c->attempts[i].at;
            size_t at = (size_t)((latest - began) / r->bin);
            if (at >= BINS_MAX) continue;
            r->bins[at]++;
            r->attempts++;
            n = at + 1;
        }
        if (n > 1) add_stretch(r, n);
    }
}

static double value_at(const repetition *r, size_t lag) {
    double all = sqrt(r->left[lag] * r->right[lag]);
    return all > 0 ? r->products[lag] / all : 0;
}

/* What comes again after a while also does after twice as long: the first lag counts that is half
 * as good as the best one, and the best around it. */
static void find_lag(repetition *r) {
    double best = 0;
    for (size_t lag = LAG_LEAST; lag <= LAG_MOST; lag++) best = fmax(best, value_at(r, lag));
    r->value = best;
    for (size_t lag = LAG_LEAST; lag <= LAG_MOST && r->lag == 0 && best > 0; lag++)
        if (value_at(r, lag) >= best / 2) r->lag = lag;
    while (r->lag > 0 && r->lag < LAG_MOST && value_at(r, r->lag + 1) > value_at(r, r->lag))
        r->lag++;
}

static int find_repetition(const judge_crowd_case *c, repetition *r) {
    *r = (repetition){.bin = sim_time_max(bin_least, c->clock)};
    r->bins = sim_calloc(BINS_MAX, sizeof *r->bins);
    r->levelled = sim_calloc(BINS_MAX, sizeof *r->levelled);
    int error = r->bins == NULL || r->levelled == NULL ? SIM_ENOMEM : 0;
    if (error == 0) add_stretches(c, r);
    sim_free(r->bins);
    sim_free(r->levelled);
    find_lag(r);
    return error;
}

/* --- verdict --- */

static void measure_rate(const judge_crowd_case *c, const judge_reconnect_policy *policy,
                         judge_finding *out) {
    sim_time at;
    uint64_t second = judge_busiest(c->attempts, c->count, SIM_SECOND, &at),
             ten = judge_busiest(c->attempts, c->count, 10 * SIM_SECOND, &at);
    if (!(c->capacity > 0)) {
        judge_finding_inform(out, "busiest second", "attempts/s", (double)second, c->count,
                             "no capacity was declared");
        return;
    }
    judge_finding_measure(out, "busiest second", "attempts/s", (double)second, JUDGE_AT_MOST,
                          fmax(1, policy->peak_over_capacity * c->capacity), c->count);
    judge_finding_measure(out, "busiest ten seconds", "attempts", (double)ten, JUDGE_AT_MOST,
                          fmax(1, policy->ten_seconds_over_capacity * 10 * c->capacity), c->count);
}

static double period_of(const repetition *r) {
    return (double)r->lag * sim_time_seconds(r->bin);
}

static double in_a_period(const repetition *r) {
    return r->bin_count > 0 ? (double)r->attempts / (double)r->bin_count * (double)r->lag : NAN;
}

static void measure_repetition(const judge_crowd_case *c, const repetition *r, judge_finding *out) {
    sim_time at;
    bool busy = judge_busiest(c->attempts, c->count, SIM_SECOND, &at) >= BUSY;
    if (r->lag == 0) return;
    if (r->attempts < ATTEMPTS_LEAST || (c->clients < CLIENTS_LEAST && !busy)) {
        judge_finding_inform(out, "repetition", "", r->value, r->attempts,
                             "of so few clients that it may be chance");
        return;
    }
    judge_finding_measure(out, "repetition", "", r->value, JUDGE_AT_MOST, repetition_most,
                          r->attempts);
    judge_finding_inform(out, "period", "s", period_of(r), r->attempts, NULL);
    judge_finding_inform(out, "attempts in a period", "", in_a_period(r), r->attempts,
                         "about as many clients, where the pause is fixed");
}

static const judge_measure *broken(const judge_finding *f) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (!f->measures[i].holds) return &f->measures[i];
    return NULL;
}

static void say(const judge_crowd_case *c, const repetition *r, judge_finding *out) {
    const judge_measure *m = broken(out);
    out->verdict = m != NULL ? JUDGE_FAIL : JUDGE_INCONCLUSIVE;
    judge_finding_say(out, "At least %s clients are behind %s, as their connections overlap",
                      JUDGE_COUNT(c->clients), c->name);
    if (m == NULL)
        judge_finding_say_more(out,
                               ": what each of them does cannot be told, so their pauses are not "
                               "judged. Capture behind the router, or tell them apart by client-id "
                               "or mac.");
    else if (strcmp(m->name, "repetition") == 0)
        judge_finding_say_more(out,
                               ", and they try again in lock-step: their attempts come again every "
                               "%.3g s (repetition %.2f), about %s each time.",
                               period_of(r), r->value, JUDGE_NUMBER(round(in_a_period(r))));
    else
        judge_finding_say_more(
            out, ", and all together made %s attempts in their %s where the cloud admits %s.",
            JUDGE_NUMBER(round(m->value)), m->name, JUDGE_NUMBER(round(m->threshold)));
}

int judge_crowd(const judge_crowd_case *c, const judge_reconnect_policy *policy,
                judge_finding *out) {
    repetition *r = sim_malloc(sizeof *r);
    int error = r != NULL ? find_repetition(c, r) : SIM_ENOMEM;
    *out = (judge_finding){.unit = "5.9-3-2 a", .provision = "5.9-3"};
    if (error == 0) {
        judge_finding_inform(out, "clients", "", c->clients, c->count,
                             "at least: connections that were open at the same time");
        measure_rate(c, policy, out);
        measure_repetition(c, r, out);
        say(c, r, out);
    }
    sim_free(r);
    return error;
}
