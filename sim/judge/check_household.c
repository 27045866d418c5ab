/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EN 303 645, 5.9-1 and 5.9-2: what the maker declares against outages, and what his devices did in
 * one: whether they worked in the house, kept what they keep, came back by themselves and told
 * afterwards what they had sensed. The units are those of TS 103 701; the numbers are a policy of
 * ours. */
#include <math.h>
#include <stddef.h>

#include "sim/judge/checks.h"
#include "sim/judge/words.h"

static double share_of(uint64_t part, uint64_t all) {
    return all > 0 ? (double)part / (double)all : NAN;
}

static double share_right(const judge_hands *h) {
    return share_of(h->right, h->asked);
}

static void decide(judge_finding *out) {
    out->verdict = JUDGE_PASS;
    for (size_t i = 0; i < out->measure_count; i++)
        if (!out->measures[i].holds) out->verdict = JUDGE_FAIL;
}

/* ---- what is declared (conceptual units) ---- */

typedef struct declared {
    uint64_t all[2], claiming[2]; /* by judge_outage_type: mechanisms, and those with a guarantee */
} declared;

static declared count_declared(const judge_ixit *x) {
    declared d = {{0}, {0}};
    for (size_t i = 0; x != NULL && i < x->resilience_count; i++) {
        const judge_resilience *r = &x->resilience[i];
        d.all[r->type]++;
        if (r->guarantees != NULL && r->guarantees[0] != '\0') d.claiming[r->type]++;
    }
    return d;
}

static const char *const outages[] = {
    [JUDGE_OUTAGE_NETWORK] = "network", [JUDGE_OUTAGE_POWER] = "power"};

static void say_declared(const declared *d, judge_finding *out) {
    judge_finding_say(out, "Declared against outages:");
    for (int t = 0; t < 2; t++)
        judge_finding_say_more(out, "%s %s for the %s, %s with a guarantee", t == 0 ? "" : ";",
                               JUDGE_COUNT(d->all[t]), outages[t], JUDGE_COUNT(d->claiming[t]));
    judge_finding_say_more(out, ".");
}

static int judge_suits(const judge_evidence *e, const void *wanted, judge_finding *out) {
    declared d = count_declared(e->ixit);
    (void)wanted;
    judge_finding_measure(out, "mechanisms for the network", "mechanisms", (double)d.all[0],
                          JUDGE_AT_LEAST, 1, d.all[0] + d.all[1]);
    judge_finding_measure(out, "mechanisms for power", "mechanisms", (double)d.all[1],
                          JUDGE_AT_LEAST, 1, d.all[0] + d.all[1]);
    say_declared(&d, out);
    decide(out);
    return 0;
}

static void measure_claims(const declared *d, int type, judge_finding *out) {
    static const char *const names[] = {"guarantees for the network", "guarantees for power"};
    judge_finding_measure(out, names[type], "share", share_of(d->claiming[type], d->all[type]),
                          JUDGE_AT_LEAST, 1, d->all[type]);
}

static int judge_claims(const judge_evidence *e, const void *wanted, judge_finding *out) {
    declared d = count_declared(e->ixit);
    (void)wanted;
    measure_claims(&d, JUDGE_OUTAGE_NETWORK, out);
    measure_claims(&d, JUDGE_OUTAGE_POWER, out);
    say_declared(&d, out);
    decide(out);
    return 0;
}

static int judge_claims_network(const judge_evidence *e, const void *wanted, judge_finding *out) {
    declared d = count_declared(e->ixit);
    (void)wanted;
    measure_claims(&d, JUDGE_OUTAGE_NETWORK, out);
    say_declared(&d, out);
    decide(out);
    return 0;
}

static int judge_claims_power(const judge_evidence *e, const void *wanted, judge_finding *out) {
    declared d = count_declared(e->ixit);
    (void)wanted;
    measure_claims(&d, JUDGE_OUTAGE_POWER, out);
    say_declared(&d, out);
    decide(out);
    return 0;
}

/* ---- what an outage did to sessions and samples ---- */

typedef struct outage_policy {
    double returned, dropped, repeated;
} outage_policy;

static const outage_policy usual_outage = {.returned = 0.99, .dropped = 0.05, .repeated = 0.01};

/* Samples of which nobody can say where they went. */
static uint64_t vanished(const judge_household *h) {
    uint64_t known = h->delivered + h->dropped_full + h->dropped_power + h->dropped_reset;
    known += h->waiting;
    return h->sensed > known ? h->sensed - known : 0;
}

