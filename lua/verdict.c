/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verdict(p): judge.NAME{ ... } for each row of judge_checks, and expect(...), add a finding each,
 * in the order in which they are said. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lua/names.h"
#include "lua/read.h"
#include "sim/core/heap.h"
#include "sim/run/guard.h"
#include "sim/run/judging.h"

/* Room for the finding that `verb` will make; an error outside of verdict(p), or when there are too
 * many. It counts from finish_finding on. */
static judge_finding *next_finding(lua_State *L, const char *verb) {
    script *s = script_of(L);
    script_need(L, verb, SCRIPT_VERDICT);
    if (s->finding_count == SCRIPT_FINDINGS_MAX)
        script_fail(L, "%s: at most %d findings", verb, SCRIPT_FINDINGS_MAX);
    s->findings[s->finding_count] = (judge_finding){.verdict = JUDGE_INCONCLUSIVE};
    return &s->findings[s->finding_count];
}

static int nought(lua_State *L) {
    lua_pushinteger(L, 0);
    return 1;
}

/* Before the run each measure of the table on top is 0: whatever follows from that is thrown away.
 */
static void know_nothing(lua_State *L) {
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, nought);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}

/* From now on the finding counts. Pushes it for the scenario to look at: { verdict = "PASS",
 * sentence = ..., measures = { ["busiest second"] = 17 } }. Returns 1. */
static int finish_finding(lua_State *L, const judge_finding *f) {
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
    if (script_of(L)->asking) {
        know_nothing(L);
    } else if (f->measure_count == 0) {
        lua_pushfstring(L, "measures (%s is %s: %s)", f->unit, judge_verdict_word(f->verdict),
                        f->sentence);
        lua_insert(L, -2);
        script_seal(L, lua_tostring(L, -2));
        lua_remove(L, -2);
    } else {
        script_seal(L, "measures");
    }
    lua_setfield(L, -2, "measures");
    script_seal(L, "the finding");
    return 1;
}

/* ---- judges: from the rows of judge_checks ---- */

/* A field that rows do not have: which of the units that share the word is meant. */
typedef struct said_words {
    int unit;
    max_align_t wanted[JUDGE_WANTED_MAX / sizeof(max_align_t)];
} said_words;

/* Every unit of a word; NULL ends them. Returns how many there are. */
static size_t units_of(const char *word, const char **units, size_t room) {
    size_t n = 0;
    for (const judge_check *const *c = judge_checks; *c != NULL; c++) {
        SIM_PROMISE(n + 1 < room);
        if (strcmp((*c)->word, word) == 0) units[n++] = (*c)->unit;
    }
    SIM_PROMISE(n > 0); /* the word is a row's */
    units[n] = NULL;
    return n;
}

static const judge_check *check_of(const char *word, const char *unit) {
    for (const judge_check *const *c = judge_checks; *c != NULL; c++)
        if (strcmp((*c)->word, word) == 0 && strcmp((*c)->unit, unit) == 0) return *c;
    return NULL;
}

/* The row's fields, where said_words has them; before them the unit where it is TS 103 701's. */
static void fields_of(const judge_check *check, const char *const *units, size_t unit_count,
                      sim_field *fields) {
    size_t n = 0;
    if (judge_unit_is_of_specification(check->unit, check->provision))
        fields[n++] = (sim_field){.name = "unit",
                                  .kind = SIM_FIELD_CHOICE,
                                  .offset = offsetof(said_words, unit),
                                  .choices = units,
                                  .required = unit_count > 1};
    for (const sim_field *f = check->fields; f->name != NULL; f++) {
        SIM_PROMISE(n < JUDGE_FIELDS_MAX);
        fields[n] = *f;
        fields[n++].offset += offsetof(said_words, wanted);
    }
    fields[n] = (sim_field){.name = NULL};
}

/* The trigger that a judge was asked about by name; NULL: by none. */
static const char *trigger_of(const judge_check *check, const said_words *w) {
    for (const sim_field *f = check->fields; f->name != NULL; f++)
        if (f->kind == SIM_FIELD_TEXT && strcmp(f->name, "trigger") == 0)
            return *(const char *const *)(const void *)((const char *)w->wanted + f->offset);
    return NULL;
}

