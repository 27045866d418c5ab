/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Did devices notice that their cloud had fallen silent? A check of our own beside EN 303 645,
 * 5.9-1: resilience to an outage begins with noticing it. MQTT's server waits one and a half
 * keep-alives for its client (MQTT 5 3.1.2.10); the policy holds the client to the same. */
#include <math.h>
#include <stddef.h>

#include "sim/judge/checks.h"
#include "sim/judge/words.h"

typedef struct silence_policy {
    double at_most;
} silence_policy;

static const silence_policy usual = {.at_most = 1.5};

static void say(const judge_silence *s, const silence_policy *policy, judge_finding *out) {
    char struck[JUDGE_WORD_MAX], noticed[JUDGE_WORD_MAX];
    judge_words_count(s->struck, struck, sizeof struck);
    judge_words_count(s->noticed, noticed, sizeof noticed);
    judge_finding_say(out,
                      "The cloud fell silent for %s devices that were online. %s of them noticed",
                      struck, noticed);
    if (s->noticed > 0)
        judge_finding_say_more(out,
                               ", the slowest %.1f s after the last answer, which is %.2f times "
                               "what it declares (at most %.2f, policy)",
                               s->slowest_s, s->slowest_share, policy->at_most);
    if (s->unnoticed > 0)
        judge_finding_say_more(out,
                               "; %s had not noticed when it spoke again, %.2f times the "
                               "declared time after the last answer, or more",
                               JUDGE_COUNT(s->unnoticed), s->unnoticed_share);
    judge_finding_say_more(out, ".");
}

/* Who had less time than the policy gives has not failed it. */
static int judge(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const silence_policy *policy = wanted;
    const judge_silence *s = &e->silence;
    if (s->struck == 0) return 0;
    double slowest = s->slowest_share;
    bool too_short = s->unnoticed > 0 && s->unnoticed_share < policy->at_most;
    if (s->unnoticed > 0 && !too_short) slowest = fmax(slowest, s->unnoticed_share);
    judge_finding_measure(out, "time to notice", "declared times", slowest, JUDGE_AT_MOST,
                          policy->at_most, s->struck);
    judge_finding_inform(out, "noticed", "devices", (double)s->noticed, s->struck, NULL);
    judge_finding_inform(out, "not noticed", "devices", (double)s->unnoticed, s->struck, NULL);
    say(s, policy, out);
    if (!out->measures[0].holds)
        out->verdict = JUDGE_FAIL;
    else if (!too_short)
        out->verdict = JUDGE_PASS;
    else
        judge_finding_say_more(out, " The silence was too short to tell.");
    return 0;
}

static const sim_field fields[] = {
    {.name = "at_most",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(silence_policy, at_most),
     .minimum = 0.01,
     .maximum = 1000,
     .help = "from the last answer until a device gives its connection up, in its declared times"},
    {.name = NULL},
};

const judge_check judge_check_silence = {
    .word = "silence",
    .unit = "silence",
    .provision = "",
    .title = "did devices notice that the cloud had fallen silent?",
    .needs = JUDGE_NEED_SILENCE,
    .fields = fields,
    .size = sizeof usual,
    .defaults = &usual,
    .judge = judge,
    .bad_twin = {"scenarios/5.9-1/silent-cloud.lua", "device=deaf"},
};
