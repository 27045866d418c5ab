/* SPDX-License-Identifier: GPL-3.0-or-later */
/* law.full_jitter{ base = "1s", cap = "60s", window = "2m" } and its like: back-off laws as values
 * (devices/law.h). */
#include <stdio.h>

#include "lua/names.h"
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

enum { FIELDS_MAX = 24, WORD_MAX = 32 };

/* "full_jitter": the word of a law as a name of the language. */
static void name_of(dev_law_kind which, char *name, size_t size) {
    snprintf(name, size, "%s", dev_law_word(which));
    for (char *at = name; *at != '\0'; at++)
        if (*at == '-') *at = '_';
}

/* The fields as the language has them, behind `count` that are there; returns how many. */
static size_t add_fields(sim_field *fields, size_t count, const dev_law_field *more) {
    for (; more->field.name != NULL; more++) {
        if (more->file_only) continue;
        SIM_PROMISE(count + 1 < FIELDS_MAX);
        fields[count] = more->field;
        if (more->script != NULL) fields[count].name = more->script;
        count++;
    }
    return count;
}

/* Upvalue 1: the kind. Without a table all is as usual: law.fixed() */
static int make_law(lua_State *L) {
    dev_law_kind which = (dev_law_kind)lua_tointeger(L, lua_upvalueindex(1));
    dev_law law = dev_law_usual(which);
    char name[WORD_MAX], what[WORD_MAX + 8];
    sim_field fields[FIELDS_MAX] = {{.name = NULL}};
    add_fields(fields, add_fields(fields, 0, dev_law_fields(which)), dev_law_habits);
    name_of(which, name, sizeof name);
    snprintf(what, sizeof what, "law.%s", name);
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, what, fields, &law);
    const char *wrong = dev_law_wrong(&law);
    if (wrong != NULL) script_fail(L, "%s: %s", what, wrong);
    push_law(L, &law);
    return 1;
}

/* Ends in an error: neither a preset nor, of law.named, one of the other laws has that name. */
static _Noreturn void refuse_name(lua_State *L, const char *what, bool every) {
    enum { NAMES_MAX = 128 };
    const char *names[NAMES_MAX] = {"orderly"};
    size_t count = every ? 1 : 0;
    SIM_PROMISE(dev_preset_count + DEV_LAWS + 1 <= NAMES_MAX);
    for (int i = 0; every && i < DEV_LAWS; i++) names[count++] = dev_law_word((dev_law_kind)i);
    for (size_t i = 0; i < dev_preset_count; i++) names[count++] = dev_presets[i].name;
    const char *near =
        lua_type(L, 1) == LUA_TSTRING ? script_names_near(lua_tostring(L, 1), names, count) : NULL;
    lua_pushfstring(L, "the name of a %s%s%s%s (blackstart list laws shows them)",
                    every ? "law" : "preset", near != NULL ? "; did you mean '" : "",
                    near != NULL ? near : "", near != NULL ? "'?" : "");
    script_refuse(L, what, 1, lua_tostring(L, -1));
}

/* law.preset "paho-c": the law of a client, or of a mistake. The prelude's law.named says "named"
 * behind it. */
static int make_preset(lua_State *L) {
    const char *name = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : NULL;
    const dev_preset *preset = name != NULL ? dev_preset_named(name) : NULL;
    bool named = !lua_isnoneornil(L, 2);
    if (preset == NULL) refuse_name(L, named ? "law.named" : "law.preset", named);
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

/* law.kinds(): the words of the kinds of law, as blackstart list laws has them. */
static int list_kinds(lua_State *L) {
    lua_createtable(L, DEV_LAWS, 0);
    for (int i = 0; i < DEV_LAWS; i++) {
        lua_pushstring(L, dev_law_word((dev_law_kind)i));
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

void script_open_laws(lua_State *L, int language) {
    lua_newtable(L);
    for (int i = 0; i < DEV_LAWS; i++) {
        char name[WORD_MAX];
        name_of((dev_law_kind)i, name, sizeof name);
        lua_pushinteger(L, i);
        lua_pushcclosure(L, make_law, 1);
        lua_setfield(L, -2, name);
    }
    lua_pushcfunction(L, list_kinds);
    lua_setfield(L, -2, "kinds");
    lua_pushcfunction(L, make_preset);
    lua_setfield(L, -2, "preset");
    lua_pushcfunction(L, list_presets);
    lua_setfield(L, -2, "presets");
    lua_setfield(L, language, "law");
}
