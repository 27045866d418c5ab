/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "sim/report/page_data.h"
#include "tests/unit/every_allocation.h"

#define S SIM_SECOND

/* ---- the run, second by second ---- */

static void add_seconds(report_series *s, uint64_t from, uint64_t to) {
    for (uint64_t i = from; i < to; i++) {
        const report_second row = {
            .second = i, .online = i == 700 ? 3 : 10, .attempts = 1, .queue_depth = i % 100};
        report_series_add(s, &row);
    }
}

static void test_series_keeps_every_second_while_there_is_room(void **state) {
    (void)state;
    static report_series s;
    s = (report_series){0};
    add_seconds(&s, 0, REPORT_SERIES_BINS);
    assert_int_equal(s.step, 1);
    assert_int_equal(s.count, REPORT_SERIES_BINS);
    assert_int_equal(s.bins[700].online, 3);
}

/* Nothing is lost: sums stay, a dip of one second is seen, the deepest queue too. */
static void test_series_widens(void **state) {
    (void)state;
    static report_series s;
    s = (report_series){0};
    add_seconds(&s, 0, 5001);
    assert_int_equal(s.step, 8);
    assert_int_equal(s.rows, 5001);
    assert_int_equal(s.count, 626);
    uint64_t attempts = 0;
    for (size_t i = 0; i < s.count; i++) attempts += s.bins[i].attempts;
    assert_int_equal(attempts, 5001);
    assert_int_equal(s.bins[700 / 8].lowest, 3);
    assert_int_equal(s.bins[700 / 8].online, 10);
    assert_int_equal(s.bins[96 / 8].queue_depth, 99);
    assert_int_equal(s.bins[625].attempts, 1); /* the last one is not full */
}

/* Two seconds as one: what is stays as it is at the end, what happened is added, what waits and
 * how long it took stand at their highest, whichever of the two had it. */
static void test_series_joins_each_column_its_own_way(void **state) {
    (void)state;
    static report_series s;
    s = (report_series){0};
    const report_second quiet = {.online = 900, .queue_depth = 7, .median_us = 41},
                        odd = {1, 40, 3, 5, 7, 50, 9, 11, 13, 15, 17, 60, 70, 80, 19, 21, 23},
                        even = {2, 30, 4, 6, 8, 40, 10, 12, 14, 16, 18, 65, 75, 70, 20, 22, 24};
    report_series_add(&s, &odd);
    report_series_add(&s, &even);
    for (int i = 2; i <= REPORT_SERIES_BINS; i++) report_series_add(&s, &quiet);
    const report_series_bin *b = &s.bins[0];
    const uint64_t got[] = {b->second,     b->online,      b->lowest,    b->attempts,  b->successes,
                            b->rejections, b->queue_depth, b->due,       b->sent,      b->answered,
                            b->refused,    b->failed,      b->waiting,   b->median_us, b->p95_us,
                            b->chain_dhcp, b->chain_dns,   b->chain_time};
    static const uint64_t wanted[] = {2,  30, 30, 7,  11, 15, 50, 19, 23,
                                      27, 31, 35, 65, 75, 80, 39, 43, 47};
    assert_int_equal(s.step, 2);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (got[i] != wanted[i]) fail_msg("column %zu: %d, not %d", i, (int)got[i], (int)wanted[i]);
    assert_int_equal(s.bins[REPORT_SERIES_BINS / 2].queue_depth, 7); /* alone in its bin */
}

/* ---- waves ---- */

enum { DEVICES = 100, TRIES = 4 };

/* Every device tries TRIES times, each `pause` after the other; the first at `first` + device *
 * `apart`; the last comes online after 2 s. */
static record_attempts fleet(record_attempt *items, sim_time first, sim_time apart,
                             sim_time pause) {
    size_t n = 0;
    for (uint32_t d = 0; d < DEVICES; d++) {
        for (uint32_t k = 1; k <= TRIES; k++) {
            bool last = k == TRIES;
            items[n++] =
                (record_attempt){.at = first + d * apart + (k - 1) * pause,
                                 .latency = last ? 2 * S : SIM_NEVER,
                                 .device = d,
                                 .number = k,
                                 .trigger = 1,
                                 .outcome = last ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_DROPPED};
        }
    }
    record_attempts all = {.items = items, .count = n, .capacity = n};
    record_attempts_sort(&all);
    return all;
}

