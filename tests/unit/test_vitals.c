/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vitals: the honest noise is what vitals.c says it is, what is told is what happened, and nothing
 * happens without power. */
#include <math.h>
#include <string.h>

#include "devices/anomaly.h"
#include "devices/vitals.h"
#include "sim/record/metric.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/with_cmocka.h"

static const double tolerance = 0.05;

static void assert_near(double seen, double expected, double share) {
    if (!(fabs(seen - expected) <= share * expected))
        fail_msg("%g where %g was expected", seen, expected);
}

static dev_vitals *device(uint32_t number, bool battery) {
    dev_vitals *v = dev_vitals_new(7, number, true, battery);
    assert_non_null(v);
    dev_vitals_power(v, 0, true);
    return v;
}

/* The value of the only record of that metric; NAN: there is none. */
static double told(const net_senml_pack *pack, record_metric metric) {
    double value = NAN;
    for (size_t i = 0; i < pack->count; i++) {
        if (strcmp(pack->records[i].name, record_metric_word(metric)) == 0)
            value = pack->records[i].value;
    }
    return value;
}

static net_senml_pack tell(dev_vitals *v, sim_time now) {
    net_senml_pack pack = {0};
    dev_vitals_tell(v, now, true, &pack);
    return pack;
}

static void test_poisson(void **state) {
    (void)state;
    static const double means[] = {0.01, 0.5, 3, 29, 31, 400};
    enum { DRAWS = 20000 };
    for (size_t i = 0; i < sizeof means / sizeof means[0]; i++) {
        sim_stream s = sim_stream_for(1, SIM_PURPOSE_VITALS, i);
        double sum = 0, squares = 0;
        for (int k = 0; k < DRAWS; k++) {
            double n = (double)dev_vitals_poisson(&s, means[i]);
            sum += n;
            squares += n * n;
        }
        double mean = sum / DRAWS;
        double error = 5 * sqrt(means[i] / DRAWS);
        assert_true(fabs(mean - means[i]) < error);
        assert_near(squares / DRAWS - mean * mean, means[i],
                    0.2); /* a Poisson variable's variance is its mean */
        /* bad twin: another mean is noticed */
        assert_false(fabs(mean - 1.2 * means[i] - 0.05) < error);
    }
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_VITALS, 0), same = s;
    assert_int_equal(dev_vitals_poisson(&s, 0), 0);
    assert_memory_equal(&s, &same, sizeof s); /* and nothing is drawn for it */
}

static void test_use_follows_the_day_and_the_week(void **state) {
    (void)state;
    assert_true(fabs(dev_vitals_use(0, 7 * SIM_DAY) - 7) < 1e-9);
    double night = dev_vitals_use(2 * SIM_HOUR, 3 * SIM_HOUR);
    double evening = dev_vitals_use(19 * SIM_HOUR, 20 * SIM_HOUR);
    assert_true(evening > 10 * night && night > 0);
    assert_true(dev_vitals_use(5 * SIM_DAY, 6 * SIM_DAY) > 1.2 * dev_vitals_use(0, SIM_DAY));
    double parts = 0; /* however a stretch is cut */
    for (sim_time t = SIM_HOUR / 7; t < 3 * SIM_DAY; t += 997 * SIM_SECOND)
        parts += dev_vitals_use(t, sim_time_min(t + 997 * SIM_SECOND, 3 * SIM_DAY));
    assert_true(fabs(parts - dev_vitals_use(SIM_HOUR / 7, 3 * SIM_DAY)) < 1e-9);
    assert_true(dev_vitals_use(SIM_HOUR, SIM_HOUR) == 0);
}

