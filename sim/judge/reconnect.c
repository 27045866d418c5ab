/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/reconnect.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "sim/judge/checks.h"
#include "sim/judge/reconnect_words.h"
#include "sim/judge/wave.h"

const judge_reconnect_policy judge_reconnect_policy_default = JUDGE_RECONNECT_POLICY_DEFAULT;

/* The rest of the policy, which no user turns. docs/verdicts.md tells where the numbers come from.
 */

/* How often a blameless wave may exceed the threshold of peak to mean by chance. */
static const double chance_max = 0.0005;
/* Rate of a blameless wave at its highest, over its mean. */
static const double unevenness = 1.5;
/* The same where most were in the midst of their pauses when service came back: what is left of
 * pauses of the mean m has the density (1 - F)/m, which begins with 1/m and ends with the longest
 * pause; that is no more than 2m, as no fair jitter spreads wider than from zero on. */
static const double unevenness_of_retries = 2;

/* of the fleets whose window is just wide enough */
static const double too_narrow = 0.001;

/* of the first wave: of 999 fleets drawn none was as busy */
static const double chance_as_declared = 0.002;

/* Coefficient of variation of the pauses at the cap, as of one device (sim/judge/classify.c). */
static const double spread_least = 0.05;

/* Devices that are let in and closed again and again: their last two pauses after a success must be
 * longer than their first two by so much. */
static const double growth_minimum = 1.3;

static double chance_of(double uneven, double mean, double seconds, double ratio) {
    double rate = uneven * mean, length = fmax(seconds / uneven, 1);
    double more_than = floor(ratio * mean);
    if (!(rate > 0) || !(more_than >= rate) || !(length < 1e9)) return 1;
    if (more_than > 1e9) return 0; /* beyond GSL's counts; long since certain */
    unsigned k = (unsigned)more_than + 1;
    double clumps = (k - rate) / k * rate * (length - 1) * gsl_ran_poisson_pdf(k - 1, rate);
    return 1 - gsl_cdf_poisson_P(k - 1, rate) * exp(-clumps);
}

double judge_reconnect_chance(double mean, double seconds, double ratio) {
    return chance_of(unevenness, mean, seconds, ratio);
}

/* The chance above takes a wave to be uneven; an even one of that rate is so much shorter. */
static bool window_is_enough(double devices, double capacity, double window) {
    double uneven = unevenness * window;
    return judge_reconnect_chance(devices / uneven, uneven, capacity * uneven / devices) <=
           too_narrow;
}

double judge_reconnect_window(double devices, double capacity) {
    double least = devices / capacity, most = 2 * least;
    if (!(least > 0) || !isfinite(least)) return NAN;
    for (int i = 0; i < 30 && !window_is_enough(devices, capacity, most); i++) most *= 2;
    if (!window_is_enough(devices, capacity, most)) return NAN; /* with so little, none is */
    for (int i = 0; i < 20; i++) {
        double at = (least + most) / 2;
        *(window_is_enough(devices, capacity, at) ? &most : &least) = at;
    }
    return most;
}

/* --- measures --- */

static const char cut_short_note[] =
    "the observation ended before the fleet had the time to come back";
static const char no_attempt_note[] = "nobody was seen trying";

static void measure_busiest(const judge_reconnect_case *c, const judge_reconnect_policy *policy,
                            const judge_wave *w, judge_finding *out) {
    double began =
        w->attempts > 0 ? sim_time_seconds(sim_time_max(0, w->busiest_at - c->began)) : NAN;
    if (!judge_wave_capacity_known(c))
        judge_finding_inform(out, "busiest second", "attempts/s", (double)w->busiest, w->attempts,
                             "no capacity was declared");
    else /* one attempt cannot be divided: below 1/s a single one must not fail */
        judge_finding_measure(out, "busiest second", "attempts/s", (double)w->busiest,
                              JUDGE_AT_MOST, fmax(1, policy->peak_over_capacity * c->capacity),
                              w->attempts);
    judge_finding_inform(out, "busiest second after", "s", began, w->attempts, NULL);
}

/* The ratio that blameless waves of this size exceed by chance no more often than chance_max: the
 * policy's, or, where few attempts a second scatter more widely, a higher one. */
static double peak_to_mean_limit(const judge_wave *w, double policy) {
    const double uneven = judge_wave_is_of_retries(w) ? unevenness_of_retries : unevenness;
    double limit = policy;
    for (double most = floor(policy * w->mean);
         chance_of(uneven, w->mean, w->window, limit) > chance_max; most++) {
        if (most > policy * w->mean + 1000)
            return NAN; /* nothing can be said; not reached with numbers that make sense */
        limit =
            /* half an attempt above a whole number: no matter how it is rounded */
            (most + 1.5) / w->mean;
    }
    return limit;
}

