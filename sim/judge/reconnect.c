/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/reconnect.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/error.h"
#include "sim/core/heap.h"
#include "sim/judge/pattern.h"
#include "sim/judge/words.h"

const judge_reconnect_policy judge_reconnect_policy_default = {
    .peak_over_capacity = 1.0,
    .peak_to_mean = 3.0,
    .ten_seconds_over_capacity = 1.0,
    .attempts_per_success = 5.0,
    .devices_minimum = 50,
};

/* The rest of the policy, which no user turns. docs/verdicts.md tells where the numbers come from. */

/* How often a blameless wave may exceed the threshold of peak to mean by chance. */
static const double chance_max = 0.0005;
/* Rate of a blameless wave at its highest, over its mean. */
static const double unevenness = 1.5;
/* Share of the devices that are online at the end of the recovery window. */
static const double recovered_share = 0.95;
/* A device that is absent has failed after so many times devices / capacity, and ... */
static const double drains_watched = 3;
/* ... not sooner than this. */
static const sim_time watched_minimum = 10 * SIM_MINUTE;
/* A sentence blames the herd for a wait from so many times devices / capacity on. */
static const double drains_of_a_herd = 2;

static const double chance_as_declared = 0.002; /* of the first wave: of 999 fleets drawn none was as busy */
static const double assigned = 0.9; /* of the devices at the same place again, from which it is assigned */
static const double goodput_lost = 0.1; /* of the capacity, or less, while ... */
static const double still_busy = 0.5;   /* ... so many attempts, in capacities, go on: metastable */

/* A service that accepts and closes: half of the devices and more tried again after so many successes. Their last two pauses after one must be longer than their first two by so much. */
enum { RETURNS_MINIMUM = 5 };
static const double returned_share = 0.5;
static const double growth_minimum = 1.3;

/* Order of the measures in a finding. */
enum { BUSIEST, BUSIEST_BEGAN, PEAK_TO_MEAN, PER_SUCCESS, BACK_ONLINE };

/* What the attempts of one trigger say. */
typedef struct wave {
    uint64_t attempts;
    uint64_t turned_away; /* attempts that the cloud dropped, answered busy, or refused */
    sim_time first;       /* first attempt; SIM_NEVER: none */
    uint64_t busiest;     /* attempts in the busiest sliding second, and when that began */
    sim_time busiest_at;
    uint64_t busiest_ten;     /* attempts in the busiest sliding ten seconds */
    uint64_t online;          /* devices that came online */
    uint64_t successes;       /* how often they did, all together */
    uint64_t returned;        /* devices that tried again after RETURNS_MINIMUM successes or more */
    double growth;            /* of those: their last two pauses after a success over their first two */
    sim_time half, most, all; /* when 50, 95, 100 % of the devices were online; SIM_NEVER: not by `until` */
    double window;            /* length of the recovery window in seconds, at least 1 */
    double mean;              /* attempts a second in it */
    bool cut_short;           /* devices are missing, and were not given the time to come back */
    judge_pattern pattern;
} wave;

typedef struct arrival {
    sim_time at;
    uint32_t device;
} arrival;

/* NULL: every attempt counts. */
static bool counts(const judge_reconnect_case *c, const sim_attempt *a) {
    return c == NULL || (a->trigger == c->trigger && a->at >= c->began && a->at <= c->until);
}

/* Two fingers over the sorted list: what counts in [lo, hi] spans less than `width`. */
static uint64_t busiest(const judge_reconnect_case *c, const sim_attempt *attempts, size_t count,
                        sim_time width, sim_time *at) {
    uint64_t most = 0, inside = 0;
    size_t lo = 0;
    *at = 0;
    if (width <= 0) return 0;
    for (size_t hi = 0; hi < count; hi++) {
        SIM_PROMISE(hi == 0 || attempts[hi - 1].at <= attempts[hi].at);
        if (!counts(c, &attempts[hi])) continue;
        inside++;
        for (; attempts[hi].at - attempts[lo].at >= width; lo++) inside -= counts(c, &attempts[lo]);
        while (!counts(c, &attempts[lo])) lo++;
        if (inside <= most) continue;
        most = inside;
        *at = attempts[lo].at;
    }
    return most;
}

