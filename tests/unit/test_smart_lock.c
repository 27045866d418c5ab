/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smart lock: codes, the bolt, and who stands outside. */
#include "tests/unit/model_bench.h"

enum { OPENINGS, LOCKED_OUT };

/* A coming unbolts and is told at once, half a minute later the bolt is back and that is told. */
static void test_a_coming(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_smart_lock, 1);
    bench_run(b, SIM_MINUTE);
    b->request_count = 0;
    model_bench_until(b, OPENINGS);
    sim_time opened = b->wire.now;
    net_senml_pack open = model_bench_last(b);
    assert_true(b->wire.now - opened < 10 * SIM_SECOND);
    assert_false(open.records[0].boolean);
    net_senml_pack shut = model_bench_report(b);
    assert_true(shut.records[0].boolean);
    assert_in_range(b->wire.now - opened, 28 * SIM_SECOND, 40 * SIM_SECOND);
    model_bench_free(b);
}

static void test_without_a_network(void **state) {
    (void)state;
    bench *b = model_bench_new(&dev_smart_lock, 2);
    bench_set_link(b, false);
    bench_power(b, true);
    for (int i = 0; i < 60; i++) model_bench_until(b, OPENINGS);
    assert_int_equal(model_bench_count(b, LOCKED_OUT), 0);
    bench_set_link(b, true);
    net_senml_pack told = model_bench_report(b);
    assert_in_range((uint64_t)told.records[1].value, 1, 12); /* one in twenty mistypes */
    model_bench_free(b);
}

/* The bad twin of both: an empty battery leaves people outside. */
static void test_without_power(void **state) {
    (void)state;
    bench *b = model_bench_new(&dev_smart_lock, 3);
    bench_power(b, true);
    bench_run(b, SIM_HOUR);
    bench_power(b, false);
    uint64_t before = model_bench_count(b, OPENINGS);
    bench_run(b, 3 * SIM_DAY);
    bench_power(b, true);
    assert_int_equal(model_bench_count(b, OPENINGS), before);
    assert_true(model_bench_count(b, LOCKED_OUT) > 3);
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_coming),
        cmocka_unit_test(test_without_a_network),
        cmocka_unit_test(test_without_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
