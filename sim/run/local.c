/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What devices did in their houses, minute by minute and model by model, for local.csv. */
#include <string.h>

#include "devices/model.h"
#include "sim/fleet/street_account.h"
#include "sim/run/run_private.h"

/* So far, of all streets. */
static report_local_bin total_of(const run *r, size_t model) {
    report_local_bin sum = {0};
    for (uint32_t i = 0; i < r->street_count; i++) {
        const dev_counts *c = &fleet_street_sums(r->streets[i])->devices;
        for (int p = 0; p < DEV_PHASES; p++) {
            const uint64_t *n = c->notes[model][p];
            sum.right += n[DEV_NOTE_RIGHT];
            sum.late += n[DEV_NOTE_LATE];
            sum.wrong += n[DEV_NOTE_WRONG];
            sum.unable += n[DEV_NOTE_UNABLE];
            if (p == DEV_PHASE_DURING) sum.cut += dev_note_asked(n);
            if (p == DEV_PHASE_DURING) sum.cut_right += n[DEV_NOTE_RIGHT];
            sum.sensed += n[DEV_NOTE_SENSED];
            sum.arrived += n[DEV_NOTE_ARRIVED];
            sum.dropped +=
                n[DEV_NOTE_DROPPED_FULL] + n[DEV_NOTE_DROPPED_POWER] + n[DEV_NOTE_DROPPED_RESET];
        }
    }
    return sum;
}

static report_local_bin since(const report_local_bin *now, const report_local_bin *before) {
    return (report_local_bin){
#define SINCE(member, column) .member = now->member - before->member,
        REPORT_LOCAL_MAP(SINCE)
#undef SINCE
    };
}

/* Of the minute that ends, or of what there is of it when the run does. */
static int end_minute(run *r, uint64_t second) {
    for (size_t m = 0; m < DEV_MODELS; m++) {
        report_local_bin now = total_of(r, m), what = since(&now, &r->local_totals[m]);
        int error = 0;
        if (memcmp(&now, &r->local_totals[m], sizeof now) != 0)
            error = report_local_add(&r->local, dev_models[m]->name, second, &what);
        if (error != 0) return error;
        r->local_totals[m] = now;
    }
    return 0;
}

static int end_at(run *r, uint64_t second) {
    int error = run_has_households(r) ? end_minute(r, second) : 0;
    return error == 0 ? 0 : run_fail(r, error, "what devices did in their houses");
}

int run_local_minutes(run *r, uint64_t complete) {
    bool over = r->next_second / REPORT_LOCAL_STEP != complete / REPORT_LOCAL_STEP;
    return over ? end_at(r, r->next_second) : 0;
}

/* What happened at the very end belongs to the second that ended with it. */
int run_local_end(run *r) {
    return end_at(r, r->now > 0 ? (uint64_t)((r->now - 1) / SIM_SECOND) : 0);
}
