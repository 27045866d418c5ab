/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/judging.h - what was recorded, before its judges, and all that somebody needs who asks
 * for one; the drill must be over. */
#ifndef RUN_JUDGING_H
#define RUN_JUDGING_H

#include <stddef.h>

#include "sim/core/error.h"
#include "sim/judge/checks.h"
#include "sim/judge/threshold.h"
#include "sim/report/record.h"

typedef struct run run;
typedef struct judge_pack judge_pack;

/* The triggers that the drill has named so far, in order; NULL behind the last. */
const char *run_trigger_name(const run *r, size_t i);

/* Judges by a row of judge_checks; `wanted` as the row takes it, NULL: its defaults. SIM_ENOMEM. */
SIM_MUST_USE int run_judge(run *r, const judge_check *check, const void *wanted,
                           judge_finding *out);
/* The same by the rules of others. */
SIM_MUST_USE int run_judge_by(run *r, const judge_pack *pack, judge_finding *out);
/* Holds a metric of the run ("request_latency"), or one as a share of another ("reports_answered/
 * reports_due"), against a threshold; `what` stands for it in the finding, and must live as long.
 * SIM_ENOMEM; SIM_ERANGE: there is none of that name, or none of which that can be asked: `why`
 * (size >= 200) says which. */
SIM_MUST_USE int run_threshold(run *r, const char *name, const judge_threshold *t, const char *what,
                               judge_finding *out, char *why, size_t size);
/* The metrics of the run; owned by r. NULL: no memory. */
const report_metric *run_metrics(run *r, size_t *count);

#endif
