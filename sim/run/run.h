/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/run.h - one run: a fleet built from a spec, a world that drives it, a drill that hurts
 * it, and what was recorded. What somebody wants of a run besides its life has a header each:
 * options.h what it is built with, clock.h and progress.h where it is, drill.h what drives it,
 * count.h how many there are, strike.h what is done to them, tapes.h what is kept of it on the way,
 * judging.h and finish.h what comes of it. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/error.h"

typedef struct run run;
typedef struct run_drill run_drill;
typedef struct run_options run_options;
typedef struct fleet_spec fleet_spec;

/* NULL on error, with a line in `why` (size >= 256): what, where, what to do. Checks the machine
 * first (descriptors, memory, addresses): a preflight. `exit_code` gets 4 (wrong use), 5 (target)
 * or 3 (machine). */
run *run_new(const fleet_spec *spec, const run_options *options, char *why, size_t size,
             int *exit_code);
void run_free(run *r);
/* run_free for a process that ends next: what is not whole on the disk is removed, but the memory
 * of a large fleet in virtual time is left to the system, which takes it back at once. Giving back
 * a million devices one by one takes half a minute, in which nobody gets anything. */
void run_leave(run *r);
/* Drives the run to the drill's end in its world. 0, or an error with a line in run_why. An
 * interrupted run returns 0. */
SIM_MUST_USE int run_drive(run *r, const run_drill *drill);
const char *run_why(const run *r);
bool run_interrupted(const run *r);

#endif
