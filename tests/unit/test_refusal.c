/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cloud that refuses at once: what its devices see, and when they come again. Whole runs of a
 * street in the virtual world, on links without jitter, so that times can be reckoned. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cloud/counts.h"
#include "sim/fleet/street_account.h"
#include "sim/run/run_private.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/unit/with_cmocka.h"

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

/* There and back again: two links of 8 and 15 ms. */
#define ROUND_TRIP (2 * (8 + 15) * SIM_MILLISECOND)

static run *run_street_of(cloud_over over, dev_law law, double loss, double seconds) {
    const story_step steps[] = {{seconds, NULL}};
    fleet_spec spec;
    small_fleet_spec(&spec, 25, 25, 1, true);
    spec.cloud.over = over;
    fleet_zone *z = &spec.zones[0];
    z->uplink = (net_hop_settings){.latency = 8 * SIM_MILLISECOND, .loss = loss};
    z->backhaul = (net_hop_settings){.latency = 15 * SIM_MILLISECOND};
    z->start_over = 10 * SIM_SECOND;
    z->groups[0].profile.law = law;
    return story_run(&spec, NULL, steps, NULL);
}

static const dev_law fixed = {
    .kind = DEV_LAW_FIXED, .base = 10 * SIM_SECOND, .cap = SIM_NEVER, .factor = 1};

/* From one attempt of a device to its next: `least` and `most` over all that were followed by one.
 */
static size_t pauses_after(const run *r, record_outcome outcome, sim_time *least, sim_time *most) {
    size_t n = 0;
    *least = SIM_NEVER;
    *most = 0;
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        if (a->outcome != (uint8_t)outcome) continue;
        for (size_t j = i + 1; j < r->attempts.count; j++) {
            const record_attempt *b = &r->attempts.items[j];
            if (b->device != a->device) continue;
            *least = sim_time_min(*least, b->at - a->at);
            *most = sim_time_max(*most, b->at - a->at);
            n++;
            break;
        }
    }
    return n;
}

static void test_the_pause_counts_from_the_refusal(void **state) {
    (void)state;
    sim_time least, most;
    run *r = run_street_of(CLOUD_OVER_REFUSE, fixed, 0, 120);
    assert_int_equal(run_merge_attempts(r), 0);
    assert_true(pauses_after(r, RECORD_OUTCOME_REFUSED, &least, &most) > 100);
    assert_int_equal(least, ROUND_TRIP + fixed.base);
    assert_int_equal(most, ROUND_TRIP + fixed.base);
    for (size_t i = 0; i < r->attempts.count; i++) { /* refused is refused at once */
        const record_attempt *a = &r->attempts.items[i];
        assert_true(a->outcome == RECORD_OUTCOME_REFUSED || a->outcome == RECORD_OUTCOME_ONLINE);
        if (a->outcome == RECORD_OUTCOME_REFUSED) assert_int_equal(a->latency, 0);
    }
    story_end(r);
    /* Bad twin: who is dropped learns it from a time-out only. */
    r = run_street_of(CLOUD_OVER_DROP, fixed, 0, 120);
    assert_int_equal(run_merge_attempts(r), 0);
    assert_true(pauses_after(r, RECORD_OUTCOME_DROPPED, &least, &most) > 10);
    assert_true(least >= fixed.base + 30 * SIM_SECOND);
    assert_int_equal(pauses_after(r, RECORD_OUTCOME_REFUSED, &least, &most), 0);
    story_end(r);
}

/* Doubling pauses double, each counted from its refusal. */
static void test_a_growing_law_grows(void **state) {
    (void)state;
    const dev_law doubling = {
        .kind = DEV_LAW_EXPONENTIAL, .base = 5 * SIM_SECOND, .cap = 80 * SIM_SECOND, .factor = 2};
    run *r = run_street_of(CLOUD_OVER_REFUSE, doubling, 0, 60);
    sim_time last[100] = {0};
    uint32_t checked = 0;
    assert_int_equal(run_merge_attempts(r), 0);
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        if (a->number > 1) {
            assert_int_equal(a->at - last[a->device],
                             ROUND_TRIP + (doubling.base << (a->number - 2)));
            checked++;
        }
        last[a->device] = a->at;
    }
    assert_true(checked > 100);
    story_end(r);
}

/* The first second takes what the bucket holds and what comes into it, each second after it what
 * comes. */
static void test_all_get_in_at_the_rate(void **state) {
    (void)state;
    run *r = run_street_of(CLOUD_OVER_REFUSE, fixed, 0, 600);
    fleet_sums sums;
    fleet_ledger ledger;
    run_sum(r, &sums, &ledger);
    assert_int_equal(story_online(r), 100);
    assert_int_equal(r->capacity.admitted[CLOUD_DEMAND_CONNECTION], 100);
    assert_true(sums.ends[NET_END_REFUSED] > 100);
    assert_int_equal(sums.ends[NET_END_REFUSED], r->capacity.over[CLOUD_DEMAND_CONNECTION]);
    assert_int_equal(ledger.dropped_over, r->capacity.over[CLOUD_DEMAND_CONNECTION]);
    cloud_door_counts doors = {0};
    fleet_street_door_counts(r->streets[0], &doors);
    assert_int_equal(doors.sessions_opened, 100); /* none is begun in vain */
    story_end(r);
}

/* The word of a refusal may be lost like any other packet: then the device's own timers go on. The
 * run's ledger (check_ledger) balances all the same. */
static void test_a_refusal_can_be_lost(void **state) {
    (void)state;
    sim_time least, most;
    run *r = run_street_of(CLOUD_OVER_REFUSE, fixed, 0.3, 120);
    assert_int_equal(run_merge_attempts(r), 0);
    assert_true(pauses_after(r, RECORD_OUTCOME_REFUSED, &least, &most) > 50);
    assert_int_equal(least, ROUND_TRIP + fixed.base);
    assert_true(most > ROUND_TRIP + fixed.base);
    story_end(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_pause_counts_from_the_refusal),
        cmocka_unit_test(test_a_growing_law_grows),
        cmocka_unit_test(test_all_get_in_at_the_rate),
        cmocka_unit_test(test_a_refusal_can_be_lost),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
