/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Routers restart: the links go and come, the devices keep their power and come back. */
#include "tests/unit/fault_bench.h"

static int restart(run *r, void *context) {
    (void)context;
    return strike_restart_routers(r, &story_all, 10 * SIM_SECOND, "hub restart");
}

static int restart_nobody(run *r, void *context) {
    (void)context;
    return strike_restart_routers(r, &nobody, 10 * SIM_SECOND, "hub restart");
}

static void test(void **state) {
    (void)state;
    run *r = bench_struck(restart, STRIKE_S, STRIKE_S + 5);
    assert_int_equal(story_online(r), 0);
    for (uint32_t d = 0; d < DEVICES; d++)
        assert_int_equal(fleet_street_state(r->streets[0], d), DEV_STATE_WAITING_FOR_LINK);
    assert_int_equal(r->triggers[1].struck, DEVICES);
    story_end(r);
    r = bench_struck(restart, STRIKE_S, 600);
    assert_int_equal(story_online(r), DEVICES);
    story_end(r);
    r = bench_struck(restart_nobody, STRIKE_S, STRIKE_S + 5); /* bad twin */
    assert_int_equal(story_online(r), DEVICES);
    assert_int_equal(r->triggers[1].struck, 0);
    story_end(r);
}

int main(void) {
    return run_bench(test);
}
