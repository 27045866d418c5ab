/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/test_options.h - what `blackstart test` was asked to do. */
#ifndef CLI_TEST_OPTIONS_H
#define CLI_TEST_OPTIONS_H

#include "sim/cli/run_options.h"

enum { CLI_TEST_WORDS_MAX = 128 };

/* Strings are borrowed from the cli_words of the same parse; NULL: not given. */
typedef struct cli_test_options {
    const char *words[CLI_TEST_WORDS_MAX]; /* scenarios, and folders of scenarios */
    size_t word_count;                     /* 1.. */
    cli_sets sets;                         /* for every scenario that has the parameter */
    const char *product;                   /* file of a product that all of them test */
    uint64_t seed;
    uint32_t jobs; /* runs at a time, 1..CLI_JOBS_MAX */
    const char *out, *junit, *page;
    bool quiet, no_colour;
} cli_test_options;

extern const cli_command cli_test_command;

/* As cli_run_options_parse; touches no disk. */
cli_exit cli_test_options_parse(cli_test_options *o, int argc, char *const *argv, cli_words *w,
                                cli_trouble *t);
void cli_test_options_deinit(cli_test_options *o);

#endif
