/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/pack_json.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lua/names.h"
#include "sim/cli/options.h"
#include "sim/cli/scenarios.h"
#include "sim/record/json_read.h"
#include "sim/record/text.h"

enum { BYTES_MAX = 256 * 1024, ROWS_MAX = 64, ID_MAX = 23, TEXT_MAX = 400 };

/* What is read, for the line that says what is wrong with it. */
typedef struct reading {
    cli_pack *into;
    const char *path;
    size_t rule; /* from 1; 0: the pack itself */
    cli_trouble *t;
} reading;

static cli_exit wrong(const reading *r, const char *what, const char *about, const char *remedy) {
    char place[32] = "";
    if (r->rule > 0) snprintf(place, sizeof place, "rule %zu: ", r->rule);
    return cli_fail(r->t, CLI_EXIT_USAGE, "%s%s%s%.80s (%.200s): %s", place, what,
                    about[0] != '\0' ? " " : "", about, r->path, remedy);
}

static cli_exit known_members(const reading *r, json_t *object, const char *const *members,
                              size_t count) {
    const char *member;
    json_t *value;
    json_object_foreach(object, member, value) {
        bool known = false;
        for (size_t i = 0; i < count; i++) known = known || strcmp(member, members[i]) == 0;
        if (known) continue;
        char hint[240];
        script_names_hint(member, members, count, hint, sizeof hint);
        return wrong(r, "unknown member of a pack:", member, hint + strlen("; "));
    }
    return CLI_EXIT_PASS;
}

/* A text that must be there, of a length that a sentence can hold. */
static cli_exit take_text(const reading *r, const json_t *object, const char *member, size_t most,
                          const char **out) {
    const char *text = json_string_value(json_object_get(object, member));
    if (text == NULL || text[0] == '\0')
        return wrong(r, "the pack does not say its", member, "add that member, as a text");
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ') return wrong(r, "a control character in", member, "remove it");
    if (strlen(text) > most) return wrong(r, "too long a text in", member, "say it in fewer words");
    *out = text;
    return CLI_EXIT_PASS;
}

/* ---- parts ---- */

static cli_exit take_ports(const reading *r, const json_t *value, judge_pack_part *part) {
    size_t count = json_array_size(value);
    if (!json_is_array(value) || count > JUDGE_PACK_PORTS_MAX)
        return wrong(r, "no list of ports in the part", part->name,
                     "write at most 4, as in {\"sntp\": [123]}");
    for (size_t i = 0; i < count; i++) {
        json_int_t port = json_integer_value(json_array_get(value, i));
        if (port < 1 || port > UINT16_MAX)
            return wrong(r, "no port in the part", part->name, "give 1 to 65535");
        part->ports[part->port_count++] = (uint16_t)port;
    }
    return CLI_EXIT_PASS;
}

static cli_exit take_parts(const reading *r, json_t *parts) {
    judge_pack *pack = &r->into->pack;
    const char *name;
    json_t *value;
    if (parts == NULL) return CLI_EXIT_PASS;
    if (!json_is_object(parts) || json_object_size(parts) > JUDGE_PACK_PARTS_MAX)
        return wrong(r, "the parts of a pack are no object of at most 8", "",
                     "write {\"sntp\": [123]}");
    json_object_foreach(parts, name, value) {
        judge_pack_part *part = &pack->parts[pack->part_count++];
        *part = (judge_pack_part){.name = name};
        if (strlen(name) > ID_MAX)
            return wrong(r, "too long a name of a part:", name, "shorten it");
        cli_exit trouble = take_ports(r, value, part);
        if (trouble != CLI_EXIT_PASS) return trouble;
    }
    return CLI_EXIT_PASS;
}

/* -2: there is no such part. */
static int part_named(const judge_pack *pack, const char *name) {
    for (size_t i = 0; i < pack->part_count; i++)
        if (strcmp(pack->parts[i].name, name) == 0) return (int)i;
    return -2;
}

/* ---- rules ---- */

static cli_exit take_row(const reading *r, const json_t *object, judge_rule *rule) {
    const char *words[ROWS_MAX];
    char hint[400];
    size_t count = 0;
    const char *word = json_string_value(json_object_get(object, "ask"));
    if (word == NULL) word = "";
    rule->row = judge_pack_row_named(word);
    if (rule->row != NULL) return CLI_EXIT_PASS;
    for (const judge_pack_row *row = judge_pack_rows; row->word != NULL; row++)
        words[count++] = row->word;
    script_names_hint(word, words, count, hint, sizeof hint);
    return wrong(r, "nothing of that name can be asked for (ask):", word, hint + strlen("; "));
}

