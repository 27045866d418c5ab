/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real world: the same streets, the same step; what differs is that time
 * comes from the clock and the far end of the path is a socket. One thread and one libuv loop. */
#include <stdio.h>
#include <time.h>

#include "net/protocol.h"
#include "net/real_fleet.h"
#include "net/real_loop.h"
#include "sim/cloud/edge.h"
#include "sim/fleet/street.h"
#include "sim/fleet/street_account.h"
#include "sim/run/run_private.h"
#include "sim/run/target.h"

enum { REFUSALS_ENOUGH = 5 };
#define PATIENCE (5 * SIM_SECOND)

typedef struct real_world {
    run *r;
    const run_drill *drill;
    net_real_loop *loop;
    net_real_fleet *fleet;
    int error;
    sim_time share_since, share_cpu; /* the beginning of this second, and our processor time then */
} real_world;

/* ---- the wire ---- */

static int wire_open(void *wire, uint32_t device) {
    real_world *w = wire;
    return net_real_fleet_open(w->fleet, device);
}

static void wire_close(void *wire, uint32_t device, bool silent) {
    real_world *w = wire;
    if (silent)
        net_real_fleet_desert(w->fleet, device);
    else
        net_real_fleet_close(w->fleet, device);
}

static int wire_send(void *wire, uint32_t device, const uint8_t *datagram, size_t n) {
    real_world *w = wire;
    return net_real_fleet_send(w->fleet, device, datagram, n);
}

static fleet_street *street_of(run *r, uint32_t device) {
    uint32_t low = 0;
    uint32_t high = r->street_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (fleet_street_first_device(r->streets[middle]) <= device)
            low = middle;
        else
            high = middle;
    }
    return r->streets[low];
}

/* ---- turns of the loop ---- */

static sim_time next_due(const run *r) {
    sim_time t = r->scenario_due;
    for (uint32_t i = 0; i < r->street_count; i++)
        t = sim_time_min(t, fleet_street_next(r->streets[i]));
    return t;
}

/* How late the earliest event of this turn is: the generator's own slowness, which design D10 wants
 * told. */
static int note_lateness(run *r, sim_time now) {
    sim_time due = next_due(r);
    return due > now ? 0 : sim_histogram_add(&r->measures.lateness, now - due);
}

static int step_streets(run *r, sim_time until) {
    for (uint32_t i = 0; i < r->street_count; i++) {
        fleet_street *s = r->streets[i];
        int error = until > fleet_street_now(s) ? fleet_street_step(s, until) : 0;
        if (error != 0) return error;
    }
    r->now = until;
    return 0;
}

static sim_time processor_time(void) {
    struct timespec t;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0) return 0;
    return (sim_time)t.tv_sec * SIM_SECOND + t.tv_nsec;
}

/* How much of a processor this process had in each second: near to one, it had all that one thread
 * can use. */
static void note_share(real_world *w, sim_time now) {
    sim_time cpu = processor_time();
    sim_time passed = now - w->share_since;
    if (passed < SIM_SECOND) return;
    double share = (double)(cpu - w->share_cpu) / (double)passed;
    run_measures *m = &w->r->measures;
    if (share > m->share_most) m->share_most = share;
    w->share_since = now;
    w->share_cpu = cpu;
}

/* Everything due up to `now`, in the order of the plan even when the turn comes late: the drill's
 * moments are kept to the nanosecond, and the rows of series.csv are cut at whole seconds. */
static int catch_up(real_world *w, sim_time now) {
    run *r = w->r;
    int error = r->done ? 0 : note_lateness(r, now);
    while (error == 0 && !r->done && (r->now < now || r->scenario_due <= now)) {
        sim_time border = (r->now / SIM_SECOND + 1) * SIM_SECOND;
        sim_time due = sim_time_max(r->scenario_due, r->now);
        sim_time until = sim_time_min(now, sim_time_min(border, due));
        error = step_streets(r, until);
        if (error == 0) error = run_write_seconds(r, until);
        if (error == 0) error = run_end_when_broken(r);
        if (error == 0 && !r->done && until == due) error = run_resume(r, w->drill);
    }
    return error;
}

/* What was due comes before what arrives, the drill's moments too: no street may be ahead of the
 * drill. */
static void received(void *context, uint32_t device, const uint8_t *datagram, size_t n,
                     sim_time waited) {
    real_world *w = context;
    run *r = w->r;
    sim_time now = net_real_loop_now(w->loop);
    if (w->error == 0) w->error = sim_histogram_add(&r->measures.unread, waited);
    if (w->error == 0) w->error = catch_up(w, now);
    if (w->error == 0 && !r->done)
        w->error = fleet_street_from_wire(street_of(r, device), now, device, datagram, n);
}