uint64_t judge_busiest(const sim_attempt *attempts, size_t count, sim_time width, sim_time *at) {
    return busiest(NULL, attempts, count, width, at);
}

double judge_reconnect_chance(double mean, double seconds, double ratio) {
    double rate = unevenness * mean, length = fmax(seconds / unevenness, 1);
    double more_than = floor(ratio * mean);
    if (!(rate > 0) || !(more_than >= rate) || !(length < 1e9)) return 1;
    if (more_than > 1e9) return 0; /* beyond GSL's counts; long since certain */
    unsigned k = (unsigned)more_than + 1;
    double clumps = (k - rate) / k * rate * (length - 1) * gsl_ran_poisson_pdf(k - 1, rate);
    return 1 - gsl_cdf_poisson_P(k - 1, rate) * exp(-clumps);
}

/* --- what the attempts say --- */

static int by_device(const void *left, const void *right) {
    const arrival *a = left, *b = right;
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static int by_time(const void *left, const void *right) {
    const arrival *a = left, *b = right;
    return (a->at > b->at) - (a->at < b->at);
}

/* When a successful attempt had its device online. */
static sim_time online_at(const sim_attempt *a) {
    return a->latency > 0 && a->latency != SIM_NEVER ? sim_time_add(a->at, a->latency) : a->at;
}

static bool succeeded(const judge_reconnect_case *c, const sim_attempt *a) {
    return a->outcome == SIM_OUTCOME_ONLINE && counts(c, a) && online_at(a) <= c->until;
}

/* Leaves the first arrival of each device, in order of time; returns how many. */
static size_t first_arrivals(arrival *items, size_t count) {
    size_t kept = 0;
    qsort(items, count, sizeof *items, by_device);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || items[i].device != items[i - 1].device) items[kept++] = items[i];
    qsort(items, kept, sizeof *items, by_time);
    return kept;
}

/* When `share` of the devices were online. */
static sim_time share_online(const judge_reconnect_case *c, const arrival *items, size_t count,
                             double share) {
    double wanted = ceil(share * (double)c->devices);
    return wanted >= 1 && wanted <= (double)count ? items[(size_t)wanted - 1].at : SIM_NEVER;
}

static int observe_arrivals(const judge_reconnect_case *c, wave *w) {
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++) count += succeeded(c, &c->attempts[i]);
    if (count == 0) return 0;
    arrival *items = sim_malloc(count * sizeof *items);
    if (items == NULL) return SIM_ENOMEM;
    size_t filled = 0;
    for (size_t i = 0; i < c->count; i++)
        if (succeeded(c, &c->attempts[i]))
            items[filled++] = (arrival){online_at(&c->attempts[i]), c->attempts[i].device};
    w->successes = count;
    count = first_arrivals(items, count);
    w->online = count;
    w->half = share_online(c, items, count, 0.5);
    w->most = share_online(c, items, count, recovered_share);
    w->all = share_online(c, items, count, 1);
    sim_free(items);
    return 0;
}

/* --- devices that are let in and lose their session again and again --- */

typedef struct visit {
    sim_time at, online; /* SIM_NEVER: it did not succeed */
    uint32_t device;
} visit;

static int by_visitor(const void *left, const void *right) {
    const visit *a = left, *b = right;
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

/* The attempts of one device. The last pause is left out: if the service came to its senses in it, it is longer than others for that reason alone (the longer a pause, the likelier it
 * holds any given moment). */
static void add_visitor(const visit *visits, size_t count, wave *w, double *first, double *last) {
    sim_time begins = 0, recent[3] = {0};
    size_t pauses = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        if (visits[i].online == SIM_NEVER) continue;
        sim_time pause = visits[i + 1].at - visits[i].online;
        if (pauses < 2) begins += pause;
        recent[pauses++ % 3] = pause;
    }
    if (pauses < RETURNS_MINIMUM) return;
    w->returned++;
    *first += sim_time_seconds(begins);
    *last += sim_time_seconds(recent[0] + recent[1] + recent[2] - recent[(pauses - 1) % 3]);
}

