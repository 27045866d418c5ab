/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batteries are empty, and stay so until somebody replaces them; on the mains there is none. */
#include <string.h>

#include "sim/run/strike.h"
#include "tests/unit/fault_bench.h"

static int put_in(run *r, void *context) {
    (void)context;
    return strike(r, &fleet_fault_replace_battery, &story_all, NULL);
}

static uint64_t online(const run *r) {
    return r->streets[0]->sums.online;
}

/* With the radio on all the time a joule is gone within half a minute. */
static void battery_spec(fleet_spec *spec) {
    bench_spec(spec);
    dev_profile *p = &spec->zones[0].groups[0].profile;
    p->household = p->battery = true;
    p->probe_every = SIM_HOUR;
    p->charge_j = 2;
}

static void test(void **state) {
    static const story_step with[] = {{STRIKE_S, put_in}, {STRIKE_S + 15, NULL}};
    static const story_step without[] = {{STRIKE_S, NULL}, {STRIKE_S + 15, NULL}};
    fleet_spec spec;
    (void)state;
    battery_spec(&spec);
    run *r = story_run(&spec, NULL, with, NULL);
    assert_int_equal(r->triggers[1].struck, DEVICES);
    assert_int_equal(online(r), DEVICES);
    size_t of_it = 0;
    assert_int_equal(run_gather(r), 0);
    for (size_t i = 0; i < r->attempts.count; i++) of_it += r->attempts.items[i].trigger == 1;
    assert_int_equal(of_it, DEVICES);
    story_end(r);
    r = story_run(&spec, NULL, without, NULL); /* bad twin */
    assert_int_equal(online(r), 0);
    story_end(r);
}

static void test_on_the_mains(void **state) {
    static const story_step steps[] = {{STRIKE_S, NULL}};
    char why[FLEET_FAULT_WHY];
    fleet_spec spec;
    (void)state;
    bench_spec(&spec);
    run *r = story_run(&spec, NULL, steps, NULL);
    r->in_drill = true;
    assert_int_equal(run_strike(r, &fleet_fault_replace_battery, &story_all, NULL, why, sizeof why),
                     SIM_ERANGE);
    assert_non_null(strstr(why, "battery"));
    story_end(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test), cmocka_unit_test(test_on_the_mains)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
