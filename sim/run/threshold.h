/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/threshold.h - run_threshold (judging.h) of a run that goes on. */
#ifndef RUN_THRESHOLD_H
#define RUN_THRESHOLD_H

#include "sim/core/error.h"
#include "sim/judge/threshold.h"

typedef struct run run;

/* As run_threshold, of what was counted so far; requests under way may yet be answered. The metrics
 * of now stay until run_metrics_forget. */
SIM_MUST_USE int run_threshold_so_far(run *r, const char *name, const judge_threshold *t,
                                      const char *what, judge_finding *out, char *why, size_t size);

#endif
