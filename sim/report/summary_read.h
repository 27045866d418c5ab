/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/summary_read.h - reads a summary.json back: what a finished run found, for whoever compares runs. */
#ifndef SIM_REPORT_SUMMARY_READ_H
#define SIM_REPORT_SUMMARY_READ_H

#include <stdio.h>

#include "sim/core/error.h"
#include "sim/judge/finding.h"

enum {
    REPORT_READ_VALUES_MAX = 1024, /* measures of all findings, and metrics */
    REPORT_READ_NAME = 64          /* bytes of a name or unit, longer ones are cut */
};

/* A measure of a finding, or a counter or gauge of the run. */
typedef struct report_value {
    char check[REPORT_READ_NAME]; /* unit of the finding, "5.9-3-2 a"; "metrics" */
    char name[REPORT_READ_NAME];  /* "busiest second" */
    char unit[REPORT_READ_NAME];  /* "attempts/s" */
    double value;                 /* NAN: could not be measured */
} report_value;

/* All 0 is empty. */
typedef struct report_summary {
    judge_verdict verdict; /* of all findings: as judge_exit_code weighs them; PASS when there are none */
    char sentence[JUDGE_SENTENCE_MAX]; /* of the first finding with that verdict */
    report_value *values;              /* owned; in the order of the file, metrics last */
    size_t count;
} report_summary;

void report_summary_deinit(report_summary *s);

/* Reads one summary. SIM_EPARSE when it is none of ours or is malformed, with a line in `why` (size >= 128) that names no
 * file; SIM_ENOMEM. *out is empty then. */
SIM_MUST_USE int report_summary_read(FILE *file, report_summary *out, char *why, size_t size);

/* The first value with that name; "CHECK: NAME" looks in one finding only. NULL: there is none. */
const report_value *report_summary_find(const report_summary *s, const char *name);

#endif
