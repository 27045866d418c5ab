/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/every_allocation.h"
#include "tests/unit/small_result.h"

#define GOOD SMALL_SUMMARY("Two devices", SMALL_VERDICT("PASS", "2", "true"), "fixed")

static void test_good(void **state) {
    (void)state;
    char why[RECORD_JSON_WHY_MAX] = "";
    report_result r;
    if (small_result(GOOD, SMALL_SERIES, SMALL_ATTEMPTS, &r, why) != 0) fail_msg("%s", why);
    assert_string_equal(report_result_title(&r), "Two devices");
    assert_string_equal(report_result_verdict(&r), "PASS");
    assert_int_equal(r.series.rows, 3);
    assert_int_equal(r.series.bins[2].queue_depth, 4);
    assert_int_equal(r.wave_count, 2);
    assert_int_equal(r.waves[0].trigger, 0);
    assert_int_equal(r.waves[1].trigger, 1);
    assert_int_equal(r.waves[1].at, 1500 * SIM_MILLISECOND);
    assert_int_equal(r.waves[1].attempts, 2);
    assert_int_equal(r.waves[1].delay_count, 2);
    report_result_deinit(&r);
}

/* Each of these is one byte or one word away from what is good. */
static void test_files_that_are_not_ours(void **state) {
    (void)state;
    static const struct {
        const char *summary, *series, *attempts, *says;
    } cases[] = {
        {NULL, SMALL_SERIES, SMALL_ATTEMPTS, "summary.json: line 1, column "},
        {"[]", SMALL_SERIES, SMALL_ATTEMPTS,
         "summary.json: its schema is not blackstart-summary-1"},
        {"{\"schema\":\"blackstart-summary-2\"}", SMALL_SERIES, SMALL_ATTEMPTS,
         "summary.json: a newer version has written it"},
        {"{\"schema\":\"blackstart-summary-0\"}", SMALL_SERIES, SMALL_ATTEMPTS,
         "summary.json: its schema is not"},
        {"{\"schema\":\"blackstart-summary-1\"", SMALL_SERIES, SMALL_ATTEMPTS,
         "summary.json: line 1, column "},
        {"\xff\xfe", SMALL_SERIES, SMALL_ATTEMPTS, "summary.json: line 1, column "},
        {GOOD, NULL, SMALL_ATTEMPTS, "series.csv: its first line is not"},
        {GOOD, "time_s\n", SMALL_ATTEMPTS, "series.csv: its first line is not"},
        {GOOD, SMALL_SERIES_HEAD "1,1,1,1,0,0" SMALL_REST, SMALL_ATTEMPTS,
         "series.csv: line 2 is not the second"},
        {GOOD, SMALL_SERIES_HEAD "0,1,1,1,0,0" SMALL_REST "1,-1,1,1,0,0" SMALL_REST, SMALL_ATTEMPTS,
         "series.csv: line 3 is not"},
        {GOOD, SMALL_SERIES_HEAD "0,1,1,1,0,0,0,0,0,0,0,0,0\n", SMALL_ATTEMPTS,
         "series.csv: line 2 is not"},
        {GOOD, SMALL_SERIES_HEAD "0,1,1,1,0,0,0" SMALL_REST, SMALL_ATTEMPTS,
         "series.csv: line 2 is not"},
        {GOOD, SMALL_SERIES_HEAD "0,1,1,1,0,99999999999999999999" SMALL_REST, SMALL_ATTEMPTS,
         "series.csv: line 2 is not"},
        {GOOD, SMALL_SERIES_HEAD "0,1,1,1,0,0,0,0,0,0,0,0,0,0", SMALL_ATTEMPTS,
         "series.csv: line 2 is not"},
        {GOOD, SMALL_SERIES, NULL, "attempts.csv: "},
        {GOOD, SMALL_SERIES, SMALL_ATTEMPTS_HEAD, "attempts.csv: "},
        {GOOD, SMALL_SERIES, SMALL_ATTEMPTS_HEAD "0.5,1,0,elsewhere,1,online,0.1\n",
         "attempts.csv: names a trigger that summary.json does not have"},
        {GOOD, SMALL_SERIES,
         SMALL_ATTEMPTS_HEAD "0.5,1,0,start,1,online,0.1\n0.6,1,0,start,1,flew,0.1\n",
         "attempts.csv: line 3, column outcome: \"flew\" is no outcome that is known"},
        {GOOD, SMALL_SERIES, SMALL_ATTEMPTS_HEAD "0.5,1,zero,start,1,online,0.1\n",
         "attempts.csv: devices and homes must be numbers"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char why[RECORD_JSON_WHY_MAX] = "";
        report_result r;
        int error = small_result(cases[i].summary, cases[i].series, cases[i].attempts, &r, why);
        report_result_deinit(&r);
        if (error != SIM_EPARSE || strstr(why, cases[i].says) != why)
            fail_msg("case %zu: %d, '%s' instead of '%s'", i, error, why, cases[i].says);
    }
}

/* Members of any other type are as good as absent. */
static void test_members_of_other_types(void **state) {
    (void)state;
    static const char *const summaries[] = {"{\"schema\":\"blackstart-summary-1\",\"attempts\":0}",
                                            "{\"schema\":\"blackstart-summary-1\",\"attempts\":0,"
                                            "\"verdicts\":7,\"title\":[],\"triggers\":{},"
                                            "\"story\":\"\"}",
                                            "{\"schema\":\"blackstart-summary-1\",\"attempts\":0,"
                                            "\"verdicts\":[1,null,[]],\"metrics\":[1]}"};
    for (size_t i = 0; i < sizeof summaries / sizeof *summaries; i++) {
        char why[RECORD_JSON_WHY_MAX];
        report_result r;
        assert_int_equal(small_result(summaries[i], SMALL_SERIES, NULL, &r, why), 0);
        assert_string_equal(report_result_title(&r), "");
        assert_string_equal(report_result_verdict(&r), "NONE");
        report_result_deinit(&r);
    }
}

static void test_verdict_of_all(void **state) {
    (void)state;
#define SAYS(word) "{\"verdict\":\"" word "\"}"
    static const char *const cases[][2] = {
        {SAYS("PASS") "," SAYS("INCONCLUSIVE"), "INCONCLUSIVE"},
        {SAYS("INCONCLUSIVE") "," SAYS("FAIL") "," SAYS("PASS"), "FAIL"},
        {SAYS("INCONCLUSIVE") "," SAYS("PASS"), "INCONCLUSIVE"},
        {SAYS("PASS"), "PASS"},
        {SAYS("SPLENDID"), "NONE"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[300], why[RECORD_JSON_WHY_MAX];
        report_result r;
        snprintf(text, sizeof text,
                 "{\"schema\":\"blackstart-summary-1\",\"attempts\":0,\"verdicts\":[%s]}",
                 cases[i][0]);
        assert_int_equal(small_result(text, SMALL_SERIES, NULL, &r, why), 0);
        assert_string_equal(report_result_verdict(&r), cases[i][1]);
        report_result_deinit(&r);
    }
}

static void test_folders(void **state) {
    (void)state;
    char folder[] = "/tmp/test_result.XXXXXX", path[64], why[RECORD_JSON_WHY_MAX];
    report_result r;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(report_result_read(folder, NULL, &r, why), SIM_EIO);
    assert_non_null(strstr(
        why,
        "no results that can be read: summary.json: No such file or directory (/tmp/test_result."));
    snprintf(path, sizeof path, "%s/summary.json", folder);
    assert_int_equal(mkfifo(path, 0600), 0); /* would hold up a reader for ever */
    assert_int_equal(report_result_read(folder, NULL, &r, why), SIM_EIO);
    assert_non_null(strstr(why, "summary.json: not an ordinary file"));
    unlink(path);
    rmdir(folder);
}

static int read_with_little_memory(void *context) {
    char why[RECORD_JSON_WHY_MAX];
    report_result r;
    (void)context;
    int error = small_result(GOOD, SMALL_SERIES, SMALL_ATTEMPTS, &r, why);
    report_result_deinit(&r);
    return error;
}

static void test_every_allocation(void **state) {
    (void)state;
    assert_true(fail_every_allocation(read_with_little_memory, NULL) > 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_files_that_are_not_ours),
        cmocka_unit_test(test_members_of_other_types),
        cmocka_unit_test(test_verdict_of_all),
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_every_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
