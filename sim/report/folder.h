/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/folder.h - the folder of one run: summary.json, attempts.csv, series.csv, report.html
 * and more; or of a sweep: sweep.json, sweep.csv, sweep.html, sweep.svg. Written under a name that
 * says it is unfinished, renamed when whole, so nothing half-written is left behind as if it were a
 * result. */
#ifndef SIM_REPORT_FOLDER_H
#define SIM_REPORT_FOLDER_H

#include <stdio.h>

#include "sim/report/record.h"
#include "sim/report/sweep.h"

typedef struct report_folder report_folder;

/* Columns of series.csv, from left to right: X(member, column, how, page). A new one is a line
 * here, a function that fills it (sim/run/columns.h) and a row of docs/results.md, which a test
 * holds against this. `how` several seconds become one: LAST (what it is at their end), SUM (what
 * happened in them), MOST (at its highest) or PEAK (the same, of what happened in each of them);
 * `page`: 1 when the page's data have it under its
 * name (`online` is there with its lowest). */
#define REPORT_SECOND_MAP(X)                                                                    \
    X(second, "time_s", LAST, 0) /* since the run began; the row tells of second..second + 1 */ \
    X(online, "online", LAST, 0) /* devices online at its end */                                \
    X(attempts, "attempts", SUM, 0)                                                             \
    X(successes, "successes", SUM, 0)                                                           \
    X(rejections, "rejections", SUM, 0)                                                         \
    X(queue_depth, "queue_depth", MOST, 1) /* connections waiting at the cloud at its end */    \
    X(due, "due", SUM, 1)                  /* requests */                                       \
    X(sent, "sent", SUM, 1)                                                                     \
    X(answered, "answered", SUM, 1)                                                             \
    X(refused, "refused", SUM, 1)                                                               \
    X(failed, "failed", SUM, 1)                                                                 \
    X(waiting, "waiting", MOST, 1)     /* for an answer, at its end */                          \
    X(median_us, "median_us", PEAK, 1) /* latency of what was answered in it; 0: nothing */     \
    X(p95_us, "p95_us", PEAK, 1)                                                                \
    X(chain_dhcp, "boot_chain_dhcp", SUM, 0) /* questions of boot chains */                     \
    X(chain_dns, "boot_chain_dns", SUM, 0)                                                      \
    X(chain_time, "boot_chain_time", SUM, 0)                                                    \
    /* the next one */

typedef struct report_second { /* one row of series.csv */
#define REPORT_SECOND_MEMBER(member, column, how, page) uint64_t member;
    REPORT_SECOND_MAP(REPORT_SECOND_MEMBER)
#undef REPORT_SECOND_MEMBER
} report_second;
/* What happened from `before` to `now`, both totals since the run began. */
void report_second_since(report_second *now, const report_second *before);
/* A second in which nothing happened: what is, stays. */
void report_second_calm(report_second *row);

/* Makes the unfinished folder beside `path` ("PATH.partial"; missing parents are made), checks that
 * it can be written, opens series.csv. `path` must not exist, or be an empty folder, or hold an
 * earlier result of ours (summary.json with our schema name and nothing that is not ours), which is
 * replaced only at report_folder_finish. A symbolic link is followed. On error 0 is not returned
 * and `why` (size >= 256) holds a line: what, where, what to do. The partial folder of a dead
 * earlier run is removed first; that of a living one is an error. */
SIM_MUST_USE int report_folder_open(const char *path, report_folder **out, char *why, size_t size);
/* Rows must come second by second from 0: SIM_ESTATE. SIM_EIO when the disk refused; from then on
 * report_folder_why has the line, and nothing else is written. */
SIM_MUST_USE int report_folder_second(report_folder *f, const report_second *row);
/* The line about the first row that failed, for the caller that stops the run over it; NULL: all is
 * well. Valid until f is freed. */
const char *report_folder_why(const report_folder *f);
/* Writes one further file of a result into the unfinished folder: `write` gets it open and returns
 * 0, SIM_ENOMEM, SIM_EIO (see errno) or SIM_ERANGE. `name` is one of those that folder.c lists
 * (promise). On an error `why` has the line, and the file is of no use: abandon the folder. */
typedef int report_folder_writer(FILE *file, const void *context);
SIM_MUST_USE int report_folder_file(const report_folder *f, const char *name,
                                    report_folder_writer *write, const void *context, char *why,
                                    size_t size);
/* Writes attempts.csv (rows in the order given), summary.json and the page of them, syncs, renames.
 * An earlier result is first renamed to "PATH.replaced" and deleted when the new one stands:
 * whatever happens between, one of them is whole, and the next report_folder_open puts it back in
 * its place. Frees f in any case; on error the partial folder is removed. */
SIM_MUST_USE int report_folder_finish(report_folder *f, const report_run *run,
                                      const record_attempts *attempts, char *why, size_t size);
/* The same for a sweep: sweep.csv takes the place of series.csv. Either kind of result may replace
 * the other. */
SIM_MUST_USE int report_folder_open_sweep(const char *path, report_folder **out, char *why,
                                          size_t size);
/* Draws a picture into the file, through its descriptor or the stream. False: there is none, and
 * its file is removed. */
typedef bool report_draw(void *context, FILE *file);
/* As report_folder_finish: sweep.csv, sweep.json, sweep.html and, unless `draw` is NULL, sweep.svg.
 * Only for folders that report_folder_open_sweep made. */
SIM_MUST_USE int report_folder_finish_sweep(report_folder *f, const report_sweep *sweep,
                                            report_draw *draw, void *context, char *why,
                                            size_t size);
void report_folder_abandon(report_folder *f); /* removes the partial folder; NULL is fine */

#endif
