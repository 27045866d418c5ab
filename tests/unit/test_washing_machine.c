/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The washing machine: a cycle, and one that power interrupts. */
#include "tests/unit/model_bench.h"

enum { STARTED, FINISHED };

static void test_cycles(void **state) {
    (void)state;
    bench *b = model_bench_new(&dev_washing_machine, 1);
    bench_set_link(b, false);
    bench_power(b, true);
    bench_run(b, 30 * SIM_DAY);
    assert_in_range(model_bench_count(b, STARTED), 8, 30);
    assert_in_range(model_bench_count(b, STARTED) - model_bench_count(b, FINISHED), 0, 1);
    model_bench_free(b);
}

/* Three hours of darkness in its middle are added to it, and to nothing else. */
static void test_an_interrupted_cycle(void **state) {
    (void)state;
    bench *whole = model_bench_online(&dev_washing_machine, 4);
    bench *cut = model_bench_online(&dev_washing_machine, 4);
    model_bench_until(whole, STARTED);
    model_bench_until(cut, STARTED);
    bench_run(cut, 20 * SIM_MINUTE);
    bench_power(cut, false);
    bench_run(cut, 3 * SIM_HOUR);
    assert_int_equal(model_bench_count(cut, FINISHED), 0);
    bench_power(cut, true);
    net_senml_pack going = model_bench_report(cut);
    assert_true(going.records[0].boolean && going.records[1].value > 600);
    model_bench_until(whole, FINISHED);
    model_bench_until(cut, FINISHED);
    assert_in_range(cut->wire.now - whole->wire.now, 3 * SIM_HOUR - SIM_SECOND,
                    3 * SIM_HOUR + SIM_SECOND);
    net_senml_pack over = model_bench_report(cut);
    assert_true(!over.records[0].boolean && over.records[1].value == 0);
    model_bench_free(whole);
    model_bench_free(cut);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cycles),
        cmocka_unit_test(test_an_interrupted_cycle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
