/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "sim/judge/check_answered.h"
#include "tests/unit/measured.h"

typedef struct row {
    const char *what;
    judge_answered_case c;
    judge_verdict verdict;
    uint64_t decided; /* requests that were due, without those that still wait */
    double share;     /* of them, answered; NAN: of none */
} row;

static const row rows[] = {
    {"all",
     {.due = 1200,
      .sent = 1200,
      .answered = 1200,
      .devices = 200,
      .devices_online_ever = 200,
      .at_least = 1},
     JUDGE_PASS,
     1200,
     1},
    {"all but pending",
     {.due = 1200,
      .sent = 1200,
      .answered = 1190,
      .pending = 10,
      .devices = 200,
      .devices_online_ever = 200,
      .at_least = 1},
     JUDGE_PASS,
     1190,
     1},
    {"one refused",
     {.due = 1200,
      .sent = 1200,
      .answered = 1199,
      .refused = 1,
      .devices = 200,
      .devices_online_ever = 200,
      .at_least = 1},
     JUDGE_FAIL,
     1200,
     1199 / 1200.0},
    {"one in a million",
     {.due = 1000000,
      .sent = 1000000,
      .answered = 999999,
      .timed_out = 1,
      .devices = 2,
      .devices_online_ever = 2,
      .at_least = 1},
     JUDGE_FAIL,
     1000000,
     0.999999},
    {"not sent while waiting for the server",
     {.due = 100,
      .sent = 60,
      .answered = 60,
      .waiting = 40,
      .devices = 10,
      .devices_online_ever = 6,
      .at_least = 1},
     JUDGE_FAIL,
     100,
     0.6},
    {"not sent for four reasons, and refused by name",
     {.due = 2000,
      .sent = 100,
      .answered = 60,
      .refused = 40,
      .refusal = "4.04 Not Found",
      .waiting = 1000,
      .held = 200,
      .offline = 300,
      .cut = 400,
      .devices = 10,
      .devices_online_ever = 6,
      .at_least = 1},
     JUDGE_FAIL,
     2000,
     0.03},
    {"enough",
     {.due = 100,
      .sent = 100,
      .answered = 95,
      .timed_out = 5,
      .devices = 10,
      .devices_online_ever = 10,
      .at_least = 0.95},
     JUDGE_PASS,
     100,
     0.95},
    {"a hair too few",
     {.due = 10000,
      .sent = 10000,
      .answered = 9499,
      .timed_out = 501,
      .devices = 10,
      .devices_online_ever = 10,
      .at_least = 0.95},
     JUDGE_FAIL,
     10000,
     0.9499},
    {"nobody, with a reason",
     {.due = 100,
      .devices = 200,
      .at_least = 1,
      .why_nobody = "the server knows none of the identities"},
     JUDGE_INCONCLUSIVE,
     100,
     0},
    {"nobody, without", {.due = 100, .devices = 200, .at_least = 1}, JUDGE_INCONCLUSIVE, 100, 0},
    {"no device", {.at_least = 1}, JUDGE_INCONCLUSIVE, 0, NAN},
    {"nothing due",
     {.devices = 5, .devices_online_ever = 5, .at_least = 1},
     JUDGE_INCONCLUSIVE,
     0,
     NAN},
    {"all pending",
     {.due = 7, .sent = 7, .pending = 7, .devices = 5, .devices_online_ever = 5, .at_least = 1},
     JUDGE_INCONCLUSIVE,
     0,
     NAN},
    {"late",
     {.due = 7,
      .sent = 7,
      .answered = 7,
      .devices = 5,
      .devices_online_ever = 5,
      .at_least = 1,
      .generator_late = true},
     JUDGE_INCONCLUSIVE,
     7,
     1},
    {"late and bad",
     {.due = 7,
      .sent = 7,
      .timed_out = 7,
      .devices = 5,
      .devices_online_ever = 5,
      .at_least = 1,
      .generator_late = true},
     JUDGE_INCONCLUSIVE,
     7,
     0},
    /* numbers that contradict each other */
    {"more answered than due",
     {.due = 5, .sent = 9, .answered = 9, .devices = 5, .devices_online_ever = 5, .at_least = 1},
     JUDGE_PASS,
     5,
     1},
    {"more sent than due",
     {.due = 5,
      .sent = 9,
      .answered = 3,
      .refused = 6,
      .devices = 5,
      .devices_online_ever = 5,
      .at_least = 1},
     JUDGE_FAIL,
     5,
     0.6},
    {"more pending than due",
     {.due = 5, .sent = 5, .pending = 9, .devices = 5, .devices_online_ever = 5, .at_least = 1},
     JUDGE_INCONCLUSIVE,
     0,
     NAN},
    {"no threshold",
     {.due = 5, .sent = 5, .answered = 4, .devices = 5, .devices_online_ever = 5, .at_least = NAN},
     JUDGE_FAIL,
     5,
     0.8},
};

