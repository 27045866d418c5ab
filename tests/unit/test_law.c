/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws against their formulas. Every property is a function that says yes or no, so that its bad twin can
 * be asked too. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "devices/law.h"
#include "tests/unit/with_cmocka.h"

enum { DRAWS = 100000 };

static const dev_law full = {.kind = DEV_LAW_FULL_JITTER,
                             .initial_window = 146 * SIM_SECOND,
                             .base = SIM_SECOND,
                             .cap = SIM_MINUTE,
                             .factor = 2};

static dev_law with_kind(dev_law_kind kind) {
    dev_law law = full;
    law.kind = kind;
    return law;
}

/* The pause before retry `retry` (0: the first attempt) of a fresh episode. */
static sim_time pause_of(const dev_law *law, unsigned retry, sim_stream *stream) {
    dev_law_state s;
    dev_law_begin(&s);
    sim_time pause = dev_law_next(law, &s, stream);
    for (unsigned k = 0; k < retry; k++) pause = dev_law_next(law, &s, stream);
    return pause;
}

/* Uniform over lo..hi: bounds, mean and spread within five standard errors, 16 equal bins by chi-square
 * (15 degrees of freedom, p = 1e-6 at 57). */
static bool is_uniform(const dev_law *law, unsigned retry, double lo, double hi) {
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_LAW, retry);
    double sum = 0;
    double chi = 0;
    unsigned bins[16] = {0};
    for (int i = 0; i < DRAWS; i++) {
        double x = (double)pause_of(law, retry, &stream);
        if (x < lo || x > hi) return false;
        sum += x;
        unsigned bin = hi > lo ? (unsigned)((x - lo) / (hi - lo) * 16) : 0;
        bins[bin < 16 ? bin : 15]++;
    }
    for (int i = 0; i < 16; i++) chi += (bins[i] - DRAWS / 16.0) * (bins[i] - DRAWS / 16.0) / (DRAWS / 16.0);
    double error = (hi - lo) / sqrt(12.0 * DRAWS);
    return fabs(sum / DRAWS - (lo + hi) / 2) < 5 * error && chi < 57;
}

static bool is_always(const dev_law *law, unsigned retry, sim_time pause) {
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_LAW, retry);
    for (int i = 0; i < 100; i++) {
        if (pause_of(law, retry, &stream) != pause) return false;
    }
    return true;
}

static void test_first_attempt_is_uniform_over_the_initial_window(void **state) {
    (void)state;
    for (int kind = 0; kind < DEV_LAWS; kind++) {
        dev_law law = with_kind((dev_law_kind)kind);
        assert_true(is_uniform(&law, 0, 0, 146e9));
        law.initial_window = 0;
        assert_true(is_always(&law, 0, 0));
    }
}

static void test_uniform_check_has_bad_twins(void **state) {
    (void)state;
    dev_law fixed = with_kind(DEV_LAW_FIXED);
    dev_law equal = with_kind(DEV_LAW_EQUAL_JITTER);
    dev_law narrow = full;
    narrow.initial_window = 140 * SIM_SECOND;
    assert_false(is_uniform(&fixed, 1, 0, 1e9));    /* no jitter at all */
    assert_false(is_uniform(&equal, 1, 0, 1e9));    /* only the upper half */
    assert_false(is_uniform(&narrow, 0, 0, 146e9)); /* 4 % short */
    assert_false(is_uniform(&full, 2, 0, 1e9));     /* not grown */
    assert_false(is_always(&full, 1, SIM_SECOND));  /* jitter where none is expected */
}

static void test_growth_and_cap(void **state) {
    (void)state;
    static const struct {
        unsigned retry;
        double v;
    } rows[] = {{1, 1e9}, {2, 2e9}, {3, 4e9}, {6, 32e9}, {7, 60e9}, {8, 60e9}, {40, 60e9}, {1000, 60e9}};
    dev_law exponential = with_kind(DEV_LAW_EXPONENTIAL);
    dev_law equal = with_kind(DEV_LAW_EQUAL_JITTER);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned retry = rows[i].retry;
        assert_true(is_always(&exponential, retry, (sim_time)rows[i].v));
        if (retry > 40) continue; /* the draws below would take long and say nothing new */
        assert_true(is_uniform(&full, retry, 0, rows[i].v));
        assert_true(is_uniform(&equal, retry, rows[i].v / 2, rows[i].v));
    }
}

