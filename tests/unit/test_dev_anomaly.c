/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mischief: each kind shows where it should while it lasts, nowhere else and not a moment longer;
 * at strength 0 nobody could tell. */
#include <math.h>
#include <string.h>

#include "devices/anomaly.h"
#include "devices/model.h"
#include "tests/unit/with_cmocka.h"

enum { DEVICE = 5, SEED = 3 };
#define FROM (10 * SIM_HOUR)
#define TO (14 * SIM_HOUR)

static dev_vitals *device(void) {
    dev_vitals *v = dev_vitals_new(SEED, DEVICE, true, true);
    assert_non_null(v);
    dev_vitals_power(v, 0, true);
    return v;
}

static dev_vitals *device_with(record_anomaly kind, double strength, sim_time ramp) {
    dev_vitals *v = device();
    const dev_anomaly_order order = {
        .kind = kind, .from = FROM, .to = TO, .ramp = ramp, .strength = strength, .campaign = 2};
    assert_int_equal(dev_anomaly_order_to(v, SEED, DEVICE, &order), 0);
    return v;
}

/* What the order adds to the honest counts of from..to, which are drawn from streams of their own.
 */
typedef struct excess {
    double bytes_in, bytes_out, packets_in, packets_out, logins, charge;
} excess;

static excess excess_of(record_anomaly kind, double strength, sim_time ramp, sim_time from,
                        sim_time to) {
    dev_vitals *v = device_with(kind, strength, ramp), *honest = device();
    dev_vitals_advance(v, from);
    dev_vitals_advance(honest, from);
    double before = honest->charge - v->charge;
    v->counts = honest->counts = (dev_vitals_counts){0};
    dev_vitals_advance(v, to);
    dev_vitals_advance(honest, to);
    const dev_vitals_counts *a = &v->counts, *b = &honest->counts;
    excess e = {
        (double)(a->bytes_in - b->bytes_in),           (double)(a->bytes_out - b->bytes_out),
        (double)(a->packets_in - b->packets_in),       (double)(a->packets_out - b->packets_out),
        (double)(a->failed_logins - b->failed_logins), honest->charge - v->charge - before};
    dev_vitals_free(v);
    dev_vitals_free(honest);
    return e;
}

static void assert_near(double seen, double expected) {
    double error = 5 * sqrt(expected) + 0.02 * expected;
    if (!(fabs(seen - expected) <= error)) fail_msg("%g where %g was expected", seen, expected);
}

static const struct {
    record_anomaly kind;
    double logins, packets_out, bytes_out, charge; /* an hour */
} rates[] = {
    {RECORD_ANOMALY_CREDENTIAL_STUFFING, 240, 1200, 72000, 0},
    {RECORD_ANOMALY_EXFILTRATION, 0, 180, 200000, 0},
    {RECORD_ANOMALY_BOTNET_SCAN, 0, 7200, 432000, 0},
    {RECORD_ANOMALY_BATTERY_DRAIN, 0, 600, 36000, 0.8},
};

static void test_rates_while_it_lasts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        for (double strength = 0.5; strength <= 2; strength *= 2) {
            /* of which four hours count */
            excess e = excess_of(rates[i].kind, strength, 0, 0, SIM_DAY);
            double hours = 4 * strength;
            assert_near(e.logins, hours * rates[i].logins);
            assert_near(e.packets_out, hours * rates[i].packets_out);
            assert_true(fabs(e.bytes_out - hours * rates[i].bytes_out) <=
                        0.2 * hours * rates[i].bytes_out);
            assert_true(fabs(e.charge - hours * rates[i].charge) < 1e-9);
        }
    }
}

