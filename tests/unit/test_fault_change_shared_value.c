/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is online changes the value that the street shares, each once; who is not does not. */
#include "tests/unit/fault_bench.h"

static int change(run *r, void *context) {
    (void)context;
    return strike(r, &fleet_fault_change_shared_value, &story_all, NULL);
}

static void test(void **state) {
    (void)state;
    run *r = bench_struck(change, STRIKE_S, 900);
    assert_int_equal(r->streets[0]->changes_wanted, DEVICES);
    assert_int_equal(r->streets[0]->service.counts.value_changes, DEVICES);
    story_end(r);
    r = bench_struck(change, 0, 900); /* bad twin */
    assert_int_equal(r->streets[0]->changes_wanted, 0);
    assert_int_equal(r->streets[0]->service.counts.value_changes, 0);
    story_end(r);
}

int main(void) {
    return run_bench(test);
}