static bool number_of(const judge_rule *rule, const json_t *value, double *out) {
    const char *word = json_string_value(value);
    if (strcmp(rule->row->word, "growth") == 0) {
        judge_growth g = word != NULL ? judge_growth_named(word) : JUDGE_GROWTHS;
        *out = g;
        return g < JUDGE_GROWTHS;
    }
    *out = json_number_value(value);
    return json_is_number(value) && isfinite(*out) && *out >= 0 && *out <= 1e9;
}

static cli_exit add_rule(const reading *r, const judge_rule *rule) {
    judge_pack *pack = &r->into->pack;
    if (pack->rule_count == JUDGE_PACK_RULES_MAX)
        return wrong(r, "too many rules", "", "64 is the most: leave some out");
    /* a finding has room for so many measures */
    size_t of_part = 0;
    for (size_t i = 0; i < pack->rule_count; i++)
        of_part += pack->rules[i].part < 0 || pack->rules[i].part == rule->part;
    if (of_part + 1 > JUDGE_MEASURES_MAX)
        return wrong(r, "too many rules", "", "32 is the most of a part: leave some out");
    pack->rules[pack->rule_count++] = *rule;
    return CLI_EXIT_PASS;
}

/* A rule may have a lower number and an upper one: two rules then. */
static cli_exit take_numbers(const reading *r, const json_t *object, judge_rule *rule) {
    static const struct {
        const char *member;
        judge_relation relation;
    } bounds[] = {{"at_least", JUDGE_AT_LEAST}, {"at_most", JUDGE_AT_MOST}};
    size_t found = 0;
    cli_exit trouble = CLI_EXIT_PASS;
    for (size_t i = 0; i < 2 && trouble == CLI_EXIT_PASS; i++) {
        const json_t *value = json_object_get(object, bounds[i].member);
        if (value == NULL) continue;
        found++;
        rule->relation = bounds[i].relation;
        if (!number_of(rule, value, &rule->number))
            return wrong(r, "no number to hold against:", bounds[i].member,
                         "write one from 0 to 1e9; of growth constant, linear or exponential");
        trouble = add_rule(r, rule);
    }
    if (found == 0) return wrong(r, "the rule has no number", "", "add at_least, at_most, or both");
    return trouble;
}

static cli_exit take_otherwise(const reading *r, const json_t *object, judge_rule *rule) {
    const char *word = json_string_value(json_object_get(object, "otherwise"));
    rule->otherwise = JUDGE_FAIL;
    if (json_object_get(object, "otherwise") == NULL) return CLI_EXIT_PASS;
    if (word == NULL || !judge_verdict_named(word, &rule->otherwise) ||
        rule->otherwise == JUDGE_PASS)
        return wrong(r, "no verdict of a rule that does not hold (otherwise):",
                     word != NULL ? word : "it is no text", "say FAIL, WARN or INCONCLUSIVE");
    return CLI_EXIT_PASS;
}

static cli_exit take_where(const reading *r, const json_t *object, judge_rule *rule) {
    const json_t *samples = json_object_get(object, "samples");
    const json_t *part = json_object_get(object, "part");
    json_int_t least = json_integer_value(samples);
    rule->samples = 1;
    rule->part = -1;
    if (samples != NULL && (!json_is_integer(samples) || least < 1 || least > 1000000000))
        return wrong(r, "no number of samples", "", "write a whole number, 1 and more");
    if (samples != NULL) rule->samples = (uint64_t)least;
    if (part == NULL) return CLI_EXIT_PASS;
    const char *name = json_string_value(part);
    rule->part = name != NULL ? part_named(&r->into->pack, name) : -2;
    return rule->part == -2 ? wrong(r, "no such part:", name != NULL ? name : "it is no text",
                                    "name one of the pack's parts")
                            : CLI_EXIT_PASS;
}