static void test_nothing_before_and_after(void **state) {
    (void)state;
    for (int kind = 0; kind < RECORD_ANOMALIES; kind++) {
        if (!dev_anomaly_is_possible((record_anomaly)kind)) continue;
        excess before = excess_of((record_anomaly)kind, 3, 0, 0, FROM);
        excess after = excess_of((record_anomaly)kind, 3, 0, TO, SIM_DAY);
        excess last = excess_of((record_anomaly)kind, 3, 0, TO - SIM_HOUR, SIM_DAY);
        assert_true(before.packets_out == 0 && before.packets_in == 0 && before.logins == 0);
        assert_true(after.packets_out == 0 && after.packets_in == 0 && after.logins == 0 &&
                    fabs(after.charge) < 1e-9);
        dev_vitals *v = device_with((record_anomaly)kind, 3, 0);
        for (sim_time t = FROM; t < TO; t += SIM_HOUR)
            dev_anomaly_reading(v, t, 20 + (double)t / 1e15);
        assert_true(dev_anomaly_reading(v, FROM - 1, 20.25) == 20.25);
        assert_true(dev_anomaly_reading(v, TO, 20.25) == 20.25);
        assert_false(dev_anomaly_silences(v, FROM - 1) || dev_anomaly_silences(v, TO));
        assert_true(dev_anomaly_connections(v, TO) == 0);
        dev_vitals_free(v);
        bool traffic = kind == RECORD_ANOMALY_CREDENTIAL_STUFFING ||
                       kind == RECORD_ANOMALY_EXFILTRATION || kind == RECORD_ANOMALY_BOTNET_SCAN ||
                       kind == RECORD_ANOMALY_BATTERY_DRAIN;
        assert_true((last.packets_out > 0) == traffic); /* bad twin: its last hour is seen */
    }
}

/* Grows evenly: a quarter of it in the first half of the ramp; however the time is cut into
 * reports. */
static void test_ramp(void **state) {
    (void)state;
    const sim_time ramp = 2 * SIM_HOUR;
    const record_anomaly kind = RECORD_ANOMALY_CREDENTIAL_STUFFING;
    assert_near(excess_of(kind, 10, ramp, FROM, FROM + SIM_HOUR).logins, 2400 * 0.25);
    assert_near(excess_of(kind, 10, ramp, FROM + SIM_HOUR, FROM + 2 * SIM_HOUR).logins,
                2400 * 0.75);
    assert_near(excess_of(kind, 10, ramp, FROM + 2 * SIM_HOUR, TO).logins, 2400 * 2);
    assert_near(excess_of(kind, 10, ramp, 0, SIM_DAY).logins, 2400 * 3);
    /* bad twin: without a ramp */
    assert_true(excess_of(kind, 10, 0, FROM, FROM + SIM_HOUR).logins > 2000);
    dev_vitals *v = device_with(kind, 10, ramp);
    double sum = 0;
    for (sim_time t = 0; t < SIM_DAY; t += 7 * SIM_MINUTE) {
        dev_vitals_advance(v, t);
        sum += v->counts.failed_logins;
        v->counts.failed_logins = 0;
    }
    assert_near(sum, 2400 * 3);
    dev_vitals_free(v);
}

static bool talked_to(const dev_vitals *v, uint32_t from, uint32_t to) {
    for (uint32_t i = 0; i < v->counts.destination_count; i++)
        if (v->counts.destinations[i] >= from && v->counts.destinations[i] <= to) return true;
    return false;
}

