/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/retries.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/judge/words.h"

const judge_retries_policy judge_retries_policy_default = {
    .variation = 0.05,
    .outages_minimum = 10,
    .retries_minimum = 5,
    .screening_minimum = 3,
};

enum { NUMBERS = 33, EPISODES = 2000, WHY_MAX = 160 };
static const double within = 0.05; /* of a declared pause: standards.md, interval within 5 % */
static const double grown = 1.5;   /* declared means that differ by so much are declared to grow */

/* What the declared law can give, by drawing from it. Index 0 is the pause before the first attempt. */
typedef struct promise {
    double least[NUMBERS], most[NUMBERS], mean[NUMBERS], squares[NUMBERS];
    size_t drawn[NUMBERS];
    double variation;
} promise;

static void draw_promise(const judge_declared *law, promise *p) {
    sim_time pauses[NUMBERS];
    double squares = 0;
    size_t drawn = 0;
    memset(p, 0, sizeof *p);
    for (uint64_t i = 0; i < EPISODES; i++) {
        sim_stream stream = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, i);
        law->draw(law->law, i, &stream, pauses, NUMBERS);
        for (size_t k = 0; k < NUMBERS && pauses[k] != SIM_NEVER; k++) {
            double s = sim_time_seconds(pauses[k]);
            p->least[k] = p->drawn[k] == 0 ? s : fmin(p->least[k], s);
            p->most[k] = fmax(p->most[k], s);
            p->mean[k] += s;
            p->squares[k] += s * s;
            p->drawn[k]++;
        }
    }
    for (size_t k = 1; k < NUMBERS && p->drawn[k] > 1; k++) {
        double n = (double)p->drawn[k], mean = p->mean[k] / n;
        if (mean > 0) squares += fmax(0, p->squares[k] / n / mean / mean - 1);
        drawn++;
    }
    for (size_t k = 0; k < NUMBERS; k++)
        if (p->drawn[k] > 0) p->mean[k] /= (double)p->drawn[k];
    p->variation = drawn > 0 ? sqrt(squares / (double)drawn) : NAN;
}

/* The first pause that the law cannot give, or NULL. One that is longer may be a lost packet: a tenth of them must be. */
static const judge_pause *outside(const judge_retries_case *c, const promise *p, bool *sooner) {
    double tolerance = fmax(0.05, sim_time_seconds(c->resolution));
    const judge_pause *late = NULL;
    size_t count = 0, lates = 0;
    for (size_t i = 0; i < c->pauses->count; i++) {
        const judge_pause *pause = &c->pauses->items[i];
        size_t k = pause->number + c->estimate->loss_counts; /* in the declared law's own counting */
        if (k == 0 || k >= NUMBERS || p->drawn[k] == 0) continue;
        double s = sim_time_seconds(pause->length), slack = tolerance + within * p->mean[k];
        count++;
        *sooner = true;
        if (s < p->least[k] - slack) return pause;
        if (pause->from_start || s <= p->most[k] + slack) continue;
        lates++;
        late = late == NULL ? pause : late;
    }
    *sooner = false;
    return 10 * lates > count ? late : NULL;
}

/* What contradicts the declaration, as half a sentence; "" when nothing does. */
static void contradiction(const judge_retries_case *c, const judge_retries_policy *policy, char *why) {
    const judge_estimate *e = c->estimate;
    promise p;
    bool sooner;
    size_t shift = e->loss_counts;
    char seen[JUDGE_WORD_MAX], told[JUDGE_WORD_MAX];
    why[0] = '\0';
    draw_promise(c->declared, &p);
    size_t last = e->numbers < NUMBERS - 1 ? e->numbers : NUMBERS - 1;
    const judge_pause *pause = outside(c, &p, &sooner);
    if (pause != NULL) {
        judge_words_number(sim_time_seconds(pause->length), seen, sizeof seen);
        judge_words_number(sooner ? p.least[pause->number + shift] : p.most[pause->number + shift], told,
                           sizeof told);
        snprintf(why, WHY_MAX, "it waited %s s after attempt %u, declared is %s %s s", seen, pause->number,
                 sooner ? "at least" : "at most", told);
    } else if (p.variation >= policy->variation && e->jitter == JUDGE_NO) {
        snprintf(why, WHY_MAX, "jitter is declared and none was seen");
    } else if (p.variation < policy->variation && e->jitter == JUDGE_YES) {
        snprintf(why, WHY_MAX, "no jitter is declared and there is some");
    } else if (last > 1 && p.drawn[last] > 0 && p.mean[last] > grown * p.mean[1] && e->grows == JUDGE_NO) {
        snprintf(why, WHY_MAX, "growing pauses are declared and they did not grow");
    }
}

