/* SPDX-License-Identifier: GPL-3.0-or-later */
/* law.full_jitter{ base = "1s", cap = "60s", window = "2m" } and its like: back-off laws as values (devices/law.h). */
#include <stdio.h>

#include "lua/read.h"

static const char kind[] = "law";

bool script_is_law(lua_State *L, int index, dev_law *out) {
    const dev_law *held = luaL_testudata(L, index, kind);
    if (held != NULL) *out = *held;
    return held != NULL;
}

static int law_text(lua_State *L) {
    char text[200];
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
    { .name = "window", .read = script_read_duration, .offset = offsetof(dev_law, initial_window) }
#define BASE \
    { .name = "base", .read = script_read_duration, .offset = offsetof(dev_law, base) }
#define CAP \
    { .name = "cap", .read = script_read_duration, .offset = offsetof(dev_law, cap) }
#define FACTOR \
    { .name = "factor", .read = script_read_number, .offset = offsetof(dev_law, factor) }

static const script_field immediate_fields[] = {WINDOW, {.name = NULL}};
static const script_field fixed_fields[] = {BASE, WINDOW, {.name = NULL}};
static const script_field growing_fields[] = {BASE, CAP, FACTOR, WINDOW, {.name = NULL}};
static const script_field decorrelated_fields[] = {BASE, CAP, WINDOW, {.name = NULL}};

static const struct {
    const char *word;
    dev_law_kind kind;
    const script_field *fields;
    sim_time base, cap; /* unless the scenario says otherwise */
} words[] = {
    {"immediate", DEV_LAW_IMMEDIATE, immediate_fields, SIM_SECOND, SIM_SECOND},
    {"fixed", DEV_LAW_FIXED, fixed_fields, 10 * SIM_SECOND, SIM_NEVER},
    {"exponential", DEV_LAW_EXPONENTIAL, growing_fields, SIM_SECOND, SIM_MINUTE},
    {"full_jitter", DEV_LAW_FULL_JITTER, growing_fields, SIM_SECOND, SIM_MINUTE},
    {"equal_jitter", DEV_LAW_EQUAL_JITTER, growing_fields, SIM_SECOND, SIM_MINUTE},
    {"decorrelated_jitter", DEV_LAW_DECORRELATED_JITTER, decorrelated_fields, SIM_SECOND, SIM_MINUTE},
};

/* Upvalue 1: index in `words`. Without a table all is as usual: law.fixed() */
static int make_law(lua_State *L) {
    size_t i = (size_t)lua_tointeger(L, lua_upvalueindex(1));
    dev_law law = {.kind = words[i].kind, .base = words[i].base, .cap = words[i].cap, .factor = 2};
    char what[40];
    snprintf(what, sizeof what, "law.%s", words[i].word);
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, what, words[i].fields, &law);
    const char *wrong = dev_law_wrong(&law);
    if (wrong != NULL) script_fail(L, "%s: %s", what, wrong);
    push_law(L, &law);
    return 1;
}

void script_open_laws(lua_State *L, int language) {
    lua_newtable(L);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        lua_pushinteger(L, (lua_Integer)i);
        lua_pushcclosure(L, make_law, 1);
        lua_setfield(L, -2, words[i].word);
    }
    lua_setfield(L, language, "law");
}
