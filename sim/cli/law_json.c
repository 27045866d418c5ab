/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/law_json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "lua/names.h"
#include "sim/core/heap.h"
#include "sim/core/units.h"

enum { BYTES_MAX = 64 * 1024 };

static const char *const members[] = {"kind", "initial_window", "base", "cap", "factor"};
enum { MEMBERS = sizeof members / sizeof *members };

static cli_exit wrong(cli_trouble *t, const char *name, const char *what, const char *about,
                      const char *remedy) {
    return cli_fail(t, CLI_EXIT_USAGE, "%s%s%.80s (%.200s): %s", what, about[0] != '\0' ? " " : "", about,
                    name, remedy);
}

static cli_exit take_duration(const json_t *root, const char *member, const char *name, sim_time *out,
                              cli_trouble *t) {
    const json_t *value = json_object_get(root, member);
    if (value == NULL) return CLI_EXIT_PASS;
    const char *text = json_string_value(value);
    if (text == NULL || sim_units_duration(text, out) != 0)
        return wrong(t, name, "no duration in the declared law:", member,
                     "write it with its unit and in quotes, as in \"10s\"");
    return CLI_EXIT_PASS;
}

static cli_exit take_kind(const json_t *root, const char *name, dev_law *law, cli_trouble *t) {
    const char *kind = json_string_value(json_object_get(root, "kind"));
    if (kind == NULL)
        return wrong(t, name, "the declared law has no kind", "",
                     "add one, as in \"kind\": \"fixed\"; blackstart list laws shows them");
    if (dev_law_kind_named(kind, &law->kind) != 0)
        return wrong(t, name, "unknown kind of law", kind, "blackstart list laws shows those there are");
    return CLI_EXIT_PASS;
}

static cli_exit take_factor(const json_t *root, const char *name, dev_law *law, cli_trouble *t) {
    const json_t *factor = json_object_get(root, "factor");
    if (factor == NULL) return CLI_EXIT_PASS;
    if (!json_is_number(factor))
        return wrong(t, name, "no number in the declared law:", "factor", "write one, as in \"factor\": 2");
    law->factor = json_number_value(factor);
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

/* What dev_law_wrong lets pass because that kind of law does not look at it. */
static const char *contradicts(const json_t *root, const dev_law *law) {
    bool fixed = law->kind == DEV_LAW_FIXED;
    if (fixed && json_object_get(root, "factor") != NULL && law->factor != 1)
        return "a fixed pause does not grow by a factor";
    if (fixed && law->cap != SIM_NEVER && law->cap != law->base) return "a fixed pause has no cap but itself";
    return NULL;
}

static cli_exit take_law(json_t *root, const char *name, dev_law *law, cli_trouble *t) {
    *law = (dev_law){.base = SIM_SECOND, .cap = SIM_NEVER, .factor = 2};
    if (!json_is_object(root))
        return wrong(t, name, "no JSON object", "", "write {\"kind\": \"fixed\", \"base\": \"10s\"}");
    cli_exit trouble = check_members(root, name, t);
    if (trouble == CLI_EXIT_PASS) trouble = take_kind(root, name, law, t);
    if (trouble == CLI_EXIT_PASS)
        trouble = take_duration(root, "initial_window", name, &law->initial_window, t);
    if (trouble == CLI_EXIT_PASS) trouble = take_duration(root, "base", name, &law->base, t);
    if (trouble == CLI_EXIT_PASS) trouble = take_duration(root, "cap", name, &law->cap, t);
    if (trouble == CLI_EXIT_PASS) trouble = take_factor(root, name, law, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    const char *why = dev_law_wrong(law);
    if (why == NULL) why = contradicts(root, law);
    return why == NULL ? CLI_EXIT_PASS
                       : wrong(t, name, "the declared law contradicts itself:", why, "change it");
}

cli_exit cli_law_json_text(const char *text, size_t size, const char *name, dev_law *law, cli_trouble *t) {
    json_error_t error;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        return cli_fail(t, CLI_EXIT_USAGE, "not JSON: %.120s (%.200s:%d): mend it there", error.text, name,
                        error.line);
    cli_exit trouble = take_law(root, name, law, t);
    json_decref(root);
    return trouble;
}

cli_exit cli_law_json(const char *path, dev_law *law, cli_trouble *t) {
    FILE *file = fopen(path, "rb");
    char *text = sim_malloc(BYTES_MAX);
    cli_exit trouble;
    if (text == NULL) {
        trouble = cli_fail(t, CLI_EXIT_INTERNAL, "out of memory (%.200s): free some and try again", path);
    } else if (file == NULL) {
        trouble = cli_fail(t, CLI_EXIT_USAGE,
                           "cannot open the declared law: %s (%.200s): give a file that can be read",
                           strerror(errno), path);
    } else {
        size_t size = fread(text, 1, BYTES_MAX, file);
        if (ferror(file))
            trouble = wrong(t, path, "cannot read the declared law:", strerror(errno),
                            "give a file that can be read");
        else if (size == BYTES_MAX)
            trouble = wrong(t, path, "too large for a declared law", "", "give the file with the law");
        else
            trouble = cli_law_json_text(text, size, path, law, t);
    }
    if (file != NULL) fclose(file);
    sim_free(text);
    return trouble;
}
