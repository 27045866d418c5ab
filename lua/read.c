/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lua/read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lua/hints.h"
#include "lua/names.h"
#include "sim/core/units.h"

/* Reads the value at `index` (not nil) into *out, or ends in script_refuse. */
typedef void reader(lua_State *L, int index, const sim_field *f, const char *what, void *out);

enum { WORDS_MAX = 320 };

static const double exact_max =
    9007199254740992.0; /* 2^53: whole numbers up to here have a double of their own */

/* The value at `index` as an error message shows it, short. */
static char *shown(lua_State *L, int index, char *text, size_t size) {
    size_t n;
    switch (lua_type(L, index)) {
        case LUA_TSTRING: {
            const char *value = lua_tolstring(L, index, &n);
            snprintf(text, size, "'%.40s%s'", value, n > 40 ? "..." : "");
            break;
        }
        case LUA_TTABLE:
            snprintf(text, size, "a table");
            break;
        case LUA_TFUNCTION:
            snprintf(text, size, "a function");
            break;
        case LUA_TNONE:
        case LUA_TNIL:
            snprintf(text, size, "nothing");
            break;
        default:
            snprintf(text, size, "%.60s", script_text_of(L, index));
            lua_pop(L, 1);
    }
    return text;
}

void script_take(lua_State *L, const char *what, int most) {
    char value[80];
    if (lua_gettop(L) > most)
        script_fail(L, "%s: %s is one value too many", what,
                    shown(L, most + 1, value, sizeof value));
}

void script_refuse(lua_State *L, const char *what, int index, const char *wanted) {
    char value[80];
    const script *s = script_of(L);
    if (s->blame != NULL) /* the value stands in the blame already */
        script_fail(L, "%s takes %s%s", what, wanted, s->help);
    script_fail(L, "%s: %s is not %s", what, shown(L, index, value, sizeof value), wanted);
}

static _Noreturn void refuse_field(lua_State *L, const char *what, int index, const sim_field *f) {
    char wanted[WORDS_MAX], hint[128], written[80];
    sim_field_wanted(f, true, wanted, sizeof wanted);
    size_t used = strlen(wanted);
    if (script_of(L)->blame == NULL && f->help != NULL) /* else the blame has the help */
        used += (size_t)snprintf(wanted + used, sizeof wanted - used, " (%s)", f->help);
    if (lua_type(L, index) == LUA_TSTRING)
        snprintf(written, sizeof written, "%.70s", lua_tostring(L, index));
    else
        shown(L, index, written, sizeof written);
    if (used < sizeof wanted)
        snprintf(wanted + used, sizeof wanted - used, "%s",
                 script_hint_value(f, written, hint, sizeof hint));
    script_refuse(L, what, index, wanted);
}

/* ---- numbers ---- */

/* A number, or a text that is one. */
static bool get_number(lua_State *L, int index, double *out) {
    if (lua_type(L, index) == LUA_TNUMBER)
        *out = lua_tonumber(L, index);
    else if (lua_type(L, index) != LUA_TSTRING ||
             sim_units_number(lua_tostring(L, index), out) != 0)
        return false;
    return isfinite(*out);
}

static void read_number(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    double value;
    if (!get_number(L, index, &value) || !sim_field_holds(f, value))
        refuse_field(L, what, index, f);
    *(double *)out = value;
}

static void read_count(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    double value;
    if (!get_number(L, index, &value) || value != floor(value) || value < 0 || value > exact_max ||
        !sim_field_holds(f, value))
        refuse_field(L, what, index, f);
    *(uint64_t *)out = (uint64_t)value;
}

static void read_count32(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    uint64_t value;
    SIM_PROMISE(f->maximum > 0 && f->maximum <= UINT32_MAX);
    read_count(L, index, f, what, &value);
    *(uint32_t *)out = (uint32_t)value;
}

static void read_fraction(lua_State *L, int index, const sim_field *f, const char *what,
                          void *out) {
    double value = -1;
    if (lua_type(L, index) == LUA_TNUMBER)
        value = lua_tonumber(L, index);
    else if (lua_type(L, index) != LUA_TSTRING ||
             sim_units_fraction(lua_tostring(L, index), &value) != 0)
        refuse_field(L, what, index, f);
    if (!(value >= 0 && value <= 1) || !sim_field_holds(f, value)) refuse_field(L, what, index, f);
    *(double *)out = value;
}

/* ---- time ---- */