/* A week of many devices, with a report each quarter of an hour. */
static void test_noise_of_a_fleet(void **state) {
    (void)state;
    enum { DEVICES = 400, DAYS = 7 };
    double logins = 0, by_day = 0, by_night = 0, out = 0, charge = 0;
    for (uint32_t d = 0; d < DEVICES; d++) {
        dev_vitals *v = device(d, true);
        double before = v->charge;
        for (sim_time t = 15 * SIM_MINUTE; t <= DAYS * SIM_DAY; t += 15 * SIM_MINUTE) {
            net_senml_pack pack = tell(v, t);
            logins += told(&pack, RECORD_METRIC_FAILED_LOGINS);
            out += told(&pack, RECORD_METRIC_BYTES_OUT);
            int64_t hour = (t - 1) % SIM_DAY / SIM_HOUR;
            if (hour < 5) by_night += told(&pack, RECORD_METRIC_BYTES_OUT);
            if (hour >= 17 && hour < 22) by_day += told(&pack, RECORD_METRIC_BYTES_OUT);
        }
        charge += before - v->charge;
        dev_vitals_free(v);
    }
    const double device_days = DEVICES * DAYS;
    const double habit = exp(0.5 * 0.5 / 2); /* the mean of a lognormal variable over its median */
    assert_near(logins / device_days, 0.15 * habit / (1 - 0.3), 0.2);
    double asked = 24 * (48 + 28) + 24 * (42 + 28);
    assert_near(out / device_days, 4 * habit * 2400 + asked, tolerance * 2);
    assert_true(by_day > 4 * by_night); /* seasons of the day are there */
    /* the mean of 100 / life, life even from 400 to 700 days */
    double a_day = 100 * log(700.0 / 400) / 300;
    assert_near(charge / device_days, a_day, tolerance);
}

/* A fleet's batteries are between 60 and 100 % when its run begins, evenly. */
static void test_charge_at_the_start(void **state) {
    (void)state;
    enum { DEVICES = 2000 };
    double least = 100, most = 0, sum = 0;
    for (uint32_t d = 0; d < DEVICES; d++) {
        dev_vitals *v = dev_vitals_new(3, d, true, true);
        assert_non_null(v);
        least = fmin(least, v->charge);
        most = fmax(most, v->charge);
        sum += v->charge;
        dev_vitals_free(v);
    }
    assert_true(least >= 60 && least < 60.1);
    assert_true(most <= 100 && most > 99.9);
    assert_true(fabs(sum / DEVICES - 80) < 1);
}

static void test_counts_begin_anew_with_each_report(void **state) {
    (void)state;
    dev_vitals *v = device(1, false);
    dev_vitals_datagram(v, true, 100);
    dev_vitals_datagram(v, false, 50);
    net_senml_pack pack = tell(v, 0);
    assert_true(told(&pack, RECORD_METRIC_BYTES_OUT) == 128 &&
                told(&pack, RECORD_METRIC_BYTES_IN) == 78);
    assert_true(told(&pack, RECORD_METRIC_PACKETS_OUT) == 1 &&
                told(&pack, RECORD_METRIC_PACKETS_IN) == 1);
    assert_true(told(&pack, RECORD_METRIC_DESTINATION) == DEV_DESTINATION_CLOUD);
    assert_true(told(&pack, RECORD_METRIC_RESETS) == 1 &&
                told(&pack, RECORD_METRIC_LISTENING_PORTS) == 1);
    assert_true(told(&pack, RECORD_METRIC_TCP_CONNECTIONS) >= 1);
    assert_true(isnan(told(&pack, RECORD_METRIC_BATTERY))); /* it has none */
    pack = tell(v, 0);
    assert_true(told(&pack, RECORD_METRIC_BYTES_OUT) == 0 &&
                told(&pack, RECORD_METRIC_RESETS) == 0);
    assert_true(isnan(told(&pack, RECORD_METRIC_DESTINATION)));
    dev_vitals_free(v);
}

