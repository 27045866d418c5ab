/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "sim/report/compare.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/small_result.h"

#define SUMMARY(scenario, verdicts, metrics)                                       \
    "{\"schema\":\"blackstart-summary-1\",\"attempts\":0,\"scenario\":\"" scenario \
    "\",\"verdicts\":[" verdicts "],\"metrics\":{" metrics                         \
    "},\"parameters\":{\"law\":{\"value\":\"" scenario "\"}}}"
#define MEASURE(name, value, holds) \
    "{\"name\":\"" name "\",\"unit\":\"s\",\"value\":" value ",\"holds\":" holds "}"
#define VERDICT(unit, verdict, measures) \
    "{\"unit\":\"" unit "\",\"verdict\":\"" verdict "\",\"measures\":[" measures "]}"
#define COUNTER(name, value) "\"" name "\":{\"kind\":\"counter\",\"unit\":\"\",\"value\":" value "}"

static report_result result_of(const char *summary) {
    char why[RECORD_JSON_WHY_MAX] = "";
    report_result r;
    if (small_result(summary, SMALL_SERIES, NULL, &r, why) != 0) fail_msg("%s", why);
    return r;
}

static const char first[] =
    SUMMARY("a",
            VERDICT("same", "PASS", MEASURE("equal", "5", "true")) "," VERDICT(
                "changed", "PASS",
                MEASURE("a little", "100", "true") "," MEASURE("much", "1", "true") "," MEASURE(
                    "decides", "10", "true") "," MEASURE("only here", "1", "true")),
            COUNTER("many", "1000") "," COUNTER("few", "1") "," COUNTER("equal", "7"));
static const char second[] = SUMMARY(
    "b",
    VERDICT("changed", "FAIL",
            MEASURE("a little", "101", "true") "," MEASURE("much", "10", "true") "," MEASURE(
                "decides", "11",
                "false")) "," VERDICT("same", "PASS",
                                      MEASURE("equal", "5",
                                              "true")) "," VERDICT("new", "INCONCLUSIVE", ""),
    COUNTER("many", "1500") "," COUNTER("few", "4") "," COUNTER("equal", "7"));

static void test_what_matters_first(void **state) {
    (void)state;
    static const char *const order[] = {"decides", "much", "a little", "only here", "many", "few"};
    report_result a = result_of(first), b = result_of(second);
    const report_result *const runs[] = {&a, &b};
    report_comparison c;
    assert_int_equal(report_compare(runs, &c), 0);
    assert_false(c.same_scenario);
    assert_int_equal(c.change_count, 3);
    assert_string_equal(c.changes[0].unit, "changed");
    assert_string_equal(c.changes[0].verdicts[1], "FAIL");
    assert_string_equal(c.changes[1].unit, "new");
    assert_null(c.changes[1].verdicts[0]);
    assert_string_equal(c.changes[2].unit, "same");
    assert_int_equal(c.difference_count, sizeof order / sizeof *order);
    for (size_t i = 0; i < c.difference_count; i++)
        assert_string_equal(c.differences[i].name, order[i]);
    assert_true(fabs(c.differences[1].relative - 0.9) < 1e-9);
    assert_true(isnan(c.differences[3].values[1]));
    assert_int_equal(c.setting_count, 2); /* scenario and law */
    report_comparison_deinit(&c);
    report_result_deinit(&a);
    report_result_deinit(&b);
}

static void test_a_run_and_itself(void **state) {
    (void)state;
    report_result a = result_of(first);
    const report_result *const runs[] = {&a, &a};
    report_comparison c;
    assert_int_equal(report_compare(runs, &c), 0);
    assert_true(c.same_scenario);
    assert_int_equal(c.difference_count, 0);
    assert_int_equal(c.setting_count, 0);
    report_comparison_deinit(&c);
    report_result_deinit(&a);
}

