/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/classify.h"

#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/error.h"
#include "sim/core/heap.h"
#include "sim/judge/checks.h"
#include "sim/judge/statistics.h"
#include "sim/judge/words.h"

const judge_device_policy judge_device_policy_default = {
    .variation = 0.05,
    .trend = 2.33,
    .growth = 1.1,
    .repeated = 0.5,
    .resolution = 50 * SIM_MILLISECOND,
    .outages = 10,
    .attempts = 5,
    .screening = 3,
};

/* The rest of the policy, which no user turns. docs/verdicts.md tells where the numbers come from.
 */
enum {
    DELAYS_LEAST = 3, /* of each outage, below which nothing is said */
    DELAYS_MAX = 32,  /* of an outage: later ones lie at the cap */
    TRIGGERS = 256,   /* record_attempt.trigger is a byte */
    TRAP_ONLINE = 5,  /* times online within one trigger: accept-then-close */
    TRAP_INTERVALS = 10,
    REPLICATES = 999
};
static const double coarse = 20; /* a delay counts for the variation from so many resolutions on */
/* a device's clock, and what it takes to try, may be off by this */
static const double drift = 0.05;
static const double mostly = 0.5; /* of all delays counted from the start: time-outs are in them */
static const double chance_least =
    0.002; /* of what was seen, if the declared law is kept: none of 999 draws is less */
static const double declared_growth = 1.3; /* of the mean delays of a declared law that backs off */
static const double overall_growth =
    1.5; /* from the first delay to the longest, with which a missing trend may be chance */

static const char at_plateau[] = JUDGE_AT_PLATEAU;

/* What the attempts of one trigger say. */
typedef struct outage {
    double delays[DELAYS_MAX]; /* seconds */
    bool from_start[DELAYS_MAX];
    size_t count;
    size_t retries; /* delays before the device came online for the first time */
    uint64_t online;
    sim_time last; /* end of the attempt before, or its beginning */
    bool last_from_start, seen;
} outage;

typedef struct device {
    outage *outages; /* TRIGGERS of them */
    double *seconds; /* the delays that are judged */
    judge_delays delays;
    size_t from_start;     /* of them, counted from the start of an attempt */
    double resolution;     /* seconds: delays no further apart are equal */
    double trap[TRIGGERS]; /* intervals of accept-then-close */
    size_t trap_count;
    size_t struck, back; /* outages, and those after which it came back */
} device;

/* ---- what the attempts say ---- */

sim_time judge_device_attempt_ended(const judge_device_case *c, size_t i) {
    const record_attempt *a = &c->attempts[i];
    bool failed = a->outcome == RECORD_OUTCOME_BUSY || a->outcome == RECORD_OUTCOME_REFUSED;
    if (c->ended != NULL && c->ended[i] != SIM_NEVER) return c->ended[i];
    return failed && a->latency > 0 && a->latency != SIM_NEVER ? sim_time_add(a->at, a->latency)
                                                               : SIM_NEVER;
}

static void add_attempt(outage *o, const record_attempt *a, sim_time ended) {
    if (o->seen && o->count < DELAYS_MAX) {
        o->from_start[o->count] = o->last_from_start;
        o->delays[o->count++] = sim_time_seconds(sim_time_max(0, a->at - o->last));
        if (o->online == 0) o->retries = o->count;
    }
    o->seen = true;
    o->last_from_start = ended == SIM_NEVER;
    o->last = o->last_from_start ? a->at : ended;
    o->online += a->outcome == RECORD_OUTCOME_ONLINE;
}

static bool is_trap(const outage *o) {
    return o->online >= TRAP_ONLINE;
}

static void sort_out(const judge_device_case *c, device *d) {
    for (size_t i = 0; i < c->count; i++) {
        SIM_PROMISE(i == 0 || c->attempts[i - 1].at <= c->attempts[i].at);
        if (c->attempts[i].device == c->device)
            add_attempt(&d->outages[c->attempts[i].trigger], &c->attempts[i],
                        judge_device_attempt_ended(c, i));
    }
    for (size_t t = 0; t < TRIGGERS; t++) {
        const outage *o = &d->outages[t];
        if (is_trap(o)) {
            for (size_t k = 0; k < o->count && d->trap_count < TRIGGERS; k++)
                d->trap[d->trap_count++] = o->delays[k];
        } else if (o->retries > 0) { /* a single attempt that met no outage says nothing */
            d->struck++;
            d->back += o->online > 0;
        }
    }
}