static void test_other_factors(void **state) {
    (void)state;
    dev_law law = with_kind(DEV_LAW_EXPONENTIAL);
    law.factor = 1.5;
    assert_true(is_always(&law, 3, 2250000000));
    law.factor = 1;
    assert_true(is_always(&law, 1000, SIM_SECOND));
    law.factor = 2;
    law.cap = SIM_NEVER;
    assert_true(is_always(&law, 11, 1024 * SIM_SECOND));
    assert_true(is_always(&law, 2000, SIM_NEVER)); /* beyond all time, and no overflow */
}

static void test_fixed_and_immediate(void **state) {
    (void)state;
    dev_law fixed = {.kind = DEV_LAW_FIXED, .base = 10 * SIM_SECOND};
    dev_law immediate = {.kind = DEV_LAW_IMMEDIATE};
    assert_null(dev_law_wrong(&fixed));
    assert_null(dev_law_wrong(&immediate));
    assert_true(is_always(&fixed, 0, 0));
    assert_true(is_always(&fixed, 1, 10 * SIM_SECOND));
    assert_true(is_always(&fixed, 77, 10 * SIM_SECOND));
    assert_true(is_always(&immediate, 0, 0));
    assert_true(is_always(&immediate, 5, SIM_MILLISECOND));
}

static void test_decorrelated_jitter(void **state) {
    (void)state;
    dev_law law = with_kind(DEV_LAW_DECORRELATED_JITTER);
    assert_true(is_uniform(&law, 1, 1e9, 3e9));
    assert_false(is_uniform(&law, 2, 1e9, 3e9));
    sim_stream stream = sim_stream_for(2, SIM_PURPOSE_LAW, 0);
    double second = 0;
    sim_time longest = 0;
    for (int i = 0; i < DRAWS; i++) {
        dev_law_state s;
        dev_law_begin(&s);
        sim_time previous = SIM_SECOND;
        (void)dev_law_next(&law, &s, &stream);
        for (int retry = 1; retry <= 6; retry++) {
            sim_time pause = dev_law_next(&law, &s, &stream);
            assert_true(pause >= SIM_SECOND);
            assert_true(pause <= sim_time_min(3 * previous, SIM_MINUTE));
            if (retry == 2) second += (double)pause;
            longest = sim_time_max(longest, pause);
            previous = pause;
        }
    }
    assert_true(fabs(second / DRAWS / 1e9 - 3.5) < 0.03); /* E U(1, 3 U(1, 3)) = 3.5; deviation 1.7 */
    assert_int_equal(longest, SIM_MINUTE);
}

static void test_decorrelated_jitter_without_a_cap_does_not_overflow(void **state) {
    (void)state;
    dev_law law = with_kind(DEV_LAW_DECORRELATED_JITTER);
    law.cap = SIM_NEVER;
    sim_stream stream = sim_stream_for(3, SIM_PURPOSE_LAW, 0);
    dev_law_state s;
    dev_law_begin(&s);
    for (int i = 0; i < 10000; i++) assert_true(dev_law_next(&law, &s, &stream) >= 0);
}

/* Boot or lost session: the first pause is one of the initial window again, and the growth starts anew. */
static void test_episode_begins_again(void **state) {
    (void)state;
    dev_law law = with_kind(DEV_LAW_EXPONENTIAL);
    law.initial_window = 0;
    sim_stream stream = sim_stream_for(4, SIM_PURPOSE_LAW, 0);
    dev_law_state s;
    dev_law_begin(&s);
    for (int i = 0; i < 5; i++) (void)dev_law_next(&law, &s, &stream);
    assert_int_equal(dev_law_next(&law, &s, &stream), 16 * SIM_SECOND);
    dev_law_begin(&s);
    assert_int_equal(dev_law_next(&law, &s, &stream), 0);
    assert_int_equal(dev_law_next(&law, &s, &stream), SIM_SECOND);
}

