/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lua/read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lua/names.h"
#include "sim/core/units.h"

enum { WORDS_MAX = 320 };

static const double exact_max =
    9007199254740992.0; /* 2^53: whole numbers up to here have a double of their own */

/* ---- what is wanted, in words ---- */

static bool bounded(const script_field *f) {
    return f->minimum != 0 || f->maximum != 0;
}

/* A bound as people write it. */
static const char *bound_text(const script_field *f, double bound, char *text, size_t size) {
    if (f->read == script_read_duration || f->read == script_read_span)
        return script_duration_text((sim_time)bound, text, size);
    if (fabs(bound) < 1e15 && bound == floor(bound))
        snprintf(text, size, "%.0f", bound);
    else
        snprintf(text, size, "%.15g", bound);
    return text;
}

static void add_bounds(const script_field *f, char *text, size_t size) {
    char low[64], high[64];
    size_t used = strlen(text);
    if (!bounded(f)) return;
    bound_text(f, f->minimum, low, sizeof low);
    bound_text(f, f->maximum, high, sizeof high);
    if (isinf(f->minimum))
        snprintf(text + used, size - used, " of at most %s", high);
    else if (isinf(f->maximum))
        snprintf(text + used, size - used, " of at least %s", low);
    else
        snprintf(text + used, size - used, " from %s to %s", low, high);
}

/* A long list is cut, so that what comes after it is still read. */
static void list_choices(const script_field *f, char *text, size_t size) {
    enum { LIST_MAX = 200 };
    size_t used = (size_t)snprintf(text, size, "one of "), left = 0, i = 0;
    for (; f->choices[i] != NULL && used < LIST_MAX && used < size; i++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ", ", f->choices[i]);
    for (; f->choices[i] != NULL; i++) left++;
    if (left > 0 && used < size) snprintf(text + used, size - used, " or %zu more", left);
}

/* "a count from 1 to 1000000": what a field takes, in words. Returns `text`. */
static char *wanted_by(const script_field *f, char *text, size_t size) {
    static const struct {
        script_reader *read;
        const char *words, *example;
    } kinds[] = {
        {script_read_count, "a count", ", such as 250 or \"10k\""},
        {script_read_count32, "a count", ", such as 250 or \"10k\""},
        {script_read_number, "a number", ""},
        {script_read_duration, "a duration", ", such as \"30m\""},
        {script_read_span, "a duration", " or two, such as \"30s\" or {\"60s\", \"90s\"}"},
        {script_read_fraction, "a fraction", ", such as 0.25 or \"25%\""},
        {script_read_text, "a text", ""},
        {script_read_boolean, "true or false", ""},
        {script_read_rate, "a rate", ", such as \"20Mbit\" (per second)"},
        {script_read_bytes, "a number of bytes", ", such as \"64k\""},
        {script_read_law, "a law", ", such as law.full_jitter{ base = \"1s\", cap = \"60s\" }"},
        {script_read_kinds, "a list of kinds of anomaly", ", such as { \"exfiltration\" }"},
        {script_read_hop, "a table", ", such as { latency = \"8ms\", loss = \"1%\" }"},
    };
    snprintf(text, size, "something else");
    if (f->read == script_read_choice) list_choices(f, text, size);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].read != f->read) continue;
        snprintf(text, size, "%s", kinds[i].words);
        add_bounds(f, text, size);
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s", kinds[i].example);
    }
    return text;
}

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

void script_refuse(lua_State *L, const char *what, int index, const char *wanted) {
    char value[80];
    const script *s = script_of(L);
    if (s->blame != NULL) /* the value stands in the blame already */
        script_fail(L, "%s takes %s%s", what, wanted, s->help);
    script_fail(L, "%s: %s is not %s", what, shown(L, index, value, sizeof value), wanted);
}

static _Noreturn void refuse_field(lua_State *L, const char *what, int index,
                                   const script_field *f) {
    char wanted[WORDS_MAX];
    script_refuse(L, what, index, wanted_by(f, wanted, sizeof wanted));
}

