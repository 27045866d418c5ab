/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smoke detector: siren, alarm memory of a report, weekly test. */
#include "tests/unit/model_bench.h"

enum { ALARMS, SELF_TESTS };

static void test_smoke(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_smoke_detector, 2);
    bench_run(b, SIM_MINUTE);
    b->request_count = 0;
    model_bench_until(b, ALARMS);
    sim_time came = b->wire.now;
    net_senml_pack smoke = model_bench_last(b);
    assert_true(smoke.records[0].boolean && b->wire.now - came < 10 * SIM_SECOND);
    net_senml_pack clear = model_bench_report(b);
    assert_false(clear.records[0].boolean);
    assert_in_range(b->wire.now - came, 10 * SIM_MINUTE, 11 * SIM_MINUTE);
    model_bench_free(b);
}

/* It tests itself and sounds without a network, and not without power. */
static void test_alone(void **state) {
    (void)state;
    bench *b = model_bench_new(&dev_smoke_detector, 2);
    bench_set_link(b, false);
    bench_power(b, true);
    bench_run(b, 364 * SIM_DAY);
    assert_in_range(model_bench_count(b, SELF_TESTS), 51, 53);
    assert_in_range(model_bench_count(b, ALARMS), 2, 20);
    uint64_t tests = model_bench_count(b, SELF_TESTS), alarms = model_bench_count(b, ALARMS);
    bench_power(b, false);
    bench_run(b, 364 * SIM_DAY);
    assert_int_equal(model_bench_count(b, SELF_TESTS), tests);
    assert_int_equal(model_bench_count(b, ALARMS), alarms);
    bench_power(b, true);
    bench_run(b, 8 * SIM_DAY);
    assert_in_range(model_bench_count(b, SELF_TESTS), tests + 1, tests + 2);
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smoke),
        cmocka_unit_test(test_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