/* The same unit twice: the second is held against the second. */
static void test_units_that_stand_twice(void **state) {
    (void)state;
    report_result a =
        result_of(SUMMARY("a", VERDICT("x", "PASS", "") "," VERDICT("x", "FAIL", ""), ""));
    report_result b =
        result_of(SUMMARY("a", VERDICT("x", "PASS", "") "," VERDICT("x", "FAIL", ""), ""));
    const report_result *const runs[] = {&a, &b};
    report_comparison c;
    assert_int_equal(report_compare(runs, &c), 0);
    assert_int_equal(c.change_count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(c.changes[i].verdicts[0], c.changes[i].verdicts[1]);
    report_comparison_deinit(&c);
    report_result_deinit(&a);
    report_result_deinit(&b);
}

/* Signed, from A to B; from ten times on a factor; better or worse only where a threshold says. */
static void test_how_b_stands_to_a(void **state) {
    (void)state;
    static const struct {
        double a, b;
        judge_relation relation;
        const char *text, *unit;
        bool more[2];
    } rows[] = {{277, 389, JUDGE_AT_MOST, "+40 %, worse", "", {false, false}},
                {389, 277, JUDGE_AT_MOST, "-29 %, better", "", {false, false}},
                {0.9, 0.8, JUDGE_AT_LEAST, "-11 %, worse", "", {false, false}},
                {277, 389, JUDGE_NONE, "+40 %", "", {false, false}},
                {2, 50, JUDGE_NONE, "x 25", "", {false, false}},
                {0, 7, JUDGE_AT_MOST, "+7, worse", "", {false, false}},
                {1000, 1003, JUDGE_NONE, "+0.3 %", "", {false, false}},
                {-10, -5, JUDGE_NONE, "+50 %", "", {false, false}},
                {1, 2110, JUDGE_NONE, "x 2,110", "", {false, false}},
                {0, 2327, JUDGE_NONE, "+2,327", "", {false, false}},
                {0, -0.5, JUDGE_NONE, "-0.5", "", {false, false}},
                {1000, 996, JUDGE_NONE, "-0.4 %", "", {false, false}},
                {0.516, 0.566, JUDGE_AT_LEAST, "+5 points, better", "share", {false, false}},
                {0, 0.25, JUDGE_AT_MOST, "+25 points, worse", "share", {false, false}},
                {10, 31, JUDGE_AT_MOST, "+210 % or more, worse", "s", {false, true}},
                {31, 10, JUDGE_NONE, "-68 % or more", "s", {true, false}},
                {10, 31, JUDGE_NONE, "+210 % of what is known", "s", {true, false}},
                {31, 10, JUDGE_NONE, "-68 % of what is known", "s", {true, true}},
                {60, 0.043, JUDGE_NONE, "-99.9 %", "s", {false, false}},
                {NAN, 5, JUDGE_AT_MOST, "only in B", "", {false, false}},
                {5, NAN, JUDGE_NONE, "only in A", "", {false, false}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[REPORT_CHANGE_MAX];
        const report_difference d = {.values = {rows[i].a, rows[i].b},
                                     .unit = rows[i].unit,
                                     .more = {rows[i].more[0], rows[i].more[1]},
                                     .relation = rows[i].relation};
        assert_string_equal(report_difference_text(&d, text), rows[i].text);
    }
}

/* A fleet that never came back has its measure, without a value; another run may have none. */
static void test_what_never_was(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bool there;
        const char *text;
    } rows[] = {{"time to 95 % online", true, "never in A"},
                {"time to 95 % online", false, "only in B"},
                {"Fano factor", true, "unknown in A"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[REPORT_CHANGE_MAX], side[REPORT_DIFFERENCE_MAX];
        const report_difference d = {.name = rows[i].name,
                                     .values = {NAN, 268},
                                     .unit = "s",
                                     .there = {rows[i].there, true}};
        assert_string_equal(report_difference_text(&d, text), rows[i].text);
        assert_int_equal(report_difference_said(&d, 0), rows[i].there);
        assert_string_equal(report_difference_side(&d, 1, side), "4m28s");
    }
}

#define TREND(p95, more)                                                                          \
    "\"request_latency\":{\"kind\":\"trend\",\"unit\":\"s\",\"p95\":" p95 ",\"more_than\":[" more \
    "]}"

/* A value that is only known to be more says so; what looks alike is no difference. */
static void test_lower_bounds_and_what_looks_alike(void **state) {
    (void)state;
    char text[REPORT_DIFFERENCE_MAX];
    report_result a =
        result_of(SUMMARY("a", VERDICT("x", "PASS", MEASURE("chance", "1e-80", "true")),
                          TREND("4", "\"p99\",\"maximum\"")));
    report_result b =
        result_of(SUMMARY("a", VERDICT("x", "PASS", MEASURE("chance", "1e-90", "true")),
                          TREND("31", "\"p95\",\"p99\"")));
    const report_result *const runs[] = {&a, &b};
    report_comparison c;
    assert_int_equal(report_compare(runs, &c), 0);
    assert_int_equal(c.difference_count, 1);
    assert_string_equal(report_difference_side(&c.differences[0], 0, text), "4s");
    assert_string_equal(report_difference_side(&c.differences[0], 1, text), "more than 31s");
    report_comparison_deinit(&c);
    report_result_deinit(&a);
    report_result_deinit(&b);
}

/* By its name and title: one that was found by name is the one at a path. */
static void test_the_same_scenario(void **state) {
    (void)state;
    static const struct {
        const char *other;
        bool same;
    } rows[] = {{SUMMARY("street", "", ""), true},
                {SUMMARY("scenarios/5.9-3/street.lua", "", ""), true},
                {SUMMARY("scenarios/street.lua.old", "", ""), false},
                {SUMMARY("a/avenue.lua", "", ""), false},
                {SUMMARY("street.lua\",\"title\":\"another", "", ""), false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        report_result a = result_of(SUMMARY("street.lua", "", "")), b = result_of(rows[i].other);
        const report_result *const runs[] = {&a, &b};
        report_comparison c;
        assert_int_equal(report_compare(runs, &c), 0);
        assert_int_equal(c.same_scenario, rows[i].same);
        report_comparison_deinit(&c);
        report_result_deinit(&a);
        report_result_deinit(&b);
    }
}

static void test_terminal(void **state) {
    (void)state;
    static const char *const names[] = {"results/a", "results/b"};
    static const char *const wanted[] = {
        "    A  results/a: a\n    B  results/b: b\n    These are runs of different scenarios",
        "    changed                        PASS               FAIL\n    new                       "
        "     -    "
        "              INCONCLUSIVE\n",
        "    decides                        10s                11s                +10 %, on "
        "either side "
        "of its threshold\n",
        "    only here                      1s                 -\n",
        "    law                            a                  b\n",
    };
    report_result a = result_of(first), b = result_of(second);
    const report_result *const runs[] = {&a, &b};
    const report_style style = {.columns = 80};
    report_comparison c;
    char *text = NULL;
    size_t size;
    assert_int_equal(report_compare(runs, &c), 0);
    FILE *file = open_memstream(&text, &size);
    report_compare_terminal(&c, runs, names, &style, file);
    fclose(file);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strstr(text, wanted[i]) == NULL) fail_msg("not there: %s\n%s", wanted[i], text);
    free(text);
    report_comparison_deinit(&c);
    report_result_deinit(&a);
    report_result_deinit(&b);
}

static int compare_with_little_memory(void *context) {
    report_comparison c;
    int error = report_compare(context, &c);
    report_comparison_deinit(&c);
    return error;
}

static void test_every_allocation(void **state) {
    (void)state;
    report_result a = result_of(first), b = result_of(second);
    const report_result *runs[] = {&a, &b};
    assert_int_equal(fail_every_allocation(compare_with_little_memory, runs), 3);
    report_result_deinit(&a);
    report_result_deinit(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_matters_first),
        cmocka_unit_test(test_a_run_and_itself),
        cmocka_unit_test(test_units_that_stand_twice),
        cmocka_unit_test(test_how_b_stands_to_a),
        cmocka_unit_test(test_what_never_was),
        cmocka_unit_test(test_lower_bounds_and_what_looks_alike),
        cmocka_unit_test(test_the_same_scenario),
        cmocka_unit_test(test_terminal),
        cmocka_unit_test(test_every_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
