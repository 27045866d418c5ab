/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/backlog.h"

#include "sim/core/random.h"
#include "tests/unit/with_cmocka.h"

enum { LIMIT = 20 };

/* In order and bounded, whatever is pushed and taken between: a model of a thousand steps. */
static void test_order(void **state) {
    (void)state;
    dev_backlog b;
    sim_stream draw = sim_stream_for(1, SIM_PURPOSE_HOUSEHOLD, 0);
    sim_time pushed = 0, oldest = 0;
    dev_backlog_init(&b, LIMIT);
    for (int step = 0; step < 1000; step++) {
        uint32_t dropped = 0;
        if (sim_stream_below(&draw, 3) > 0) {
            assert_int_equal(dev_backlog_push(&b, (dev_sample){pushed, 0.5}, &dropped), 0);
            pushed++;
            oldest += dropped;
        } else if (b.count > 0) {
            uint32_t n = 1 + (uint32_t)sim_stream_below(&draw, b.count);
            dev_backlog_pop(&b, n);
            oldest += n;
        }
        assert_in_range(b.count, 0, LIMIT);
        assert_int_equal(b.count, pushed - oldest);
        for (uint32_t i = 0; i < b.count; i++)
            assert_int_equal(dev_backlog_at(&b, i)->at, oldest + i);
    }
    assert_true(oldest > LIMIT);
    dev_backlog_deinit(&b);
}

static void test_full_one_loses_the_oldest(void **state) {
    (void)state;
    dev_backlog b;
    uint32_t dropped = 0, all = 0;
    dev_backlog_init(&b, 3);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(dev_backlog_push(&b, (dev_sample){i, 0}, &dropped), 0);
        all += dropped;
    }
    assert_int_equal(all, 7);
    assert_int_equal(dev_backlog_at(&b, 0)->at, 7);
    dev_backlog_deinit(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order),
                                       cmocka_unit_test(test_full_one_loses_the_oldest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