/* ---- numbers ---- */

static bool within(const script_field *f, double value) {
    return !bounded(f) || (value >= f->minimum && value <= f->maximum);
}

/* A number, or a text that is one. */
static bool get_number(lua_State *L, int index, double *out) {
    if (lua_type(L, index) == LUA_TNUMBER)
        *out = lua_tonumber(L, index);
    else if (lua_type(L, index) != LUA_TSTRING ||
             sim_units_number(lua_tostring(L, index), out) != 0)
        return false;
    return isfinite(*out);
}

void script_read_number(lua_State *L, int index, const script_field *f, const char *what,
                        void *out) {
    double value;
    if (!get_number(L, index, &value) || !within(f, value)) refuse_field(L, what, index, f);
    *(double *)out = value;
}

void script_read_count(lua_State *L, int index, const script_field *f, const char *what,
                       void *out) {
    double value;
    if (!get_number(L, index, &value) || value != floor(value) || value < 0 || value > exact_max ||
        !within(f, value))
        refuse_field(L, what, index, f);
    *(uint64_t *)out = (uint64_t)value;
}

void script_read_count32(lua_State *L, int index, const script_field *f, const char *what,
                         void *out) {
    uint64_t value;
    SIM_PROMISE(f->maximum > 0 && f->maximum <= UINT32_MAX);
    script_read_count(L, index, f, what, &value);
    *(uint32_t *)out = (uint32_t)value;
}

void script_read_fraction(lua_State *L, int index, const script_field *f, const char *what,
                          void *out) {
    double value = -1;
    if (lua_type(L, index) == LUA_TNUMBER)
        value = lua_tonumber(L, index);
    else if (lua_type(L, index) != LUA_TSTRING ||
             sim_units_fraction(lua_tostring(L, index), &value) != 0)
        refuse_field(L, what, index, f);
    if (!(value >= 0 && value <= 1) || !within(f, value)) refuse_field(L, what, index, f);
    *(double *)out = value;
}

/* ---- time ---- */

static bool get_duration(lua_State *L, int index, sim_time *out) {
    if (script_is_duration(L, index, out)) return *out >= 0;
    return lua_type(L, index) == LUA_TSTRING &&
           sim_units_duration(lua_tostring(L, index), out) == 0;
}

void script_read_duration(lua_State *L, int index, const script_field *f, const char *what,
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
    if (!within(f, (double)t)) refuse_field(L, what, index, f);
    *(sim_time *)out = t;
}

void script_read_span(lua_State *L, int index, const script_field *f, const char *what, void *out) {
    sim_time *span = out;
    if (!lua_istable(L, index)) {
        script_read_duration(L, index, f, what, &span[0]);
        span[1] = span[0];
        return;
    }
    if (lua_rawlen(L, index) != 2) refuse_field(L, what, index, f);
    for (int i = 0; i < 2; i++) {
        lua_rawgeti(L, index, i + 1);
        script_read_duration(L, lua_gettop(L), f, what, &span[i]);
        lua_pop(L, 1);
    }
    if (span[0] > span[1])
        script_fail(L, "%s: the first of the two durations is the shorter one", what);
}

/* ---- words ---- */

void script_read_text(lua_State *L, int index, const script_field *f, const char *what, void *out) {
    size_t n;
    if (lua_type(L, index) != LUA_TSTRING) refuse_field(L, what, index, f);
    const char *text = lua_tolstring(L, index, &n);
    if (strlen(text) != n) script_refuse(L, what, index, "a text without zero bytes");
    *(const char **)out = script_keep(L, text);
}

void script_read_boolean(lua_State *L, int index, const script_field *f, const char *what,
                         void *out) {
    if (!lua_isboolean(L, index)) refuse_field(L, what, index, f);
    *(bool *)out = lua_toboolean(L, index);
}

