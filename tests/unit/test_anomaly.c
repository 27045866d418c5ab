/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of metrics and anomalies: each finds its way back, no two are alike. */
#include "sim/record/anomaly.h"
#include "tests/unit/with_cmocka.h"

static void test_metric_words(void **state) {
    (void)state;
    record_metric found;
    for (int i = 0; i < RECORD_METRICS; i++) {
        assert_int_equal(record_metric_named(record_metric_word((record_metric)i), &found), 0);
        assert_int_equal(found, i);
    }
    assert_int_equal(record_metric_named("aws:no-such-metric", &found), SIM_EPARSE);
}

static void test_sides_and_kinds(void **state) {
    (void)state;
    assert_int_equal(record_metric_side_of(RECORD_METRIC_CONNECTION_ATTEMPTS),
                     RECORD_METRIC_CLOUD_SIDE);
    assert_int_equal(record_metric_side_of(RECORD_METRIC_BYTES_OUT), RECORD_METRIC_DEVICE_SIDE);
    assert_int_equal(record_metric_kind_of(RECORD_METRIC_BATTERY), RECORD_METRIC_LEVEL);
    assert_int_equal(record_metric_kind_of(RECORD_METRIC_SOURCE_ADDRESS), RECORD_METRIC_MEMBER);
}

static void test_anomaly_words(void **state) {
    (void)state;
    record_anomaly found;
    for (int i = 0; i < RECORD_ANOMALIES; i++) {
        assert_int_equal(record_anomaly_named(record_anomaly_word((record_anomaly)i), &found), 0);
        assert_int_equal(found, i);
    }
    assert_int_equal(record_anomaly_named("boredom", &found), SIM_EPARSE);
    assert_true(record_anomaly_shows_in_rates(RECORD_ANOMALY_CREDENTIAL_STUFFING));
    assert_false(record_anomaly_shows_in_rates(RECORD_ANOMALY_STUCK_SENSOR));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metric_words),
        cmocka_unit_test(test_sides_and_kinds),
        cmocka_unit_test(test_anomaly_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
