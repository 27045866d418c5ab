/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/story.h - a drill written as a table: at this second, do that. */
#ifndef TESTS_STORY_H
#define TESTS_STORY_H

#include "sim/run/run.h"

typedef struct story_step {
    double at_s;                       /* rising; <= now: at once */
    int (*act)(run *r, void *context); /* NULL: only the time passes, and the story ends */
} story_step;

typedef struct story {
    run_drill drill;
    const story_step *steps; /* ends with one without an act */
    size_t next;
    void *context;
} story;

void story_init(story *s, const story_step *steps, void *context);
/* Builds and drives; `options` NULL: seed 1, one thread, no folder. Fails the test (aborts, with a
 * line) unless all goes well. */
run *story_run(const fleet_spec *spec, const run_options *options, const story_step *steps,
               void *context);

extern const fleet_selection story_all; /* of the fleet */

#endif
