/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "sim/core/quantile.h"
#include "tests/unit/with_cmocka.h"

/* Values of R 4.2: quantile(c(...), share, type = 7). */
static void test_quantiles(void **state) {
    (void)state;
    double values[] = {9, 1, 4, 16, 25};
    sim_sort_numbers(values, 5);
    for (int i = 1; i < 5; i++) assert_true(values[i - 1] < values[i]);
    static const double rows[][2] = {{0, 1},      {0.1, 2.2},   {0.25, 4}, {0.5, 9},
                                     {0.6, 11.8}, {0.95, 23.2}, {1, 25}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(fabs(sim_quantile(values, 5, rows[i][0]) - rows[i][1]) < 1e-12);
    assert_true(sim_quantile(values, 4, 0.5) == 6.5);
    assert_true(sim_quantile(values, 1, 0.7) == 1);
    sim_sort_numbers(NULL, 0);
}

static void test_what_never_came(void **state) {
    (void)state;
    double values[] = {INFINITY, 2, INFINITY};
    sim_sort_numbers(values, 3);
    assert_true(values[0] == 2 && isinf(values[1]) && isinf(values[2]));
    assert_true(isinf(sim_quantile(values, 3, 0.5)));
    assert_true(isinf(sim_quantile(values, 3, 0.25)));
    assert_true(sim_quantile(values, 3, 0) == 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_quantiles),
                                       cmocka_unit_test(test_what_never_came)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