/* What became of the requests, and of those that were not sent. */
static void assert_counted(const judge_answered_case *c, const judge_finding *f) {
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {
        {"refused", c->refused},
        {"timed out", c->timed_out},
        {"not sent, waiting", c->waiting},
        {"not sent, held back", c->held},
        {"not sent, no session", c->offline},
        {"not sent, cut off", c->cut},
        {"pending at the end", c->pending},
        {"devices ever online", c->devices_online_ever},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        assert_true(measured_is(f, counts[i].name, (double)counts[i].count));
    assert_int_equal(measured(f, "refused")->samples, c->due);
    assert_int_equal(measured(f, "devices ever online")->samples, c->devices);
}

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const judge_answered_case *c = &rows[i].c;
        judge_finding f;
        judge_answered(c, &f);
        if (f.verdict != rows[i].verdict || !measured_is(&f, "answered", rows[i].share))
            fail_msg("%s: %s \"%s\"", rows[i].what, judge_verdict_word(f.verdict), f.sentence);
        const judge_measure *answered = measured(&f, "answered");
        assert_int_equal(answered->samples, rows[i].decided);
        assert_true(isnan(c->at_least) || answered->threshold == c->at_least);
        assert_counted(c, &f);
        assert_string_equal(f.unit, "answered");
        assert_string_equal(f.provision, "");
        assert_int_equal(f.sentence[strlen(f.sentence) - 1], '.');
        assert_null(strstr(f.sentence, "..."));
    }
}

/* A share that was reached exactly holds, whatever its binary form. */
static void test_exact_shares(void **state) {
    (void)state;
    for (uint64_t percent = 1; percent <= 99; percent++) {
        judge_answered_case c = {.due = 100,
                                 .sent = 100,
                                 .answered = percent,
                                 .devices = 1,
                                 .devices_online_ever = 1,
                                 .at_least = (double)percent / 100};
        judge_finding f;
        judge_answered(&c, &f);
        assert_int_equal(f.verdict, JUDGE_PASS);
        c.answered--;
        judge_answered(&c, &f);
        assert_int_equal(f.verdict, JUDGE_FAIL);
    }
}

/* However long the reason, the sentence keeps its end. */
static void test_long_reason(void **state) {
    (void)state;
    char reason[2000];
    memset(reason, 'r', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    judge_answered_case c = {.due = 1, .devices = UINT64_MAX, .at_least = 1, .why_nobody = reason};
    judge_finding f, plain;
    judge_answered(&c, &f);
    c.why_nobody = NULL;
    judge_answered(&c, &plain);
    const char *end = strchr(plain.sentence, ':');
    assert_non_null(end);
    assert_true(strlen(f.sentence) > strlen(plain.sentence));
    assert_string_equal(f.sentence + strlen(f.sentence) - strlen(end), end);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_exact_shares),
        cmocka_unit_test(test_long_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