static void measure_peak_to_mean(const judge_reconnect_policy *policy, const judge_wave *w,
                                 judge_finding *out) {
    static const char name[] = "peak to mean";
    double ratio = w->attempts > 0 ? (double)w->busiest / w->mean : NAN;
    double limit = w->attempts > 0 ? peak_to_mean_limit(w, policy->peak_to_mean) : NAN;
    if (w->cut_short) {
        judge_finding_inform(out, name, "", ratio, w->attempts, cut_short_note);
    } else if (!(w->window > limit)) {
        judge_finding_inform(out, name, "", ratio, w->attempts,
                             "the wave is too short: no second of it can exceed its mean so often");
    } else {
        judge_finding_measure(out, name, "", ratio, JUDGE_AT_MOST, limit, w->attempts);
        if (limit > policy->peak_to_mean)
            out->measures[JUDGE_PEAK_TO_MEAN].note =
                "more than the policy has: so few attempts a second scatter this widely by chance";
    }
}

static void measure_per_success(const judge_reconnect_case *c, const judge_reconnect_policy *policy,
                                const judge_wave *w, judge_finding *out) {
    uint64_t successes = judge_wave_comes_again(c, w) ? w->successes : w->online;
    double each = w->online > 0 ? (double)w->attempts / (double)successes : NAN;
    if (w->attempts == 0)
        judge_finding_inform(out, "attempts per success", "", NAN, 0, no_attempt_note);
    else if (w->cut_short)
        judge_finding_inform(out, "attempts per success", "", each, w->attempts, cut_short_note);
    else
        judge_finding_measure(out, "attempts per success", "", each, JUDGE_AT_MOST,
                              policy->attempts_per_success, w->attempts);
}

static void measure_back_online(const judge_reconnect_case *c, const judge_wave *w,
                                judge_finding *out) {
    double share = c->devices > 0 ? fmin(1, (double)w->online / (double)c->devices) : NAN;
    if (c->devices == 0)
        judge_finding_inform(out, "back online", "share", NAN, 0, "nobody had to come back");
    else if (w->cut_short)
        judge_finding_inform(out, "back online", "share", share, c->devices, cut_short_note);
    else
        judge_finding_measure(out, "back online", "share", share, JUDGE_AT_LEAST, 1, c->devices);
}

static void inform(judge_finding *out, const char *name, const char *unit, double value,
                   uint64_t samples, const char *note) {
    if (!isnan(value)) judge_finding_inform(out, name, unit, value, samples, note);
}

/* The longer window bites where the second is allowed more than the capacity: a burst may be, ten
 * seconds of it not. */
static void measure_ten_seconds(const judge_reconnect_case *c, const judge_reconnect_policy *policy,
                                const judge_wave *w, judge_finding *out) {
    if (!judge_wave_capacity_known(c)) return;
    judge_finding_measure(out, JUDGE_TEN_SECONDS, "attempts", (double)w->busiest_ten, JUDGE_AT_MOST,
                          fmax(1, policy->ten_seconds_over_capacity * 10 * c->capacity),
                          w->attempts);
}

/* The first attempts against the declared law. */
static void measure_declared(const judge_pattern *p, judge_finding *out) {
    if (isnan(p->first_wave)) return;
    judge_finding_measure(out, JUDGE_WAVE_CHANCE, "", p->first_wave, JUDGE_AT_LEAST,
                          chance_as_declared, p->first_attempts);
    out->measures[out->measure_count - 1].note =
        "that a fleet that keeps the declared law makes a second as busy";
    judge_finding_measure(out, JUDGE_WIDTH_CHANCE, "", p->narrower_chance, JUDGE_AT_LEAST,
                          chance_as_declared, p->compared);
    out->measures[out->measure_count - 1].note =
        "that the first attempts of a fleet that keeps the declared law lie as close together";
    inform(out, "distance to the declared delays", "", p->distance, p->compared,
           "Kolmogorov and Smirnov, since the trigger: what boots at its own pace is late, and has "
           "not failed");
    inform(out, "chance of such a distance", "", p->distance_chance, p->compared, NULL);
}

