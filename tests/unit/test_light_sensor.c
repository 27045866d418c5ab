/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The light sensor: nothing by night, something by day, never more than a clear sky. */
#include "tests/unit/model_bench.h"

static void test_a_day(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_light_sensor, 1);
    double lightest = 0;
    uint64_t by_day = 0, dark_by_day = 0;
    while (b->wire.now < 3 * SIM_DAY) {
        net_senml_pack pack = model_bench_report(b);
        double lx = pack.records[0].value;
        int64_t hour = b->wire.now % SIM_DAY / SIM_HOUR;
        if (hour < 5 || hour >= 19) assert_true(lx == 0);
        if (hour >= 8 && hour < 16) by_day++, dark_by_day += lx == 0;
        lightest = lx > lightest ? lx : lightest;
    }
    assert_true(by_day >= 90 && dark_by_day == 0);
    assert_true(lightest > 100 && lightest < 1000);
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
