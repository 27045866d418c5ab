/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A service that is not the makers' goes down: who talks to it looks for it, and the makers' cloud
 * sees nothing of that. A device that drops both sessions is seen there, and one that nobody ever
 * let talk to such a service is not struck. */
#include "sim/run/strike.h"
#include "tests/unit/fault_bench.h"

static const fleet_non_associated_order gone = {.trigger = "non-associated outage",
                                                .lasting = 2 * SIM_MINUTE};

static int strike_other(run *r, void *context) {
    (void)context;
    return strike(r, &fleet_fault_non_associated_outage, &story_all, &gone);
}

static void other_spec(fleet_spec *spec, dev_variant variant) {
    bench_spec(spec);
    fleet_group *g = &spec->zones[0].groups[0];
    g->non_associated = g->profile;
    g->non_associated.model = &fleet_non_associated_model;
    g->non_associated.law = (dev_law){.kind = DEV_LAW_FIXED, .base = 5 * SIM_SECOND, .factor = 2};
    g->non_associated.follows = false;
    g->profile.household = variant != DEV_VARIANT_SOUND;
    g->profile.probe_every = SIM_HOUR;
    g->profile.variant = variant;
}

static run *struck(dev_variant variant) {
    static const story_step steps[] = {{STRIKE_S, strike_other}, {600, NULL}};
    fleet_spec spec;
    other_spec(&spec, variant);
    return story_run(&spec, NULL, steps, NULL);
}

static size_t attempts_for_it(const run *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->attempts.count; i++) n += r->attempts.items[i].trigger == 1 ? 1 : 0;
    return n;
}

static const fleet_sums *sums(const run *r) {
    return &r->streets[0]->sums;
}

static void test(void **state) {
    (void)state;
    run *r = struck(DEV_VARIANT_SOUND);
    assert_int_equal(run_gather(r), 0);
    assert_int_equal(r->triggers[1].struck, DEVICES);
    assert_int_equal(sums(r)->other_lost, DEVICES);
    assert_int_equal(sums(r)->other_online, DEVICES); /* they are back */
    assert_true(sums(r)->other_attempts > 3 * DEVICES);
    assert_int_equal(attempts_for_it(r), 0);
    assert_int_equal(r->attempts.count, DEVICES); /* of the start alone */
    story_end(r);
    r = struck(DEV_VARIANT_DROPS_BOTH); /* bad twin */
    assert_int_equal(run_gather(r), 0);
    assert_int_equal(attempts_for_it(r), DEVICES);
    story_end(r);
}

static void test_nobody_talks_to_it(void **state) {
    char why[FLEET_FAULT_WHY];
    static const story_step steps[] = {{STRIKE_S, NULL}};
    fleet_spec spec;
    (void)state;
    bench_spec(&spec);
    run *r = story_run(&spec, NULL, steps, NULL);
    r->in_drill = true;
    assert_int_equal(
        run_strike(r, &fleet_fault_non_associated_outage, &story_all, &gone, why, sizeof why),
        SIM_ERANGE);
    assert_non_null(strstr(why, "non_associated"));
    story_end(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test),
                                       cmocka_unit_test(test_nobody_talks_to_it)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
