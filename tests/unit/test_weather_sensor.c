/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weather sensor: warm afternoons, showers, and the sky without a battery. */
#include "tests/unit/model_bench.h"

static void test_two_weeks(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_weather_sensor, 1);
    double night = 0, noon = 0;
    uint64_t nights = 0, noons = 0, wet = 0, reports = 0;
    while (b->wire.now < 14 * SIM_DAY) {
        net_senml_pack pack = model_bench_report(b);
        int64_t hour = b->wire.now % SIM_DAY / SIM_HOUR;
        if (hour == 3) night += pack.records[0].value, nights++;
        if (hour == 15) noon += pack.records[0].value, noons++;
        assert_true(pack.records[1].value > 30 && pack.records[1].value <= 95);
        if (pack.records[2].value > 0) {
            assert_true(pack.records[1].value == 95 && pack.records[2].value <= 9.1);
            wet++;
        }
        reports++;
    }
    double warmer = noon / (double)noons - night / (double)nights;
    assert_true(warmer > 8.5 && warmer < 11.5);
    assert_in_range(reports, 14 * 144 - 2, 14 * 144 + 2);
    assert_in_range(wet, reports / 100, reports / 4);
    assert_true(model_bench_count(b, 0) >= 4);
    model_bench_free(b);
}

/* It rains on a dead sensor too: it does not count that, and goes on with the sky as it is. */
static void test_without_power(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_weather_sensor, 1);
    bench_power(b, false);
    bench_run(b, 14 * SIM_DAY);
    assert_int_equal(model_bench_count(b, 0), 0);
    bench_power(b, true);
    bench_run(b, 14 * SIM_DAY);
    assert_in_range(model_bench_count(b, 0), 4, 20);
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_weeks),
        cmocka_unit_test(test_without_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