/* A judge asks for a trigger that the drill has not named: the finding says which there are, and
 * the line is kept for who looks at the scenario alone. */
static void miss_trigger(lua_State *L, const char *what, const char *wanted, judge_finding *f) {
    enum { NAMES_MAX = 64 };
    const char *names[NAMES_MAX];
    char hint[SCRIPT_WHY];
    size_t count = 0;
    script *s = script_of(L);
    for (const char *name; count < NAMES_MAX && (name = run_trigger_name(s->run, count)) != NULL;)
        names[count++] = name;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], wanted) != 0) continue;
        if (f->verdict == JUDGE_INCONCLUSIVE && !run_trigger_happened(s->run, i))
            (void)judge_finding_say_more(
                f,
                " (It struck nobody: only who was online and lost its power comes back with "
                "restore_power, or its network with restore_network)");
        return;
    }
    script_names_hint(wanted, names, count, hint, sizeof hint);
    if (f->verdict == JUDGE_INCONCLUSIVE)
        (void)judge_finding_say_more(
            f, " (No trigger has that name%s%s)", hint,
            count > 1 ? ""
                      : "; what brings service back names one: restore_network, restore_power");
    lua_Debug at = {.currentline = -1};
    if (lua_getstack(L, 1, &at)) (void)lua_getinfo(L, "l", &at);
    if (s->missed[0] == '\0')
        snprintf(s->missed, sizeof s->missed,
                 "%.200s:%d: %s: the drill has no trigger '%.40s'%.160s", s->path, at.currentline,
                 what, wanted, hint);
}

/* judge.NAME{ ... }. Rows that share a word take the same fields. */
static int judge_word(lua_State *L) {
    const judge_check *check = lua_touserdata(L, lua_upvalueindex(1));
    sim_field fields[JUDGE_FIELDS_MAX + 1];
    const char *units[JUDGE_FIELDS_MAX];
    char what[64];
    said_words w = {0};
    (void)snprintf(what, sizeof what, "judge.%s", check->word);
    judge_finding *f = next_finding(L, what);
    script_take(L, what, 1);
    size_t unit_count = units_of(check->word, units, sizeof units / sizeof *units);
    SIM_PROMISE(check->size <= sizeof w.wanted);
    if (check->size > 0) memcpy(w.wanted, check->defaults, check->size);
    fields_of(check, units, unit_count, fields);
    if (!lua_isnoneornil(L, 1) || unit_count > 1) script_read_fields(L, 1, what, fields, &w);
    check = check_of(check->word, units[w.unit]);
    if (script_of(L)->asking) return finish_finding(L, f);
    script_check_fault(L, what, run_judge(script_of(L)->run, check, w.wanted, f));
    if (trigger_of(check, &w) != NULL) miss_trigger(L, what, trigger_of(check, &w), f);
    return finish_finding(L, f);
}

static void add_judges(lua_State *L) {
    lua_newtable(L);
    for (const judge_check *const *c = judge_checks; *c != NULL; c++) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)*c);
        lua_pushcclosure(L, judge_word, 1);
        lua_setfield(L, -2, (*c)->word);
    }
}

/* ---- checks of one's own ---- */

static const char like_expect[] = "expect(\"calm\", fleet.online() > 0, \"Somebody is online.\")",
                  like_threshold[] = "threshold(\"request_latency\", \"p(95)<200ms\")";

/* `like`: how the call is written; told where the text is missing. */
static void copy_text(lua_State *L, int index, const char *what, const char *like, char *into,
                      size_t size) {
    static const sim_field field = {.name = "text", .kind = SIM_FIELD_TEXT};
    const char *text;
    if (lua_isnoneornil(L, index))
        script_fail(L, "%s is missing: write for example %s", what, like);
    script_read(L, index, &field, what, &text);
    if (text[0] == '\0' || strlen(text) >= size)
        script_fail(L, "%s: 1 to %d letters", what, (int)size - 1);
    snprintf(into, size, "%s", text);
}

/* What an expectation may carry instead of true or false. */
typedef struct held_value {
    double value, at_most, at_least;
    const char *unit;
    uint64_t samples;
} held_value;

/* { value = 3, at_most = 5, unit = "homes", samples = 250 }: whether it holds; the measure is the
 * finding's. */
