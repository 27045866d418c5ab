/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_watch_rate.c - the arithmetic of the fleet examiner: honest counts pass h less often than
 * exp(-h), wrong ones soon, and the tail is what was put in. */
#include <math.h>
#include <string.h>

#include "sim/core/random.h"
#include "sim/examine/watch_rate.h"
#include "tests/unit/with_cmocka.h"

static float poisson(sim_stream *random, double mean) {
    const double limit = exp(-mean);
    double p = sim_stream_unit(random);
    int n = 0;
    while (p > limit) {
        p *= sim_stream_unit(random);
        n++;
    }
    return (float)n;
}

/* Steps until a CUSUM passes h, `most` if it does not. */
static int steps_to(float h, double usual, double mean, int most) {
    sim_stream random = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    float evidence = 0;
    for (int i = 0; i < most; i++) {
        evidence = fmaxf(
            0, evidence + examine_rate_evidence(poisson(&random, mean), (float)usual, 0, 3, 0.5f));
        if (evidence >= h) return i;
    }
    return most;
}

static void honest_counts_rarely_pass(void **state) {
    (void)state;
    static const double usual[] = {0.001, 0.1, 1, 10};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        assert_int_equal(steps_to(18, usual[i], usual[i], 1000000), 1000000);
        assert_int_equal(steps_to(18, usual[i], 1.2 * usual[i], 1000000), 1000000);
        assert_true(steps_to(18, usual[i], 4 * usual[i] + 1, 1000) < 30);
    }
}

static void dispersion_is_divided_out(void **state) {
    (void)state;
    const float plain = examine_rate_evidence(40, 10, 0, 3, 0),
                spread = examine_rate_evidence(40, 10, 0.3f, 3, 0);
    assert_true(plain > 0 && fabsf(spread - plain / 4) < 1e-5f);
}

static void the_tail_is_what_was_put_in(void **state) {
    (void)state;
    examine_rate_tail t;
    memset(&t, 0, sizeof t);
    sim_stream random = sim_stream_for(2, SIM_PURPOSE_CALIBRATION, 0);
    assert_float_equal(examine_rate_threshold(&t, 1e-8, 18, 36, 20), 20, 0);
    for (t.steps = 0; t.steps < 4000000; t.steps++)
        t.count[examine_rate_bin((float)(-1.5 * log(1 - sim_stream_unit(&random))))]++;
    /* P(x > h) = exp(-h / 1.5): 1e-8 at 27.6 */
    assert_float_equal(examine_rate_threshold(&t, 1e-8, 18, 36, 0), 27.6, 1);
    assert_float_equal(examine_rate_threshold(&t, 1e-8, 18, 20, 0), 20, 0);
    assert_float_equal(examine_rate_threshold(&t, 1e-8, 30, 36, 0), 30, 0);
    const uint64_t before = t.count[0];
    examine_rate_fade(&t);
    assert_true(t.steps == 2000000 && t.count[0] == before / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_counts_rarely_pass),
        cmocka_unit_test(dispersion_is_divided_out),
        cmocka_unit_test(the_tail_is_what_was_put_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
