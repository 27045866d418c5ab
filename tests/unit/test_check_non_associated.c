/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An outage of a service that is not the makers': kept apart, laid at their cloud's door, and a
 * local function that hung on it. */
#include "sim/judge/check.h"
#include "sim/judge/checks.h"
#include "tests/unit/measured.h"

typedef struct row {
    const char *what;
    judge_non_associated seen;
    uint64_t struck;
    size_t came; /* attempts at the makers' cloud under the trigger, besides one at the start */
    judge_verdict verdict;
    const char *breaks; /* the measure that does not hold; NULL: each does */
} row;

static const row rows[] = {
    {"kept apart", {900, {50, 50}}, 100, 0, JUDGE_PASS, NULL},
    {"one of a hundred came", {900, {50, 50}}, 100, 1, JUDGE_PASS, NULL},
    {"two did", {900, {50, 50}}, 100, 2, JUDGE_FAIL, "came to the makers' cloud for it"},
    {"hands had no answer", {900, {50, 49}}, 100, 0, JUDGE_FAIL, "right answers while it was gone"},
    {"just enough had", {900, {100, 99}}, 100, 0, JUDGE_PASS, NULL},
    {"nobody asked", {900, {0, 0}}, 100, 0, JUDGE_PASS, NULL},
    {"nobody was struck", {900, {0, 0}}, 0, 0, JUDGE_INCONCLUSIVE, NULL},
    {"nobody talks to it", {0, {0, 0}}, 0, 0, JUDGE_INCONCLUSIVE, NULL},
};

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        const judge_trigger triggers[] = {{.name = "start"},
                                          {.name = "non-associated outage", .struck = r->struck}};
        record_attempt attempts[3] = {{.trigger = 0}, {.trigger = 1}, {.trigger = 1}};
        judge_evidence e = {.non_associated = r->seen,
                            .triggers = triggers,
                            .trigger_count = 2,
                            .attempts = attempts,
                            .attempt_count = 1 + r->came};
        judge_finding f;
        print_message("%s\n", r->what);
        assert_int_equal(judge_check_run(&judge_check_non_associated, &e, NULL, &f), 0);
        assert_int_equal(f.verdict, r->verdict);
        for (size_t m = 0; m < f.measure_count; m++)
            assert_int_equal(f.measures[m].holds,
                             r->breaks == NULL || strcmp(f.measures[m].name, r->breaks) != 0);
        if (r->breaks != NULL) assert_false(measured(&f, r->breaks)->holds);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
