/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/story.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/run/clock.h"
#include "sim/run/count.h"
#include "sim/run/drill.h"
#include "sim/run/judging.h"
#include "sim/run/options.h"
#include "sim/run/run.h"

const fleet_selection story_all = {.zone = UINT32_MAX};

typedef struct story {
    const story_step *steps; /* ends with one without an act */
    size_t next;
    void *context;
} story;

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

static run *build(const fleet_spec *spec, const run_options *options) {
    char why[256];
    int code;
    run *r = run_new(spec, options, why, sizeof why, &code);
    if (r != NULL) return r;
    (void)fprintf(stderr, "run_new: %s (%d)\n", why, code);
    abort();
}

int story_drive(run *r, const story_step *steps, void *context) {
    story s = {.steps = steps, .context = context};
    const run_drill drill = {.context = &s, .resume = resume};
    return run_drive(r, &drill);
}

run *story_run(const fleet_spec *spec, const run_options *options, const story_step *steps,
               void *context) {
    static const run_options plain = {.seed = 1, .threads = 1};
    run *r = build(spec, options == NULL ? &plain : options);
    if (story_drive(r, steps, context) == 0) return r;
    (void)fprintf(stderr, "run_drive: %s\n", run_why(r));
    abort();
}

run *story_run_on(const fleet_spec *spec, uint64_t seed, uint32_t threads, const story_step *steps,
                  void *context) {
    const run_options options = {.seed = seed, .threads = threads};
    return story_run(spec, &options, steps, context);
}

run *story_new(const fleet_spec *spec) {
    const run_options plain = {.seed = 1, .threads = 1};
    return build(spec, &plain);
}

int story_try(const fleet_spec *spec, uint32_t threads, const story_step *steps, void *context,
              run **out) {
    const run_options options = {.seed = 1, .threads = threads};
    char why[256] = "";
    int code = 0;
    *out = run_new(spec, &options, why, sizeof why, &code);
    if (*out == NULL && (code != 3 || why[0] == '\0')) abort();
    if (*out == NULL) return SIM_ENOMEM;
    int error = story_drive(*out, steps, context);
    if (error != 0 && run_why(*out)[0] == '\0') abort();
    return error;
}

void story_end(run *r) {
    run_free(r);
}

uint64_t story_online(const run *r) {
    return run_online(r);
}

int story_judge(run *r, const judge_check *check, const void *wanted, judge_finding *out) {
    return run_judge(r, check, wanted, out);
}