static bool hold_value(lua_State *L, judge_finding *f) {
    static const sim_field fields[] = {
        {.name = "value",
         .kind = SIM_FIELD_NUMBER,
         .offset = offsetof(held_value, value),
         .required = true},
        {.name = "at_most", .kind = SIM_FIELD_NUMBER, .offset = offsetof(held_value, at_most)},
        {.name = "at_least", .kind = SIM_FIELD_NUMBER, .offset = offsetof(held_value, at_least)},
        {.name = "unit", .kind = SIM_FIELD_TEXT, .offset = offsetof(held_value, unit)},
        {.name = "samples", .kind = SIM_FIELD_COUNT, .offset = offsetof(held_value, samples)},
        {.name = NULL},
    };
    held_value v = {.value = NAN, .at_most = NAN, .at_least = NAN, .unit = ""};
    script_read_fields(L, 2, "expect", fields, &v);
    bool most = !isnan(v.at_most);
    if (most == !isnan(v.at_least))
        script_fail(L, "expect: a value is held against at_most or at_least, one of them");
    judge_finding_measure(f, script_keep(L, f->unit), script_keep(L, v.unit), v.value,
                          most ? JUDGE_AT_MOST : JUDGE_AT_LEAST, most ? v.at_most : v.at_least,
                          v.samples);
    return f->measures[0].holds;
}

/* expect("back by noon", condition, "Every home was back by noon.", "Not every home was back by
 * noon."); the condition: true or false, or a value and what it must be. */
static int word_expect(lua_State *L) {
    judge_finding *f = next_finding(L, "expect");
    script_take(L, "expect", 4);
    copy_text(L, 1, "expect: its name", like_expect, f->unit, sizeof f->unit);
    if (!lua_isboolean(L, 2) && !lua_istable(L, 2))
        script_refuse(L, "expect: its condition", 2,
                      "true or false; compare something, as in wave.seconds < 60");
    bool holds = lua_istable(L, 2) ? hold_value(L, f) : lua_toboolean(L, 2);
    f->verdict = holds ? JUDGE_PASS : JUDGE_FAIL;
    copy_text(L, 3, "expect: its sentence", like_expect, f->sentence, sizeof f->sentence - 8);
    if (holds) return finish_finding(L, f);
    if (!lua_isnoneornil(L, 4)) {
        copy_text(L, 4, "expect: its sentence for a failure", like_expect, f->sentence,
                  sizeof f->sentence);
    } else {
        lua_pushfstring(L, "Not so: %s", f->sentence);
        snprintf(f->sentence, sizeof f->sentence, "%s", lua_tostring(L, -1));
    }
    return finish_finding(L, f);
}

/* ---- thresholds of one's own ---- */

/* The measure of that name in a finding so far; NULL: there is none. */
static const judge_measure *measure_of(const script *s, const char *name) {
    for (size_t i = 0; i < s->finding_count; i++)
        for (size_t m = 0; m < s->findings[i].measure_count; m++)
            if (strcmp(s->findings[i].measures[m].name, name) == 0)
                return &s->findings[i].measures[m];
    return NULL;
}

/* An INCONCLUSIVE judge may have had nothing to measure. */
static bool measures_may_be_missing(const script *s) {
    for (size_t i = 0; i < s->finding_count; i++)
        if (s->findings[i].verdict == JUDGE_INCONCLUSIVE) return true;
    return false;
}

/* A measure is a single value, and its limit is of its unit. */
static void check_fit(lua_State *L, const judge_measure *m, const judge_threshold *t,
                      const char *what) {
    if (t->aspect != JUDGE_ASPECT_VALUE)
        script_fail(L, "threshold: %s is a measure, a single value: it has no %s", m->name,
                    t->text);
    const char *unfit = judge_threshold_unfit(t, m->unit);
    if (unfit != NULL) script_fail(L, "threshold: %s %s", what, unfit);
}

