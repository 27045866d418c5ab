/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers that were asked as the timers have it, too often, and in too high a wave. */
#include <string.h>

#include "sim/judge/check.h"
#include "sim/judge/checks.h"
#include "tests/unit/measured.h"

typedef struct row {
    const char *what;
    judge_chains seen;
    double policy[2]; /* per_chain, peak */
    judge_verdict verdict;
    const char *breaks; /* the measure that does not hold; NULL: each does */
} row;

static const row rows[] = {
    {"once each", {{9, 9, 9}, {3, 2, 1}, 9}, {4, 0}, JUDGE_PASS, NULL},
    {"on the limit", {{36, 9, 9}, {3, 2, 1}, 9}, {4, 0}, JUDGE_PASS, NULL},
    {"above it", {{37, 9, 9}, {3, 2, 1}, 9}, {4, 0}, JUDGE_FAIL, "questions for an address"},
    {"names", {{9, 108, 9}, {3, 9, 1}, 9}, {4, 0}, JUDGE_FAIL, "questions for a name"},
    {"the clock", {{9, 9, 99}, {3, 2, 9}, 9}, {4, 0}, JUDGE_FAIL, "questions for the time"},
    {"more is allowed", {{9, 108, 9}, {3, 9, 1}, 9}, {12, 0}, JUDGE_PASS, NULL},
    {"a wave that fits", {{9, 9, 9}, {3, 2, 1}, 9}, {4, 3}, JUDGE_PASS, NULL},
    {"and one that does not",
     {{9, 9, 9}, {3, 4, 1}, 9},
     {4, 3},
     JUDGE_FAIL,
     "busiest second, name"},
    {"nobody got through",
     {{40, 0, 0}, {3, 0, 0}, 0},
     {4, 0},
     JUDGE_FAIL,
     "questions for an address"},
    {"nobody asked", {{0}, {0}, 0}, {4, 0}, JUDGE_INCONCLUSIVE, NULL},
};

/* What each server was asked, for each chain, and in its busiest second. */
static void assert_measured(const row *r, const judge_finding *f) {
    static const char *const names[JUDGE_SERVERS][2] = {
        {"questions for an address", "busiest second, address"},
        {"questions for a name", "busiest second, name"},
        {"questions for the time", "busiest second, time"}};
    for (int s = 0; s < JUDGE_SERVERS; s++) {
        const judge_measure *asked = measured(f, names[s][0]);
        double chains = fmax(1, (double)r->seen.ended);
        assert_true(measured_is(f, names[s][0], (double)r->seen.asked[s] / chains));
        assert_int_equal(asked->samples, r->seen.asked[s]);
        assert_true(asked->threshold == r->policy[0]);
        assert_true(measured_is(f, names[s][1], (double)r->seen.busiest[s]));
    }
    for (size_t i = 0; i < f->measure_count; i++) {
        const judge_measure *m = &f->measures[i];
        assert_int_equal(m->holds, r->breaks == NULL || strcmp(m->name, r->breaks) != 0);
    }
}

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        judge_evidence e = {.chains = r->seen};
        judge_finding f;
        print_message("%s\n", r->what);
        assert_int_equal(judge_check_run(&judge_check_boot_chain, &e, r->policy, &f), 0);
        assert_int_equal(f.verdict, r->verdict);
        assert_measured(r, &f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
