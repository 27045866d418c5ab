/* SPDX-License-Identifier: GPL-3.0-or-later */
/* law.full_jitter{ base = "1s", cap = "60s", window = "2m" } and its like: back-off laws as values
 * (devices/law.h). */
#include <stdio.h>

#include "lua/read.h"

static const char kind[] = "law";

bool script_is_law(lua_State *L, int index, dev_law *out) {
    const dev_law *held = luaL_testudata(L, index, kind);
    if (held != NULL) *out = *held;
    return held != NULL;
}

static int law_text(lua_State *L) {
    char text[DEV_LAW_TEXT_MAX];
    lua_pushstring(L, dev_law_text(luaL_checkudata(L, 1, kind), text, sizeof text));
    return 1;
}

static void push_law(lua_State *L, const dev_law *law) {
    static const luaL_Reg methods[] = {{NULL, NULL}};
    static const luaL_Reg more[] = {{"__tostring", law_text}, {NULL, NULL}};
    dev_law *held = lua_newuserdatauv(L, sizeof *held, 0);
    *held = *law;
    script_push_kind(L, kind, methods, more);
    lua_setmetatable(L, -2);
}

#define WINDOW \
    { .name = "window", .kind = SIM_FIELD_DURATION, .offset = offsetof(dev_law, initial_window) }
#define BASE \
    { .name = "base", .kind = SIM_FIELD_DURATION, .offset = offsetof(dev_law, base) }
#define CAP \
    { .name = "cap", .kind = SIM_FIELD_DURATION, .offset = offsetof(dev_law, cap) }
#define FACTOR \
    { .name = "factor", .kind = SIM_FIELD_NUMBER, .offset = offsetof(dev_law, factor) }
#define LOW_HIGH                                                                    \
    {.name = "low", .kind = SIM_FIELD_NUMBER, .offset = offsetof(dev_law, low)}, {  \
        .name = "high", .kind = SIM_FIELD_NUMBER, .offset = offsetof(dev_law, high) \
    }
/* What every law can do besides. */
#define HABITS                                                                               \
    WINDOW,                                                                                  \
        {.name = "tries",                                                                    \
         .kind = SIM_FIELD_COUNT32,                                                          \
         .offset = offsetof(dev_law, tries),                                                 \
         .maximum = 1e6},                                                                    \
        {.name = "rest", .kind = SIM_FIELD_DURATION, .offset = offsetof(dev_law, rest)},     \
        {.name = "reset_after",                                                              \
         .kind = SIM_FIELD_DURATION,                                                         \
         .offset = offsetof(dev_law, reset_after)},                                          \
        {.name = "on_the", .kind = SIM_FIELD_DURATION, .offset = offsetof(dev_law, on_the)}, \
        {.name = "seed",                                                                     \
         .kind = SIM_FIELD_CHOICE,                                                           \
         .offset = offsetof(dev_law, seed),                                                  \
         .choices = dev_law_seed_words},                                                     \
    {                                                                                        \
        .name = NULL                                                                         \
    }

static const sim_field immediate_fields[] = {HABITS};
static const sim_field fixed_fields[] = {BASE, HABITS};
static const sim_field growing_fields[] = {BASE, CAP, FACTOR, HABITS};
static const sim_field decorrelated_fields[] = {BASE, CAP, HABITS};
static const sim_field drawn_fields[] = {BASE, CAP, FACTOR, LOW_HIGH, HABITS};

static const struct {
    const char *word;
    dev_law_kind kind;
    const sim_field *fields;
    sim_time base, cap; /* unless the scenario says otherwise, as are these: */
    double low, high;
} words[] = {
    {"immediate", DEV_LAW_IMMEDIATE, immediate_fields, SIM_SECOND, SIM_SECOND, 0, 0},
    {"fixed", DEV_LAW_FIXED, fixed_fields, 10 * SIM_SECOND, SIM_NEVER, 0, 0},
    {"exponential", DEV_LAW_EXPONENTIAL, growing_fields, SIM_SECOND, SIM_MINUTE, 0, 0},
    {"full_jitter", DEV_LAW_FULL_JITTER, growing_fields, SIM_SECOND, SIM_MINUTE, 0, 0},
    {"equal_jitter", DEV_LAW_EQUAL_JITTER, growing_fields, SIM_SECOND, SIM_MINUTE, 0, 0},
    {"decorrelated_jitter", DEV_LAW_DECORRELATED_JITTER, decorrelated_fields, SIM_SECOND,
     SIM_MINUTE, 0, 0},
    {"spread", DEV_LAW_SPREAD, drawn_fields, SIM_SECOND, SIM_MINUTE, 0.5, 1.5},
    {"one_draw", DEV_LAW_ONE_DRAW, drawn_fields, 2 * SIM_SECOND, SIM_NEVER, 1, 1.5},
};

/* Upvalue 1: index in `words`. Without a table all is as usual: law.fixed() */
static int make_law(lua_State *L) {
    size_t i = (size_t)lua_tointeger(L, lua_upvalueindex(1));
    dev_law law = {.kind = words[i].kind,
                   .base = words[i].base,
                   .cap = words[i].cap,
                   .factor = 2,
                   .low = words[i].low,
                   .high = words[i].high};
    char what[40];
    snprintf(what, sizeof what, "law.%s", words[i].word);
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, what, words[i].fields, &law);
    const char *wrong = dev_law_wrong(&law);
    if (wrong != NULL) script_fail(L, "%s: %s", what, wrong);
    push_law(L, &law);
    return 1;
}

/* law.preset "paho-c": the law of a client, or of a mistake. */
static int make_preset(lua_State *L) {
    const char *name = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : NULL;
    const dev_preset *preset = name != NULL ? dev_preset_named(name) : NULL;
    if (preset == NULL)
        script_refuse(L, "law.preset", 1, "the name of a preset (blackstart list laws shows them)");
    push_law(L, &preset->law);
    return 1;
}

/* law.presets(): their names, for the choices of a parameter. */
static int list_presets(lua_State *L) {
    lua_createtable(L, (int)dev_preset_count, 0);
    for (size_t i = 0; i < dev_preset_count; i++) {
        lua_pushstring(L, dev_presets[i].name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

void script_open_laws(lua_State *L, int language) {
    lua_newtable(L);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        lua_pushinteger(L, (lua_Integer)i);
        lua_pushcclosure(L, make_law, 1);
        lua_setfield(L, -2, words[i].word);
    }
    lua_pushcfunction(L, make_preset);
    lua_setfield(L, -2, "preset");
    lua_pushcfunction(L, list_presets);
    lua_setfield(L, -2, "presets");
    lua_setfield(L, language, "law");
}