static cli_exit take_rule(const reading *r, json_t *object) {
    static const char *const members[] = {"ask",    "at_least", "at_most", "otherwise", "samples",
                                          "clause", "says",     "part",    "bad_twin"};
    judge_rule rule = {0};
    if (!json_is_object(object)) return wrong(r, "it is no object", "", "write {\"ask\": ...}");
    cli_exit trouble = known_members(r, object, members, sizeof members / sizeof *members);
    if (trouble == CLI_EXIT_PASS) trouble = take_row(r, object, &rule);
    if (trouble == CLI_EXIT_PASS) trouble = take_text(r, object, "clause", TEXT_MAX, &rule.clause);
    if (trouble == CLI_EXIT_PASS) trouble = take_text(r, object, "says", TEXT_MAX, &rule.says);
    if (trouble == CLI_EXIT_PASS) trouble = take_otherwise(r, object, &rule);
    if (trouble == CLI_EXIT_PASS) trouble = take_where(r, object, &rule);
    return trouble == CLI_EXIT_PASS ? take_numbers(r, object, &rule) : trouble;
}

/* ---- the pack ---- */

static cli_exit take_thresholds(const reading *r, json_t *object) {
    cli_pack *p = r->into;
    const char *name;
    json_t *value;
    if (object == NULL) return CLI_EXIT_PASS;
    if (!json_is_object(object) || json_object_size(object) > CLI_PACK_THRESHOLDS_MAX)
        return wrong(r, "the thresholds of a pack are no object of at most 16", "",
                     "write {\"peak-to-mean\": 3}");
    json_object_foreach(object, name, value) {
        double number = json_number_value(value);
        if (!json_is_number(value) || !(number > 0) || number > 1e9)
            return wrong(r, "no number for the threshold", name, "write one above 0");
        p->thresholds[p->threshold_count] = name;
        p->values[p->threshold_count++] = number;
    }
    return CLI_EXIT_PASS;
}

static cli_exit take_rules(reading *r, const json_t *rules) {
    cli_exit trouble = CLI_EXIT_PASS;
    size_t count = json_array_size(rules);
    if (rules == NULL && r->into->threshold_count > 0) return CLI_EXIT_PASS;
    if (!json_is_array(rules) || count == 0)
        return wrong(r, "the pack has no rules", "", "add \"rules\": [...], or thresholds");
    for (r->rule = 1; r->rule <= count && trouble == CLI_EXIT_PASS; r->rule++)
        trouble = take_rule(r, json_array_get(rules, r->rule - 1));
    return trouble;
}

static cli_exit take_pack(reading *r, json_t *root) {
    static const char *const members[] = {"pack",    "title",        "source",
                                          "edition", "silent_about", "rules",
                                          "parts",   "thresholds",   "good_case"};
    judge_pack *pack = &r->into->pack;
    const struct {
        const char *member;
        size_t most;
        const char **into;
    } texts[] = {{"pack", ID_MAX, &pack->id},
                 {"title", TEXT_MAX, &pack->title},
                 {"source", TEXT_MAX, &pack->source},
                 {"edition", TEXT_MAX, &pack->edition},
                 {"silent_about", TEXT_MAX, &pack->silent_about}};
    if (!json_is_object(root))
        return wrong(r, "no JSON object", "", "docs/packs.md tells what a pack is");
    cli_exit trouble = known_members(r, root, members, sizeof members / sizeof *members);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && trouble == CLI_EXIT_PASS; i++)
        trouble = take_text(r, root, texts[i].member, texts[i].most, texts[i].into);
    if (trouble == CLI_EXIT_PASS) trouble = take_parts(r, json_object_get(root, "parts"));
    if (trouble == CLI_EXIT_PASS) trouble = take_thresholds(r, json_object_get(root, "thresholds"));
    return trouble == CLI_EXIT_PASS ? take_rules(r, json_object_get(root, "rules")) : trouble;
}

cli_exit cli_pack_take(cli_pack *p, const char *path, cli_trouble *t) {
    reading r = {.into = p, .path = path, .t = t};
    p->pack.part = -1;
    return take_pack(&r, p->root);
}

static cli_exit read_file(cli_pack *p, const char *path, cli_trouble *t) {
    char why[RECORD_JSON_WHY_MAX];
    int error = record_json_file(path, BYTES_MAX, &p->root, why);
    if (error == SIM_ENOMEM)
        return cli_fail(t, CLI_EXIT_INTERNAL, "%s (--by): free some and try again", why);
    if (error != 0)
        return cli_fail(t, CLI_EXIT_USAGE, "no pack that can be read: %s (--by): mend it there",
                        why);
    return cli_pack_take(p, path, t);
}

/* ---- by name ---- */

