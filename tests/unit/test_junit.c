/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/junit.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/with_cmocka.h"

static const report_parameter parameters[] = {{"homes", "250", false}, {"law", "<&\">", true}};

static judge_finding finding(judge_verdict verdict) {
    judge_finding f = {
        .unit = "5.9-3-2 a", .provision = "5.9-3", .verdict = verdict, .sentence = "A herd came."};
    judge_finding_measure(&f, "busiest second", "attempts/s", 131, JUDGE_AT_MOST, 20, 1250);
    judge_finding_measure(&f, "back online", "share", 1, JUDGE_AT_LEAST, 1, 1000);
    return f;
}

static report_run run_of(const judge_finding *findings, size_t count) {
    return (report_run){.scenario = "scenarios/5.9-3/street.lua",
                        .title = "A street comes back",
                        .version = "0.1.0",
                        .world = "virtual",
                        .repeat = "blackstart run street.lua --seed 7",
                        .seed = 7,
                        .duration = 90 * SIM_SECOND + 5 * SIM_MILLISECOND,
                        .parameters = parameters,
                        .parameter_count = 2,
                        .findings = findings,
                        .finding_count = count,
                        .fingerprint = 0xabc};
}

static char *written(const report_run *run) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_int_equal(report_junit(file, run), 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(strlen(text), size);
    return text;
}

static void assert_has(const char *text, const char *part) {
    if (strstr(text, part) == NULL) fail_msg("'%s' is not in\n%s", part, text);
}

static void assert_has_not(const char *text, const char *part) {
    if (strstr(text, part) != NULL) fail_msg("'%s' is in\n%s", part, text);
}

static void test_three_verdicts(void **state) {
    (void)state;
    const judge_finding all[] = {finding(JUDGE_PASS), finding(JUDGE_FAIL),
                                 finding(JUDGE_INCONCLUSIVE)};
    report_run run = run_of(all, 3);
    char *text = written(&run);
    assert_has(
        text,
        "<testsuites name=\"blackstart\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" "
        "time=\"0.000\">");
    /* passed: nothing in it */
    assert_has(text, "classname=\"scenarios/5_9-3/street\" name=\"5.9-3-2 a\" time=\"0.000\"/>");
    assert_has(text, "name=\"5.9-3-2 a (2)\"");
    assert_has(text,
               "<failure message=\"A herd came.\" type=\"FAIL\">A herd came.\nbusiest second: 131 "
               "attempts/s, wanted at most 20</failure>");
    assert_has(text, "<skipped message=\"A herd came.\"/>");
    assert_has_not(text, "back online"); /* it holds */
    assert_has(text, "<property name=\"seed\" value=\"7\"/>");
    assert_has(text, "<property name=\"duration_s\" value=\"90.005\"/>");
    assert_has(text, "<property name=\"parameter.law\" value=\"&lt;&amp;&quot;&gt;\"/>");
    assert_has_not(text, "name=\"target\"");
    free(text);
}

/* A warning passes: no failure, none skipped, but it is told. Its bad twins are the other three. */
static void test_a_warning_passes_and_is_told(void **state) {
    (void)state;
    const judge_finding all[] = {finding(JUDGE_WARN)};
    report_run run = run_of(all, 1);
    char *text = written(&run);
    assert_has(text, "tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\"");
    assert_has(text, "<property name=\"verdict\" value=\"WARN\"/>");
    assert_has(text, "<system-out>A herd came.</system-out>");
    assert_has_not(text, "<failure");
    assert_has_not(text, "<skipped");
    free(text);
    for (int v = JUDGE_PASS; v <= JUDGE_INCONCLUSIVE; v++) {
        const judge_finding other[] = {finding((judge_verdict)v)};
        run = run_of(other, 1);
        text = written(&run);
        assert_has_not(text, "system-out");
        assert_has_not(text, "WARN");
        free(text);
    }
}

static void test_runs_without_verdicts(void **state) {
    (void)state;
    report_run run = run_of(NULL, 0);
    char *text = written(&run);
    assert_has(text, "tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"1\"");
    assert_has(text, "<skipped message=\"The scenario asked for no verdict.\"/>");
    free(text);
    run.interrupted = true;
    text = written(&run);
    assert_has(text, "tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"1\"");
    assert_has(text, "<skipped message=\"The run was interrupted");
    free(text);
    run.error = "a line of the drill";
    text = written(&run);
    assert_has(text, "errors=\"1\" skipped=\"0\"");
    assert_has(text, "<error message=\"a line of the drill\"/>");
    free(text);
}

static void test_hostile_texts(void **state) {
    (void)state;
    static const struct {
        const char *title, *wanted;
    } rows[] = {
        {"\x01\x1b[31mred", "name=\"&#xFFFD;&#xFFFD;[31mred\""},
        {"</testsuite>", "name=\"&lt;/testsuite&gt;\""},
        {"\" onload=\"", "name=\"&quot; onload=&quot;\""},
        {"]]>", "name=\"]]&gt;\""},
        {"half \xc3", "name=\"half &#xFFFD;\""},
        {"\xef\xbf\xbf none", "name=\"&#xFFFD; none\""},
        {"tab\there", "name=\"tab&#9;here\""},
        {"caf\xc3\xa9", "name=\"caf&#xE9;\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        report_run run = run_of(NULL, 0);
        run.title = rows[i].title;
        char *text = written(&run);
        assert_has(text, rows[i].wanted);
        free(text);
    }
}

/* Times are of the wall and add up to that of the run; without a machine the bytes repeat. */
static void test_times(void **state) {
    (void)state;
    const judge_finding all[] = {finding(JUDGE_PASS), finding(JUDGE_FAIL)};
    static const report_machine one = {.wall_s = 1.5, .started = "2024-05-01T12:00:00Z"};
    report_run run = run_of(all, 2);
    char *first = written(&run), *second = written(&run);
    assert_string_equal(first, second);
    assert_has_not(first, "time=\"1.500\"");
    free(first);
    free(second);
    run.machine = &one;
    first = written(&run);
    assert_has(first, "name=\"5.9-3-2 a\" time=\"1.500\"/>");
    assert_has(first, "name=\"5.9-3-2 a (2)\" time=\"0.000\">");
    assert_has(first, "skipped=\"0\" time=\"1.500\"");
    assert_has(first, "<property name=\"duration_s\" value=\"90.005\"/>");
    free(first);
}

static void test_full_disk(void **state) {
    (void)state;
    const judge_finding f = finding(JUDGE_FAIL);
    report_run run = run_of(&f, 1);
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(report_junit(full, &run), SIM_EIO);
    (void)fclose(full);
}

typedef struct little {
    const report_run *run;
    const char *whole;
} little;

static int write_with_little_memory(void *context) {
    const little *l = context;
    static char text[8192];
    FILE *file = fmemopen(text, sizeof text, "w");
    assert_non_null(file);
    int error = report_junit(file, l->run);
    assert_int_equal(fclose(file), 0);
    if (error == 0) assert_string_equal(text, l->whole);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    const judge_finding f = finding(JUDGE_FAIL);
    report_run run = run_of(&f, 1);
    char *whole = written(&run);
    little l = {&run, whole};
    assert_true(fail_every_allocation(write_with_little_memory, &l) > 30);
    free(whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_verdicts),
        cmocka_unit_test(test_a_warning_passes_and_is_told),
        cmocka_unit_test(test_runs_without_verdicts),
        cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
