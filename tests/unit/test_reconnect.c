/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-timeout: 300 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"
#include "sim/judge/defect.h"
#include "sim/judge/reconnect.h"
#include "tests/unit/fewer.h"
#include "tests/unit/reconnect_waves.h"
#include "tests/unit/with_cmocka.h"

static const judge_reconnect_policy *const policy = &judge_reconnect_policy_default;

static const judge_measure *measure(const judge_finding *f, const char *name) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (strcmp(f->measures[i].name, name) == 0) return &f->measures[i];
    fail_msg("no measure \"%s\"", name);
    return NULL;
}

/* --- the busiest window --- */

static uint64_t busiest_by_counting(const record_attempts *a, sim_time width, sim_time *at) {
    uint64_t best = 0;
    *at = 0;
    for (size_t i = 0; i < a->count; i++) {
        uint64_t inside = 0;
        for (size_t j = i; j < a->count && a->items[j].at - a->items[i].at < width; j++) inside++;
        if (inside <= best) continue;
        best = inside;
        *at = a->items[i].at;
    }
    return best;
}

static void test_busiest_against_counting(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 200 / TEST_FEWER; seed++) {
        sim_stream s = sim_stream_for(seed, SIM_PURPOSE_CALIBRATION, 0);
        record_attempts a;
        record_attempts_init(&a);
        uint32_t count = (uint32_t)sim_stream_below(&s, 60);
        for (uint32_t i = 0; i < count; i++)
            wave_add(&a, (double)sim_stream_below(&s, 80) / 8, i, 1, RECORD_OUTCOME_NONE);
        record_attempts_sort(&a);
        for (sim_time width = 0; width <= 3 * SIM_SECOND; width += SIM_SECOND / 8) {
            sim_time at, at_counted;
            assert_int_equal(judge_busiest(a.items, a.count, width, &at),
                             width == 0 ? 0 : busiest_by_counting(&a, width, &at_counted));
            if (width > 0) assert_int_equal(at, at_counted);
        }
        record_attempts_deinit(&a);
    }
}

/* A window is half open: exactly a second apart is not in the same second. */
static void test_busiest_borders(void **state) {
    (void)state;
    static const struct {
        sim_time at[4];
        size_t count;
        uint64_t busiest;
        sim_time began;
    } rows[] = {
        {{0}, 0, 0, 0},
        {{7}, 1, 1, 7},
        {{0, SIM_SECOND}, 2, 1, 0},
        {{0, SIM_SECOND - 1}, 2, 2, 0},
        {{5, 5, 5, 5}, 4, 4, 5},
        {{0, 10, SIM_SECOND + 5, SIM_SECOND + 9}, 4, 3, 10},
        {{0, SIM_NEVER - 2, SIM_NEVER - 1, SIM_NEVER}, 4, 3, SIM_NEVER - 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_attempt items[4] = {{0}};
        sim_time at = -1;
        for (size_t j = 0; j < rows[i].count; j++) items[j].at = rows[i].at[j];
        assert_int_equal(judge_busiest(items, rows[i].count, SIM_SECOND, &at), rows[i].busiest);
        assert_int_equal(at, rows[i].began);
    }
}

/* --- good and bad twins --- */

static void test_good_wave(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    wave_add_uniform(&a, 1000, 146, 30, &s);
    judge_reconnect_case c = wave_case(&a, 1000, 20);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict, JUDGE_PASS);
    assert_true(measure(&f, "busiest second")->threshold == 20);
    assert_true(measure(&f, "attempts per success")->value == 1);
    assert_in_range(measure(&f, "time to 100 % online")->value, 120, 179);
    assert_string_equal(f.unit, "5.9-3-2 a");
    assert_string_equal(f.provision, "5.9-3");
    assert_true(measure(&f, "back online")->value == 1);
    assert_int_equal(measure(&f, "attempts per success")->samples, 1000);
    record_attempts_deinit(&a);
}

