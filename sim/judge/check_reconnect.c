/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/check_reconnect.h"

#include "sim/judge/checks.h"
#include "sim/judge/words.h"

/* The trigger that is wanted; `*number`: its number in the attempts. One that is not there did not
 * happen, under the name that was asked for. */
static judge_trigger trigger_of(const judge_evidence *e, const judge_reconnect_wanted *w,
                                uint8_t *number) {
    size_t i = w->number > 0 || e->trigger_count == 0 ? w->number : e->trigger_count - 1;
    if (w->trigger != NULL) i = judge_evidence_trigger(e, w->trigger);
    *number = (uint8_t)(i < e->trigger_count ? i : UINT8_MAX);
    if (i < e->trigger_count) return e->triggers[i];
    return (judge_trigger){.name = w->trigger, .began = SIM_NEVER, .until = e->until};
}

/* Nobody comes back to a target where nobody ever was: that is more to the point than whatever the
 * judge misses. */
static void say_nobody(const judge_evidence *e, judge_finding *out) {
    char devices[JUDGE_WORD_MAX];
    judge_finding_say(out, "None of %s ever came online (%s), so there was nobody to come back.",
                      judge_words_of(e->devices, "device", devices, sizeof devices),
                      e->why_nobody == NULL ? "for want of an answer" : e->why_nobody);
}

static int judge(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const judge_reconnect_wanted *w = wanted;
    uint8_t number;
    const judge_trigger t = trigger_of(e, w, &number);
    /* Nobody means the start who took something away and forgot to give it back. */
    if (w->trigger == NULL && number == 0 && e->still_out > 0) {
        judge_finding_say(out,
                          "%s lost power or network, and the drill gave it back to nobody, so "
                          "there is no wave to judge: restore_power or restore_network is missing, "
                          "or the wave of the start is meant (trigger = \"start\").",
                          JUDGE_OF(e->still_out, "device"));
        return 0;
    }
    const judge_reconnect_case c = {.attempts = e->attempts + t.first,
                                    .count = t.count > 0 ? t.count : e->attempt_count - t.first,
                                    .trigger = number,
                                    .trigger_name = t.name,
                                    .began = t.began,
                                    .until = t.until,
                                    .devices = t.struck,
                                    .capacity = w->capacity > 0 ? w->capacity : e->capacity,
                                    .declared = e->law_text,
                                    /* who lost his power makes the first attempt of the law next */
                                    .declared_law = t.anew ? e->law : NULL,
                                    .seed = e->seed,
                                    .generator_late = e->generator_late,
                                    .visits = t.visits};
    judge_reconnect(&c, &w->policy, out);
    if (e->foreign_cloud && e->devices_ever_online == 0 && out->verdict == JUDGE_INCONCLUSIVE)
        say_nobody(e, out);
    return 0;
}

#define FIELD(field_name, field_kind, member)           \
    .name = field_name, .kind = SIM_FIELD_##field_kind, \
    .offset = offsetof(judge_reconnect_wanted, member)
static const sim_field fields[] = {
    {FIELD("trigger", TEXT, trigger), .help = "whose wave is judged; unless told, the last one's"},
    {FIELD("capacity", NUMBER, capacity), .minimum = 0.001, .maximum = 1e9,
     .help = "connections a second that the cloud takes; unless told, those of cloud{ ... }"},
    {FIELD("peak_over_capacity", NUMBER, policy.peak_over_capacity), .minimum = 0.01,
     .maximum = 1000, .help = "the busiest second over the capacity, at most"},
    {FIELD("peak_to_mean", NUMBER, policy.peak_to_mean), .minimum = 1, .maximum = 1000,
     .help = "the busiest second over the mean of the recovery, at most"},
    {FIELD("attempts_per_success", NUMBER, policy.attempts_per_success), .minimum = 1,
     .maximum = 1000, .help = "attempts for each device that came online, at most"},
    {FIELD("devices_minimum", COUNT, policy.devices_minimum), .minimum = 1,
     .maximum = JUDGE_DEVICES_MAX, .help = "with fewer devices nothing is said"},
    {.name = NULL},
};

const judge_reconnect_wanted judge_reconnect_wanted_default = {.policy =
                                                                   JUDGE_RECONNECT_POLICY_DEFAULT};

const judge_check judge_check_reconnect = {
    .word = "reconnect",
    .unit = "5.9-3-2 a",
    .provision = "5.9-3",
    .title = "did the fleet come back in an orderly way?",
    .needs = JUDGE_NEED_ATTEMPTS | JUDGE_NEED_TRIGGER | JUDGE_NEED_PUNCTUAL,
    .fields = fields,
    .size = sizeof judge_reconnect_wanted_default,
    .defaults = &judge_reconnect_wanted_default,
    .judge = judge,
    .bad_twin = {"scenarios/5.9-3/power-restore-street.lua", "law=fixed"},
};
