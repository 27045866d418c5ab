/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/law_json.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "devices/presets.h"
#include "lua/names.h"
#include "sim/core/units.h"
#include "sim/record/json_read.h"

enum { BYTES_MAX = 64 * 1024 };

/* Of all laws; asked for by a hint. */
enum { MEMBERS_MAX = 64 };

static void *place(dev_law *law, const dev_law_field *f) {
    return (char *)law + f->field.offset;
}

static const dev_law_field *field_in(const dev_law_field *fields, const char *member) {
    for (; fields->field.name != NULL; fields++)
        if (strcmp(fields->field.name, member) == 0) return fields;
    return NULL;
}

static const dev_law_field *field_of(dev_law_kind kind, const char *member) {
    const dev_law_field *own = field_in(dev_law_fields(kind), member);
    return own != NULL ? own : field_in(dev_law_habits, member);
}

static size_t add_member(const char **members, size_t count, const char *word) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(members[i], word) == 0) return count;
    SIM_PROMISE(count < MEMBERS_MAX);
    members[count] = word;
    return count + 1;
}

/* The members that some law has; returns how many. */
static size_t all_members(const char **members) {
    size_t count = add_member(members, add_member(members, 0, "preset"), "kind");
    for (const dev_law_field *f = dev_law_habits; f->field.name != NULL; f++)
        count = add_member(members, count, f->field.name);
    for (int kind = 0; kind < DEV_LAWS; kind++)
        for (const dev_law_field *f = dev_law_fields((dev_law_kind)kind); f->field.name != NULL;
             f++)
            count = add_member(members, count, f->field.name);
    return count;
}

static cli_exit wrong(cli_trouble *t, const char *name, const char *what, const char *about,
                      const char *remedy) {
    return cli_fail(t, CLI_EXIT_USAGE, "%s%s%.80s (%.200s): %s", what, about[0] != '\0' ? " " : "",
                    about, name, remedy);
}

/* What is read, and into what: a member of the file into a field of the law. */
typedef struct taking {
    const json_t *value;
    const dev_law_field *field;
    const char *name;
    cli_trouble *t;
} taking;

static cli_exit take_duration(const taking *m, void *out) {
    const char *text = json_string_value(m->value);
    bool never = m->field->never;
    if (text != NULL && never && strcmp(text, "never") == 0) {
        *(sim_time *)out = SIM_NEVER;
        return CLI_EXIT_PASS;
    }
    if (text == NULL || sim_units_duration(text, out) != 0)
        return wrong(m->t, m->name, "no duration in the declared law:", m->field->field.name,
                     never ? "write it with its unit and in quotes, as in \"10s\", or say \"never\""
                           : "write it with its unit and in quotes, as in \"10s\"");
    return CLI_EXIT_PASS;
}

static cli_exit take_number(const taking *m, void *out) {
    if (!json_is_number(m->value))
        return wrong(m->t, m->name, "no number in the declared law:", m->field->field.name,
                     "write one without quotes, as in \"factor\": 2");
    *(double *)out = json_number_value(m->value);
    return CLI_EXIT_PASS;
}

static cli_exit take_count(const taking *m, void *out) {
    json_int_t count = json_integer_value(m->value);
    char what[64], remedy[80];
    snprintf(what, sizeof what, "no number of %s in the declared law:", m->field->field.name);
    snprintf(remedy, sizeof remedy, "write a whole number from 0 to %.0f; 0 is without an end",
             m->field->field.maximum);
    if (!json_is_integer(m->value) || count < 0 || (double)count > m->field->field.maximum)
        return wrong(m->t, m->name, what, m->field->field.name, remedy);
    *(uint32_t *)out = (uint32_t)count;
    return CLI_EXIT_PASS;
}

/* "own, constant, boot-time or serial" */
static char *list_of(const char *const *choices, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; choices[i] != NULL && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s",
                                 i == 0                   ? ""
                                 : choices[i + 1] != NULL ? ", "
                                                          : " or ",
                                 choices[i]);
    return text;
}

static cli_exit take_choice(const taking *m, void *out) {
    const char *const *choices = m->field->field.choices, *word = json_string_value(m->value);
    char what[64], list[120], remedy[128];
    for (int i = 0; word != NULL && choices[i] != NULL; i++) {
        if (strcmp(word, choices[i]) != 0) continue;
        *(int *)out = i;
        return CLI_EXIT_PASS;
    }
    snprintf(what, sizeof what, "unknown %s in the declared law:", m->field->field.name);
    snprintf(remedy, sizeof remedy, "say %s", list_of(choices, list, sizeof list));
    return wrong(m->t, m->name, what, word != NULL ? word : "it is no text", remedy);
}

static cli_exit take_flag(const taking *m, void *out) {
    if (!json_is_boolean(m->value))
        return wrong(m->t, m->name,
                     "neither true nor false in the declared law:", m->field->field.name,
                     "write one of them without quotes");
    *(bool *)out = json_is_true(m->value);
    return CLI_EXIT_PASS;
}