static void test_bad_twin(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    wave_add_lock_step(&a, 1000, 10, 20, &s);
    judge_reconnect_case c = wave_case(&a, 1000, 20);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict, JUDGE_FAIL);
    assert_true(measure(&f, "busiest second")->value == 1000);
    assert_true(measure(&f, "busiest second")->threshold == 20);
    assert_true(measure(&f, "attempts per success")->value == 25.5);
    assert_true(measure(&f, "attempts per success")->threshold == 5);
    assert_in_range(measure(&f, "first attempts within")->value * 1000, 400, 499);
    assert_true(round(judge_reconnect_window(1000, 20)) == 179);
    /* the last device's first attempt was within half a second: the rest is the herd's doing */
    assert_in_range(measure(&f, "time to 100 % online")->value, 490, 490.5);
    assert_int_equal(f.defects, 1U << JUDGE_DEFECT_FIXED | 1U << JUDGE_DEFECT_LOCK_STEP |
                                    1U << JUDGE_DEFECT_NO_FIRST_WINDOW);
    static const char *const failed[] = {"busiest second", "peak to mean", "attempts per success"};
    for (size_t i = 0; i < 3; i++) assert_false(measure(&f, failed[i])->holds);
    assert_true(measure(&f, "back online")->holds);
    assert_true(measure(&f, "busiest second after")->value < 0.5);
    record_attempts_deinit(&a);
}

/* Figures that a hand can check. */
static void test_figures(void **state) {
    (void)state;
    record_attempts a;
    wave_of_figures(&a);
    judge_reconnect_case c = wave_case(&a, 100, 5);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict, JUDGE_PASS);
    assert_true(measure(&f, "busiest second")->value == 1);
    assert_true(measure(&f, "busiest second")->threshold == 5);
    assert_true(measure(&f, "busiest second after")->value == 10);
    assert_true(measure(&f, "attempts per success")->value == 1.5);
    /* the 50th: device 98 */
    assert_true(fabs(measure(&f, "time to 50 % online")->value - 108.05) < 1e-9);
    /* the 95th: device 89 */
    assert_true(fabs(measure(&f, "time to 95 % online")->value - 199.55) < 1e-9);
    assert_true(fabs(measure(&f, "time to 100 % online")->value - 209.55) < 1e-9); /* device 99 */
    /* from 10 s on */
    assert_true(fabs(measure(&f, "recovery window")->value - 189.55) < 1e-9);
    /* 100 + 45 attempts in it */
    assert_true(fabs(measure(&f, "peak to mean")->value - 189.55 / 145) < 1e-9);
    record_attempts_deinit(&a);
}

static bool shows(const judge_finding *f, const wave_measure *wanted) {
    const judge_measure *m = measure(f, wanted->name);
    bool same = m->value == wanted->value || (isnan(m->value) && isnan(wanted->value));
    return same && m->relation == wanted->relation && m->samples == wanted->samples &&
           (m->relation == JUDGE_NONE || m->threshold == wanted->threshold);
}

static void test_twins(void **state) {
    (void)state;
    for (size_t i = 0; i < WAVE_TWINS; i++) {
        record_attempts a;
        judge_reconnect_case c;
        judge_finding f;
        wave_changed(wave_twins[i].change, &a, &c);
        judge_reconnect(&c, policy, &f);
        if (f.verdict != wave_twins[i].verdict)
            fail_msg("%s: %s \"%s\"", wave_twins[i].what, judge_verdict_word(f.verdict),
                     f.sentence);
        const wave_measure *wanted = wave_twins[i].shows;
        if (wanted->name == NULL) assert_int_equal(f.measure_count, 0);
        for (size_t k = 0; k < 2 && wanted[k].name != NULL; k++)
            if (!shows(&f, &wanted[k]))
                fail_msg("%s: %s is %g", wave_twins[i].what, wanted[k].name,
                         measure(&f, wanted[k].name)->value);
        record_attempts_deinit(&a);
    }
}

