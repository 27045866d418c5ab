/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/prometheus.h - where a run is, in Prometheus' text exposition format (0.0.4): for who
 * scrapes while the run goes on. Names end in their unit, or in _total where they only grow. */
#ifndef REPORT_PROMETHEUS_H
#define REPORT_PROMETHEUS_H

#include <stdio.h>

#include "sim/core/error.h"
#include "sim/report/folder.h"

#define REPORT_PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* A value. Those of one family stand one after another, and share kind and help. */
typedef struct report_sample {
    const char *family, *kind, *help; /* "blackstart_requests_total", "counter" */
    const char *label;                /* "outcome=\"answered\""; NULL: none */
    double value;                     /* NAN: nobody knows it now */
    const char *suffix;               /* behind the family's name: "_sum" of a summary; NULL */
} report_sample;

/* SIM_EIO: errno says why. */
SIM_MUST_USE int report_prometheus(FILE *file, const report_sample *samples, size_t count);

/* Adds a second to the totals: what happened is summed up, what is takes the place of what was. */
void report_second_add(report_second *totals, const report_second *row);

/* Where a run is. */
typedef struct report_moment {
    report_second totals;
    double latency_sum_s; /* of all requests that were answered so far */
    uint64_t latency_count;
} report_moment;
/* All columns of series.csv, and the latencies of the whole run. */
SIM_MUST_USE int report_prometheus_run(FILE *file, const report_moment *m);

#endif
