/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/compare_limits.h - `--fail-on` of `blackstart compare`: by how much the second run may be
 * above or below the first. */
#ifndef CLI_COMPARE_LIMITS_H
#define CLI_COMPARE_LIMITS_H

#include "sim/cli/trouble.h"
#include "sim/report/summary_read.h"

enum { CLI_LIMITS_MAX = 16 };

/* One --fail-on: "verdict" (B's is worse), "MEASURE>+20%" (B is more than 20 % above A) or
 * "MEASURE<-20%" (below). */
typedef struct cli_limit {
    const char *text;               /* as it was typed */
    char measure[REPORT_READ_NAME]; /* "": the verdict */
    double percent;                 /* above 0 with '>', below 0 with '<' */
} cli_limit;

typedef struct cli_limits {
    cli_limit items[CLI_LIMITS_MAX];
    size_t count;
} cli_limits;

/* Takes one more. CLI_EXIT_USAGE. */
cli_exit cli_limits_take(cli_limits *l, const char *text, cli_trouble *t);

/* Holds run B against run A, and tells of the first limit of the gravest kind: CLI_EXIT_USAGE for a
 * measure that neither run has, CLI_EXIT_FAILED for a limit that is passed, CLI_EXIT_INCONCLUSIVE
 * for a measure that one of them could not take; else 0. */
cli_exit cli_limits_check(const cli_limits *l, const report_values *a, const report_values *b,
                          cli_trouble *t);

#endif
