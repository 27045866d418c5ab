/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/options.h"

#include <inttypes.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>

#include "lua/names.h"
#include "sim/cli/text.h"
#include "sim/cli/wrap.h"
#include "sim/core/units.h"

enum { POPT_HELP = 1, POPT_FIRST = 2 }; /* values that popt returns; 0: a word that is no option */

void cli_words_deinit(cli_words *w) {
    for (size_t i = 0; i < w->count; i++) free(w->owned[i]); /* popt's */
    *w = (cli_words){0};
}

cli_exit cli_words_check(int argc, char *const *argv, cli_trouble *t) {
    if (argc > CLI_ARGUMENTS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE, "%d words are too many (command line): give at most %d",
                        argc, CLI_ARGUMENTS_MAX);
    for (int i = 1; i < argc; i++) {
        if (strnlen(argv[i], CLI_TEXT_MAX + 1) > CLI_TEXT_MAX)
            return cli_fail(
                t, CLI_EXIT_USAGE,
                "word %d is too long (command line): give at most %d bytes, it begins with %.40s",
                i, CLI_TEXT_MAX, argv[i]);
        if (!cli_text_is_clean(argv[i]))
            return cli_fail(
                t, CLI_EXIT_USAGE,
                "word %d holds control characters or is not UTF-8 (command line): write it as "
                "plain text, it begins with %.40s",
                i, argv[i]);
        if (strstr(argv[i], "!#:+") != NULL) /* popt would put the next word in its place */
            return cli_fail(t, CLI_EXIT_USAGE,
                            "word %d holds '!#:+' (command line): choose another name or value", i);
    }
    return CLI_EXIT_PASS;
}

static const char *without_dashes(const char *word) {
    return word + strspn(word, "-");
}

static bool takes_parameters(const cli_command *c) {
    for (size_t i = 0; i < c->option_count; i++)
        if (strcmp(c->options[i].name, "set") == 0) return true;
    return false;
}

/* Another name that is as near, of which the first is taken out of `names`; NULL: none. */
static const char *second_near(const char *word, const char **names, size_t count,
                               const char *first) {
    for (size_t i = 0; first != NULL && i < count; i++)
        if (names[i] == first) names[i] = "";
    return first != NULL ? script_names_near(word, names, count) : NULL;
}

/* What other programs have as an option, and this one elsewhere. */
static const struct {
    const char *word, *instead;
} elsewhere[] = {
    {"json", "results are in the folder of --out, as JSON in its summary.json"},
    {"format", "results are in the folder of --out, as JSON in its summary.json"},
    {"v", "all that was measured is in the folder of --out; blackstart --version is the version"},
    {"verbose", "all that was measured is in the folder of --out"},
    {"q", "did you mean --quiet?"},
    {"target",
     "blackstart run alone speaks to a real server, where what one run leaves changes the next: "
     "run each setting by itself, with --set, --target and --out, and let the server rest between"},
    {"j", "did you mean --jobs or --threads?"},
};