static bool get_duration(lua_State *L, int index, sim_time *out) {
    if (script_is_duration(L, index, out)) return *out >= 0;
    return lua_type(L, index) == LUA_TSTRING &&
           sim_units_duration(lua_tostring(L, index), out) == 0;
}

static void read_duration(lua_State *L, int index, const sim_field *f, const char *what,
                          void *out) {
    sim_time t;
    if (lua_type(L, index) == LUA_TNUMBER) {
        if (lua_tonumber(L, index) != 0)
            script_refuse(L, what, index,
                          "a duration: it has no unit; write for example \"30s\" or \"30m\"");
        t = 0;
    } else if (!get_duration(L, index, &t)) {
        refuse_field(L, what, index, f);
    }
    if (!sim_field_holds(f, (double)t)) refuse_field(L, what, index, f);
    *(sim_time *)out = t;
}

static void read_pauses(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    sim_pauses *pauses = out;
    sim_field one = {.name = f->name, .kind = SIM_FIELD_DURATION};
    size_t n = lua_istable(L, index) ? lua_rawlen(L, index) : 0;
    if (n == 0 || n > SIM_PAUSES_MAX) refuse_field(L, what, index, f);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        read_duration(L, lua_gettop(L), &one, what, &pauses->each[i]);
        lua_pop(L, 1);
    }
    pauses->count = (uint32_t)n;
}

static void read_span(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    sim_time *span = out;
    if (!lua_istable(L, index)) {
        read_duration(L, index, f, what, &span[0]);
        span[1] = span[0];
        return;
    }
    if (lua_rawlen(L, index) != 2) refuse_field(L, what, index, f);
    for (int i = 0; i < 2; i++) {
        lua_rawgeti(L, index, i + 1);
        read_duration(L, lua_gettop(L), f, what, &span[i]);
        lua_pop(L, 1);
    }
    if (span[0] > span[1])
        script_fail(L, "%s: the first of the two durations is the shorter one", what);
}

/* ---- words ---- */

static void read_text(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    size_t n;
    if (lua_type(L, index) != LUA_TSTRING) refuse_field(L, what, index, f);
    const char *text = lua_tolstring(L, index, &n);
    if (strlen(text) != n) script_refuse(L, what, index, "a text without zero bytes");
    *(const char **)out = script_keep(L, text);
}

static void read_boolean(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    if (!lua_isboolean(L, index)) refuse_field(L, what, index, f);
    *(bool *)out = lua_toboolean(L, index);
}

static void read_one_kind(lua_State *L, const char *what, uint64_t *kinds) {
    const char *names[RECORD_ANOMALIES];
    char hint[SCRIPT_WHY];
    record_anomaly kind;
    const char *word = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    if (word == NULL)
        script_refuse(L, what, lua_gettop(L), "a kind of anomaly, such as \"exfiltration\"");
    for (int i = 0; i < RECORD_ANOMALIES; i++) names[i] = record_anomaly_word((record_anomaly)i);
    if (record_anomaly_named(word, &kind) != 0)
        script_fail(L, "%s: there is no kind '%s'%s", what, word,
                    script_names_hint(word, names, RECORD_ANOMALIES, hint, sizeof hint));
    *kinds |= UINT64_C(1) << kind;
}

static void read_kinds(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    uint64_t kinds = 0;
    if (!lua_istable(L, index)) refuse_field(L, what, index, f);
    index = lua_absindex(L, index);
    size_t n = lua_rawlen(L, index);
    for (size_t i = 1; i <= n; i++) {
        lua_rawgeti(L, index, (lua_Integer)i);
        read_one_kind(L, what, &kinds);
        lua_pop(L, 1);
    }
    *(uint64_t *)out = kinds;
}

static void read_choice(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    size_t count = 0;
    const char *word = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : "";
    for (; f->choices[count] != NULL; count++) {
        if (strcmp(f->choices[count], word) != 0) continue;
        *(int *)out = (int)count;
        return;
    }
    const char *near = script_names_near(word, f->choices, count);
    char wanted[WORDS_MAX];
    sim_field_wanted(f, true, wanted, sizeof wanted);
    size_t used = strlen(wanted);
    if (near != NULL) snprintf(wanted + used, sizeof wanted - used, "; did you mean '%s'?", near);
    script_refuse(L, what, index, wanted);
}

/* ---- network ---- */

