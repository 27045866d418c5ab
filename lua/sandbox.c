/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounds of a scenario: memory, instructions, and errors that are one line with file and line.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lua/hints.h"
#include "lua/prelude.h"
#include "lua/state.h"
#include "sim/core/heap.h"
#include "sim/run/drill.h"

static const char *const phase_words[SCRIPT_PHASES] = {"the top of the scenario", "setup(p)",
                                                       "drill(p)", "verdict(p)"};

/* ---- memory ---- */

/* For a new block Lua passes the kind of object in `old`. A shrinking block never fails: the old
 * one is large enough. Bytes cost instructions too, because copying megabytes is work that no
 * instruction count sees. */
static void *allocate(void *context, void *block, size_t old, size_t size) {
    script *s = context;
    size_t had = block != NULL ? old : 0;
    if (size == 0) {
        sim_free(block);
        s->memory -= had;
        return NULL;
    }
    size_t more = size > had ? size - had : 0;
    s->shortage = SCRIPT_OUT_OF_BOUNDS;
    if (more > SCRIPT_MEMORY_MAX - s->memory) return NULL;
    s->shortage = SCRIPT_TEXT_TOO_LONG;
    if (block == NULL && old == LUA_TSTRING && size > SCRIPT_TEXT_MAX + 64) return NULL;
    s->shortage = SCRIPT_NO_HEAP;
    void *moved = sim_realloc(block, size);
    if (moved == NULL && more > 0) return NULL;
    s->shortage = SCRIPT_PLENTY;
    s->memory = s->memory - had + size;
    s->budget -= (int64_t)(more / 64);
    return moved != NULL ? moved : block;
}

static const char *shortage_text(script_shortage shortage) {
    switch (shortage) {
        case SCRIPT_OUT_OF_BOUNDS:
            return "the scenario needs more than 64 MB of memory; is there a table that grows, or "
                   "a function "
                   "that calls itself, without end?";
        case SCRIPT_TEXT_TOO_LONG:
            return "the scenario makes a text of more than 16 KB; is there one that grows without "
                   "end?";
        case SCRIPT_NO_HEAP:
        case SCRIPT_PLENTY:
            break;
    }
    return "out of memory";
}

const char *script_keep(lua_State *L, const char *text) {
    script *s = script_of(L);
    size_t n = strlen(text) + 1;
    script_text *kept = sim_malloc(sizeof *kept + n);
    if (kept == NULL) script_fail(L, "out of memory");
    memcpy(kept->text, text, n);
    kept->next = s->texts;
    s->texts = kept;
    return kept->text;
}

/* ---- words of an error ---- */

static void clean(char *text) {
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f) *text = ' ';
}

/* Writes s->why; line breaks and other control characters become spaces. */
__attribute__((format(printf, 2, 3))) static void say_why(script *s, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(s->why, sizeof s->why, format, arguments);
    va_end(arguments);
    clean(s->why);
}

/* The innermost line of the scenario itself that is being run; 0: none is. */
static int current_line(lua_State *L) {
    lua_Debug at;
    for (int level = 0; lua_getstack(L, level, &at); level++) {
        lua_getinfo(L, "Sl", &at);
        if (at.currentline > 0 && strcmp(at.short_src, script_of(L)->where) == 0)
            return at.currentline;
    }
    return 0;
}

void script_fail(lua_State *L, const char *format, ...) {
    script *s = script_of(L);
    va_list arguments;
    luaL_checkstack(L, 8, NULL);
    int line = s->blame == NULL ? current_line(L) : 0;
    if (s->blame != NULL)
        lua_pushfstring(L, "%s: ", s->blame);
    else if (line > 0)
        lua_pushfstring(L, "%s:%d: ", s->where, line);
    else
        lua_pushfstring(L, "%s: ", s->where);
    va_start(arguments, format);
    lua_pushvfstring(L, format, arguments);
    va_end(arguments);
    lua_concat(L, 2);
    lua_error(L);
    sim_promise_broken(__FILE__, __LINE__, "lua_error does not return");
}

/* What follows "prelude:12" in a message that begins so; else NULL. Lua puts that in front when
 * something goes wrong in there (table.sort of a number and a text), but the scenario's author
 * wants to know her own line. */
static const char *behind_prelude(const char *text) {
    static const char name[] = "prelude:";
    if (strncmp(text, name, sizeof name - 1) != 0) return NULL;
    text += sizeof name - 1;
    return text + strspn(text, "0123456789");
}

/* A message handler runs where the error happened. */
int script_relocate(lua_State *L) {
    const char *text = lua_type(L, 1) == LUA_TSTRING ? behind_prelude(lua_tostring(L, 1)) : NULL;
    int line = text != NULL ? current_line(L) : 0;
    if (line > 0) lua_pushfstring(L, "%s:%d%s", script_of(L)->where, line, text);
    return 1;
}

/* Lua writes "name:line: text"; people get the path as they gave it. What has no position gets the
 * path alone. The coroutine of the drill still stands where it failed, so its line is known even
 * when memory ran out. */