/* A device whose session is closed soon after each success comes back again and again: does it wait longer each time? */
static int observe_returns(const judge_reconnect_case *c, wave *w) {
    double first = 0, last = 0;
    size_t filled = 0;
    if (w->successes < 2 * w->online) return 0;
    visit *visits = sim_malloc(w->attempts * sizeof *visits);
    if (visits == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < c->count; i++) {
        const sim_attempt *a = &c->attempts[i];
        if (counts(c, a))
            visits[filled++] = (visit){a->at, succeeded(c, a) ? online_at(a) : SIM_NEVER, a->device};
    }
    qsort(visits, filled, sizeof *visits, by_visitor);
    for (size_t i = 0, n; i < filled; i += n) {
        for (n = 1; i + n < filled && visits[i + n].device == visits[i].device;) n++;
        add_visitor(&visits[i], n, w, &first, &last);
    }
    sim_free(visits);
    w->growth = first > 0 ? last / first : NAN;
    return 0;
}

static void observe_attempts(const judge_reconnect_case *c, wave *w) {
    sim_time last = 0;
    uint64_t recovering = 0;
    for (size_t i = 0; i < c->count; i++) {
        const sim_attempt *a = &c->attempts[i];
        if (!counts(c, a)) continue;
        if (w->attempts++ == 0) w->first = a->at;
        last = a->at;
        recovering += a->at <= w->most;
        w->turned_away += a->outcome == SIM_OUTCOME_DROPPED || a->outcome == SIM_OUTCOME_BUSY ||
                          a->outcome == SIM_OUTCOME_REFUSED;
    }
    sim_time at;
    w->busiest = busiest(c, c->attempts, c->count, SIM_SECOND, &w->busiest_at);
    w->busiest_ten = busiest(c, c->attempts, c->count, 10 * SIM_SECOND, &at);
    if (w->attempts == 0) return;
    w->window = fmax(sim_time_seconds((w->most != SIM_NEVER ? w->most : last) - w->first), 1);
    w->mean = (double)recovering / w->window;
}

static bool capacity_known(const judge_reconnect_case *c) {
    return isfinite(c->capacity) && c->capacity > 0;
}

static bool happened(const judge_reconnect_case *c) {
    return c->began != SIM_NEVER && c->until != SIM_NEVER && c->began < c->until;
}

/* Seconds in which the cloud can let all devices in, one after the other. */
static double drain(const judge_reconnect_case *c) {
    return (double)c->devices / c->capacity;
}

/* How long a fleet must have been watched before a device that is absent has failed; SIM_NEVER when the
 * capacity is not known. */
static sim_time watch_enough(const judge_reconnect_case *c) {
    return sim_time_max(sim_time_from_seconds(drains_watched * drain(c)), watched_minimum);
}

static int observe(const judge_reconnect_case *c, wave *w) {
    *w = (wave){.first = SIM_NEVER, .half = SIM_NEVER, .most = SIM_NEVER, .all = SIM_NEVER};
    if (!happened(c)) return 0;
    int error = observe_arrivals(c, w);
    if (error != 0) return error;
    observe_attempts(c, w);
    error = w->attempts > 0 ? observe_returns(c, w) : 0;
    if (error != 0) return error;
    w->cut_short = w->online < c->devices && c->until - c->began < watch_enough(c);
    return judge_pattern_of(c, &w->pattern);
}

/* --- measures --- */

static const char growth_name[] = "growth of pauses", ten_seconds[] = "busiest ten seconds",
                  wave_chance[] = "chance of such a first wave",
                  width_chance[] = "chance of so narrow a first wave",
                  same_place[] = "devices at the same place";

static const char cut_short_note[] = "the observation ended before the fleet had the time to come back";

static void measure_busiest(const judge_reconnect_case *c, const judge_reconnect_policy *policy,
                            const wave *w, judge_finding *out) {
    double began = w->attempts > 0 ? sim_time_seconds(w->busiest_at - c->began) : NAN;
    if (!capacity_known(c))
        judge_finding_inform(out, "busiest second", "attempts/s", (double)w->busiest, w->attempts,
                             "no capacity was declared");
    else /* one attempt cannot be divided: below 1/s a single one must not fail */
        judge_finding_measure(out, "busiest second", "attempts/s", (double)w->busiest, JUDGE_AT_MOST,
                              fmax(1, policy->peak_over_capacity * c->capacity), w->attempts);
    judge_finding_inform(out, "busiest second after", "s", began, w->attempts, NULL);
}