static int judge_network(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const judge_household *h = &e->household;
    const outage_policy *policy = wanted;
    judge_finding_measure(out, "came back by themselves", "share", share_of(h->returned, h->lost),
                          JUDGE_AT_LEAST, policy->returned, h->lost);
    judge_finding_measure(out, "lost without a reason", "samples", (double)vanished(h),
                          JUDGE_AT_MOST, 0, h->sensed);
    judge_finding_measure(out, "lost to a full queue", "share",
                          h->sensed > 0 ? share_of(h->dropped_full, h->sensed) : 0, JUDGE_AT_MOST,
                          policy->dropped, h->sensed);
    judge_finding_measure(out, "delivered twice or out of order", "share",
                          h->sensed > 0 ? share_of(h->repeated, h->sensed) : 0, JUDGE_AT_MOST,
                          policy->repeated, h->sensed);
    judge_finding_say(
        out,
        "Outages ended %s, and %s came back by themselves; of %s %s were delivered, %s fell out "
        "of full queues, %s were lost with power, %s still wait, and %s are gone for no reason.",
        JUDGE_OF(h->lost, "session"), JUDGE_COUNT(h->returned), JUDGE_OF(h->sensed, "sample"),
        JUDGE_COUNT(h->delivered), JUDGE_COUNT(h->dropped_full), JUDGE_COUNT(h->dropped_power),
        JUDGE_COUNT(h->waiting), JUDGE_COUNT(vanished(h)));
    decide(out);
    return 0;
}

static uint64_t boots_of(const judge_household *h) {
    return h->restored_same + h->restored_worse + h->restored_corrupt;
}

static int judge_power(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const judge_household *h = &e->household;
    const outage_policy *policy = wanted;
    judge_finding_measure(out, "values that were never there", "boots", (double)h->restored_corrupt,
                          JUDGE_AT_MOST, 0, boots_of(h));
    judge_finding_measure(out, "had to be paired again", "boots", (double)h->help, JUDGE_AT_MOST, 0,
                          boots_of(h));
    judge_finding_measure(out, "came back by themselves", "share", share_of(h->returned, h->lost),
                          JUDGE_AT_LEAST, policy->returned, h->lost);
    judge_finding_say(out,
                      "Of %s after a loss of power %s found a value that was never there, and %s "
                      "needed somebody to pair the device again; of %s that were lost %s came back "
                      "by themselves.",
                      JUDGE_OF(boots_of(h), "boot"), JUDGE_COUNT(h->restored_corrupt),
                      JUDGE_COUNT(h->help), JUDGE_OF(h->lost, "session"), JUDGE_COUNT(h->returned));
    decide(out);
    return 0;
}

/* ---- what it did in the house ---- */

typedef struct local_policy {
    double at_least;
} local_policy;

static const local_policy usual_local = {.at_least = 0.99};

static int judge_local_network(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const judge_household *h = &e->household;
    const local_policy *policy = wanted;
    const judge_hands *before = &h->hands[JUDGE_BEFORE], *during = &h->hands[JUDGE_DURING],
                      *after = &h->hands[JUDGE_AFTER];
    judge_finding_inform(out, "right answers before", "share", share_right(before), before->asked,
                         NULL);
    judge_finding_measure(out, "right answers in the outage", "share", share_right(during),
                          JUDGE_AT_LEAST, policy->at_least, during->asked);
    judge_finding_inform(out, "right answers after", "share", share_right(after), after->asked,
                         NULL);
    judge_finding_say(out,
                      "Of %s that asked for the local function in an outage %s had the right "
                      "answer in time",
                      JUDGE_OF(during->asked, "hand"), JUDGE_COUNT(during->right));
    if (h->worst_model != NULL)
        judge_finding_say_more(out, "; %s was worst, with %s of %s", h->worst_model,
                               JUDGE_COUNT(h->worst.right), JUDGE_COUNT(h->worst.asked));
    judge_finding_say_more(out, ".");
    decide(out);
    return 0;
}

static int judge_local_power(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const judge_household *h = &e->household;
    const local_policy *policy = wanted;
    const judge_hands *after = &h->hands[JUDGE_AFTER];
    uint64_t worse = h->restored_worse + h->restored_corrupt;
    judge_finding_measure(out, "boots into a worse state", "boots", (double)worse, JUDGE_AT_MOST, 0,
                          boots_of(h));
    if (after->asked > 0)
        judge_finding_measure(out, "right answers afterwards", "share", share_right(after),
                              JUDGE_AT_LEAST, policy->at_least, after->asked);
    judge_finding_say(out,
                      "Of %s after a loss of power %s found all that the device keeps as it was, "
                      "and %s something worse; afterwards %s of %s had the right answer in time.",
                      JUDGE_OF(boots_of(h), "boot"), JUDGE_COUNT(h->restored_same),
                      JUDGE_COUNT(worse), JUDGE_COUNT(after->right),
                      JUDGE_OF(after->asked, "hand"));
    decide(out);
    return 0;
}

/* ---- the rows ---- */