static void test_wave_of_a_herd(void **state) {
    (void)state;
    static record_attempt items[DEVICES * TRIES];
    static report_wave w;
    const record_attempts herd = fleet(items, 1005 * S, SIM_MILLISECOND, 10 * S);
    assert_int_equal(report_wave_of(&herd, 1, 1000 * S, REPORT_WAVE_BINS, &w), 0);
    assert_int_equal(w.attempts, DEVICES * TRIES);
    assert_int_equal(w.step, S);
    assert_int_equal(w.from, 999 * S); /* a 25th of 35.1 s before it, in whole seconds */
    assert_int_equal(w.later, 0);
    size_t bin = (size_t)((1005 * S - w.from) / S);
    assert_int_equal(w.bins[bin].outcomes[RECORD_OUTCOME_DROPPED], DEVICES);
    assert_int_equal(w.bins[bin].busiest, DEVICES);
    assert_int_equal(w.bins[bin + 1].busiest, 0);
    assert_int_equal(w.bins[bin + 30].outcomes[RECORD_OUTCOME_ONLINE], DEVICES);
    /* they arrived in one second, and came online two seconds later */
    assert_int_equal(w.bins[bin + 30].admitted, 0);
    assert_int_equal(w.bins[bin + 31].admitted, 0);
    assert_int_equal(w.busiest_at, 1005 * S);
    /* in step: all within 0.1 s of a period of 10 s */
    assert_int_equal(w.phase_count, TRIES - 1);
    assert_int_equal(w.phases[0].number, 2);
    assert_int_equal(w.phases[0].samples, DEVICES);
    assert_true(fabs(w.phases[0].period - 10) < 1e-9);
    assert_true(w.phases[0].index > 0.99);
    /* 15 s after the trigger: half a turn */
    assert_true(fabs(w.phases[0].direction - 0.505) < 0.01);
    assert_int_equal(w.phases[0].bins[REPORT_PHASE_BINS / 2], DEVICES);
    /* delays: 5 s from the trigger, then 10 s */
    assert_int_equal(w.delay_count, TRIES);
    assert_true(fabs(w.delays[0].quantiles[0] - 5) < 1e-9);
    assert_true(fabs(w.delays[0].quantiles[6] - 5.099) < 1e-9);
    assert_true(fabs(w.delays[1].quantiles[3] - 10) < 1e-9);
}

/* What was admitted stands where it came online, not where it arrived. */
static void test_admitted_beside_arrived(void **state) {
    (void)state;
    enum { COUNT = 30 };
    static report_wave w;
    record_attempt items[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) /* all at once, served three a second */
        items[i] =
            (record_attempt){.at = 100 * S + i,
                             .latency = (1 + i / 3) * S,
                             .device = i,
                             .number = 1,
                             .trigger = 1,
                             .outcome = i == 4 ? RECORD_OUTCOME_BUSY : RECORD_OUTCOME_ONLINE};
    const record_attempts all = {.items = items, .count = COUNT, .capacity = COUNT};
    items[COUNT - 1].at = 108 * S + S / 2; /* so that there are bins until then */
    items[COUNT - 1].latency = SIM_NEVER;  /* nobody knows how long it took */
    assert_int_equal(report_wave_of(&all, 1, 95 * S, REPORT_WAVE_BINS, &w), 0);
    assert_int_equal(w.step, S);
    size_t bin = (size_t)((100 * S - w.from) / S);
    assert_int_equal(w.bins[bin].outcomes[RECORD_OUTCOME_ONLINE], COUNT - 2);
    assert_int_equal(w.bins[bin].admitted, 0);
    static const uint32_t wanted[] = {3, 2, 3, 3, 3, 3, 3, 3};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_int_equal(w.bins[bin + 1 + i].admitted, wanted[i]);
    assert_int_equal(w.busiest_at, 100 * S);
}

/* The bad twin of lock-step: spread over the period, the index is what chance leaves. */
static void test_wave_that_is_spread(void **state) {
    (void)state;
    static record_attempt items[DEVICES * TRIES];
    static report_wave w;
    const record_attempts spread = fleet(items, 1000 * S, S / 10, 10 * S);
    assert_int_equal(report_wave_of(&spread, 1, 1000 * S, REPORT_WAVE_BINS, &w), 0);
    for (size_t i = 0; i < w.phase_count; i++) assert_true(w.phases[i].index < 0.01);
    for (size_t i = 0; i < w.count; i++) assert_true(w.bins[i].busiest <= 10);
}

