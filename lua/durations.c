/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A span of time is a value of its own: p.outage * 2, now() - start, "30m". Wherever a duration is
 * wanted, a text with units will do; a bare number will not, since its unit is anybody's guess.
 * seconds(12.5) makes one from a number. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "lua/read.h"
#include "lua/state.h"
#include "sim/core/units.h"

static const char kind[] = "duration";

static void push_methods(lua_State *L);

void script_push_duration(lua_State *L, sim_time t) {
    sim_time *held = lua_newuserdatauv(L, sizeof *held, 0);
    *held = t;
    push_methods(L);
    lua_setmetatable(L, -2);
}

bool script_is_duration(lua_State *L, int index, sim_time *out) {
    const sim_time *held = luaL_testudata(L, index, kind);
    if (held != NULL) *out = *held;
    return held != NULL;
}

/* ---- arithmetic ---- */

/* The operand at `index` as a span, in ns. Differences may be negative for a moment: now() -
 * p.outage. */
static sim_time operand(lua_State *L, int index) {
    static const sim_field field = {.name = "duration", .kind = SIM_FIELD_DURATION};
    sim_time t;
    if (!script_is_duration(L, index, &t))
        script_read(L, index, &field, "a duration in a sum or comparison", &t);
    return t;
}

/* ns: 100 years, and room to the end of sim_time */
static const sim_time longest = 3200000000000000000;

static int push_sum(lua_State *L, sim_time sum) {
    if (sum > longest || sum < -longest) script_fail(L, "a duration of more than 100 years");
    script_push_duration(L, sum);
    return 1;
}

static int push_rounded(lua_State *L, double ns) {
    if (!(fabs(ns) <= (double)longest))
        script_fail(L, "a duration of more than 100 years, or none at all");
    return push_sum(L, (sim_time)llround(ns));
}

/* No overflow: operands are at most `longest`. */
static int add(lua_State *L) {
    return push_sum(L, operand(L, 1) + operand(L, 2));
}

static int subtract(lua_State *L) {
    return push_sum(L, operand(L, 1) - operand(L, 2));
}

static int multiply(lua_State *L) {
    int number = lua_type(L, 1) == LUA_TNUMBER ? 1 : 2;
    if (lua_type(L, number) != LUA_TNUMBER)
        script_fail(L, "a duration can be multiplied by a number only");
    return push_rounded(L, (double)operand(L, 3 - number) * lua_tonumber(L, number));
}

/* duration / duration is a number, duration / number a duration. */
static int divide(lua_State *L) {
    double a = (double)operand(L, 1);
    if (lua_type(L, 2) == LUA_TNUMBER) return push_rounded(L, a / lua_tonumber(L, 2));
    lua_pushnumber(L, a / (double)operand(L, 2));
    return 1;
}

static int is_less(lua_State *L) {
    lua_pushboolean(L, operand(L, 1) < operand(L, 2));
    return 1;
}

static int is_at_most(lua_State *L) {
    lua_pushboolean(L, operand(L, 1) <= operand(L, 2));
    return 1;
}

/* Lua asks only when both are durations or the like. */
static int is_equal(lua_State *L) {
    sim_time a, b;
    lua_pushboolean(L, script_is_duration(L, 1, &a) && script_is_duration(L, 2, &b) && a == b);
    return 1;
}

static int to_text(lua_State *L) {
    char text[64];
    sim_time t = operand(L, 1);
    lua_pushfstring(L, "%s%s", t < 0 ? "-" : "",
                    sim_units_duration_text(t < 0 ? -t : t, text, sizeof text));
    return 1;
}

static int join(lua_State *L) {
    const char *a = script_text_of(L, 1), *b = script_text_of(L, 2);
    lua_pushfstring(L, "%s%s", a, b);
    return 1;
}

static int to_seconds(lua_State *L) {
    lua_pushnumber(L, (double)operand(L, 1) / 1e9);
    return 1;
}

static void push_methods(lua_State *L) {
    static const luaL_Reg methods[] = {{"seconds", to_seconds}, {NULL, NULL}};
    static const luaL_Reg more[] = {
        {"__add", add},     {"__sub", subtract},  {"__mul", multiply}, {"__div", divide},
        {"__lt", is_less},  {"__le", is_at_most}, {"__eq", is_equal},  {"__tostring", to_text},
        {"__concat", join}, {NULL, NULL}};
    script_push_kind(L, kind, methods, more);
}

/* ---- words ---- */

/* seconds(12.5) */
static int word_seconds(lua_State *L) {
    if (lua_type(L, 1) != LUA_TNUMBER)
        script_fail(L,
                    "seconds(n) makes a duration from a number; a text with a unit is one already: "
                    "\"30s\"");
    double n = lua_tonumber(L, 1);
    if (!(n >= 0 && n <= 3.15e9)) script_fail(L, "seconds(%f): 0 to 100 years", n);
    return push_rounded(L, n * 1e9);
}

/* duration "5m" */
static int word_duration(lua_State *L) {
    static const sim_field field = {.name = "duration", .kind = SIM_FIELD_DURATION};
    sim_time t;
    script_read(L, 1, &field, "duration", &t);
    script_push_duration(L, t);
    return 1;
}

void script_open_durations(lua_State *L, int language) {
    lua_pushcfunction(L, word_seconds);
    lua_setfield(L, language, "seconds");
    lua_pushcfunction(L, word_duration);
    lua_setfield(L, language, "duration");
}
