/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "sim/judge/finding.h"
#include "tests/unit/with_cmocka.h"

static void test_words(void **state) {
    (void)state;
    assert_string_equal(judge_verdict_word(JUDGE_PASS), "PASS");
    assert_string_equal(judge_verdict_word(JUDGE_FAIL), "FAIL");
    assert_string_equal(judge_verdict_word(JUDGE_INCONCLUSIVE), "INCONCLUSIVE");
    assert_string_equal(judge_verdict_word(JUDGE_WARN), "WARN");
    judge_verdict named;
    assert_true(judge_verdict_named("WARN", &named) && named == JUDGE_WARN);
    assert_false(judge_verdict_named("WARNING", &named));
    assert_true(judge_verdict_passes(JUDGE_WARN) && judge_verdict_passes(JUDGE_PASS));
    assert_false(judge_verdict_passes(JUDGE_FAIL) || judge_verdict_passes(JUDGE_INCONCLUSIVE));
    static const judge_verdict order[] = {JUDGE_PASS, JUDGE_WARN, JUDGE_INCONCLUSIVE, JUDGE_FAIL};
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++)
            assert_int_equal(judge_verdict_worse(order[i], order[k]), order[i > k ? i : k]);
}

static void test_measure_holds(void **state) {
    (void)state;
    static const struct {
        double value;
        judge_relation relation;
        double threshold;
        bool holds;
    } rows[] = {
        {19, JUDGE_AT_MOST, 20, true},
        {20, JUDGE_AT_MOST, 20, true},
        {20.1, JUDGE_AT_MOST, 20, false},
        {0.9, JUDGE_AT_LEAST, 1, false},
        {1, JUDGE_AT_LEAST, 1, true},
        {1.1, JUDGE_AT_LEAST, 1, true},
        {NAN, JUDGE_AT_MOST, 20, false},
        {NAN, JUDGE_AT_LEAST, 1, false},
        {1, JUDGE_AT_MOST, NAN, false},
        {INFINITY, JUDGE_AT_MOST, 20, false},
        {-INFINITY, JUDGE_AT_MOST, 0, true},
        {NAN, JUDGE_NONE, NAN, true},
        {7, JUDGE_NONE, 3, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_finding f = {.measure_count = 0};
        judge_finding_measure(&f, "m", "s", rows[i].value, rows[i].relation, rows[i].threshold, 42);
        assert_int_equal(f.measure_count, 1);
        assert_int_equal(f.measures[0].holds, rows[i].holds);
        assert_int_equal(f.measures[0].samples, 42);
        assert_null(f.measures[0].note);
        assert_true(rows[i].relation != JUDGE_NONE || isnan(f.measures[0].threshold));
    }
}

static void test_inform(void **state) {
    (void)state;
    judge_finding f = {.measure_count = JUDGE_MEASURES_MAX - 1};
    judge_finding_inform(&f, "m", "", 5, 9, "why not");
    const judge_measure *m = &f.measures[JUDGE_MEASURES_MAX - 1];
    assert_int_equal(f.measure_count, JUDGE_MEASURES_MAX);
    assert_true(m->holds && m->relation == JUDGE_NONE && isnan(m->threshold) && m->value == 5);
    assert_string_equal(m->note, "why not");
}

static void test_say(void **state) {
    (void)state;
    judge_finding f = {.measure_count = 0};
    assert_true(judge_finding_say(&f, "%d devices", 12));
    assert_true(judge_finding_say_more(&f, " came %s.", "back"));
    assert_string_equal(f.sentence, "12 devices came back.");
    assert_true(judge_finding_say(&f, "Anew."));
    assert_string_equal(f.sentence, "Anew.");
}

/* A sentence that exactly fits, and its bad twin one byte longer. */
static void test_say_to_the_brim(void **state) {
    (void)state;
    judge_finding f;
    char text[JUDGE_SENTENCE_MAX + 1];
    memset(text, 'x', sizeof text);
    text[JUDGE_SENTENCE_MAX - 1] = '\0';
    assert_true(judge_finding_say(&f, "%s", text));
    assert_string_equal(f.sentence, text);
    assert_false(judge_finding_say_more(&f, "y"));
    assert_string_equal(f.sentence + JUDGE_SENTENCE_MAX - 5, "x...");
    text[JUDGE_SENTENCE_MAX - 1] = 'x';
    text[JUDGE_SENTENCE_MAX] = '\0';
    assert_false(judge_finding_say(&f, "%s", text));
    assert_int_equal(strlen(f.sentence), JUDGE_SENTENCE_MAX - 1);
    assert_string_equal(f.sentence + JUDGE_SENTENCE_MAX - 5, "x...");
}

/* Wherever the cut falls, no half of a two-, three- or four-byte character is left. */
static void test_say_cuts_between_characters(void **state) {
    (void)state;
    static const char *const characters[] = {"\u00e9", "\u20ac", "\U0001f525"};
    for (size_t c = 0; c < 3; c++) {
        for (size_t lead = 0; lead < 5; lead++) {
            judge_finding f;
            judge_finding_say(&f, "%.*s", (int)lead, "aaaaa");
            bool fits = true;
            while (fits) fits = judge_finding_say_more(&f, "%s", characters[c]);
            size_t length = strlen(f.sentence), step = strlen(characters[c]);
            assert_true(length > JUDGE_SENTENCE_MAX - 10);
            assert_string_equal(f.sentence + length - 3, "...");
            assert_int_equal((length - 3 - lead) % step, 0);
        }
    }
}

static void test_exit_code(void **state) {
    (void)state;
    enum { P = JUDGE_PASS, F = JUDGE_FAIL, I = JUDGE_INCONCLUSIVE, W = JUDGE_WARN };
    static const struct {
        int verdicts[3];
        size_t count;
        int code;
    } rows[] = {{{0}, 0, 0},       {{P}, 1, 0},       {{F}, 1, 1},       {{I}, 1, 5},
                {{P, P, P}, 3, 0}, {{P, I, P}, 3, 5}, {{I, F, P}, 3, 1}, {{F, I, I}, 3, 1},
                {{P, P, F}, 3, 1}, {{W}, 1, 0},       {{P, W, P}, 3, 0}, {{W, I, P}, 3, 5},
                {{W, F, W}, 3, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_finding findings[3] = {{.measure_count = 0}};
        for (size_t v = 0; v < rows[i].count; v++)
            findings[v].verdict = (judge_verdict)rows[i].verdicts[v];
        assert_int_equal(judge_exit_code(findings, rows[i].count), rows[i].code);
    }
}

static void test_units_of_the_specification(void **state) {
    (void)state;
    assert_true(judge_unit_is_of_specification("5.9-3-2 a", "5.9-3"));
    assert_true(judge_unit_is_of_specification("5.10-1-1 b", "5.10-1"));
    assert_false(judge_unit_is_of_specification("5.10-1 detection", "5.10-1"));
    assert_false(judge_unit_is_of_specification("answered", "5.9-3"));
    assert_false(judge_unit_is_of_specification("answered", ""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units_of_the_specification),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_measure_holds),
        cmocka_unit_test(test_inform),
        cmocka_unit_test(test_say),
        cmocka_unit_test(test_say_to_the_brim),
        cmocka_unit_test(test_say_cuts_between_characters),
        cmocka_unit_test(test_exit_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
