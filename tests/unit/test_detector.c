/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_detector.c - the examiner of one series: what it must see, what it must not, and that bad
 * input does it no harm. */
#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/core/fingerprint.h"
#include "sim/core/random.h"
#include "sim/examine/detector.h"
#include "tests/unit/with_cmocka.h"

enum { DAY = 288, POINTS = 28 * DAY };                 /* a point every five minutes, four weeks */
static const double minute5 = 300, start = 1772323200; /* Sunday 2026-03-01 */

/* A fault in a day's wave with noise: from a point, for some points. */
typedef enum fault { NONE, SPIKE, SHIFT, STUCK, NO_PEAK, DRIFT } fault;
enum { FAULT_AT = 24 * DAY + 100, FAULT_FOR = 150 };

static double reading(sim_stream *random, fault kind, int i) {
    const bool on = i >= FAULT_AT && i < FAULT_AT + FAULT_FOR;
    const double phase = 6.283185307179586 * (double)(i % DAY) / DAY;
    const double noise = 0.3 * sim_stream_normal(random);
    const double wave = -3 * cos(kind == NO_PEAK && on ? 0 : phase);
    switch (kind) {
        case SPIKE:
            return 20 + wave + noise + (i == FAULT_AT ? 15 : 0);
        case SHIFT:
            return 20 + wave + noise + (i >= FAULT_AT ? 4 : 0);
        case STUCK:
            return on ? 23.5 : 20 + wave + noise;
        case DRIFT:
            return 20 + wave + noise + (on ? 0.06 * (i - FAULT_AT) : 0);
        case NO_PEAK:
        case NONE:
            break;
    }
    return 20 + wave + noise;
}

/* Alarms in the fault (and half a day after it) and elsewhere. */
typedef struct tally {
    int within, elsewhere, first;
} tally;

static tally run(fault kind, const examine_detector_settings *s, uint64_t seed) {
    sim_stream random = sim_stream_for(seed, SIM_PURPOSE_DEVICE, 0);
    examine_detector d;
    tally t = {0, 0, -1};
    examine_detector_init(&d, s);
    for (int i = 0; i < POINTS; i++) {
        const examine_verdict v =
            examine_detector_step(&d, start + i * minute5, reading(&random, kind, i));
        assert_true(v.score >= 0 && v.score <= 1);
        if (!v.alarm) continue;
        const bool within = kind != NONE && i >= FAULT_AT && i < FAULT_AT + FAULT_FOR + DAY / 2;
        if (within && t.first < 0) t.first = i - FAULT_AT;
        *(within ? &t.within : &t.elsewhere) += 1;
    }
    return t;
}

static void it_sees_faults(void **state) {
    (void)state;
    static const struct {
        fault kind;
        int within; /* points */
    } cases[] = {{SPIKE, 1}, {SHIFT, 24}, {NO_PEAK, FAULT_FOR}, {DRIFT, FAULT_FOR}};
    int seen = 0, false_alarms = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (uint64_t seed = 1; seed <= 5; seed++) {
            const tally t = run(cases[i].kind, &examine_detector_default, seed);
            seen += t.within > 0 && t.first <= cases[i].within;
            false_alarms += t.elsewhere;
        }
    print_message("faults seen %d of 20, false alarms %d in 560 days\n", seen, false_alarms);
    assert_true(seen >= 19);
    assert_true(false_alarms <= 50);
}

/* Bad twin: without views, z and CUSUM there is nothing to see with. */
static void a_blind_one_does_not(void **state) {
    (void)state;
    examine_detector_settings blind = examine_detector_default;
    memset(blind.novelty.weight, 0, sizeof blind.novelty.weight);
    blind.weight_cusum = 0;
    blind.weight_z = 1e-6f; /* all weights 0 is no mean */
    for (int kind = SPIKE; kind <= DRIFT; kind++) {
        blind.threshold = 1;
        assert_int_equal(run((fault)kind, &blind, 1).within, 0);
    }
}

