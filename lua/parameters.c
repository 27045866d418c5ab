/* SPDX-License-Identifier: GPL-3.0-or-later */
/* params { { name = "homes", kind = "count", default = 250, minimum = 1, help = "..." }, ... } -
 * what --set can change. Values are checked by their kind, wherever they come from; a default may
 * be a function of the parameters before it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/names.h"
#include "lua/read.h"
#include "sim/core/heap.h"
#include "sim/core/units.h"
#include "sim/run/finish.h"

enum { PARAMETERS_MAX = 64 };

typedef union value {
    uint64_t count;
    double number;
    sim_time duration;
    bool boolean;
    int choice;
    const char *text;
} value;

typedef struct declaration {
    const char *name, *help;
    int kind;
    sim_field field; /* what its value must be */
} declaration;

/* ---- kinds: how a value is read, handed to Lua, and written for people and --set ---- */

static void push_count(lua_State *L, const declaration *d, const value *v) {
    (void)d;
    lua_pushinteger(L, (lua_Integer)v->count);
}

static void push_number(lua_State *L, const declaration *d, const value *v) {
    (void)d;
    lua_pushnumber(L, v->number);
}

static void push_duration(lua_State *L, const declaration *d, const value *v) {
    (void)d;
    script_push_duration(L, v->duration);
}

static void push_choice(lua_State *L, const declaration *d, const value *v) {
    lua_pushstring(L, d->field.choices[v->choice]);
}

static void push_text(lua_State *L, const declaration *d, const value *v) {
    (void)d;
    lua_pushstring(L, v->text);
}

static void push_boolean(lua_State *L, const declaration *d, const value *v) {
    (void)d;
    lua_pushboolean(L, v->boolean);
}

static const struct {
    sim_field_kind kind;
    void (*push)(lua_State *L, const declaration *d, const value *v);
} kinds[] = {
    {SIM_FIELD_COUNT, push_count},       {SIM_FIELD_NUMBER, push_number},
    {SIM_FIELD_DURATION, push_duration}, {SIM_FIELD_FRACTION, push_number},
    {SIM_FIELD_CHOICE, push_choice},     {SIM_FIELD_TEXT, push_text},
    {SIM_FIELD_BOOLEAN, push_boolean},
};
static const char *const kind_words[] = {"count",  "number", "duration", "fraction",
                                         "choice", "text",   "boolean",  NULL};

/* ---- declarations ---- */

static bool is_word(const char *text) {
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz_0123456789");
    return n > 0 && n <= 31 && text[n] == '\0' && (text[0] < '0' || text[0] > '9');
}

static void read_bound(lua_State *L, int index, const char *name, declaration *d, double *bound) {
    sim_field number = {.name = name, .kind = SIM_FIELD_NUMBER};
    sim_time t;
    lua_pushfstring(L, "params: %s: %s", d->name, name);
    lua_getfield(L, index, name);
    if (!lua_isnil(L, -1) && d->field.kind == SIM_FIELD_DURATION) {
        sim_field duration = {.name = name, .kind = SIM_FIELD_DURATION};
        script_read(L, -1, &duration, lua_tostring(L, -2), &t);
        *bound = (double)t;
    } else if (!lua_isnil(L, -1)) {
        script_read(L, -1, &number, lua_tostring(L, -2), bound);
    }
    lua_pop(L, 2);
}

static void read_bounds(lua_State *L, int index, declaration *d) {
    double low = -INFINITY, high = INFINITY;
    read_bound(L, index, "minimum", d, &low);
    read_bound(L, index, "maximum", d, &high);
    bool ordered = d->field.kind == SIM_FIELD_COUNT || d->field.kind == SIM_FIELD_NUMBER ||
                   d->field.kind == SIM_FIELD_DURATION || d->field.kind == SIM_FIELD_FRACTION;
    if (isinf(low) && isinf(high)) return;
    if (!ordered)
        script_fail(L, "params: %s: a %s has no minimum or maximum", d->name, kind_words[d->kind]);
    if (low > high) script_fail(L, "params: %s: its minimum is above its maximum", d->name);
    d->field.minimum = isinf(low) && d->field.kind != SIM_FIELD_NUMBER ? 0 : low;
    d->field.maximum = high;
}

