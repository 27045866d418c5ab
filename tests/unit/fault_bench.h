/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/fault_bench.h - sixteen devices in four homes, struck at a second: what the tests of
 * single faults share. At second 0 nobody is online yet, at STRIKE_S everybody is. */
#ifndef TESTS_FAULT_BENCH_H
#define TESTS_FAULT_BENCH_H

#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"
#include "sim/run/run_private.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/support/strikes.h"
#include "tests/unit/with_cmocka.h"

enum { DEVICES = 16, STRIKE_S = 120 };

/* Homes of the fleet that no selection of a second street finds. */
static const fleet_selection nobody = {
    .zone = UINT32_MAX, .filter_count = 1, .filters = {{.kind = FLEET_FILTER_STREET, .number = 2}}};

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static inline void bench_spec(fleet_spec *spec) {
    small_fleet_spec(spec, 4, 4, 50, true);
    spec->zones[0].start_over = 10 * SIM_SECOND;
    spec->zones[0].router_boot_minimum = spec->zones[0].router_boot_maximum = 5 * SIM_SECOND;
    spec->zones[0].groups[0].profile.report_every = 20 * SIM_SECOND;
    spec->zones[0].groups[0].profile.law.initial_window = 5 * SIM_SECOND;
}

/* The run, struck by `act` at `at_s`, at `end_s`. */
static inline run *bench_struck(int (*act)(run *r, void *context), double at_s, double end_s) {
    const story_step steps[] = {{at_s, act}, {end_s, NULL}};
    fleet_spec spec;
    bench_spec(&spec);
    return story_run(&spec, NULL, steps, NULL);
}

static inline int run_bench(void (*test)(void **state)) {
    const struct CMUnitTest tests[] = {{"the fault and its bad twin", test, NULL, NULL, NULL}};
    return cmocka_run_group_tests(tests, set_up, NULL);
}

#endif
