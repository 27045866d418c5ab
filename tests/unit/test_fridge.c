/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fridge: cold without a network, warm without power. */
#include "tests/unit/model_bench.h"

enum { OPENINGS, STARTS };

static const dev_local *local_of(const bench *b) {
    return &b->counts.local[dev_model_number(&dev_fridge)];
}

static void test_cold_without_a_network(void **state) {
    (void)state;
    bench *b = model_bench_new(&dev_fridge, 1);
    bench_set_link(b, false);
    bench_power(b, true);
    bench_run(b, 2 * SIM_DAY);
    bench_set_link(b, true);
    net_senml_pack pack = model_bench_report(b);
    assert_true(pack.records[0].value > 2.9 && pack.records[0].value < 5.5);
    assert_in_range(model_bench_count(b, OPENINGS), 15, 60);
    assert_in_range(model_bench_count(b, STARTS), 10, 100);
    dev_device_local_end(&b->device, &b->counts, b->wire.now);
    double kept = (double)local_of(b)->kept_us / (double)local_of(b)->powered_us;
    assert_true(kept > 0.9 && kept <= 1);
    model_bench_free(b);
}

/* The bad twin: eight hours without power warm what is in it beyond its band, and cooling takes its
 * time. The share is of the time with power, so cold that lasts without it is not in it. */
static void test_warm_without_power(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_fridge, 1);
    bench_run(b, SIM_DAY);
    bench_power(b, false);
    uint64_t kept = local_of(b)->kept_us;
    bench_run(b, 8 * SIM_HOUR);
    bench_power(b, true);
    assert_int_equal(local_of(b)->kept_us, kept);
    net_senml_pack pack = model_bench_report(b);
    assert_true(pack.records[0].value > 8 && pack.records[0].value < 20);
    assert_true(pack.records[1].boolean);
    model_bench_free(b);
}

static void test_a_set_point(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_fridge, 2);
    bench_notify(b, "7");
    bench_run(b, SIM_DAY);
    net_senml_pack pack = model_bench_report(b);
    assert_true(pack.records[0].value > 5.9 && pack.records[0].value < 8.5);
    uint64_t ignored = b->counts.told_ignored;
    bench_notify(b, "9");
    bench_notify(b, "1");
    bench_run(b, SIM_MINUTE);
    assert_int_equal(b->counts.told_ignored, ignored + 2);
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cold_without_a_network),
        cmocka_unit_test(test_warm_without_power),
        cmocka_unit_test(test_a_set_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
