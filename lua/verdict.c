/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verdict(p): judge.reconnect{ ... }, judge.declaration{ ... }, judge.connection_methods{ ... },
 * judge.answered{ ... } and expect(...) each add a finding, in the order in which they are said. */
#include "lua/verdict.h"

#include <stdio.h>
#include <string.h>

#include "lua/read.h"

judge_finding *script_next_finding(lua_State *L, const char *verb) {
    script *s = script_of(L);
    script_need(L, verb, SCRIPT_VERDICT);
    if (s->finding_count == SCRIPT_FINDINGS_MAX)
        script_fail(L, "%s: at most %d findings", verb, SCRIPT_FINDINGS_MAX);
    s->findings[s->finding_count] = (judge_finding){.verdict = JUDGE_INCONCLUSIVE};
    return &s->findings[s->finding_count];
}

int script_finish_finding(lua_State *L, const judge_finding *f) {
    script_of(L)->finding_count++;
    lua_createtable(L, 0, 4);
    lua_pushstring(L, f->unit);
    lua_setfield(L, -2, "unit");
    lua_pushstring(L, judge_verdict_word(f->verdict));
    lua_setfield(L, -2, "verdict");
    lua_pushstring(L, f->sentence);
    lua_setfield(L, -2, "sentence");
    lua_createtable(L, 0, (int)f->measure_count);
    for (size_t i = 0; i < f->measure_count; i++) {
        lua_pushnumber(L, f->measures[i].value);
        lua_setfield(L, -2, f->measures[i].name);
    }
    script_seal(L, "measures");
    lua_setfield(L, -2, "measures");
    script_seal(L, "the finding");
    return 1;
}

/* ---- judges ---- */

typedef struct reconnect_words {
    int unit;
    run_reconnect_request request;
} reconnect_words;

static const char *const reconnect_units[] = {"5.9-3-2 a", NULL};

#define REQUEST(field_name, kind_, member) \
    .name = field_name, .kind = kind_, .offset = offsetof(reconnect_words, request.member)
static const sim_field reconnect_fields[] = {
    {.name = "unit",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(reconnect_words, unit),
     .choices = reconnect_units},
    {REQUEST("trigger", SIM_FIELD_TEXT, trigger)},
    {REQUEST("capacity", SIM_FIELD_NUMBER, capacity), .minimum = 0.001, .maximum = 1e9},
    {REQUEST("peak_over_capacity", SIM_FIELD_NUMBER, policy.peak_over_capacity), .minimum = 0.01,
     .maximum = 1000},
    {REQUEST("peak_to_mean", SIM_FIELD_NUMBER, policy.peak_to_mean), .minimum = 1, .maximum = 1000},
    {REQUEST("attempts_per_success", SIM_FIELD_NUMBER, policy.attempts_per_success), .minimum = 1,
     .maximum = 1000},
    {REQUEST("devices_minimum", SIM_FIELD_COUNT, policy.devices_minimum), .minimum = 1,
     .maximum = FLEET_DEVICES_MAX},
    {.name = NULL},
};

static int judge_reconnect_word(lua_State *L) {
    judge_finding *f = script_next_finding(L, "judge.reconnect");
    reconnect_words w = {.request = {.policy = judge_reconnect_policy_default}};
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, "judge.reconnect", reconnect_fields, &w);
    script_check_fault(L, "judge.reconnect", run_judge_reconnect(script_of(L)->run, &w.request, f));
    return script_finish_finding(L, f);
}

typedef struct declaration_words {
    int unit;
    run_declaration_request request;
} declaration_words;

static int judge_declaration_word(lua_State *L) {
    static const char *const units[] = {"5.9-3-1 b", NULL};
    static const sim_field fields[] = {
        {.name = "unit",
         .kind = SIM_FIELD_CHOICE,
         .offset = offsetof(declaration_words, unit),
         .choices = units},
        {.name = "devices",
         .kind = SIM_FIELD_COUNT,
         .offset = offsetof(declaration_words, request.devices),
         .minimum = 1,
         .maximum = FLEET_DEVICES_MAX},
        {.name = "capacity",
         .kind = SIM_FIELD_NUMBER,
         .offset = offsetof(declaration_words, request.capacity),
         .minimum = 0.001,
         .maximum = 1e9},
        {.name = NULL},
    };
    judge_finding *f = script_next_finding(L, "judge.declaration");
    declaration_words w = {0};
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, "judge.declaration", fields, &w);
    run_judge_declaration(script_of(L)->run, &w.request, f);
    return script_finish_finding(L, f);
}

static int judge_connection_methods_word(lua_State *L) {
    static const char *const units[] = {"5.9-3-1 a", NULL};
    static const sim_field fields[] = {{.name = "unit", .kind = SIM_FIELD_CHOICE, .choices = units},
                                       {.name = NULL}};
    judge_finding *f = script_next_finding(L, "judge.connection_methods");
    int unit = 0;
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, "judge.connection_methods", fields, &unit);
    script_check_fault(L, "judge.connection_methods",
                       run_judge_connection_methods(script_of(L)->run, f));
    return script_finish_finding(L, f);
}

