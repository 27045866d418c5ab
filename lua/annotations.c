/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lua/annotations.h"

#include <string.h>

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
    fprintf(out, "---@field %s%s ", name, f->required ? "" : "?");
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

/* ---- words ---- */

/* What a word takes: "name: type" or "name?: type", with commas between them. */
typedef struct word {
    const char *name, *takes, *returns, *help;
} word;

static const word words[] = {
    {"scenario", "fields: blackstart.scenario", NULL, "What it is about; while the file is read."},
    {"params", "list: blackstart.parameter[]", NULL,
     "What --set can change; while the file is read."},
    {"cloud", "fields: blackstart.cloud", NULL,
     "What the built-in cloud can take; said in the drill, from then on."},
    {"examiner", "fields?: blackstart.examiner", NULL,
     "In setup: the cloud examines telemetry for anomalies."},
    {"fleet.streets", "fields: blackstart.streets", "blackstart.selection",
     "In setup: homes behind routers, in streets."},
    {"fleet.devices", "fields: blackstart.line", "blackstart.selection",
     "In setup: devices without streets, each on a line of its own."},
    {"fleet.all", "", "blackstart.selection", "All devices of the fleet."},
    {"fleet.online", "", "integer", "How many devices are online."},
    {"fleet.version", "version: integer", "number", "The share of all devices that run it."},
    {"fleet.update_failures", "", "integer", "How many updates all devices have refused."},
    {"law.orderly",
     "fields: { devices: integer|string, capacity: number|string, base?: blackstart.span, cap?: "
     "blackstart.span, reset_after?: blackstart.span }",
     "blackstart.law",
     "The first attempt in a window that is sized to the cloud, then full jitter."},
    {"law.named", "name: string, given?: { devices: integer|string, capacity: number|string }",
     "blackstart.law", "What --set law=NAME means."},
    {"law.names", "", "string[]", "All that law.named knows, for the choices of a parameter."},
    {"law.kinds", "", "string[]", "The words of the laws."},
    {"law.preset", "name: string", "blackstart.law",
     "The law of a client, or of a mistake: blackstart list laws."},
    {"law.presets", "", "string[]", "The names of the presets."},
    {"declare.resilience", "fields: blackstart.resilience", NULL,
     "In setup: a resilience mechanism, as the IXIT of TS 103 701 has it."},
    {"declare.interface", "fields: blackstart.interface", NULL,
     "In setup: an interface, as the IXIT of TS 103 701 has it."},
    {"declare.telemetry", "fields: blackstart.telemetry", NULL,
     "In setup: telemetry data, as the IXIT of TS 103 701 has it."},
    {"wait", "span: blackstart.span", NULL, "In the drill: the world goes on for so long."},
    {"wait_until", "since_start: blackstart.span", NULL,
     "In the drill: until so long after the start."},
    {"wait_online", "share: number|string, limit: { within: blackstart.span }", "boolean",
     "In the drill: until so many devices are online; false when it took too long."},
    {"now", "", "blackstart.duration", "How long the run has lasted."},
    {"say", "...: any", NULL, "A line of the run's story."},
    {"seconds", "n: number", "blackstart.duration", "A duration from a number of seconds."},
    {"duration", "text: blackstart.span", "blackstart.duration", "A duration from a text: \"5m\"."},
    {"expect",
     "name: string, condition: boolean|{ value: number, at_most?: number, at_least?: number, "
     "unit?: string, samples?: integer }, sentence: string, otherwise?: string",
     "blackstart.finding", "In the verdict: a check of your own."},
    {"threshold", "what: string, limit: string", "blackstart.finding",
     "In the verdict: a metric, a share of two or a measure, held against \"p(95)<200ms\"."},
};

static const word methods[] = {
    {"Selection:homes", "", "blackstart.selection", "The homes of it."},
    {"Selection:devices", "", "blackstart.selection", "The devices of it, without their routers."},
    {"Selection:fraction", "share: number|string, more?: { draw: integer }", "blackstart.selection",
     "A share of the homes or devices; the same words pick the same ones."},
    {"Selection:street", "number: integer", "blackstart.selection", "One street; 1 is the first."},
    {"Selection:model", "name: string", "blackstart.selection", "The devices of one model."},
    {"Selection:powered_by", "source: \"mains\"|\"battery\"", "blackstart.selection",
     "The devices that are powered so."},
    {"Selection:count", "", "integer, integer", "How many homes, and how many devices."},
    {"Selection:version", "version: integer", "number", "The share of them that runs it."},
    {"Selection:update_failures", "", "integer", "How many updates they have refused."},
    {"Duration:seconds", "", "number", "Its seconds, as a number."},
};

/* The names of `takes` alone: "share, limit". Commas in braces part nothing. */
static void put_names(const char *takes, FILE *out) {
    int depth = 0;
    bool name = true;
    for (const char *at = takes; *at != '\0'; at++) {
        depth += (*at == '{') - (*at == '}');
        if (*at == ':' || *at == '?') name = name && depth > 0;
        if (*at == ',' && depth == 0) name = true;
        if (name && depth == 0) fputc(*at, out);
    }
}

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

static void put_word(const word *w, FILE *out) {
    fprintf(out, "\n---%s\n", w->help);
    put_parameters(w->takes, out);
    if (w->returns != NULL) fprintf(out, "---@return %s\n", w->returns);
    fprintf(out, "function %s(", w->name);
    put_names(w->takes, out);
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
        put_word(&(word){function, takes, "blackstart.law", dev_law_help((dev_law_kind)i)}, out);
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
    put_word(&(word){name, takes, NULL, f->help}, out);
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
    put_word(&(word){name, takes, "blackstart.finding", check->title}, out);
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
    static const struct {
        const char *name;
        const sim_field *fields;
    } classes[] = {{"scenario", script_scenario_fields},
                   {"parameter", script_parameter_fields},
                   {"cloud", script_cloud_fields},
                   {"stage", script_stage_fields},
                   {"hop", net_hop_fields},
                   {"device", script_group_fields},
                   {"streets", script_streets_fields},
                   {"examiner", script_examiner_fields},
                   {"resilience", script_resilience_fields},
                   {"interface", script_interface_fields},
                   {"telemetry", script_telemetry_fields}};
    fputs(head, out);
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        put_class(classes[i].name, classes[i].fields, out);
    begin_class("line: blackstart.device", out);
    put_fields("line", script_line_fields, out);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) put_word(&words[i], out);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) put_word(&methods[i], out);
    put_laws(out);
    for (const fleet_fault *const *f = fleet_faults; *f != NULL; f++)
        if (!(*f)->word_of_setup) put_fault(*f, out);
    for (const judge_check *const *c = judge_checks; *c != NULL; c++) put_check(*c, out);
}
