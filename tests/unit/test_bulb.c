/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bulb: wall switch, cloud and a loss of power. */
#include "tests/unit/model_bench.h"

enum { PRESSES, CHANGES };

static void test_the_wall_switch(void **state) {
    (void)state;
    bench *b = model_bench_new(&dev_bulb, 1);
    bench_set_link(b, false); /* nobody's network is needed */
    bench_power(b, true);
    for (int i = 0; i < 10; i++) model_bench_until(b, PRESSES);
    assert_int_equal(model_bench_count(b, CHANGES), model_bench_count(b, PRESSES));
    /* The bad twin: without power nothing comes of it. */
    uint64_t before = model_bench_count(b, PRESSES);
    bench_power(b, false);
    bench_run(b, 5 * SIM_DAY);
    assert_int_equal(model_bench_count(b, PRESSES), before);
    model_bench_free(b);
}

static void test_the_cloud(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_bulb, 2);
    bench_notify(b, "40");
    net_senml_pack lit = model_bench_report(b);
    assert_true(lit.records[0].boolean && lit.records[1].value == 40);
    bench_notify(b, "0");
    net_senml_pack dark = model_bench_report(b);
    assert_true(!dark.records[0].boolean && dark.records[1].value == 0);
    uint64_t ignored = b->counts.told_ignored;
    bench_notify(b, "101");
    bench_notify(b, "-1");
    model_bench_report(b);
    assert_int_equal(b->counts.told_ignored, ignored + 2);
    model_bench_free(b);
}

static void test_it_is_as_it_was(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_bulb, 3);
    bench_notify(b, "70");
    model_bench_report(b);
    b->observation.text = "nothing yet";
    bench_power(b, false);
    bench_run(b, SIM_MINUTE);
    bench_power(b, true);
    net_senml_pack after = model_bench_report(b);
    assert_true(after.records[0].boolean && after.records[1].value == 70);
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_wall_switch),
        cmocka_unit_test(test_the_cloud),
        cmocka_unit_test(test_it_is_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
