/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/terminal.h - what a person reads at the end: VERDICTS first, then metrics (the habit
 * of k6). */
#ifndef SIM_REPORT_TERMINAL_H
#define SIM_REPORT_TERMINAL_H

#include <stdio.h>

#include "sim/report/record.h"

typedef struct report_style {
    bool colour;      /* ANSI colours */
    bool marks;       /* UTF-8 marks ✓ ✗ ?; without: words, and plain ASCII throughout */
    uint32_t columns; /* 40..; text is wrapped */
} report_style;

/* Of a run. */
void report_terminal(const report_run *run, const char *folder, const report_style *style,
                     FILE *out);

/* The line that ends all: the verdict, whose it is, and of a FAIL the first figure that made it so.
 */
void report_terminal_last(const report_run *run, const report_style *style, FILE *out);

/* Of a log of somebody else: verdicts and story as above, then what was read. A fact without a text
 * (NULL) is left out. */
typedef struct report_fact {
    const char *name, *text;
} report_fact;
void report_terminal_log(const report_run *run, const report_fact *facts, size_t count,
                         const report_style *style, FILE *out);

#endif