/* The ratio that blameless waves of this size exceed by chance no more often than chance_max: the policy's, or, where few attempts a second scatter more widely, a higher one. */
static double peak_to_mean_limit(const wave *w, double policy) {
    double limit = policy;
    for (double most = floor(policy * w->mean);
         judge_reconnect_chance(w->mean, w->window, limit) > chance_max; most++) {
        if (most > policy * w->mean + 1000)
            return NAN; /* nothing can be said; not reached with numbers that make sense */
        limit =
            (most + 1.5) / w->mean; /* half an attempt above a whole number: no matter how it is rounded */
    }
    return limit;
}

static void measure_peak_to_mean(const judge_reconnect_policy *policy, const wave *w, judge_finding *out) {
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
            out->measures[PEAK_TO_MEAN].note =
                "more than the policy has: so few attempts a second scatter this widely by chance";
    }
}

/* Devices are let in and closed, again and again: each time counts as a success. */
static bool is_trap(const judge_reconnect_case *c, const wave *w) {
    return w->returned > 0 && (double)w->returned >= returned_share * (double)c->devices;
}

/* A fleet, and not some device with an odd log, that is let in more than once. */
static bool comes_again(const judge_reconnect_case *c, const wave *w) {
    return w->successes >= 2 * w->online && (double)w->online >= returned_share * (double)c->devices;
}

static void measure_per_success(const judge_reconnect_case *c, const judge_reconnect_policy *policy,
                                const wave *w, judge_finding *out) {
    uint64_t successes = comes_again(c, w) ? w->successes : w->online;
    double each = w->online > 0 ? (double)w->attempts / (double)successes : NAN;
    if (w->cut_short)
        judge_finding_inform(out, "attempts per success", "", each, w->attempts, cut_short_note);
    else
        judge_finding_measure(out, "attempts per success", "", each, JUDGE_AT_MOST,
                              policy->attempts_per_success, w->attempts);
}

static void measure_back_online(const judge_reconnect_case *c, const wave *w, judge_finding *out) {
    double share = c->devices > 0 ? fmin(1, (double)w->online / (double)c->devices) : NAN;
    if (w->cut_short)
        judge_finding_inform(out, "back online", "share", share, c->devices, cut_short_note);
    else
        judge_finding_measure(out, "back online", "share", share, JUDGE_AT_LEAST, 1, c->devices);
}

static void inform(judge_finding *out, const char *name, const char *unit, double value, uint64_t samples,
                   const char *note) {
    if (!isnan(value)) judge_finding_inform(out, name, unit, value, samples, note);
}

/* Attempts go on, next to nobody gets in, and there is nothing left to wait for (Bronson et al., "Metastable failures in distributed systems", HotOS 2021). */
static bool is_metastable(const judge_reconnect_case *c, const wave *w) {
    const judge_pattern *p = &w->pattern;
    double could = c->capacity * p->late_seconds;
    return capacity_known(c) && !w->cut_short && w->online < c->devices &&
           (double)p->late_attempts >= still_busy * could && (double)p->late_online <= goodput_lost * could;
}

/* The longer window bites where the second is allowed more than the capacity: a burst may be, ten seconds of it not. */
static void measure_ten_seconds(const judge_reconnect_case *c, const judge_reconnect_policy *policy,
                                const wave *w, judge_finding *out) {
    if (!capacity_known(c)) return;
    judge_finding_measure(out, ten_seconds, "attempts", (double)w->busiest_ten, JUDGE_AT_MOST,
                          fmax(1, policy->ten_seconds_over_capacity * 10 * c->capacity), w->attempts);
}

