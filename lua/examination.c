/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a scenario says of the examination of telemetry (EN 303 645, 5.10-1): examiner{ ... } in setup; judge.examined{ ... } and judge.examination{ ... } in verdict(p). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lua/names.h"
#include "lua/read.h"
#include "lua/verdict.h"

/* ---- setup ---- */

typedef struct examiner_words {
    sim_time window;
    double strictness;
    bool on, series;
} examiner_words;

static uint32_t scaled(uint32_t value, double by) {
    return (uint32_t)fmin(fmax(1, round(value * by)), 1e9);
}

/* How much evidence it takes: 1 is the shipped setting, 2 twice as much before anybody is called. */
static void scale(cloud_watch_settings *s, double strictness) {
    float by = (float)strictness;
    s->device_least *= by;
    s->device_most *= by;
    s->cohort_least *= by;
    s->silent_periods *= by;
    s->drift *= by;
    s->battery *= by;
    s->margin *= by;
    s->ratio *= by;
    s->talkers = scaled(s->talkers, strictness);
    s->peaks = scaled(s->peaks, strictness);
    s->returns = scaled(s->returns, strictness);
    s->stuck = sim_time_from_seconds(sim_time_seconds(s->stuck) * strictness);
}

static int word_examiner(lua_State *L) {
    static const script_field fields[] = {
        {.name = "on", .read = script_read_boolean, .offset = offsetof(examiner_words, on)},
        {.name = "window",
         .read = script_read_duration,
         .offset = offsetof(examiner_words, window),
         .minimum = 1e9,
         .maximum = 3600e9},
        {.name = "strictness",
         .read = script_read_number,
         .offset = offsetof(examiner_words, strictness),
         .minimum = 0.01,
         .maximum = 1e6},
        {.name = "series", .read = script_read_boolean, .offset = offsetof(examiner_words, series)},
        {.name = NULL},
    };
    script *s = script_of(L);
    examiner_words w = {.window = cloud_watch_default.window, .strictness = 1, .on = true};
    script_need(L, "examiner", SCRIPT_SETUP);
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, "examiner", fields, &w);
    run_examination *x = &s->spec.examination;
    *x = (run_examination){.on = w.on && !s->real, .series = w.series, .settings = cloud_watch_default};
    x->settings.window = w.window;
    scale(&x->settings, w.strictness);
    return 0;
}

/* ---- verdict ---- */

static void read_kind(lua_State *L, const char *what, uint64_t *kinds) {
    const char *names[SIM_ANOMALIES];
    char hint[SCRIPT_WHY];
    sim_anomaly kind;
    const char *word = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    if (word == NULL) script_refuse(L, what, lua_gettop(L), "a kind of anomaly, such as \"exfiltration\"");
    for (int i = 0; i < SIM_ANOMALIES; i++) names[i] = sim_anomaly_word((sim_anomaly)i);
    if (sim_anomaly_named(word, &kind) != 0)
        script_fail(L, "%s: there is no kind '%s'%s", what, word,
                    script_names_hint(word, names, SIM_ANOMALIES, hint, sizeof hint));
    *kinds |= UINT64_C(1) << kind;
}

/* The field `declared` of the table at 1: a list of kinds. Without it nothing is declared. */
static uint64_t read_declared(lua_State *L, const char *what) {
    uint64_t kinds = 0;
    if (!lua_istable(L, 1)) return 0;
    lua_getfield(L, 1, "declared");
    if (lua_isnil(L, -1)) return 0;
    if (!lua_istable(L, -1))
        script_refuse(L, what, lua_gettop(L), "a list of kinds, such as { \"exfiltration\" }");
    size_t n = lua_rawlen(L, -1);
    for (size_t i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i);
        read_kind(L, what, &kinds);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return kinds;
}

typedef struct examined_words {
    judge_examined_policy policy;
    sim_time grace;
} examined_words;

static int judge_examined_word(lua_State *L) {
    static const script_field fields[] = {
        {.name = "declared", .read = script_read_later},
        {.name = "recall", .read = script_read_fraction, .offset = offsetof(examined_words, policy.recall)},
        {.name = "false_alarms",
         .read = script_read_number,
         .offset = offsetof(examined_words, policy.false_alarms),
         .minimum = 0,
         .maximum = 1000},
        {.name = "grace",
         .read = script_read_duration,
         .offset = offsetof(examined_words, grace),
         .minimum = 0,
         .maximum = 86400e9},
        {.name = NULL},
    };
    judge_finding *f = script_next_finding(L, "judge.examined");
    examined_words w = {.policy = judge_examined_policy_default};
    w.grace = sim_time_from_seconds(w.policy.grace_s);
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, "judge.examined", fields, &w);
    w.policy.grace_s = sim_time_seconds(w.grace);
    const run_examined_request request = {.declared = read_declared(L, "judge.examined: declared"),
                                          .policy = w.policy};
    script_check_fault(L, "judge.examined", run_judge_examined(script_of(L)->run, &request, f));
    return script_finish_finding(L, f);
}

static int judge_examination_word(lua_State *L) {
    static const char *const units[] = {"5.10-1-1 a", "5.10-1-1 b", NULL};
    static const script_field fields[] = {
        {.name = "unit", .read = script_read_choice, .choices = units, .required = true},
        {.name = "declared", .read = script_read_later},
        {.name = NULL},
    };
    judge_finding *f = script_next_finding(L, "judge.examination");
    int unit = 0;
    script_read_fields(L, 1, "judge.examination", fields, &unit);
    run_judge_examination(script_of(L)->run, read_declared(L, "judge.examination: declared"), unit == 1, f);
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