static void test_destinations(void **state) {
    (void)state;
    static const struct {
        record_anomaly kind;
        bool stranger, scan;
    } rows[] = {{RECORD_ANOMALY_EXFILTRATION, true, false},
                {RECORD_ANOMALY_BOTNET_SCAN, false, true},
                {RECORD_ANOMALY_CREDENTIAL_STUFFING, false, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dev_vitals *v = device_with(rows[i].kind, 1, 0);
        dev_vitals_advance(v, FROM + SIM_HOUR);
        assert_int_equal(talked_to(v, DEV_DESTINATION_STRANGER, DEV_DESTINATION_STRANGER + 255),
                         rows[i].stranger);
        assert_int_equal(talked_to(v, DEV_DESTINATION_SCAN, DEV_DESTINATION_SCAN + (1u << 17)),
                         rows[i].scan);
        dev_vitals_free(v);
    }
}

static void test_connections(void **state) {
    (void)state;
    dev_vitals *scan = device_with(RECORD_ANOMALY_BOTNET_SCAN, 1, 0),
               *stuck = device_with(RECORD_ANOMALY_STUCK_SENSOR, 1, 0);
    uint64_t seen = 0, none = 0;
    for (int i = 0; i < 1000; i++) {
        seen += dev_anomaly_connections(scan, FROM + i);
        none += dev_anomaly_connections(stuck, FROM + i);
    }
    assert_near((double)seen, 4000);
    assert_int_equal(none, 0);
    dev_vitals_free(scan);
    dev_vitals_free(stuck);
}

/* ---- readings ---- */

static double honest_at(sim_time t) {
    return 20 + floor(100 * sin((double)t / 1e13)) / 100;
}

static void test_stuck(void **state) {
    (void)state;
    dev_vitals *v = device_with(RECORD_ANOMALY_STUCK_SENSOR, 1, 0);
    double first = dev_anomaly_reading(v, FROM, honest_at(FROM));
    assert_true(first == honest_at(FROM));
    for (sim_time t = FROM; t < TO; t += SIM_MINUTE)
        assert_true(fabs(dev_anomaly_reading(v, t, honest_at(t)) - first) < 1e-5);
    dev_vitals_free(v);
    v = device_with(RECORD_ANOMALY_STUCK_SENSOR, 0.5, 0); /* half of it still moves */
    (void)dev_anomaly_reading(v, FROM, 20);
    assert_true(fabs(dev_anomaly_reading(v, FROM + 1, 22) - 21) < 1e-5);
    dev_vitals_free(v);
}

static void test_out_of_range(void **state) {
    (void)state;
    int out = 0, low = 0;
    dev_vitals *v = device_with(RECORD_ANOMALY_OUT_OF_RANGE, 0.25, 0);
    for (int i = 0; i < 4000; i++) {
        double told = dev_anomaly_reading(v, FROM + i, 20);
        out += told != 20;
        low += told == -55;
        assert_true(told == 20 || told == -55 || told == 125);
    }
    assert_near(out, 1000);
    assert_true(low > 300 && low < 700);
    dev_vitals_free(v);
}

static void test_drift(void **state) {
    (void)state;
    dev_vitals *v = device_with(RECORD_ANOMALY_SLOW_DRIFT, 2, 0);
    for (sim_time t = FROM; t < TO; t += SIM_MINUTE) {
        double away = dev_anomaly_reading(v, t, 20) - 20;
        assert_true(fabs(away - 0.5 * (double)(t - FROM) / (double)SIM_HOUR) < 0.006);
    }
    dev_vitals_free(v);
}

static void test_silence(void **state) {
    (void)state;
    dev_vitals *all = device_with(RECORD_ANOMALY_SILENT_DEVICE, 1, 0),
               *half = device_with(RECORD_ANOMALY_SILENT_DEVICE, 0.5, 0);
    int withheld = 0;
    for (int i = 0; i < 2000; i++) {
        assert_true(dev_anomaly_silences(all, FROM + i));
        withheld += dev_anomaly_silences(half, FROM + i);
    }
    assert_near(withheld, 1000);
    dev_vitals_free(all);
    dev_vitals_free(half);
}

static void test_spoilt_updates(void **state) {
    (void)state;
    dev_device d = {.vitals = NULL};
    assert_false(dev_anomaly_spoils_update(&d, FROM));
    d.vitals = device_with(RECORD_ANOMALY_UPDATE_SIGNATURE, 1, 0);
    assert_true(dev_anomaly_spoils_update(&d, FROM) && dev_anomaly_spoils_update(&d, TO - 1));
    assert_false(dev_anomaly_spoils_update(&d, FROM - 1) || dev_anomaly_spoils_update(&d, TO));
    dev_vitals_free(d.vitals);
    d.vitals = device_with(RECORD_ANOMALY_UPDATE_SIGNATURE, 0, 0);
    assert_false(dev_anomaly_spoils_update(&d, FROM));
    dev_vitals_free(d.vitals);
    d.vitals = device_with(RECORD_ANOMALY_CLONE, 1, 0);
    assert_false(dev_anomaly_spoils_update(&d, FROM));
    dev_vitals_free(d.vitals);
}

/* Every report of a day, as bytes. */
static size_t day_of(dev_vitals *v, uint8_t *out, size_t room) {
    size_t used = 0;
    for (sim_time t = SIM_HOUR / 4; t <= SIM_DAY; t += SIM_HOUR / 4) {
        net_senml_pack pack = {.base_name = "x_", .count = 1};
        size_t n;
        memcpy(pack.records[0].name, "t", 2);
        pack.records[0].value = dev_anomaly_reading(v, t, honest_at(t));
        if (dev_anomaly_silences(v, t)) continue;
        dev_vitals_tell(v, t, true, &pack);
        assert_int_equal(net_senml_write(&pack, out + used, room - used, &n), 0);
        used += n;
    }
    dev_vitals_free(v);
    return used;
}

static void test_strength_0_is_honest_to_the_byte(void **state) {
    (void)state;
    static uint8_t honest[100000], other[100000];
    size_t n = day_of(device(), honest, sizeof honest);
    for (int kind = 0; kind < RECORD_ANOMALIES; kind++) {
        if (!dev_anomaly_is_possible((record_anomaly)kind)) continue;
        assert_int_equal(day_of(device_with((record_anomaly)kind, 0, 0), other, sizeof other), n);
        assert_memory_equal(honest, other, n);
        size_t m =
            /* bad twin: at 1 it shows */
            day_of(device_with((record_anomaly)kind, 1, 0), other, sizeof other);
        bool elsewhere = kind == RECORD_ANOMALY_CLONE || kind == RECORD_ANOMALY_UPDATE_SIGNATURE;
        assert_int_equal(m == n && memcmp(honest, other, n) == 0, elsewhere);
    }
}

static void test_several_at_once(void **state) {
    (void)state;
    dev_vitals *v = device_with(RECORD_ANOMALY_SLOW_DRIFT, 1, 0);
    const dev_anomaly_order more[] = {
        {.kind = RECORD_ANOMALY_SILENT_DEVICE, .from = TO, .to = SIM_NEVER, .strength = 1},
        {.kind = RECORD_ANOMALY_SLOW_DRIFT, .from = FROM, .to = TO, .strength = 1}};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(dev_anomaly_order_to(v, SEED, DEVICE, &more[i]), 0);
    assert_true(fabs(dev_anomaly_reading(v, FROM + 2 * SIM_HOUR, 20) - 21) < 0.011);
    assert_true(dev_anomaly_silences(v, 90 * SIM_DAY) && !dev_anomaly_silences(v, FROM));
    dev_anomaly_forget(v);
    assert_null(v->orders);
    dev_vitals_free(v);
}

static void test_what_is_lacking(void **state) {
    (void)state;
    for (int battery = 0; battery <= 1; battery++) {
        for (int metrics = 0; metrics <= 1; metrics++) {
            const dev_profile p = {.battery = battery, .metrics = metrics};
            assert_true((dev_anomaly_lacks(RECORD_ANOMALY_BATTERY_DRAIN, &p) == NULL) ==
                        (battery && metrics));
            assert_true((dev_anomaly_lacks(RECORD_ANOMALY_EXFILTRATION, &p) == NULL) == metrics);
            assert_null(dev_anomaly_lacks(RECORD_ANOMALY_STUCK_SENSOR, &p));
            assert_null(dev_anomaly_lacks(RECORD_ANOMALY_CLONE, &p));
        }
    }
    assert_false(dev_anomaly_is_possible(RECORD_ANOMALY_UNKNOWN) ||
                 dev_anomaly_is_possible(RECORD_ANOMALY_LOCK_STEP) ||
                 dev_anomaly_is_possible(RECORD_ANOMALY_NEW_DESTINATION));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates_while_it_lasts),
        cmocka_unit_test(test_nothing_before_and_after),
        cmocka_unit_test(test_ramp),
        cmocka_unit_test(test_destinations),
        cmocka_unit_test(test_connections),
        cmocka_unit_test(test_stuck),
        cmocka_unit_test(test_out_of_range),
        cmocka_unit_test(test_drift),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_spoilt_updates),
        cmocka_unit_test(test_strength_0_is_honest_to_the_byte),
        cmocka_unit_test(test_several_at_once),
        cmocka_unit_test(test_what_is_lacking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