static cli_exit unknown_option(const cli_command *c, const char *bad, cli_trouble *t) {
    const char *names[CLI_OPTIONS_MAX + 1] = {"help"};
    for (size_t i = 0; i < c->option_count; i++) names[i + 1] = c->options[i].name;
    char word[64];
    const char *start = without_dashes(bad);
    snprintf(word, sizeof word, "%.*s", (int)strcspn(start, "="), start);
    const char *near = script_names_near(word, names, c->option_count + 1);
    const char *other = second_near(word, names, c->option_count + 1, near);
    for (size_t i = 0; near == NULL && i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        if (strcmp(word, elsewhere[i].word) == 0)
            return cli_fail(t, CLI_EXIT_USAGE, "unknown option %.80s (blackstart %s): %s", bad,
                            c->name, elsewhere[i].instead);
    if (near != NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "unknown option %.80s (blackstart %s): did you mean --%s%s%s?", bad,
                        c->name, near, other != NULL ? " or --" : "", other != NULL ? other : "");
    if (takes_parameters(c) && start[strcspn(start, "=")] == '=')
        return cli_fail(t, CLI_EXIT_USAGE,
                        "unknown option %.80s (blackstart %s): a parameter of the scenario goes "
                        "with --set %.80s",
                        bad, c->name, start);
    if (takes_parameters(c) && start != bad && start[1] != '\0')
        return cli_fail(t, CLI_EXIT_USAGE,
                        "unknown option %.80s (blackstart %s): a parameter of the scenario goes "
                        "with --set %.80s=VALUE, the options are in blackstart %s --help",
                        bad, c->name, start, c->name);
    return cli_fail(t, CLI_EXIT_USAGE,
                    "unknown option %.80s (blackstart %s): see blackstart %s --help", bad, c->name,
                    c->name);
}

static cli_exit popt_trouble(const cli_command *c, poptContext popt, int error, cli_trouble *t) {
    const char *bad = poptBadOption(popt, POPT_BADOPTION_NOALIAS);
    int n = (int)strcspn(bad, "=");
    switch (error) {
        case POPT_ERROR_BADOPT:
            return unknown_option(c, bad, t);
        case POPT_ERROR_NOARG:
            return cli_fail(t, CLI_EXIT_USAGE,
                            "option %.80s has no value (blackstart %s): see blackstart %s --help",
                            bad, c->name, c->name);
        case POPT_ERROR_UNWANTEDARG:
            return cli_fail(
                t, CLI_EXIT_USAGE,
                "option %.*s takes no value (blackstart %s): leave out what follows the =", n, bad,
                c->name);
        default:
            return cli_fail(t, CLI_EXIT_INTERNAL, "%s (%.80s): see blackstart %s --help",
                            poptStrerror(error), bad, c->name);
    }
}

static cli_exit take_option(const cli_command *c, size_t i, const char *value, bool *seen,
                            void *into, cli_trouble *t) {
    const cli_option *o = &c->options[i];
    if (seen[i] && !o->repeats)
        return cli_fail(t, CLI_EXIT_USAGE, "--%s stands twice (blackstart %s): give it once",
                        o->name, c->name);
    seen[i] = true;
    return o->take(into, value, t);
}

static cli_exit take_word(const cli_command *c, const char *word, void *into, cli_trouble *t) {
    if (c->take_word == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "%.80s is one word too many (blackstart %s): see blackstart %s --help",
                        word, c->name, c->name);
    return c->take_word(into, word, t);
}

/* Hands everything that popt finds to the command. Stops at the first trouble, and at --help. */
static cli_exit take_all(const cli_command *c, poptContext popt, void *into, cli_words *w,
                         cli_trouble *t) {
    bool seen[CLI_OPTIONS_MAX] = {false};
    int found;
    while ((found = poptGetNextOpt(popt)) >= 0) {
        char *value = poptGetOptArg(popt);
        if (value != NULL)
            w->owned[w->count++] = value; /* cli_words_check: not more than there is room for */
        w->help = found == POPT_HELP;
        if (w->help) return CLI_EXIT_PASS;
        cli_exit trouble = found == 0
                               ? take_word(c, value, into, t)
                               : take_option(c, (size_t)(found - POPT_FIRST), value, seen, into, t);
        if (trouble != CLI_EXIT_PASS) return trouble;
    }
    return found == -1 ? CLI_EXIT_PASS : popt_trouble(c, popt, found, t);
}

cli_exit cli_options_parse(const cli_command *c, int argc, char *const *argv, void *into,
                           cli_words *w, cli_trouble *t) {
    SIM_PROMISE(c->option_count <= CLI_OPTIONS_MAX);
    struct poptOption table[CLI_OPTIONS_MAX + 2] = {
        {"help", 'h', POPT_ARG_NONE, NULL, POPT_HELP, NULL, NULL}};
    for (size_t i = 0; i < c->option_count; i++) {
        const cli_option *o = &c->options[i];
        table[i + 1].longName = o->name;
        /* as compilers have it */
        table[i + 1].shortName = strcmp(o->name, "out") == 0 ? 'o' : '\0';
        table[i + 1].argInfo = o->argument == NULL ? POPT_ARG_NONE : POPT_ARG_STRING;
        table[i + 1].val = (int)i + POPT_FIRST;
    }
    poptContext popt = poptGetContext("blackstart", argc, (const char **)argv, table,
                                      POPT_CONTEXT_ARG_OPTS | POPT_CONTEXT_NO_EXEC);
    if (popt == NULL)
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "out of memory (command line): free some and try again");
    cli_exit trouble = take_all(c, popt, into, w, t);
    poptFreeContext(popt);
    return trouble;
}

cli_exit cli_take_seed(const char *value, uint64_t *seed, cli_trouble *t) {
    if (sim_units_count(value, 0, INT64_MAX, seed) != 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no seed: %.80s (--seed): give a whole number from 0 to %" PRId64, value,
                        INT64_MAX);
    return CLI_EXIT_PASS;
}

cli_exit cli_take_address(const char *option, const char *value, net_address *out, cli_trouble *t) {
    static const char default_host[] = "127.0.0.1";
    if (net_address_parse(value, default_host, out) != 0 || out->port == 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no address to serve on: %.200s (--%s): write PORT, HOST:PORT or "
                        "[IPV6]:PORT, numbers only",
                        value, option);
    return CLI_EXIT_PASS;
}

cli_exit cli_take_jobs(const char *value, uint32_t *jobs, cli_trouble *t) {
    uint64_t count;
    if (sim_units_count(value, 1, CLI_JOBS_MAX, &count) != 0)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no number of runs at a time: %.80s (--jobs): give a whole number from 1 to %d", value,
            CLI_JOBS_MAX);
    *jobs = (uint32_t)count;
    return CLI_EXIT_PASS;
}

enum { HELP_COLUMN = 27 };

static void print_option(const cli_option *o, uint32_t columns, FILE *out) {
    bool value = o->argument != NULL;
    int n = fprintf(out, "  --%s%s%s", o->name, value ? " " : "", value ? o->argument : "");
    if (n + 2 > HELP_COLUMN) { /* a long one has its line for itself */
        fputc('\n', out);
        n = 0;
    }
    fprintf(out, "%*s", HELP_COLUMN - n, "");
    cli_wrap(o->help, HELP_COLUMN, HELP_COLUMN, columns, out);
}

void cli_options_help(const cli_command *c, uint32_t columns, FILE *out) {
    static const cli_option help = {.name = "help", .help = "this text"};
    fprintf(out, "blackstart %s%s%s\n\n", c->name, *c->usage == '\0' ? "" : " ", c->usage);
    cli_wrap_commands(c->examples, columns, out);
    fputc('\n', out);
    cli_wrap(c->about, 0, 0, columns, out);
    fprintf(out, "\nOptions\n");
    for (size_t i = 0; i < c->option_count; i++) print_option(&c->options[i], columns, out);
    print_option(&help, columns, out);
}
