/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of 5.10-1: what was noticed, what is declared to be looked for, whether data suit it
 * (sim/judge/examined.h judges). */
#include "sim/core/heap.h"
#include "sim/judge/checks.h"

/* Instead of kinds: what declare.telemetry says. */
#define AS_DECLARED UINT64_MAX

/* What was said, or else what all declarations of telemetry say together. */
static uint64_t declared_kinds(const judge_evidence *e, uint64_t said) {
    uint64_t kinds = 0;
    if (said != AS_DECLARED) return said;
    for (size_t i = 0; e->ixit != NULL && i < e->ixit->telemetry_count; i++)
        kinds |= e->ixit->telemetry[i].looks_for;
    return kinds;
}

/* ---- was it noticed? ---- */

typedef struct examined_wanted {
    judge_examined_policy policy;
    sim_time grace; /* instead of the policy's */
    uint64_t declared;
} examined_wanted;

static int judge_noticed(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const examined_wanted *w = wanted;
    judge_examined_policy policy = w->policy;
    judge_detections own, *found = e->detections != NULL ? e->detections : &own;
    sim_time *waves = sim_calloc(e->trigger_count + 1, sizeof *waves);
    if (waves == NULL) return SIM_ENOMEM;
    for (size_t i = 1; i < e->trigger_count; i++) waves[i - 1] = e->triggers[i].began;
    policy.grace_s = sim_time_seconds(w->grace);
    const judge_examined_case c = {.injections = e->injections,
                                   .injection_count = e->injection_count,
                                   .notices = e->alerts,
                                   .notice_count = e->alert_count,
                                   .cohorts = e->cohorts,
                                   .versions = e->versions,
                                   .devices = (uint32_t)e->devices,
                                   .until = e->until,
                                   .waves = waves,
                                   .wave_count = e->trigger_count > 0 ? e->trigger_count - 1 : 0,
                                   .declared = declared_kinds(e, w->declared),
                                   .examined = e->examined,
                                   .generator_late = e->generator_late};
    int error = judge_detect(&c, &policy, NULL, found);
    if (error == 0 && e->detected != NULL) *e->detected = true;
    if (error == 0) judge_examined(&c, found, &policy, out);
    sim_free(waves);
    return error;
}

#define DECLARED(type)                                                                   \
    {                                                                                    \
        .name = "declared", .kind = SIM_FIELD_KINDS, .offset = offsetof(type, declared), \
        .help = "what the examination looks for; unless told, as declare.telemetry says" \
    }
static const sim_field examined_fields[] = {
    DECLARED(examined_wanted),
    {.name = "recall",
     .kind = SIM_FIELD_FRACTION,
     .offset = offsetof(examined_wanted, policy.recall),
     .help = "share of the devices of each kind that must be noticed"},
    {.name = "false_alarms",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(examined_wanted, policy.false_alarms),
     .minimum = 0,
     .maximum = 1000,
     .help = "for each device and day, at most"},
    {.name = "sized",
     .kind = SIM_FIELD_BOOLEAN,
     .offset = offsetof(examined_wanted, policy.sized),
     .help = "limits that a run of this size can show, where the others are stricter; false"},
    {.name = "grace",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(examined_wanted, grace),
     .minimum = 0,
     .maximum = 86400e9,
     .help = "how long after its end a notice still counts"},
    {.name = NULL},
};
static const examined_wanted examined_defaults = {
    .policy = JUDGE_EXAMINED_POLICY_DEFAULT, .grace = 10 * SIM_MINUTE, .declared = AS_DECLARED};

const judge_check judge_check_examined = {
    .word = "examined",
    .unit = "5.10-1 detection",
    .provision = "5.10-1",
    .title = "would anyone have noticed?",
    .needs = JUDGE_NEED_TRUTH | JUDGE_NEED_PUNCTUAL,
    .fields = examined_fields,
    .size = sizeof examined_defaults,
    .defaults = &examined_defaults,
    .judge = judge_noticed,
    .bad_twin = {"tests/determinism/bad_twins.lua", "check=examined"},
};

/* ---- is it declared, do data suit it? ---- */

typedef struct examination_wanted {
    uint64_t declared;
} examination_wanted;

static int judge_declared_at_all(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const examination_wanted *w = wanted;
    judge_examination_declared(declared_kinds(e, w->declared), out);
    return 0;
}

static int judge_suited(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const examination_wanted *w = wanted;
    judge_examination_suited(declared_kinds(e, w->declared), e->metrics, out);
    return 0;
}

static const sim_field examination_fields[] = {DECLARED(examination_wanted), {.name = NULL}};
static const examination_wanted examination_defaults = {.declared = AS_DECLARED};

const judge_check judge_check_examination_declared = {
    .word = "examination",
    .unit = "5.10-1-1 a",
    .provision = "5.10-1",
    .title = "is an examination of telemetry declared?",
    .needs = JUDGE_NEED_NOTHING,
    .fields = examination_fields,
    .size = sizeof examination_defaults,
    .defaults = &examination_defaults,
    .judge = judge_declared_at_all,
    .bad_twin = {"tests/determinism/bad_twins.lua", "check=examination_declared"},
};

const judge_check judge_check_examination_suited = {
    .word = "examination",
    .unit = "5.10-1-1 b",
    .provision = "5.10-1",
    .title = "do the data suit the declared examination?",
    .needs = JUDGE_NEED_NOTHING,
    .fields = examination_fields,
    .size = sizeof examination_defaults,
    .defaults = &examination_defaults,
    .judge = judge_suited,
    .bad_twin = {"tests/determinism/bad_twins.lua", "check=examination_suited"},
};