/* The first attempts against the declared law. */
static void measure_declared(const judge_pattern *p, judge_finding *out) {
    if (isnan(p->first_wave)) return;
    judge_finding_measure(out, wave_chance, "", p->first_wave, JUDGE_AT_LEAST, chance_as_declared,
                          p->first_attempts);
    out->measures[out->measure_count - 1].note =
        "that a fleet that keeps the declared law makes a second as busy";
    judge_finding_measure(out, width_chance, "", p->narrower_chance, JUDGE_AT_LEAST, chance_as_declared,
                          p->compared);
    out->measures[out->measure_count - 1].note =
        "that the first attempts of a fleet that keeps the declared law lie as close together";
    inform(
        out, "distance to the declared delays", "", p->distance, p->compared,
        "Kolmogorov and Smirnov, since the trigger: what boots at its own pace is late, and has not failed");
    inform(out, "chance of such a distance", "", p->distance_chance, p->compared, NULL);
}

static void measure_pattern(const judge_reconnect_case *c, const wave *w, judge_finding *out) {
    const judge_pattern *p = &w->pattern;
    measure_declared(p, out);
    inform(out, same_place, "share", p->same_place, p->placed,
           p->same_place >= assigned ? "orderly by assignment: not random, but each device has its own place"
                                     : "as after another trigger; 0.9 and more is a place that is assigned");
    inform(out, "synchronisation index", "", p->synchrony, p->synchronised,
           "0.3 and less is good, more than 0.7 is lock-step");
    inform(out, "devices with a twin", "share", p->twins, p->with_five,
           "with the same five pauses: more than 0.05 without lock-step are seeds that devices share");
    inform(out, "Fano factor", "", p->fano, p->seconds, "of the attempts per second; about 1 without waves");
    inform(out, "autocorrelation", "", p->autocorrelation, p->seconds,
           "a median first pause apart; more than 0.5 is a wave that comes again");
    if (capacity_known(c) && !w->cut_short && w->online < c->devices)
        judge_finding_inform(out, "goodput at the end", "share",
                             (double)p->late_online / (c->capacity * p->late_seconds), p->late_attempts,
                             "of the capacity, in the last third of the observation");
}

static void measure_growth(const judge_reconnect_case *c, const wave *w, judge_finding *out) {
    if (!is_trap(c, w)) return;
    judge_finding_measure(out, growth_name, "", w->growth, JUDGE_AT_LEAST, growth_minimum, w->returned);
    out->measures[out->measure_count - 1].note =
        "devices were let in and lost their session again and again: their last two pauses over their first "
        "two";
}

static double after(const judge_reconnect_case *c, sim_time at) {
    return at == SIM_NEVER ? NAN : sim_time_seconds(at - c->began);
}

static void measure(const judge_reconnect_case *c, const judge_reconnect_policy *policy, const wave *w,
                    judge_finding *out) {
    measure_busiest(c, policy, w, out);
    measure_peak_to_mean(policy, w, out);
    measure_per_success(c, policy, w, out);
    measure_back_online(c, w, out);
    judge_finding_inform(out, "attempts per device", "",
                         c->devices > 0 ? (double)w->attempts / (double)c->devices : NAN, c->devices, NULL);
    judge_finding_inform(out, "time to 50 % online", "s", after(c, w->half), c->devices, NULL);
    judge_finding_inform(out, "time to 95 % online", "s", after(c, w->most), c->devices, NULL);
    judge_finding_inform(out, "time to 100 % online", "s", after(c, w->all), c->devices, NULL);
    judge_finding_inform(out, "recovery window", "s", w->attempts > 0 ? w->window : NAN, w->attempts, NULL);
    measure_growth(c, w, out);
    measure_ten_seconds(c, policy, w, out);
    measure_pattern(c, w, out);
}

/* --- sentences --- */

enum { TRIGGER_SHOWN = 40, DECLARED_SHOWN = 160 }; /* bytes of foreign text that a sentence has room for */

static const char *trigger_word(const judge_reconnect_case *c) {
    return c->trigger_name != NULL && c->trigger_name[0] != '\0' ? c->trigger_name : "outage";
}

#define TRIGGER(c) judge_words_shown(trigger_word(c), TRIGGER_SHOWN), trigger_word(c) /* for "%.*s" */

