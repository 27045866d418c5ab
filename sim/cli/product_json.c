/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/product_json.h"

#include <string.h>

#include "devices/model.h"
#include "lua/names.h"
#include "sim/cli/law_json.h"
#include "sim/core/units.h"
#include "sim/record/json_read.h"

enum { BYTES_MAX = 256 * 1024, NAME_MAX_BYTES = 100, TEXT_MAX = 400 };

/* What is read, and what it is called in messages. */
typedef struct reader {
    const char *file;
    script_product *product;
    cli_trouble *t;
} reader;

/* "WHAT: MEMBER (FILE): REMEDY" */
static cli_exit wrong(const reader *r, const char *what, const char *member, const char *remedy) {
    return cli_fail(r->t, CLI_EXIT_USAGE, "%s: %.80s (%.200s): %s", what, member, r->file, remedy);
}

/* Text of 1 to `most` bytes; NULL: it is none. */
static const char *text_of(const json_t *value, size_t most) {
    const char *text = json_string_value(value);
    return text != NULL && text[0] != '\0' && strlen(text) <= most ? text : NULL;
}

static cli_exit take_name(const reader *r, json_t *value) {
    r->product->name = text_of(value, NAME_MAX_BYTES);
    return r->product->name != NULL
               ? CLI_EXIT_PASS
               : wrong(r, "no name in the product", "name", "write 1 to 100 letters in quotes");
}

static cli_exit take_model(const reader *r, json_t *value) {
    const char *names[32], *word = json_string_value(value);
    size_t count = 0;
    r->product->model = word != NULL ? dev_model_named(word) : NULL;
    if (r->product->model != NULL) return CLI_EXIT_PASS;
    for (; dev_models[count] != NULL && count < 32; count++) names[count] = dev_models[count]->name;
    const char *near = word != NULL ? script_names_near(word, names, count) : NULL;
    char remedy[120];
    (void)snprintf(remedy, sizeof remedy, near != NULL ? "did you mean \"%s\"?" : "%s",
                   near != NULL ? near : "blackstart list models shows what there is");
    return wrong(r, "no model of that name in the product", word != NULL ? word : "model", remedy);
}

static cli_exit take_law(const reader *r, json_t *value) {
    r->product->has_law = true;
    return cli_law_json_take(value, r->file, &r->product->law, r->t);
}

static bool read_duration(const json_t *value, sim_time most, sim_time *out) {
    const char *text = json_string_value(value);
    return text != NULL && sim_units_duration(text, out) == 0 && *out >= 0 && *out <= most;
}

static cli_exit take_boot(const reader *r, json_t *value) {
    script_product *p = r->product;
    const json_t *first = json_is_array(value) ? json_array_get(value, 0) : value;
    const json_t *last = json_is_array(value) ? json_array_get(value, 1) : value;
    p->has_boot = true;
    bool good = !json_is_array(value) || json_array_size(value) == 2;
    if (good && read_duration(first, SIM_DAY, &p->boot[0]) &&
        read_duration(last, SIM_DAY, &p->boot[1]) && p->boot[0] <= p->boot[1])
        return CLI_EXIT_PASS;
    return wrong(r, "no time to boot in the product", "boot",
                 "write the shortest and the longest of at most 1d, as in [\"2s\", \"5s\"]");
}

static cli_exit take_report_every(const reader *r, json_t *value) {
    r->product->has_report_every = true;
    if (read_duration(value, 366 * SIM_DAY, &r->product->report_every) &&
        r->product->report_every > 0)
        return CLI_EXIT_PASS;
    return wrong(r, "no duration in the product", "report_every",
                 "write it with its unit and in quotes, as in \"1m\"");
}

static cli_exit take_connect_limit(const reader *r, json_t *value) {
    r->product->has_connect_limit = true;
    if (read_duration(value, SIM_HOUR, &r->product->connect_limit) && r->product->connect_limit > 0)
        return CLI_EXIT_PASS;
    return wrong(r, "no duration in the product", "connect_limit",
                 "write it with its unit and in quotes, at most 1h, as in \"30s\"");
}

/* --- what is declared --- */

/* A text of an entry; needed ones have to be there. */
static cli_exit entry_text(const reader *r, const json_t *entry, const char *member, bool needed,
                           const char **out) {
    const json_t *value = json_object_get(entry, member);
    *out = value != NULL ? text_of(value, TEXT_MAX) : NULL;
    if (*out != NULL || (value == NULL && !needed)) return CLI_EXIT_PASS;
    return wrong(r, "a declaration lacks a text of 1 to 400 letters", member, "write it in quotes");
}

static cli_exit take_interface(const reader *r, const json_t *entry) {
    judge_interface *to = &r->product->ixit.interfaces[r->product->ixit.interface_count++];
    cli_exit trouble = entry_text(r, entry, "id", true, &to->id);
    if (trouble == CLI_EXIT_PASS)
        trouble = entry_text(r, entry, "description", true, &to->description);
    if (trouble == CLI_EXIT_PASS)
        trouble = entry_text(r, entry, "resilience_measures", false, &to->resilience_measures);
    return trouble;
}