static void measure(const judge_retries_case *c, const judge_retries_policy *policy, judge_finding *f) {
    const judge_estimate *e = c->estimate;
    judge_finding_measure(f, "variation, lower bound", "", e->cv_low, JUDGE_AT_LEAST, policy->variation,
                          e->pauses);
    judge_finding_inform(f, "variation", "", e->cv, e->pauses, "coefficient of variation of the pauses");
    judge_finding_inform(f, "variation, upper bound", "", e->cv_high, e->pauses, NULL);
    judge_finding_inform(f, "interval", "s", e->interval_s, e->pauses,
                         e->grows == JUDGE_YES ? "the first of growing pauses" : NULL);
    judge_finding_inform(f, "growth", "", e->factor, e->pauses, "factor from one pause to the next");
    if (!isnan(e->cap_s)) judge_finding_inform(f, "cap", "s", e->cap_s, e->pauses, NULL);
    judge_finding_inform(f, "trend", "", e->trend, e->pauses, "Kendall's z; above 2.33 pauses grow");
    judge_finding_inform(f, "shortest pause", "s", e->shortest_s, e->pauses, NULL);
    judge_finding_inform(f, "longest pause", "s", e->longest_s, e->pauses, NULL);
    if (e->firsts > 0)
        judge_finding_inform(f, "first attempt after", "s", e->first_s, e->firsts,
                             "median, from the loss of the connection");
    judge_finding_inform(f, "outages", "", (double)e->episodes, e->pauses,
                         e->from_start > 0
                             ? "some failures were not seen: pauses after them count from the attempt's start"
                             : NULL);
}

static judge_verdict verdict_of(const judge_estimate *e, const judge_retries_policy *policy,
                                bool contradicts) {
    if (e->episodes < policy->screening_minimum) return JUDGE_INCONCLUSIVE;
    if (contradicts || e->jitter == JUDGE_NO) return JUDGE_FAIL;
    if (e->jitter == JUDGE_UNCLEAR) return JUDGE_INCONCLUSIVE;
    bool enough = e->episodes >= policy->outages_minimum &&
                  e->pauses >= policy->outages_minimum * policy->retries_minimum;
    return enough ? JUDGE_PASS : JUDGE_INCONCLUSIVE;
}

static void say_reason(const judge_retries_case *c, const judge_retries_policy *policy, const char *why,
                       judge_finding *f) {
    const judge_estimate *e = c->estimate;
    if (why[0] != '\0')
        judge_finding_say_more(f, " That is not what was declared: %s.", why);
    else if (c->declared != NULL && e->jitter != JUDGE_UNCLEAR)
        judge_finding_say_more(f, " That agrees with the declared law.");
    if (e->jitter == JUDGE_NO)
        judge_finding_say_more(
            f, " A fleet that loses its connections in the same moment stays in step with it.");
    if (f->verdict != JUDGE_INCONCLUSIVE) return;
    if (e->episodes < policy->screening_minimum)
        judge_finding_say_more(f, " %zu outage%s: a verdict needs %llu.", e->episodes,
                               e->episodes == 1 ? "" : "s", (unsigned long long)policy->screening_minimum);
    else if (e->jitter == JUDGE_YES)
        judge_finding_say_more(f, " To PASS it takes %llu outages with %llu retries each.",
                               (unsigned long long)policy->outages_minimum,
                               (unsigned long long)policy->retries_minimum);
}

void judge_retries(const judge_retries_case *c, const judge_retries_policy *policy, judge_finding *out) {
    char law[240], why[WHY_MAX] = "";
    *out = (judge_finding){.unit = "5.9-3-2 a", .provision = "5.9-3", .verdict = JUDGE_INCONCLUSIVE};
    if (c->estimate->pauses == 0) {
        judge_finding_say(out,
                          "No retry of %.80s was seen, so nothing can be said: it takes an outage during "
                          "which its attempts fail.",
                          c->device);
        return;
    }
    measure(c, policy, out);
    if (c->declared != NULL) contradiction(c, policy, why);
    judge_finding_say(out, "%.80s retries: %s.", c->device,
                      judge_estimate_text(c->estimate, law, sizeof law));
    if (c->trouble != NULL) {
        judge_finding_say_more(out, " But %s.", c->trouble);
        return;
    }
    out->verdict = verdict_of(c->estimate, policy, why[0] != '\0');
    say_reason(c, policy, why, out);
}