static void test_attempt_that_did_not_take_place_does_not_count(void **state) {
    (void)state;
    dev_law law = with_kind(DEV_LAW_EXPONENTIAL);
    sim_stream stream = sim_stream_for(5, SIM_PURPOSE_LAW, 0);
    dev_law_state s;
    dev_law_begin(&s);
    dev_law_take_back(&s); /* nothing to take back */
    (void)dev_law_next(&law, &s, &stream);
    dev_law_take_back(&s);
    assert_int_equal(s.tries, 0); /* the initial window still stands before the first attempt */
    (void)dev_law_next(&law, &s, &stream);
    (void)dev_law_next(&law, &s, &stream);
    (void)dev_law_next(&law, &s, &stream);
    dev_law_take_back(&s);
    assert_int_equal(dev_law_next(&law, &s, &stream), 2 * SIM_SECOND);

    law = with_kind(DEV_LAW_DECORRELATED_JITTER);
    dev_law_begin(&s);
    (void)dev_law_next(&law, &s, &stream);
    (void)dev_law_next(&law, &s, &stream);
    dev_law_take_back(&s);
    for (int i = 0; i < 1000; i++) { /* again a first retry: at most three times the base */
        assert_true(dev_law_next(&law, &s, &stream) <= 3 * SIM_SECOND);
        dev_law_take_back(&s);
    }
}

static void test_same_stream_same_pauses(void **state) {
    (void)state;
    for (int kind = 0; kind < DEV_LAWS; kind++) {
        dev_law law = with_kind((dev_law_kind)kind);
        sim_stream a = sim_stream_for(6, SIM_PURPOSE_LAW, 9), b = a,
                   c = sim_stream_for(6, SIM_PURPOSE_LAW, 10);
        dev_law_state sa, sb, sc;
        dev_law_begin(&sa);
        dev_law_begin(&sb);
        dev_law_begin(&sc);
        bool differs = false;
        for (int i = 0; i < 50; i++) {
            sim_time pause = dev_law_next(&law, &sa, &a);
            assert_int_equal(pause, dev_law_next(&law, &sb, &b));
            if (pause != dev_law_next(&law, &sc, &c)) differs = true;
        }
        assert_true(differs); /* by the initial window, if by nothing else */
    }
}

