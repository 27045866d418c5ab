/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/summary_read.h - summary.json of a finished run read back, for whoever shows, compares
 * or assesses runs. Hostile until read; not for two threads at once. `why` is RECORD_JSON_WHY_MAX
 * bytes throughout. */
#ifndef SIM_REPORT_SUMMARY_READ_H
#define SIM_REPORT_SUMMARY_READ_H

#include <stdio.h>

#include "sim/core/error.h"
#include "sim/judge/finding.h"
#include "sim/record/json_read.h"

/* ---- the file ---- */

/* Opens a file of a folder of results. NULL with a line that leaves the folder to the caller, also
 * for what is no ordinary file: it could hold us up for ever. */
FILE *report_results_open(const char *folder, const char *name, char *why);
/* Makes `why` of a line like that: which folder, and what to do. Returns `error`. */
int report_results_refuse(const char *folder, int error, const char *line, char *why);

/* An object with our schema (what else is in it is anybody's: ask it by json_read.h); free with
 * json_decref. SIM_EPARSE, SIM_ENOMEM, SIM_EIO; then `why` has a line without the folder. */
SIM_MUST_USE int report_summary_read(FILE *file, json_t **out, char *why);
/* That of a folder; the line names it and says what to do. */
SIM_MUST_USE int report_summary_of(const char *folder, json_t **out, char *why);

/* ---- what the run found ---- */

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
typedef struct report_values {
    /* of all findings: as judge_exit_code weighs them; PASS when there are none */
    judge_verdict verdict;
    report_value *items; /* owned; in the order of the file, metrics last */
    size_t count;
} report_values;

/* SIM_EPARSE when a verdict is none, with a line; SIM_ENOMEM. *out is empty then. */
SIM_MUST_USE int report_values_of(const json_t *summary, report_values *out, char *why);
void report_values_deinit(report_values *v);

/* The sentence of the first finding with this verdict; NULL: there is none. The summary's. */
const char *report_summary_reason(const json_t *summary, judge_verdict verdict);

/* The first value with that name; "CHECK: NAME" looks in one finding only. NULL: there is none. */
const report_value *report_values_find(const report_values *v, const char *name);

#endif
