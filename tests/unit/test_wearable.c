/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wearable: it counts steps, network or not. */
#include "tests/unit/model_bench.h"

/* Walks are recorded without any network; its bad twin: without power nothing comes of it. */
static void test_without_a_network(void **state) {
    (void)state;
    model_bench_without_a_network(&dev_wearable);
}

static void test_steps(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_wearable, 2);
    model_bench_until(b, 0);
    net_senml_pack before = model_bench_report(b);
    assert_in_range((int)before.records[0].value, 55, 130);
    assert_true(before.records[1].value >= 220);
    model_bench_until(b, 0);
    net_senml_pack after = model_bench_report(b);
    assert_true(after.records[1].value > before.records[1].value);
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_network),
        cmocka_unit_test(test_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
