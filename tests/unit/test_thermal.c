/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The room in closed form against a fine-step numeric integration of the same equation. */
#include <math.h>

#include "devices/thermal.h"
#include "tests/unit/with_cmocka.h"

static dev_thermal room(void) {
    return (dev_thermal){.outside_c = 5,
                         .gain_c = 30,
                         .tau_s = 6 * 3600,
                         .set_point_c = 20.5F,
                         .band_c = 0.5F,
                         .temperature_c = 18,
                         .powered = true};
}

/* Heun's method with 0.1 s steps: dT/dt = (goal - T) / tau. */
static double integrate(double temperature, double goal, double tau_s, double seconds) {
    const double h = 0.1;
    for (double t = 0; t + h / 2 < seconds; t += h) {
        double k1 = (goal - temperature) / tau_s;
        double k2 = (goal - (temperature + h * k1)) / tau_s;
        temperature += h * (k1 + k2) / 2;
    }
    return temperature;
}

static void test_advance_is_the_integral(void **state) {
    (void)state;
    for (int heating = 0; heating <= 1; heating++) {
        for (int hours = 1; hours <= 24; hours *= 2) {
            dev_thermal t = room();
            t.heating = heating;
            dev_thermal_advance(&t, hours * SIM_HOUR);
            double goal = heating ? 35 : 5;
            assert_true(
                fabs((double)t.temperature_c - integrate(18, goal, 6 * 3600, hours * 3600)) < 1e-4);
            /* bad twin: another time constant is noticed */
            assert_true(fabs((double)t.temperature_c -
                             integrate(18, goal, 6.1 * 3600, hours * 3600)) > 1e-2);
            assert_int_equal(t.since, hours * SIM_HOUR);
        }
    }
}

static void test_many_short_steps_are_one_long_step(void **state) {
    (void)state;
    dev_thermal once = room(), often = room();
    dev_thermal_advance(&once, SIM_HOUR);
    for (int i = 1; i <= 3600; i++) dev_thermal_advance(&often, i * SIM_SECOND);
    assert_true(fabs((double)once.temperature_c - (double)often.temperature_c) < 1e-3);
}

/* A day driven by its own deadlines, held against an integration that looks every 0.1 s: the same
 * switches at the same times. */
static void test_next_is_where_an_integration_would_switch(void **state) {
    (void)state;
    dev_thermal t = room();
    double temperature = 18;
    int heating = 0;
    int switches = 0;
    sim_time next = 0;
    for (int64_t tenth = 0; tenth < 24 * 36000; tenth++) {
        sim_time now = tenth * 100 * SIM_MILLISECOND;
        if (next <= now) {
            dev_thermal_control(&t, next);
            next = dev_thermal_next(&t);
            switches++;
        }
        if (heating ? temperature >= 21 : temperature <= 20) {
            heating = !heating;
            assert_int_equal(heating, t.heating);
            assert_true(fabs((double)t.temperature_c - temperature) < 2e-3);
        }
        temperature = integrate(temperature, heating ? 35 : 5, 6 * 3600, 0.1);
    }
    assert_int_equal(heating, t.heating);
    assert_in_range(switches, 20, 100);
}

/* The wake-up that was computed for a switch switches: no second one is needed, and time passes
 * between two. */
static void test_every_deadline_switches(void **state) {
    (void)state;
    dev_thermal t = room();
    sim_time now = 0;
    dev_thermal_control(&t, now);
    for (int i = 0; i < 10000; i++) {
        bool before = t.heating;
        sim_time next = dev_thermal_next(&t);
        assert_true(next > now + SIM_MINUTE);
        now = next;
        dev_thermal_control(&t, now);
        assert_true(t.heating != before);
        double threshold = before ? 21 : 20;
        assert_true(fabs((double)t.temperature_c - threshold) < 1e-3);
    }
}

static void test_reach(void **state) {
    (void)state;
    dev_thermal t = room();
    t.heating = true;
    t.gain_c = 10; /* comes to rest at 15 */
    assert_int_equal(dev_thermal_next(&t), SIM_NEVER);
    t.heating = false;
    t.temperature_c = 25;
    t.outside_c = 22; /* summer: never cools below 20 */
    assert_int_equal(dev_thermal_next(&t), SIM_NEVER);
    t.outside_c = 20; /* comes to rest on the threshold itself */
    assert_int_equal(dev_thermal_next(&t), SIM_NEVER);
    t.outside_c = 5;
    assert_true(dev_thermal_next(&t) < SIM_HOUR * 3);
}