static size_t outages_with(const device *d, size_t delays) {
    size_t n = 0;
    for (size_t t = 0; t < TRIGGERS; t++)
        n += !is_trap(&d->outages[t]) && d->outages[t].retries >= delays;
    return n;
}

/* How many delays of an outage make the most of it: a choice with which a PASS is possible before
 * any other, then the one with the most delays. */
static size_t best_columns(const device *d, const judge_device_policy *policy) {
    size_t best = 0, most = 0;
    bool can_pass = false;
    for (size_t k = 1; k <= DELAYS_MAX; k++) {
        size_t rows = outages_with(d, k);
        bool enough = rows >= policy->outages && k >= policy->attempts;
        if (rows < policy->screening || enough < can_pass ||
            (enough == can_pass && rows * k <= most))
            continue;
        best = k;
        most = rows * k;
        can_pass = enough;
    }
    return best;
}

static int fill_delays(device *d, size_t columns) {
    size_t rows = columns > 0 ? outages_with(d, columns) : 0, row = 0;
    d->delays = (judge_delays){NULL, rows, columns};
    if (rows == 0) return 0;
    d->seconds = sim_calloc(rows * columns, sizeof *d->seconds);
    if (d->seconds == NULL) return SIM_ENOMEM;
    for (size_t t = 0; t < TRIGGERS; t++) {
        const outage *o = &d->outages[t];
        if (is_trap(o) || o->retries < columns) continue;
        memcpy(d->seconds + row++ * columns, o->delays, columns * sizeof *d->seconds);
        for (size_t k = 0; k < columns; k++) d->from_start += o->from_start[k];
    }
    d->delays.seconds = d->seconds;
    return 0;
}

static int observe(const judge_device_case *c, const judge_device_policy *policy, device *d) {
    *d = (device){.outages = sim_calloc(TRIGGERS, sizeof *d->outages)};
    if (d->outages == NULL) return SIM_ENOMEM;
    d->resolution = sim_time_seconds(sim_time_max(policy->resolution, c->clock));
    sort_out(c, d);
    return fill_delays(d, best_columns(d, policy));
}

static void forget(device *d) {
    sim_free(d->outages);
    sim_free(d->seconds);
}

/* ---- against the declaration ---- */

static const char declared_chance[] = "chance of such delays";

/* What one set of outages says of the law: mean of each delay. */
typedef struct expectation {
    double mean[DELAYS_MAX];
    double least[DELAYS_MAX]; /* of all draws */
    double resolution;        /* seconds */
    bool shorter_only;        /* time-outs are in what was observed: longer says nothing */
} expectation;

static double worst_ratio(const expectation *e, const double *means, size_t columns) {
    double worst = 0;
    for (size_t k = 0; k < columns; k++) {
        double more = means[k] - e->mean[k];
        if (fabs(more) <= e->resolution + drift * e->mean[k] || (e->shorter_only && more > 0))
            continue;
        worst =
            fmax(worst, fabs(log(fmax(means[k], e->resolution) / fmax(e->mean[k], e->resolution))));
    }
    return worst;
}

/* As many outages as were observed, drawn from the declared law; false when it gives up on the way.
 */
static bool draw_means(const judge_device_case *c, size_t rows, size_t columns, sim_stream *stream,
                       double *means, expectation *e) {
    sim_time pauses[DELAYS_MAX + 1];
    for (size_t k = 0; k < columns; k++) means[k] = 0;
    for (size_t i = 0; i < rows; i++) {
        if (i == 0 || !c->declared_same_again)
            c->declared->draw(c->declared->law, c->device, stream, pauses, columns + 1);
        for (size_t k = 0; k < columns; k++) {
            double seconds = sim_time_seconds(pauses[k + 1]);
            if (pauses[k + 1] == SIM_NEVER) return false;
            means[k] += seconds / (double)rows;
            e->least[k] = fmin(e->least[k], seconds);
        }
    }
    return true;
}

