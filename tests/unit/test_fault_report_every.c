/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ten times the reports from now on, each device at its own place in the period; those that are not
 * selected keep theirs. */
#include "tests/unit/fault_bench.h"

static const sim_time two_seconds = 2 * SIM_SECOND, one_day = SIM_DAY;

static int faster(run *r, void *context) {
    (void)context;
    return strike(r, &fleet_fault_report_every, &story_all, &two_seconds);
}

static int faster_for_nobody(run *r, void *context) {
    (void)context;
    return strike(r, &fleet_fault_report_every, &nobody, &two_seconds);
}

static int hardly_ever(run *r, void *context) {
    (void)context;
    return strike(r, &fleet_fault_report_every, &story_all, &one_day);
}

static uint64_t due_until(int (*act)(run *r, void *context), double end_s) {
    run *r = bench_struck(act, STRIKE_S, end_s);
    uint64_t due = r->streets[0]->sums.devices.reports_due;
    story_end(r);
    return due;
}

static void test(void **state) {
    (void)state;
    uint64_t before = due_until(faster, STRIKE_S + 0.001);
    /* one each in every two seconds: no burst where the change was */
    assert_in_range(due_until(faster, STRIKE_S + 2) - before, DEVICES - 1, DEVICES + 1);
    assert_in_range(due_until(faster, STRIKE_S + 60) - before, 30 * DEVICES - 2, 30 * DEVICES + 2);
    assert_true(due_until(hardly_ever, STRIKE_S + 60) - before <= 1);
    /* bad twin: every 20 s as before */
    assert_in_range(due_until(faster_for_nobody, STRIKE_S + 60) - before, 3 * DEVICES - 2,
                    3 * DEVICES + 2);
}

int main(void) {
    return run_bench(test);
}
