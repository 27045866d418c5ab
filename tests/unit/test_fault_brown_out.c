/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/fault_bench.h"

static const fleet_brown_out_order order = {.trigger = "brown-out",
                                            .lasting = 300 * SIM_MILLISECOND};

static int sag(run *r, void *context) {
    (void)context;
    return strike(r, &fleet_fault_brown_out, &story_all, &order);
}

static int sag_nobody(run *r, void *context) {
    (void)context;
    return strike(r, &fleet_fault_brown_out, &nobody, &order);
}

/* Everybody starts anew, behind routers that stay; its bad twin is a sag in a street that there is
 * not. */
static void test_who_is_struck(void **state) {
    (void)state;
    run *r = bench_struck(sag, STRIKE_S, STRIKE_S + 0.1);
    for (uint32_t d = 0; d < DEVICES; d++)
        assert_int_equal(fleet_street_state(r->streets[0], d), DEV_STATE_OFF);
    for (uint32_t h = 0; h < 4; h++) assert_true(r->streets[0]->homes[h].link_up);
    story_end(r);
    r = bench_struck(sag, STRIKE_S, STRIKE_S + 60);
    assert_int_equal(r->triggers[1].struck, DEVICES);
    assert_int_equal(story_online(r), DEVICES);
    story_end(r);
    r = bench_struck(sag_nobody, STRIKE_S, STRIKE_S + 0.1);
    assert_int_equal(r->triggers[1].struck, 0);
    assert_int_equal(story_online(r), DEVICES);
    story_end(r);
}

int main(void) {
    return run_bench(test_who_is_struck);
}
