/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a scenario says of the examination of telemetry (EN 303 645, 5.10-1): examiner{ ... } in
 * setup; judge.examined{ ... } and judge.examination{ ... } in verdict(p). */
#include <stddef.h>

#include "lua/read.h"
#include "lua/verdict.h"

/* ---- setup ---- */

typedef struct examiner_words {
    sim_time window;
    double strictness;
    bool on, series;
} examiner_words;

static int word_examiner(lua_State *L) {
    static const sim_field fields[] = {
        {.name = "on", .kind = SIM_FIELD_BOOLEAN, .offset = offsetof(examiner_words, on)},
        {.name = "window",
         .kind = SIM_FIELD_DURATION,
         .offset = offsetof(examiner_words, window),
         .minimum = 1e9,
         .maximum = 3600e9},
        {.name = "strictness",
         .kind = SIM_FIELD_NUMBER,
         .offset = offsetof(examiner_words, strictness),
         .minimum = 0.01,
         .maximum = 1e6},
        {.name = "series", .kind = SIM_FIELD_BOOLEAN, .offset = offsetof(examiner_words, series)},
        {.name = NULL},
    };
    script *s = script_of(L);
    examiner_words w = {.window = examine_watch_default.window, .strictness = 1, .on = true};
    script_need(L, "examiner", SCRIPT_SETUP);
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, "examiner", fields, &w);
    fleet_examination *x = &s->spec.examination;
    *x = (fleet_examination){
        .on = w.on && !s->real, .series = w.series, .settings = examine_watch_default};
    x->settings.window = w.window;
    x->settings = examine_watch_stricter(&x->settings, w.strictness);
    return 0;
}

/* ---- verdict ---- */

typedef struct examined_words {
    judge_examined_policy policy;
    sim_time grace;
    uint64_t declared; /* UINT64_MAX: as declare.telemetry says */
} examined_words;

static const uint64_t as_declared = UINT64_MAX;

/* What the table says, or else what all declarations of telemetry say together. */
static uint64_t declared_kinds(const script *s, uint64_t said) {
    uint64_t kinds = 0;
    if (said != as_declared) return said;
    for (size_t i = 0; i < s->spec.ixit.telemetry_count; i++)
        kinds |= s->spec.ixit.telemetry[i].looks_for;
    return kinds;
}

static int judge_examined_word(lua_State *L) {
    static const sim_field fields[] = {
        {.name = "declared", .kind = SIM_FIELD_KINDS, .offset = offsetof(examined_words, declared)},
        {.name = "recall",
         .kind = SIM_FIELD_FRACTION,
         .offset = offsetof(examined_words, policy.recall)},
        {.name = "false_alarms",
         .kind = SIM_FIELD_NUMBER,
         .offset = offsetof(examined_words, policy.false_alarms),
         .minimum = 0,
         .maximum = 1000},
        {.name = "grace",
         .kind = SIM_FIELD_DURATION,
         .offset = offsetof(examined_words, grace),
         .minimum = 0,
         .maximum = 86400e9},
        {.name = NULL},
    };
    judge_finding *f = script_next_finding(L, "judge.examined");
    examined_words w = {.policy = judge_examined_policy_default, .declared = as_declared};
    w.grace = sim_time_from_seconds(w.policy.grace_s);
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, "judge.examined", fields, &w);
    w.policy.grace_s = sim_time_seconds(w.grace);
    const run_examined_request request = {.declared = declared_kinds(script_of(L), w.declared),
                                          .policy = w.policy};
    script_check_fault(L, "judge.examined", run_judge_examined(script_of(L)->run, &request, f));
    return script_finish_finding(L, f);
}

static int judge_examination_word(lua_State *L) {
    static const char *const units[] = {"5.10-1-1 a", "5.10-1-1 b", NULL};
    struct words {
        int unit;
        uint64_t declared;
    } w = {.declared = as_declared};
    static const sim_field fields[] = {
        {.name = "unit",
         .kind = SIM_FIELD_CHOICE,
         .offset = offsetof(struct words, unit),
         .choices = units,
         .required = true},
        {.name = "declared", .kind = SIM_FIELD_KINDS, .offset = offsetof(struct words, declared)},
        {.name = NULL},
    };
    judge_finding *f = script_next_finding(L, "judge.examination");
    script_read_fields(L, 1, "judge.examination", fields, &w);
    run_judge_examination(script_of(L)->run, declared_kinds(script_of(L), w.declared), w.unit == 1,
                          f);
    return script_finish_finding(L, f);
}

void script_open_examination(lua_State *L, int language) {
    lua_pushcfunction(L, word_examiner);
    lua_setfield(L, language, "examiner");
    lua_getfield(L, language, "judge");
    lua_pushcfunction(L, judge_examined_word);
    lua_setfield(L, -2, "examined");
    lua_pushcfunction(L, judge_examination_word);
    lua_setfield(L, -2, "examination");
    lua_pop(L, 1);
}