/* Leaves a userdata with the list on the stack. */
static void read_choices(lua_State *L, int index, declaration *d) {
    bool choice = d->field.kind == SIM_FIELD_CHOICE;
    int type = lua_getfield(L, index, "choices");
    if (choice != (type == LUA_TTABLE))
        script_fail(L, "params: %s: %s", d->name,
                    choice ? "a choice needs choices = { \"one\", \"another\" }"
                           : "only a choice has choices");
    size_t count = choice ? lua_rawlen(L, -1) : 0;
    if (choice && (count == 0 || count > 64))
        script_fail(L, "params: %s: 1 to 64 choices", d->name);
    const char **choices = lua_newuserdatauv(L, (count + 1) * sizeof *choices, 0);
    for (size_t i = 0; i < count; i++) {
        if (lua_rawgeti(L, -2, (lua_Integer)i + 1) != LUA_TSTRING)
            script_fail(L, "params: %s: its choices are texts", d->name);
        choices[i] = script_keep(L, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    choices[count] = NULL;
    d->field.choices = choices;
    lua_remove(L, -2);
}

const sim_field script_parameter_fields[] = {
    {.name = "name",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(declaration, name),
     .required = true,
     .help = "small letters, digits and _"},
    {.name = "kind",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(declaration, kind),
     .choices = kind_words,
     .required = true,
     .help = "what its value is"},
    {.name = "default",
     .kind = SIM_FIELD_LATER,
     .help = "a value, or a function of the parameters before it"},
    {.name = "minimum",
     .kind = SIM_FIELD_LATER,
     .help = "of a count, number, duration or fraction"},
    {.name = "maximum",
     .kind = SIM_FIELD_LATER,
     .help = "of a count, number, duration or fraction"},
    {.name = "choices", .kind = SIM_FIELD_LATER, .help = "of a choice: a list of texts"},
    {.name = "help",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(declaration, help),
     .help = "a few words"},
    {.name = NULL},
};

/* The declaration in the table at `index`. Leaves one value on the stack, which *d borrows from. */
static void read_declaration(lua_State *L, int index, declaration *d) {
    *d = (declaration){.help = ""};
    script_read_fields(L, index, "params", script_parameter_fields, d);
    if (!is_word(d->name))
        script_fail(L, "params: a name has small letters, digits and _ only, at most 31 of them");
    d->field.name = d->name;
    d->field.kind = kinds[d->kind].kind;
    read_bounds(L, index, d);
    read_choices(L, index, d);
}

/* ---- values ---- */

/* The fewest digits that read as the same number again. */
static void number_text(double number, char *text, size_t size) {
    int digits = 15;
    do snprintf(text, size, "%.*g", digits, number);
    while (digits++ < 17 && strtod(text, NULL) != number);
}

/* As --set would take it. */
static void value_text(lua_State *L, const declaration *d, const value *v, char *text,
                       size_t size) {
    if (d->field.kind == SIM_FIELD_DURATION) {
        sim_units_duration_text(v->duration, text, size);
    } else if (d->field.kind == SIM_FIELD_NUMBER || d->field.kind == SIM_FIELD_FRACTION) {
        number_text(v->number, text, size);
    } else {
        kinds[d->kind].push(L, d, v);
        snprintf(text, size, "%s", script_text_of(L, -1));
        lua_pop(L, 2);
    }
}

/* The last --set of this name, or NULL. */
static const char *given_for(const script *s, const char *name) {
    for (size_t i = s->set_count; i-- > 0;)
        if (strcmp(s->sets[i].name, name) == 0) return s->sets[i].value;
    return NULL;
}

/* --set knows only texts. */
static void push_given(lua_State *L, const declaration *d, const char *given) {
    static const char *const words[] = {"false", "no", "off", "true", "yes", "on"};
    lua_pushstring(L, given);
    for (size_t i = 0; d->field.kind == SIM_FIELD_BOOLEAN && i < 6; i++) {
        if (strcmp(given, words[i]) != 0) continue;
        lua_pop(L, 1);
        lua_pushboolean(L, i >= 3);
        return;
    }
}

static void read_given(lua_State *L, const declaration *d, const char *given, value *v) {
    script *s = script_of(L);
    char words[400];
    snprintf(words, sizeof words, "--set %s=%.60s", d->name, given);
    s->blame = script_keep(L, words);
    snprintf(words, sizeof words, d->help[0] != '\0' ? " (%.200s)" : "%s", d->help);
    s->help = script_keep(L, words);
    push_given(L, d, given);
    script_read(L, -1, &d->field, d->name, v);
    lua_pop(L, 1);
    s->blame = NULL;
}

/* The default in the table at `index`; computed from `p` if it is a function. */
static void read_default(lua_State *L, int index, const declaration *d, value *v) {
    lua_pushfstring(L, "params: the default of %s", d->name);
    int type = lua_getfield(L, index, "default");
    if (type == LUA_TNIL)
        script_fail(L, "parameter '%s' has no default: give it with --set %s=...", d->name,
                    d->name);
    if (type == LUA_TFUNCTION) {
        script_push_parameters(L);
        lua_call(L, 1, 1);
    }
    script_read(L, -1, &d->field, lua_tostring(L, -2), v);
    lua_pop(L, 2);
}

/* Pushes the choices, a line each. */
static const char *push_choices(lua_State *L, const declaration *d) {
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (const char *const *c = d->field.choices; c != NULL && *c != NULL; c++) {
        luaL_addstring(&b, *c);
        luaL_addchar(&b, '\n');
    }
    if (d->field.kind == SIM_FIELD_BOOLEAN) luaL_addstring(&b, "true\nfalse\n");
    luaL_pushresult(&b);
    return lua_tostring(L, -1);
}

static void note_declaration(lua_State *L, const declaration *d, script_declared *into) {
    char wanted[SCRIPT_WHY];
    *into = (script_declared){
        .wanted = script_keep(L, sim_field_wanted(&d->field, false, wanted, sizeof wanted)),
        .help = script_keep(L, d->help)};
    into->choices = script_keep(L, push_choices(L, d));
    lua_pop(L, 1);
}

static void note(lua_State *L, const declaration *d, const value *v, bool given) {
    script *s = script_of(L);
    char text[SCRIPT_TEXT_MAX + 1];
    value_text(L, d, v, text, sizeof text);
    s->parameters[s->parameter_count] =
        (report_parameter){.name = d->name, .value = script_keep(L, text), .given = given};
    note_declaration(L, d, &s->declarations[s->parameter_count]);
    s->parameter_count++;
}

/* One declaration at `index`; its value goes into the table at `values`. */
static void declare(lua_State *L, int index, int values) {
    script *s = script_of(L);
    declaration d;
    value v;
    read_declaration(L, index, &d);
    for (size_t i = 0; i < s->parameter_count; i++)
        if (strcmp(s->parameters[i].name, d.name) == 0)
            script_fail(L, "params: '%s' is there twice", d.name);
    const char *given = given_for(s, d.name);
    if (given != NULL)
        read_given(L, &d, given, &v);
    else
        read_default(L, index, &d, &v);
    note(L, &d, &v, given != NULL);
    kinds[d.kind].push(L, &d, &v);
    lua_setfield(L, values, d.name);
    lua_pop(L, 1);
}

/* ---- words ---- */

/* Pushes the table of values; "p" in the registry shows it read-only. */
static void open_values(lua_State *L) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, "values");
    lua_pushvalue(L, -1);
    script_seal(L, "p");
    lua_setfield(L, LUA_REGISTRYINDEX, "p");
}

