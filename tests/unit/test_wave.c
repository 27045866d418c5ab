/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of a wave at their limits: each one more or less decides. */
#include "sim/judge/wave.h"

#include <math.h>

#include "tests/unit/with_cmocka.h"

enum { TRIGGER = 3, ATTEMPTS_MAX = 64 };

static const sim_time began = SIM_HOUR;

typedef struct crowd {
    record_attempt items[ATTEMPTS_MAX];
    size_t count;
} crowd;

static void come(crowd *w, sim_time after, uint32_t device, record_outcome outcome) {
    w->items[w->count++] = (record_attempt){.at = began + after,
                                            .latency = 0,
                                            .device = device,
                                            .number = (uint32_t)w->count + 1,
                                            .trigger = TRIGGER,
                                            .outcome = (uint8_t)outcome};
}

static judge_reconnect_case case_of(const crowd *w, uint64_t devices, double capacity,
                                    sim_time watched) {
    return (judge_reconnect_case){.attempts = w->items,
                                  .count = w->count,
                                  .trigger = TRIGGER,
                                  .began = began,
                                  .until = began + watched,
                                  .devices = devices,
                                  .capacity = capacity};
}

static judge_wave observe(const judge_reconnect_case *c) {
    judge_wave w;
    assert_int_equal(judge_wave_observe(c, &w), 0);
    return w;
}

