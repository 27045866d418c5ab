/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doorbell: it records and chimes, and tells of motion at once. */
#include "tests/unit/model_bench.h"

/* It records without any network; its bad twin: without power nothing comes of it. */
static void test_without_a_network(void **state) {
    (void)state;
    model_bench_without_a_network(&dev_doorbell);
}

/* Motion is told within the second; one in three of who pass ring. */
static void test_tells_at_once(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_doorbell, 2);
    b->profile.report_every = SIM_DAY;
    model_bench_until(b, 0);
    assert_true(model_bench_last(b).records[0].boolean);
    bench_run(b, 10 * SIM_DAY);
    uint64_t passed = model_bench_count(b, 0), rang = model_bench_count(b, 1);
    assert_in_range(rang, passed / 6, passed / 2);
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_network),
        cmocka_unit_test(test_tells_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
