/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real world: the same streets, the same step; what differs is that time
 * comes from the clock and the far end of the path is a socket. One thread and one libuv loop. */
#include "net/real_fleet.h"
#include "net/real_loop.h"
#include "sim/run/run_private.h"

enum { REFUSALS_ENOUGH = 5 };
#define PATIENCE (5 * SIM_SECOND)

typedef struct real_world {
    run *r;
    const run_drill *drill;
    net_real_loop *loop;
    net_real_fleet *fleet;
    int error;
} real_world;

/* ---- the wire ---- */

static int wire_open(void *wire, uint32_t device) {
    real_world *w = wire;
    return net_real_fleet_open(w->fleet, device);
}

static void wire_close(void *wire, uint32_t device) {
    real_world *w = wire;
    net_real_fleet_close(w->fleet, device);
}

static int wire_send(void *wire, uint32_t device, const uint8_t *datagram, size_t n) {
    real_world *w = wire;
    return net_real_fleet_send(w->fleet, device, datagram, n);
}

static run_street *street_of(run *r, uint32_t device) {
    uint32_t low = 0;
    uint32_t high = r->street_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (r->streets[middle].first_device <= device)
            low = middle;
        else
            high = middle;
    }
    return &r->streets[low];
}

/* How late the earliest event at hand is: the generator's own slowness, which design D10 wants told. */
static int note_late(run *r, sim_time due, sim_time now) {
    return due > now ? 0 : sim_histogram_add(&r->measures.lateness, now - due);
}

/* What was due in that street goes first, as late as it is. */
static void received(void *context, uint32_t device, const uint8_t *datagram, size_t n) {
    real_world *w = context;
    run_street *s = street_of(w->r, device);
    sim_time now = net_real_loop_now(w->loop);
    int error = note_late(w->r, run_street_next(s), now);
    if (error == 0) error = run_street_from_wire(s, now, device, datagram, n);
    if (error != 0 && w->error == 0) w->error = error;
}

/* ---- turns of the loop ---- */

static sim_time next_due(const run *r) {
    sim_time t = r->scenario_due;
    for (uint32_t i = 0; i < r->street_count; i++) t = sim_time_min(t, run_street_next(&r->streets[i]));
    return t;
}

static int step_streets(run *r, sim_time until) {
    for (uint32_t i = 0; i < r->street_count; i++) {
        run_street *s = &r->streets[i];
        int error = until > s->shard.now ? run_street_step(s, until) : 0;
        if (error != 0) return error;
    }
    r->now = until;
    return 0;
}

/* Everything due up to `now`: the drill's moments are kept to the nanosecond of the plan even when the turn comes late. */
static int catch_up(run *r, const run_drill *drill, sim_time now) {
    int error = note_late(r, next_due(r), now);
    while (error == 0 && !r->done && r->scenario_due <= now) {
        sim_time due = sim_time_max(r->scenario_due, r->now);
        error = step_streets(r, due);
        if (error == 0) error = run_resume(r, w->drill);
    }
    if (error == 0 && !r->done && now > r->now) error = step_streets(r, now);
    return error == 0 ? run_write_seconds(r, r->now) : error;
}

/* What was due comes before what arrives, the drill's moments too: no street may be ahead of the drill. */
static void received(void *context, uint32_t device, const uint8_t *datagram, size_t n) {
    real_world *w = context;
    run *r = w->r;
    sim_time now = net_real_loop_now(w->loop);
    if (w->error == 0) w->error = catch_up(w, now);
    if (w->error == 0 && !r->done)
        w->error = run_street_from_wire(street_of(r, device), now, device, datagram, n);
}

static void wait_for_more(real_world *w) {
    net_real_fleet_flush(w->fleet);
    net_real_loop_turn(w->loop, next_due(w->r));
}

static int turn_until_done(real_world *w) {
    run *r = w->r;
    int error = run_resume(r, w->drill);
    while (error == 0 && !r->done) {
        r->interrupted = r->options.stop != NULL && *r->options.stop != 0;
        if (r->interrupted) break;
        if (is_hopeless(w)) return run_say(r, "nobody listens at the target: the run ends here");
        wait_for_more(w);
        error = w->error != 0 ? w->error : catch_up(w, net_real_loop_now(w->loop));
        run_progress_tick(r, false);
    }
    return error;
}

/* ---- begin and end ---- */

static int open_fleet(real_world *w) {
    run *r = w->r;
    net_real_fleet_config config = {.loop = net_real_loop_uv(w->loop),
                                    .target = r->options.target.address,
                                    .devices = (uint32_t)r->devices,
                                    .source_bits = r->options.target.source_bits,
                                    .received = received,
                                    .context = w};
    memcpy(config.source_prefix, r->options.target.source_prefix, sizeof config.source_prefix);
    w->fleet = net_real_fleet_new(&config, r->why, sizeof r->why);
    if (w->fleet != NULL) return 0;
    r->error = SIM_EIO; /* keeps the fleet's own words */
    return SIM_EIO;
}

static void close_world(real_world *w) {
    run *r = w->r;
    for (uint32_t i = 0; i < r->street_count; i++) run_street_unplug(&r->streets[i]);
    r->commons.wire = NULL;
    if (w->fleet != NULL) r->wire_count = *net_real_fleet_count(w->fleet);
    net_real_fleet_free(w->fleet);
    net_real_loop_free(w->loop);
}

int run_drive_real(run *r, const run_drill *drill) {
    real_world w = {.r = r, .drill = drill, .loop = net_real_loop_new()};
    if (w.loop == NULL) return SIM_ENOMEM;
    r->commons.wire = &w;
    r->commons.wire_open = wire_open;
    r->commons.wire_close = wire_close;
    r->commons.wire_send = wire_send;
    int error = open_fleet(&w);
    if (error == 0) {
        net_real_loop_restart(w.loop);
        error = turn_until_done(&w);
    }
    close_world(&w);
    return error;
}