static cli_exit take_pauses(const taking *m, void *out) {
    sim_pauses *pauses = out;
    size_t count = json_array_size(m->value);
    if (count == 0 || count > SIM_PAUSES_MAX)
        return wrong(m->t, m->name, "no list of pauses in the declared law:", m->field->field.name,
                     "write from 1 to 32 durations, as in [\"3s\", \"12s\", \"30s\"]");
    pauses->count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        taking one = *m;
        one.value = json_array_get(m->value, i);
        cli_exit trouble = take_duration(&one, &pauses->each[i]);
        if (trouble != CLI_EXIT_PASS) return trouble;
    }
    return CLI_EXIT_PASS;
}

static cli_exit take_member(const taking *m, dev_law *law) {
    static cli_exit (*const takers[SIM_FIELD_KINDS_COUNT])(const taking *, void *) = {
        [SIM_FIELD_DURATION] = take_duration, [SIM_FIELD_NUMBER] = take_number,
        [SIM_FIELD_COUNT32] = take_count,     [SIM_FIELD_CHOICE] = take_choice,
        [SIM_FIELD_BOOLEAN] = take_flag,      [SIM_FIELD_PAUSES] = take_pauses,
    };
    return takers[m->field->field.kind](m, place(law, m->field));
}

static cli_exit take_preset(const json_t *root, const char *name, dev_law *law, cli_trouble *t) {
    const char *word = json_string_value(json_object_get(root, "preset"));
    const dev_preset *preset = word != NULL ? dev_preset_named(word) : NULL;
    if (preset == NULL)
        return wrong(t, name, "unknown preset", word != NULL ? word : "(it is no text)",
                     "blackstart list laws shows those there are");
    if (json_object_get(root, "kind") != NULL)
        return wrong(t, name, "the declared law contradicts itself:",
                     "it has a preset and a kind, and a preset has its own",
                     "leave one of them out");
    *law = preset->law;
    return CLI_EXIT_PASS;
}

/* A preset, or a kind with its defaults. */
static cli_exit take_kind(const json_t *root, const char *name, dev_law *law, cli_trouble *t) {
    if (json_object_get(root, "preset") != NULL) return take_preset(root, name, law, t);
    const char *kind = json_string_value(json_object_get(root, "kind"));
    if (kind == NULL)
        return wrong(
            t, name, "the declared law has no kind", "",
            "add one, as in \"kind\": \"fixed\", or a preset; blackstart list laws shows them");
    dev_law_kind which;
    if (dev_law_kind_named(kind, &which) != 0)
        return wrong(t, name, "unknown kind of law", kind,
                     "blackstart list laws shows those there are");
    *law = dev_law_usual(which);
    law->base = SIM_SECOND;
    law->cap = SIM_NEVER;
    return CLI_EXIT_PASS;
}

static cli_exit check_members(json_t *root, const char *name, cli_trouble *t) {
    const char *member, *members[MEMBERS_MAX];
    size_t count = all_members(members);
    json_t *value;
    json_object_foreach(root, member, value) {
        bool known = false;
        for (size_t i = 0; i < count; i++) known = known || strcmp(member, members[i]) == 0;
        if (known) continue;
        char hint[160];
        return wrong(t, name, "unknown member of the declared law:", member,
                     script_names_hint(member, members, count, hint, sizeof hint) + strlen("; "));
    }
    return CLI_EXIT_PASS;
}

/* The first member that a law of this kind does not look at, so that to declare it is a
 * contradiction; NULL: there is none. */
static const char *blind_to(json_t *root, dev_law_kind kind) {
    const char *member;
    json_t *value;
    json_object_foreach(root, member, value) {
        bool head = strcmp(member, "preset") == 0 || strcmp(member, "kind") == 0;
        if (!head && field_of(kind, member) == NULL) return member;
    }
    return NULL;
}

/* Members in the order of the rows, whatever that of the file is. */
static cli_exit take_fields(const json_t *root, const dev_law_field *fields, const char *name,
                            dev_law *law, cli_trouble *t) {
    for (; fields->field.name != NULL; fields++) {
        taking m = {json_object_get(root, fields->field.name), fields, name, t};
        cli_exit trouble = m.value == NULL ? CLI_EXIT_PASS : take_member(&m, law);
        if (trouble != CLI_EXIT_PASS) return trouble;
    }
    return CLI_EXIT_PASS;
}

static cli_exit take_members(json_t *root, const char *name, dev_law *law, cli_trouble *t) {
    cli_exit trouble = check_members(root, name, t);
    if (trouble == CLI_EXIT_PASS) trouble = take_kind(root, name, law, t);
    if (trouble == CLI_EXIT_PASS)
        trouble = take_fields(root, dev_law_fields(law->kind), name, law, t);
    return trouble == CLI_EXIT_PASS ? take_fields(root, dev_law_habits, name, law, t) : trouble;
}

