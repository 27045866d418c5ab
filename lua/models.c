/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In setup: model{ ... }, a kind of device of the scenario's own. It lives, works and measures as
 * the model that it is based on, and brings what a kind of device may say as its usual values: law,
 * boot time, protocol, reports, household. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lua/names.h"
#include "lua/read.h"

static const char *const class_words[] = {"C0", "C1", "C2", "-", NULL};
static const char *const energy_words[] = {"E0", "E1", "E2", "E9", NULL};
enum { AS_BASE = -1 };
enum { LETTERS_MAX = 31 };
static const char registry[] = "blackstart.models";

typedef struct model_words {
    const char *name, *based_on, *title;
    int device_class, energy;
} model_words;

const sim_field script_model_fields[] = {
    {.name = "name",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(model_words, name),
     .required = true,
     .help = "small letters, digits and dashes"},
    {.name = "based_on",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(model_words, based_on),
     .required = true,
     .help = "whose life, local function and telemetry it has; blackstart list models"},
    {.name = "title",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(model_words, title),
     .help = "a line for people; that of its base"},
    {.name = "class",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(model_words, device_class),
     .choices = class_words,
     .help = "of RFC 7228; that of its base"},
    {.name = "energy",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(model_words, energy),
     .choices = energy_words,
     .help = "of RFC 7228, E9 is the mains; that of its base"},
    {.name = "telemetry",
     .kind = SIM_FIELD_LATER,
     .help = "what it measures besides, up to four readings; what its base does"},
    {.name = NULL},
};

typedef struct reading_words {
    const char *name, *unit;
    double low, high;
} reading_words;

const sim_field script_reading_fields[] = {
    {.name = "name",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(reading_words, name),
     .required = true,
     .help = "of the record in its reports, as in SenML"},
    {.name = "unit",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(reading_words, unit),
     .help = "as in SenML (RFC 8428, 12.1): Cel, %RH, Pa; none"},
    {.name = "low",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(reading_words, low),
     .minimum = -1e9,
     .maximum = 1e9,
     .required = true,
     .help = "its least value; it follows the day, in each device at an hour of its own"},
    {.name = "high",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(reading_words, high),
     .minimum = -1e9,
     .maximum = 1e9,
     .required = true,
     .help = "its highest"},
    {.name = NULL},
};

static bool is_own_field(const char *name) {
    const sim_field *f = script_model_fields;
    while (f->name != NULL && strcmp(f->name, name) != 0) f++;
    return f->name != NULL;
}

const dev_model *script_own_model(const script *s, const char *name) {
    for (size_t i = 0; i < s->model_count; i++)
        if (strcmp(s->models[i].name, name) == 0) return &s->models[i];
    return NULL;
}

static void check_name(lua_State *L, const char *what, const char *name) {
    size_t n = strlen(name);
    bool good = n >= 1 && n <= LETTERS_MAX && islower((unsigned char)name[0]);
    for (const char *c = name; *c != '\0'; c++)
        good = good && (islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-');
    if (!good)
        script_fail(L,
                    "%s: name: small letters, digits and dashes, %d at most, such as "
                    "\"cellar-sensor\"",
                    what, LETTERS_MAX);
    if (dev_model_named(name) != NULL || script_own_model(script_of(L), name) != NULL)
        script_fail(L, "%s: there is a model '%s' already; give it a name of its own", what, name);
}

/* Pushes two tables: what is the model's own of the table at 1, and what is a kind of device's. */
static void part(lua_State *L) {
    lua_newtable(L);
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            script_fail(L, "model: every value needs its name, as in model{ name = ... }");
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, is_own_field(lua_tostring(L, -2)) ? 2 : 3);
    }
}

/* What it brings is read when it is said, so that a mistake has its own line. */
static void check_usual(lua_State *L, const char *what) {
    lua_getfield(L, 3, "model");
    if (!lua_isnil(L, -1))
        script_fail(L, "%s: there is no 'model'; say based_on = \"MODEL\"", what);
    lua_pop(L, 1);
    script_try_group(L, 3, what);
}

static void keep_usual(lua_State *L, const char *name) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, registry);
    lua_pushvalue(L, 3);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

