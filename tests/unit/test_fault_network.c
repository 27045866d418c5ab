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

int main(void) {
    return run_bench(test);
}
