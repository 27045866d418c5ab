/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *word, *missing;
} needs[JUDGE_NEED_BITS] = {
#define NEED_ROW(name, word, text) [JUDGE_NEED_BIT_##name] = {word, text},
    JUDGE_NEED_MAP(NEED_ROW)
#undef NEED_ROW
};

const char *judge_need_word(judge_need_bit need) {
    return needs[need].word;
}

size_t judge_evidence_trigger(const judge_evidence *e, const char *name) {
    for (size_t i = e->trigger_count; i-- > 0;)
        if (strcmp(e->triggers[i].name, name) == 0) return i;
    return SIZE_MAX;
}

/* Which triggers a check looks at is said in its fields: here one is enough. */
static bool something_happened(const judge_evidence *e) {
    for (size_t i = 0; i < e->trigger_count; i++)
        if (e->triggers[i].began != SIM_NEVER) return true;
    return false;
}

static bool is_there(const judge_evidence *e, judge_need_bit need) {
    switch (need) {
        case JUDGE_NEED_BIT_ATTEMPTS:
            return e->attempt_count > 0;
        case JUDGE_NEED_BIT_TRIGGER:
            return something_happened(e);
        case JUDGE_NEED_BIT_CAPACITY:
            return isfinite(e->capacity) && e->capacity > 0;
        case JUDGE_NEED_BIT_LAW:
            return e->law != NULL;
        case JUDGE_NEED_BIT_IXIT:
            return e->ixit != NULL && e->ixit->interface_count > 0;
        case JUDGE_NEED_BIT_SOMEBODY:
            return e->devices_ever_online > 0;
        case JUDGE_NEED_BIT_REQUESTS:
            return e->requests.due > 0;
        case JUDGE_NEED_BIT_VALUES:
            return e->changes.wanted >= 2;
        case JUDGE_NEED_BIT_TRUTH:
            return e->injection_count > 0;
        case JUDGE_NEED_BIT_SILENCE:
            return e->silence.struck > 0;
        case JUDGE_NEED_BIT_MECHANISMS:
            return e->ixit != NULL && e->ixit->resilience_count > 0;
        case JUDGE_NEED_BIT_LOST:
            return e->household.lost > 0;
        case JUDGE_NEED_BIT_BOOTS:
            return e->household.restored_same + e->household.restored_worse +
                       e->household.restored_corrupt >
                   0;
        case JUDGE_NEED_BIT_HANDS:
            return e->household.hands[JUDGE_DURING].asked > 0;
        case JUDGE_NEED_BIT_CHAINS:
            return e->chains.asked[0] > 0;
        case JUDGE_NEED_BIT_NON_ASSOCIATED:
            return e->non_associated.attempts > 0;
        case JUDGE_NEED_BIT_PUNCTUAL:
            return !e->generator_late;
        case JUDGE_NEED_BITS:
            break;
    }
    return false;
}

/* The first need of the check that is not met; JUDGE_NEED_BITS: none. */
static judge_need_bit missing(const judge_check *check, const judge_evidence *e) {
    for (judge_need_bit n = 0; n < JUDGE_NEED_BITS; n++)
        if ((check->needs >> n & 1) != 0 && !is_there(e, n)) return n;
    return JUDGE_NEED_BITS;
}

void judge_check_begin(const judge_check *check, judge_finding *out) {
    *out = (judge_finding){.verdict = JUDGE_INCONCLUSIVE};
    snprintf(out->unit, sizeof out->unit, "%s", check->unit);
    snprintf(out->provision, sizeof out->provision, "%s", check->provision);
}

static void miss(judge_need_bit need, judge_finding *out) {
    out->verdict = JUDGE_INCONCLUSIVE;
    judge_finding_say(out, "%s", needs[need].missing);
}

void judge_check_miss(const judge_check *check, judge_need_bit need, judge_finding *out) {
    judge_check_begin(check, out);
    miss(need, out);
}

void judge_check_distrust(const judge_evidence *e, judge_finding *out) {
    if (e->distrust == NULL || e->distrust[0] == '\0') return;
    out->verdict = JUDGE_INCONCLUSIVE;
    judge_finding_say_more(out, " But %s.", e->distrust);
}

/* In what the generator was late, for a check whose verdict hangs on it. */
static void say_why_late(const judge_check *check, const judge_evidence *e, judge_finding *out) {
    bool hangs = (check->needs & JUDGE_NEED_PUNCTUAL) != 0 && e->generator_late;
    if (hangs && e->generator_why != NULL && out->verdict == JUDGE_INCONCLUSIVE)
        judge_finding_say_more(out, " %s", e->generator_why);
}

int judge_check_run(const judge_check *check, const judge_evidence *e, const void *wanted,
                    judge_finding *out) {
    judge_check_begin(check, out);
    int error = check->judge(e, wanted != NULL ? wanted : check->defaults, out);
    if (error != 0) return error;
    judge_need_bit need = missing(check, e);
    bool explained = out->verdict == JUDGE_INCONCLUSIVE && out->sentence[0] != '\0';
    if (need != JUDGE_NEED_BITS && !explained) miss(need, out);
    say_why_late(check, e, out);
    judge_check_distrust(e, out);
    return 0;
}
