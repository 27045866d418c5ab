/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_estimate.h"

#include <math.h>

#include "tests/unit/with_cmocka.h"

enum { POINTS = 3, SEEDS = 4 };

static void nothing_done(double took[POINTS * SEEDS]) {
    for (size_t i = 0; i < POINTS * SEEDS; i++) took[i] = NAN;
}

/* The first setting is a hundred times as slow as the others: an estimate that is linear in runs
 * would say 9 x 34 seconds after the first round, where 3 x 102 are left. */
static void test_settings_count_by_their_own_runs(void **state) {
    (void)state;
    double took[POINTS * SEEDS];
    nothing_done(took);
    assert_true(isnan(cli_sweep_rest(took, POINTS, SEEDS, 1)));
    took[0] = 100;
    assert_true(fabs(cli_sweep_rest(took, POINTS, SEEDS, 1) - 1100) < 1e-9);
    took[SEEDS] = 1;
    took[2 * SEEDS] = 1;
    assert_true(fabs(cli_sweep_rest(took, POINTS, SEEDS, 1) - 306) < 1e-9);
    assert_true(fabs(cli_sweep_rest(took, POINTS, SEEDS, 2) - 153) < 1e-9);
    took[1] = took[2] = took[3] = 200; /* the slow one is done: its pace says nothing any more */
    assert_true(fabs(cli_sweep_rest(took, POINTS, SEEDS, 1) - 6) < 1e-9);
    for (size_t i = 0; i < POINTS * SEEDS; i++) took[i] = 7;
    assert_true(cli_sweep_rest(took, POINTS, SEEDS, 1) == 0);
}

/* Each run once, and in the first round every setting. */
static void test_order(void **state) {
    (void)state;
    int seen[POINTS * SEEDS] = {0};
    for (size_t n = 0; n < POINTS * SEEDS; n++) {
        size_t task = cli_sweep_task(n, POINTS, SEEDS);
        assert_true(task < POINTS * SEEDS);
        seen[task]++;
        assert_int_equal(task % SEEDS, n / POINTS);
    }
    for (size_t i = 0; i < POINTS * SEEDS; i++) assert_int_equal(seen[i], 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings_count_by_their_own_runs),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
