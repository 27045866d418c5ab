/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/fault_bench.h"

static int cut(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, false, NULL);
}

static int restore(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, true, "power restore");
}

static int set_server(run *r, fleet_server_order order) {
    return strike(r, &fleet_fault_server, &story_all, &order);
}

static int lose_names(run *r, void *context) {
    (void)context;
    return set_server(r, (fleet_server_order){.which = FLEET_SERVER_NAME, .gone = true});
}

static int mend_names(run *r, void *context) {
    (void)context;
    return set_server(
        r, (fleet_server_order){.which = FLEET_SERVER_NAME, .answers_after = FLEET_SERVER_AFTER});
}

static run *told(const story_step *steps, bool chain) {
    fleet_spec spec;
    bench_spec(&spec);
    if (chain) spec.zones[0].groups[0].access.chain = &fleet_chain_kinds[0];
    return story_run(&spec, NULL, steps, NULL);
}

static uint64_t asked(const run *r, fleet_server which) {
    return r->streets[0]->sums.asked[which];
}

/* After a power cut nobody comes online before the names are back. Each asks for its address once,
 * and for a name again and again; the bad twin needs no names, and asks nobody. */
static void test_names_are_gone(void **state) {
    (void)state;
    static const story_step gone[] = {{10, lose_names}, {120, cut}, {130, restore}, {400, NULL}};
    static const story_step back[] = {
        {100, lose_names}, {120, cut}, {130, restore}, {400, mend_names}, {900, NULL}};
    run *r = told(gone, true);
    assert_int_equal(story_online(r), 0);
    story_end(r);
    r = told(back, true);
    assert_int_equal(story_online(r), DEVICES);
    assert_int_equal(asked(r, FLEET_SERVER_ADDRESS), 2 * DEVICES);
    assert_true(asked(r, FLEET_SERVER_NAME) >= 5 * DEVICES);
    assert_int_equal(asked(r, FLEET_SERVER_TIME), 2 * DEVICES);
    assert_int_equal(r->streets[0]->sums.chains, 2 * DEVICES);
    story_end(r);
    r = told(gone, false);
    assert_int_equal(story_online(r), DEVICES);
    assert_int_equal(asked(r, FLEET_SERVER_ADDRESS), 0);
    story_end(r);
}

static int restart(run *r, void *context) {
    (void)context;
    return strike_restart_routers(r, &story_all, 10 * SIM_SECOND, "routers");
}

/* A lost link costs the address alone: name and time are known. */
static void test_a_lost_link(void **state) {
    (void)state;
    static const story_step steps[] = {{120, restart}, {400, NULL}};
    run *r = told(steps, true);
    assert_int_equal(story_online(r), DEVICES);
    assert_int_equal(asked(r, FLEET_SERVER_ADDRESS), 2 * DEVICES);
    assert_int_equal(asked(r, FLEET_SERVER_NAME), DEVICES);
    story_end(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names_are_gone),
                                       cmocka_unit_test(test_a_lost_link)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
