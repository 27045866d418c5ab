/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a scenario sees: an allow-list, in which every misspelt name is an error that says what
 * there is.
 *
 * New globals are refused but for the phases: a misspelt `function verdikt(p)` would otherwise be a
 * global that nobody ever calls, and a check that never ran would look like a check that passed.
 * Everything else is `local`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/names.h"
#include "lua/state.h"
#include "sim/core/heap.h"

static const char *const phase_names[SCRIPT_PHASES] = {NULL, "setup", "drill", "verdict"};

/* What people who know Lua look for, and what there is instead. */
static const struct {
    const char *name;
    const char *instead;
} absent[] = {
    {"print", "use say(...): its lines go into the story of the run"},
    {"os", "time is now() and wait; a scenario has no clock, no files and no environment"},
    {"io", "a scenario reads and writes no files"},
    {"require", "a scenario is one file"},
    {"dofile", "a scenario is one file"},
    {"load", "a scenario is one file"},
    {"next", "use pairs, which goes through a table in order of its keys"},
    {"setmetatable", "plain tables will do"},
    {"getmetatable", "plain tables will do"},
    {"coroutine", "the drill is one already: use wait"},
    {"sleep", "use wait \"30s\""},
    {"debug", "use say(...)"},
    {"collectgarbage", "memory is not the scenario's business"},
    {"_G", "the words of the language are there by themselves"},
};

/* ---- names ---- */

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in the table at `index`, sorted: pushes a userdata that holds the list. */
static const char *const *names_of(lua_State *L, int index, size_t *count) {
    index = lua_absindex(L, index);
    size_t n = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) n++;
    const char **names = lua_newuserdatauv(L, (n + 1) * sizeof *names, 0);
    size_t i = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) /* the table keeps them */
        if (lua_type(L, -2) == LUA_TSTRING) names[i++] = lua_tostring(L, -2);
    qsort(names, i, sizeof *names, by_text);
    *count = i;
    return names;
}

/* ---- sealed tables ---- */

/* __index of a sealed table's contents: (contents, key). Upvalue 1: what it is called. */
static int unknown_name(lua_State *L) {
    char hint[SCRIPT_WHY];
    size_t count;
    const char *word = script_text_of(L, 2);
    const char *const *names = names_of(L, 1, &count);
    script_fail(L, "%s has no '%s'%s", lua_tostring(L, lua_upvalueindex(1)), word,
                script_names_hint(word, names, count, hint, sizeof hint));
}

static int refuse_assignment(lua_State *L) {
    script_fail(L, "%s cannot be changed", lua_tostring(L, lua_upvalueindex(1)));
}

/* Gives the table on top an __index that complains. */
static void complain_in(lua_State *L, const char *name, lua_CFunction complain) {
    lua_createtable(L, 0, 1);
    lua_pushstring(L, name);
    lua_pushcclosure(L, complain, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}

void script_seal(lua_State *L, const char *name) {
    complain_in(L, name, unknown_name);
    lua_newtable(L);
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, name);
    lua_pushcclosure(L, refuse_assignment, 1);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
}

void script_push_kind(lua_State *L, const char *kind, const luaL_Reg *methods,
                      const luaL_Reg *more) {
    if (luaL_newmetatable(L, kind) == 0) return;
    if (more != NULL) luaL_setfuncs(L, more, 0);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    complain_in(L, kind, unknown_name);
    lua_setfield(L, -2, "__index");
}

/* ---- globals ---- */

static bool is_phase(const char *name, script_phase *phase) {
    for (int i = SCRIPT_SETUP; i < SCRIPT_PHASES; i++)
        if (strcmp(name, phase_names[i]) == 0) {
            *phase = (script_phase)i;
            return true;
        }
    return false;
}

void script_push_phase(lua_State *L, script_phase phase) {
    lua_getfield(L, LUA_REGISTRYINDEX, phase_names[phase]);
}

/* __index of the language: (language, name). */
static int unknown_global(lua_State *L) {
    char hint[SCRIPT_WHY];
    size_t count;
    script_phase phase;
    const char *word = script_text_of(L, 2);
    if (is_phase(word, &phase)) {
        script_push_phase(L, phase);
        return 1;
    }
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        if (strcmp(word, absent[i].name) == 0)
            script_fail(L, "there is no '%s' here: %s", word, absent[i].instead);
    const char *const *names = names_of(L, 1, &count);
    script_fail(L, "nothing is called '%s'%s", word,
                script_names_hint(word, names, count, hint, sizeof hint));
}

/* __newindex of the environment: (environment, name, value). */
static int new_global(lua_State *L) {
    script *s = script_of(L);
    script_phase phase;
    const char *name = script_text_of(L, 2);
    bool a_phase = is_phase(name, &phase);
    if (a_phase && s->phase != SCRIPT_CHUNK) script_fail(L, "%s cannot be changed", name);
    if (!a_phase) {
        const char *near =
            script_names_near(name, phase_names + SCRIPT_SETUP, SCRIPT_PHASES - SCRIPT_SETUP);
        if (near != NULL)
            script_fail(
                L, "'%s' is not a phase; did you mean '%s'? If not, write local in front of it",
                name, near);
        script_fail(L,
                    "'%s' would be global: write local in front of it (only setup, drill and "
                    "verdict are global)",
                    name);
    }
    if (!lua_isfunction(L, 3))
        script_fail(L, "%s is a phase and must be a function: function %s(p) ... end", name, name);
    if (s->has[phase]) script_fail(L, "%s is there twice", name);
    s->has[phase] = true;
    lua_pushvalue(L, 3);
    lua_setfield(L, LUA_REGISTRYINDEX, phase_names[phase]);
    return 0;
}

/* Every table in the language is a group of words: fleet, law, math. */
static void seal_groups(lua_State *L, int language) {
    size_t count;
    const char *const *names = names_of(L, language, &count);
    for (size_t i = 0; i < count; i++) {
        if (lua_getfield(L, language, names[i]) == LUA_TTABLE) {
            script_seal(L, names[i]);
            lua_setfield(L, language, names[i]);
        } else {
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

/* Texts have methods: ("a"):rep(3). */
static void give_texts_methods(lua_State *L, int language) {
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 1);
    lua_getfield(L, language, "string");
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

void script_open_globals(lua_State *L) {
    int language = lua_gettop(L);
    seal_groups(L, language);
    give_texts_methods(L, language);
    complain_in(L, "the language", unknown_global);
    lua_newtable(L);
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, language);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, new_global);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, -2);
    lua_setfield(L, LUA_REGISTRYINDEX, "environment");
}
