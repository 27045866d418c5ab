/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of Lua's own library that repeat and stay within bounds. Left out: everything that sees
 * the machine (os, io, debug, addresses), makes code (load, require, string.dump), or hides
 * instructions from the budget (coroutine, metatables with finalisers). What C loops over for the
 * scenario is charged beforehand. */
#include <lualib.h>
#include <math.h>
#include <string.h>

#include "lua/state.h"

/* ---- base ---- */

/* As Lua's own, but a spent budget is not for catching, and what comes back of an error is always a
 * text. At 1 is the message handler. */
static int end_pcall(lua_State *L, int status, lua_KContext context) {
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - 1;
    if (script_of(L)->spent) return lua_error(L);
    const char *text = script_text_of(L, -1);
    lua_pushboolean(L, 0);
    lua_pushstring(L, text);
    return 2;
}

static int base_pcall(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushcfunction(L, script_relocate);
    lua_insert(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 2);
    int status = lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 1, 0, end_pcall);
    return end_pcall(L, status, 0);
}

static int base_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    script_text_of(L, 1);
    return 1;
}

/* ---- string ---- */

/* Goes on as Lua's own function, upvalue 1: in our frame, so that its complaints name the
 * scenario's line and the function as the scenario calls it. Those taken here have no upvalues of
 * their own. */