static int judge_answered_word(lua_State *L) {
    static const sim_field fields[] = {{.name = "at_least", .kind = SIM_FIELD_FRACTION},
                                       {.name = NULL}};
    judge_finding *f = script_next_finding(L, "judge.answered");
    double at_least = 1;
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, "judge.answered", fields, &at_least);
    script_check_fault(L, "judge.answered", run_judge_answered(script_of(L)->run, at_least, f));
    return script_finish_finding(L, f);
}

static int judge_contention_word(lua_State *L) {
    static const sim_field fields[] = {
        {.name = "calls_per_change", .kind = SIM_FIELD_NUMBER, .minimum = 1, .maximum = 1e9},
        {.name = NULL}};
    judge_finding *f = script_next_finding(L, "judge.contention");
    judge_contention_policy policy = judge_contention_policy_default;
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, "judge.contention", fields, &policy);
    script_check_fault(L, "judge.contention", run_judge_contention(script_of(L)->run, &policy, f));
    return script_finish_finding(L, f);
}

/* ---- checks of one's own ---- */

static void copy_text(lua_State *L, int index, const char *what, char *into, size_t size) {
    static const sim_field field = {.name = "text", .kind = SIM_FIELD_TEXT};
    const char *text;
    script_read(L, index, &field, what, &text);
    if (text[0] == '\0' || strlen(text) >= size)
        script_fail(L, "%s: 1 to %d letters", what, (int)size - 1);
    snprintf(into, size, "%s", text);
}

/* expect("back by noon", condition, "Every home was back by noon.", "Not every home was back by
 * noon.") */
static int word_expect(lua_State *L) {
    judge_finding *f = script_next_finding(L, "expect");
    copy_text(L, 1, "expect: its name", f->unit, sizeof f->unit);
    if (!lua_isboolean(L, 2))
        script_refuse(L, "expect: its condition", 2,
                      "true or false; compare something, as in wave.seconds < 60");
    bool holds = lua_toboolean(L, 2);
    f->verdict = holds ? JUDGE_PASS : JUDGE_FAIL;
    copy_text(L, 3, "expect: its sentence", f->sentence, sizeof f->sentence - 8);
    if (holds) return script_finish_finding(L, f);
    if (!lua_isnoneornil(L, 4)) {
        copy_text(L, 4, "expect: its sentence for a failure", f->sentence, sizeof f->sentence);
    } else {
        lua_pushfstring(L, "Not so: %s", f->sentence);
        snprintf(f->sentence, sizeof f->sentence, "%s", lua_tostring(L, -1));
    }
    return script_finish_finding(L, f);
}

/* ---- what was declared but not judged ---- */

static bool was_judged(const script *s, const char *unit) {
    for (size_t i = 0; i < s->finding_count; i++)
        if (strcmp(s->findings[i].unit, unit) == 0) return true;
    return false;
}

/* A unit that scenario{ units = ... } names and verdict(p) forgot must not look like one that
 * passed. */
static void add_unjudged(script *s) {
    for (size_t i = 0; i < s->unit_count && s->finding_count < SCRIPT_FINDINGS_MAX; i++) {
        if (was_judged(s, s->units[i])) continue;
        judge_finding *f = &s->findings[s->finding_count++];
        *f = (judge_finding){.verdict = JUDGE_INCONCLUSIVE};
        snprintf(f->unit, sizeof f->unit, "%s", s->units[i]);
        snprintf(f->provision, sizeof f->provision, "%.15s", s->about.provision);
        snprintf(f->sentence, sizeof f->sentence,
                 "The scenario names this unit, but its verdict did not judge it.");
    }
}

static int call_verdict(lua_State *L) {
    script_push_phase(L, SCRIPT_VERDICT);
    script_push_parameters(L);
    lua_call(L, 1, 0);
    return 0;
}

int script_verdict(script *s, run *r, const judge_finding **findings, size_t *count) {
    s->run = r;
    s->finding_count = 0;
    int error =
        s->has[SCRIPT_VERDICT] ? script_protected(s, SCRIPT_VERDICT, call_verdict, NULL) : 0;
    add_unjudged(s);
    *findings = s->findings;
    *count = s->finding_count;
    return error != 0 && s->short_of_memory ? SIM_ENOMEM : error;
}

void script_open_verdict(lua_State *L, int language) {
    static const luaL_Reg judges[] = {{"reconnect", judge_reconnect_word},
                                      {"declaration", judge_declaration_word},
                                      {"connection_methods", judge_connection_methods_word},
                                      {"answered", judge_answered_word},
                                      {"contention", judge_contention_word},
                                      {NULL, NULL}};
    luaL_newlib(L, judges);
    lua_setfield(L, language, "judge");
    lua_pushcfunction(L, word_expect);
    lua_setfield(L, language, "expect");
}
