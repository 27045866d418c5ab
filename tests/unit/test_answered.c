/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "sim/judge/check_answered.h"
#include "tests/unit/with_cmocka.h"

typedef struct row {
    const char *what;
    judge_answered_case c;
    judge_verdict verdict;
    const char *says; /* in the sentence */
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
     "All 1,200 requests that were due were answered with success."},
    {"all but pending",
     {.due = 1200,
      .sent = 1200,
      .answered = 1190,
      .pending = 10,
      .devices = 200,
      .devices_online_ever = 200,
      .at_least = 1},
     JUDGE_PASS,
     "All 1,190 requests that were due were answered with success; still waiting when the run "
     "ended, and not "
     "counted: 10."},
    {"one refused",
     {.due = 1200,
      .sent = 1200,
      .answered = 1199,
      .refused = 1,
      .devices = 200,
      .devices_online_ever = 200,
      .at_least = 1},
     JUDGE_FAIL,
     "1,199 (99.9 %) were answered with success where all should be: 1 refused, 0 without an "
     "answer"},
    {"one in a million",
     {.due = 1000000,
      .sent = 1000000,
      .answered = 999999,
      .timed_out = 1,
      .devices = 2,
      .devices_online_ever = 2,
      .at_least = 1},
     JUDGE_FAIL,
     "999,999 (99.9999 %)"},
    {"not sent while waiting for the server",
     {.due = 100,
      .sent = 60,
      .answered = 60,
      .waiting = 40,
      .devices = 10,
      .devices_online_ever = 6,
      .at_least = 1},
     JUDGE_FAIL,
     "0 without an answer in time, 40 not sent while the device waited for the answer before."},
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
     "40 refused (4.04 Not Found), 0 without an answer in time, 1,000 not sent while the device "
     "waited for the answer before, 200 held back as the server had asked, 300 not sent as the "
     "device had no session, 400 not sent as the drill had cut the device off."},
    {"enough",
     {.due = 100,
      .sent = 100,
      .answered = 95,
      .timed_out = 5,
      .devices = 10,
      .devices_online_ever = 10,
      .at_least = 0.95},
     JUDGE_PASS,
     "95 (95 %) were answered with success where at least 95 % should be"},
    {"a hair too few",
     {.due = 10000,
      .sent = 10000,
      .answered = 9499,
      .timed_out = 501,
      .devices = 10,
      .devices_online_ever = 10,
      .at_least = 0.95},
     JUDGE_FAIL,
     "9,499 (94.99 %)"},
    {"nobody, with a reason",
     {.due = 100,
      .devices = 200,
      .at_least = 1,
      .why_nobody = "the server knows none of the identities"},
     JUDGE_INCONCLUSIVE,
     "None of 200 devices ever came online (the server knows none of the identities): check that"},
    {"nobody, without",
     {.due = 100, .devices = 200, .at_least = 1},
     JUDGE_INCONCLUSIVE,
     "None of 200 devices ever came online: check"},
    {"no device", {.at_least = 1}, JUDGE_INCONCLUSIVE, "No device took part"},
    {"nothing due",
     {.devices = 5, .devices_online_ever = 5, .at_least = 1},
     JUDGE_INCONCLUSIVE,
     "No request was due"},
    {"all pending",
     {.due = 7, .sent = 7, .pending = 7, .devices = 5, .devices_online_ever = 5, .at_least = 1},
     JUDGE_INCONCLUSIVE,
     "No request was due"},
    {"late",
     {.due = 7,
      .sent = 7,
      .answered = 7,
      .devices = 5,
      .devices_online_ever = 5,
      .at_least = 1,
      .generator_late = true},
     JUDGE_INCONCLUSIVE,
     "The generator was late"},
    {"late and bad",
     {.due = 7,
      .sent = 7,
      .timed_out = 7,
      .devices = 5,
      .devices_online_ever = 5,
      .at_least = 1,
      .generator_late = true},
     JUDGE_INCONCLUSIVE,
     "The generator was late"},
    /* numbers that contradict each other */
    {"more answered than due",
     {.due = 5, .sent = 9, .answered = 9, .devices = 5, .devices_online_ever = 5, .at_least = 1},
     JUDGE_PASS,
     "All 5 requests"},
    {"more sent than due",
     {.due = 5,
      .sent = 9,
      .answered = 3,
      .refused = 6,
      .devices = 5,
      .devices_online_ever = 5,
      .at_least = 1},
     JUDGE_FAIL,
     "6 refused, 0 without an answer in time."},
    {"more pending than due",
     {.due = 5, .sent = 5, .pending = 9, .devices = 5, .devices_online_ever = 5, .at_least = 1},
     JUDGE_INCONCLUSIVE,
     "No request was due"},
    {"no threshold",
     {.due = 5, .sent = 5, .answered = 4, .devices = 5, .devices_online_ever = 5, .at_least = NAN},
     JUDGE_FAIL,
     "4 (80 %)"},
};

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_finding f;
        judge_answered(&rows[i].c, &f);
        if (f.verdict != rows[i].verdict || strstr(f.sentence, rows[i].says) == NULL)
            fail_msg("%s: %s \"%s\"", rows[i].what, judge_verdict_word(f.verdict), f.sentence);
        assert_string_equal(f.unit, "answered");
        assert_string_equal(f.provision, "");
        assert_int_equal(f.sentence[strlen(f.sentence) - 1], '.');
        assert_null(strstr(f.sentence, "..."));
        assert_string_equal(f.measures[0].name, "answered");
        assert_false(f.measures[0].value > 1);
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
    judge_finding f;
    judge_answered(&c, &f);
    assert_non_null(strstr(f.sentence, "and the key."));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_exact_shares),
        cmocka_unit_test(test_long_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