static bool say_opening(const judge_reconnect_case *c, bool with_declared, judge_finding *out) {
    char devices[JUDGE_WORD_MAX];
    bool fits = judge_finding_say(out, "%s devices had to come back after the %.*s",
                                  judge_words_count(c->devices, devices, sizeof devices), TRIGGER(c));
    if (with_declared && c->declared != NULL && c->declared[0] != '\0')
        fits = judge_finding_say_more(out, " (declared: %.*s)",
                                      judge_words_shown(c->declared, DECLARED_SHOWN), c->declared) &&
               fits;
    return judge_finding_say_more(out, ": ") && fits;
}

typedef struct clauses {
    char text[6][140];
    size_t count;
} clauses;

static void clause_busiest(const judge_reconnect_case *c, const judge_measure *m, clauses *said) {
    char value[JUDGE_WORD_MAX], limit[JUDGE_WORD_MAX];
    bool cloud = m->threshold == c->capacity;
    snprintf(said->text[said->count++], sizeof said->text[0],
             "in the busiest second %s attempts arrived where %s %s",
             judge_words_beside(m->value, m->threshold, value, sizeof value),
             cloud ? "the cloud admits" : "at most this many are orderly:",
             judge_words_number(m->threshold, limit, sizeof limit));
}

static void clause_peak_to_mean(const judge_measure *m, clauses *said) {
    char value[JUDGE_WORD_MAX], limit[JUDGE_WORD_MAX];
    snprintf(
        said->text[said->count++], sizeof said->text[0],
        "the busiest second held %s times the attempts of an average one where at most %s times is orderly",
        judge_words_beside(m->value, m->threshold, value, sizeof value),
        judge_words_number(m->threshold, limit, sizeof limit));
}

static void clause_per_success(const judge_measure *m, clauses *said) {
    char value[JUDGE_WORD_MAX], limit[JUDGE_WORD_MAX];
    if (isnan(m->value)) return; /* nobody got in: the clause on who is back says it */
    snprintf(said->text[said->count++], sizeof said->text[0],
             "each device needed %s attempts on average where at most %s are orderly",
             judge_words_beside(m->value, m->threshold, value, sizeof value),
             judge_words_number(m->threshold, limit, sizeof limit));
}

static void clause_back_online(const judge_reconnect_case *c, const wave *w, clauses *said) {
    char missing[JUDGE_WORD_MAX], time[24];
    snprintf(said->text[said->count++], sizeof said->text[0], "%s of them %s not back after %s",
             judge_words_count(c->devices - w->online, missing, sizeof missing),
             c->devices - w->online == 1 ? "was" : "were",
             sim_time_text(c->until - c->began, time, sizeof time));
    if (is_metastable(c, w)) {
        char *end = said->text[said->count - 1] + strlen(said->text[said->count - 1]);
        snprintf(end, sizeof said->text[0] - (size_t)(end - said->text[said->count - 1]),
                 " though their retries keep the cloud busy");
    }
}

/* The measure of that name when it does not hold; else NULL. */
static const judge_measure *broken(const judge_finding *f, const char *name) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (strcmp(f->measures[i].name, name) == 0 && !f->measures[i].holds) return &f->measures[i];
    return NULL;
}

static void clause_ten_seconds(const judge_measure *m, clauses *said) {
    char value[JUDGE_WORD_MAX], limit[JUDGE_WORD_MAX];
    snprintf(said->text[said->count++], sizeof said->text[0],
             "the busiest ten seconds held %s attempts where at most %s are orderly",
             judge_words_beside(m->value, m->threshold, value, sizeof value),
             judge_words_number(m->threshold, limit, sizeof limit));
}

static void clause_declared(const judge_finding *f, clauses *said) {
    static const char busy[] =
        "the first attempts came closer together than those of any fleet that keeps the declared law";
    static const char narrow[] =
        "the first attempts lie in a shorter time than the declared law spreads them over";
    if (broken(f, wave_chance) != NULL || broken(f, width_chance) != NULL)
        snprintf(said->text[said->count++], sizeof said->text[0], "%s",
                 broken(f, wave_chance) != NULL ? busy : narrow);
}

