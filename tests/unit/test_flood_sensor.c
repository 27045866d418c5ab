/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flood sensor: water is told at once, silence daily. */
#include "tests/unit/model_bench.h"

static void test_water(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_flood_sensor, 3);
    bench_run(b, SIM_MINUTE);
    b->request_count = 0;
    model_bench_until(b, 0);
    sim_time came = b->wire.now;
    net_senml_pack wet = model_bench_last(b);
    assert_true(wet.records[0].boolean && b->wire.now - came < 10 * SIM_SECOND);
    net_senml_pack dry = model_bench_report(b);
    assert_false(dry.records[0].boolean);
    assert_in_range(b->wire.now - came, SIM_HOUR, SIM_HOUR + 10 * SIM_SECOND);
    model_bench_free(b);
}

static void test_it_lives(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_flood_sensor, 3);
    b->request_count = 0;
    bench_run(b, 10 * SIM_DAY);
    assert_in_range(b->reported_count, 9, 16);
    /* The bad twin: an empty battery is silent, and nobody hears of water. */
    bench_power(b, false);
    uint64_t floods = model_bench_count(b, 0);
    size_t before = b->reported_count;
    bench_run(b, 60 * SIM_DAY);
    assert_int_equal(b->reported_count, before);
    assert_int_equal(model_bench_count(b, 0), floods);
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_water),
        cmocka_unit_test(test_it_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
