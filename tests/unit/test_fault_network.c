/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A black hole takes the service, and who lost it comes back under its name; where nothing was cut
 * nobody comes. */
#include "tests/unit/fault_bench.h"

static int cut(run *r, void *context) {
    (void)context;
    return strike_network(r, &story_all, false, NULL);
}

static int restore(run *r, void *context) {
    (void)context;
    return strike_network(r, &story_all, true, "network restore");
}

static void test(void **state) {
    (void)state;
    static const story_step steps[] = {{STRIKE_S, cut}, {600, restore}, {1200, NULL}};
    fleet_spec spec;
    bench_spec(&spec);
    run *r = bench_struck(cut, STRIKE_S, 600);
    assert_int_equal(story_online(r), 0);
    for (uint32_t h = 0; h < 4; h++) assert_true(r->streets[0]->homes[h].link_up);
    story_end(r);
    r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(story_online(r), DEVICES);
    assert_int_equal(r->triggers[1].struck, DEVICES);
    story_end(r);
    r = bench_struck(restore, STRIKE_S, 600); /* bad twin */
    assert_int_equal(story_online(r), DEVICES);
    assert_int_equal(r->triggers[1].struck, 0);
    story_end(r);
}

/* Homes with lines of the one provider and the mobile network of another, by whom the second kind
 * of device speaks: each loses what is his own. */
static const fleet_selection of_cells = {
    .zone = UINT32_MAX,
    .filter_count = 1,
    .filters = {{.kind = FLEET_FILTER_ISP, .text = "cell net"}}};
static const fleet_selection of_lines = {
    .zone = UINT32_MAX,
    .filter_count = 1,
    .filters = {{.kind = FLEET_FILTER_ISP, .text = "north net"}}};

static int cut_cells(run *r, void *context) {
    (void)context;
    return strike_network(r, &of_cells, false, NULL);
}

static int cut_lines(run *r, void *context) {
    (void)context;
    return strike_network(r, &of_lines, false, NULL);
}

static uint32_t online_over(const run *r, fleet_over over) {
    const fleet_street *s = r->streets[0];
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->device_count; i++)
        n += fleet_street_access_of(s, i)->over == over && fleet_street_is_online(s, i);
    return n;
}

static void test_each_provider_is_its_own(void **state) {
    static const story_step cells[] = {{STRIKE_S, cut_cells}, {600, NULL}};
    static const story_step lines[] = {{STRIKE_S, cut_lines}, {600, NULL}};
    fleet_spec spec;
    (void)state;
    bench_spec(&spec);
    fleet_zone *z = &spec.zones[0];
    (void)snprintf(z->isp, sizeof z->isp, "north net");
    (void)snprintf(z->mobile_isp, sizeof z->mobile_isp, "cell net");
    z->mobile = z->uplink;
    z->mast_first = z->mast_second = SIM_HOUR;
    z->groups[1] = z->groups[0];
    z->groups[1].access.over = FLEET_OVER_MOBILE;
    z->group_count = 2;
    run *r = story_run(&spec, NULL, cells, NULL);
    assert_int_equal(online_over(r, FLEET_OVER_ROUTER), DEVICES);
    assert_int_equal(online_over(r, FLEET_OVER_MOBILE), 0);
    story_end(r);
    r = story_run(&spec, NULL, lines, NULL);
    assert_int_equal(online_over(r, FLEET_OVER_ROUTER), 0);
    assert_int_equal(online_over(r, FLEET_OVER_MOBILE), DEVICES);
    story_end(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test),
                                       cmocka_unit_test(test_each_provider_is_its_own)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