static void measure_pattern(const judge_reconnect_case *c, const judge_wave *w,
                            judge_finding *out) {
    const judge_pattern *p = &w->pattern;
    measure_declared(p, out);
    inform(out, JUDGE_SAME_PLACE, "share", p->same_place, p->placed,
           p->same_place >= JUDGE_ASSIGNED
               ? "orderly by assignment: not random, but each device has its own place"
               : "as after another trigger; 90 % and more is a place that is assigned");
    inform(out, "synchronisation index", "", p->synchrony, p->synchronised,
           "0.3 and less is good, more than 0.7 is lock-step");
    inform(
        out, "devices with a twin", "share", p->twins, p->with_five,
        "with the same five pauses: more than 5 % without lock-step are seeds that devices share");
    inform(out, "Fano factor", "", p->fano, p->seconds,
           "of the attempts per second; about 1 without waves");
    inform(out, "autocorrelation", "", p->autocorrelation, p->seconds,
           "a median first pause apart; more than 0.5 is a wave that comes again");
    if (judge_wave_capacity_known(c) && !w->cut_short && w->online < c->devices)
        judge_finding_inform(out, "goodput at the end", "share",
                             (double)p->late_online / (c->capacity * p->late_seconds),
                             p->late_attempts,
                             "of the capacity, in the last third of the observation");
}

static void measure_growth(const judge_reconnect_case *c, const judge_wave *w, judge_finding *out) {
    if (!judge_wave_is_trap(c, w)) return;
    judge_finding_measure(out, JUDGE_GROWTH, "", w->growth, JUDGE_AT_LEAST, growth_minimum,
                          w->returned);
    out->measures[out->measure_count - 1].note =
        "devices were let in and lost their session again and again: their last two pauses over "
        "their first "
        "two";
}

/* A law that grows to a cap has two parts, and its jitter may be lost in one of them. A fleet
 * without any jitter is another matter: whether it is in step, the busiest second tells. */
static void measure_plateau(const judge_wave *w, judge_finding *out) {
    const judge_variation *growing = &w->retries.growing, *level = &w->retries.level;
    if (isnan(growing->cv) || isnan(level->cv)) return;
    judge_finding_inform(out, JUDGE_BEFORE_PLATEAU, "", growing->cv, growing->freedom, NULL);
    if (growing->lower >= spread_least && level->upper < spread_least)
        judge_finding_measure(out, JUDGE_AT_PLATEAU, "", level->upper, JUDGE_AT_LEAST, spread_least,
                              level->freedom);
    else
        judge_finding_inform(out, JUDGE_AT_PLATEAU, "", level->cv, level->freedom, NULL);
}

static double after(const judge_reconnect_case *c, sim_time at) {
    return at == SIM_NEVER ? NAN : sim_time_seconds(at - c->began);
}

static void measure(const judge_reconnect_case *c, const judge_reconnect_policy *policy,
                    const judge_wave *w, judge_finding *out) {
    measure_busiest(c, policy, w, out);
    measure_peak_to_mean(policy, w, out);
    measure_per_success(c, policy, w, out);
    measure_back_online(c, w, out);
    judge_finding_inform(out, "attempts per device", "",
                         c->devices > 0 ? (double)w->attempts / (double)c->devices : NAN,
                         c->devices, NULL);
    judge_finding_inform(out, "time to 50 % online", "s", after(c, w->half), c->devices, NULL);
    judge_finding_inform(out, "time to 95 % online", "s", after(c, w->most), c->devices, NULL);
    judge_finding_inform(out, "time to 100 % online", "s", after(c, w->all), c->devices, NULL);
    judge_finding_inform(out, "recovery window", "s", w->attempts > 0 ? w->window : NAN,
                         w->attempts, NULL);
    measure_growth(c, w, out);
    measure_ten_seconds(c, policy, w, out);
    measure_pattern(c, w, out);
    measure_plateau(w, out);
    inform(out, "first attempts within", "s", w->retries.width, w->retries.firsts,
           "nine tenths of them, without the first and the last");
}

/* --- verdict --- */

static bool all_hold(const judge_finding *f) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (!f->measures[i].holds) return false;
    return true;
}

static void decide(const judge_reconnect_case *c, const judge_reconnect_policy *policy,
                   const judge_wave *w, judge_finding *out) {
    out->verdict = JUDGE_INCONCLUSIVE;
    if (judge_reconnect_say_nothing(c, policy, w, out)) return;
    if (!all_hold(out)) {
        out->verdict = JUDGE_FAIL;
        judge_reconnect_say_fail(c, w, out);
    } else if (w->cut_short) {
        judge_reconnect_say_cut_short(c, w, out);
    } else {
        out->verdict = JUDGE_PASS;
        judge_reconnect_say_pass(c, w, out);
    }
}

void judge_reconnect(const judge_reconnect_case *c, const judge_reconnect_policy *policy,
                     judge_finding *out) {
    judge_wave w;
    judge_check_begin(&judge_check_reconnect, out);
    if (judge_wave_observe(c, &w) != 0) {
        judge_finding_say(out, "There was not enough memory to judge the attempts (%zu).",
                          c->count);
        return;
    }
    if (judge_wave_happened(c)) measure(c, policy, &w, out);
    decide(c, policy, &w, out);
}