void script_push_parameters(lua_State *L) {
    if (lua_getfield(L, LUA_REGISTRYINDEX, "p") != LUA_TNIL) return;
    lua_pop(L, 1);
    open_values(L);
    lua_pop(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, "p");
}

/* params { name = "homes" } is one declaration without its own braces. */
static void refuse_named(lua_State *L) {
    for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1))
        if (lua_type(L, -2) != LUA_TNUMBER)
            script_fail(L,
                        "params: each parameter stands in braces of its own, as in "
                        "params { { name = \"homes\", kind = \"count\", default = 250 } }");
}

static int word_params(lua_State *L) {
    script *s = script_of(L);
    script_need(L, "params", SCRIPT_CHUNK);
    if (s->parameters_declared) script_fail(L, "params is there twice");
    s->parameters_declared = true;
    if (!lua_istable(L, 1)) script_refuse(L, "params", 1, "a list of parameters in braces");
    script_take(L, "params", 1);
    refuse_named(L);
    size_t count = lua_rawlen(L, 1);
    if (count > PARAMETERS_MAX) script_fail(L, "params: at most %d parameters", PARAMETERS_MAX);
    if (s->about_only) return 0;
    s->parameters = sim_calloc(count + 1, sizeof *s->parameters);
    s->declarations = sim_calloc(count + 1, sizeof *s->declarations);
    if (s->parameters == NULL || s->declarations == NULL) script_fail(L, "out of memory");
    open_values(L);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        declare(L, 3, 2);
        lua_settop(L, 2);
    }
    return 0;
}

