/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary_read.h"

#include <math.h>
#include <string.h>

#include "tests/unit/every_allocation.h"

#define SUMMARY(verdicts) "{\"schema\": \"blackstart-summary-1\", \"verdicts\": [" verdicts "]}"

static const char two[] =
    "{\"schema\": \"blackstart-summary-1\", \"verdicts\": ["
    "{\"unit\": \"a\", \"verdict\": \"INCONCLUSIVE\", \"sentence\": \"who knows\", \"measures\": ["
    "{\"name\": \"peak\", \"unit\": \"1/s\", \"value\": 5.5}, {\"name\": \"time\", \"unit\": \"s\", "
    "\"value\": null}]},"
    "{\"unit\": \"b\", \"verdict\": \"FAIL\", \"sentence\": \"no\", \"measures\": [{\"name\": \"peak\", "
    "\"value\": 7}]}],"
    "\"metrics\": {\"seen\": {\"kind\": \"counter\", \"unit\": \"\", \"value\": 3}, \"wait\": {\"kind\": "
    "\"trend\"}}}";

static int read_text(const char *text, report_summary *s, char why[128]) {
    why[0] = '\0';
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    assert_non_null(file);
    int error = report_summary_read(file, s, why, 128);
    fclose(file);
    return error;
}

static void test_values(void **state) {
    (void)state;
    report_summary s;
    char why[128];
    assert_int_equal(read_text(two, &s, why), 0);
    assert_int_equal(s.verdict, JUDGE_FAIL);
    assert_string_equal(s.sentence, "no");
    assert_int_equal(s.count, 4);
    assert_true(report_summary_find(&s, "peak")->value == 5.5);
    assert_string_equal(report_summary_find(&s, "peak")->unit, "1/s");
    assert_true(report_summary_find(&s, "b: peak")->value == 7);
    assert_true(isnan(report_summary_find(&s, "a: time")->value));
    assert_true(report_summary_find(&s, "metrics: seen")->value == 3);
    assert_null(report_summary_find(&s, "wait"));
    assert_null(report_summary_find(&s, "c: peak"));
    assert_null(report_summary_find(&s, ""));
    report_summary_deinit(&s);
}

static void test_verdicts(void **state) {
    (void)state;
    static const struct {
        const char *text;
        judge_verdict verdict;
    } rows[] = {
        {SUMMARY(""), JUDGE_PASS},
        {SUMMARY("{\"verdict\": \"PASS\"}"), JUDGE_PASS},
        {SUMMARY("{\"verdict\": \"PASS\"}, {\"verdict\": \"INCONCLUSIVE\"}"), JUDGE_INCONCLUSIVE},
        {SUMMARY("{\"verdict\": \"FAIL\"}, {\"verdict\": \"INCONCLUSIVE\"}"), JUDGE_FAIL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        report_summary s;
        char why[128];
        assert_int_equal(read_text(rows[i].text, &s, why), 0);
        assert_int_equal(s.verdict, rows[i].verdict);
        report_summary_deinit(&s);
    }
}

static void test_refused(void **state) {
    (void)state;
    static const char maybe[] = SUMMARY("{\"verdict\": \"MAYBE\"}"), number[] = SUMMARY("5");
    static const char *const rows[] = {
        "{",
        "[]",
        "7",
        "{}",
        "{\"schema\": \"blackstart-sweep-1\"}",
        "{\"schema\": 5}",
        maybe,
        number,
        "{\"schema\": \"blackstart-summary-1\", \"schema\": 1}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        report_summary s;
        char why[128];
        if (read_text(rows[i], &s, why) != SIM_EPARSE) fail_msg("taken: %s", rows[i]);
        assert_true(why[0] != '\0');
        assert_null(s.values);
    }
}

static int read_once(void *context) {
    report_summary s;
    char why[128];
    int error = read_text(context, &s, why);
    report_summary_deinit(&s);
    return error;
}

static void test_no_memory(void **state) {
    (void)state;
    assert_int_equal(read_once((void *)(uintptr_t)two), 0); /* jansson seeds its tables once */
    assert_true(fail_every_allocation(read_once, (void *)(uintptr_t)two) > 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