/* 999 sets of outages as the declared law makes them, the means of each in `means`; false: it says
 * nothing about so many attempts. */
static bool draw_declared(const judge_device_case *c, const judge_delays *d, double *means,
                          expectation *e) {
    for (size_t k = 0; k < d->columns; k++) e->least[k] = INFINITY;
    for (uint64_t r = 0; r < REPLICATES; r++) {
        sim_stream stream = sim_stream_for(c->seed, SIM_PURPOSE_CALIBRATION, r);
        if (!draw_means(c, d->rows, d->columns, &stream, means + r * d->columns, e)) return false;
    }
    for (size_t k = 0; k < d->columns; k++)
        e->mean[k] = gsl_stats_mean(means + k, d->columns, REPLICATES);
    return true;
}

static size_t count_sooner(const judge_delays *d, const expectation *e) {
    size_t sooner = 0;
    for (size_t i = 0; i < d->rows; i++)
        for (size_t k = 0; k < d->columns; k++)
            sooner += d->seconds[i * d->columns + k] < (1 - drift) * e->least[k] - e->resolution;
    return sooner;
}

static double chance_of(const judge_delays *d, const expectation *e, const double *means) {
    double seen[DELAYS_MAX];
    for (size_t k = 0; k < d->columns; k++)
        seen[k] = gsl_stats_mean(d->seconds + k, d->columns, d->rows);
    double worst = worst_ratio(e, seen, d->columns);
    size_t as_bad = 0;
    for (size_t r = 0; r < REPLICATES; r++)
        as_bad += worst_ratio(e, means + r * d->columns, d->columns) >= worst;
    return (double)(1 + as_bad) / (1 + REPLICATES);
}

static bool declares_growth(const expectation *e, size_t columns) {
    double most = 0;
    for (size_t k = 0; k < columns; k++) most = fmax(most, e->mean[k]);
    return most >= declared_growth * e->mean[0];
}

/* True when the device does as it declared, and what it declared grows. */
static bool measure_expected(const judge_device_case *c, const device *d, double *means,
                             judge_finding *out) {
    static const char sooner[] = "sooner than declared";
    const judge_delays *seen = &d->delays;
    uint64_t delays = seen->rows * seen->columns;
    expectation e = {.resolution = d->resolution,
                     .shorter_only = (double)d->from_start > mostly * (double)delays};
    if (!draw_declared(c, seen, means, &e)) {
        judge_finding_measure(out, sooner, "delays", (double)delays, JUDGE_AT_MOST, 0, delays);
        out->measures[out->measure_count - 1].note = "the declared law would have given up by then";
        return false;
    }
    judge_finding_measure(out, sooner, "delays", (double)count_sooner(seen, &e), JUDGE_AT_MOST, 0,
                          delays);
    judge_finding_measure(out, declared_chance, "", chance_of(seen, &e, means), JUDGE_AT_LEAST,
                          chance_least, delays);
    out->measures[out->measure_count - 1].note =
        e.shorter_only
            ? "that the declared law gives delays as far below its means; longer ones say nothing, "
              "since most failures were not seen"
            : "that the declared law gives delays as far from its means";
    return out->measures[out->measure_count - 1].holds && declares_growth(&e, seen->columns);
}

static bool measure_declared(const judge_device_case *c, const device *d, judge_finding *out) {
    if (c->declared == NULL) return false;
    double *means = sim_calloc(REPLICATES * d->delays.columns, sizeof *means);
    bool grows = false;
    if (means == NULL)
        judge_finding_inform(out, declared_chance, "", NAN, d->delays.rows * d->delays.columns,
                             "there was not enough memory to draw from the declared law");
    else
        grows = measure_expected(c, d, means, out);
    sim_free(means);
    return grows;
}

