/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/csv.h - attempts.csv, series.csv and truth.csv (RFC 4180 with LF line ends;
 * docs/results.md tells what every column means). */
#ifndef SIM_REPORT_CSV_H
#define SIM_REPORT_CSV_H

#include <stdio.h>

#include "sim/judge/examined.h"
#include "sim/report/folder.h"
#include "sim/report/record.h"

/* A field of foreign text; in quotes where it must be. */
void report_csv_text(FILE *file, const char *text);
/* Each writes to a buffered file: SIM_EIO (see errno) when the buffer could not be emptied; what is
 * still in it is told by fflush. */
SIM_MUST_USE int report_csv_series_head(FILE *file);
const char *report_csv_series_columns(void); /* the head's line */
SIM_MUST_USE int report_csv_series_row(FILE *file, const report_second *row);
/* Head and one row per attempt, times not negative. SIM_ERANGE when an attempt names a trigger or
 * an outcome that does not exist. */
SIM_MUST_USE int report_csv_attempts(FILE *file, const record_attempts *attempts,
                                     const char *const *triggers, size_t trigger_count);

/* Head and a row per injection, times not negative. SIM_ERANGE when one is of no known kind. */
SIM_MUST_USE int report_csv_truth(FILE *file, const record_injection *injections, size_t count);

/* Head and a row per notice, in the shape that `blackstart examine --operator` reads: an alarm
 * about a cohort or the fleet has no key, so it is about anybody. */
SIM_MUST_USE int report_csv_alarms(FILE *file, const report_run *run);

/* Head, a row per kind of anomaly that was done or noticed, and one for all of them. */
SIM_MUST_USE int report_csv_detection(FILE *file, const judge_detections *found);

#endif