static void hold_measure(const judge_measure *m, const judge_threshold *t, const char *what,
                         judge_finding *f) {
    judge_threshold_case c = {.what = what, .unit = "", .value = NAN};
    c.verdict = JUDGE_INCONCLUSIVE;
    if (m != NULL) {
        bool share = strcmp(m->unit, "share") == 0 && m->samples > 0 && m->value >= 0;
        double part = share ? fmin(m->value, 1) * (double)m->samples : 0;
        c = (judge_threshold_case){
            .what = what, .unit = m->unit, .value = m->value, .samples = m->samples};
        c.verdict = share
                        ? judge_threshold_share(t, t->limit, (uint64_t)(part + 0.5), 0, m->samples)
                        : judge_threshold_value(t, m->value, false);
    }
    judge_threshold_say(t, &c, f);
}

enum { NAMES_MAX = 256 };

_Noreturn static void refuse_name(lua_State *L, const char *name) {
    script *s = script_of(L);
    const char *names[NAMES_MAX];
    char hint[SCRIPT_WHY / 2];
    size_t count = 0;
    size_t metrics = 0;
    const report_metric *m = run_metrics(s->run, &metrics);
    for (size_t i = 0; m != NULL && i < metrics && count < NAMES_MAX; i++)
        names[count++] = m[i].name;
    for (size_t i = 0; i < s->finding_count; i++)
        for (size_t k = 0; k < s->findings[i].measure_count && count < NAMES_MAX; k++)
            names[count++] = s->findings[i].measures[k].name;
    script_fail(L, "threshold: there is no metric or measure '%s'%s", name,
                script_names_hint(name, names, count, hint, sizeof hint));
}

/* What a threshold may say besides its limit. */
typedef struct ending {
    bool abort;
    sim_time after;
} ending;

static ending read_ending(lua_State *L) {
    static const sim_field fields[] = {
        {.name = "abort", .kind = SIM_FIELD_BOOLEAN, .offset = offsetof(ending, abort)},
        {.name = "after", .kind = SIM_FIELD_DURATION, .offset = offsetof(ending, after)},
        {.name = NULL},
    };
    ending e = {.abort = false, .after = 0};
    if (!lua_isnoneornil(L, 3)) script_read_fields(L, 3, "threshold", fields, &e);
    if (e.after > 0 && !e.abort)
        script_fail(L, "threshold: after says from when on it may end the run: add abort = true");
    script_of(L)->wants_end |= e.abort;
    return e;
}

/* Refuses what was meant to end the run and cannot; keeps what can. */
static void guard_by(lua_State *L, const run_guard *g, bool meant) {
    script *s = script_of(L);
    const char *unfit = run_guard_unfit(s->run, g->name, &g->threshold);
    if (unfit != NULL && meant) script_fail(L, "threshold: %s %s: leave abort out", g->what, unfit);
    if (unfit == NULL && s->asking && (meant || s->all_after != SIM_NEVER))
        s->guards[s->guard_count++] = *g;
}

/* threshold("request_latency", "p(95)<200ms"): a metric, the share of two ("a/b"), or a measure of
 * a judge before; { abort = true, after = "30s" }: it ends the run as soon as it is broken. */