static void test_a_service_that_accepts_and_closes(void **state) {
    (void)state;
    static const struct {
        double factor;
        uint32_t fails_in;
        judge_verdict verdict;
    } rows[] = {{1.5, 0, JUDGE_PASS},
                {1.5, 8, JUDGE_PASS},
                {1, 0, JUDGE_FAIL},
                {1, 8, JUDGE_FAIL}, /* what the cloud adds is no growth of theirs */
                {0.8, 0, JUDGE_FAIL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sim_stream s = sim_stream_for(i, SIM_PURPOSE_CALIBRATION, 0);
        record_attempts a;
        judge_finding f;
        record_attempts_init(&a);
        wave_add_trap(&a, 200, rows[i].factor, rows[i].fails_in, &s);
        judge_reconnect_case c = wave_case(&a, 200, 200);
        judge_reconnect_policy roomy = judge_reconnect_policy_default;
        roomy.peak_to_mean = 100;
        judge_reconnect(&c, &roomy, &f);
        assert_int_equal(f.verdict, rows[i].verdict);
        assert_int_equal(measure(&f, "growth of pauses")->holds, rows[i].verdict == JUDGE_PASS);
        assert_int_equal(measure(&f, "growth of pauses")->samples, 200);
        if (rows[i].fails_in == 0) assert_true(measure(&f, "attempts per device")->value == 12);
        assert_true(measure(&f, "attempts per success")->value < 1.2);
        record_attempts_deinit(&a);
    }
}

/* Two or three sessions each are no such service: nothing is said of growth. */
static void test_flapping_is_no_trap(void **state) {
    (void)state;
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    record_attempts a;
    judge_finding f;
    record_attempts_init(&a);
    for (uint32_t d = 0; d < 200; d++) {
        for (uint32_t k = 0; k < 3; k++)
            wave_add(&a, 100 * k + 100 * sim_stream_unit(&s), d, k + 1, RECORD_OUTCOME_ONLINE);
    }
    record_attempts_sort(&a);
    judge_reconnect_case c = wave_case(&a, 200, 20);
    judge_reconnect(&c, policy, &f);
    for (size_t i = 0; i < f.measure_count; i++)
        assert_string_not_equal(f.measures[i].name, "growth of pauses");
    record_attempts_deinit(&a);
}

/* The cloud takes these waves, but they are clumped: a tenth of the fleet comes in one second, the
 * rest over ten minutes. */
static void test_clumped(void **state) {
    (void)state;
    static const struct {
        uint32_t devices;
        double value, threshold; /* to a hundredth; a tenth of the value */
    } rows[] = {{10000, 60.5, 3.37}, {1000, 60.2, 8.64}};
    for (size_t i = 0; i < 2; i++) {
        record_attempts a;
        wave_clumped(&a, rows[i].devices);
        judge_reconnect_case c = wave_case(&a, rows[i].devices, 2000);
        judge_finding f;
        judge_reconnect(&c, policy, &f);
        assert_int_equal(f.verdict, JUDGE_FAIL);
        assert_true(fabs(measure(&f, "peak to mean")->value - rows[i].value) <= 0.05);
        assert_true(fabs(measure(&f, "peak to mean")->threshold - rows[i].threshold) <= 0.005);
        assert_true(measure(&f, "busiest second")->holds);
        assert_true(measure(&f, "back online")->value == 1);
        assert_non_null(measure(&f, "peak to mean")->note);
        record_attempts_deinit(&a);
    }
}

/* A straggler an hour later does not make a good wave look like a peak. */
static void test_straggler(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    wave_add_uniform(&a, 9999, 60, 0, &s);
    wave_add(&a, 3600, 9999, 1, RECORD_OUTCOME_ONLINE);
    judge_reconnect_case c = wave_case(&a, 10000, 300);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict, JUDGE_PASS);
    assert_int_equal(measure(&f, "peak to mean")->relation, JUDGE_AT_MOST);
    assert_true(measure(&f, "time to 100 % online")->value > 3600);
    record_attempts_deinit(&a);
}

/* Where a burst of a second is let pass, ten seconds of it are not. */
static void test_ten_seconds(void **state) {
    (void)state;
    static const struct {
        uint32_t every; /* devices together, each in its second */
        double allowed; /* capacities in ten seconds */
        judge_verdict verdict;
    } rows[] = {
        {20, 1, JUDGE_PASS}, {30, 1, JUDGE_FAIL}, {30, 1.5, JUDGE_PASS}, {30, 1.49, JUDGE_FAIL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        record_attempts a;
        wave_in_lots(&a, rows[i].every);
        judge_reconnect_case c = wave_case(&a, 600, 20);
        judge_reconnect_policy p = *policy;
        judge_finding f;
        p.peak_over_capacity = 2;
        p.ten_seconds_over_capacity = rows[i].allowed;
        judge_reconnect(&c, &p, &f);
        assert_true(measure(&f, "busiest ten seconds")->value == 10 * rows[i].every);
        assert_int_equal(f.verdict, rows[i].verdict);
        assert_int_equal(measure(&f, "busiest ten seconds")->holds, f.verdict == JUDGE_PASS);
        assert_true(measure(&f, "busiest ten seconds")->threshold == rows[i].allowed * 200);
        record_attempts_deinit(&a);
    }
}

/* Cut short, only the busiest second decides; and there it does. */
static void test_cut_short(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    wave_add_lock_step(&a, 1000, 10, 20, &s);
    judge_reconnect_case c = wave_case(&a, 1000, 20);
    judge_finding f;
    c.until = wave_began + SIM_MINUTE;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict, JUDGE_FAIL);
    assert_true(measure(&f, "busiest second")->value == 1000);
    assert_true(measure(&f, "busiest second")->threshold == 20);
    assert_in_range(measure(&f, "first attempts within")->value * 10000, 4445, 4455);
    assert_true(measure(&f, "back online")->value == (1000 - 880) / 1000.);
    assert_true(measure(&f, "attempts per device")->value == (5580 + 120) / 1000.);
    static const char *const informs[] = {"peak to mean", "attempts per success", "back online"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(measure(&f, informs[i])->relation, JUDGE_NONE);
        assert_non_null(measure(&f, informs[i])->note);
    }
    record_attempts_deinit(&a);
}