void script_check_sets(lua_State *L) {
    script *s = script_of(L);
    const char *names[PARAMETERS_MAX];
    char hint[SCRIPT_WHY];
    for (size_t i = 0; i < s->parameter_count; i++) names[i] = s->parameters[i].name;
    for (size_t i = 0; i < s->set_count; i++) {
        bool known = false;
        for (size_t k = 0; k < s->parameter_count; k++)
            known = known || strcmp(names[k], s->sets[i].name) == 0;
        if (known) continue;
        s->blame = "--set";
        if (s->parameter_count == 0)
            script_fail(L, "%s has no parameters, so '%s' cannot be set", s->path, s->sets[i].name);
        script_fail(
            L, "%s has no parameter '%s'%s", s->path, s->sets[i].name,
            script_names_hint(s->sets[i].name, names, s->parameter_count, hint, sizeof hint));
    }
}

/* For the prelude: fields(what, given, declarations) is a table with the value of each field,
 * checked like a parameter. */
static int prelude_fields(lua_State *L) {
    sim_field known[24] = {{.name = NULL}};
    const char *what = luaL_checkstring(L, 1);
    size_t count = lua_rawlen(L, 3);
    SIM_PROMISE(count < sizeof known / sizeof known[0]);
    lua_settop(L, 3);
    lua_newtable(L);
    luaL_checkstack(L, 3 * (int)count + 20, NULL);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 3, (lua_Integer)i + 1);
        lua_getfield(L, -1, "name");
        known[i] = (sim_field){.name = lua_tostring(L, -1), .kind = SIM_FIELD_LATER};
    }
    script_read_fields(L, 2, what, known, &count); /* read later: nothing is written */
    for (size_t i = 0; i < count; i++) {
        declaration d;
        value v;
        int at = 5 + 2 * (int)i;
        read_declaration(L, at, &d);
        lua_pushfstring(L, "%s: %s", what, d.name);
        if (lua_getfield(L, 2, d.name) == LUA_TNIL) {
            lua_pop(L, 1);
            if (lua_getfield(L, at, "default") == LUA_TNIL)
                script_fail(L, "%s: '%s' is missing", what, d.name);
        }
        script_read(L, -1, &d.field, lua_tostring(L, -2), &v);
        kinds[d.kind].push(L, &d, &v);
        lua_setfield(L, 4, d.name);
        lua_settop(L, 4 + 2 * (int)count);
    }
    lua_pushvalue(L, 4);
    return 1;
}

void script_open_parameters(lua_State *L, int language) {
    lua_pushcfunction(L, word_params);
    lua_setfield(L, language, "params");
    lua_getfield(L, language, "primitive");
    lua_pushcfunction(L, prelude_fields);
    lua_setfield(L, -2, "fields");
    lua_pop(L, 1);
}
