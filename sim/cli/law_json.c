/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/law_json.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "devices/presets.h"
#include "lua/names.h"
#include "sim/core/units.h"
#include "sim/report/json_read.h"

enum { BYTES_MAX = 64 * 1024, TRIES_MAX = 1000000 };

static const char *const members[] = {
    "preset", "kind",  "initial_window", "base",        "cap",    "factor", "low",
    "high",   "tries", "rest",           "reset_after", "on_the", "seed"};
enum { MEMBERS = sizeof members / sizeof *members };

/* Durations; some may be "never". */
static const struct {
    const char *member;
    size_t offset;
    bool never;
} durations[] = {
    {"initial_window", offsetof(dev_law, initial_window), false},
    {"base", offsetof(dev_law, base), false},
    {"cap", offsetof(dev_law, cap), true},
    {"rest", offsetof(dev_law, rest), true},
    {"reset_after", offsetof(dev_law, reset_after), false},
    {"on_the", offsetof(dev_law, on_the), false},
};
enum { DURATIONS = sizeof durations / sizeof *durations };

static const struct {
    const char *member;
    size_t offset;
} numbers[] = {{"factor", offsetof(dev_law, factor)},
               {"low", offsetof(dev_law, low)},
               {"high", offsetof(dev_law, high)}};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

/* What a kind of law does not look at, so that to declare it is a contradiction. */
static const struct {
    dev_law_kind kind;
    const char *blind_to[6];
} blind[] = {
    {DEV_LAW_IMMEDIATE, {"base", "cap", "factor", "low", "high"}},
    {DEV_LAW_FIXED, {"low", "high"}}, /* factor and cap: see contradicts */
    {DEV_LAW_EXPONENTIAL, {"low", "high"}},
    {DEV_LAW_FULL_JITTER, {"low", "high"}},
    {DEV_LAW_EQUAL_JITTER, {"low", "high"}},
    {DEV_LAW_DECORRELATED_JITTER, {"factor", "low", "high"}},
};

static cli_exit wrong(cli_trouble *t, const char *name, const char *what, const char *about,
                      const char *remedy) {
    return cli_fail(t, CLI_EXIT_USAGE, "%s%s%.80s (%.200s): %s", what, about[0] != '\0' ? " " : "",
                    about, name, remedy);
}

static cli_exit take_duration(const json_t *root, size_t which, const char *name, dev_law *law,
                              cli_trouble *t) {
    const char *member = durations[which].member;
    const json_t *value = json_object_get(root, member);
    sim_time *out = (sim_time *)(void *)((char *)law + durations[which].offset);
    if (value == NULL) return CLI_EXIT_PASS;
    const char *text = json_string_value(value);
    if (text != NULL && durations[which].never && strcmp(text, "never") == 0) {
        *out = SIM_NEVER;
        return CLI_EXIT_PASS;
    }
    if (text == NULL || sim_units_duration(text, out) != 0)
        return wrong(t, name, "no duration in the declared law:", member,
                     durations[which].never
                         ? "write it with its unit and in quotes, as in \"10s\", or say \"never\""
                         : "write it with its unit and in quotes, as in \"10s\"");
    return CLI_EXIT_PASS;
}

static cli_exit take_number(const json_t *root, size_t which, const char *name, dev_law *law,
                            cli_trouble *t) {
    const json_t *number = json_object_get(root, numbers[which].member);
    if (number == NULL) return CLI_EXIT_PASS;
    if (!json_is_number(number))
        return wrong(t, name, "no number in the declared law:", numbers[which].member,
                     "write one without quotes, as in \"factor\": 2");
    *(double *)(void *)((char *)law + numbers[which].offset) = json_number_value(number);
    return CLI_EXIT_PASS;
}

static cli_exit take_tries(const json_t *root, const char *name, dev_law *law, cli_trouble *t) {
    const json_t *tries = json_object_get(root, "tries");
    if (tries == NULL) return CLI_EXIT_PASS;
    json_int_t count = json_integer_value(tries);
    if (!json_is_integer(tries) || count < 0 || count > TRIES_MAX)
        return wrong(t, name, "no number of tries in the declared law:", "tries",
                     "write a whole number from 0 to 1000000; 0 is without an end");
    law->tries = (uint32_t)count;
    return CLI_EXIT_PASS;
}

static cli_exit take_seed(const json_t *root, const char *name, dev_law *law, cli_trouble *t) {
    const json_t *value = json_object_get(root, "seed");
    const char *word = json_string_value(value);
    if (value == NULL) return CLI_EXIT_PASS;
    for (int i = 0; word != NULL && dev_law_seed_words[i] != NULL; i++) {
        if (strcmp(word, dev_law_seed_words[i]) != 0) continue;
        law->seed = (dev_law_seed)i;
        return CLI_EXIT_PASS;
    }
    return wrong(t, name,
                 "unknown seed in the declared law:", word != NULL ? word : "it is no text",
                 "say own, constant, boot-time or serial");
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
    *law = (dev_law){.base = SIM_SECOND, .cap = SIM_NEVER, .factor = 2};
    if (json_object_get(root, "preset") != NULL) return take_preset(root, name, law, t);
    const char *kind = json_string_value(json_object_get(root, "kind"));
    if (kind == NULL)
        return wrong(
            t, name, "the declared law has no kind", "",
            "add one, as in \"kind\": \"fixed\", or a preset; blackstart list laws shows them");
    if (dev_law_kind_named(kind, &law->kind) != 0)
        return wrong(t, name, "unknown kind of law", kind,
                     "blackstart list laws shows those there are");
    if (law->kind == DEV_LAW_SPREAD || law->kind == DEV_LAW_ONE_DRAW) {
        law->low = law->kind == DEV_LAW_SPREAD ? 0.5 : 1;
        law->high = 1.5;
    }
    return CLI_EXIT_PASS;
}