static bool say_clauses(const clauses *said, judge_finding *out) {
    bool fits = true;
    for (size_t i = 0; i < said->count; i++) {
        const char *joint = i == 0 ? "" : i + 1 < said->count ? ", " : " and ";
        fits = judge_finding_say_more(out, "%s%s", joint, said->text[i]) && fits;
    }
    return fits;
}

/* The cloud turned devices away, and they waited much longer than it needed to let everybody in. */
static bool herd_kept_waiting(const judge_reconnect_case *c, const wave *w, const judge_finding *out) {
    return !out->measures[BUSIEST].holds && w->turned_away > 0 && w->all != SIM_NEVER &&
           sim_time_seconds(w->all - w->first) > drains_of_a_herd * drain(c);
}

/* What it meant to the cloud and to the fleet, where no clause has said so yet. */
static bool say_ending(const judge_reconnect_case *c, const wave *w, judge_finding *out) {
    char word[JUDGE_WORD_MAX];
    bool fits = true;
    if (herd_kept_waiting(c, w, out))
        return judge_finding_say_more(out, ", so the herd, not the outage, kept devices waiting for %s.",
                                      sim_time_text(w->all - w->first, word, sizeof word));
    if (!out->measures[BUSIEST].holds && w->turned_away > 0)
        fits = judge_finding_say_more(out, ", so the cloud turned %s attempt%s away",
                                      judge_words_count(w->turned_away, word, sizeof word),
                                      w->turned_away == 1 ? "" : "s");
    if (w->all != SIM_NEVER)
        return judge_finding_say_more(out, "; the last device was back after %s.",
                                      sim_time_text(w->all - c->began, word, sizeof word)) &&
               fits;
    if (w->cut_short)
        return judge_finding_say_more(out, "; %s of them %s not back when the observation ended.",
                                      judge_words_count(c->devices - w->online, word, sizeof word),
                                      c->devices - w->online == 1 ? "was" : "were") &&
               fits;
    return judge_finding_say_more(out, ".") && fits;
}

static bool say_fail(const judge_reconnect_case *c, const wave *w, bool with_declared, judge_finding *out) {
    const judge_measure *m = out->measures;
    clauses said = {.count = 0};
    if (!m[BUSIEST].holds)
        clause_busiest(c, &m[BUSIEST], &said);
    else if (!m[PEAK_TO_MEAN].holds) /* beside the other it would say the same thing twice */
        clause_peak_to_mean(&m[PEAK_TO_MEAN], &said);
    if (m[BUSIEST].holds && broken(out, ten_seconds) != NULL)
        clause_ten_seconds(broken(out, ten_seconds), &said);
    if (!m[PER_SUCCESS].holds) clause_per_success(&m[PER_SUCCESS], &said);
    if (!m[BACK_ONLINE].holds) clause_back_online(c, w, &said);
    if (broken(out, growth_name) != NULL)
        snprintf(said.text[said.count++], sizeof said.text[0],
                 "the cloud let them in and closed, and their pauses did not grow");
    clause_declared(out, &said);
    bool fits = say_opening(c, with_declared, out);
    fits = say_clauses(&said, out) && fits;
    return say_ending(c, w, out) && fits;
}

static bool say_pass(const judge_reconnect_case *c, const wave *w, bool with_declared, judge_finding *out) {
    const judge_measure *m = out->measures;
    char value[JUDGE_WORD_MAX], limit[JUDGE_WORD_MAX], each[JUDGE_WORD_MAX], time[24];
    bool fits = say_opening(c, with_declared, out);
    fits = judge_finding_say_more(
               out, "no second saw more than %s attempts where %s admits %s, ",
               judge_words_number(m[BUSIEST].value, value, sizeof value),
               m[BUSIEST].threshold == c->capacity ? "the cloud" : "the policy",
               judge_words_beside(m[BUSIEST].threshold, m[BUSIEST].value, limit, sizeof limit)) &&
           fits;
    if (is_trap(c, w))
        fits = judge_finding_say_more(
                   out, "each was let in and closed %s times on average, with longer and longer pauses",
                   judge_words_number(round((double)w->successes / (double)w->online), each, sizeof each)) &&
               fits;
    else if (w->attempts == w->online)
        fits = judge_finding_say_more(out, "every device got in at its first attempt") && fits;
    else
        fits = judge_finding_say_more(out, "a device needed %s attempts on average",
                                      judge_words_beside(m[PER_SUCCESS].value, 1, each, sizeof each)) &&
               fits;
    return judge_finding_say_more(out, ", and the last was back after %s%s.",
                                  sim_time_text(w->all - c->began, time, sizeof time),
                                  w->pattern.same_place >= assigned
                                      ? ": orderly by assignment, since each device has its own place"
                                      : "") &&
           fits;
}