/* How likely one episode of the declared law, which nothing resets, takes so many pauses in so
 * short a time. */
static double chance_of_closings(const judge_device_case *c, const device *d) {
    size_t count = d->trap_count < DELAYS_MAX ? d->trap_count : DELAYS_MAX, as_short = 0;
    double seen = (double)count * d->resolution;
    for (size_t k = 0; k < count; k++) seen += (1 + drift) * d->trap[k];
    for (uint64_t r = 0; r < REPLICATES; r++) {
        sim_stream stream = sim_stream_for(c->seed, SIM_PURPOSE_CALIBRATION, r);
        sim_time pauses[DELAYS_MAX + 1];
        double drawn = 0;
        c->declared->draw(c->declared->law, c->device, &stream, pauses, count + 1);
        for (size_t k = 1; k <= count; k++) drawn += sim_time_seconds(pauses[k]);
        as_short += drawn <= seen;
    }
    return (double)(1 + as_short) / (1 + REPLICATES);
}

/* ---- measures ---- */

/* As a PASS takes it. */
static bool watched_enough(const judge_device_policy *policy, const device *d) {
    return d->delays.rows >= policy->outages && d->delays.columns >= policy->attempts;
}

/* The value, and the bound that decides where one does. Whatever is between the device and the
 * clock makes delays differ more, never less: that they are alike shows as soon as the clock can
 * tell them apart, that they differ only where they are long beside that. */
static void measure_variation(const judge_device_case *c, const judge_device_policy *policy,
                              const device *d, judge_finding *out) {
    judge_variation all = judge_delays_variation(&d->delays, coarse * sim_time_seconds(c->clock)),
                    v = judge_delays_variation(&d->delays, coarse * d->resolution);
    const char *note = NULL;
    if (v.upper < policy->variation) all = v;
    if (all.upper < policy->variation)
        judge_finding_measure(out, "variation, upper bound", "", all.upper, JUDGE_AT_LEAST,
                              policy->variation, all.freedom);
    else if (v.lower >= policy->variation)
        judge_finding_measure(out, "variation, lower bound", "", v.lower, JUDGE_AT_LEAST,
                              policy->variation, v.freedom);
    else
        note = isnan(v.cv)
                   ? "the delays are too short for the resolution of the clock"
                   : "its 95 % bounds lie on both sides of the threshold: watch more outages";
    if (isnan(v.cv)) v = all;
    judge_finding_inform(out, "variation", "", v.cv, v.freedom, note);
}

/* A law that grows to a cap has two parts, and its jitter may be lost in one of them: pauses that
 * are cut by the cap after the jitter are all alike just when an outage is long. */
static void measure_plateau(const judge_device_case *c, const judge_device_policy *policy,
                            const device *d, judge_finding *out) {
    judge_variation before, at;
    if (!judge_delays_level(&d->delays, coarse * d->resolution, coarse * sim_time_seconds(c->clock),
                            &before, &at))
        return;
    judge_finding_inform(out, JUDGE_BEFORE_PLATEAU, "", before.cv, before.freedom, NULL);
    if (at.upper < policy->variation)
        judge_finding_measure(out, at_plateau, "", at.upper, JUDGE_AT_LEAST, policy->variation,
                              at.freedom);
    else
        judge_finding_inform(out, at_plateau, "", at.cv, at.freedom, NULL);
}

static double median_of(const judge_delays *d, size_t column) {
    double values[TRIGGERS];
    for (size_t i = 0; i < d->rows; i++) values[i] = d->seconds[i * d->columns + column];
    return gsl_stats_median(values, 1, d->rows);
}

static double longest_of(const judge_delays *d) {
    double longest = 0;
    for (size_t k = 0; k < d->columns; k++) longest = fmax(longest, median_of(d, k));
    return longest;
}

/* Without a trend a device has failed only when its delays do not grow either: chance can hide a
 * trend, and so can a cap that is soon reached. In few outages it hides any trend. Nor does a trend
 * pass alone: of delays that do not grow one in a hundred sets has one. */
