/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/suite.h - many runs in one junit.xml, and what became of each: for build servers that
 * run a folder of scenarios. Times are of the wall; what a run took in its own time is a property.
 */
#ifndef SIM_REPORT_SUITE_H
#define SIM_REPORT_SUITE_H

#include <stdio.h>

#include "sim/report/summary_read.h"

/* What became of one scenario. Strings borrowed. */
typedef struct report_suite_run {
    const char *scenario;  /* its path, as the user gave it */
    const json_t *summary; /* borrowed; NULL: there is none, and `error` says why */
    /* NULL: the run came to its verdicts; of one that did not run: why it was left out */
    const char *error;
    const char *word;   /* what it came to: a verdict, ERROR, SKIPPED or NOT RUN */
    const char *reason; /* why it did not pass; NULL: it did */
    double wall_s;      /* >= 0 */
    bool ran;           /* false: the suite was ended before its turn */
} report_suite_run;

/* A test suite for each run, a test case for each of its checks; a run without verdicts is an
 * error, one that had no turn is skipped. Class names hold no dot: servers would split them there.
 * SIM_ENOMEM, SIM_EIO (see errno). */
SIM_MUST_USE int report_suite_junit(FILE *file, const report_suite_run *runs, size_t count,
                                    double wall_s);

#endif
