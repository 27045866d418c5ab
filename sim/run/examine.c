/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of the examiner's notices in a run: to the operator when they are raised, to the
 * judge when the run is over. */
#include <inttypes.h>
#include <stdio.h>

#include "sim/report/alarm.h"
#include "sim/run/run_private.h"

/* ---- raised ---- */

static int close_watch(run *r, fleet_street *s, void *with) {
    (void)with;
    examine_watch_close(s->sight.watch, r->examiner.due);
    return 0;
}

/* The event log takes it at once; an outlet that the user named says how long it took, or that it
 * did not arrive. */
static void deliver(const run *r, record_alert *n) {
    char whom[REPORT_WHOM_MAX], line[REPORT_ALERT_LINE_MAX];
    double took_s = 0;
    n->delivered = n->at;
    if (r->options.outlet.deliver == NULL) return;
    report_alert_line(n, run_whom(r, n, whom, sizeof whom), line, sizeof line);
    const run_alert alarm = {.notice = n, .whom = whom, .line = line};
    int error = r->options.outlet.deliver(r->options.outlet.context, &alarm, &took_s);
    n->delivered = error == 0 ? sim_time_add(n->at, sim_time_from_seconds(took_s)) : SIM_NEVER;
}

int run_examine(run *r) {
    size_t fresh = r->examiner.count;
    int error = run_each_street(r, close_watch, NULL);
    if (error == 0) error = fleet_examiner_close(&r->examiner, &fresh);
    for (size_t i = fresh; error == 0 && i < r->examiner.count; i++)
        deliver(r, &r->examiner.notices[i]);
    return error == 0 ? 0 : run_fail(r, error, "examiner");
}

char *run_whom(const run *r, const record_alert *n, char *text, size_t size) {
    switch ((record_scope)n->scope) {
        case RECORD_SCOPE_DEVICE:
            (void)snprintf(text, size, "device %" PRIu32, n->who);
            break;
        case RECORD_SCOPE_COHORT:
            return fleet_examiner_cohort_text(&r->spec, n->who, text, size);
        case RECORD_SCOPE_FLEET:
            (void)snprintf(text, size, "the fleet");
            break;
    }
    return text;
}

/* ---- judged ---- */

static uint64_t metrics_told(const run *r) {
    uint64_t metrics = 0;
    for (uint32_t i = 0; i < r->street_count; i++) metrics |= r->streets[i].sight.metrics;
    return metrics;
}

void run_judge_examination(const run *r, uint64_t declared, bool suited, judge_finding *out) {
    if (suited)
        judge_examination_suited(declared, metrics_told(r), out);
    else
        judge_examination_declared(declared, out);
}

/* The cohort of every device, as it is now. NULL: no memory. */
static uint32_t *cohorts_of(const run *r) {
    uint32_t *cohorts = sim_malloc((size_t)r->devices * sizeof *cohorts);
    for (uint32_t i = 0; cohorts != NULL && i < r->street_count; i++) {
        const fleet_street *s = &r->streets[i];
        for (uint32_t d = 0; d < s->device_count; d++)
            cohorts[s->first_device + d] = s->notes[d].cohort;
    }
    return cohorts;
}

int run_judge_examined(run *r, const run_examined_request *request, judge_finding *out) {
    sim_time waves[RUN_TRIGGERS_MAX];
    uint32_t *cohorts = cohorts_of(r);
    if (cohorts == NULL) return SIM_ENOMEM;
    judge_examined_case c = {.notices = r->examiner.notices,
                             .notice_count = r->examiner.count,
                             .cohorts = cohorts,
                             .versions = FLEET_EXAMINER_VERSIONS,
                             .devices = (uint32_t)r->devices,
                             .until = r->now,
                             .waves = waves,
                             .wave_count = r->trigger_count - 1,
                             .declared = request->declared,
                             .examined = r->examiner.fleet != NULL,
                             .generator_late = run_generator_late(r)};
    c.injections = run_injections(r, &c.injection_count);
    /* 0 is the start */
    for (uint32_t i = 1; i < r->trigger_count; i++) waves[i - 1] = r->triggers[i].at;
    int error = judge_detect(&c, &request->policy, NULL, &r->found);
    r->detected = error == 0;
    if (r->detected && out != NULL) judge_examined(&c, &r->found, &request->policy, out);
    sim_free(cohorts);
    return error;
}
