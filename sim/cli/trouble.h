/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/trouble.h - what went wrong, as the one line that a user gets and the exit code that goes
 * with it. A run that exits with 0 prints no such line; any other exit code comes with exactly one.
 */
#ifndef CLI_TROUBLE_H
#define CLI_TROUBLE_H

#include <stdio.h>

/* What a build server sees. The numbers are a contract with scripts: never renumber. 0 and 1 as
 * everybody has them, 2 to 5 as pytest. */
typedef enum cli_exit {
    CLI_EXIT_PASS = 0,   /* the run finished, every check passed */
    CLI_EXIT_FAILED = 1, /* the run finished, a check failed */
    /* Ctrl-C or SIGTERM ended it early; results up to there are written */
    CLI_EXIT_INTERRUPTED = 2,
    /* the machine was not enough (memory, descriptors, disk), or a bug of ours */
    CLI_EXIT_INTERNAL = 3,
    CLI_EXIT_USAGE = 4, /* wrong use: an option, a file, a scenario, its script */
    CLI_EXIT_INCONCLUSIVE =
        5 /* nothing could be said: too few devices, target out of reach, generator late */
} cli_exit;

/* What each of them says to whoever reads the help or the manual; a NULL text ends them. */
typedef struct cli_exit_row {
    cli_exit code;
    const char *text;
} cli_exit_row;
extern const cli_exit_row cli_exit_rows[];

enum { CLI_LINE_MAX = 1024 };

typedef struct cli_trouble {
    cli_exit code;
    char line[CLI_LINE_MAX]; /* "WHAT (WHERE): WHAT TO DO", without the program's name */
} cli_trouble;

/* Fills *t and returns `code`. A line that is too long is cut. */
__attribute__((format(printf, 3, 4))) cli_exit cli_fail(cli_trouble *t, cli_exit code,
                                                        const char *format, ...);

/* Prints "blackstart: LINE\n", exactly one line whatever a file or a peer has put into it. */
void cli_trouble_print(const cli_trouble *t, FILE *out);

#endif
