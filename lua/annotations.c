/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lua/annotations.h"

#include <string.h>

#include "lua/language.h"
#include "lua/read.h"
#include "sim/fleet/fault.h"
#include "sim/run/judging.h"

/* ---- fields ---- */

/* Of a field that the language reads on its own: what it is. */
static const struct {
    const char *of, *field, *type;
} later[] = {
    {"scenario", "units", "string[]"},
    {"cloud", "stages", "blackstart.stage[]"},
    {"streets", "devices", "blackstart.device[]"},
    {"home", "devices", "blackstart.device[]"},
    {"town", "kinds", "blackstart.town_kind[]"},
    {"town_kind", "devices", "blackstart.device[]"},
    {"model", "telemetry", "blackstart.reading[]"},
    {"parameter", "default", "any"},
    {"parameter", "minimum", "number|string"},
    {"parameter", "maximum", "number|string"},
    {"parameter", "choices", "string[]"},
};

static const char *type_of_later(const char *of, const char *field) {
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
        if (strcmp(later[i].of, of) == 0 && strcmp(later[i].field, field) == 0)
            return later[i].type;
    return "any";
}

static void put_type(const char *of, const sim_field *f, FILE *out) {
    static const char *const types[SIM_FIELD_KINDS_COUNT] = {
        [SIM_FIELD_COUNT] = "integer|string",
        [SIM_FIELD_COUNT32] = "integer|string",
        [SIM_FIELD_NUMBER] = "number|string",
        [SIM_FIELD_DURATION] = "blackstart.span",
        [SIM_FIELD_SPAN] = "blackstart.span|blackstart.span[]",
        [SIM_FIELD_FRACTION] = "number|string",
        [SIM_FIELD_TEXT] = "string",
        [SIM_FIELD_BOOLEAN] = "boolean",
        [SIM_FIELD_RATE] = "string|integer",
        [SIM_FIELD_BYTES] = "integer|string",
        [SIM_FIELD_LAW] = "blackstart.law",
        [SIM_FIELD_PAUSES] = "blackstart.span[]",
        [SIM_FIELD_HOP] = "blackstart.hop",
        [SIM_FIELD_KINDS] = "string[]",
    };
    if (f->kind == SIM_FIELD_CHOICE)
        for (size_t i = 0; f->choices[i] != NULL; i++)
            fprintf(out, "%s\"%s\"", i == 0 ? "" : "|", f->choices[i]);
    else
        fputs(types[f->kind] != NULL ? types[f->kind] : type_of_later(of, f->name), out);
}

static void put_field(const char *of, const sim_field *f, const char *name, FILE *out) {
    char wanted[512];
    /* a model of the scenario's own may bring a law: where one is needed is said when it is read */
    bool needed = f->required && f->kind != SIM_FIELD_LAW;
    fprintf(out, "---@field %s%s ", name, needed ? "" : "?");
    put_type(of, f, out);
    fprintf(out, " %s%s%s\n",
            f->kind == SIM_FIELD_LATER ? "" : sim_field_wanted(f, false, wanted, sizeof wanted),
            f->kind == SIM_FIELD_LATER || f->help == NULL ? "" : "; ",
            f->help == NULL ? "" : f->help);
}

static void put_fields(const char *of, const sim_field *fields, FILE *out) {
    for (const sim_field *f = fields; f != NULL && f->name != NULL; f++)
        put_field(of, f, f->name, out);
}

/* (exact): a field that is not there is a mistake, as it is when the scenario is read. */
static void begin_class(const char *name, FILE *out) {
    fprintf(out, "\n---@class (exact) blackstart.%s\n", name);
}

static void put_class(const char *name, const sim_field *fields, FILE *out) {
    begin_class(name, out);
    put_fields(name, fields, out);
}