/* Each detector by itself sees what it is for, and the bad twin of its fault leaves it alone. */
static void cusum_sees_what_lasts(void **state) {
    (void)state;
    const examine_tail_settings *s = &examine_detector_default.tail;
    sim_stream random = sim_stream_for(1, SIM_PURPOSE_DEVICE, 1);
    examine_tail shifted, same;
    float shifted_most = 0, same_most = 0;
    examine_tail_init(&shifted, 0, 1);
    examine_tail_init(&same, 0, 1);
    for (int i = 0; i < 4000; i++) {
        const float u = (float)sim_stream_normal(&random);
        const float a = examine_tail_cusum(&shifted, s, u + (i >= 3900 ? 3.0f : 0)),
                    b = examine_tail_cusum(&same, s, u);
        if (i >= 3900) shifted_most = fmaxf(shifted_most, a), same_most = fmaxf(same_most, b);
    }
    assert_true(shifted_most > 2.5f); /* as never before in 4,000 points */
    assert_true(same_most < 1.5f);
}

static void robust_z_sees_the_largest(void **state) {
    (void)state;
    const examine_tail_settings *s = &examine_detector_default.tail;
    sim_stream random = sim_stream_for(1, SIM_PURPOSE_DEVICE, 2);
    examine_tail t;
    examine_tail_init(&t, 0, 1);
    for (int i = 0; i < 3000; i++) (void)examine_tail_z(&t, s, (float)sim_stream_normal(&random));
    examine_tail twin = t;
    assert_true(examine_tail_z(&t, s, 30) > 2);
    assert_true(examine_tail_z(&twin, s, 0.5f) == 0);
}

static void novelty_knows_the_hour(void **state) {
    (void)state;
    const examine_novelty_settings *s = &examine_detector_default.novelty;
    examine_novelty n;
    examine_novelty_init(&n);
    for (int i = 0; i < 20 * DAY; i++)
        (void)examine_novelty_step(&n, s, start + i * minute5, i % DAY < DAY / 2 ? -1 : 1);
    examine_novelty twin = n, deaf = n;
    const double noon = start + (20 * DAY + DAY / 4) * minute5;
    const examine_novelty_votes usual = examine_novelty_step(&n, s, noon, -1),
                                wrong = examine_novelty_step(&twin, s, noon, 1),
                                timeless = examine_novelty_step(&deaf, s, NAN, 1);
    assert_true(wrong.surprise > 2);
    assert_true(usual.surprise < wrong.surprise / 4);
    assert_true(timeless.surprise < wrong.surprise); /* without a clock it knows less */
    assert_true(usual.weight == EXAMINE_VIEWS && wrong.weight == EXAMINE_VIEWS);
    assert_true(timeless.weight == EXAMINE_VIEWS - 4); /* the four that ask for the hour */
}

static void constant_series_are_silent(void **state) {
    (void)state;
    static const double values[] = {0, 5, -1e300, DBL_MIN, 1e-300};
    for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
        examine_detector d;
        examine_detector_init(&d, &examine_detector_default);
        for (int i = 0; i < 5000; i++)
            assert_false(examine_detector_step(&d, start + i * minute5, values[k]).alarm);
    }
}

static void the_first_points_are_not_scored(void **state) {
    (void)state;
    examine_detector d;
    examine_detector_init(&d, &examine_detector_default);
    for (uint32_t i = 0; i < 2 * examine_detector_default.warm_up; i++) {
        const examine_verdict v = examine_detector_step(&d, i, i % 7);
        assert_int_equal(v.scored, i >= examine_detector_default.warm_up);
        assert_false(!v.scored && (v.alarm || v.score > 0));
    }
}

