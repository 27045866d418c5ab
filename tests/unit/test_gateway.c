/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gateway: its rules fire, and it tells how often. */
#include "tests/unit/model_bench.h"

/* Rules fire without any network; its bad twin: without power nothing comes of it. */
static void test_without_a_network(void **state) {
    (void)state;
    model_bench_without_a_network(&dev_gateway);
}

static void test_reports(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_gateway, 2);
    model_bench_until(b, 0);
    net_senml_pack pack = model_bench_report(b);
    assert_in_range((int)pack.records[0].value, 2, 11);
    assert_int_equal((uint64_t)pack.records[1].value, model_bench_count(b, 0));
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_network),
        cmocka_unit_test(test_reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
