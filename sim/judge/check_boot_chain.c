/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Could the servers before the cloud take it? After a loss of power a home asks for an address, a
 * name and the time before its first packet to the cloud: a wave like any other, and the first to
 * arrive. A check of our own beside EN 303 645, 5.9-3. The timers of RFC 2131, 8415, 1035 and 4330
 * grow, so that a server that is slow is asked a few times and no more. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/judge/checks.h"
#include "sim/judge/words.h"

typedef struct chain_policy {
    double per_chain, peak;
} chain_policy;

/* A timer that begins with 4 or 5 s and doubles asks four times in half a minute or more. */
static const chain_policy usual = {.per_chain = 4, .peak = 0};

static const char *const what[JUDGE_SERVERS] = {"an address", "a name", "the time"};

static void measure(const judge_chains *c, const chain_policy *policy, int server,
                    judge_finding *out) {
    static const char *const questions[JUDGE_SERVERS] = {
        "questions for an address", "questions for a name", "questions for the time"};
    static const char *const busiest[JUDGE_SERVERS] = {
        "busiest second, address", "busiest second, name", "busiest second, time"};
    uint64_t chains = c->ended > 0 ? c->ended : 1;
    judge_finding_measure(out, questions[server], "per chain",
                          (double)c->asked[server] / (double)chains, JUDGE_AT_MOST,
                          policy->per_chain, c->asked[server]);
    if (policy->peak > 0)
        judge_finding_measure(out, busiest[server], "questions/s", (double)c->busiest[server],
                              JUDGE_AT_MOST, policy->peak, c->asked[server]);
    else
        judge_finding_inform(out, busiest[server], "questions/s", (double)c->busiest[server],
                             c->asked[server], NULL);
}

static int judge(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const judge_chains *c = &e->chains;
    out->verdict = JUDGE_PASS;
    judge_finding_say(out, "%s came to their end", JUDGE_OF(c->ended, "boot chain"));
    for (int s = 0; s < JUDGE_SERVERS; s++) {
        measure(c, wanted, s, out);
        judge_finding_say_more(out, "%s %s for %s, %s of them in the busiest second",
                               s == 0 ? ":" : ",", JUDGE_OF(c->asked[s], "question"), what[s],
                               JUDGE_COUNT(c->busiest[s]));
    }
    judge_finding_say_more(out, ".");
    for (size_t i = 0; i < out->measure_count; i++)
        if (!out->measures[i].holds) out->verdict = JUDGE_FAIL;
    return 0;
}

static const sim_field fields[] = {
    {.name = "per_chain",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(chain_policy, per_chain),
     .minimum = 1,
     .maximum = 1e6,
     .help = "questions of one server at most, for each chain that came to its end"},
    {.name = "peak",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(chain_policy, peak),
     .minimum = 0,
     .maximum = 1e9,
     .help =
         "questions that each server takes in a second, as whoever runs it says; 0: nobody did"},
    {.name = NULL},
};

const judge_check judge_check_boot_chain = {
    .word = "boot_chain",
    .unit = "boot chain",
    .provision = "",
    .title = "could the servers for address, name and time take the wave of questions?",
    .needs = JUDGE_NEED_CHAINS,
    .fields = fields,
    .size = sizeof usual,
    .defaults = &usual,
    .judge = judge,
    .bad_twin = {"scenarios/5.9-2/regional-blackout.lua", "chain=impatient"},
};