cli_exit cli_law_json_take(json_t *root, const char *name, dev_law *law, cli_trouble *t) {
    char why[96];
    if (!json_is_object(root))
        return wrong(t, name, "no JSON object", "",
                     "write {\"kind\": \"fixed\", \"base\": \"10s\"}");
    cli_exit trouble = take_members(root, name, law, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    const char *faulty = dev_law_wrong(law);
    const char *blind = blind_to(root, law->kind);
    if (faulty == NULL && blind != NULL) {
        snprintf(why, sizeof why, "%s has no %.40s", dev_law_word(law->kind), blind);
        faulty = why;
    }
    return faulty == NULL
               ? CLI_EXIT_PASS
               : wrong(t, name, "the declared law contradicts itself:", faulty, "change it");
}

cli_exit cli_law_json(const char *path, dev_law *law, cli_trouble *t) {
    char why[RECORD_JSON_WHY_MAX];
    json_t *root = NULL;
    int error = record_json_file(path, BYTES_MAX, &root, why);
    if (error == SIM_ENOMEM)
        return cli_fail(t, CLI_EXIT_INTERNAL, "%s (--declared): free some and try again", why);
    if (error != 0)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no law that can be read: %s (--declared): mend it there, or give another file", why);
    cli_exit trouble = cli_law_json_take(root, path, law, t);
    json_decref(root);
    return trouble;
}

/* --- writing --- */

/* "90s", "250ms": exact, in the largest unit of these that it is a multiple of. */
static json_t *duration_text(sim_time t) {
    static const struct {
        const char *unit;
        sim_time length;
    } units[] = {{"d", SIM_DAY},    {"h", SIM_HOUR},         {"m", SIM_MINUTE},
                 {"s", SIM_SECOND}, {"ms", SIM_MILLISECOND}, {"us", SIM_MICROSECOND},
                 {"ns", 1}};
    size_t i = 0;
    if (t == SIM_NEVER) return json_string("never");
    if (t == 0) return json_string("0s");
    while (t % units[i].length != 0) i++;
    return json_sprintf("%" PRId64 "%s", t / units[i].length, units[i].unit);
}

/* json_object_set_new takes the value, and fails when there is none. */
static int set(json_t *root, const char *member, json_t *value) {
    return json_object_set_new(root, member, value);
}

static bool is_usual(const dev_law_field *f, const void *value) {
    switch (f->field.kind) {
        case SIM_FIELD_DURATION:
            return *(const sim_time *)value ==
                   (f->field.offset == offsetof(dev_law, cap) ? SIM_NEVER : 0);
        case SIM_FIELD_COUNT32:
            return *(const uint32_t *)value == 0;
        case SIM_FIELD_CHOICE:
            return *(const int *)value == 0;
        case SIM_FIELD_BOOLEAN:
            return !*(const bool *)value;
        default:
            return false;
    }
}

static json_t *written_pauses(const sim_pauses *pauses) {
    json_t *all = json_array();
    for (uint32_t i = 0; i < pauses->count; i++) {
        if (json_array_append_new(all, duration_text(pauses->each[i])) == 0) continue;
        json_decref(all);
        return NULL;
    }
    return all;
}

static json_t *written(const dev_law_field *f, const void *value) {
    switch (f->field.kind) {
        case SIM_FIELD_DURATION:
            return duration_text(*(const sim_time *)value);
        case SIM_FIELD_COUNT32:
            return json_integer(*(const uint32_t *)value);
        case SIM_FIELD_CHOICE:
            return json_string(f->field.choices[*(const int *)value]);
        case SIM_FIELD_BOOLEAN:
            return json_boolean(*(const bool *)value);
        case SIM_FIELD_PAUSES:
            return written_pauses(value);
        default:
            return json_real(*(const double *)value);
    }
}

static int set_fields(json_t *root, const dev_law_field *fields, const dev_law *law) {
    int error = 0;
    for (const dev_law_field *f = fields; f->field.name != NULL && error == 0; f++) {
        const void *value = (const char *)law + f->field.offset;
        if (!f->file_only && !is_usual(f, value))
            error = set(root, f->field.name, written(f, value));
    }
    return error;
}

static int set_all(json_t *root, const dev_law *law) {
    int error = set(root, "kind", json_string(dev_law_word(law->kind)));
    if (error == 0) error = set_fields(root, dev_law_fields(law->kind), law);
    return error == 0 ? set_fields(root, dev_law_habits, law) : error;
}

cli_exit cli_law_json_write(const dev_law *law, FILE *out, cli_trouble *t) {
    json_t *root = json_object();
    bool good =
        root != NULL && set_all(root, law) == 0 && json_dumpf(root, out, JSON_INDENT(4)) == 0;
    json_decref(root);
    if (!good)
        return cli_fail(t, CLI_EXIT_INTERNAL, "out of memory (law): free some and try again");
    fputc('\n', out);
    return CLI_EXIT_PASS;
}