/* Three times what the cloud needs for all, and not less than ten minutes. */
static void test_watched_long_enough(void **state) {
    (void)state;
    const crowd nobody = {.count = 0};
    static const struct {
        uint64_t devices;
        double capacity;
        sim_time enough;
    } rows[] = {
        {1000, 1000, 10 * SIM_MINUTE}, {200, 1, 600 * SIM_SECOND}, {201, 1, 603 * SIM_SECOND},
        {1000, 1, 3000 * SIM_SECOND},  {199, 1, 600 * SIM_SECOND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_reconnect_case c = case_of(&nobody, rows[i].devices, rows[i].capacity, SIM_HOUR);
        assert_true(judge_wave_watch_enough(&c) == rows[i].enough);
    }
}

/* Somebody is missing: that is a failure only when there was time to come. */
static void test_cut_short(void **state) {
    (void)state;
    crowd some = {.count = 0};
    for (uint32_t d = 0; d < 9; d++) come(&some, d * SIM_SECOND, d, RECORD_OUTCOME_ONLINE);
    judge_reconnect_case c = case_of(&some, 10, 100, 10 * SIM_MINUTE);
    assert_false(observe(&c).cut_short);
    c.until--;
    assert_true(observe(&c).cut_short);
    c.devices = 9; /* all are there */
    assert_false(observe(&c).cut_short);
}

static void test_counted(void **state) {
    (void)state;
    crowd some = {.count = 0};
    come(&some, SIM_SECOND, 0, RECORD_OUTCOME_DROPPED);
    come(&some, SIM_SECOND + 900 * SIM_MILLISECOND, 1, RECORD_OUTCOME_BUSY);
    come(&some, 2 * SIM_SECOND, 2, RECORD_OUTCOME_REFUSED); /* a second after the first */
    come(&some, 8 * SIM_SECOND, 0, RECORD_OUTCOME_ONLINE);
    come(&some, 10 * SIM_SECOND + 950 * SIM_MILLISECOND, 1, RECORD_OUTCOME_ONLINE);
    come(&some, 40 * SIM_SECOND, 2, RECORD_OUTCOME_NONE);
    judge_reconnect_case c = case_of(&some, 3, 100, SIM_HOUR);
    judge_wave w = observe(&c);
    assert_int_equal(w.attempts, 6);
    assert_int_equal(w.turned_away, 3);
    assert_int_equal(w.busiest, 2);
    assert_true(w.busiest_at == began + SIM_SECOND);
    assert_int_equal(w.busiest_ten, 5); /* the last of the five is 9.95 s after the first */
    assert_int_equal(w.online, 2);
    assert_int_equal(w.successes, 2);
    assert_true(w.first == began + SIM_SECOND);
    assert_true(w.half == began + 10 * SIM_SECOND + 950 * SIM_MILLISECOND);
    assert_true(w.most == SIM_NEVER && w.all == SIM_NEVER);
}

/* The wave lasts until next to all are there; its mean counts those who came till then, that moment
 * included. */
static void test_mean(void **state) {
    (void)state;
    crowd some = {.count = 0};
    come(&some, SIM_SECOND, 0, RECORD_OUTCOME_DROPPED);
    come(&some, 3 * SIM_SECOND, 0, RECORD_OUTCOME_DROPPED);
    come(&some, 5 * SIM_SECOND, 0, RECORD_OUTCOME_ONLINE);
    come(&some, 9 * SIM_SECOND, 1, RECORD_OUTCOME_ONLINE);
    come(&some, 12 * SIM_SECOND, 0, RECORD_OUTCOME_DROPPED);
    judge_reconnect_case c = case_of(&some, 2, 100, SIM_HOUR);
    judge_wave w = observe(&c);
    assert_true(w.most == began + 9 * SIM_SECOND && w.all == w.most);
    assert_true(fabs(w.window - 8) < 1e-9 && fabs(w.mean - 0.5) < 1e-9);
    assert_int_equal(w.came, 2);
    assert_true(w.last_began == began + 9 * SIM_SECOND);
}

/* A device let in `times` times whose pauses grow by `factor`, and that tries once more. */
static judge_wave returning(int times, double factor) {
    crowd one = {.count = 0};
    double at = 1, pause = 10;
    for (int i = 0; i < times; i++, at += pause, pause *= factor)
        come(&one, sim_time_from_seconds(at), 0, RECORD_OUTCOME_ONLINE);
    judge_reconnect_case c = case_of(&one, 1, 100, 10 * SIM_HOUR);
    return observe(&c);
}

/* Five pauses after a success make a device that returns; the last of them is not compared. */
static void test_returns(void **state) {
    (void)state;
    assert_int_equal(returning(JUDGE_WAVE_RETURNS, 1).returned, 0);
    assert_true(isnan(returning(JUDGE_WAVE_RETURNS, 1).growth));
    assert_int_equal(returning(JUDGE_WAVE_RETURNS + 1, 1).returned, 1);
    assert_true(fabs(returning(JUDGE_WAVE_RETURNS + 1, 1).growth - 1) < 1e-11);
    assert_true(fabs(returning(JUDGE_WAVE_RETURNS + 1, 2).growth - (40. + 80) / (10 + 20)) < 1e-11);
    assert_true(fabs(returning(JUDGE_WAVE_RETURNS + 2, 2).growth - (80. + 160) / (10 + 20)) <
                1e-11);
}

/* Accept and close: half of the devices, each let in twice and more. */
static void test_trap(void **state) {
    (void)state;
    const judge_reconnect_case c = {.devices = 10};
    static const struct {
        uint64_t returned, online, successes;
        bool trap, again;
    } rows[] = {
        {0, 0, 0, false, false}, {4, 4, 40, false, false}, {5, 5, 10, true, true},
        {5, 5, 9, true, false},  {5, 4, 10, true, false},  {10, 10, 20, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const judge_wave w = {
            .returned = rows[i].returned, .online = rows[i].online, .successes = rows[i].successes};
        assert_int_equal(judge_wave_is_trap(&c, &w), rows[i].trap);
        assert_int_equal(judge_wave_comes_again(&c, &w), rows[i].again);
    }
    const judge_reconnect_case none = {.devices = 0};
    assert_false(judge_wave_is_trap(&none, &(judge_wave){0}));
}

/* Half of the capacity and more is tried, a tenth and less gets in, devices are missing, and there
 * was time. In the late part of this wave the cloud could let in 100. */
static void test_metastable(void **state) {
    (void)state;
    static const struct {
        uint64_t attempts, online, there;
        double capacity;
        bool cut_short, metastable;
    } rows[] = {
        {50, 10, 9, 10, false, true}, {49, 10, 9, 10, false, false},
        {40, 0, 9, 10, false, false}, {50, 11, 9, 10, false, false},
        {500, 0, 9, 10, false, true}, {50, 10, 10, 10, false, false},
        {50, 10, 9, 10, true, false}, {50, 10, 9, 0, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const judge_reconnect_case c = {.devices = 10, .capacity = rows[i].capacity};
        judge_wave w = {.online = rows[i].there, .cut_short = rows[i].cut_short};
        w.pattern.late_seconds = 10;
        w.pattern.late_attempts = rows[i].attempts;
        w.pattern.late_online = rows[i].online;
        if (judge_wave_is_metastable(&c, &w) != rows[i].metastable) fail_msg("row %zu", i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_watched_long_enough),
        cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_counted),
        cmocka_unit_test(test_mean),
        cmocka_unit_test(test_returns),
        cmocka_unit_test(test_trap),
        cmocka_unit_test(test_metastable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
