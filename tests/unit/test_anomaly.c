/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of metrics and anomalies: each finds its way back, no two are alike. */
#include "sim/core/anomaly.h"
#include "tests/unit/with_cmocka.h"

static void test_metric_words(void **state) {
    (void)state;
    sim_metric found;
    for (int i = 0; i < SIM_METRICS; i++) {
        assert_int_equal(sim_metric_named(sim_metric_word((sim_metric)i), &found), 0);
        assert_int_equal(found, i);
    }
    assert_int_equal(sim_metric_named("aws:no-such-metric", &found), SIM_EPARSE);
}

static void test_sides_and_kinds(void **state) {
    (void)state;
    assert_int_equal(sim_metric_side_of(SIM_METRIC_CONNECTION_ATTEMPTS), SIM_METRIC_CLOUD_SIDE);
    assert_int_equal(sim_metric_side_of(SIM_METRIC_BYTES_OUT), SIM_METRIC_DEVICE_SIDE);
    assert_int_equal(sim_metric_kind_of(SIM_METRIC_BATTERY), SIM_METRIC_LEVEL);
    assert_int_equal(sim_metric_kind_of(SIM_METRIC_SOURCE_ADDRESS), SIM_METRIC_MEMBER);
}

static void test_anomaly_words(void **state) {
    (void)state;
    sim_anomaly found;
    for (int i = 0; i < SIM_ANOMALIES; i++) {
        assert_int_equal(sim_anomaly_named(sim_anomaly_word((sim_anomaly)i), &found), 0);
        assert_int_equal(found, i);
    }
    assert_int_equal(sim_anomaly_named("boredom", &found), SIM_EPARSE);
    assert_true(sim_anomaly_shows_in_rates(SIM_ANOMALY_CREDENTIAL_STUFFING));
    assert_false(sim_anomaly_shows_in_rates(SIM_ANOMALY_STUCK_SENSOR));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metric_words),
        cmocka_unit_test(test_sides_and_kinds),
        cmocka_unit_test(test_anomaly_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
