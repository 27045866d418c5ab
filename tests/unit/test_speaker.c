/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The speaker: alarms, words and the cloud. */
#include "tests/unit/model_bench.h"

/* A word wakes it, network or not; its bad twin: without power nothing comes of it. */
static void test_without_a_network(void **state) {
    (void)state;
    model_bench_without_a_network(&dev_speaker);
}

/* One a day, without a network; without power none. */
static void test_alarms(void **state) {
    (void)state;
    bench *b = model_bench_new(&dev_speaker, 3);
    bench_set_link(b, false);
    bench_power(b, true);
    bench_run(b, 10 * SIM_DAY);
    assert_int_equal(model_bench_count(b, 1), 10);
    bench_power(b, false);
    bench_run(b, 10 * SIM_DAY);
    bench_power(b, true);
    assert_int_equal(model_bench_count(b, 1), 10);
    model_bench_free(b);
}

static void test_the_cloud(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_speaker, 2);
    bench_notify(b, "40");
    assert_true(model_bench_report(b).records[0].value == 40);
    uint64_t ignored = b->counts.told_ignored;
    bench_notify(b, "101");
    bench_notify(b, "-1");
    assert_true(model_bench_report(b).records[0].value == 40);
    assert_int_equal(b->counts.told_ignored, ignored + 2);
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_network),
        cmocka_unit_test(test_alarms),
        cmocka_unit_test(test_the_cloud),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
