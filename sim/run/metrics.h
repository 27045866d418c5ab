/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/metrics.h - what a run counted and measured, by name. */
#ifndef RUN_METRICS_H
#define RUN_METRICS_H

#include <stdbool.h>

#include "sim/core/error.h"
#include "sim/core/histogram.h"

typedef struct run run;
typedef struct report_metric report_metric;

/* Latencies: of those that had an answer, and of all, where those without count from when they were
 * due to the end of the run (no answer came sooner). */
typedef struct run_latencies {
    sim_histogram answered, all;
} run_latencies;

/* Makes the run's metrics, once. SIM_ENOMEM. */
SIM_MUST_USE int run_make_metrics(run *r);
/* The same, and lent until they are forgotten; NULL: no memory. */
const report_metric *run_metrics_so_far(run *r, size_t *count);
/* They are made anew when somebody asks again: the run has gone on. */
void run_metrics_forget(run *r);
/* Whether there is one of that name that goes up and down. */
bool run_metric_is_gauge(run *r, const char *name);
/* Of the trend of that name. SIM_ERANGE: it is none; SIM_ENOMEM. Deinitialise in any case. */
SIM_MUST_USE int run_latencies_of(const run *r, const char *name, run_latencies *out);
void run_latencies_deinit(run_latencies *l);

#endif
