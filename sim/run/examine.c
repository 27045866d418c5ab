/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of the examiner's notices in a run: to the operator when they are raised. */
#include <inttypes.h>
#include <stdio.h>

#include "sim/report/alarm.h"
#include "sim/run/outlet.h"
#include "sim/run/run_private.h"

/* ---- raised ---- */

static int close_watch(run *r, uint32_t street, void *with) {
    (void)with;
    fleet_examiner_close_street(&r->examiner, street);
    return 0;
}

/* The event log takes it at once; an outlet that the user named says how long it took, or that it
 * did not arrive. */
static void deliver(const run *r, record_alert *n) {
    char whom[REPORT_WHOM_MAX], line[REPORT_ALERT_LINE_MAX];
    double took_s = 0;
    n->delivered = n->at;
    const run_outlet *outlet = r->outlet;
    if (outlet == NULL) return;
    report_alert_line(n, run_whom(r, n, whom, sizeof whom), line, sizeof line);
    const run_alert alarm = {.notice = n, .whom = whom, .line = line};
    int error = outlet->deliver(outlet->context, &alarm, &took_s);
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
