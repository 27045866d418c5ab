/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The alarm panel: a code arms and disarms it, and that is told at once. */
#include "tests/unit/model_bench.h"

/* Codes need no network; its bad twin: without power nothing comes of it. */
static void test_without_a_network(void **state) {
    (void)state;
    model_bench_without_a_network(&dev_alarm_panel);
}

static void test_tells_at_once(void **state) {
    (void)state;
    bench *b = model_bench_online(&dev_alarm_panel, 2);
    b->profile.report_every = b->device.report_every = SIM_DAY;
    model_bench_until(b, 0);
    bool armed = model_bench_last(b).records[0].boolean;
    model_bench_until(b, 0);
    assert_true(model_bench_last(b).records[0].boolean == !armed);
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_network),
        cmocka_unit_test(test_tells_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
