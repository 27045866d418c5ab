/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "sim/judge/check_contention.h"
#include "tests/unit/with_cmocka.h"

typedef struct row {
    const char *what;
    judge_contention_case c;
    judge_verdict verdict;
    const char *says; /* in the sentence */
} row;

static const row rows[] = {
    {"full jitter",
     {.wanted = 100, .changed = 100, .calls = 797, .time_95_s = 4.1, .time_all_s = 5},
     JUDGE_PASS,
     "All 100 devices changed the shared value, the last after 5 s, in 797 writes: 7.97 for each"},
    {"just enough",
     {.wanted = 10, .changed = 10, .calls = 120, .time_all_s = 1},
     JUDGE_PASS,
     "12 for each"},
    {"one too many",
     {.wanted = 10, .changed = 10, .calls = 121, .time_all_s = 1},
     JUDGE_FAIL,
     "12.1 for each"},
    {"no pause",
     {.wanted = 100, .changed = 100, .calls = 2424, .time_all_s = 2},
     JUDGE_FAIL,
     "in 2,424 writes: 24.2 for each change, where at most 12 should do"},
    {"somebody is missing",
     {.wanted = 100, .changed = 98, .calls = 700, .time_all_s = 600},
     JUDGE_FAIL,
     "Of 100 devices that wanted to change the shared value 2 did not get to it, in 700 writes."},
    {"nobody got to it",
     {.wanted = 5, .calls = 3, .time_all_s = NAN},
     JUDGE_FAIL,
     "5 did not get to it"},
    {"alone", {.wanted = 1, .changed = 1, .calls = 1}, JUDGE_INCONCLUSIVE, "no contention"},
    {"nobody wanted", {0}, JUDGE_INCONCLUSIVE, "no contention"},
    {"late",
     {.wanted = 100, .changed = 100, .calls = 797, .time_all_s = 5, .generator_late = true},
     JUDGE_INCONCLUSIVE,
     "The generator was late"},
};

static void test_verdicts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_finding f;
        judge_contention(&rows[i].c, &judge_contention_policy_default, &f);
        if (f.verdict != rows[i].verdict || strstr(f.sentence, rows[i].says) == NULL)
            fail_msg("%s: %s: %s", rows[i].what, judge_verdict_word(f.verdict), f.sentence);
        assert_string_equal(f.unit, "contention");
    }
}

static void test_time_of_who_is_missing_is_unknown(void **state) {
    (void)state;
    judge_finding f;
    judge_contention_case c = {
        .wanted = 3, .changed = 2, .calls = 4, .time_95_s = 1, .time_all_s = 1};
    judge_contention(&c, &judge_contention_policy_default, &f);
    assert_string_equal(f.measures[4].name, "time to 100 %");
    assert_true(isnan(f.measures[4].value));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_time_of_who_is_missing_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