/* Ten minutes are enough where the cloud could have drained the fleet three times over; a slower
 * cloud must be watched longer. */
static void test_watched_long_enough(void **state) {
    (void)state;
    static const struct {
        double capacity;
        sim_time watched;
        judge_verdict verdict;
    } rows[] = {
        {20, 10 * SIM_MINUTE - 1, JUDGE_INCONCLUSIVE},
        {20, 10 * SIM_MINUTE, JUDGE_FAIL},
        {4, 750 * SIM_SECOND - 1, JUDGE_INCONCLUSIVE},
        {4, 750 * SIM_SECOND, JUDGE_FAIL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_attempts a;
        record_attempts_init(&a);
        for (uint32_t d = 0; d < 999; d++) wave_add(&a, 0.5 * d, d, 1, RECORD_OUTCOME_ONLINE);
        judge_reconnect_case c = wave_case(&a, 1000, rows[i].capacity);
        c.until = wave_began + rows[i].watched;
        judge_finding f;
        judge_reconnect(&c, policy, &f);
        assert_int_equal(f.verdict, rows[i].verdict);
        record_attempts_deinit(&a);
    }
}

/* Shares of the fleet are rounded up: half of 51 devices are 26. A device that is online exactly at
 * the end counts. */
static void test_rounding_and_end(void **state) {
    (void)state;
    record_attempts a;
    judge_reconnect_case c = wave_of_51(&a);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict,
                     /* all are back: no matter that it was watched for a minute only */
                     JUDGE_PASS);
    assert_true(fabs(measure(&f, "time to 50 % online")->value - 26.05) < 1e-9);
    assert_true(fabs(measure(&f, "time to 95 % online")->value - 49.05) < 1e-9);
    c.until--;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict, JUDGE_INCONCLUSIVE);
    assert_true(measure(&f, "back online")->value == 50. / 51);
    assert_int_equal(measure(&f, "back online")->samples, 51);
    record_attempts_deinit(&a);
}

/* More devices came online than the trigger had hit: those that were offline before came too. */
static void test_more_than_were_hit(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    for (uint32_t d = 0; d < 90; d++) wave_add(&a, d, d, 1, RECORD_OUTCOME_ONLINE);
    judge_reconnect_case c = wave_case(&a, 60, 5);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict, JUDGE_PASS);
    assert_true(measure(&f, "back online")->value == 1);
    assert_true(measure(&f, "attempts per success")->value == 1);
    record_attempts_deinit(&a);
}

static void test_measures_of_short_waves(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    for (uint32_t d = 0; d < 100; d++) wave_add(&a, 5, d, 1, RECORD_OUTCOME_ONLINE);
    judge_reconnect_case c = wave_case(&a, 100, 100);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict, JUDGE_PASS);
    assert_true(measure(&f, "recovery window")->value == 1);
    assert_true(measure(&f, "peak to mean")->value == 1);
    assert_int_equal(measure(&f, "peak to mean")->relation, JUDGE_NONE);
    c.began = SIM_NEVER;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.measure_count, 0);
    record_attempts_deinit(&a);
}

/* Who is to blame, tests/data/sentences.txt tells; here is what the same wave is by what the cloud
 * did to it. */
