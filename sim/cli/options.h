/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/options.h - a command is a table of options: the same rows are parsed (by popt) and
 * printed as help. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "net/address.h"
#include "sim/cli/trouble.h"

enum {
    CLI_ARGUMENTS_MAX = 256, /* words on a command line */
    CLI_OPTIONS_MAX = 32,    /* of a command */
    CLI_JOBS_MAX = 256
};

/* Takes one value into the command's own struct; `value` lives as long as the cli_words it came
 * with, NULL with a switch. */
typedef cli_exit cli_take(void *into, const char *value, cli_trouble *t);

typedef struct cli_option {
    const char *name;     /* "seed": two dashes are understood */
    const char *argument; /* what stands for the value in help: "N"; NULL: a switch */
    const char *help;     /* with unit, range and default */
    cli_take *take;
    bool repeats; /* may be given more than once */
} cli_option;

typedef struct cli_command {
    const char *name;
    const char *title;    /* a line in the list of commands */
    const char *usage;    /* what follows the name */
    const char *examples; /* lines worth copying, first in its help */
    const char *about;    /* a paragraph */
    const cli_option *options;
    size_t option_count;
    cli_take *take_word; /* a word that is no option; NULL: there must be none */
} cli_command;

/* Owns the strings of a parsed command line. All 0 is empty; deinit of it is fine. */
typedef struct cli_words {
    char *owned[CLI_ARGUMENTS_MAX];
    size_t count;
    bool help; /* --help was among them; then nothing else was looked at */
} cli_words;
void cli_words_deinit(cli_words *w);

/* Refuses a command line that nothing after it should have to cope with: too many words, too long
 * ones, control characters, text that is not UTF-8. */
cli_exit cli_words_check(int argc, char *const *argv, cli_trouble *t);

/* Reads argv[1] and on (argv[0] is the command's name) into `into` by the command's table. 0 or
 * CLI_EXIT_USAGE. *w is the caller's in any case. */
cli_exit cli_options_parse(const cli_command *c, int argc, char *const *argv, void *into,
                           cli_words *w, cli_trouble *t);

/* --seed, as several commands have it. */
cli_exit cli_take_seed(const char *value, uint64_t *seed, cli_trouble *t);
/* Where to serve, [HOST:]PORT of --`option`: on 127.0.0.1 without a host, so that nothing is opened
 * to a network by accident. */
cli_exit cli_take_address(const char *option, const char *value, net_address *out, cli_trouble *t);
/* --jobs, runs at a time: 1..CLI_JOBS_MAX. */
cli_exit cli_take_jobs(const char *value, uint32_t *jobs, cli_trouble *t);

void cli_options_help(const cli_command *c, uint32_t columns, FILE *out);

#endif
