/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who noticed in time, who late, who never, and a silence too short to tell. */
#include <string.h>

#include "sim/judge/check.h"
#include "sim/judge/checks.h"
#include "tests/unit/measured.h"

typedef struct row {
    const char *what;
    judge_silence seen;
    judge_verdict verdict;
    double slowest; /* in declared times, of who noticed and of who had the time to */
} row;

static const row rows[] = {
    {"all in time", {100, 100, 0, 75, 1.25, 0}, JUDGE_PASS, 1.25},
    {"just in time", {100, 100, 0, 90, 1.5, 0}, JUDGE_PASS, 1.5},
    {"one late", {100, 100, 0, 90.6, 1.51, 0}, JUDGE_FAIL, 1.51},
    {"one never", {100, 99, 1, 75, 1.25, 10}, JUDGE_FAIL, 10},
    {"nobody", {100, 0, 100, 0, 0, 10}, JUDGE_FAIL, 10},
    {"too short", {100, 60, 40, 40, 0.7, 0.8}, JUDGE_INCONCLUSIVE, 0.7},
    {"late, and too short for others", {9, 8, 1, 99, 1.7, 0.8}, JUDGE_FAIL, 1.7},
    {"nobody was online", {0, 0, 0, 0, 0, 0}, JUDGE_INCONCLUSIVE, NAN},
};

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        judge_evidence e = {.silence = r->seen};
        judge_finding f;
        print_message("%s\n", r->what);
        assert_int_equal(judge_check_run(&judge_check_silence, &e, NULL, &f), 0);
        assert_int_equal(f.verdict, r->verdict);
        if (r->seen.struck == 0) {
            assert_int_equal(f.measure_count, 0);
            continue;
        }
        const judge_measure *slowest = measured(&f, "time to notice");
        assert_true(measured_is(&f, "time to notice", r->slowest));
        assert_int_equal(slowest->samples, r->seen.struck);
        assert_int_equal(slowest->holds, r->verdict != JUDGE_FAIL);
        assert_true(measured_is(&f, "noticed", (double)r->seen.noticed));
        assert_true(measured_is(&f, "not noticed", (double)r->seen.unnoticed));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