static void test_threshold_already_passed_is_due_now(void **state) {
    (void)state;
    dev_thermal t = room();
    t.since = SIM_HOUR;
    assert_int_equal(dev_thermal_next(&t), SIM_HOUR); /* 18 is below 20: it should heat */
    dev_thermal_control(&t, SIM_HOUR);
    assert_true(t.heating);
    t.set_point_c = 10;
    assert_int_equal(dev_thermal_next(&t), SIM_HOUR);
    dev_thermal_control(&t, SIM_HOUR);
    assert_false(t.heating);
}

static void test_set_back_moves_both_thresholds(void **state) {
    (void)state;
    dev_thermal t = room();
    t.temperature_c = 18.4F;
    t.set_back_c = 3; /* 17 .. 18 */
    dev_thermal_control(&t, 0);
    assert_false(t.heating);
    dev_thermal_control(&t, dev_thermal_next(&t));
    assert_true(t.heating);
    assert_true(fabs((double)t.temperature_c - 17) < 1e-3);
    t.set_back_c = 0; /* morning */
    dev_thermal_control(&t, dev_thermal_next(&t));
    assert_true(fabs((double)t.temperature_c - 21) < 1e-3);
}

/* Against the same room looked at each second. */
static void test_time_in_band(void **state) {
    (void)state;
    static const struct {
        float from_c;
        bool heating;
        int seconds;
    } rows[] = {{18, true, 7200},      {18, true, 600},     {20.4F, true, 3600},
                {20.9F, false, 3600},  {23, false, 14400},  {23, false, 600},
                {18, false, 600},      {20.5F, true, 60},   {5, false, 3600},
                {20.5F, false, 30000}, {20.9F, true, 1000}, {19, false, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dev_thermal t = room();
        t.temperature_c = rows[i].from_c;
        t.heating = rows[i].heating;
        double counted = 0;
        for (int s = 0; s < rows[i].seconds; s++) {
            dev_thermal now = t;
            dev_thermal_advance(&now, s * SIM_SECOND + SIM_SECOND / 2);
            counted += fabs((double)now.temperature_c - 20.5) <= 0.501 ? 1 : 0;
        }
        dev_thermal_advance(&t, rows[i].seconds * SIM_SECOND);
        double found = sim_time_seconds(dev_thermal_in_band(&t, 0));
        if (fabs(found - counted) > 2) fail_msg("row %zu: %f s instead of %f s", i, found, counted);
    }
}

/* A report looks at the room in between: that changes nothing. Not even at rest, where nothing
 * moves. */
static void test_time_in_band_from_anywhere(void **state) {
    (void)state;
    dev_thermal t = room();
    t.heating = true;
    dev_thermal_advance(&t, 3600 * SIM_SECOND);
    dev_thermal u = t;
    dev_thermal_advance(&t, 5400 * SIM_SECOND);
    dev_thermal_advance(&u, 4000 * SIM_SECOND);
    dev_thermal_advance(&u, 5400 * SIM_SECOND);
    assert_true(fabs(sim_time_seconds(dev_thermal_in_band(&t, 0)) -
                     sim_time_seconds(dev_thermal_in_band(&u, 0))) < 0.1);
    t.temperature_c = t.outside_c;
    t.heating = false;
    assert_int_equal(dev_thermal_in_band(&t, 0), 0);
    t.set_point_c = t.outside_c;
    assert_int_equal(dev_thermal_in_band(&t, 0), 5400 * SIM_SECOND);
}

static void test_without_power_the_room_cools(void **state) {
    (void)state;
    dev_thermal t = room();
    dev_thermal_control(&t, 0);
    assert_true(t.heating);
    t.powered = false;
    dev_thermal_control(&t, SIM_HOUR);
    assert_false(t.heating);
    float before = t.temperature_c;
    assert_int_equal(dev_thermal_next(&t), SIM_NEVER);
    dev_thermal_control(&t, 2 * SIM_HOUR);
    assert_false(t.heating);
    assert_true(fabs((double)t.temperature_c - integrate((double)before, 5, 6 * 3600, 3600)) <
                1e-4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_advance_is_the_integral),
        cmocka_unit_test(test_many_short_steps_are_one_long_step),
        cmocka_unit_test(test_next_is_where_an_integration_would_switch),
        cmocka_unit_test(test_every_deadline_switches),
        cmocka_unit_test(test_reach),
        cmocka_unit_test(test_threshold_already_passed_is_due_now),
        cmocka_unit_test(test_set_back_moves_both_thresholds),
        cmocka_unit_test(test_time_in_band),
        cmocka_unit_test(test_time_in_band_from_anywhere),
        cmocka_unit_test(test_without_power_the_room_cools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
