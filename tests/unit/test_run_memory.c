/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run takes and gives back: every allocation fails once and for good; memory does not grow
 * with the length of a run (design section 4). */
/* test-timeout: 300 */
#include <stdio.h>

#include "sim/fleet/street_private.h"
#include "sim/judge/check_reconnect.h"
#include "sim/judge/checks.h"
#include "sim/run/finish.h"
#include "sim/run/run_private.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/support/strikes.h"
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

/* ---- allocations that fail ---- */

static int warmer(run *r, void *context) {
    (void)context;
    return strike_set_point(r, &story_all, 25);
}

static int power(run *r, void *context) {
    bool *dark = context;
    *dark = !*dark;
    return strike_power(r, &story_all, !*dark, "power restore");
}

static int begin_to_end(uint32_t threads) {
    static const story_step steps[] = {{20, warmer}, {30, power}, {40, power}, {60, NULL}};
    const run_caption words = {.scenario = "test", .title = "test", .version = "0", .repeat = ""};
    fleet_spec spec;
    report_run record;
    judge_finding findings[2];
    char why[256];
    bool dark = false;
    run *r;
    judge_reconnect_wanted request = {.policy = judge_reconnect_policy_default};
    small_fleet_spec(&spec, 1, 1, 20, false);
    spec.zones[0].start_over = 10 * SIM_SECOND;
    spec.zones[0].router_boot_minimum = spec.zones[0].router_boot_maximum = SIM_SECOND;
    spec.zones[0].groups[0].per_home = 2;
    spec.zones[0].groups[0].profile.report_every = 10 * SIM_SECOND;
    int error = story_try(&spec, threads, steps, &dark, &r);
    if (r == NULL) return error;
    if (error == 0) error = story_judge(r, &judge_check_reconnect, &request, &findings[0]);
    if (error == 0) error = story_judge(r, &judge_check_answered, &(double){0.99}, &findings[1]);
    if (error == 0) error = run_finish(r, &words, findings, 2, &record, why, sizeof why);
    story_end(r);
    return error;
}

/* Unlike in a small module, a failure need not end the run: a peer that finds no memory comes
 * again. But nothing leaks and nothing crashes, and whatever error comes out is that one. */
static long fail_from(uint32_t threads, bool for_good, long first, long step) {
    for (long n = first;; n += step) {
        const sim_heap_use before = sim_heap_in_use();
        sim_heap_fail(n, for_good);
        const int error = begin_to_end(threads);
        const bool happened = sim_heap_fail_never();
        const sim_heap_use after = sim_heap_in_use();
        if (after.blocks != before.blocks) print_error("allocation %ld (%d)\n", n, for_good);
        assert_int_equal(after.blocks, before.blocks);
        assert_int_equal(after.bytes, before.bytes);
        if (error != 0) assert_int_equal(error, SIM_ENOMEM);
        if (!happened) {
            assert_int_equal(error, 0);
            return n;
        }
    }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STEP = 19 };
#else
enum { STEP = 3 };
#endif

static void test_an_allocation_fails_once(void **state) {
    (void)state;
    long n = fail_from(1, false, 0, STEP);
    assert_true(n > 500);
    (void)fail_from(1, false, 1, STEP);
    (void)fail_from(3, false, 2, 7 * STEP); /* with a workers */
}

static void test_allocations_fail_for_good(void **state) {
    (void)state;
    (void)fail_from(1, true, 0, STEP);
    (void)fail_from(1, true, 1, STEP);
    (void)fail_from(3, true, 2, 7 * STEP);
}

/* ---- growth ---- */

typedef struct memory {
    int64_t first, last, most_attempts;
} memory;

static int64_t heap_without_attempts(const run *r) {
    int64_t bytes = sim_heap_in_use().bytes;
    for (uint32_t i = 0; i < r->street_count; i++)
        bytes -= (int64_t)(r->streets[i]->edge.attempts.capacity * sizeof(record_attempt));
    return bytes;
}

static int look(run *r, void *context) {
    memory *m = context;
    int64_t now = heap_without_attempts(r);
    if (m->first == 0) m->first = now;
    m->last = now;
    return 0;
}

static const story_step calm[] = {
    {3600, look}, {7200, look}, {6 * 3600, look}, {6 * 3600 + 1, NULL}};

static void test_a_calm_fleet_does_not_grow(void **state) {
    (void)state;
    fleet_spec spec;
    memory m = {0};
    small_fleet_spec(&spec, 50, 25, 50, true);
    story_end(story_run(&spec, NULL, calm, &m));
    print_message("calm: %lld bytes after 1 h, %lld after 6 h\n", (long long)m.first,
                  (long long)m.last);
    assert_true(m.last <= m.first + m.first / 50);
}

/* Power cuts again and again: as often as there was one, all comes back to where it was. */
static int toggle(run *r, void *context) {
    (void)context;
    int error = strike_power(r, &story_all, false, NULL);
    return error;
}

static int back(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, true, "power restore");
}

static void test_power_cuts_do_not_grow(void **state) {
    (void)state;
    static story_step steps[100];
    fleet_spec spec;
    memory m = {0};
    size_t n = 0;
    for (int hour = 1; hour <= 24; hour++) {
        steps[n++] = (story_step){hour * 3600.0, look};
        steps[n++] = (story_step){hour * 3600.0, toggle};
        steps[n++] = (story_step){hour * 3600.0 + 300, back};
    }
    steps[n] = (story_step){25 * 3600.0, NULL};
    small_fleet_spec(&spec, 25, 25, 3, false); /* with storms */
    run *r = story_run(&spec, NULL, steps, &m);
    print_message("24 cuts: %lld bytes before, %lld after; %zu attempts\n", (long long)m.first,
                  (long long)m.last, r->streets[0]->edge.attempts.count);
    assert_true(m.last <= m.first + m.first / 10);
    story_end(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_calm_fleet_does_not_grow),
        cmocka_unit_test(test_power_cuts_do_not_grow),
        cmocka_unit_test(test_an_allocation_fails_once),
        cmocka_unit_test(test_allocations_fail_for_good),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