static void test_wrong_laws_are_named(void **state) {
    (void)state;
    static const struct {
        dev_law law;
        const char *says; /* a part of the sentence; NULL: nothing is wrong */
    } rows[] = {
        {{DEV_LAW_FULL_JITTER, 0, SIM_SECOND, SIM_MINUTE, 2}, NULL},
        {{DEV_LAW_FULL_JITTER, 0, SIM_SECOND, SIM_SECOND, 1}, NULL},
        {{DEV_LAW_FULL_JITTER, 0, SIM_SECOND, SIM_NEVER, 2}, NULL},
        {{DEV_LAW_DECORRELATED_JITTER, 0, SIM_SECOND, SIM_MINUTE, 0}, NULL},
        {{(dev_law_kind)DEV_LAWS, 0, SIM_SECOND, SIM_MINUTE, 2}, "kind"},
        {{(dev_law_kind)-1, 0, SIM_SECOND, SIM_MINUTE, 2}, "kind"},
        {{DEV_LAW_FIXED, -1, SIM_SECOND, 0, 0}, "window is negative"},
        {{DEV_LAW_IMMEDIATE, SIM_NEVER, 0, 0, 0}, "window has no end"},
        {{DEV_LAW_FIXED, 0, 0, 0, 0}, "base pause is not above 0"},
        {{DEV_LAW_FIXED, 0, SIM_NEVER, 0, 0}, "base pause has no end"},
        {{DEV_LAW_EXPONENTIAL, 0, SIM_SECOND, SIM_SECOND - 1, 2}, "cap is below"},
        {{DEV_LAW_EQUAL_JITTER, 0, SIM_SECOND, SIM_MINUTE, 0.99}, "factor"},
        {{DEV_LAW_EQUAL_JITTER, 0, SIM_SECOND, SIM_MINUTE, NAN}, "factor"},
        {{DEV_LAW_EQUAL_JITTER, 0, SIM_SECOND, SIM_MINUTE, INFINITY}, "factor"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *said = dev_law_wrong(&rows[i].law);
        if (rows[i].says == NULL) {
            assert_null(said);
        } else {
            assert_non_null(said);
            assert_non_null(strstr(said, rows[i].says));
        }
    }
}

static void test_words(void **state) {
    (void)state;
    for (int kind = 0; kind < DEV_LAWS; kind++) {
        dev_law_kind found;
        assert_int_equal(dev_law_kind_named(dev_law_word((dev_law_kind)kind), &found), 0);
        assert_int_equal(found, kind);
    }
    dev_law_kind untouched = DEV_LAW_FIXED;
    assert_int_equal(dev_law_kind_named("fulljitter", &untouched), SIM_EPARSE);
    assert_int_equal(dev_law_kind_named("", &untouched), SIM_EPARSE);
    assert_int_equal(untouched, DEV_LAW_FIXED);
    assert_string_equal(dev_law_word(DEV_LAWS), "?");
    assert_string_equal(dev_law_title(DEV_LAW_FIXED), "after the same pause each time");
    assert_string_equal(dev_law_title(DEV_LAWS), "?");
}

static void test_declared_form_in_words(void **state) {
    (void)state;
    static const struct {
        dev_law law;
        const char *text;
    } rows[] = {
        {{DEV_LAW_FULL_JITTER, 146 * SIM_SECOND, SIM_SECOND, SIM_MINUTE, 2},
         "first attempt within 2m26s at random, then full jitter from 1s doubling up to 1m00s"},
        {{DEV_LAW_FIXED, 0, 10 * SIM_SECOND, 0, 0}, "first attempt at once, then every 10s"},
        {{DEV_LAW_IMMEDIATE, 0, 0, 0, 0}, "first attempt at once, then again without a pause"},
        {{DEV_LAW_EXPONENTIAL, 0, SIM_SECOND, SIM_NEVER, 1.5},
         "first attempt at once, then without jitter from 1s growing by 1.5 without a limit"},
        {{DEV_LAW_EQUAL_JITTER, 0, SIM_SECOND, SIM_MINUTE, 1},
         "first attempt at once, then equal jitter from 1s up to 1m00s"},
        {{DEV_LAW_DECORRELATED_JITTER, 0, SIM_SECOND, SIM_MINUTE, 2},
         "first attempt at once, then decorrelated jitter from 1s up to 1m00s"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[160];
        assert_string_equal(dev_law_text(&rows[i].law, text, sizeof text), rows[i].text);
    }
    /* the longest of all still fits */
    dev_law law = {DEV_LAW_DECORRELATED_JITTER, SIM_NEVER - 1, SIM_NEVER - 2, SIM_NEVER - 1, 1.23456789e8};
    char text[160];
    for (int kind = 0; kind < DEV_LAWS; kind++) {
        law.kind = (dev_law_kind)kind;
        assert_true(strlen(dev_law_text(&law, text, sizeof text)) < sizeof text - 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_attempt_is_uniform_over_the_initial_window),
        cmocka_unit_test(test_uniform_check_has_bad_twins),
        cmocka_unit_test(test_growth_and_cap),
        cmocka_unit_test(test_other_factors),
        cmocka_unit_test(test_fixed_and_immediate),
        cmocka_unit_test(test_decorrelated_jitter),
        cmocka_unit_test(test_decorrelated_jitter_without_a_cap_does_not_overflow),
        cmocka_unit_test(test_episode_begins_again),
        cmocka_unit_test(test_attempt_that_did_not_take_place_does_not_count),
        cmocka_unit_test(test_same_stream_same_pauses),
        cmocka_unit_test(test_wrong_laws_are_named),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_declared_form_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
