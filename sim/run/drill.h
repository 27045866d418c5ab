/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/drill.h - the drill of a run: asked what it waits for, told when it came. */
#ifndef RUN_DRILL_H
#define RUN_DRILL_H

#include <stdbool.h>

#include "sim/core/error.h"
#include "sim/core/time.h"

typedef struct run run;

typedef enum run_wait_kind { RUN_WAIT_UNTIL, RUN_WAIT_ONLINE, RUN_WAIT_DONE } run_wait_kind;
typedef struct run_wait {
    run_wait_kind kind;
    sim_time until;      /* absolute; with ONLINE: the latest */
    double online_share; /* with ONLINE: 0..1 of all devices */
} run_wait;

typedef struct run_drill {
    void *context;
    /* Goes on from the last wait (`met`: an ONLINE wait came true before its time) and says the
     * next. An error (negative) ends the run; the drill keeps its own words about it. */
    int (*resume)(void *context, run *r, bool met, run_wait *next);
} run_drill;

/* Adds a line to the run's story. */
SIM_MUST_USE int run_say(run *r, const char *text);

#endif
