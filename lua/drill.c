/* SPDX-License-Identifier: GPL-3.0-or-later */
/* drill(p) is a coroutine: it runs until it waits, the run goes on until that has come, and so on.
 * What happens in between takes no time. */
#include <string.h>

#include "lua/read.h"
#include "sim/run/clock.h"
#include "sim/run/drill.h"

static const sim_field share_field = {.name = "wait_online", .kind = SIM_FIELD_FRACTION};
static const sim_field within_fields[] = {
    {.name = "within", .kind = SIM_FIELD_DURATION, .required = true}, {.name = NULL}};

static int pause_until(lua_State *L, run_wait_kind kind, sim_time until, double share) {
    script *s = script_of(L);
    if (!lua_isyieldable(L)) script_fail(L, "a function that string.gsub calls cannot wait");
    *s->wait = (run_wait){.kind = kind, .until = until, .online_share = share};
    return lua_yield(L, 0);
}

/* wait "10m" */
static int word_wait(lua_State *L) {
    static const sim_field field = {.name = "wait", .kind = SIM_FIELD_DURATION};
    sim_time span;
    script_need(L, "wait", SCRIPT_DRILL);
    script_take(L, "wait", 1);
    script_read(L, 1, &field, "wait", &span);
    return pause_until(L, RUN_WAIT_UNTIL, sim_time_add(run_now(script_of(L)->run), span), 0);
}

/* wait_until "1h": since the run began; in the past it is over at once. */
static int word_wait_until(lua_State *L) {
    static const sim_field field = {.name = "wait_until", .kind = SIM_FIELD_DURATION};
    sim_time until;
    script_need(L, "wait_until", SCRIPT_DRILL);
    script_take(L, "wait_until", 1);
    script_read(L, 1, &field, "wait_until", &until);
    return pause_until(L, RUN_WAIT_UNTIL, sim_time_max(until, run_now(script_of(L)->run)), 0);
}

/* wait_online(0.95, { within = "2h" }): true as soon as so many devices are online, false if that
 * time passes first. */
static int word_wait_online(lua_State *L) {
    double share;
    sim_time within;
    script_need(L, "wait_online", SCRIPT_DRILL);
    script_take(L, "wait_online", 2);
    script_read(L, 1, &share_field, "wait_online", &share);
    if (lua_isnoneornil(L, 2))
        script_fail(L,
                    "wait_online: for how long at most? Say wait_online(%f, { within = \"2h\" })",
                    share);
    script_read_fields(L, 2, "wait_online", within_fields, &within);
    return pause_until(L, RUN_WAIT_ONLINE, sim_time_add(run_now(script_of(L)->run), within), share);
}

static int word_now(lua_State *L) {
    script *s = script_of(L);
    if (s->phase != SCRIPT_VERDICT) script_need(L, "now", SCRIPT_DRILL);
    script_push_duration(L, run_now(s->run));
    return 1;
}

/* say(...): its arguments as one line of the run's story. What setup says is told when the drill
 * begins. */
static int word_say(lua_State *L) {
    script *s = script_of(L);
    luaL_Buffer b;
    int count = lua_gettop(L);
    if (s->phase == SCRIPT_CHUNK) script_need(L, "say", SCRIPT_DRILL);
    for (int i = 1; i <= count; i++) {
        script_text_of(L, i);
        lua_replace(L, i);
    }
    luaL_buffinit(L, &b);
    for (int i = 1; i <= count; i++) {
        lua_pushvalue(L, i);
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    lua_pushlstring(L, lua_tostring(L, -1),
                    lua_rawlen(L, -1) < SCRIPT_SAY_MAX ? lua_rawlen(L, -1) : SCRIPT_SAY_MAX);
    if (s->run != NULL)
        script_check_fault(L, "say", run_say(s->run, lua_tostring(L, -1)));
    else if (s->early_count < SCRIPT_EARLY_MAX)
        s->early[s->early_count++] = script_keep(L, lua_tostring(L, -1));
    else
        script_fail(L, "say: at most %d lines in setup", SCRIPT_EARLY_MAX);
    return 0;
}

/* ---- the run asks ---- */

static int tell_early(lua_State *L) {
    script *s = script_of(L);
    for (size_t i = 0; i < s->early_count; i++)
        script_check_fault(L, "say", run_say(s->run, s->early[i]));
    return 0;
}

/* Makes the coroutine with the drill and p on its stack. */
static int begin(lua_State *L) {
    script *s = script_of(L);
    (void)tell_early(L);
    lua_State *drill = lua_newthread(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "coroutine"); /* keeps it alive */
    script_push_phase(L, SCRIPT_DRILL);
    script_push_parameters(L);
    lua_xmove(L, drill, 2);
    s->drill = drill;
    return 0;
}

/* A scenario without a drill waits once. */
static int only_wait(script *s, run_wait *next) {
    bool first = s->resumed_at < 0;
    s->resumed_at = 0;
    if (first && script_protected(s, SCRIPT_DRILL, tell_early, NULL) != 0) return SIM_EPARSE;
    *next = (run_wait){.kind = first ? RUN_WAIT_UNTIL : RUN_WAIT_DONE,
                       .until = first ? s->duration : 0};
    return 0;
}

static int resume(void *context, run *r, bool met, run_wait *next) {
    script *s = context;
    int arguments = 0, results;
    s->run = r;
    if (!s->has[SCRIPT_DRILL]) return only_wait(s, next);
    if (s->drill == NULL) {
        if (script_protected(s, SCRIPT_DRILL, begin, NULL) != 0) return SIM_EPARSE;
        arguments = 1; /* p */
    } else if (s->wait->kind == RUN_WAIT_ONLINE) {
        lua_pushboolean(s->drill, met); /* what wait_online returns */
        arguments = 1;
    }
    s->phase = SCRIPT_DRILL;
    /* A new instant has a new budget. Waiting for no time at all does not, or a loop of it would
     * never end. */
    if (run_now(r) > s->resumed_at) script_fill_budget(s, s->drill);
    s->resumed_at = run_now(r);
    int status = lua_resume(s->drill, s->L, arguments, &results);
    if (status == LUA_YIELD) {
        *next = *s->wait;
        return 0;
    }
    if (status == LUA_OK)
        *next = (run_wait){.kind = RUN_WAIT_DONE};
    else
        script_failed(s, s->drill, status);
    if (status == LUA_OK) return 0;
    return s->short_of_memory ? SIM_ENOMEM : SIM_EPARSE;
}

const run_drill *script_drill(script *s) {
    *s->hooks = (run_drill){.context = s, .resume = resume};
    return s->hooks;
}

void script_open_drill(lua_State *L, int language) {
    static const luaL_Reg words[] = {{"wait", word_wait},
                                     {"wait_until", word_wait_until},
                                     {"wait_online", word_wait_online},
                                     {"now", word_now},
                                     {"say", word_say},
                                     {NULL, NULL}};
    lua_pushvalue(L, language);
    luaL_setfuncs(L, words, 0);
    lua_pop(L, 1);
}
