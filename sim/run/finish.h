/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/finish.h - the end of a run: its record, and its folder of results. */
#ifndef RUN_FINISH_H
#define RUN_FINISH_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/error.h"
#include "sim/report/record.h"

typedef struct run run;

typedef struct run_caption { /* what only the caller knows; borrowed for the call */
    const char *scenario, *title, *version, *repeat;
    const report_parameter *parameters;
    size_t parameter_count;
    bool repeatable;   /* leave out what the machine adds */
    const char *error; /* NULL, or why the drill failed */
} run_caption;

/* Fills the record (borrowing from r, words and findings until run_free) and writes the results
 * folder when there is one. The drill must be over. `why` (size >= 256) gets a line on error. */
SIM_MUST_USE int run_finish(run *r, const run_caption *words, const judge_finding *findings,
                            size_t finding_count, report_run *record, char *why, size_t size);

#endif
