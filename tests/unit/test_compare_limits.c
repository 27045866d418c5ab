/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/compare_limits.h"

#include <math.h>
#include <string.h>

#include "tests/unit/with_cmocka.h"

static report_value in_a[] = {{"5.9-3-2 a", "time to 95 % online", "s", 100},
                              {"metrics", "attempts", "", 10},
                              {"5.9-3-2 a", "growth", "", NAN}};
static report_value in_b[] = {{"5.9-3-2 a", "time to 95 % online", "s", 121},
                              {"metrics", "attempts", "", 8},
                              {"5.9-3-2 a", "growth", "", 2}};

static cli_exit held(const char *limit, judge_verdict a, judge_verdict b, cli_trouble *t) {
    const report_values of_a = {.verdict = a, .items = in_a, .count = 3};
    const report_values of_b = {.verdict = b, .items = in_b, .count = 3};
    cli_limits l = {0};
    *t = (cli_trouble){0};
    assert_int_equal(cli_limits_take(&l, limit, t), CLI_EXIT_PASS);
    return cli_limits_check(&l, &of_a, &of_b, t);
}

static void test_measures(void **state) {
    (void)state;
    static const struct {
        const char *limit;
        cli_exit code;
    } rows[] = {{"time to 95 % online>+20%", CLI_EXIT_FAILED},
                {"time to 95 % online>+21%", CLI_EXIT_PASS}, /* 121 is not more than that */
                {"5.9-3-2 a: time to 95 % online>+10%", CLI_EXIT_FAILED},
                {"time to 95 % online>+150%", CLI_EXIT_PASS},
                {"attempts<-10%", CLI_EXIT_FAILED},
                {"metrics: attempts<-20%", CLI_EXIT_PASS},
                {"attempts>+0%", CLI_EXIT_PASS},
                {"time to 95 % online<-0%", CLI_EXIT_PASS},
                {"attempts<-0%", CLI_EXIT_FAILED},
                {"growth>+5%", CLI_EXIT_INCONCLUSIVE},
                {"atempts>+5%", CLI_EXIT_USAGE}};
    cli_trouble t;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(held(rows[i].limit, JUDGE_PASS, JUDGE_PASS, &t), rows[i].code);
    (void)held("atempts>+5%", JUDGE_PASS, JUDGE_PASS, &t);
    assert_non_null(strstr(t.line, "did you mean 'attempts'?"));
    (void)held("attempts<-10%", JUDGE_PASS, JUDGE_PASS, &t);
    assert_non_null(strstr(t.line, "10 became 8"));
}

static void test_verdicts(void **state) {
    (void)state;
    static const judge_verdict from_best[] = {JUDGE_PASS, JUDGE_WARN, JUDGE_INCONCLUSIVE,
                                              JUDGE_FAIL};
    cli_trouble t;
    for (int a = 0; a < 4; a++)
        for (int b = 0; b < 4; b++)
            assert_int_equal(held("verdict", from_best[a], from_best[b], &t),
                             b > a ? CLI_EXIT_FAILED : CLI_EXIT_PASS);
}

static void test_what_is_no_limit(void **state) {
    (void)state;
    static const char *const rows[] = {"",
                                       "verdicts",
                                       "attempts",
                                       ">+5%",
                                       "attempts>5%",
                                       "attempts>-5%",
                                       "attempts<+5%",
                                       "attempts>+5",
                                       "attempts>+%",
                                       "attempts>+x%",
                                       "attempts>+5%%"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cli_limits l = {0};
        cli_trouble t = {0};
        assert_int_equal(cli_limits_take(&l, rows[i], &t), CLI_EXIT_USAGE);
        assert_int_equal(l.count, 0);
    }
    cli_limits full = {.count = CLI_LIMITS_MAX};
    cli_trouble t = {0};
    assert_int_equal(cli_limits_take(&full, "verdict", &t), CLI_EXIT_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measures),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_what_is_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
