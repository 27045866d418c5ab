/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/story.h"

#include <stdio.h>
#include <stdlib.h>

const fleet_selection story_all = {.zone = UINT32_MAX};

static int resume(void *context, run *r, bool met, run_wait *next) {
    story *s = context;
    (void)met;
    for (;; s->next++) {
        const story_step *step = &s->steps[s->next];
        sim_time at = sim_time_from_seconds(step->at_s);
        if (at > run_now(r)) {
            *next = (run_wait){.kind = RUN_WAIT_UNTIL, .until = at};
            return 0;
        }
        if (step->act == NULL) {
            *next = (run_wait){.kind = RUN_WAIT_DONE};
            return 0;
        }
        int error = step->act(r, s->context);
        if (error != 0) return error;
    }
}

void story_init(story *s, const story_step *steps, void *context) {
    *s = (story){.steps = steps, .context = context};
    s->drill = (run_drill){.context = s, .resume = resume};
}

run *story_run(const fleet_spec *spec, const run_options *options, const story_step *steps,
               void *context) {
    static const run_options plain = {.seed = 1, .threads = 1};
    char why[256];
    int code;
    story s;
    run *r = run_new(spec, options == NULL ? &plain : options, why, sizeof why, &code);
    if (r == NULL) {
        (void)fprintf(stderr, "run_new: %s (%d)\n", why, code);
        abort();
    }
    story_init(&s, steps, context);
    if (run_drive(r, &s.drill) != 0) {
        (void)fprintf(stderr, "run_drive: %s\n", run_why(r));
        abort();
    }
    return r;
}