static void read_kind(lua_State *L, const char *what, uint64_t *kinds) {
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

void script_read_kinds(lua_State *L, int index, const script_field *f, const char *what,
                       void *out) {
    uint64_t kinds = 0;
    if (!lua_istable(L, index)) refuse_field(L, what, index, f);
    index = lua_absindex(L, index);
    size_t n = lua_rawlen(L, index);
    for (size_t i = 1; i <= n; i++) {
        lua_rawgeti(L, index, (lua_Integer)i);
        read_kind(L, what, &kinds);
        lua_pop(L, 1);
    }
    *(uint64_t *)out = kinds;
}

void script_read_choice(lua_State *L, int index, const script_field *f, const char *what,
                        void *out) {
    size_t count = 0;
    const char *word = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : "";
    for (; f->choices[count] != NULL; count++) {
        if (strcmp(f->choices[count], word) != 0) continue;
        *(int *)out = (int)count;
        return;
    }
    const char *near = script_names_near(word, f->choices, count);
    char wanted[WORDS_MAX];
    wanted_by(f, wanted, sizeof wanted);
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

void script_read_rate(lua_State *L, int index, const script_field *f, const char *what, void *out) {
    double value;
    bool bare = lua_type(L, index) == LUA_TNUMBER && lua_tonumber(L, index) != 0;
    if (bare || !get_with_ending(L, index, "bit", 1e12, &value)) refuse_field(L, what, index, f);
    *(uint64_t *)out = (uint64_t)value;
}

void script_read_bytes(lua_State *L, int index, const script_field *f, const char *what,
                       void *out) {
    double value;
    if (!get_with_ending(L, index, "B", UINT32_MAX, &value)) refuse_field(L, what, index, f);
    *(uint32_t *)out = (uint32_t)value;
}

void script_read_law(lua_State *L, int index, const script_field *f, const char *what, void *out) {
    if (!script_is_law(L, index, out)) refuse_field(L, what, index, f);
}

void script_read_hop(lua_State *L, int index, const script_field *f, const char *what, void *out) {
    if (!lua_istable(L, index)) refuse_field(L, what, index, f);
    script_check_hop(L, index, what, out);
}

void script_read_later(lua_State *L, int index, const script_field *f, const char *what,
                       void *out) {
    (void)L, (void)index, (void)f, (void)what, (void)out;
}

/* ---- tables ---- */

void script_read(lua_State *L, int index, const script_field *f, const char *what, void *out) {
    index = lua_absindex(L, index);
    f->read(L, index, f, what, out);
}

static bool knows(const script_field *fields, const char *name) {
    for (; fields->name != NULL; fields++)
        if (strcmp(fields->name, name) == 0) return true;
    return false;
}

/* The unknown name that comes first in the alphabet, so that the message does not depend on the
 * order of the table. */
static const char *first_unknown(lua_State *L, int index, const char *what,
                                 const script_field *fields) {
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

static void refuse_unknown(lua_State *L, int index, const char *what, const script_field *fields) {
    const char *names[24], *unknown = first_unknown(L, index, what, fields);
    char hint[SCRIPT_WHY];
    size_t count = 0;
    if (unknown == NULL) return;
    for (; fields[count].name != NULL && count < sizeof names / sizeof names[0]; count++)
        names[count] = fields[count].name;
    script_fail(L, "%s: there is no '%s'%s", what, unknown,
                script_names_hint(unknown, names, count, hint, sizeof hint));
}

void script_read_fields(lua_State *L, int index, const char *what, const script_field *fields,
                        void *out) {
    index = lua_absindex(L, index);
    luaL_checkstack(L, 8, NULL);
    if (!lua_istable(L, index)) script_refuse(L, what, index, "a table of named values in braces");
    refuse_unknown(L, index, what, fields);
    for (const script_field *f = fields; f->name != NULL; f++) {
        lua_pushfstring(L, "%s: %s", what, f->name);
        lua_pushstring(L, f->name);
        if (lua_rawget(L, index) != LUA_TNIL)
            script_read(L, -1, f, lua_tostring(L, -2), (char *)out + f->offset);
        else if (f->required)
            script_fail(L, "%s: '%s' is missing", what, f->name);
        lua_pop(L, 2);
    }
}
