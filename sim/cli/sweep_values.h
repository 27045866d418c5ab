/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/sweep_values.h - the values that --vary gives a parameter: "orderly,fixed" (a list),
 * "100..2000" (six steps, each so many times the last), "100..2000/9" (nine of them),
 * "100..2000:100" (by addition). Numbers, durations and percentages; lists may hold ranges. Pure.
 */
#ifndef CLI_SWEEP_VALUES_H
#define CLI_SWEEP_VALUES_H

#include <stddef.h>

#include "sim/cli/trouble.h"

enum { CLI_SWEEP_VALUES_MAX = 1000, CLI_SWEEP_STEPS = 6 };

/* All 0 is empty. */
typedef struct cli_sweep_values {
    char **items; /* owned, as is each of them */
    size_t count;
} cli_sweep_values;

void cli_sweep_values_deinit(cli_sweep_values *v);

/* Reads what stands behind "NAME=". CLI_EXIT_USAGE with a line that names the parameter;
 * CLI_EXIT_INTERNAL (memory). *out is the caller's to deinit in any case. */
cli_exit cli_sweep_values_read(cli_sweep_values *out, const char *name, const char *text,
                               cli_trouble *t);

#endif
