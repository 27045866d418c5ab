/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtual world: windows of at most the look-ahead, in which streets cannot touch each other,
 * so that they may be computed side by side (design D4). Between two windows, on one thread: the
 * drill, the rows of series.csv, and the cloud's word about whatever arrives in the next window, in
 * the order of the events' keys. */
#include "sim/fleet/street.h"
#include "sim/run/run_private.h"

/* A window with fewer streets to run than this is cheaper on one thread than waking the workers. */
enum { STREETS_FOR_WORKERS = 4 };

static sim_time earliest(const run *r) {
    sim_time t = SIM_NEVER;
    for (uint32_t i = 0; i < r->street_count; i++)
        t = sim_time_min(t, fleet_street_next(r->streets[i]));
    return t;
}

/* Enters the street's next arrival before `until`, if it has one, in the merge. */
static int merge_enter(run *r, uint32_t street, sim_time until) {
    const sim_event *arrival = fleet_street_arrival(r->streets[street], until);
    if (arrival == NULL) return 0;
    sim_event e = {.key = arrival->key, .target = street};
    return sim_queue_push(&r->merge, &e);
}

/* The cloud's word about all that arrives before `until`, from all streets, in the order of the
 * keys. */
static int decide_arrivals(run *r, sim_time until) {
    int error = 0;
    for (uint32_t i = 0; i < r->street_count && error == 0; i++) error = merge_enter(r, i, until);
    for (sim_event e; error == 0 && sim_queue_pop(&r->merge, &e);) {
        error = fleet_street_decide(r->streets[e.target], &r->capacity);
        if (error == 0) error = merge_enter(r, e.target, until);
    }
    return error;
}

static int step_street(run *r, uint32_t street, void *with) {
    fleet_street *s = r->streets[street];
    const sim_time *until = with;
    return fleet_street_next_own(s) < *until ? fleet_street_step(s, *until) : 0;
}

static int step_all(run *r, sim_time until) {
    uint32_t awake = 0;
    for (uint32_t i = 0; i < r->street_count; i++)
        awake += fleet_street_next_own(r->streets[i]) < until ? 1 : 0;
    if (awake >= STREETS_FOR_WORKERS) return run_each_street(r, step_street, &until);
    for (uint32_t i = 0; awake > 0 && i < r->street_count; i++) {
        int error = step_street(r, i, &until);
        if (error != 0) return error;
    }
    return 0;
}

/* No packet reaches the edge in the window in which it entered the backhaul, so every arrival in a
 * window is known, and decided, when it begins. Proof: a packet gets to the edge through its
 * street's backhaul and by no other way; it enters there with EVENT_BACKHAUL_UP at some t in
 * [begin, end), since `begin` is not later than the earliest event of all streets and a handler
 * adds none before its own time; it leaves at t + latency or later (net_hop_push only adds to
 * that), and latency >= lookahead (the shortest of all backhauls, which no verb of the drill
 * changes); so at >= begin + lookahead >= end. Whatever the drill sends, it sends at a border, into
 * the homes' uplinks or the way down. */
static sim_time window_end(const run *r, sim_time begin, sim_time border) {
    sim_time second = (begin / SIM_SECOND + 1) * SIM_SECOND;
    sim_time end = sim_time_min(sim_time_add(begin, r->lookahead), second);
    return sim_time_min(end, border);
}

/* When nothing happens for long (no power anywhere), the clock is moved on in steps: so often
 * somebody looks up for Ctrl-C and shows the progress. */
#define IDLE_STEP SIM_HOUR

int run_drive_virtual(run *r, const run_drill *drill) {
    int error = run_resume(r, drill);
    while (error == 0 && !r->done && !run_stop_asked(r)) {
        sim_time border = sim_time_min(r->scenario_due, r->examiner.due);
        sim_time begin = sim_time_min(earliest(r), border);
        begin = sim_time_min(begin, sim_time_add(r->now, IDLE_STEP));
        sim_time end = begin < border ? window_end(r, begin, border) : begin;
        error = run_write_seconds(r, begin);
        r->measures.windows++;
        if (error == 0) error = decide_arrivals(r, end);
        if (error == 0) error = step_all(r, end);
        run_tapes_window(r);
        r->now = end;
        if (error == 0) error = run_write_seconds(r, end);
        if (error == 0) error = run_end_when_broken(r);
        if (error == 0 && end == r->examiner.due) error = run_examine(r);
        if (error == 0 && !r->done && end == r->scenario_due) error = run_resume(r, drill);
        run_progress_tick(r, false);
    }
    run_tapes_end(r);
    return error;
}
