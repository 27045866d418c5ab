/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thresholds of a scenario's own: how they are read, and when a sample is large enough for them. */
#include <math.h>
#include <string.h>

#include "sim/core/error.h"
#include "sim/judge/threshold.h"
#include "tests/unit/with_cmocka.h"

static void test_reading(void **state) {
    (void)state;
    static const struct {
        const char *text;
        judge_aspect aspect;
        double quantile;
        judge_relation relation;
        double limit;
    } rows[] = {
        {"p(95)<200ms", JUDGE_ASPECT_QUANTILE, 0.95, JUDGE_AT_MOST, 0.2},
        {"p(99.9) <= 1m", JUDGE_ASPECT_QUANTILE, 0.999, JUDGE_AT_MOST, 60},
        {"med>1s", JUDGE_ASPECT_MEDIAN, 0.5, JUDGE_AT_LEAST, 1},
        {"avg<=1.5s", JUDGE_ASPECT_AVERAGE, 0.5, JUDGE_AT_MOST, 1.5},
        {"min>0s", JUDGE_ASPECT_LEAST, 0.5, JUDGE_AT_LEAST, 0},
        {"max<31s", JUDGE_ASPECT_MOST, 0.5, JUDGE_AT_MOST, 31},
        {">=99%", JUDGE_ASPECT_VALUE, 0.5, JUDGE_AT_LEAST, 0.99},
        {"<0.5", JUDGE_ASPECT_VALUE, 0.5, JUDGE_AT_MOST, 0.5},
        {"count<10k", JUDGE_ASPECT_COUNT, 0.5, JUDGE_AT_MOST, 10000},
        {"rate>=20", JUDGE_ASPECT_RATE, 0.5, JUDGE_AT_LEAST, 20},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_threshold t;
        if (judge_threshold_read(rows[i].text, &t) != 0) fail_msg("%s", rows[i].text);
        assert_int_equal(t.aspect, rows[i].aspect);
        assert_int_equal(t.relation, rows[i].relation);
        assert_true(fabs(t.quantile - rows[i].quantile) < 1e-9);
        assert_true(fabs(t.limit - rows[i].limit) < 1e-9);
    }
    static const char *const bad[] = {
        "",
        "p(95)",
        "p95<1s",
        "p(101)<1s",
        "p()<1s",
        "p(95<1s",
        "p(-1)<1s",
        "mean<1s",
        "p(95)<",
        "p(95)<1x",
        "p(95)=<1s",
        "p(95)==1s",
        "p(95)<1%%",
        "<%",
        "max<<1s",
        "averagely-long-name<1s",
        "p(95)<200ms and more than that, said at length, which is too long"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        judge_threshold t;
        if (judge_threshold_read(bad[i], &t) != SIM_EPARSE) fail_msg("%s", bad[i]);
    }
}