static int is_pack(const struct dirent *entry) {
    size_t n = strlen(entry->d_name);
    return n > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + n - 5, ".json") == 0;
}

/* "en-303-645, lwm2m-1.1, ..." */
static void names_of(const char *folder, char *text, size_t size) {
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, is_pack, alphasort);
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < n; i++) {
        int length = (int)strlen(entries[i]->d_name) - 5;
        if (used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%.*s", i > 0 ? ", " : "", length,
                                     entries[i]->d_name);
        free(entries[i]); /* scandir's */
    }
    free(entries);
}

static cli_exit no_such(const char *name, cli_trouble *t) {
    char folder[CLI_SCENARIO_PATH] = "", names[300] = "";
    if (cli_scenarios_file("packs", folder, sizeof folder)) names_of(folder, names, sizeof names);
    return cli_fail(t, CLI_EXIT_USAGE,
                    "neither a way to tell devices apart nor a pack of rules: %.80s (--by): say "
                    "address, client-id, FILE.json or one of %s",
                    name, names[0] != '\0' ? names : "(none is installed)");
}

static cli_exit choose_part(cli_pack *p, const char *path, const char *part, cli_trouble *t) {
    const reading r = {.into = p, .path = path, .t = t};
    if (part == NULL) return CLI_EXIT_PASS;
    p->pack.part = part_named(&p->pack, part);
    return p->pack.part >= 0 ? CLI_EXIT_PASS
                             : wrong(&r, "the pack has no such part:", part,
                                     "say one of its parts behind the #, or none");
}

cli_exit cli_pack_read(cli_pack *p, const char *name, cli_trouble *t) {
    char path[CLI_SCENARIO_PATH], plain[CLI_SCENARIO_PATH - 16], relative[CLI_SCENARIO_PATH];
    const char *hash = strrchr(name, '#');
    size_t n = hash != NULL ? (size_t)(hash - name) : strlen(name);
    if (n == 0 || n >= sizeof plain) return no_such(name, t);
    memcpy(plain, name, n);
    plain[n] = '\0';
    snprintf(path, sizeof path, "%s", plain);
    bool file = strchr(plain, '/') != NULL || (n > 5 && strcmp(plain + n - 5, ".json") == 0);
    snprintf(relative, sizeof relative, "packs/%s.json", plain);
    if (!file && !cli_scenarios_file(relative, path, sizeof path)) return no_such(name, t);
    cli_exit trouble = read_file(p, path, t);
    return trouble == CLI_EXIT_PASS ? choose_part(p, path, hash != NULL ? hash + 1 : NULL, t)
                                    : trouble;
}

void cli_pack_deinit(cli_pack *p) {
    json_decref(p->root);
    *p = (cli_pack){0};
}

/* ---- which there are ---- */

static cli_exit print_pack(const char *path, cli_trouble *t) {
    cli_pack p = {0};
    cli_exit trouble = read_file(&p, path, t);
    char line[TEXT_MAX + 8];
    if (trouble == CLI_EXIT_PASS) {
        const char *const texts[] = {p.pack.source, p.pack.edition, p.pack.silent_about};
        static const char *const words[] = {"source: ", "edition: ", "says nothing about "};
        printf("\n  %-22s %s\n", p.pack.id, record_text_line(p.pack.title, line, sizeof line));
        for (int i = 0; i < 3; i++)
            printf("  %22s %s%s\n", "", words[i], record_text_line(texts[i], line, sizeof line));
        for (size_t i = 0; i < p.pack.part_count; i++)
            printf("  %22s part #%s\n", "", p.pack.parts[i].name);
    }
    cli_pack_deinit(&p);
    return trouble;
}

cli_exit cli_pack_list(cli_trouble *t) {
    char folder[CLI_SCENARIO_PATH], path[CLI_SCENARIO_PATH + 300];
    struct dirent **entries = NULL;
    cli_exit trouble = CLI_EXIT_PASS;
    if (!cli_scenarios_file("packs", folder, sizeof folder))
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no packs found (./scenarios/packs and beside the program): change to the "
                        "folder that holds scenarios/");
    int n = scandir(folder, &entries, is_pack, alphasort);
    printf("Packs: rules of others to judge by (blackstart judge --by NAME; docs/packs.md)\n");
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (trouble == CLI_EXIT_PASS) trouble = print_pack(path, t);
        free(entries[i]); /* scandir's */
    }
    free(entries);
    return trouble;
}
