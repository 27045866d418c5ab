/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers that were asked as the timers have it, too often, and in too high a wave. */
#include <string.h>

#include "sim/judge/check.h"
#include "sim/judge/checks.h"
#include "tests/unit/with_cmocka.h"

typedef struct row {
    const char *what;
    judge_chains seen;
    double policy[2]; /* per_chain, peak */
    judge_verdict verdict;
    const char *says;
} row;

static const row rows[] = {
    {"once each", {{9, 9, 9}, {3, 2, 1}, 9}, {4, 0}, JUDGE_PASS, "9 questions for a name, 2 of"},
    {"on the limit", {{36, 9, 9}, {3, 2, 1}, 9}, {4, 0}, JUDGE_PASS, "36 questions for an address"},
    {"above it", {{37, 9, 9}, {3, 2, 1}, 9}, {4, 0}, JUDGE_FAIL, "37 questions for an address"},
    {"names", {{9, 108, 9}, {3, 9, 1}, 9}, {4, 0}, JUDGE_FAIL, "108 questions for a name"},
    {"the clock", {{9, 9, 99}, {3, 2, 9}, 9}, {4, 0}, JUDGE_FAIL, "99 questions for the time"},
    {"more is allowed", {{9, 108, 9}, {3, 9, 1}, 9}, {12, 0}, JUDGE_PASS, "9 boot chains"},
    {"a wave that fits", {{9, 9, 9}, {3, 2, 1}, 9}, {4, 3}, JUDGE_PASS, "3 of them"},
    {"and one that does not", {{9, 9, 9}, {3, 4, 1}, 9}, {4, 3}, JUDGE_FAIL, "4 of them"},
    {"nobody got through", {{40, 0, 0}, {3, 0, 0}, 0}, {4, 0}, JUDGE_FAIL, "0 boot chains"},
    {"nobody asked", {{0}, {0}, 0}, {4, 0}, JUDGE_INCONCLUSIVE, "No device asked"},
};

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        judge_evidence e = {.chains = r->seen};
        judge_finding f;
        print_message("%s\n", r->what);
        assert_int_equal(judge_check_run(&judge_check_boot_chain, &e, r->policy, &f), 0);
        assert_int_equal(f.verdict, r->verdict);
        assert_non_null(strstr(f.sentence, r->says));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