static void test_nothing_happens_without_power(void **state) {
    (void)state;
    dev_vitals *v = device(2, true);
    dev_vitals_advance(v, SIM_DAY);
    assert_true(v->counts.packets_out > 0);
    dev_vitals_power(v, SIM_DAY, false);
    /* RAM is lost, flash is not */
    assert_true(v->counts.packets_out == 0 && v->counts.resets == 1);
    double charge = v->charge;
    dev_vitals_advance(v, 9 * SIM_DAY);
    assert_true(v->counts.packets_out == 0 && v->charge == charge);
    dev_vitals_power(v, 9 * SIM_DAY, true);
    assert_int_equal(v->counts.resets, 2);
    dev_vitals_advance(v, 10 * SIM_DAY);
    assert_true(v->counts.packets_out > 0 && v->charge < charge);
    dev_vitals_free(v);
}

static void test_who_does_not_tell_says_nothing(void **state) {
    (void)state;
    dev_vitals *v = dev_vitals_new(7, 3, false, true);
    net_senml_pack pack = tell(v, SIM_DAY);
    assert_int_equal(pack.count, 0);
    dev_vitals_free(v);
    v = device(3, true);
    pack = tell(v, SIM_DAY);
    assert_true(pack.count >= 9);
    assert_true(told(&pack, RECORD_METRIC_BATTERY) > 50 &&
                told(&pack, RECORD_METRIC_BATTERY) <= 100);
    dev_vitals_free(v);
}

static void test_destinations_are_a_set_with_an_end(void **state) {
    (void)state;
    dev_vitals_counts c = {0};
    for (int twice = 0; twice < 2; twice++)
        for (uint32_t a = 1; a <= DEV_DESTINATIONS_MAX + 3; a++) dev_vitals_talked_to(&c, a);
    assert_int_equal(c.destination_count, DEV_DESTINATIONS_MAX);
    for (uint32_t a = 0; a < DEV_DESTINATIONS_MAX; a++) assert_int_equal(c.destinations[a], a + 1);
}

/* The longest report that there can be fits a datagram. */
static void test_the_longest_report(void **state) {
    (void)state;
    net_senml_pack pack = {.count = 3};
    uint8_t out[1024];
    size_t written;
    memset(pack.base_name, 'x', 80);
    for (size_t i = 0; i < pack.count; i++)
        pack.records[i] =
            (net_senml_record){.name = "temperature", .unit = "Cel", .value = 1 / 3.0};
    dev_vitals *v = device(4, true);
    v->counts = (dev_vitals_counts){1ull << 50, 1ull << 50, 1ull << 50, 1ull << 50,
                                    UINT32_MAX, UINT32_MAX, {0},        0};
    for (uint32_t a = 0; a < DEV_DESTINATIONS_MAX; a++)
        dev_vitals_talked_to(&v->counts, UINT32_MAX - a);
    dev_vitals_tell(v, 0, true, &pack);
    assert_int_equal(pack.count, 3 + 9 + DEV_DESTINATIONS_MAX);
    assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), 0);
    dev_vitals_free(v);
}

static int life(void *context) {
    (void)context;
    const dev_anomaly_order order = {
        .kind = RECORD_ANOMALY_EXFILTRATION, .to = SIM_NEVER, .strength = 1};
    dev_vitals *v = dev_vitals_new(1, 2, true, true);
    int error = v == NULL ? SIM_ENOMEM : dev_anomaly_order_to(v, 1, 2, &order);
    if (error == 0) error = dev_anomaly_order_to(v, 1, 2, &order);
    dev_vitals_free(v);
    return error;
}

static void test_every_allocation_may_fail(void **state) {
    (void)state;
    assert_int_equal(fail_every_allocation(life, NULL), 3);
    dev_vitals_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_poisson),
        cmocka_unit_test(test_use_follows_the_day_and_the_week),
        cmocka_unit_test(test_noise_of_a_fleet),
        cmocka_unit_test(test_charge_at_the_start),
        cmocka_unit_test(test_counts_begin_anew_with_each_report),
        cmocka_unit_test(test_nothing_happens_without_power),
        cmocka_unit_test(test_who_does_not_tell_says_nothing),
        cmocka_unit_test(test_destinations_are_a_set_with_an_end),
        cmocka_unit_test(test_the_longest_report),
        cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