static void put_table(const script_table *table, FILE *out) {
    char name[80];
    snprintf(name, sizeof name, "%s%s%s", table->name, table->like == NULL ? "" : ": blackstart.",
             table->like == NULL ? "" : table->like);
    begin_class(name, out);
    put_fields(table->name, table->fields, out);
}

/* ---- words ---- */

static void put_parameters(const char *takes, FILE *out) {
    int depth = 0;
    const char *from = takes;
    for (const char *at = takes;; at++) {
        if (*at == '{') depth++;
        if (*at == '}') depth--;
        if ((*at != ',' || depth > 0) && *at != '\0') continue;
        int name = (int)strcspn(from, ":");
        if (at > from)
            fprintf(out, "---@param %.*s %.*s\n", name, from, (int)(at - from) - name - 2,
                    from + name + 2);
        if (*at == '\0') return;
        from = at + 2;
    }
}

static void put_word(const script_word *w, FILE *out) {
    fprintf(out, "\n---%s\n", w->help);
    put_parameters(w->takes, out);
    if (w->returns != NULL) fprintf(out, "---@return %s\n", w->returns);
    fprintf(out, "function %s(", w->name);
    script_word_names(w, out);
    fputs(") end\n", out);
}

/* ---- laws, faults, checks: from their rows ---- */

/* "full_jitter": the word of a law as a name of the language. */
static void law_name(int kind, char *name, size_t size) {
    snprintf(name, size, "%s", dev_law_word((dev_law_kind)kind));
    for (char *at = name; *at != '\0'; at++)
        if (*at == '-') *at = '_';
}

static void put_law_fields(const dev_law_field *fields, FILE *out) {
    for (const dev_law_field *f = fields; f->field.name != NULL; f++)
        if (!f->file_only)
            put_field("law", &f->field, f->script != NULL ? f->script : f->field.name, out);
}

static void put_laws(FILE *out) {
    for (int i = 0; i < DEV_LAWS; i++) {
        char name[40], function[48], takes[80], class[48];
        law_name(i, name, sizeof name);
        snprintf(class, sizeof class, "law.%s", name);
        begin_class(class, out);
        put_law_fields(dev_law_fields((dev_law_kind)i), out);
        put_law_fields(dev_law_habits, out);
        snprintf(function, sizeof function, "law.%s", name);
        snprintf(takes, sizeof takes, "fields?: blackstart.law.%s", name);
        put_word(&(script_word){function, takes, "blackstart.law", dev_law_help((dev_law_kind)i)},
                 out);
    }
}

static void put_fault(const fleet_fault *f, FILE *out) {
    char name[80], takes[160] = "", class[80];
    if (f->fields != NULL && f->bare == NULL) {
        snprintf(class, sizeof class, "fault.%s", f->verb);
        put_class(class, f->fields, out);
        snprintf(takes, sizeof takes, "fields%s: blackstart.%s", f->may_be_empty ? "?" : "", class);
    } else if (f->fields != NULL) {
        snprintf(takes, sizeof takes, "value: number|string");
    }
    snprintf(name, sizeof name, "%s%s", f->reach == FLEET_REACH_CLOUD ? "" : "Selection:", f->verb);
    put_word(&(script_word){name, takes, NULL, f->help}, out);
}

/* The word's rows before this one have the field, too. */
static bool is_known(const judge_check *check, const char *field) {
    for (const judge_check *const *c = judge_checks; *c != check; c++)
        for (const sim_field *f = (*c)->fields; strcmp((*c)->word, check->word) == 0; f++) {
            if (f->name == NULL) break;
            if (strcmp(f->name, field) == 0) return true;
        }
    return false;
}

