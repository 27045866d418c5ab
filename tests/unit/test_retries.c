/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each figure of those who try again has a value of its own, and stands at its limit. */
#include "sim/judge/retries.h"

#include <math.h>

#include "tests/unit/with_cmocka.h"

enum { TRIGGER = 2, REGULAR = 60, ATTEMPTS_MAX = 512 };

static const sim_time began = SIM_HOUR, until = 3 * SIM_HOUR;

static record_attempt items[ATTEMPTS_MAX];
static size_t count;

static void attempt(sim_time at, uint32_t device, uint32_t number, record_outcome outcome,
                    sim_time latency) {
    assert_true(count < ATTEMPTS_MAX);
    items[count++] = (record_attempt){.at = at,
                                      .latency = latency,
                                      .device = device,
                                      .number = number,
                                      .trigger = TRIGGER,
                                      .outcome = (uint8_t)outcome};
}

/* Refused three times, then online. Pauses of 2, 4 and 8 s, a tenth less where the end of an attempt
 * was seen and a tenth more where it was not; a first attempt each tenth of a second. */
static void regular(uint32_t device) {
    bool seen = device % 2 == 0;
    sim_time at = began + device * 100 * SIM_MILLISECOND;
    for (uint32_t k = 0; k < 3; k++) {
        attempt(at, device, k + 1, RECORD_OUTCOME_REFUSED, seen ? 20 * SIM_MILLISECOND : SIM_NEVER);
        at += (seen ? 20 : 0) * SIM_MILLISECOND +
              ((sim_time)2 << k) * (seen ? 900 : 1100) * SIM_MILLISECOND;
    }
    attempt(at, device, 4, RECORD_OUTCOME_ONLINE, 0);
}

static judge_retries look(uint64_t devices) {
    record_attempts all = {items, count, count};
    record_attempts_sort(&all);
    const judge_reconnect_case c = {.attempts = items,
                                    .count = count,
                                    .trigger = TRIGGER,
                                    .began = began,
                                    .until = until,
                                    .devices = devices,
                                    .capacity = 100};
    judge_retries r;
    assert_int_equal(judge_retries_of(&c, &r), 0);
    return r;
}

static bool near(double a, double b) {
    return fabs(a - b) < 1e-9;
}

static void test_each_figure(void **state) {
    (void)state;
    count = 0;
    for (uint32_t d = 0; d < REGULAR; d++) regular(d);
    judge_retries r = look(REGULAR);
    assert_int_equal(r.devices, REGULAR);
    assert_int_equal(r.pauses, 3);
    assert_int_equal(r.from_start, REGULAR / 2 * 3);
    assert_true(near(r.first, 2) && near(r.longest, 8) && near(r.growth, 2));
    assert_true(near(r.all.cv, 0.1 * sqrt((double)REGULAR / (REGULAR - 1))));
    assert_int_equal(r.firsts, REGULAR);
    assert_true(near(r.width, 5.3)); /* from the fourth to the fourth from the end */
    assert_int_equal(r.firsts_busiest, 10);
    assert_int_equal(r.missing, 0);
    assert_int_equal(r.silent, 0);
}

/* Fifty make a fleet: of fewer neither the width nor a pause is told. */
static void test_how_many_are_enough(void **state) {
    (void)state;
    count = 0;
    for (uint32_t d = 0; d < 49; d++) regular(d);
    judge_retries r = look(49);
    assert_true(isnan(r.width) && isnan(r.first) && isnan(r.growth));
    assert_int_equal(r.pauses, 0);
    assert_int_equal(r.firsts, 49);
    regular(49);
    r = look(50);
    assert_true(near(r.width, 4.5) && near(r.first, 2));
    assert_int_equal(r.devices, 50);
}

/* The most pauses that fifty made: who made more is cut, who made fewer is not compared. */
static void test_as_many_pauses_as_enough_made(void **state) {
    (void)state;
    count = 0;
    for (uint32_t d = 0; d < 51; d++) regular(d);
    for (uint32_t d = 51; d < REGULAR; d++) {
        attempt(began, d, 1, RECORD_OUTCOME_REFUSED, SIM_NEVER);
        attempt(began + SIM_MINUTE, d, 2, RECORD_OUTCOME_ONLINE, 0);
    }
    judge_retries r = look(REGULAR);
    assert_int_equal(r.pauses, 3);
    assert_int_equal(r.devices, 51);
    assert_true(near(r.longest, 7.2)); /* 26 of the 51 have the shorter ones */
    assert_int_equal(r.from_start, 25 * 3);
}

/* Who is not back and rests for four times his longest pause, and ten minutes, no longer tries. */
static void test_who_is_silent(void **state) {
    (void)state;
    static const struct {
        sim_time at[3]; /* before the end; 0: no more */
        bool online;
        int missing, silent;
    } rows[] = {
        {{10 * SIM_MINUTE}, false, 1, 1},
        {{10 * SIM_MINUTE - SIM_SECOND}, false, 1, 0},
        {{10 * SIM_MINUTE}, true, 0, 0},
        {{50 * SIM_MINUTE, 40 * SIM_MINUTE}, false, 1, 1}, /* four times ten minutes */
        {{51 * SIM_MINUTE, 40 * SIM_MINUTE}, false, 1, 0},
        {{110 * SIM_MINUTE, 60 * SIM_MINUTE, 10 * SIM_MINUTE}, false, 1, 0},
        {{0}, false, 1, 1}, /* was online before, and never tried */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        count = 0;
        attempt(began, 0, 1, RECORD_OUTCOME_ONLINE, 0); /* somebody else, who is back */
        for (size_t k = 0; k < 3 && rows[i].at[k] > 0; k++)
            attempt(until - rows[i].at[k], 1, (uint32_t)k + 1,
                    rows[i].online ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_DROPPED, SIM_NEVER);
        judge_retries r = look(2);
        if ((int)r.missing != rows[i].missing || (int)r.silent != rows[i].silent)
            fail_msg("row %zu: %d missing, %d silent", i, (int)r.missing, (int)r.silent);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_figure),
        cmocka_unit_test(test_how_many_are_enough),
        cmocka_unit_test(test_as_many_pauses_as_enough_made),
        cmocka_unit_test(test_who_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
