/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart complete -- WORD...`: what the last of the words could become, for the completion of
 * shells (completions/). All of it comes from the rows: commands, their options and usage, the
 * scenario's own parameters. A line for each: the word, and after a tab what it means; ":files" and
 * ":folders" ask the shell for those. Where there is nothing to say it is silent. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "devices/model.h"
#include "devices/presets.h"
#include "lua/script.h"
#include "sim/assess/provisions.h"
#include "sim/cli/cli.h"
#include "sim/cli/scenarios.h"
#include "sim/core/heap.h"
#include "sim/read/log.h"
#include "sim/record/text.h"
#include "sim/report/record.h"

/* The words of the line, the first is the command; the last one is to be completed. */
typedef struct line {
    char *const *words;
    size_t count;
    const char *last;
} line;

/* One candidate, if it begins as the word does. `before` stands before what is matched. */
static void offer(const line *l, const char *before, const char *word, int size, const char *more,
                  const char *help) {
    char text[CLI_LINE_MAX], clean[CLI_LINE_MAX];
    size_t n = strlen(l->last);
    snprintf(text, sizeof text, "%s%.*s%s", before, size, word, more);
    if (strncmp(text, l->last, n) != 0 || *word == '\0') return;
    printf("%s", record_text_line(text, clean, sizeof clean));
    if (help != NULL && *help != '\0') printf("\t%s", record_text_line(help, clean, sizeof clean));
    printf("\n");
}

static void offer_word(const line *l, const char *word, const char *help) {
    offer(l, "", word, (int)strlen(word), "", help);
}

static void offer_commands(const line *l) {
    const cli_command *c;
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++) offer_word(l, c->name, c->title);
}

/* ---- scenarios ---- */

/* "street" of "a/b/street.lua"; *size: without its ending. */
static const char *base_of(const char *path, int *size) {
    const char *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    *size = (int)strlen(base) - 4;
    return base;
}

static void offer_scenarios(const line *l, const char *before) {
    cli_scenarios found = {0};
    cli_trouble none;
    if (cli_scenarios_find(&found, &none) == CLI_EXIT_PASS)
        for (size_t i = 0; i < found.count; i++) {
            int size;
            const char *base = base_of(found.paths[i], &size);
            offer(l, before, base, size, "", NULL);
        }
    cli_scenarios_deinit(&found);
    printf(":files\n"); /* one's own */
}

/* The first word that names a scenario. */
static script *scenario_of(const line *l) {
    char why[SCRIPT_WHY];
    for (size_t i = 1; i + 1 < l->count; i++) {
        char *path;
        cli_trouble none;
        if (*l->words[i] == '-' || strchr(l->words[i], '=') != NULL ||
            cli_scenarios_named(l->words[i], &path, &none) != CLI_EXIT_PASS)
            continue;
        script *s = script_load(path, NULL, 0, 1, false, why, sizeof why);
        sim_free(path);
        if (s != NULL) return s;
    }
    return NULL;
}

/* "law=" while the name is typed, "law=orderly" behind it. */
static void offer_parameter(const line *l, const char *before, const report_parameter *p,
                            const script_declared *d) {
    char name[CLI_LINE_MAX];
    snprintf(name, sizeof name, "%s%s=", before, p->name);
    if (strncmp(l->last, name, strlen(name)) != 0) {
        offer(l, before, p->name, (int)strlen(p->name), "=", d->help);
        return;
    }
    if (*d->choices == '\0') offer(l, name, p->value, (int)strlen(p->value), "", "default");
    for (const char *at = d->choices; *at != '\0'; at += strcspn(at, "\n") + 1)
        offer(l, name, at, (int)strcspn(at, "\n"), "", NULL);
}

static void offer_parameters(const line *l, const char *before) {
    size_t count;
    script *s = scenario_of(l);
    if (s == NULL) return;
    const report_parameter *parameters = script_parameters(s, &count);
    for (size_t i = 0; i < count; i++)
        offer_parameter(l, before, &parameters[i], &script_declarations(s)[i]);
    script_free(s);
}

/* ---- packs and products ---- */

static int is_json(const struct dirent *entry) {
    size_t n = strlen(entry->d_name);
    return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".json") == 0;
}

/* Those of a folder that comes with the program, by their names; `path`: by their paths, without
 * which they are not found. */
static void offer_shipped(const line *l, const char *before, const char *kind, bool path) {
    char folder[CLI_SCENARIO_PATH], word[CLI_SCENARIO_PATH + 300];
    struct dirent **entries = NULL;
    if (!cli_scenarios_file(kind, folder, sizeof folder)) return;
    int n = scandir(folder, &entries, is_json, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        int size = snprintf(word, sizeof word, "%s%s%s", path ? folder : "", path ? "/" : "", name);
        offer(l, before, word, path ? size : size - 5, "", NULL);
        free(entries[i]); /* scandir's */
    }
    free(entries);
}

static void offer_packs(const line *l, const char *before) {
    offer_shipped(l, before, "packs", false);
    printf(":files\n"); /* one's own */
}

static void offer_products(const line *l, const char *before) {
    offer_shipped(l, before, "products", true);
    printf(":files\n");
}

static void offer_models(const line *l, const char *before) {
    (void)before;
    for (size_t m = 0; m < DEV_MODELS; m++)
        offer_word(l, dev_models[m]->name, dev_models[m]->title);
}

static void offer_presets(const line *l, const char *before) {
    for (size_t i = 0; i < dev_preset_count; i++) {
        const dev_preset *p = &dev_presets[i];
        offer(l, before, p->name, (int)strlen(p->name), "", p->title);
    }
}

static void offer_editions(const line *l, const char *before) {
    for (const assess_edition *const *e = assess_editions; *e != NULL; e++)
        offer(l, before, (*e)->name, (int)strlen((*e)->name), "", NULL);
}

static void offer_formats(const line *l, const char *before) {
    static const char *const words[] = {
#define FORMAT_WORD(name, word, text) word,
        READ_FORMAT_MAP(FORMAT_WORD)
#undef FORMAT_WORD
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        offer(l, before, words[i], (int)strlen(words[i]), "", NULL);
}

static void offer_files(const line *l, const char *before) {
    (void)l, (void)before;
    printf(":files\n");
}

static void offer_folders(const line *l, const char *before) {
    (void)l, (void)before;
    printf(":folders\n");
}

/* ---- what a row's words stand for ---- */

typedef struct stand_in {
    const char *word;
    void (*offer)(const line *l, const char *before);
} stand_in;

/* What stands for the value of an option, or for a word of the usage. */
static const stand_in of_words[] = {
    {"SCENARIO", offer_scenarios}, {"PRESET", offer_presets},   {"MODEL", offer_models},
    {"PACK", offer_packs},         {"EDITION", offer_editions}, {"FORMAT", offer_formats},
    {"FILE", offer_files},         {"DIR", offer_folders},
};
/* Options whose values their argument says too little of. */
static const stand_in of_options[] = {
    {"set", offer_parameters}, {"vary", offer_parameters}, {"product", offer_products}};

static const stand_in *stand_in_for(const stand_in *rows, size_t count, const char *word,
                                    size_t size) {
    for (size_t i = 0; i < count; i++)
        if (strlen(rows[i].word) == size && memcmp(rows[i].word, word, size) == 0) return &rows[i];
    return NULL;
}

/* The small letters of "drop|busy": the words themselves. */
static bool is_choice(const char *text, size_t size) {
    return size > 0 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") >= size;
}

static void offer_for(const line *l, const char *before, const char *what) {
    for (const char *at = what + strspn(what, "[|]"); *at != '\0'; at += strspn(at, "[|]. ")) {
        size_t n = strcspn(at, "[|]. "), name = strcspn(at, "=");
        const stand_in *row = stand_in_for(of_words, sizeof of_words / sizeof of_words[0], at, n);
        if (row != NULL)
            row->offer(l, before);
        else if (name < n && is_choice(at, name)) /* "device=N" */
            offer(l, before, at, (int)name, "=", NULL);
        else if (n > 1 && is_choice(at, n))
            offer(l, before, at, (int)n, "", NULL);
        at += n;
    }
}

static void offer_value(const line *l, const cli_option *o, const char *before) {
    const stand_in *row = stand_in_for(of_options, sizeof of_options / sizeof of_options[0],
                                       o->name, strlen(o->name));
    if (row != NULL)
        row->offer(l, before);
    else
        offer_for(l, before, o->argument);
}

static const cli_option *option_named(const cli_command *c, const char *word, size_t size) {
    for (size_t i = 0; i < c->option_count; i++) {
        const cli_option *o = &c->options[i];
        if (strlen(o->name) == size && memcmp(o->name, word, size) == 0) return o;
    }
    return NULL;
}

/* The option that `word` names with two dashes, if it takes a value. */
static const cli_option *valued(const cli_command *c, const char *word) {
    if (strcmp(word, "-o") == 0) word = "--out";
    if (strncmp(word, "--", 2) != 0) return NULL;
    const cli_option *o = option_named(c, word + 2, strcspn(word + 2, "="));
    return o != NULL && o->argument != NULL ? o : NULL;
}

static bool is_used(const line *l, const cli_option *o) {
    for (size_t i = 1; i + 1 < l->count; i++) {
        const char *word = l->words[i];
        size_t n = strlen(o->name);
        if (strncmp(word, "--", 2) == 0 && strncmp(word + 2, o->name, n) == 0 &&
            (word[2 + n] == '\0' || word[2 + n] == '='))
            return true;
    }
    return false;
}

static void offer_options(const line *l, const cli_command *c) {
    for (size_t i = 0; i < c->option_count; i++) {
        const cli_option *o = &c->options[i];
        if (o->repeats || !is_used(l, o))
            offer(l, "--", o->name, (int)strlen(o->name), "", o->help);
    }
    offer_word(l, "--help", "its options, with units and defaults");
}

/* ---- the line ---- */

static void complete_command(const line *l, const cli_command *c) {
    const char *before = l->words[l->count - 2];
    const char *equals = strchr(l->last, '=');
    const cli_option *o = l->count > 2 && strchr(before, '=') == NULL ? valued(c, before) : NULL;
    if (o != NULL) {
        offer_value(l, o, "");
    } else if (*l->last == '-' && equals != NULL && (o = valued(c, l->last)) != NULL) {
        char head[CLI_LINE_MAX];
        snprintf(head, sizeof head, "%.*s", (int)(equals - l->last) + 1, l->last);
        offer_value(l, o, head);
    } else if (*l->last == '-') {
        offer_options(l, c);
    } else {
        offer_for(l, "", c->usage);
    }
}

static void complete(const line *l) {
    const cli_command *c;
    if (l->count == 1) {
        offer_commands(l);
        offer_word(l, "help", "tells a command's options");
        offer_word(l, "--help", NULL);
        offer_word(l, "--version", NULL);
    } else if (strcmp(l->words[0], "help") == 0) {
        offer_commands(l);
    }
    for (size_t i = 0; l->count > 1 && (c = cli_command_at(i)) != NULL; i++)
        if (strcmp(c->name, l->words[0]) == 0) complete_command(l, c);
}

const cli_command cli_complete_command = {
    .name = "complete",
    .title = "says what the last word of a command line could become, for shells",
    .usage = "-- WORD...",
    .examples = "  blackstart complete -- run power-restore-street --set law=\n",
    .about = "Completion for shells: a candidate a line.",
};

cli_exit cli_complete(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    size_t first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
    if ((size_t)argc <= first)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no words to complete (blackstart complete): give them after --");
    const line l = {.words = argv + first, .count = (size_t)argc - first, .last = argv[argc - 1]};
    complete(&l);
    return CLI_EXIT_PASS;
}
