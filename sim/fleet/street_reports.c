/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of the reports that were due, and when (design D10): none of them drops out of the
 * latencies because its device could not send it. */
#include "sim/fleet/street_private.h"

static void add(fleet_street *s, sim_histogram *h, sim_time value) {
    int error = sim_histogram_add(h, value);
    if (error != 0) fleet_street_fail(s, error);
}

static void add_answered(fleet_street *s, sim_time due) {
    add(s, &s->request_latency, s->shard.now - due);
    sim_rough_add(&s->second, s->shard.now - due);
}

/* When the n-th of the late ones was due. Between the first and the last they are taken to lie
 * evenly, as a schedule's do. */
static sim_time due_of_late(const fleet_device *note, uint32_t n) {
    if (n == 0) return note->late_first;
    double share = (double)n / (double)(note->late - 1);
    return note->late_first + (sim_time)(share * (double)(note->late_last - note->late_first));
}

static void forget_late(fleet_street *s, fleet_device *note) {
    if (note->late > 0) s->sums.behind--;
    note->late = 0;
}

/* The device was heard: what it could not say before is now only late. */
static void end_wait(fleet_street *s, fleet_device *note) {
    for (uint32_t n = 0; n < note->late; n++) add_answered(s, due_of_late(note, n));
    forget_late(s, note);
}

void fleet_street_lose_late(fleet_street *s, uint32_t local) {
    fleet_device *note = &s->notes[local];
    for (uint32_t n = 0; n < note->late; n++) add(s, &s->request_never, due_of_late(note, n));
    forget_late(s, note);
}

/* Whether it is the drill that keeps the device from the cloud. */
static bool is_cut(const fleet_street *s, const dev_device *d) {
    uint32_t local = d->index - s->first_device;
    bool cut = s->homes[d->home - s->first_home].cut && fleet_street_by_router(s, local);
    return cut || !fleet_street_reaches(s, local) ||
           (s->notes[local].unpowered && !fleet_street_lives_on(s, local));
}

void fleet_street_reported(fleet_street *s, const dev_device *d, sim_time due,
                           const net_answer *answer) {
    net_answer_kind kind = answer->kind;
    fleet_sums_answered(&s->sums, d->profile->link.protocol, answer);
    bool cut = kind == NET_UNANSWERED && is_cut(s, d);
    if (kind == NET_TAKEN) {
        s->sums.reports_answered++;
        add_answered(s, due);
        end_wait(s, &s->notes[d->index - s->first_device]);
        return;
    }
    if (kind == NET_UNANSWERED)
        s->sums.reports_failed++;
    else
        s->sums.reports_refused++;
    if (cut)
        s->sums.reports_cut++;
    else
        add(s, &s->request_never, due);
}

void fleet_street_skipped(fleet_street *s, const dev_device *d, sim_time due, dev_skip why) {
    fleet_device *note = &s->notes[d->index - s->first_device];
    if (is_cut(s, d)) why = DEV_SKIP_CUT; /* a black hole tells its devices nothing */
    s->sums.skipped[why]++;
    if (why == DEV_SKIP_CUT) return;
    if (note->late++ == 0) {
        note->late_first = due;
        s->sums.behind++;
    }
    note->late_last = due;
}

int fleet_street_open_reports(const fleet_street *s, sim_histogram *due) {
    int error = 0;
    for (uint32_t i = 0; i < s->device_count && error == 0; i++) {
        const fleet_device *note = &s->notes[i];
        const dev_device *d = s->devices[i];
        for (uint32_t n = 0; n < note->late && error == 0; n++)
            error = sim_histogram_add(due, due_of_late(note, n));
        if (error == 0 && d != NULL && d->report_sent_due != SIM_NEVER && !is_cut(s, d))
            error = sim_histogram_add(due, d->report_sent_due);
    }
    return error;
}

void fleet_street_end_reports(fleet_street *s) {
    int error = fleet_street_open_reports(s, &s->request_never);
    if (error != 0) fleet_street_fail(s, error);
    for (uint32_t i = 0; i < s->device_count; i++) forget_late(s, &s->notes[i]);
}
