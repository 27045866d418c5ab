/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/story.h - whole runs for tests: a drill written as a table (at this second, do
 * that), and the few verbs that every such test needs, so that it includes no more of sim/run than
 * it is about. Whatever goes wrong unasked ends the program with a line. */
#ifndef TESTS_STORY_H
#define TESTS_STORY_H

#include <stdint.h>

#include "sim/fleet/selection.h"

typedef struct run run;
typedef struct run_options run_options;
typedef struct fleet_spec fleet_spec;
typedef struct judge_check judge_check;
typedef struct judge_finding judge_finding;

typedef struct story_step {
    double at_s;                       /* rising; <= now: at once */
    int (*act)(run *r, void *context); /* NULL: only the time passes, and the story ends */
} story_step;

/* Builds, and drives; `options` NULL: seed 1, one thread, no folder. */
run *story_run(const fleet_spec *spec, const run_options *options, const story_step *steps,
               void *context);
run *story_run_on(const fleet_spec *spec, uint64_t seed, uint32_t threads, const story_step *steps,
                  void *context);
/* Builds; seed 1, one thread, no folder. */
run *story_new(const fleet_spec *spec);
/* Drives; the error of run_drive. */
int story_drive(run *r, const story_step *steps, void *context);
/* Builds and drives where memory may lack: SIM_ENOMEM, with *out NULL, when it could not be built,
 * else the error of run_drive. Every error has its line. */
int story_try(const fleet_spec *spec, uint32_t threads, const story_step *steps, void *context,
              run **out);
void story_end(run *r);
uint64_t story_online(const run *r);
/* The error of run_judge. */
int story_judge(run *r, const judge_check *check, const void *wanted, judge_finding *out);

extern const fleet_selection story_all; /* of the fleet */

#endif