static void what_is_no_number_changes_nothing(void **state) {
    (void)state;
    static const double none[] = {NAN, INFINITY, -INFINITY};
    sim_stream random = sim_stream_for(1, SIM_PURPOSE_DEVICE, 3);
    examine_detector d, twin;
    examine_detector_init(&d, &examine_detector_default);
    examine_detector_init(&twin, &examine_detector_default);
    for (int i = 0; i < 1000; i++) {
        const double x = sim_stream_normal(&random);
        const examine_verdict nothing = examine_detector_step(&d, i, none[i % 3]);
        assert_false(nothing.scored || nothing.alarm || nothing.score > 0);
        const examine_verdict a = examine_detector_step(&d, i, x),
                              b = examine_detector_step(&twin, i, x);
        assert_true(a.score == b.score && a.alarm == b.alarm);
    }
    assert_int_equal(d.not_numbers, 1000);
    assert_int_equal(twin.not_numbers, 0);
}

/* Values and times of every kind: no crash (the sanitizers look), scores in 0..1. */
static void nothing_harms_it(void **state) {
    (void)state;
    static const double edge[] = {0,       -0.0,     1,        -1,      DBL_MAX, -DBL_MAX,
                                  DBL_MIN, 4.9e-324, 1e38,     FLT_MAX, 1e-38,   1e300,
                                  -1e18,   3,        INFINITY, NAN,     1e9,     1e9 + 1};
    enum { EDGES = sizeof edge / sizeof edge[0] };
    for (uint64_t seed = 1; seed <= 40; seed++) {
        sim_stream random = sim_stream_for(seed, SIM_PURPOSE_DEVICE, 4);
        examine_detector d;
        examine_detector_init(&d, &examine_detector_default);
        for (int i = 0; i < 2000; i++) {
            const double value = seed % 2 == 0 ? edge[sim_stream_below(&random, EDGES)]
                                               : sim_stream_normal(&random) * edge[seed % EDGES];
            const double time = seed % 3 == 0 ? edge[sim_stream_below(&random, EDGES)] : i * -1e4;
            const examine_verdict v = examine_detector_step(&d, time, value);
            assert_true(v.score >= 0 && v.score <= 1);
        }
    }
}

static void same_points_same_scores(void **state) {
    (void)state;
    float scores[2][3000];
    for (int k = 0; k < 2; k++) {
        sim_stream random = sim_stream_for(7, SIM_PURPOSE_DEVICE, 5);
        examine_detector d;
        memset(&d, k == 0 ? 0 : 0xa5, sizeof d); /* what was there before does not matter */
        examine_detector_init(&d, &examine_detector_default);
        for (int i = 0; i < 3000; i++)
            scores[k][i] =
                examine_detector_step(&d, start + i * minute5, reading(&random, SHIFT, i)).score;
    }
    assert_memory_equal(scores[0], scores[1], sizeof scores[0]);
}

/* A unit or an offset is a matter of taste: the scores are those of the numbers in any unit. */
static void units_do_not_matter(void **state) {
    (void)state;
    sim_stream random = sim_stream_for(7, SIM_PURPOSE_DEVICE, 6);
    examine_detector d, twin;
    int differ = 0;
    examine_detector_init(&d, &examine_detector_default);
    examine_detector_init(&twin, &examine_detector_default);
    for (int i = 0; i < POINTS; i++) {
        const double x = reading(&random, SPIKE, i);
        const float a = examine_detector_step(&d, start + i * minute5, x).score;
        const float b = examine_detector_step(&twin, start + i * minute5, 1024 * x).score;
        differ += fabsf(a - b) > 1e-3f;
    }
    assert_true(differ < POINTS / 1000);
}

static void alarms_rest(void **state) {
    (void)state;
    examine_detector_settings eager = examine_detector_default;
    eager.threshold = 1e-6f;
    eager.clearly = 2; /* a score is at most 1: no exception */
    sim_stream random = sim_stream_for(3, SIM_PURPOSE_DEVICE, 7);
    examine_detector d;
    int last = -1, alarms = 0;
    examine_detector_init(&d, &eager);
    for (int i = 0; i < 20000; i++) {
        if (!examine_detector_step(&d, i, sim_stream_normal(&random)).alarm) continue;
        if (last >= 0) assert_true(i - last >= (int)eager.rest);
        last = i;
        alarms++;
    }
    assert_true(alarms > 20);
}

