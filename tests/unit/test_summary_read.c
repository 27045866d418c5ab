/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/every_allocation.h"

#define SUMMARY(verdicts) "{\"schema\": \"blackstart-summary-1\", \"verdicts\": [" verdicts "]}"

static const char two[] =
    "{\"schema\": \"blackstart-summary-1\", \"verdicts\": ["
    "{\"unit\": \"a\", \"verdict\": \"INCONCLUSIVE\", \"sentence\": \"who knows\", \"measures\": ["
    "{\"name\": \"peak\", \"unit\": \"1/s\", \"value\": 5.5}, {\"name\": \"time\", \"unit\": "
    "\"s\", "
    "\"value\": null}]},"
    "{\"unit\": \"b\", \"verdict\": \"FAIL\", \"sentence\": \"no\", \"measures\": [{\"name\": "
    "\"peak\", "
    "\"value\": 7}]}],"
    "\"metrics\": {\"seen\": {\"kind\": \"counter\", \"unit\": \"\", \"value\": 3}, \"wait\": "
    "{\"kind\": "
    "\"trend\"}}}";

static int read_text(const char *text, report_values *v, char why[RECORD_JSON_WHY_MAX]) {
    json_t *summary;
    why[0] = '\0';
    *v = (report_values){0};
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    assert_non_null(file);
    int error = report_summary_read(file, &summary, why);
    if (error == 0) error = report_values_of(summary, v, why);
    json_decref(summary);
    fclose(file);
    return error;
}

static void test_values(void **state) {
    (void)state;
    report_values v;
    char why[RECORD_JSON_WHY_MAX];
    assert_int_equal(read_text(two, &v, why), 0);
    assert_int_equal(v.verdict, JUDGE_FAIL);
    assert_int_equal(v.count, 9); /* a trend is told by five of its figures */
    assert_true(report_values_find(&v, "peak")->value == 5.5);
    assert_string_equal(report_values_find(&v, "peak")->unit, "1/s");
    assert_true(report_values_find(&v, "b: peak")->value == 7);
    assert_true(isnan(report_values_find(&v, "a: time")->value));
    assert_true(report_values_find(&v, "metrics: seen")->value == 3);
    assert_null(report_values_find(&v, "wait"));
    assert_non_null(report_values_find(&v, "metrics: wait p(95)"));
    assert_null(report_values_find(&v, "c: peak"));
    assert_null(report_values_find(&v, ""));
    report_values_deinit(&v);
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
        report_values v;
        char why[RECORD_JSON_WHY_MAX];
        assert_int_equal(read_text(rows[i].text, &v, why), 0);
        assert_int_equal(v.verdict, rows[i].verdict);
        report_values_deinit(&v);
    }
}

static void test_refused(void **state) {
    (void)state;
    static const char maybe[] = SUMMARY("{\"verdict\": \"MAYBE\"}"), number[] = SUMMARY("5");
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"{", "line 1, column 1: "},
        {"[]", "its schema is not blackstart-summary-1"},
        {"7", "line 1, column 1: "},
        {"{}", "its schema is not blackstart-summary-1"},
        {"{\"schema\": \"blackstart-sweep-1\"}", "its schema is not blackstart-summary-1"},
        {"{\"schema\": 5}", "its schema is not blackstart-summary-1"},
        {maybe, "a verdict in it is neither PASS nor WARN nor FAIL nor INCONCLUSIVE"},
        {number, "a verdict in it is neither PASS nor WARN nor FAIL nor INCONCLUSIVE"},
        {"{\"schema\": \"blackstart-summary-1\", \"schema\": 1}", "line 1, column 43: duplicate"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        report_values v;
        char why[RECORD_JSON_WHY_MAX];
        if (read_text(rows[i].text, &v, why) != SIM_EPARSE) fail_msg("taken: %s", rows[i].text);
        if (strncmp(why, "summary.json: ", 14) != 0 || strstr(why + 14, rows[i].says) != why + 14)
            fail_msg("%s: '%s'", rows[i].text, why);
        assert_null(v.items);
    }
}

/* As a folder has it: what is not there, and what would hold up a reader for ever. */
static void test_folder(void **state) {
    (void)state;
    char folder[] = "/tmp/test_summary.XXXXXX", path[64], why[RECORD_JSON_WHY_MAX];
    json_t *summary;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/summary.json", folder);
    assert_int_equal(report_summary_of(folder, &summary, why), SIM_EIO);
    assert_non_null(
        strstr(why, "no results that can be read: summary.json: No such file or directory (/tmp/"));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(report_summary_of(folder, &summary, why), SIM_EIO);
    assert_non_null(strstr(why, "summary.json: not an ordinary file (/tmp/"));
    assert_int_equal(unlink(path), 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(two, file);
    fclose(file);
    assert_int_equal(report_summary_of(folder, &summary, why), 0);
    json_decref(summary);
    unlink(path);
    rmdir(folder);
}

static int read_once(void *context) {
    report_values v;
    char why[RECORD_JSON_WHY_MAX];
    int error = read_text(context, &v, why);
    report_values_deinit(&v);
    return error;
}

static void test_no_memory(void **state) {
    (void)state;
    assert_int_equal(read_once((void *)(uintptr_t)two), 0); /* jansson seeds its tables once */
    assert_true(fail_every_allocation(read_once, (void *)(uintptr_t)two) > 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),    cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_folder),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