/* One reading, the table at the top of the stack. */
static void take_reading(lua_State *L, dev_own_reading *out) {
    static const char what[] = "model: telemetry";
    reading_words w = {.unit = ""};
    if (!lua_istable(L, -1))
        script_refuse(L, what, -1,
                      "a list of readings, such as { { name = \"pressure\", unit = \"Pa\", low = "
                      "98000, high = 102000 } }");
    script_read_fields(L, lua_gettop(L), what, script_reading_fields, &w);
    size_t letters = strspn(w.name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (letters == 0 || w.name[letters] != '\0' || letters >= sizeof out->name)
        script_fail(L, "%s: name: small letters, digits and dashes, %d at most", what,
                    (int)sizeof out->name - 1);
    if (strlen(w.unit) >= sizeof out->unit)
        script_fail(L, "%s: unit: %d letters at most", what, (int)sizeof out->unit - 1);
    if (w.high < w.low) script_fail(L, "%s: %s: high is below low", what, w.name);
    *out = (dev_own_reading){.low = w.low, .high = w.high};
    (void)snprintf(out->name, sizeof out->name, "%s", w.name);
    (void)snprintf(out->unit, sizeof out->unit, "%s", w.unit);
}

/* What its base measures of its own it measures, too. */
static void take_telemetry(lua_State *L, dev_model *m, dev_own_reading *into) {
    if (m->own_count > 0) memcpy(into, m->own, m->own_count * sizeof *into);
    m->own = into;
    if (lua_getfield(L, 2, "telemetry") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    size_t n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;
    if (n == 0 || m->own_count + n > DEV_OWN_READINGS_MAX)
        script_fail(L, "model: telemetry: a list of 1 to %d readings, those of its base among them",
                    DEV_OWN_READINGS_MAX);
    for (size_t i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i);
        take_reading(L, &into[m->own_count++]);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static int word_model(lua_State *L) {
    static const char what[] = "model";
    script *s = script_of(L);
    model_words w = {.device_class = AS_BASE, .energy = AS_BASE};
    script_need(L, what, SCRIPT_SETUP);
    lua_settop(L, 1);
    if (!lua_istable(L, 1)) script_refuse(L, what, 1, "a table of named values in braces");
    part(L);
    script_read_fields(L, 2, what, script_model_fields, &w);
    check_name(L, what, w.name);
    const dev_model *base = script_model_named(L, "model: based_on", w.based_on);
    check_usual(L, what);
    if (s->model_count == SCRIPT_MODELS_MAX)
        script_fail(L, "%s: at most %d of them", what, SCRIPT_MODELS_MAX);
    dev_model *m = &s->models[s->model_count++];
    *m = *base;
    m->name = w.name;
    m->base = base->base != NULL ? base->base : base;
    if (w.title != NULL) m->title = w.title;
    if (w.device_class != AS_BASE) m->device_class = class_words[w.device_class];
    if (w.energy != AS_BASE) m->energy = energy_words[w.energy];
    take_telemetry(L, m, s->readings[m - s->models]);
    keep_usual(L, w.name);
    return 0;
}

/* Copies what is not in the table at the top from the one below it. */
static void add_usual(lua_State *L, int into, int from) {
    for (lua_pushnil(L); lua_next(L, from) != 0; lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        bool said = lua_rawget(L, into) != LUA_TNIL;
        lua_pop(L, 1);
        if (said) continue;
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, into);
    }
}

/* The author's own table stays as he wrote it. */
void script_push_whole_group(lua_State *L, int index) {
    index = lua_absindex(L, index);
    lua_pushvalue(L, index);
    if (!lua_istable(L, index)) return;
    lua_getfield(L, index, "model");
    const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    const dev_model *own = name == NULL ? NULL : script_own_model(script_of(L), name);
    lua_pop(L, 1);
    if (own == NULL) return;
    lua_newtable(L);
    int whole = lua_gettop(L);
    add_usual(L, whole, index);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, registry);
    lua_getfield(L, -1, own->name);
    add_usual(L, whole, lua_gettop(L));
    lua_pop(L, 2);
    lua_replace(L, whole - 1);
}

void script_open_models(lua_State *L, int language) {
    lua_pushcfunction(L, word_model);
    lua_setfield(L, language, "model");
}
