/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/guard.h - thresholds that end a run as soon as they are broken, looked at once a second
 * of it. Broken is what would be a FAIL if the run ended now, where requests that are still under
 * way may yet turn out well: so a limit that is only just missed by a few ends nothing. */
#ifndef RUN_GUARD_H
#define RUN_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/error.h"
#include "sim/core/time.h"
#include "sim/judge/finding.h"
#include "sim/judge/threshold.h"

typedef struct run run;

typedef struct run_guard {
    const char *name; /* of the metric, or of two: "reports_failed/reports_due" */
    const char *what; /* it stands in the finding */
    judge_threshold threshold;
    sim_time after; /* of the run: before, nothing is broken (it warms up) */
} run_guard;

typedef struct run_guards { /* of a run; {0}: none */
    const run_guard *items; /* borrowed */
    size_t count;
    sim_time due;            /* when they are looked at next */
    const run_guard *broken; /* the one that ends the run; NULL: none */
    judge_finding finding;   /* with it */
} run_guards;

run_guards *run_guards_of(run *r);

/* NULL when the threshold can end a run, else a static word about it that says why it cannot. */
const char *run_guard_unfit(run *r, const char *name, const judge_threshold *t);

/* Before run_drive; borrowed until run_free. Each of them fits (run_guard_unfit). */
void run_guard_by(run *r, const run_guard *guards, size_t count);

/* At run_now, up to which all has happened, once a second: whether one of them is broken by now. */
SIM_MUST_USE int run_guards_look(run *r);

/* Whether that threshold ended the run: `*out` is what it found then, and says so. */
bool run_guard_ended(run *r, const char *what, const judge_threshold *t, judge_finding *out);

#endif