static void measure_trend(const judge_device_policy *policy, const device *d, bool as_declared,
                          judge_finding *out) {
    const judge_delays *seen = &d->delays;
    double trend = judge_delays_trend(seen, d->resolution), growth = judge_delays_growth(seen);
    bool may_grow =
        growth >= policy->growth || longest_of(seen) >= overall_growth * median_of(seen, 0);
    const bool by_chance = trend > policy->trend && !may_grow && !as_declared;
    uint64_t delays = seen->rows * seen->columns;
    if (!by_chance &&
        (trend > policy->trend || (!as_declared && !may_grow && watched_enough(policy, d))))
        judge_finding_measure(out, "trend", "", trend, JUDGE_AT_LEAST, policy->trend, delays);
    else
        judge_finding_inform(
            out, as_declared ? "trend, as declared" : "trend", "", trend, delays,
            as_declared ? "the delays are those of the declared law, which grows"
            : may_grow  ? "the delays grow, but not beyond chance: watch more outages"
            : by_chance
                ? "beyond chance, but the delays grow by next to nothing: watch more outages"
                : "the delays do not grow, but so few may hide it: watch more outages");
    judge_finding_inform(out, "median growth", "", growth, delays,
                         "recommended is 1.3 to 3 from one delay to the next");
}

static void measure_trap(const judge_device_case *c, const judge_device_policy *policy,
                         const device *d, judge_finding *out) {
    static const char name[] = "trend, accepted and closed";
    const judge_delays intervals = {d->trap, 1, d->trap_count};
    if (d->trap_count == 0) return;
    double trend = judge_delays_trend(&intervals, d->resolution);
    if (d->trap_count < TRAP_INTERVALS)
        judge_finding_inform(out, name, "", trend, d->trap_count,
                             "too few to tell: close 20 times");
    else if (c->declared != NULL)
        judge_finding_measure(out, "chance of such closings", "", chance_of_closings(c, d),
                              JUDGE_AT_LEAST, chance_least, d->trap_count);
    else
        judge_finding_measure(out, name, "", trend, JUDGE_AT_LEAST, policy->trend, d->trap_count);
}

static void measure_delays(const judge_delays *d, judge_finding *out) {
    judge_finding_inform(out, "first delay", "s", median_of(d, 0), d->rows, "median");
    judge_finding_inform(out, "longest delay", "s", longest_of(d), d->rows,
                         "median of the longest");
}

/* Whether delays are long enough beside the clock. */
static bool are_told_apart(const judge_device_case *c, const device *d, double times) {
    return judge_delays_variation(&d->delays, times * sim_time_seconds(c->clock)).freedom > 0;
}

/* Outages that are alike, of all pairs. Delays that a clock hardly tells apart are alike whatever
 * the device did, unless they are so to its last digit. */
static void measure_repeated(const judge_device_case *c, const judge_device_policy *policy,
                             const device *d, judge_finding *out) {
    static const char name[] = "repeated outages";
    static const double few = 4; /* of what the clock tells apart, in a delay: jitter would show */
    double share = judge_delays_repeated(&d->delays, d->resolution),
           exact = judge_delays_repeated(&d->delays, sim_time_seconds(c->clock) / 2);
    if (d->delays.rows < 2) return;
    if (are_told_apart(c, d, coarse))
        judge_finding_measure(out, name, "share", share, JUDGE_AT_MOST, policy->repeated,
                              d->delays.rows);
    else if (are_told_apart(c, d, few) && exact > policy->repeated)
        judge_finding_measure(out, name, "share", exact, JUDGE_AT_MOST, policy->repeated,
                              d->delays.rows);
    else
        judge_finding_inform(out, name, "share", share, d->delays.rows,
                             "the delays are too short for the resolution of the clock");
}

