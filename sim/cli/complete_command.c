/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart complete -- WORD...`: what the last of the words could become, for the completion of
 * shells (completions/). All of it comes from the rows: commands, their options and usage, the
 * scenario's own parameters. A line for each: the word, and after a tab what it means; ":files" and
 * ":folders" ask the shell for those. Where there is nothing to say it is silent. */
#include <stdlib.h>
#include <string.h>

#include "devices/presets.h"
#include "lua/script.h"
#include "sim/cli/cli.h"
#include "sim/cli/scenarios.h"
#include "sim/core/heap.h"
#include "sim/report/record.h"
#include "sim/report/text.h"

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
    printf("%s", report_text_line(text, clean, sizeof clean));
    if (help != NULL && *help != '\0') printf("\t%s", report_text_line(help, clean, sizeof clean));
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

static void offer_scenarios(const line *l) {
    cli_scenarios found = {0};
    cli_trouble none;
    if (cli_scenarios_find(&found, &none) == CLI_EXIT_PASS)
        for (size_t i = 0; i < found.count; i++) {
            int size;
            const char *base = base_of(found.paths[i], &size);
            offer(l, "", base, size, "", NULL);
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

/* ---- what a row's words stand for ---- */

/* The small letters of "drop|busy": the words themselves. */
static bool is_choice(const char *text, size_t size) {
    return size > 0 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") >= size;
}

/* What stands for the value of an option, or for a word of the usage. */
static void offer_for(const line *l, const char *before, const char *what) {
    for (const char *at = what + strspn(what, "[|]"); *at != '\0'; at += strspn(at, "[|]. ")) {
        size_t n = strcspn(at, "[|]. ");
        if (n == 8 && strncmp(at, "SCENARIO", n) == 0)
            offer_scenarios(l);
        else if (n == 6 && strncmp(at, "PRESET", n) == 0)
            for (size_t i = 0; i < dev_preset_count; i++)
                offer_word(l, dev_presets[i].name, dev_presets[i].title);
        else if (n == 4 && strncmp(at, "FILE", n) == 0)
            printf(":files\n");
        else if (n == 3 && strncmp(at, "DIR", n) == 0)
            printf(":folders\n");
        else if (n > 1 && is_choice(at, n))
            offer(l, before, at, (int)n, "", NULL);
        at += n;
    }
}

static void offer_value(const line *l, const cli_option *o, const char *before) {
    if (strcmp(o->name, "set") == 0 || strcmp(o->name, "vary") == 0)
        offer_parameters(l, before);
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
