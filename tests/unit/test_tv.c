/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The television: its remote control, and off when power returns. */
#include "tests/unit/model_bench.h"

/* The remote control needs no network; its bad twin: without power nothing comes of it. */
static void test_without_a_network(void **state) {
    (void)state;
    model_bench_without_a_network(&dev_tv);
}

/* Whatever it was. */
static void test_off_when_power_returns(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_tv, 2);
    net_senml_pack pack = model_bench_report(b);
    while (!pack.records[0].boolean) pack = model_bench_report(b);
    double volume = pack.records[1].value;
    bench_power(b, false);
    bench_power(b, true);
    pack = model_bench_report(b);
    assert_false(pack.records[0].boolean);
    assert_true(pack.records[1].value == volume);
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_network),
        cmocka_unit_test(test_off_when_power_returns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
