/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "sim/judge/check_contention.h"
#include "tests/unit/measured.h"

typedef struct row {
    const char *what;
    judge_contention_case c;
    judge_verdict verdict;
    double changed, calls_per_change; /* measures; NAN: unknown */
} row;

static const row rows[] = {
    {"full jitter",
     {.wanted = 100, .changed = 100, .calls = 797, .time_95_s = 4.1, .time_all_s = 5},
     JUDGE_PASS,
     1,
     7.97},
    {"just enough",
     {.wanted = 10, .changed = 10, .calls = 120, .time_all_s = 1},
     JUDGE_PASS,
     1,
     12},
    {"one too many",
     {.wanted = 10, .changed = 10, .calls = 121, .time_all_s = 1},
     JUDGE_FAIL,
     1,
     12.1},
    {"no pause",
     {.wanted = 100, .changed = 100, .calls = 2424, .time_all_s = 2},
     JUDGE_FAIL,
     1,
     24.24},
    {"somebody is missing",
     {.wanted = 100, .changed = 98, .calls = 700, .time_all_s = 600},
     JUDGE_FAIL,
     0.98,
     700 / 98.0},
    {"nobody got to it", {.wanted = 5, .calls = 3, .time_all_s = NAN}, JUDGE_FAIL, 0, NAN},
    {"alone", {.wanted = 1, .changed = 1, .calls = 1}, JUDGE_INCONCLUSIVE, 1, 1},
    {"nobody wanted", {0}, JUDGE_INCONCLUSIVE, NAN, NAN},
    {"late",
     {.wanted = 100, .changed = 100, .calls = 797, .time_all_s = 5, .generator_late = true},
     JUDGE_INCONCLUSIVE,
     1,
     7.97},
};

static void test_verdicts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row *r = &rows[i];
        judge_finding f;
        judge_contention(&r->c, &judge_contention_policy_default, &f);
        if (f.verdict != r->verdict)
            fail_msg("%s: %s: %s", r->what, judge_verdict_word(f.verdict), f.sentence);
        assert_string_equal(f.unit, "contention");
        assert_true(measured_is(&f, "changed", r->changed));
        assert_int_equal(measured(&f, "changed")->samples, r->c.wanted);
        assert_true(measured_is(&f, "calls per change", r->calls_per_change));
        assert_true(measured(&f, "calls per change")->threshold == 12);
        assert_true(measured_is(&f, "calls", (double)r->c.calls));
        assert_true(
            measured_is(&f, "time to 100 %", r->c.changed >= r->c.wanted ? r->c.time_all_s : NAN));
    }
}

static void test_time_of_who_is_missing_is_unknown(void **state) {
    (void)state;
    judge_finding f;
    judge_contention_case c = {
        .wanted = 3, .changed = 2, .calls = 4, .time_95_s = 1, .time_all_s = 1};
    judge_contention(&c, &judge_contention_policy_default, &f);
    assert_true(measured_is(&f, "time to 100 %", NAN));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_time_of_who_is_missing_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
