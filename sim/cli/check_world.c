/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/check_world.h"
#include "sim/run/clock.h"
#include "sim/run/progress.h"

enum {
    HASTY_MAX = 100000,      /* waits of a second before a drill is taken to have no end */
    HURRY_AFTER = 1000000,   /* events: some seconds of a quiet machine */
    GIVE_UP_AFTER = 3000000, /* events */
};

static uint32_t smaller(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

void cli_check_shrink(fleet_spec *spec) {
    for (uint32_t i = 0; i < spec->zone_count; i++) {
        fleet_zone *zone = &spec->zones[i];
        uint32_t streets = smaller((zone->homes - 1) / zone->homes_per_street + 1, CLI_CHECK_HOMES);
        uint32_t homes = smaller(zone->homes, CLI_CHECK_HOMES);
        zone->homes_per_street = smaller(zone->homes_per_street, (homes - 1) / streets + 1);
        zone->homes = smaller(homes, zone->homes_per_street * streets);
    }
}

static int resume(void *context, run *r, bool met, run_wait *next) {
    cli_check_drill *d = context;
    int error = d->inner->resume(d->inner->context, r, met, next);
    if (error != 0 || next->kind == RUN_WAIT_DONE) return error;
    bool hurry = run_events(r) > HURRY_AFTER;
    sim_time latest = sim_time_add(run_now(r), hurry ? SIM_SECOND : SIM_DAY);
    next->until = sim_time_min(next->until, latest);
    d->hasty += hurry;
    if (d->hasty <= HASTY_MAX && run_events(r) <= GIVE_UP_AFTER) return 0;
    d->cut = true;
    *next = (run_wait){.kind = RUN_WAIT_DONE};
    return 0;
}

const run_drill *cli_check_drill_begin(cli_check_drill *d, const run_drill *inner) {
    *d = (cli_check_drill){.inner = inner};
    d->hooks = (run_drill){.context = d, .resume = resume};
    return &d->hooks;
}