/* A delay counts from the end of an attempt that was answered. */
static void test_delay_from_the_end(void **state) {
    (void)state;
    static report_wave w;
    record_attempt items[] = {
        {.at = 10 * S, .latency = 3 * S, .number = 1, .trigger = 1, .outcome = RECORD_OUTCOME_BUSY},
        {.at = 20 * S, .latency = S, .number = 2, .trigger = 1, .outcome = RECORD_OUTCOME_ONLINE},
        {.at = 20 * S,
         .latency = S,
         .device = 1,
         .number = 3,
         .trigger = 1,
         .outcome = RECORD_OUTCOME_ONLINE},
    };
    const record_attempts all = {.items = items, .count = 3, .capacity = 3};
    assert_int_equal(report_wave_of(&all, 1, SIM_NEVER, 10, &w), 0);
    assert_false(w.at_known);
    assert_int_equal(w.at, 10 * S);
    assert_int_equal(
        w.delay_count,
        /* none from a trigger that nobody knows, none before an attempt whose like was not seen */
        1);
    assert_int_equal(w.delays[0].number, 2);
    assert_true(fabs(w.delays[0].quantiles[3] - 7) < 1e-9);
}

static void test_straggler_does_not_squeeze_the_wave(void **state) {
    (void)state;
    static record_attempt items[DEVICES * TRIES];
    static report_wave w;
    record_attempts all = fleet(items, 1000 * S, S / 10, 10 * S);
    items[all.count - 1].at = 90000 * S; /* and comes online where no bin is */
    assert_int_equal(report_wave_of(&all, 1, 1000 * S, REPORT_WAVE_BINS, &w), 0);
    assert_int_equal(w.step, S);
    assert_int_equal(w.later, 1 + 0);
    assert_int_equal(w.last, 90000 * S);
    assert_true(w.count < 60);
}

static void test_bins_are_bounded(void **state) {
    (void)state;
    static const sim_time apart[] = {1, S, SIM_MINUTE, SIM_DAY, 365 * SIM_DAY};
    static record_attempt items[DEVICES * TRIES];
    static report_wave w;
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
        for (size_t bins = 1; bins <= REPORT_WAVE_BINS; bins += 60) {
            const record_attempts all = fleet(items, 1000 * S, apart[i], 10 * S);
            assert_int_equal(report_wave_of(&all, 1, 0, bins, &w), 0);
            uint64_t sum = w.later;
            for (size_t b = 0; b < w.count; b++)
                for (int o = 0; o < RECORD_OUTCOMES; o++) sum += w.bins[b].outcomes[o];
            assert_int_equal(sum, DEVICES * TRIES);
            assert_in_range(w.count, 1, bins);
        }
    }
}

static void test_nobody(void **state) {
    (void)state;
    static report_wave w;
    const record_attempts none = {.items = NULL};
    assert_int_equal(report_wave_of(&none, 0, 0, 10, &w), 0);
    assert_int_equal(w.attempts, 0);
}

static int make_a_wave(void *context) {
    static report_wave w;
    return report_wave_of(context, 1, 1000 * S, REPORT_WAVE_BINS, &w);
}

static void test_every_allocation(void **state) {
    (void)state;
    static record_attempt items[DEVICES * TRIES];
    record_attempts all = fleet(items, 1000 * S, S / 10, 10 * S);
    assert_true(fail_every_allocation(make_a_wave, &all) > 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_series_keeps_every_second_while_there_is_room),
        cmocka_unit_test(test_series_widens),
        cmocka_unit_test(test_series_joins_each_column_its_own_way),
        cmocka_unit_test(test_wave_of_a_herd),
        cmocka_unit_test(test_admitted_beside_arrived),
        cmocka_unit_test(test_wave_that_is_spread),
        cmocka_unit_test(test_delay_from_the_end),
        cmocka_unit_test(test_straggler_does_not_squeeze_the_wave),
        cmocka_unit_test(test_bins_are_bounded),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_every_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