/* A number with one of two endings after its suffix: "20Mbit", "20M". */
static bool get_with_ending(lua_State *L, int index, const char *ending, double maximum,
                            double *out) {
    char text[64];
    if (lua_type(L, index) != LUA_TSTRING)
        return get_number(L, index, out) && *out >= 0 && *out <= maximum;
    snprintf(text, sizeof text, "%s", lua_tostring(L, index));
    size_t n = strlen(text), tail = strlen(ending);
    if (n > tail && strcmp(text + n - tail, ending) == 0) text[n - tail] = '\0';
    return sim_units_number(text, out) == 0 && *out >= 0 && *out <= maximum;
}

static void read_rate(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    double value;
    bool bare = lua_type(L, index) == LUA_TNUMBER && lua_tonumber(L, index) != 0;
    if (bare || !get_with_ending(L, index, "bit", 1e12, &value)) refuse_field(L, what, index, f);
    *(uint64_t *)out = (uint64_t)value;
}

static void read_bytes(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    double value;
    if (!get_with_ending(L, index, "B", UINT32_MAX, &value)) refuse_field(L, what, index, f);
    *(uint32_t *)out = (uint32_t)value;
}

static void read_law(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    if (!script_is_law(L, index, out)) refuse_field(L, what, index, f);
}

static void read_hop(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    if (!lua_istable(L, index)) refuse_field(L, what, index, f);
    script_check_hop(L, index, what, out);
}

static void read_later(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    (void)L, (void)index, (void)f, (void)what, (void)out;
}

/* ---- tables ---- */

void script_read(lua_State *L, int index, const sim_field *f, const char *what, void *out) {
    static reader *const readers[] = {
#define READER(name, word, type, wanted, example) read_##word,
        SIM_FIELD_MAP(READER)
#undef READER
    };
    index = lua_absindex(L, index);
    readers[f->kind](L, index, f, what, out);
}

static bool knows(const sim_field *fields, const char *name) {
    for (; fields->name != NULL; fields++)
        if (strcmp(fields->name, name) == 0) return true;
    return false;
}

/* The unknown name that comes first in the alphabet, so that the message does not depend on the
 * order of the table. */
static const char *first_unknown(lua_State *L, int index, const char *what,
                                 const sim_field *fields) {
    const char *first = NULL;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            script_fail(L, "%s: every value needs its name, as in %s{ %s = ... }", what, what,
                        fields[0].name);
        const char *name = lua_tostring(L, -2);
        if (!knows(fields, name) && (first == NULL || strcmp(name, first) < 0)) first = name;
    }
    return first;
}

static void refuse_unknown(lua_State *L, int index, const char *what, const sim_field *fields) {
    const char *names[24], *unknown = first_unknown(L, index, what, fields);
    char hint[SCRIPT_WHY];
    size_t count = 0;
    if (unknown == NULL) return;
    for (; fields[count].name != NULL && count < sizeof names / sizeof names[0]; count++)
        names[count] = fields[count].name;
    script_fail(L, "%s: there is no '%s'%s", what, unknown,
                script_names_hint(unknown, names, count, hint, sizeof hint));
}

/* `fields` may have none: what takes nothing is not asked with braces either. */
static _Noreturn void refuse_bare(lua_State *L, int index, const char *what,
                                  const sim_field *fields) {
    char wanted[WORDS_MAX], hint[128] = "";
    bool text = lua_type(L, index) == LUA_TSTRING;
    if (fields->name != NULL)
        script_hint_bare(fields, text ? lua_tostring(L, index) : NULL, hint, sizeof hint);
    snprintf(wanted, sizeof wanted, "a table of named values in braces%s", hint);
    script_refuse(L, what, index, wanted);
}

void script_read_fields(lua_State *L, int index, const char *what, const sim_field *fields,
                        void *out) {
    index = lua_absindex(L, index);
    luaL_checkstack(L, 8, NULL);
    if (!lua_istable(L, index)) refuse_bare(L, index, what, fields);
    refuse_unknown(L, index, what, fields);
    for (const sim_field *f = fields; f->name != NULL; f++) {
        lua_pushfstring(L, "%s: %s", what, f->name);
        lua_pushstring(L, f->name);
        if (lua_rawget(L, index) != LUA_TNIL)
            script_read(L, -1, f, lua_tostring(L, -2), (char *)out + f->offset);
        else if (f->required)
            script_fail(L, "%s: '%s' is missing%s%s%s", what, f->name, f->help != NULL ? " (" : "",
                        f->help != NULL ? f->help : "", f->help != NULL ? ")" : "");
        lua_pop(L, 2);
    }
}
