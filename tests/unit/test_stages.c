/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cloud whose second stage is the bottleneck (design D6), in whole runs: it lets nobody through
 * although connections suffice, and a chain that is restarted makes it worse. */
#include "net/secure.h"
#include "sim/fleet/street_private.h"
#include "sim/run/run_private.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/unit/with_cmocka.h"

enum { HOMES = 20, DEVICES = 4 * HOMES };

typedef struct outcome {
    uint64_t online, attempts, passed, over, connections_over, refused;
} outcome;

/* Ten minutes of a fleet that is switched on within ten seconds; stage NULL: none. */
static outcome run_with(const cloud_stage *stage) {
    fleet_spec spec;
    static const story_step calm[] = {{600, NULL}};
    small_fleet_spec(&spec, HOMES, 10, 100, false);
    spec.zones[0].start_over = 10 * SIM_SECOND;
    if (stage != NULL) spec.cloud.stages[spec.cloud.stage_count++] = *stage;
    run *r = story_run(&spec, NULL, calm, NULL);
    outcome o = {.passed = r->capacity.stage_admitted,
                 .over = r->capacity.stage_over,
                 .connections_over = r->capacity.over[CLOUD_DEMAND_CONNECTION]};
    for (uint32_t i = 0; i < r->street_count; i++) {
        o.online += r->streets[i]->sums.online;
        o.attempts += r->streets[i]->edge.seen;
        o.refused += r->streets[i]->edge.rejections;
    }
    story_end(r);
    return o;
}

static void test_stages(void **state) {
    (void)state;
    const cloud_stage wide = {.word = "register", .per_s = 100, .queue = 100};
    cloud_stage narrow = {.word = "register", .per_s = 0.5, .queue = 1, .overload_cost = 1};
    outcome none = run_with(NULL), enough = run_with(&wide);
    assert_int_equal(none.online, DEVICES);
    assert_int_equal(none.passed, 0);
    assert_int_equal(enough.online, DEVICES);
    assert_int_equal(enough.passed, DEVICES);
    assert_int_equal(enough.over, 0);
    outcome stuck = run_with(&narrow);
    narrow.restarts = true;
    outcome again = run_with(&narrow);
    /* hardly anybody gets through, and the connections are not the reason */
    assert_true(stuck.online < DEVICES / 4 && stuck.over > DEVICES);
    assert_int_equal(stuck.connections_over, 0);
    assert_int_equal(stuck.refused, 0);
    assert_true(again.online < DEVICES / 4);
    /* the chain restarted: each failure is a connection more */
    assert_true(again.attempts > 2 * stuck.attempts);
    assert_true(again.refused > stuck.attempts);
}

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stages)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
