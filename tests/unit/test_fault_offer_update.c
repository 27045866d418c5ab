/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices that take updates take the one that is offered; of a fleet without them nobody does. */
#include "tests/unit/fault_bench.h"

static int offer(run *r, void *context) {
    const fleet_update_order order = {.version = 2, .bytes = 3000, .trigger = "update wave"};
    int *error = context;
    *error = strike(r, &fleet_fault_offer_update, &story_all, &order);
    return 0;
}

static void test(void **state) {
    (void)state;
    static const story_step steps[] = {{STRIKE_S, offer}, {600, NULL}};
    fleet_spec spec;
    for (int takes = 0; takes <= 1; takes++) { /* without: the bad twin */
        uint32_t running = 0;
        int error = 0;
        bench_spec(&spec);
        spec.zones[0].groups[0].profile.updates = takes == 1;
        run *r = story_run(&spec, NULL, steps, &error);
        for (uint32_t d = 0; d < DEVICES; d++)
            running += dev_update_version(r->streets[0]->devices[d]) == 2;
        assert_int_equal(error, takes == 1 ? 0 : SIM_ERANGE);
        assert_int_equal(running, takes == 1 ? DEVICES : 0);
        story_end(r);
    }
}

int main(void) {
    return run_bench(test);
}