static void measure(const judge_device_case *c, const judge_device_policy *policy, const device *d,
                    judge_finding *out) {
    const judge_delays *delays = &d->delays;
    if (delays->columns >= DELAYS_LEAST) {
        measure_variation(c, policy, d, out);
        measure_plateau(c, policy, d, out);
        measure_repeated(c, policy, d, out);
        measure_trend(policy, d, measure_declared(c, d, out), out);
        measure_delays(delays, out);
    }
    if (c->service_returned && d->struck > 0)
        judge_finding_measure(out, "came back", "share", (double)d->back / (double)d->struck,
                              JUDGE_AT_LEAST, 1, d->struck);
    measure_trap(c, policy, d, out);
    judge_finding_inform(
        out, "outages", "", (double)delays->rows, delays->rows * delays->columns,
        d->from_start == 0 ? NULL
        : (double)d->from_start > mostly * (double)(delays->rows * delays->columns)
            ? "the ends of most attempts were not seen: delays after them count from the start"
            : "the ends of some attempts were not seen: delays after them count from the start");
}

/* ---- the sentence ---- */

/* bytes of foreign text that a sentence has room for */
enum { NAME_SHOWN = 60, DECLARED_SHOWN = 110 };

static const judge_measure *find(const judge_finding *f, const char *name) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (strcmp(f->measures[i].name, name) == 0) return &f->measures[i];
    return NULL;
}

static bool broken(const judge_finding *f, const char *name) {
    const judge_measure *m = find(f, name);
    return m != NULL && !m->holds;
}

static const char closings[] = "it does not back off from a service that accepts and closes";

static const struct {
    const char *name, *words;
} faults[] = {
    {"came back", "it did not come back after each of them"},
    {"sooner than declared", "it tried sooner than its declared law does"},
    {declared_chance, "its delays are not those of its declared law"},
    {"variation, upper bound",
     "its delays hold next to no randomness, so that a fleet of them would stay in step"},
    {at_plateau, "its jitter is lost at the cap: its longest delays are alike"},
    {"repeated outages", "its delays are the same in one outage as in another"},
    {"trend", "its delays do not grow from one attempt to the next"},
    {"trend, accepted and closed", closings},
    {"chance of such closings", closings},
};

static void say_faults(judge_finding *out) {
    const char *said[sizeof faults / sizeof faults[0]];
    size_t count = 0;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (broken(out, faults[i].name)) said[count++] = faults[i].words;
    for (size_t i = 0; i < count; i++)
        judge_finding_say_more(out, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " and ", said[i]);
    judge_finding_say_more(out, ".");
}

/* By the figures of the trend: few outages decide no trend, and are enough for a word about it. */
static bool shows_no_growth(const judge_finding *f) {
    const judge_measure *growth = find(f, "median growth"), *first = find(f, "first delay"),
                        *longest = find(f, "longest delay");
    return broken(f, "trend") ||
           (growth != NULL && growth->value < judge_device_policy_default.growth &&
            longest->value < overall_growth * first->value);
}

/* Delays that are alike: a device without jitter at all, or with too little of it. */
static judge_defect of_variation(const judge_finding *f) {
    static const double none = 0.01; /* of a variation that clocks and networks alone bring about */
    if (find(f, "variation")->value >= none) return JUDGE_DEFECT_JITTER_TOO_SMALL;
    return shows_no_growth(f) ? JUDGE_DEFECT_FIXED : JUDGE_DEFECT_LOCK_STEP;
}

unsigned judge_device_defects(const judge_finding *f) {
    static const double often = 1; /* seconds */
    const judge_measure *longest = find(f, "longest delay");
    bool alike = broken(f, "variation, upper bound"),
         hammers = longest != NULL && longest->value < often && shows_no_growth(f);
    unsigned found = 0;
    if (hammers) found |= 1U << JUDGE_DEFECT_HAMMERING;
    if (alike && !hammers) found |= 1U << of_variation(f);
    if (!alike && !hammers && broken(f, "repeated outages")) found |= 1U << JUDGE_DEFECT_LOCK_STEP;
    if (!alike && broken(f, at_plateau)) found |= 1U << JUDGE_DEFECT_JITTER_LOST_AT_CAP;
    if (broken(f, "trend, accepted and closed") || broken(f, "chance of such closings"))
        found |= 1U << JUDGE_DEFECT_RESET_ON_CONNECT;
    if (broken(f, "came back")) found |= 1U << JUDGE_DEFECT_GIVES_UP;
    return found;
}

