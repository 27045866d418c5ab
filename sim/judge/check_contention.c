/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/check_contention.h"

#include <math.h>

#include "sim/judge/checks.h"
#include "sim/judge/words.h"

const judge_contention_policy judge_contention_policy_default = {.calls_per_change = 12};

static double ratio(uint64_t part, uint64_t whole) {
    return whole > 0 ? (double)part / (double)whole : NAN;
}

static void measure(const judge_contention_case *c, const judge_contention_policy *policy,
                    judge_finding *out) {
    judge_finding_measure(out, "changed", "share", ratio(c->changed, c->wanted), JUDGE_AT_LEAST, 1,
                          c->wanted);
    judge_finding_measure(out, "calls per change", "", ratio(c->calls, c->changed), JUDGE_AT_MOST,
                          policy->calls_per_change, c->changed);
    judge_finding_inform(out, "calls", "requests", (double)c->calls, c->calls, NULL);
    judge_finding_inform(out, "time to 95 %", "s", c->time_95_s, c->changed, NULL);
    judge_finding_inform(out, "time to 100 %", "s", c->changed >= c->wanted ? c->time_all_s : NAN,
                         c->changed, NULL);
}

static void say_result(const judge_contention_case *c, const judge_contention_policy *policy,
                       judge_finding *out) {
    char wanted[JUDGE_WORD_MAX], calls[JUDGE_WORD_MAX], each[JUDGE_WORD_MAX], most[JUDGE_WORD_MAX],
        time[JUDGE_WORD_MAX], missing[JUDGE_WORD_MAX];
    judge_words_count(c->wanted, wanted, sizeof wanted);
    judge_words_count(c->calls, calls, sizeof calls);
    judge_words_beside(ratio(c->calls, c->changed), policy->calls_per_change, each, sizeof each);
    judge_words_number(policy->calls_per_change, most, sizeof most);
    judge_words_number(c->time_all_s, time, sizeof time);
    if (c->changed < c->wanted) {
        judge_words_count(c->wanted - c->changed, missing, sizeof missing);
        judge_finding_say(
            out,
            "Of %s devices that wanted to change the shared value %s did not get to it, in %s "
            "writes.",
            wanted, missing, calls);
        return;
    }
    judge_finding_say(
        out,
        "All %s devices changed the shared value, the last after %s s, in %s writes: %s for each "
        "change, where at most %s should do.",
        wanted, time, calls, each, most);
}

void judge_contention(const judge_contention_case *c, const judge_contention_policy *policy,
                      judge_finding *out) {
    judge_check_begin(&judge_check_contention, out);
    measure(c, policy, out);
    if (c->wanted < 2) {
        judge_finding_say(
            out,
            "Fewer than two devices that were online wanted to change the shared value, so "
            "there was no contention.");
    } else if (c->generator_late) {
        judge_finding_say(
            out, "The generator was late, so when devices tried again was not their own doing.");
    } else {
        out->verdict = out->measures[0].holds && out->measures[1].holds ? JUDGE_PASS : JUDGE_FAIL;
        say_result(c, policy, out);
    }
}

/* ---- the row ---- */

static int judge(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const judge_contention_case c = {.wanted = e->changes.wanted,
                                     .changed = e->changes.changed,
                                     .calls = e->changes.calls,
                                     .time_95_s = e->changes.time_95_s,
                                     .time_all_s = e->changes.time_all_s,
                                     .generator_late = e->generator_late};
    judge_contention(&c, wanted, out);
    return 0;
}

static const sim_field fields[] = {
    {.name = "calls_per_change",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(judge_contention_policy, calls_per_change),
     .minimum = 1,
     .maximum = 1e9,
     .help = "at most so many writes for each change that was made"},
    {.name = NULL},
};

const judge_check judge_check_contention = {
    .word = "contention",
    .unit = "contention",
    .provision = "",
    .title = "how much work was a change that all wanted at once?",
    .needs = JUDGE_NEED_VALUES | JUDGE_NEED_PUNCTUAL,
    .fields = fields,
    .size = sizeof judge_contention_policy_default,
    .defaults = &judge_contention_policy_default,
    .judge = judge,
    .bad_twin = {"tests/determinism/bad_twins.lua", "check=contention"},
};
