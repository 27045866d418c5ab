/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_alarms.c - alarms against the truth, by hand. */
#include <math.h>

#include "sim/judge/alarms.h"
#include "tests/unit/every_allocation.h"

#define assert_near(a, b, within) assert_true(fabs((a) - (b)) <= (within))

static const judge_injection injections[] = {{100, 200, 1, 0},
                                             {500, 600, 1, 0},
                                             {100, 200, 2, 1},
                                             {1000, 1000, 3, 1},
                                             {5000, 6000, JUDGE_ANY_DEVICE, 2}};
enum { INJECTIONS = sizeof injections / sizeof injections[0] };

static void alarms_are_counted(void **state) {
    (void)state;
    judge_alert alarms[] = {
        {150, 1, false},
        {120, 1, false},  /* both in the first; the delay is that of the earlier */
        {650, 1, false},  /* in the grace of the second */
        {150, 3, false},  /* another device: false */
        {1000, 3, false}, /* an instant */
        {5500, 9, false}, /* any device will do */
        {190, JUDGE_ANY_DEVICE, false},
        {99, 2, false}, /* names none: covers device 2; just too early: false */
    };
    judge_alerts_finding f;
    assert_int_equal(judge_alerts(alarms, 8, injections, INJECTIONS, 60, &f), 0);
    assert_int_equal(f.alarms, 8);
    assert_int_equal(f.false_alarms, 2);
    assert_int_equal(f.kind[0].injected, 2);
    assert_int_equal(f.kind[0].noticed, 2);
    assert_near(f.kind[0].delay_median, 150, 0);
    assert_near(f.kind[0].delay_most, 150, 0);
    assert_int_equal(f.kind[1].noticed, 2);
    assert_near(f.kind[1].delay_most, 90, 0);
    assert_int_equal(f.kind[2].noticed, 1);
    assert_near(f.kind[2].delay_median, 500, 0);
    assert_int_equal(f.kind[3].injected, 0);
    assert_int_equal(f.all.noticed, 5);
    assert_near(f.precision.value, 0.75, 1e-12);
}

/* Bad twins: without grace, from the wrong device, or silent. */
static void what_does_not_count_does_not(void **state) {
    (void)state;
    judge_alert late = {650, 1, false}, stranger = {150, 7, false};
    judge_alerts_finding f;
    assert_int_equal(judge_alerts(&late, 1, injections, INJECTIONS, 0, &f), 0);
    assert_int_equal(f.all.noticed, 0);
    assert_int_equal(f.false_alarms, 1);
    assert_int_equal(judge_alerts(&stranger, 1, injections, INJECTIONS, 0, &f), 0);
    assert_int_equal(f.all.noticed, 0);
    assert_int_equal(judge_alerts(NULL, 0, injections, INJECTIONS, 0, &f), 0);
    assert_int_equal(f.all.noticed, 0);
    assert_near(f.all.recall.value, 0, 0);
    assert_near(f.precision.high, 1, 0);
    assert_int_equal(judge_alerts(&late, 1, NULL, 0, 0, &f), 0);
    assert_int_equal(f.false_alarms, 1);
}

/* Wilson 1927: 8 of 10 gives 0.4902 to 0.9433. */
static void shares_have_wilsons_interval(void **state) {
    (void)state;
    const judge_share s = judge_share_of(8, 10), none = judge_share_of(0, 10),
                      all = judge_share_of(10, 10);
    assert_near(s.low, 0.4902, 5e-5);
    assert_near(s.high, 0.9433, 5e-5);
    assert_near(none.low, 0, 1e-9);
    assert_near(all.high, 1, 1e-9);
    assert_true(none.high > 0.2 && all.low < 0.8);
}

static int attempt(void *context) {
    judge_alert alarm = {150, 1, false};
    judge_alerts_finding f;
    (void)context;
    return judge_alerts(&alarm, 1, injections, INJECTIONS, 0, &f);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    assert_int_equal(fail_every_allocation(attempt, NULL), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alarms_are_counted),
        cmocka_unit_test(what_does_not_count_does_not),
        cmocka_unit_test(shares_have_wilsons_interval),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("alarms", tests, NULL, NULL);
}