void script_failed(script *s, lua_State *from, int status) {
    size_t n = strlen(s->where);
    int line = current_line(from);
    const char *text = lua_type(from, -1) == LUA_TSTRING
                           ? lua_tostring(from, -1)
                           : "error() with a value that is not a text";
    const char *rest = behind_prelude(text);
    if (status == LUA_ERRMEM) text = shortage_text(s->shortage);
    const char *hint = script_hint_lua(text);
    if (line > 0 && status == LUA_ERRMEM)
        say_why(s, "%s:%d: %s", s->path, line, text);
    else if (line > 0 && rest != NULL)
        say_why(s, "%s:%d%s%s", s->path, line, rest, hint);
    else if (strncmp(text, s->where, n) == 0 && text[n] == ':')
        say_why(s, "%s%s%s", s->path, text + n, hint);
    else if (strncmp(text, "--set", 5) == 0)
        say_why(s, "%s", text);
    else
        say_why(s, "%s: %s%s", s->path, text, hint);
    lua_pop(from, 1);
}

void script_need(lua_State *L, const char *verb, script_phase phase) {
    script *s = script_of(L);
    if (s->phase != phase)
        script_fail(L, "%s belongs into %s, not into %s", verb, phase_words[phase],
                    phase_words[s->phase]);
}

const char *script_text_of(lua_State *L, int index) {
    int type = lua_type(L, index);
    bool own_words = type == LUA_TUSERDATA && luaL_getmetafield(L, index, "__tostring") != LUA_TNIL;
    if (own_words) lua_pop(L, 1);
    if (own_words || type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER ||
        type == LUA_TSTRING)
        return luaL_tolstring(L, index, NULL);
    return lua_pushstring(L, lua_typename(L, type));
}

/* ---- instructions ---- */

void script_charge(lua_State *L, uint64_t steps) {
    script *s = script_of(L);
    s->budget -= steps > INT64_MAX / 2 ? INT64_MAX / 2 : (int64_t)steps;
    if (s->budget >= 0) return;
    s->budget = 0;
    s->spent = true;
    script_fail(L, "gave up here after %I steps without a pause; is there a loop that never ends?",
                (LUAI_UACINT)s->budget_full);
}

static void look_at_budget(lua_State *L, lua_Debug *at) {
    (void)at;
    script_charge(L, SCRIPT_BUDGET_STEP);
}

void script_fill_budget(script *s, lua_State *L) {
    s->budget = s->budget_full;
    s->spent = false;
    lua_sethook(L, look_at_budget, LUA_MASKCOUNT, SCRIPT_BUDGET_STEP);
}

int script_protected(script *s, script_phase phase, lua_CFunction function, void *context) {
    s->phase = phase;
    script_fill_budget(s, s->L);
    lua_pushcfunction(s->L, script_relocate);
    lua_pushcfunction(s->L, function);
    lua_pushlightuserdata(s->L, context);
    int status = lua_pcall(s->L, 1, 0, -3);
    lua_sethook(s->L, NULL, 0, 0);
    s->blame = NULL;
    if (status != LUA_OK) script_failed(s, s->L, status);
    lua_settop(s->L, 0);
    return status == LUA_OK ? 0 : SIM_EPARSE;
}

/* ---- birth ---- */

/* Our own text, trusted: it sees the language's table and a few primitives, and adds words to the
 * former. */
static void run_prelude(lua_State *L, int language) {
    if (luaL_loadbufferx(L, (const char *)script_prelude_lua, script_prelude_lua_size, "=prelude",
                         "t") != LUA_OK)
        lua_error(L);
    lua_pushvalue(L, language);
    lua_call(L, 1, 0);
}

static int open_language(lua_State *L) {
    static void (*const words[])(lua_State *, int) = {
        script_open_standard, script_open_scenario, script_open_durations, script_open_parameters,
        script_open_laws,     script_open_setup,    script_open_feeds,     script_open_selections,
        script_open_drill,    script_open_verdict,  script_open_declare,   script_open_examination,
    };
    lua_newtable(L);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) words[i](L, 2);
    run_prelude(L, 2);
    script_open_globals(L);
    return 0;
}

/* Lua writes at most LUA_IDSIZE bytes of a name into positions; asking it how gives the same text.
 */
static int learn_own_name(lua_State *L) {
    script *s = script_of(L);
    lua_Debug about;
    lua_pushfstring(L, "@%s", s->path);
    if (luaL_loadbufferx(L, "", 0, lua_tostring(L, -1), "t") != LUA_OK) lua_error(L);
    lua_getinfo(L, ">S", &about);
    memcpy(s->where, about.short_src, sizeof s->where);
    return 0;
}

/* A script and what its drill alone sees the inside of, in one block. */
static script *new_block(void) {
    typedef struct block {
        script s; /* first: freed as a script */
        run_drill hooks;
        run_wait wait;
    } block;
    block *b = sim_calloc(1, sizeof *b);
    if (b == NULL) return NULL;
    b->s.hooks = &b->hooks;
    b->s.wait = &b->wait;
    return &b->s;
}

script *script_state_new(const char *path, uint64_t seed, bool real) {
    script *s = new_block();
    if (s == NULL) return NULL;
    s->budget_full = SCRIPT_BUDGET;
    s->duration = SIM_NEVER;
    s->resumed_at = -1;
    s->real = real;
    s->random = sim_stream_for(seed, SIM_PURPOSE_SCRIPT, 0);
    s->spec.cloud = cloud_limits_default;
    s->path = sim_strdup(path);
    s->L = lua_newstate(allocate, s);
    if (s->L == NULL || s->path == NULL) {
        script_free(s);
        return NULL;
    }
    clean(s->path);
    *(script **)lua_getextraspace(s->L) = s;
    if (script_protected(s, SCRIPT_CHUNK, learn_own_name, NULL) == 0)
        (void)!script_protected(s, SCRIPT_CHUNK, open_language, NULL);
    return s;
}