/* E. B. Wilson's interval: of 1,000 where 996 hold, at least 98.9 % and at most 99.9 % do. */
static void test_shares(void **state) {
    (void)state;
    static const struct {
        const char *threshold;
        uint64_t part, unknown, whole;
        judge_verdict verdict;
    } rows[] = {
        {">=98%", 996, 0, 1000, JUDGE_PASS},
        {">=99%", 996, 0, 1000, JUDGE_INCONCLUSIVE},   /* it holds, but not its bound */
        {">=99.5%", 993, 0, 1000, JUDGE_INCONCLUSIVE}, /* it does not, but its bound does */
        {">=99.95%", 996, 0, 1000, JUDGE_FAIL},
        {">=99%", 99600, 0, 100000, JUDGE_PASS}, /* the same share of a larger sample */
        {"<=1%", 0, 0, 20, JUDGE_INCONCLUSIVE},  /* no event in twenty shows little */
        {"<=1%", 0, 0, 1000, JUDGE_PASS},
        {"<=1%", 50, 0, 1000, JUDGE_FAIL},
        {">=100%", 1000, 0, 1000, JUDGE_PASS}, /* what admits no exception had none */
        {">=100%", 999, 0, 1000, JUDGE_FAIL},
        {">=100%", 999, 1, 1000, JUDGE_INCONCLUSIVE}, /* or may have had none */
        {"<=0%", 0, 0, 5, JUDGE_PASS},
        {"<=0%", 1, 0, 5, JUDGE_FAIL},
        {">=90%", 0, 0, 0, JUDGE_INCONCLUSIVE},
        {">=90%", 800, 200, 1000, JUDGE_INCONCLUSIVE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_threshold t;
        assert_int_equal(judge_threshold_read(rows[i].threshold, &t), 0);
        judge_verdict v =
            judge_threshold_share(&t, t.limit, rows[i].part, rows[i].unknown, rows[i].whole);
        if (v != rows[i].verdict)
            fail_msg("row %zu (%s): %s", i, rows[i].threshold, judge_verdict_word(v));
    }
}

static void test_values(void **state) {
    (void)state;
    judge_threshold t;
    assert_int_equal(judge_threshold_read("max<200ms", &t), 0);
    assert_int_equal(judge_threshold_value(&t, 0.1, false), JUDGE_PASS);
    assert_int_equal(judge_threshold_value(&t, 0.3, false), JUDGE_FAIL);
    assert_int_equal(judge_threshold_value(&t, NAN, false), JUDGE_INCONCLUSIVE);
    /* more than 0.1 s may be anything; more than 0.3 s is too much */
    assert_int_equal(judge_threshold_value(&t, 0.1, true), JUDGE_INCONCLUSIVE);
    assert_int_equal(judge_threshold_value(&t, 0.3, true), JUDGE_FAIL);
    assert_int_equal(judge_threshold_read("max>200ms", &t), 0);
    assert_int_equal(judge_threshold_value(&t, 0.3, true), JUDGE_PASS);
    assert_int_equal(judge_threshold_value(&t, 0.1, true), JUDGE_INCONCLUSIVE);
}

/* What a finding holds; how it is said is in tests/data/sentences.txt. */
static void test_finding(void **state) {
    (void)state;
    judge_threshold t;
    judge_finding f = {.verdict = JUDGE_INCONCLUSIVE};
    assert_int_equal(judge_threshold_read("p(95)<200ms", &t), 0);
    const judge_threshold_case c = {.what = "request_latency p(95)",
                                    .unit = "s",
                                    .value = 31,
                                    .more_than = true,
                                    .samples = 12407,
                                    .verdict = JUDGE_FAIL};
    judge_threshold_say(&t, &c, &f);
    assert_int_equal(f.verdict, JUDGE_FAIL);
    assert_int_equal(f.measure_count, 1);
    assert_false(f.measures[0].holds);
    assert_int_equal(f.measures[0].samples, 12407);
    assert_true(f.measures[0].threshold == 0.2 && f.measures[0].value == 31);
    assert_non_null(strstr(f.measures[0].note, "lower bound"));
    const judge_threshold_case few = {.what = "request_latency p(95)",
                                      .unit = "s",
                                      .value = 0.1,
                                      .samples = 12,
                                      .verdict = JUDGE_INCONCLUSIVE};
    judge_finding g = {.verdict = JUDGE_PASS};
    judge_threshold_say(&t, &few, &g);
    assert_int_equal(g.verdict, JUDGE_INCONCLUSIVE);
    assert_int_equal(g.measures[0].samples, 12);
    assert_true(g.measures[0].holds); /* what was seen does; the note says what does not */
    assert_non_null(strstr(g.measures[0].note, "interval"));
}

/* A limit is of the unit of what it limits. */
static void test_units(void **state) {
    (void)state;
    static const struct {
        const char *text, *unit;
        bool fits;
    } rows[] = {
        {"p(95)<200ms", "s", true}, {"p(95)<200", "s", false}, {"p(95)<0", "s", true},
        {"max<1%", "s", false},     {">=99%", "share", true},  {">=0.99", "share", true},
        {">=50", "share", false},   {"<1s", "share", false},   {"<1%", "", false},
        {"<1s", "", false},         {"<1", "", true},          {"<=0%", "", true},
        {"rate<1s", "1/s", false},  {"<1000000", "B", true},   {"<20", "attempts/s", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_threshold t;
        assert_int_equal(judge_threshold_read(rows[i].text, &t), 0);
        if ((judge_threshold_unfit(&t, rows[i].unit) == NULL) != rows[i].fits)
            fail_msg("%s of '%s'", rows[i].text, rows[i].unit);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading), cmocka_unit_test(test_shares),
        cmocka_unit_test(test_values),  cmocka_unit_test(test_finding),
        cmocka_unit_test(test_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