/* A word that several units share has the fields of all of them. */
static void put_check(const judge_check *check, FILE *out) {
    char name[80], takes[120], class[80];
    for (const judge_check *const *c = judge_checks; *c != check; c++)
        if (strcmp((*c)->word, check->word) == 0) return;
    snprintf(class, sizeof class, "check.%s", check->word);
    begin_class(class, out);
    fputs("---@field unit? string of TS 103 701; which of those that share the word\n", out);
    for (const judge_check *const *c = judge_checks; *c != NULL; c++)
        for (const sim_field *f = (*c)->fields; strcmp((*c)->word, check->word) == 0; f++) {
            if (f->name == NULL) break;
            if (!is_known(*c, f->name)) put_field("check", f, f->name, out);
        }
    snprintf(name, sizeof name, "judge.%s", check->word);
    snprintf(takes, sizeof takes, "fields: blackstart.%s", class);
    put_word(&(script_word){name, takes, "blackstart.finding", check->title}, out);
}

static bool is_common(const char *name) {
    for (const sim_field *f = net_hop_fields; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0) return true;
    return false;
}

/* A link has the fields of every kind; which go together is said when it is read. */
static void put_hops(FILE *out) {
    begin_class("hop", out);
    fputs("---@field kind? ", out);
    for (const net_hop_kind *const *k = net_hop_kinds; *k != NULL; k++)
        fprintf(out, "%s\"%s\"", k == net_hop_kinds ? "" : "|", (*k)->word);
    fputs(" what it does to packets besides\n", out);
    put_fields("hop", net_hop_fields, out);
    for (const net_hop_kind *const *k = net_hop_kinds; *k != NULL; k++)
        for (const sim_field *f = (*k)->fields; f->name != NULL; f++)
            if (f->kind != SIM_FIELD_LATER && !is_common(f->name))
                put_field("hop", f, f->name, out);
}

/* ---- all of it ---- */

static const char head[] =
    "---@meta\n"
    "-- SPDX-License-Identifier: GPL-3.0-or-later\n"
    "-- The words of Blackstart's scenarios. Made by the program from its own rows: blackstart "
    "init\n"
    "-- makes it anew.\n"
    "\n"
    "---A duration: a text with units (\"90s\", \"1h10m\"), or a value that was reckoned; only 0 "
    "needs\n"
    "---no unit.\n"
    "---@alias blackstart.span string|blackstart.duration|0\n"
    "\n"
    "---@class blackstart.duration\n"
    "---@operator add(blackstart.span): blackstart.duration\n"
    "---@operator sub(blackstart.span): blackstart.duration\n"
    "---@operator mul(number): blackstart.duration\n"
    "---@operator div(number): blackstart.duration\n"
    "---@operator concat(any): string\n"
    "local Duration = {}\n"
    "\n"
    "---@class blackstart.law\n"
    "\n"
    "---@class blackstart.finding\n"
    "---@field unit string\n"
    "---@field verdict \"PASS\"|\"FAIL\"|\"INCONCLUSIVE\"\n"
    "---@field sentence string\n"
    "---@field measures table<string, number>\n"
    "\n"
    "---Streets, homes or devices of a fleet: narrowed, struck by faults, counted.\n"
    "---@class blackstart.selection\n"
    "local Selection = {}\n"
    "\n"
    "---All streets.\n"
    "---@type blackstart.selection\n"
    "substation = nil\n"
    "\n"
    "---@type \"virtual\"|\"real\"\n"
    "world = nil\n"
    "\n"
    "fleet, law, declare, judge = {}, {}, {}, {}\n";

void script_annotations(FILE *out) {
    fputs(head, out);
    for (const script_table *c = script_tables; c->name != NULL; c++) put_table(c, out);
    put_hops(out);
    for (const script_word *w = script_words; w->name != NULL; w++) put_word(w, out);
    for (const script_word *w = script_methods; w->name != NULL; w++) put_word(w, out);
    put_laws(out);
    for (const fleet_fault *const *f = fleet_faults; *f != NULL; f++)
        if (!(*f)->word_of_setup) put_fault(*f, out);
    for (const judge_check *const *c = judge_checks; *c != NULL; c++) put_check(*c, out);
}