static int word_threshold(lua_State *L) {
    char name[64], text[64], why[256];
    judge_finding *f = next_finding(L, "threshold");
    script *s = script_of(L);
    judge_threshold t;
    script_take(L, "threshold", 3);
    copy_text(L, 1, "threshold: what is held", like_threshold, name, sizeof name);
    copy_text(L, 2, "threshold: its limit", like_threshold, text, sizeof text);
    if (judge_threshold_read(text, &t) != 0)
        script_refuse(
            L, "threshold", 2,
            "a threshold, such as \"p(95)<200ms\", \"avg<1s\", \">=99%\" or \"count<10\"");
    const ending end = read_ending(L);
    lua_pushfstring(L, "%s%s%s", name, t.text[0] != '\0' ? " " : "", t.text);
    const char *what = script_keep(L, lua_tostring(L, -1));
    snprintf(f->unit, sizeof f->unit, "%s", what);
    const judge_measure *m = measure_of(s, name);
    if (m != NULL && end.abort)
        script_fail(L,
                    "threshold: %s is a judge's measure, known when the run is over: leave "
                    "abort out",
                    name);
    if (m == NULL && (end.abort || s->asking)) {
        const run_guard g = {.name = script_keep(L, name),
                             .what = what,
                             .threshold = t,
                             .after = end.abort ? end.after : s->all_after};
        guard_by(L, &g, end.abort);
    }
    if (s->asking) return finish_finding(L, f);
    if (m != NULL) {
        check_fit(L, m, &t, what);
        hold_measure(m, &t, what, f);
        return finish_finding(L, f);
    }
    int error = run_threshold(s->run, name, &t, what, f, why, sizeof why);
    bool missing = error == SIM_ERANGE && strstr(why, "there is no metric") != NULL;
    if (missing && measures_may_be_missing(s))
        hold_measure(NULL, &t, what, f);
    else if (missing)
        refuse_name(L, name);
    else if (error == SIM_ERANGE)
        script_fail(L, "threshold: %s", why);
    else
        script_check_fault(L, "threshold", error);
    return finish_finding(L, f);
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
    enum { UNITS_MAX = 64 };
    for (size_t i = 0; i < s->unit_count && s->finding_count < SCRIPT_FINDINGS_MAX; i++) {
        if (was_judged(s, s->units[i])) continue;
        judge_finding *f = &s->findings[s->finding_count++];
        *f = (judge_finding){.verdict = JUDGE_INCONCLUSIVE};
        snprintf(f->unit, sizeof f->unit, "%s", s->units[i]);
        snprintf(f->provision, sizeof f->provision, "%.15s", s->about.provision);
        const char *units[UNITS_MAX], *near = NULL;
        size_t count = 0;
        for (const judge_check *const *c = judge_checks; *c != NULL && count < UNITS_MAX; c++)
            units[count++] = (*c)->unit;
        near = script_names_near(s->units[i], units, count);
        s->unjudged = s->unjudged == NULL ? s->units[i] : s->unjudged;
        bool other = near != NULL && strcmp(near, s->units[i]) != 0;
        snprintf(f->sentence, sizeof f->sentence,
                 "The scenario names this unit, but its verdict did not judge it%s%s%s",
                 other ? "; did you mean '" : ".", other ? near : "", other ? "'?" : "");
    }
}

static int call_verdict(lua_State *L) {
    script_push_phase(L, SCRIPT_VERDICT);
    script_push_parameters(L);
    lua_call(L, 1, 0);
    return 0;
}

static int short_of_memory(script *s) {
    (void)snprintf(s->why, sizeof s->why, "out of memory before the verdict: use fewer devices");
    return SIM_ENOMEM;
}

/* Every time anew. */
static int ask(script *s, run *r) {
    s->run = r;
    s->finding_count = 0;
    s->missed[0] = '\0';
    s->unjudged = NULL;
    if (s->findings == NULL) s->findings = sim_calloc(SCRIPT_FINDINGS_MAX, sizeof *s->findings);
    if (s->findings == NULL) return short_of_memory(s);
    return s->has[SCRIPT_VERDICT] ? script_protected(s, SCRIPT_VERDICT, call_verdict, NULL) : 0;
}

int script_guards(script *s, run *r, sim_time all_after, const run_guard **guards, size_t *count) {
    *count = 0;
    s->guard_count = 0;
    s->wants_end = false;
    s->all_after = all_after;
    if (s->guards == NULL) s->guards = sim_calloc(SCRIPT_FINDINGS_MAX, sizeof *s->guards);
    *guards = s->guards;
    if (s->guards == NULL) return short_of_memory(s);
    const sim_stream random = s->random; /* as if nobody had asked */
    s->asking = true;
    int error = ask(s, r);
    s->asking = false;
    s->random = random;
    if (error != 0 && all_after == SIM_NEVER && !s->wants_end) return 0; /* it is told later */
    *count = s->guard_count;
    return error != 0 && s->short_of_memory ? SIM_ENOMEM : error;
}

int script_verdict(script *s, run *r, const judge_finding **findings, size_t *count) {
    *count = 0;
    int error = ask(s, r);
    *findings = s->findings;
    if (s->findings == NULL) return error;
    add_unjudged(s);
    *count = s->finding_count;
    return error != 0 && s->short_of_memory ? SIM_ENOMEM : error;
}

void script_open_verdict(lua_State *L, int language) {
    add_judges(L);
    lua_setfield(L, language, "judge");
    lua_pushcfunction(L, word_expect);
    lua_setfield(L, language, "expect");
    lua_pushcfunction(L, word_threshold);
    lua_setfield(L, language, "threshold");
}