static sim_time loop_time(void *context) {
    const real_world *w = context;
    return net_real_loop_now(w->loop);
}

static void wait_for_more(real_world *w) {
    net_real_fleet_flush(w->fleet);
    sim_time due = sim_time_min(next_due(w->r), net_real_fleet_deadline(w->fleet));
    net_real_loop_turn(w->loop, due);
}

/* A target that refuses every datagram and answers none will not change its mind: the run need not
 * go on to the drill's end. */
static bool is_hopeless(const real_world *w) {
    const net_real_fleet_counts *c = net_real_fleet_count(w->fleet);
    return c->received == 0 && c->refused >= REFUSALS_ENOUGH && w->r->now >= PATIENCE;
}

/* A target that refuses whoever comes, as one that knows no registration does: every attempt so far
 * was answered so, and nobody was ever online. */
static bool is_unwanted(const real_world *w) {
    const run *r = w->r;
    uint64_t refused = 0;
    uint64_t come = 0;
    if (r->now < PATIENCE) return false;
    for (uint32_t i = 0; i < r->street_count; i++) {
        const fleet_sums *sums = fleet_street_sums(r->streets[i]);
        refused += sums->attempts_failed[DEV_EVENT_REFUSED];
        come += sums->online + sums->reports_answered + fleet_street_edge(r->streets[i])->successes;
    }
    return come == 0 && refused >= REFUSALS_ENOUGH;
}

static int say_unwanted(run *r) {
    fleet_sums sums;
    fleet_ledger ledger;
    char line[RUN_STORY_TEXT];
    run_sum(r, &sums, &ledger);
    const char *refusal = run_commonest_refusal(&sums);
    (void)snprintf(line, sizeof line, "the target refuses every device%s%s: the run ends here",
                   refusal != NULL ? " with " : "", refusal != NULL ? refusal : "");
    return run_add_line(r, line);
}

static int turn_until_done(real_world *w) {
    run *r = w->r;
    int error = run_resume(r, w->drill);
    while (error == 0 && !r->done) {
        if (run_stop_asked(r)) break;
        if (is_hopeless(w))
            return run_add_line(r, "nobody listens at the target: the run ends here");
        if (is_unwanted(w)) return say_unwanted(r);
        wait_for_more(w);
        sim_time now = net_real_loop_now(w->loop);
        error = w->error != 0 ? w->error : catch_up(w, now);
        note_share(w, now);
        run_tapes_window(r);
        run_progress_tick(r, false);
    }
    return error;
}

/* ---- begin and end ---- */

static int open_fleet(real_world *w) {
    run *r = w->r;
    const run_target *t = r->target;
    net_real_fleet_config config = {.loop = net_real_loop_uv(w->loop),
                                    .target = t->address,
                                    .devices = (uint32_t)r->devices,
                                    .streams = t->protocol->transport == NET_STREAM,
                                    .source_bits = t->source_bits,
                                    .received = received,
                                    .now = loop_time,
                                    .context = w};
    memcpy(config.source_prefix, t->source_prefix, sizeof config.source_prefix);
    w->fleet = net_real_fleet_new(&config, r->why, sizeof r->why);
    if (w->fleet != NULL) return 0;
    r->error = SIM_EIO; /* keeps the fleet's own words */
    return SIM_EIO;
}

static void close_world(real_world *w) {
    run *r = w->r;
    for (uint32_t i = 0; i < r->street_count; i++) fleet_street_unplug(r->streets[i]);
    r->shared.wire = NULL;
    if (w->fleet != NULL) net_real_fleet_close_all(w->fleet);
    if (w->fleet != NULL) r->wire_count = *net_real_fleet_count(w->fleet);
    net_real_fleet_free(w->fleet);
    net_real_loop_free(w->loop);
}

int run_drive_real(run *r, const run_drill *drill) {
    real_world w = {.r = r, .drill = drill, .loop = net_real_loop_new()};
    if (w.loop == NULL) return SIM_ENOMEM;
    r->shared.wire = &w;
    r->shared.wire_open = wire_open;
    r->shared.wire_close = wire_close;
    r->shared.wire_send = wire_send;
    int error = open_fleet(&w);
    if (error == 0) {
        net_real_loop_restart(w.loop);
        w.share_cpu = processor_time();
        error = turn_until_done(&w);
    }
    close_world(&w);
    run_tapes_end(r);
    return error;
}