static void test_blame(void **state) {
    (void)state;
    static const struct {
        record_outcome first_try;
        double second_try, back;
    } rows[] = {{RECORD_OUTCOME_DROPPED, 60, 61.04},
                {RECORD_OUTCOME_BUSY, 60, 61.04},
                {RECORD_OUTCOME_BUSY, 7, 8.04},
                {RECORD_OUTCOME_NONE, 60, 61.04}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_attempts a;
        wave_with_one_failure(&a, rows[i].first_try, rows[i].second_try);
        judge_reconnect_case c = wave_case(&a, 100, 20);
        judge_finding f;
        judge_reconnect(&c, policy, &f);
        assert_int_equal(f.verdict, JUDGE_FAIL);
        assert_false(measure(&f, "busiest second")->holds);
        assert_true(fabs(measure(&f, "time to 100 % online")->value - rows[i].back) < 1e-9);
        assert_true(round(judge_reconnect_window(100, 20)) == 15);
        record_attempts_deinit(&a);
    }
}

/* A law with too many words is left out rather than the end of the sentence. */
static void test_many_words(void **state) {
    (void)state;
    char words[400];
    memset(words, 'w', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    for (uint32_t fails = 0; fails <= 1; fails++) {
        record_attempts a;
        record_attempts_init(&a);
        for (uint32_t d = 0; d < 2000; d++)
            wave_add(&a, fails ? 0 : 0.4 * d, d, 1,
                     d == 0 ? RECORD_OUTCOME_BUSY : RECORD_OUTCOME_ONLINE);
        for (uint32_t n = 2; n < 3 + fails * 12000; n++)
            wave_add(&a, 900 + n, 0, n, fails ? RECORD_OUTCOME_BUSY : RECORD_OUTCOME_ONLINE);
        judge_reconnect_case c = wave_case(&a, 2000, 1234.5);
        c.trigger_name = words;
        c.declared = words;
        judge_reconnect_policy p = *policy;
        p.peak_over_capacity = 1.01;
        judge_finding f;
        judge_reconnect(&c, &p, &f);
        assert_int_equal(f.verdict, fails ? JUDGE_FAIL : JUDGE_PASS);
        assert_int_equal(f.sentence[strlen(f.sentence) - 1], '.');
        assert_null(strstr(f.sentence, "..."));
        /* where not all has room, the law is left out */
        assert_int_equal(strstr(f.sentence, "declared") == NULL, fails);
        record_attempts_deinit(&a);
    }
}

static void test_no_memory(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    wave_add(&a, 1, 0, 1, RECORD_OUTCOME_ONLINE);
    judge_reconnect_case c = wave_case(&a, 1000, 20);
    judge_finding f;
    sim_heap_fail(0, true);
    judge_reconnect(&c, policy, &f);
    assert_true(sim_heap_fail_never());
    assert_int_equal(f.verdict, JUDGE_INCONCLUSIVE);
    assert_int_equal(f.measure_count, 0);
    record_attempts_deinit(&a);
}

/* --- calibration by Monte Carlo --- */

/* How often the busiest second of a wave at 1.5 times `mean` a second, over seconds / 1.5, holds
 * more than ratio x mean. */
static double chance_by_drawing(double mean, double seconds, double ratio, uint32_t draws) {
    double rate = 1.5 * mean, length = seconds / 1.5;
    uint32_t exceeded = 0;
    for (uint32_t i = 0; i < draws; i++) {
        sim_stream s = sim_stream_for(i, SIM_PURPOSE_CALIBRATION, 7);
        static record_attempt items[20000];
        size_t count = 0;
        double at = 0;
        while ((at -= log(1 - sim_stream_unit(&s)) / rate) < length)
            items[count++].at = sim_time_from_seconds(at);
        sim_time when;
        exceeded += (double)judge_busiest(items, count, SIM_SECOND, &when) > ratio * mean;
    }
    return (double)exceeded / draws;
}

static void test_chance_against_drawing(void **state) {
    (void)state;
    static const struct {
        double mean, seconds, ratio;
    } rows[] = {{4, 90, 4}, {8, 300, 3.25}, {16, 150, 2.75}, {40, 30, 2}, {2, 600, 6}};
    enum { DRAWS = 4000 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double drawn = chance_by_drawing(rows[i].mean, rows[i].seconds, rows[i].ratio, DRAWS);
        double computed = judge_reconnect_chance(rows[i].mean, rows[i].seconds, rows[i].ratio);
        double deviation = sqrt(computed * (1 - computed) / DRAWS);
        if (!(fabs(drawn - computed) < 4 * deviation + 0.01))
            fail_msg("row %zu: drawn %g, computed %g", i, drawn, computed);
        assert_true(computed > 0.002 && computed < 0.9); /* a row that shows something */
    }
}

/* 99 of 100 uniform waves over 60 s stay at or below these in their busiest second, found by
 * drawing them elsewhere. */
static void test_chance_against_a_table(void **state) {
    (void)state;
    static const struct {
        double devices, busiest;
    } rows[] = {{50, 6}, {100, 9}, {200, 13}, {500, 23}, {1000, 36}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double mean = rows[i].devices / 60 / 1.5; /* the bound puts the unevenness on top */
        assert_true(judge_reconnect_chance(mean, 60 * 1.5, (rows[i].busiest + 0.5) / mean) < 0.01);
        assert_true(judge_reconnect_chance(mean, 60 * 1.5, (rows[i].busiest - 0.5) / mean) > 0.01);
    }
}

static void test_chance_at_the_edges(void **state) {
    (void)state;
    assert_true(judge_reconnect_chance(0, 60, 3) == 1);
    assert_true(judge_reconnect_chance(NAN, 60, 3) == 1);
    assert_true(judge_reconnect_chance(10, INFINITY, 3) == 1);
    assert_true(judge_reconnect_chance(10, 60, 1.2) == 1);
    assert_true(judge_reconnect_chance(1e12, 60, 3) == 0);
    assert_true(judge_reconnect_chance(100, 600, 3) < 1e-6);
    assert_true(judge_reconnect_chance(5, 600, 3) > 0.001);
}

typedef struct tally {
    uint32_t waves, failed, decided, over; /* over: peak to mean above the policy's 3 */
} tally;

/* Judges uniform waves at a cloud so large that only their shape can fail them. */
static tally judge_uniform(uint32_t devices, double window, double spread, uint32_t waves) {
    tally t = {.waves = waves};
    for (uint32_t i = 0; i < waves; i++) {
        sim_stream s = sim_stream_for(i, SIM_PURPOSE_CALIBRATION, devices);
        record_attempts a;
        record_attempts_init(&a);
        wave_add_uniform(&a, devices, window, spread, &s);
        judge_reconnect_case c = wave_case(&a, devices, 1e6);
        judge_finding f;
        judge_reconnect(&c, policy, &f);
        const judge_measure *m = measure(&f, "peak to mean");
        t.failed += f.verdict != JUDGE_PASS;
        t.decided += m->relation != JUDGE_NONE;
        t.over += m->value > policy->peak_to_mean;
        record_attempts_deinit(&a);
    }
    return t;
}

static const uint32_t fleet_sizes[] = {50, 100, 200, 500, 1000, 2000, 5000, 20000, 100000};
enum { FLEET_SIZES = sizeof fleet_sizes / sizeof *fleet_sizes };

static void test_uniform_waves_pass(void **state) {
    (void)state;
    static const double windows[] = {10, 60, 146, 600};
    tally sum = {0};
    for (size_t n = 0; n < FLEET_SIZES; n++)
        for (size_t w = 0; w < 4; w++)
            for (int spread = 0; spread <= 1; spread++) {
                uint32_t waves = 150000 / fleet_sizes[n] / TEST_FEWER;
                if (waves > 1000 / TEST_FEWER) waves = 1000 / TEST_FEWER;
                if (waves < 2) waves = TEST_FEWER > 1 ? 1 : 2;
                tally t = judge_uniform(fleet_sizes[n], windows[w], spread * windows[w] / 2, waves);
                sum.waves += t.waves;
                sum.failed += t.failed;
                sum.decided += t.decided;
                sum.over += t.over;
            }
    print_message(
        "%u blameless waves: %u failed; peak to mean decided in %u, exceeded the policy's 3 in "
        "%u\n",
        sum.waves, sum.failed, sum.decided, sum.over);
    assert_true(sum.failed < sum.waves / 1000);
    assert_true(sum.decided > sum.waves / 2);
    assert_true(sum.over >
                /* bad twin: by the policy's figure alone these would have failed */
                sum.waves / 20);
}

/* Devices with full jitter from 5 s to 2 min, after a first attempt within three minutes, are
 * `away` seconds without service, which then takes all. `lock_step`: so many of a hundred have the
 * rest of their pause in common. */
static void wave_add_retries(record_attempts *a, uint32_t devices, double away, uint32_t lock_step,
                             sim_stream *s) {
    for (uint32_t d = 0; d < devices; d++) {
        double at = 180 * sim_stream_unit(s) - away;
        uint32_t number = 1;
        for (double pause = 5; at < 0; pause = fmin(2 * pause, 120)) {
            wave_add(a, at, d, number++, RECORD_OUTCOME_REFUSED);
            at += pause * sim_stream_unit(s);
        }
        if (d % 100 < lock_step && number > 1) at = 20 + 0.5 * sim_stream_unit(s);
        wave_add(a, at, d, number, RECORD_OUTCOME_ONLINE);
    }
    record_attempts_sort(a);
}

static uint32_t retries_that_fail(uint32_t waves, uint32_t lock_step) {
    uint32_t failed = 0;
    for (uint32_t i = 0; i < waves; i++) {
        sim_stream s = sim_stream_for(i, SIM_PURPOSE_CALIBRATION, 77 + lock_step);
        record_attempts a;
        record_attempts_init(&a);
        const uint32_t devices = 60 + (uint32_t)sim_stream_below(&s, 191);
        wave_add_retries(&a, devices, 120 + 280 * sim_stream_unit(&s), lock_step, &s);
        judge_reconnect_case c = wave_case(&a, devices, 1e6);
        judge_finding f;
        judge_reconnect(&c, policy, &f);
        failed += f.verdict != JUDGE_PASS;
        if (f.verdict == JUDGE_FAIL) assert_false(measure(&f, "peak to mean")->holds);
        record_attempts_deinit(&a);
    }
    return failed;
}

/* Who is in the midst of a pause when service comes back is likelier to come soon than late, and
 * nobody's fault; twins of whom a part comes in one second are seen all the same. */
static void test_waves_of_retries(void **state) {
    (void)state;
    enum { WAVES = 3000, TWINS = 300 };
    const uint32_t failed = retries_that_fail(WAVES, 0), few = retries_that_fail(TWINS, 10),
                   some = retries_that_fail(TWINS, 20);
    print_message(
        "%u waves of retries: %u failed; of %u with 10 %% in lock-step %u, with 20 %% %u\n", WAVES,
        failed, TWINS, few, some);
    assert_true(failed <= WAVES / 500);
    assert_true(some > TWINS * 95 / 100);
    assert_true(few > TWINS / 4);
}

/* A device whose law made it wait for a minute was not kept by the herd, however many others were
 * turned away: with a cloud that admits everybody it would have been back no sooner. Its twin waits
 * for that minute because it was turned away. Which of them is laid to the herd is a matter of
 * words (tests/data/sentences.txt): what is measured is next to the same. */
static void test_a_law_that_waits_is_not_the_herd(void **state) {
    (void)state;
    for (int twin = 0; twin < 2; twin++) {
        record_attempts a;
        wave_with_a_late_one(&a, twin == 1);
        judge_reconnect_case c = wave_case(&a, 100, 20);
        judge_finding f;
        judge_reconnect(&c, policy, &f);
        assert_int_equal(f.verdict, JUDGE_FAIL);
        assert_true(fabs(measure(&f, "time to 100 % online")->value - 71.05) < 1e-9);
        assert_int_equal(measure(&f, "busiest second")->value, 99 + twin);
        record_attempts_deinit(&a);
    }
}

static void test_lock_step_fails(void **state) {
    (void)state;
    static const double periods[] = {5, 10, 67};
    for (size_t n = 0; n < FLEET_SIZES; n++)
        for (size_t p = 0; p < 3; p++) {
            double capacity = fmax(2, floor(fleet_sizes[n] / 20.0));
            sim_stream s = sim_stream_for(p, SIM_PURPOSE_CALIBRATION, fleet_sizes[n]);
            record_attempts a;
            record_attempts_init(&a);
            wave_add_lock_step(&a, fleet_sizes[n], periods[p], capacity, &s);
            judge_reconnect_case c = wave_case(&a, fleet_sizes[n], capacity);
            judge_finding f;
            judge_reconnect(&c, policy, &f);
            assert_int_equal(f.verdict, JUDGE_FAIL);
            /* The herd kept devices waiting for more than twice what the cloud needed, though each
             * had tried within half a second. */
            assert_true(measure(&f, "first attempts within")->value < 0.5);
            assert_true(measure(&f, "time to 100 % online")->value >
                        0.55 + 2 * fleet_sizes[n] / capacity);
            assert_false(measure(&f, "busiest second")->holds);
            record_attempts_deinit(&a);
        }
}

/* --- sentences --- */

static void assert_sentence(const judge_finding *f) {
    size_t length = strlen(f->sentence);
    static const char *const never[] = {"...",   "nan",       "inf", "unknown",
                                        "never", "unlimited", "  ",  "%"};
    assert_true(length > 40 && f->sentence[length - 1] == '.');
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (strstr(f->sentence, never[i]) != NULL)
            fail_msg("\"%s\" in \"%s\"", never[i], f->sentence);
}

/* Any wave, watched for any time, by any policy: a whole sentence with its end, and a verdict that
 * agrees with the measures. */
static void test_sentences_of_anything(void **state) {
    (void)state;
    char declared[301];
    uint32_t seen[3] = {0};
    for (uint64_t seed = 0; seed < 3000 / TEST_FEWER; seed++) {
        sim_stream s = sim_stream_for(seed, SIM_PURPOSE_CALIBRATION, 1);
        size_t said = (size_t)sim_stream_below(&s, sizeof declared);
        memset(declared, 'd', said);
        declared[said] = '\0';
        record_attempts a;
        record_attempts_init(&a);
        bool good = sim_stream_below(&s, 3) == 0;
        uint32_t devices = 40 + (uint32_t)sim_stream_below(&s, 200),
                 count = (uint32_t)sim_stream_below(&s, 900);
        double spread = exp(8 * sim_stream_unit(&s));
        if (good) wave_add_uniform(&a, devices, spread, 0, &s);
        for (uint32_t i = 0; i < (good ? 0 : count); i++)
            wave_add(&a, spread * sim_stream_unit(&s), (uint32_t)sim_stream_below(&s, devices), 1,
                     (record_outcome)sim_stream_below(
                         &s, sim_stream_below(&s, 2) ? 2 : RECORD_OUTCOMES));
        record_attempts_sort(&a);
        judge_reconnect_case c =
            wave_case(&a, devices, exp(9 * sim_stream_unit(&s) - 2 + 2 * good));
        c.declared = declared;
        c.until = wave_began + 1 + (sim_time)sim_stream_below(&s, 5000) * SIM_SECOND;
        if (sim_stream_below(&s, 4) == 0)
            c.trigger_name = "restart of a broker whose name is very much too long for a sentence";
        judge_reconnect_policy p = *policy;
        if (sim_stream_below(&s, 2) == 0) p.peak_over_capacity = 1.37;
        judge_finding f;
        judge_reconnect(&c, &p, &f);
        assert_sentence(&f);
        bool all_hold = true;
        for (size_t i = 0; i < f.measure_count; i++) all_hold = all_hold && f.measures[i].holds;
        assert_true(f.verdict != JUDGE_PASS || all_hold);
        assert_true(f.verdict != JUDGE_FAIL || !all_hold);
        seen[f.verdict]++;
        record_attempts_deinit(&a);
    }
    const uint32_t enough = 20 / TEST_FEWER;
    assert_true(seen[JUDGE_PASS] > enough && seen[JUDGE_FAIL] > enough &&
                seen[JUDGE_INCONCLUSIVE] > enough);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_busiest_against_counting),
        cmocka_unit_test(test_busiest_borders),
        cmocka_unit_test(test_good_wave),
        cmocka_unit_test(test_bad_twin),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_twins),
        cmocka_unit_test(test_a_service_that_accepts_and_closes),
        cmocka_unit_test(test_flapping_is_no_trap),
        cmocka_unit_test(test_clumped),
        cmocka_unit_test(test_straggler),
        cmocka_unit_test(test_ten_seconds),
        cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_watched_long_enough),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_rounding_and_end),
        cmocka_unit_test(test_more_than_were_hit),
        cmocka_unit_test(test_measures_of_short_waves),
        cmocka_unit_test(test_blame),
        cmocka_unit_test(test_a_law_that_waits_is_not_the_herd),
        cmocka_unit_test(test_many_words),
        cmocka_unit_test(test_chance_against_drawing),
        cmocka_unit_test(test_chance_against_a_table),
        cmocka_unit_test(test_chance_at_the_edges),
        cmocka_unit_test(test_uniform_waves_pass),
        cmocka_unit_test(test_waves_of_retries),
        cmocka_unit_test(test_lock_step_fails),
        cmocka_unit_test(test_sentences_of_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
