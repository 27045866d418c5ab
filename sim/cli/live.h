/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/live.h - run --live FILE|-: each second of a run as it passes. */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/cli/cli.h"

typedef struct report_second report_second;

typedef struct cli_live {
    FILE *file; /* NULL: none, or nobody reads it any more */
    const char *path;
    int error; /* errno of what ended it; 0: nothing did */
    unsigned long long lines;
} cli_live;

/* `path`: a file that is made anew, a pipe, or "-" for the standard output, which is the stream's
 * alone then; NULL: no stream. */
cli_exit cli_live_open(cli_live *l, const char *path, cli_trouble *t);
/* Whether the standard output is taken. */
bool cli_live_is_output(const cli_live *l);
/* For run_options: `context` is the cli_live. A reader that went away ends the stream, not the
 * run. */
void cli_live_second(void *context, const report_second *row);
/* Closes it, and says on standard error where it ended too early. */
void cli_live_close(cli_live *l);

#endif
