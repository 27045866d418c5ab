/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/progress.h - how far a run is, as it says while it is driven. */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/time.h"

typedef struct run_progress {
    sim_time now, expected_end; /* expected_end: as far as the drill has said; SIM_NEVER: unknown */
    uint64_t devices, online;
    uint64_t behind; /* devices that could not send what was due, and have no answer since */
    uint64_t events;
    uint64_t sent, answered; /* requests, so far */
    bool real;               /* a second of the run is one of the wall */
    double wall_s;
    bool finished;
} run_progress;

typedef struct run run;

uint64_t run_events(const run *r); /* handled so far */

#endif