static bool as_declared(const judge_finding *f) {
    const judge_measure *chance = find(f, declared_chance);
    return chance != NULL && chance->relation != JUDGE_NONE && chance->holds &&
           !broken(f, "sooner than declared");
}

/* What sort of law it was, and whether that is the declared one. */
static void say_law(const judge_device_case *c, judge_finding *out) {
    bool wrong = broken(out, "sooner than declared") || broken(out, declared_chance);
    judge_finding_say(out, "%.*s retries: %s.", judge_words_shown(c->name, NAME_SHOWN), c->name,
                      c->law_found);
    if (wrong || as_declared(out))
        judge_finding_say_more(out, " That %s.",
                               wrong ? "is not what was declared" : "agrees with the declared law");
    judge_finding_say_more(out, " Over ");
}

static void say_opening(const judge_device_case *c, const device *d, judge_finding *out) {
    char outages[JUDGE_WORD_MAX];
    size_t count = d->delays.rows > 0 ? d->delays.rows : d->struck;
    bool declared = c->declared_text != NULL && c->declared_text[0] != '\0';
    judge_words_count(count, outages, sizeof outages);
    if (c->name != NULL && c->law_found != NULL)
        say_law(c, out);
    else
        judge_finding_say(out, "One device was watched over ");
    judge_finding_say_more(out, "%s outage%s", outages, count == 1 ? "" : "s");
    if (declared && c->law_found == NULL)
        judge_finding_say_more(out, " (declared: %.*s)",
                               judge_words_shown(c->declared_text, DECLARED_SHOWN),
                               c->declared_text);
    judge_finding_say_more(out, ": ");
}

static void say_unclear(const judge_device_policy *policy, const device *d, judge_finding *out) {
    if (d->delays.columns < DELAYS_LEAST)
        judge_finding_say_more(out,
                               "fewer than %llu outages of 3 delays say nothing about its law.",
                               (unsigned long long)policy->screening);
    else if (!watched_enough(policy, d))
        judge_finding_say_more(
            out, "nothing failed, but a verdict takes %llu outages of %llu delays.",
            (unsigned long long)policy->outages, (unsigned long long)policy->attempts);
    else
        judge_finding_say_more(out, "chance leaves open whether its delays are random and grow.");
}

static void say_pass(judge_finding *out) {
    char first[JUDGE_WORD_MAX], longest[JUDGE_WORD_MAX];
    judge_finding_say_more(
        out, "its delays are random and grow from about %s s to %s s.",
        judge_words_number(find(out, "first delay")->value, first, sizeof first),
        judge_words_number(find(out, "longest delay")->value, longest, sizeof longest));
}

/* ---- verdict ---- */

static bool any_broken(const judge_finding *f) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (!f->measures[i].holds) return true;
    return false;
}

static bool all_clear(const judge_device_policy *policy, const device *d, const judge_finding *f) {
    const judge_measure *trend = find(f, "trend");
    bool grows =
        find(f, "trend, as declared") != NULL || (trend != NULL && trend->relation != JUDGE_NONE);
    return watched_enough(policy, d) && grows && find(f, "variation, lower bound") != NULL;
}

void judge_device(const judge_device_case *c, const judge_device_policy *policy,
                  judge_finding *out) {
    device d;
    judge_check_begin(&judge_check_reconnect, out);
    if (observe(c, policy, &d) != 0) {
        judge_finding_say(out, "There was not enough memory to judge the attempts (%zu).",
                          c->count);
        forget(&d);
        return;
    }
    measure(c, policy, &d, out);
    say_opening(c, &d, out);
    if (any_broken(out)) {
        out->verdict = JUDGE_FAIL;
        say_faults(out);
        (void)judge_defects_say(out, judge_device_defects(out)); /* left out rather than cut */
    } else if (all_clear(policy, &d, out)) {
        out->verdict = JUDGE_PASS;
        say_pass(out);
    } else {
        say_unclear(policy, &d, out);
    }
    forget(&d);
}