static cli_exit check_members(json_t *root, const char *name, cli_trouble *t) {
    const char *member;
    json_t *value;
    json_object_foreach(root, member, value) {
        bool known = false;
        for (size_t i = 0; i < MEMBERS; i++) known = known || strcmp(member, members[i]) == 0;
        if (known) continue;
        char hint[160];
        return wrong(t, name, "unknown member of the declared law:", member,
                     script_names_hint(member, members, MEMBERS, hint, sizeof hint) + strlen("; "));
    }
    return CLI_EXIT_PASS;
}

/* What dev_law_wrong lets pass because that kind of law does not look at it; `why` holds a sentence
 * then. */
static bool contradicts(const json_t *root, const dev_law *law, char *why, size_t size) {
    bool fixed = law->kind == DEV_LAW_FIXED, given = json_object_get(root, "preset") == NULL;
    why[0] = '\0';
    if (fixed && json_object_get(root, "factor") != NULL && law->factor != 1)
        snprintf(why, size, "a fixed pause does not grow by a factor");
    if (fixed && law->cap != SIM_NEVER && law->cap != law->base)
        snprintf(why, size, "a fixed pause has no cap but itself");
    for (size_t i = 0; given && i < sizeof blind / sizeof *blind; i++)
        for (size_t k = 0; blind[i].kind == law->kind && blind[i].blind_to[k] != NULL; k++)
            if (json_object_get(root, blind[i].blind_to[k]) != NULL)
                snprintf(why, size, "%s has no %s", dev_law_word(law->kind), blind[i].blind_to[k]);
    return why[0] != '\0';
}

static cli_exit take_members(json_t *root, const char *name, dev_law *law, cli_trouble *t) {
    cli_exit trouble = check_members(root, name, t);
    if (trouble == CLI_EXIT_PASS) trouble = take_kind(root, name, law, t);
    for (size_t i = 0; i < DURATIONS && trouble == CLI_EXIT_PASS; i++)
        trouble = take_duration(root, i, name, law, t);
    for (size_t i = 0; i < NUMBERS && trouble == CLI_EXIT_PASS; i++)
        trouble = take_number(root, i, name, law, t);
    if (trouble == CLI_EXIT_PASS) trouble = take_tries(root, name, law, t);
    return trouble == CLI_EXIT_PASS ? take_seed(root, name, law, t) : trouble;
}

cli_exit cli_law_json_take(json_t *root, const char *name, dev_law *law, cli_trouble *t) {
    char why[80];
    if (!json_is_object(root))
        return wrong(t, name, "no JSON object", "",
                     "write {\"kind\": \"fixed\", \"base\": \"10s\"}");
    cli_exit trouble = take_members(root, name, law, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    const char *faulty = dev_law_wrong(law);
    if (faulty == NULL && contradicts(root, law, why, sizeof why)) faulty = why;
    return faulty == NULL
               ? CLI_EXIT_PASS
               : wrong(t, name, "the declared law contradicts itself:", faulty, "change it");
}

cli_exit cli_law_json(const char *path, dev_law *law, cli_trouble *t) {
    char why[REPORT_JSON_WHY_MAX];
    json_t *root = NULL;
    int error = report_json_file(path, BYTES_MAX, &root, why);
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
    while (t % units[i].length != 0) i++;
    return json_sprintf("%" PRId64 "%s", t / units[i].length, units[i].unit);
}

static bool looks_at(dev_law_kind kind, const char *member) {
    for (size_t i = 0; i < sizeof blind / sizeof *blind; i++)
        for (size_t k = 0; blind[i].kind == kind && blind[i].blind_to[k] != NULL; k++)
            if (strcmp(blind[i].blind_to[k], member) == 0) return false;
    return kind != DEV_LAW_FIXED || (strcmp(member, "factor") != 0 && strcmp(member, "cap") != 0);
}

/* json_object_set_new takes the value, and fails when there is none. */
static int set(json_t *root, const char *member, json_t *value) {
    return json_object_set_new(root, member, value);
}

static int set_all(json_t *root, const dev_law *law) {
    int error = set(root, "kind", json_string(dev_law_word(law->kind)));
    for (size_t i = 0; i < DURATIONS && error == 0; i++) {
        sim_time t = *(const sim_time *)(const void *)((const char *)law + durations[i].offset);
        bool usual = strcmp(durations[i].member, "cap") == 0 ? t == SIM_NEVER : t == 0;
        if (!usual && looks_at(law->kind, durations[i].member))
            error = set(root, durations[i].member, duration_text(t));
    }
    for (size_t i = 0; i < NUMBERS && error == 0; i++)
        if (looks_at(law->kind, numbers[i].member))
            error = set(
                root, numbers[i].member,
                json_real(*(const double *)(const void *)((const char *)law + numbers[i].offset)));
    if (error == 0 && law->tries > 0) error = set(root, "tries", json_integer(law->tries));
    if (error == 0 && law->seed != DEV_LAW_SEED_OWN)
        error = set(root, "seed", json_string(dev_law_seed_words[law->seed]));
    return error;
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