/* White noise, and a value that is 70 deviations off at point `at`: of 100 series, how many alarm
 * there. */
static int outliers_told_of(const examine_detector_settings *s, int at) {
    int told = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        sim_stream random = sim_stream_for(seed, SIM_PURPOSE_DEVICE, 9);
        examine_detector d;
        examine_detector_init(&d, s);
        for (int i = 0; i < at; i++)
            (void)examine_detector_step(&d, start + i * minute5, 20 + sim_stream_normal(&random));
        told += examine_detector_step(&d, start + at * minute5, 90).alarm;
    }
    return told;
}

static void an_alarm_does_not_hide_what_is_clearly_stranger(void **state) {
    (void)state;
    static const int at[] = {300, 400, 1000, 3000};
    examine_detector_settings deaf = examine_detector_default; /* bad twin: rests whatever comes */
    deaf.clearly = 2;
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        const int told = outliers_told_of(&examine_detector_default, at[i]),
                  twin = outliers_told_of(&deaf, at[i]);
        print_message("outlier at point %d: told of %d, without exception %d\n", at[i], told, twin);
        assert_true(told >= 97);
        assert_true(twin < told);
    }
}

static void a_series_that_moved_away_is_learnt_again(void **state) {
    (void)state;
    sim_stream random = sim_stream_for(3, SIM_PURPOSE_DEVICE, 8);
    examine_detector d;
    examine_detector_init(&d, &examine_detector_default);
    for (int i = 0; i < 3000; i++)
        (void)examine_detector_step(&d, start + i * minute5, sim_stream_normal(&random));
    const double before = d.scale;
    for (int i = 3000; i < 6000; i++)
        (void)examine_detector_step(&d, start + i * minute5,
                                    1e6 + 100 * sim_stream_normal(&random));
    assert_true(d.scale > 0 && d.scale < before / 10);
    const examine_verdict v =
        examine_detector_step(&d, start + 6000 * minute5, 1e6 + 1e5); /* and is watched there */
    assert_true(v.score > 0.4f);
}

/* What docs/examine.md tells of holds for this setting: whoever changes it measures anew. */
static void the_setting_is_the_frozen_one(void **state) {
    (void)state;
    sim_fingerprint f;
    examine_detector_settings s = examine_detector_default;
    static_assert(sizeof s % sizeof(float) == 0, "words without gaps");
    sim_fingerprint_init(&f);
    sim_fingerprint_bytes(&f, &s, sizeof s);
    const uint64_t frozen = f.value;
    print_message("digest of the setting: %016" PRIx64 "\n", frozen);
    assert_int_equal(frozen, 0xc9963e7ed5f18744);
    s.usual_least += 0.01f; /* bad twin */
    sim_fingerprint_init(&f);
    sim_fingerprint_bytes(&f, &s, sizeof s);
    assert_int_not_equal(f.value, frozen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_setting_is_the_frozen_one),
        cmocka_unit_test(it_sees_faults),
        cmocka_unit_test(a_blind_one_does_not),
        cmocka_unit_test(cusum_sees_what_lasts),
        cmocka_unit_test(robust_z_sees_the_largest),
        cmocka_unit_test(novelty_knows_the_hour),
        cmocka_unit_test(constant_series_are_silent),
        cmocka_unit_test(the_first_points_are_not_scored),
        cmocka_unit_test(what_is_no_number_changes_nothing),
        cmocka_unit_test(nothing_harms_it),
        cmocka_unit_test(same_points_same_scores),
        cmocka_unit_test(units_do_not_matter),
        cmocka_unit_test(alarms_rest),
        cmocka_unit_test(an_alarm_does_not_hide_what_is_clearly_stranger),
        cmocka_unit_test(a_series_that_moved_away_is_learnt_again),
    };
    return cmocka_run_group_tests_name("detector", tests, NULL, NULL);
}
