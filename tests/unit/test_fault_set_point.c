/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices that follow the cloud take the set-point; those that are not selected keep theirs. */
#include "tests/unit/fault_bench.h"

#include "devices/thermostat.h"

static int warmer(run *r, void *context) {
    (void)context;
    return strike_set_point(r, &story_all, 25);
}

static int warmer_for_nobody(run *r, void *context) {
    double celsius = 25;
    (void)context;
    return strike(r, &fleet_fault_set_point, &nobody, &celsius);
}

static uint32_t at_25(run *r) {
    uint32_t n = 0;
    for (uint32_t d = 0; d < DEVICES; d++)
        n += dev_thermostat_of(r->streets[0]->devices[d])->thermal.set_point_c == 25;
    return n;
}

static void test(void **state) {
    (void)state;
    run *r = bench_struck(warmer, STRIKE_S, 300);
    assert_int_equal(at_25(r), DEVICES);
    story_end(r);
    r = bench_struck(warmer_for_nobody, STRIKE_S, 300); /* bad twin */
    assert_int_equal(at_25(r), 0);
    story_end(r);
}

int main(void) {
    return run_bench(test);
}
