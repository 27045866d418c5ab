/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is what befell a service that is not the makers' kept apart from theirs? EN 303 645 Annex A has
 * such a service beside the associated ones. When it is gone, a device may look for it as often as
 * it likes: that is no attempt at its maker's cloud. But it works on in the house, and its session
 * with its maker's cloud goes on. A check of our own beside 5.9-2 and 5.9-3. */
#include <math.h>
#include <stddef.h>

#include "sim/judge/checks.h"
#include "sim/judge/words.h"

typedef struct apart_policy {
    const char *trigger;
    double at_least, came;
} apart_policy;

static const apart_policy usual = {
    .trigger = "non-associated outage", .at_least = 0.99, .came = 0.01};

static uint64_t attempts_of(const judge_evidence *e, size_t trigger) {
    uint64_t n = 0;
    for (size_t i = 0; i < e->attempt_count; i++) n += e->attempts[i].trigger == trigger ? 1 : 0;
    return n;
}

static int judge(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const apart_policy *policy = wanted;
    const judge_non_associated *n = &e->non_associated;
    size_t trigger = judge_evidence_trigger(e, policy->trigger);
    uint64_t struck = trigger == SIZE_MAX ? 0 : e->triggers[trigger].struck;
    if (struck == 0) {
        judge_finding_say(out,
                          "No device had a session with a service that is not its maker's "
                          "when that went, so nothing can be said.");
        return 0;
    }
    uint64_t came = attempts_of(e, trigger);
    judge_finding_measure(out, "came to the makers' cloud for it", "per device",
                          (double)came / (double)struck, JUDGE_AT_MOST, policy->came, struck);
    if (n->hands.asked > 0)
        judge_finding_measure(out, "right answers while it was gone", "share",
                              (double)n->hands.right / (double)n->hands.asked, JUDGE_AT_LEAST,
                              policy->at_least, n->hands.asked);
    judge_finding_inform(out, "attempts at the other service", "attempts", (double)n->attempts,
                         n->attempts, "seen at its own address, and not held against any law");
    judge_finding_say(out,
                      "A service that is not the makers' was gone for %s, which tried to reach it "
                      "%s in all; for that reason %s came to the makers' cloud, and of %s that "
                      "asked for a local function meanwhile %s had the right answer in time.",
                      JUDGE_OF(struck, "device"), JUDGE_OF(n->attempts, "time"),
                      JUDGE_OF(came, "attempt"), JUDGE_OF(n->hands.asked, "hand"),
                      JUDGE_COUNT(n->hands.right));
    out->verdict = JUDGE_PASS;
    for (size_t i = 0; i < out->measure_count; i++)
        if (!out->measures[i].holds) out->verdict = JUDGE_FAIL;
    return 0;
}

static const sim_field fields[] = {
    {.name = "trigger",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(apart_policy, trigger),
     .help = "the outage's name"},
    {.name = "at_least",
     .kind = SIM_FIELD_FRACTION,
     .offset = offsetof(apart_policy, at_least),
     .help = "share of hands that had the right answer in time while it was gone"},
    {.name = "came",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(apart_policy, came),
     .minimum = 0,
     .maximum = 1e6,
     .help = "attempts at the makers' cloud for it at most, for each device that it struck"},
    {.name = NULL},
};

const judge_check judge_check_non_associated = {
    .word = "non_associated",
    .unit = "non-associated service",
    .provision = "",
    .title = "was the outage of a service that is not the makers' kept apart from theirs?",
    .needs = JUDGE_NEED_NON_ASSOCIATED,
    .fields = fields,
    .size = sizeof usual,
    .defaults = &usual,
    .judge = judge,
    .bad_twin = {"scenarios/5.9-2/non-associated.lua", "device=other-dependent"},
};
