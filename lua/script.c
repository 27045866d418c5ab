/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lua/script.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lua/read.h"
#include "sim/core/heap.h"
#include "sim/run/finish.h"

/* ---- scenario { ... } ---- */

typedef struct scenario_words {
    const char *title, *provision;
    sim_time duration;
} scenario_words;

const sim_field script_scenario_fields[] = {
    {.name = "title",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(scenario_words, title),
     .required = true,
     .help = "one line"},
    {.name = "provision",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(scenario_words, provision),
     .help = "of EN 303 645, such as 5.9-3"},
    {.name = "units",
     .kind = SIM_FIELD_LATER,
     .help = "test units of TS 103 701 that the verdict will judge"},
    {.name = "duration",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(scenario_words, duration),
     .help = "for a scenario without a drill"},
    {.name = NULL},
};

/* units = { "5.9-3-2 a" } in the table at 1 */
static void take_units(lua_State *L) {
    script *s = script_of(L);
    if (lua_getfield(L, 1, "units") == LUA_TNIL) return;
    size_t count = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;
    if (count == 0 || count > SCRIPT_FINDINGS_MAX)
        script_refuse(L, "scenario: units", -1, "a list of test units, such as { \"5.9-3-2 a\" }");
    s->units = sim_calloc(count, sizeof *s->units);
    if (s->units == NULL) script_fail(L, "out of memory");
    for (size_t i = 0; i < count; i++) {
        if (lua_rawgeti(L, -1, (lua_Integer)i + 1) != LUA_TSTRING ||
            lua_rawlen(L, -1) >= sizeof s->findings[0].unit)
            script_refuse(L, "scenario: units", -1, "a test unit, such as \"5.9-3-2 a\"");
        s->units[s->unit_count++] = script_keep(L, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
}

/* Behind some digits and a letter that may follow them ("3A"); NULL: there are no digits. */
static const char *behind_number(const char *text) {
    size_t digits = strspn(text, "0123456789");
    if (digits == 0) return NULL;
    return text + digits + (text[digits] >= 'A' && text[digits] <= 'Z');
}

/* "5.9-3", "6.3A" or nothing. */
static bool is_provision(const char *text) {
    if (text[0] == '\0') return true;
    const char *at = behind_number(text);
    if (at == NULL || *at != '.') return false;
    at = behind_number(at + 1);
    if (at == NULL || *at != '-') return at != NULL && *at == '\0';
    at = behind_number(at + 1);
    return at != NULL && *at == '\0';
}

static int word_scenario(lua_State *L) {
    script *s = script_of(L);
    scenario_words w = {.provision = "", .duration = SIM_NEVER};
    script_need(L, "scenario", SCRIPT_CHUNK);
    if (s->declared) script_fail(L, "scenario is there twice");
    script_read_fields(L, 1, "scenario", script_scenario_fields, &w);
    if (w.title[0] == '\0' || strlen(w.title) >= sizeof s->about.title)
        script_fail(L, "scenario: a title has 1 to %d letters", (int)sizeof s->about.title - 1);
    if (strlen(w.provision) >= sizeof s->findings[0].provision || !is_provision(w.provision))
        script_fail(L, "scenario: a provision looks like \"5.9-3\", not like '%s'", w.provision);
    snprintf(s->about.title, sizeof s->about.title, "%s", w.title);
    snprintf(s->about.provision, sizeof s->about.provision, "%s", w.provision);
    s->duration = w.duration;
    take_units(L);
    s->declared = true;
    return 0;
}

void script_open_scenario(lua_State *L, int language) {
    lua_pushcfunction(L, word_scenario);
    lua_setfield(L, language, "scenario");
}

/* ---- loading ---- */

typedef struct source {
    const char *text;
    size_t size;
} source;

/* A mark that some editors put in front of UTF-8 is not part of the scenario. */
static source without_mark(source from) {
    if (from.size >= 3 && memcmp(from.text, "\xef\xbb\xbf", 3) == 0)
        return (source){from.text + 3, from.size - 3};
    return from;
}

/* A scenario without drill(p) runs for its parameter or field `duration`. */
static void check_phases(lua_State *L) {
    script *s = script_of(L);
    if (!s->has[SCRIPT_SETUP])
        script_fail(L, "there is no function setup(p): nothing says what the fleet is made of");
    if (s->has[SCRIPT_DRILL]) return;
    script_push_parameters(L);
    lua_getfield(L, LUA_REGISTRYINDEX, "values");
    lua_pushliteral(L, "duration");
    lua_rawget(L, -2); /* to have none is no mistake */
    if (!script_is_duration(L, -1, &s->duration) && s->duration == SIM_NEVER)
        script_fail(L,
                    "there is neither a function drill(p) nor a duration: say scenario { duration "
                    "= \"10m\" "
                    "} or make it a parameter");
}

static int run_chunk(lua_State *L) {
    script *s = script_of(L);
    source chunk = without_mark(*(const source *)lua_touserdata(L, 1));
    lua_pushfstring(L, "@%s", s->path);
    if (luaL_loadbufferx(L, chunk.text, chunk.size, lua_tostring(L, -1), "t") != LUA_OK)
        return lua_error(L);
    lua_getfield(L, LUA_REGISTRYINDEX, "environment");
    lua_setupvalue(L, -2, 1);
    lua_call(L, 0, 0);
    if (!s->declared) script_fail(L, "there is no scenario { title = \"...\" }");
    if (s->about_only) return 0;
    script_check_sets(L);
    check_phases(L);
    return 0;
}

/* Copies the line why there is no script, and lets go of it. */
static script *give_up(script *s, const char *path, char *why, size_t size) {
    if (s == NULL)
        snprintf(why, size, "%s: out of memory", path);
    else
        snprintf(why, size, "%s", s->why);
    script_free(s);
    return NULL;
}

script *script_load_text(const char *path, const char *text, size_t size, const script_set *sets,
                         size_t set_count, uint64_t seed, bool real, int64_t budget, char *why,
                         size_t why_size) {
    source from = {text, size};
    script *s = script_state_new(path, seed, real);
    if (s == NULL || s->why[0] != '\0') return give_up(s, path, why, why_size);
    if (budget > 0) s->budget_full = budget;
    s->sets = sets;
    s->set_count = set_count;
    if (script_protected(s, SCRIPT_CHUNK, run_chunk, &from) != 0)
        return give_up(s, path, why, why_size);
    s->sets = NULL;
    s->set_count = 0;
    return s;
}

/* ---- files ---- */

/* The file's text on the heap, or NULL with a line in `why`. */
static char *read_file(const char *path, size_t *size, char *why, size_t why_size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        snprintf(why, why_size, "%s: %s; `blackstart list` names the scenarios", path,
                 strerror(errno));
        return NULL;
    }
    char *text = sim_malloc(SCRIPT_FILE_MAX + 1);
    errno = 0;
    *size = text != NULL ? fread(text, 1, SCRIPT_FILE_MAX + 1, file) : 0;
    bool failed = ferror(file) != 0;
    int reason = errno;
    (void)fclose(file);
    if (text != NULL && !failed && *size <= SCRIPT_FILE_MAX) return text;
    if (text == NULL)
        snprintf(why, why_size, "%s: out of memory", path);
    else if (failed)
        snprintf(why, why_size, "%s: %s; a scenario is a file of Lua text%s", path,
                 strerror(reason),
                 reason == EISDIR ? ", blackstart test runs a folder of them" : "");
    else
        snprintf(why, why_size, "%s: larger than 1 MB; a scenario is a file of Lua text", path);
    sim_free(text);
    return NULL;
}

script *script_load(const char *path, const script_set *sets, size_t set_count, uint64_t seed,
                    bool real, char *why, size_t size) {
    size_t length;
    char *text = read_file(path, &length, why, size);
    if (text == NULL) return NULL;
    script *s = script_load_text(path, text, length, sets, set_count, seed, real, 0, why, size);
    sim_free(text);
    return s;
}

int script_describe(const char *path, script_about *out, char *why, size_t size) {
    source from;
    char *text = read_file(path, &from.size, why, size);
    if (text == NULL) return SIM_EPARSE;
    from.text = text;
    script *s = script_state_new(path, 0, false);
    int error = SIM_EPARSE;
    if (s != NULL && s->why[0] == '\0') {
        s->about_only = true;
        error = script_protected(s, SCRIPT_CHUNK, run_chunk, &from);
    }
    sim_free(text);
    if (error != 0) {
        (void)give_up(s, path, why, size);
        return error;
    }
    *out = s->about;
    script_free(s);
    return 0;
}

void script_free(script *s) {
    if (s == NULL) return;
    if (s->L != NULL) lua_close(s->L);
    while (s->texts != NULL) {
        script_text *next = s->texts->next;
        sim_free(s->texts);
        s->texts = next;
    }
    sim_free(s->units);
    sim_free(s->parameters);
    sim_free(s->declarations);
    sim_free(s->path);
    sim_free(s->findings);
    sim_free(s->guards);
    sim_free(s);
}

/* ---- what others ask ---- */

const char *script_title(const script *s) {
    return s->about.title;
}

const report_parameter *script_parameters(const script *s, size_t *count) {
    *count = s->parameter_count;
    return s->parameters;
}

const script_declared *script_declarations(const script *s) {
    return s->declarations;
}

const char *script_why(const script *s) {
    return s->why;
}

const char *script_missed_trigger(const script *s) {
    return s->missed;
}

const char *script_unjudged(const script *s) {
    return s->unjudged;
}

/* Parameters that a product says in their place. */
static bool is_of_product(const script_product *p, const char *parameter) {
    return (p->has_law && strcmp(parameter, "law") == 0) ||
           (p->has_report_every && strcmp(parameter, "report_every") == 0);
}

int script_take_product(script *s, const script_product *product) {
    s->product = product;
    for (size_t i = 0; i < s->parameter_count; i++) {
        report_parameter *p = &s->parameters[i];
        if (!is_of_product(product, p->name)) continue;
        if (p->given) {
            snprintf(s->why, sizeof s->why,
                     "the product says its %s itself (--set %s): leave one of the two out", p->name,
                     p->name);
            return SIM_EPARSE;
        }
        *p = (report_parameter){p->name, "the product's", true};
    }
    return 0;
}

bool script_lacks_product(const script *s) {
    return s->lacks_product;
}

/* A product that no device of the scenario is would be a run of something else. */
static void check_product(lua_State *L) {
    script *s = script_of(L);
    const script_product *p = s->product;
    if (p == NULL) return;
    s->lacks_product = s->product_groups == 0;
    if (s->lacks_product)
        script_fail(L,
                    "setup(p): no device of this scenario is a %s, so the product '%s' cannot be "
                    "tried here",
                    p->model->name, p->name);
    if (p->declares) s->spec.ixit = p->ixit;
}

static int call_setup(lua_State *L) {
    script *s = script_of(L);
    char wrong[256];
    script_push_phase(L, SCRIPT_SETUP);
    script_push_parameters(L);
    lua_call(L, 1, 0);
    if (s->spec.zone_count == 0)
        script_fail(L,
                    "setup(p) made no devices: say fleet.streets{ ... } or fleet.devices{ ... }");
    check_product(L);
    script_scale_cloud(s);
    const char *sentence = fleet_spec_wrong(&s->spec, s->real, wrong, sizeof wrong);
    if (sentence != NULL) script_fail(L, "setup(p): %s", sentence);
    return 0;
}

int script_setup(script *s, fleet_spec **spec) {
    *spec = &s->spec;
    return script_protected(s, SCRIPT_SETUP, call_setup, NULL);
}

const char *script_lua_version(void) {
    return LUA_RELEASE;
}