static const sim_field outage_fields[] = {
    {.name = "returned",
     .kind = SIM_FIELD_FRACTION,
     .offset = offsetof(outage_policy, returned),
     .help = "of the sessions that an outage ended, at least: came back by themselves"},
    {.name = "dropped",
     .kind = SIM_FIELD_FRACTION,
     .offset = offsetof(outage_policy, dropped),
     .help = "of all samples, at most: fell out of a full queue"},
    {.name = "repeated",
     .kind = SIM_FIELD_FRACTION,
     .offset = offsetof(outage_policy, repeated),
     .help = "of all samples, at most: delivered twice or out of order"},
    {.name = NULL},
};

static const sim_field local_fields[] = {
    {.name = "at_least",
     .kind = SIM_FIELD_FRACTION,
     .offset = offsetof(local_policy, at_least),
     .help = "share of hands that had the right answer in time"},
    {.name = NULL},
};

static const sim_field no_fields[] = {{.name = NULL}};

#define FAILS_WITH(settings) \
    { "tests/determinism/household.lua", settings }

const judge_check judge_check_outage_declared = {
    .word = "resilience",
    .unit = "5.9-1-1 a",
    .provision = "5.9-1",
    .title = "are there mechanisms against outages of network and power?",
    .needs = JUDGE_NEED_MECHANISMS,
    .fields = no_fields,
    .judge = judge_suits,
    .bad_twin = FAILS_WITH("declared=network"),
};
const judge_check judge_check_outage_guaranteed = {
    .word = "resilience",
    .unit = "5.9-1-1 b",
    .provision = "5.9-1",
    .title = "does each mechanism say what it guarantees?",
    .needs = JUDGE_NEED_MECHANISMS,
    .fields = no_fields,
    .judge = judge_claims,
    .bad_twin = FAILS_WITH("declared=nothing-guaranteed"),
};
const judge_check judge_check_outage_network = {
    .word = "outage",
    .unit = "5.9-1-2 a",
    .provision = "5.9-1",
    .title = "did devices come back from an outage, with what they had sensed in it?",
    .needs = JUDGE_NEED_LOST,
    .fields = outage_fields,
    .size = sizeof usual_outage,
    .defaults = &usual_outage,
    .judge = judge_network,
    .bad_twin = FAILS_WITH("device=drops-samples"),
};
const judge_check judge_check_outage_power = {
    .word = "outage",
    .unit = "5.9-1-2 b",
    .provision = "5.9-1",
    .title = "did devices come back from a loss of power, whole and without help?",
    .needs = JUDGE_NEED_BOOTS,
    .fields = outage_fields,
    .size = sizeof usual_outage,
    .defaults = &usual_outage,
    .judge = judge_power,
    .bad_twin = FAILS_WITH("device=wants-pairing"),
};
const judge_check judge_check_local_declared = {
    .word = "resilience",
    .unit = "5.9-2-1 a",
    .provision = "5.9-2",
    .title = "are the mechanisms for the local function and for power declared?",
    .needs = JUDGE_NEED_MECHANISMS,
    .fields = no_fields,
    .judge = judge_suits,
    .bad_twin = FAILS_WITH("declared=network"),
};
const judge_check judge_check_local_guaranteed = {
    .word = "resilience",
    .unit = "5.9-2-1 b",
    .provision = "5.9-2",
    .title = "is it guaranteed what works locally without a network?",
    .needs = JUDGE_NEED_MECHANISMS,
    .fields = no_fields,
    .judge = judge_claims_network,
    .bad_twin = FAILS_WITH("declared=nothing-guaranteed"),
};
const judge_check judge_check_state_guaranteed = {
    .word = "resilience",
    .unit = "5.9-2-1 c",
    .provision = "5.9-2",
    .title = "is it guaranteed in what state devices resume after a loss of power?",
    .needs = JUDGE_NEED_MECHANISMS,
    .fields = no_fields,
    .judge = judge_claims_power,
    .bad_twin = FAILS_WITH("declared=nothing-guaranteed"),
};
const judge_check judge_check_local_network = {
    .word = "local_function",
    .unit = "5.9-2-2 a",
    .provision = "5.9-2",
    .title = "did devices work in the house while they had no network?",
    .needs = JUDGE_NEED_HANDS,
    .fields = local_fields,
    .size = sizeof usual_local,
    .defaults = &usual_local,
    .judge = judge_local_network,
    .bad_twin = FAILS_WITH("device=cloud-dependent"),
};
const judge_check judge_check_local_power = {
    .word = "local_function",
    .unit = "5.9-2-2 b",
    .provision = "5.9-2",
    .title = "were devices in the same or a better state after a loss of power?",
    .needs = JUDGE_NEED_BOOTS,
    .fields = local_fields,
    .size = sizeof usual_local,
    .defaults = &usual_local,
    .judge = judge_local_power,
    .bad_twin = FAILS_WITH("device=restores-default"),
};