static cli_exit take_resilience(const reader *r, const json_t *entry) {
    judge_resilience *to = &r->product->ixit.resilience[r->product->ixit.resilience_count++];
    const char *type = NULL;
    cli_exit trouble = entry_text(r, entry, "id", true, &to->id);
    if (trouble == CLI_EXIT_PASS)
        trouble = entry_text(r, entry, "description", true, &to->description);
    if (trouble == CLI_EXIT_PASS)
        trouble = entry_text(r, entry, "guarantees", false, &to->guarantees);
    if (trouble == CLI_EXIT_PASS) trouble = entry_text(r, entry, "type", true, &type);
    if (trouble != CLI_EXIT_PASS || type == NULL) return trouble;
    to->type = strcmp(type, "power outage") == 0 ? JUDGE_OUTAGE_POWER : JUDGE_OUTAGE_NETWORK;
    if (to->type == JUDGE_OUTAGE_POWER || strcmp(type, "network connectivity") == 0)
        return CLI_EXIT_PASS;
    return wrong(r, "no type of resilience", type, "say network connectivity or power outage");
}

static cli_exit take_telemetry(const reader *r, const json_t *entry) {
    judge_telemetry *to = &r->product->ixit.telemetry[r->product->ixit.telemetry_count++];
    cli_exit trouble = entry_text(r, entry, "id", true, &to->id);
    if (trouble == CLI_EXIT_PASS)
        trouble = entry_text(r, entry, "description", true, &to->description);
    if (trouble == CLI_EXIT_PASS) trouble = entry_text(r, entry, "purpose", false, &to->purpose);
    if (trouble == CLI_EXIT_PASS)
        trouble = entry_text(r, entry, "security_examination", false, &to->security_examination);
    if (trouble == CLI_EXIT_PASS)
        trouble = entry_text(r, entry, "personal_data", false, &to->personal_data);
    return trouble;
}

static cli_exit take_list(const reader *r, const char *member, const json_t *list,
                          cli_exit (*take)(const reader *r, const json_t *entry)) {
    cli_exit trouble = CLI_EXIT_PASS;
    if (!json_is_array(list) || json_array_size(list) > JUDGE_IXIT_MAX)
        return wrong(r, "no list of at most 16 declarations", member,
                     "write [ { \"id\": ..., \"description\": ... } ]");
    for (size_t i = 0; i < json_array_size(list) && trouble == CLI_EXIT_PASS; i++) {
        const json_t *entry = json_array_get(list, i);
        trouble = json_is_object(entry)
                      ? take(r, entry)
                      : wrong(r, "a declaration is no object", member, "write { \"id\": ... }");
    }
    return trouble;
}

static cli_exit take_interfaces(const reader *r, json_t *value) {
    r->product->declares = true;
    return take_list(r, "interfaces", value, take_interface);
}

static cli_exit take_resiliences(const reader *r, json_t *value) {
    r->product->declares = true;
    return take_list(r, "resilience", value, take_resilience);
}

static cli_exit take_telemetries(const reader *r, json_t *value) {
    r->product->declares = true;
    return take_list(r, "telemetry", value, take_telemetry);
}

/* --- the file --- */

static const struct {
    const char *name;
    cli_exit (*take)(const reader *r, json_t *value);
} members[] = {{"name", take_name},
               {"model", take_model},
               {"law", take_law},
               {"boot", take_boot},
               {"connect_limit", take_connect_limit},
               {"report_every", take_report_every},
               {"interfaces", take_interfaces},
               {"resilience", take_resiliences},
               {"telemetry", take_telemetries}};
enum { MEMBERS = sizeof members / sizeof members[0] };

static cli_exit take_member(const reader *r, const char *name, json_t *value) {
    const char *names[MEMBERS];
    char hint[300];
    for (size_t i = 0; i < MEMBERS; i++) {
        names[i] = members[i].name;
        if (strcmp(name, names[i]) == 0) return members[i].take(r, value);
    }
    if (strcmp(name, "$schema") == 0) return CLI_EXIT_PASS;
    script_names_hint(name, names, MEMBERS, hint, sizeof hint);
    return cli_fail(r->t, CLI_EXIT_USAGE, "a product has no '%.80s' (%.200s)%s", name, r->file,
                    hint);
}

cli_exit cli_product_json_take(json_t *root, const char *name, cli_product *out, cli_trouble *t) {
    const reader r = {name, &out->product, t};
    cli_exit trouble = CLI_EXIT_PASS;
    const char *member;
    json_t *value;
    *out = (cli_product){.root = root};
    if (!json_is_object(root))
        return wrong(&r, "no JSON object", "the product", "write {\"name\": ..., \"law\": {...}}");
    json_object_foreach(root, member, value) {
        trouble = take_member(&r, member, value);
        if (trouble != CLI_EXIT_PASS) return trouble;
    }
    if (out->product.name == NULL)
        return wrong(&r, "the product lacks a member", "name", "add one, as it is sold");
    return CLI_EXIT_PASS;
}

cli_exit cli_product_json(const char *path, cli_product *out, cli_trouble *t) {
    char why[RECORD_JSON_WHY_MAX];
    json_t *root = NULL;
    int error = record_json_file(path, BYTES_MAX, &root, why);
    if (error == SIM_ENOMEM)
        return cli_fail(t, CLI_EXIT_INTERNAL, "%s (--product): free some and try again", why);
    if (error != 0)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no product that can be read: %s (--product): mend it there, or give another file",
            why);
    return cli_product_json_take(root, path, out, t);
}

void cli_product_deinit(cli_product *p) {
    json_decref(p->root);
    *p = (cli_product){0};
}
