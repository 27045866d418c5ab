/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/sweep_options.h - what `blackstart sweep` was asked to do, and the line that asks for it
 * again. */
#ifndef CLI_SWEEP_OPTIONS_H
#define CLI_SWEEP_OPTIONS_H

#include "sim/cli/run_options.h"
#include "sim/cli/sweep_values.h"
#include "sim/report/sweep.h"

enum {
    CLI_SWEEP_AXES_MAX = 8,
    CLI_SWEEP_COLUMNS_MAX = 16,
    CLI_SWEEP_MEETS_MAX = 8,
    CLI_SWEEP_RUNS_MAX = 10000,
    CLI_SWEEP_SEEDS_MAX = 10000
};

/* A parameter to vary. */
typedef struct cli_sweep_vary {
    char *name; /* owned */
    const char *text;
    cli_sweep_values values;
} cli_sweep_vary;

/* "MEASURE<=VALUE", or "pass". */
typedef struct cli_sweep_meet {
    const char *text;
    char *measure; /* owned; NULL: every run passes */
    judge_relation relation;
    double bound;
} cli_sweep_meet;

/* Strings are borrowed from the cli_words of the same parse; NULL: not given. */
typedef struct cli_sweep_options {
    const char *scenario;
    cli_sets sets;
    cli_sweep_vary varies[CLI_SWEEP_AXES_MAX];
    size_t vary_count;
    const char *columns[CLI_SWEEP_COLUMNS_MAX];
    size_t column_count; /* 0: not given */
    cli_sweep_meet meets[CLI_SWEEP_MEETS_MAX];
    size_t meet_count; /* 0: not given */
    const char *cheapest, *out, *junit;
    uint64_t seed, seeds;
    uint32_t jobs;
    bool quiet, no_colour;
} cli_sweep_options;

extern const cli_command cli_sweep_command;

/* As cli_run_options_parse; touches no disk. Refuses a grid of more than CLI_SWEEP_RUNS_MAX runs.
 */
cli_exit cli_sweep_options_parse(cli_sweep_options *o, int argc, char *const *argv, cli_words *w,
                                 cli_trouble *t);
void cli_sweep_options_deinit(cli_sweep_options *o);

/* As cli_run_repeat, with the words as they were typed. Always begins with plain `blackstart`. */
char *cli_sweep_repeat(const cli_sweep_options *o, char *line);

#endif
