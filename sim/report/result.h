/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/result.h - a folder of results, read back for the page and for comparing: its summary
 * as it is, attempts and seconds counted (page_data.h). What is in the files is hostile until read.
 */
#ifndef SIM_REPORT_RESULT_H
#define SIM_REPORT_RESULT_H

#include <jansson.h>
#include <stdio.h>

#include "sim/record/json_read.h"
#include "sim/report/examined_read.h"
#include "sim/report/local.h"
#include "sim/report/page_data.h"

/* All 0 is empty. */
typedef struct report_result {
    /* an object with our schema; what else is in it is anybody's: ask it by the verbs of
     * json_read.h */
    json_t *summary;
    report_series series;
    report_wave *waves; /* of the triggers that made somebody try, in their order */
    size_t wave_count;
    report_examined examined;
    report_local local; /* empty: nobody was at home */
} report_result;

typedef struct report_result_files {
    FILE *summary, *series;
    /* can be read from its beginning again; not looked at when `known` is given */
    FILE *attempts;
    const record_attempts *known; /* the attempts themselves, when they are at hand; sorted */
    FILE *truth, *alarms, *detection, *local; /* NULL: this run has none */
} report_result_files;

/* On an error `why` (RECORD_JSON_WHY_MAX bytes) has a line without the folder: which file, what is
 * wrong. SIM_EPARSE, SIM_ENOMEM, SIM_EIO. Not for two threads at once. Deinit in any case. */
SIM_MUST_USE int report_result_from(const report_result_files *files, report_result *out,
                                    char *why);
/* The same of a folder; `known` may be NULL. The line names the folder and says what to do. */
SIM_MUST_USE int report_result_read(const char *folder, const record_attempts *known,
                                    report_result *out, char *why);
void report_result_deinit(report_result *r);

/* "PASS", "WARN", "FAIL", "INCONCLUSIVE", or "NONE": of all verdicts together. */
const char *report_result_verdict(const report_result *r);
/* The scenario's title, else its path. */
const char *report_result_title(const report_result *r);

#endif
