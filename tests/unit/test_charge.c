/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a battery is spent for, and that who does less lives longer. */
#include "devices/charge.h"
#include "tests/unit/with_cmocka.h"

/* So many days of a sensor that reports every so often, awake for two seconds each time. */
static double days_of(sim_time every, double full_j) {
    dev_charge c;
    sim_time now = 0;
    dev_charge_init(&c, full_j);
    while (!dev_charge_is_empty(&c) && now < 3660 * SIM_DAY) {
        dev_charge_state(&c, DEV_STATE_ONLINE, now);
        dev_charge_sensed(&c);
        dev_charge_datagram(&c, 100);
        dev_charge_datagram(&c, 40);
        now += 2 * SIM_SECOND;
        dev_charge_state(&c, DEV_STATE_ASLEEP, now);
        now += every;
    }
    return sim_time_seconds(now) / 86400;
}

/* A button cell of 2.4 kJ: an hour between two reports is years, a minute is weeks. */
static void test_activity_decides(void **state) {
    (void)state;
    double minute = days_of(SIM_MINUTE, 2400), hour = days_of(SIM_HOUR, 2400);
    assert_true(minute > 7 && minute < 30);
    assert_true(hour > 200 && hour < 800);
    assert_true(hour > 20 * minute);
}

static void test_states(void **state) {
    (void)state;
    static const struct {
        dev_state state;
        double least_s, most_s; /* that a joule lasts */
    } cases[] = {{DEV_STATE_CONNECTING, 10, 30},
                 {DEV_STATE_ONLINE, 10, 30},
                 {DEV_STATE_BOOTING, 50, 100},
                 {DEV_STATE_WAITING_FOR_ATTEMPT, 30000, 40000},
                 {DEV_STATE_ASLEEP, 30000, 40000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dev_charge c;
        dev_charge_init(&c, 1);
        dev_charge_state(&c, cases[i].state, 0);
        dev_charge_state(&c, cases[i].state, sim_time_from_seconds(cases[i].least_s));
        assert_false(dev_charge_is_empty(&c));
        dev_charge_state(&c, cases[i].state, sim_time_from_seconds(cases[i].most_s));
        assert_true(dev_charge_is_empty(&c));
    }
}

/* Off it spends nothing; and a battery that nobody counts is never empty. */
static void test_nothing_is_spent(void **state) {
    (void)state;
    dev_charge c;
    dev_charge_init(&c, 1);
    dev_charge_state(&c, DEV_STATE_OFF, 3660 * SIM_DAY);
    assert_false(dev_charge_is_empty(&c));
    dev_charge_init(&c, 0);
    dev_charge_state(&c, DEV_STATE_ONLINE, 0);
    dev_charge_state(&c, DEV_STATE_ONLINE, 3660 * SIM_DAY);
    assert_false(dev_charge_is_empty(&c));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activity_decides),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_nothing_is_spent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
