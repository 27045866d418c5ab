/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/folder.h - the folder of one run: summary.json, attempts.csv, series.csv. Written under a name that says it is unfinished, renamed when whole, so nothing
 * half-written is left behind as if it were a result. */
#ifndef SIM_REPORT_FOLDER_H
#define SIM_REPORT_FOLDER_H

#include "sim/report/record.h"

typedef struct report_folder report_folder;

typedef struct report_second { /* one row of series.csv */
    uint64_t second;           /* seconds since the run began; the row tells of second..second+1 */
    uint64_t online;           /* devices online at its end */
    uint64_t attempts, successes, rejections; /* in it */
    uint64_t queue_depth;      /* connections waiting at the cloud at its end */
} report_second;

/* Makes the unfinished folder beside `path` ("PATH.partial"), checks that it can be written, opens series.csv. `path` must not exist, or be an empty folder, or hold an earlier result of ours
 * (summary.json with our schema name), which is replaced only at report_folder_finish. On error 0 is not returned and `why` (size >= 256) holds a line: what, where, what to do.
 * A partial folder of a dead earlier run is removed first. */
SIM_MUST_USE int report_folder_open(const char *path, report_folder **out, char *why, size_t size);
SIM_MUST_USE int report_folder_second(report_folder *f, const report_second *row);
/* Writes attempts.csv (rows in the order given) and summary.json, syncs, renames. Frees f in any case; on error the partial folder is removed. */
SIM_MUST_USE int report_folder_finish(report_folder *f, const report_run *run, const sim_attempts *attempts, char *why, size_t size);
void report_folder_abandon(report_folder *f); /* removes the partial folder; NULL is fine */

#endif
