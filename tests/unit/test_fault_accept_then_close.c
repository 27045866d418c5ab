/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions are let in and closed again and again; said for 0 s nothing is. */
#include "sim/fleet/street_account.h"
#include "tests/unit/fault_bench.h"

static int close_soon(run *r, void *context) {
    (void)context;
    return strike_accept_then_close(r, SIM_SECOND, "close of sessions");
}

static int close_never(run *r, void *context) {
    (void)context;
    return strike_accept_then_close(r, 0, NULL);
}

static uint64_t closed(const run *r) {
    cloud_door_counts counts = {0};
    fleet_street_door_counts(r->streets[0], &counts);
    return counts.closed;
}

static void test(void **state) {
    (void)state;
    run *r = bench_struck(close_soon, STRIKE_S, 300);
    assert_true(closed(r) > 2 * DEVICES);
    assert_int_equal(r->triggers[1].struck, DEVICES);
    story_end(r);
    r = bench_struck(close_never, STRIKE_S, 300); /* bad twin */
    assert_int_equal(closed(r), 0);
    assert_int_equal(r->trigger_count, 1);
    story_end(r);
}

int main(void) {
    return run_bench(test);
}