/* Says why nothing can be said; false when something can. */
static bool say_nothing_to_judge(const judge_reconnect_case *c, const judge_reconnect_policy *policy,
                                 const wave *w, judge_finding *out) {
    char devices[JUDGE_WORD_MAX], least[JUDGE_WORD_MAX];
    judge_words_count(c->devices, devices, sizeof devices);
    judge_words_count(policy->devices_minimum, least, sizeof least);
    if (!happened(c))
        judge_finding_say(out, "The %.*s did not happen while anybody watched, so there is nothing to judge.",
                          TRIGGER(c));
    else if (c->devices < policy->devices_minimum)
        judge_finding_say(
            out, "The %.*s hit %s devices that were online, and fewer than %s say nothing about a fleet.",
            TRIGGER(c), devices, least);
    else if (!capacity_known(c))
        judge_finding_say(out,
                          "The cloud did not declare how many connections a second it admits, so the wave of "
                          "%s devices after the "
                          "%.*s cannot be held against it.",
                          devices, TRIGGER(c));
    else if (c->generator_late)
        judge_finding_say(out,
                          "The generator was late, so what came after the %.*s is not what these %s devices "
                          "would have done.",
                          TRIGGER(c), devices);
    else if (w->attempts == 0)
        judge_finding_say(out,
                          "Not one of %s devices was seen trying to reconnect after the %.*s, so there is "
                          "nothing to judge.",
                          devices, TRIGGER(c));
    else
        return false;
    return true;
}

static void say_cut_short(const judge_reconnect_case *c, const wave *w, judge_finding *out) {
    char online[JUDGE_WORD_MAX], devices[JUDGE_WORD_MAX], seen[24], enough[24];
    judge_finding_say(
        out,
        "%s of %s devices were back when the observation ended %s after the %.*s, which is too soon to say "
        "that the others failed: watch for %s.",
        judge_words_count(w->online, online, sizeof online),
        judge_words_count(c->devices, devices, sizeof devices),
        sim_time_text(c->until - c->began, seen, sizeof seen), TRIGGER(c),
        sim_time_text(watch_enough(c), enough, sizeof enough));
}

/* --- verdict --- */

static bool all_hold(const judge_finding *f) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (!f->measures[i].holds) return false;
    return true;
}

static void decide(const judge_reconnect_case *c, const judge_reconnect_policy *policy, const wave *w,
                   judge_finding *out) {
    out->verdict = JUDGE_INCONCLUSIVE;
    if (say_nothing_to_judge(c, policy, w, out)) return;
    if (!all_hold(out)) {
        out->verdict = JUDGE_FAIL; /* a declared law too long for the sentence is left out of it */
        if (!say_fail(c, w, true, out)) say_fail(c, w, false, out);
    } else if (w->cut_short) {
        say_cut_short(c, w, out);
    } else {
        out->verdict = JUDGE_PASS;
        if (!say_pass(c, w, true, out)) say_pass(c, w, false, out);
    }
}

void judge_reconnect(const judge_reconnect_case *c, const judge_reconnect_policy *policy,
                     judge_finding *out) {
    wave w;
    *out = (judge_finding){.unit = "5.9-3-2 a", .provision = "5.9-3", .verdict = JUDGE_INCONCLUSIVE};
    if (observe(c, &w) != 0) {
        judge_finding_say(out, "There was not enough memory to judge %zu attempts.", c->count);
        return;
    }
    if (happened(c)) measure(c, policy, &w, out);
    decide(c, policy, &w, out);
}
