/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/progress.h - how far a run is: on a terminal one line that is rewritten in place and
 * wiped at the end, elsewhere a line every five seconds of wall time. The clock is the run's own
 * (run_progress.wall_s). */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/run/progress.h"

/* How fast it goes, by wall time; 0: not measured yet. */
typedef struct cli_pace {
    double events_per_s;
    double run_s_per_s;    /* seconds of the run */
    double answered_per_s; /* requests, in a second of the run */
    double sent_per_s;     /* likewise */
} cli_pace;

typedef struct cli_progress {
    FILE *out;         /* borrowed; NULL: show nothing */
    bool rewrite;      /* a terminal */
    bool shown;        /* a line stands there that has to be wiped */
    double line_due_s; /* wall time of the next line, when not rewriting */
    cli_pace pace;     /* over the last seconds: a night without power passes faster than a wave */
    run_progress last; /* what the pace is measured from */
} cli_progress;

void cli_progress_init(cli_progress *p, FILE *out, bool rewrite);
/* For run_options.progress; `context` is the cli_progress. */
void cli_progress_show(void *context, const run_progress *now);
/* Wipes the line; nothing stands there until the next call of show. */
void cli_progress_end(cli_progress *p);

enum { CLI_PROGRESS_TEXT = 160 };
/*    "12m30s   980 of 1000 online   about 14s to 40m00s   16 answered/s   1.2M events/s": the
 * drill says one step at a time, so what is estimated is the rest to its next one, when that has a
 * time and the pace is known. In real time:
 *    "12s   20 of 20 online   until 1m15s   20 sent/s   16 answered/s".
 * Returns `text` (CLI_PROGRESS_TEXT bytes). */
char *cli_progress_text(const run_progress *now, cli_pace pace, char *text);

#endif
