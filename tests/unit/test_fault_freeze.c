/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cloud that stands still answers nobody, and what devices send is not lost on them: they give
 * up. One that was frozen for a moment that nobody asks in is missed by none. */
#include "tests/unit/fault_bench.h"

static int freeze_long(run *r, void *context) {
    (void)context;
    return strike_freeze(r, 5 * SIM_MINUTE, "freeze");
}

static int freeze_short(run *r, void *context) {
    (void)context;
    return strike_freeze(r, 10 * SIM_MILLISECOND, "freeze");
}

static uint64_t failed(const run *r) {
    return r->streets[0]->sums.reports_failed;
}

static void test(void **state) {
    (void)state;
    run *r = bench_struck(freeze_long, STRIKE_S, 300);
    assert_int_equal(r->triggers[1].struck, DEVICES);
    assert_true(failed(r) >= DEVICES);
    story_end(r);
    r = bench_struck(freeze_short, STRIKE_S, 300); /* bad twin */
    assert_int_equal(failed(r), 0);
    story_end(r);
}

int main(void) {
    return run_bench(test);
}