static int call_original(lua_State *L) {
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* "%s" would show the address of a table or a function, "%p" of anything. */
static int string_format(lua_State *L) {
    const char *at = luaL_checkstring(L, 1);
    int argument = 1;
    while ((at = strchr(at, '%')) != NULL) {
        at++;
        if (*at == '%') {
            at++;
            continue;
        }
        argument++;
        at += strspn(at, "-+ #0123456789.");
        if (*at == 'p')
            script_fail(L, "string.format: %%p shows an address, which differs from run to run");
        if (*at != 's' || lua_isnoneornil(L, argument)) continue;
        script_text_of(L, argument);
        lua_replace(L, argument);
    }
    return call_original(L);
}

/* Steps that matching may take in the worst case: each repetition may try every length, at every
 * start. */
static double pattern_steps(const char *pattern, size_t size, double subject) {
    double steps = subject + 1;
    for (size_t i = 0; i < size; i++) {
        char c = pattern[i];
        if (c == '%' && ++i < size)
            c = pattern[i] == 'b' || pattern[i] == 'f' || (pattern[i] >= '0' && pattern[i] <= '9')
                    ? '*'
                    : ' ';
        if (c == '*' || c == '+' || c == '-') steps *= subject + 1;
        if (c == '?') steps *= 2;
    }
    return steps;
}

/* find, gmatch, gsub, match: a pattern can take longer than the age of the universe, and no
 * instruction is counted meanwhile. */
static int string_pattern(lua_State *L) {
    size_t subject, size;
    luaL_checklstring(L, 1, &subject);
    const char *pattern = luaL_checklstring(L, 2, &size);
    bool plain = lua_toboolean(L, 4) && lua_isboolean(L, 4); /* only find has one */
    double steps = plain ? (double)subject : pattern_steps(pattern, size, (double)subject);
    if (steps > 1e7)
        script_fail(
            L,
            "this pattern could take very long on a text of %d letters: use fewer of * + - ? or a "
            "shorter text",
            (int)subject);
    script_charge(L, (uint64_t)steps);
    return call_original(L);
}

static int string_rep(lua_State *L) {
    lua_Integer times = luaL_checkinteger(L, 2);
    if (times > SCRIPT_TEXT_MAX) script_fail(L, "string.rep: a text has at most 16 KB");
    return call_original(L);
}

/* ---- table ---- */

/* insert(t, place, value) and remove(t, place) move everything behind the place. */
static int table_shift(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer size = (lua_Integer)lua_rawlen(L, 1),
                place = lua_isinteger(L, 2) ? lua_tointeger(L, 2) : size;
    if (place > 0 && place < size) script_charge(L, (uint64_t)(size - place) / 4);
    return call_original(L);
}

static int table_concat(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    script_charge(L, lua_rawlen(L, 1));
    return call_original(L);
}

/* move(t, from, to, at), unpack(t, from, to): they walk a range that need not exist. */
static int table_range(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer from = luaL_optinteger(L, 2, 1),
                to = luaL_optinteger(L, 3, (lua_Integer)lua_rawlen(L, 1));
    uint64_t steps = to >= from ? (uint64_t)to - (uint64_t)from : 0;
    if (steps > 1000000) script_fail(L, "more than a million fields at once");
    script_charge(L, steps);
    return call_original(L);
}

/* ---- math ---- */

static int math_random(lua_State *L) {
    script *s = script_of(L);
    lua_Integer low = 1, high;
    if (lua_gettop(L) == 0) {
        lua_pushnumber(L, sim_stream_unit(&s->random));
        return 1;
    }
    if (lua_gettop(L) > 2) script_fail(L, "math.random takes at most two numbers");
    if (lua_gettop(L) == 2) low = luaL_checkinteger(L, 1);
    high = luaL_checkinteger(L, -1);
    if (low > high)
        script_fail(L, "math.random: there is no whole number from %I to %I", (LUAI_UACINT)low,
                    (LUAI_UACINT)high);
    lua_pushinteger(L, sim_stream_between(&s->random, low, high));
    return 1;
}

/* ---- what is taken ---- */

typedef struct taken {
    const char *name;
    lua_CFunction instead; /* NULL: Lua's own. Upvalue 1: Lua's own */
} taken;

static const taken base[] = {{"assert", NULL},
                             {"error", NULL},
                             {"ipairs", NULL},
                             {"pcall", base_pcall},
                             {"select", NULL},
                             {"tonumber", NULL},
                             {"tostring", base_tostring},
                             {"type", NULL},
                             {NULL, NULL}};
static const taken strings[] = {{"byte", NULL},
                                {"char", NULL},
                                {"find", string_pattern},
                                {"format", string_format},
                                {"gmatch", string_pattern},
                                {"gsub", string_pattern},
                                {"len", NULL},
                                {"lower", NULL},
                                {"match", string_pattern},
                                {"rep", string_rep},
                                {"reverse", NULL},
                                {"sub", NULL},
                                {"upper", NULL},
                                {NULL, NULL}};
static const taken tables[] = {
    {"concat", table_concat}, {"insert", table_shift}, {"move", table_range}, {"pack", NULL},
    {"remove", table_shift},  {"unpack", table_range}, {NULL, NULL}};
static const taken maths[] = {
    {"abs", NULL},   {"acos", NULL},       {"asin", NULL}, {"atan", NULL},
    {"ceil", NULL},  {"cos", NULL},        {"deg", NULL},  {"exp", NULL},
    {"floor", NULL}, {"fmod", NULL},       {"huge", NULL}, {"log", NULL},
    {"max", NULL},   {"maxinteger", NULL}, {"min", NULL},  {"mininteger", NULL},
    {"modf", NULL},  {"pi", NULL},         {"rad", NULL},  {"random", math_random},
    {"sin", NULL},   {"sqrt", NULL},       {"tan", NULL},  {"tointeger", NULL},
    {"type", NULL},  {"ult", NULL},        {NULL, NULL}};

/* From the library on top into the table at `into`. */
static void take(lua_State *L, const taken *list, int into) {
    for (; list->name != NULL; list++) {
        lua_getfield(L, -1, list->name);
        if (list->instead != NULL) lua_pushcclosure(L, list->instead, 1);
        lua_setfield(L, into, list->name);
    }
}

static void take_library(lua_State *L, const char *name, lua_CFunction open, const taken *list,
                         int language) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, language, name);
    int into = lua_gettop(L);
    lua_pushcfunction(L, open);
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
    take(L, list, into);
    lua_settop(L, into - 1);
}

/* The prelude makes pairs and table.sort from these: the order of Lua's own depends on addresses
 * and the time of day. */
static int raw_next(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (lua_next(L, 1) != 0) return 2;
    lua_pushnil(L);
    return 1;
}

static int prelude_fail(lua_State *L) {
    script_fail(L, "%s", luaL_checkstring(L, 1));
}

void script_open_standard(lua_State *L, int language) {
    static const luaL_Reg primitives[] = {{"next", raw_next}, {"fail", prelude_fail}, {NULL, NULL}};
    lua_pushcfunction(L, luaopen_base); /* puts itself into the global table, which nobody sees */
    lua_pushliteral(L, "_G");
    lua_call(L, 1, 1);
    take(L, base, language);
    lua_pop(L, 1);
    take_library(L, LUA_STRLIBNAME, luaopen_string, strings, language);
    take_library(L, LUA_TABLIBNAME, luaopen_table, tables, language);
    take_library(L, LUA_MATHLIBNAME, luaopen_math, maths, language);
    luaL_newlib(L, primitives);
    lua_setfield(L, language, "primitive");
}
