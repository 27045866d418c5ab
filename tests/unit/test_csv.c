/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/csv.h"
#include "tests/unit/with_cmocka.h"

/* What `attempts` become as text; the caller frees it. */
static char *written(record_attempt *items, size_t count, const char *const *triggers,
                     size_t trigger_count, int wanted) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    const record_attempts attempts = {.items = items, .count = count, .capacity = count};
    assert_int_equal(report_csv_attempts(file, &attempts, triggers, trigger_count), wanted);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void test_attempts(void **state) {
    (void)state;
    static const char *const triggers[] = {"start", "power restore"};
    record_attempt items[] = {
        {.at = 0,
         .latency = 1,
         .device = 0,
         .home = 0,
         .number = 1,
         .trigger = 0,
         .outcome = RECORD_OUTCOME_ONLINE},
        {.at = 1500000000,
         .latency = SIM_NEVER,
         .device = 999,
         .home = 249,
         .number = 2,
         .trigger = 1,
         .outcome = RECORD_OUTCOME_DROPPED},
        {.at = 86400 * SIM_SECOND + 5,
         .latency = 61 * SIM_SECOND,
         .device = UINT32_MAX,
         .home = UINT32_MAX,
         .number = UINT32_MAX,
         .trigger = 1,
         .outcome = RECORD_OUTCOME_BUSY},
        {.at = INT64_MAX - 1, .latency = SIM_NEVER, .trigger = 0, .outcome = RECORD_OUTCOME_NONE},
    };
    char *text = written(items, 4, triggers, 2, 0);
    assert_string_equal(
        text,
        "time_s,device,home,trigger,attempt,outcome,latency_s\n"
        "0.000000000,0,0,start,1,online,0.000000001\n"
        "1.500000000,999,249,power restore,2,dropped,\n"
        "86400.000000005,4294967295,4294967295,power restore,4294967295,busy,61.000000000\n"
        "9223372036.854775806,0,0,start,0,none,\n");
    free(text);
}

static void test_no_attempts(void **state) {
    (void)state;
    char *text = written(NULL, 0, NULL, 0, 0);
    assert_string_equal(text, "time_s,device,home,trigger,attempt,outcome,latency_s\n");
    free(text);
}

static void test_hostile_names(void **state) {
    (void)state;
    static const struct {
        const char *name, *field;
    } rows[] = {{"", ""},
                {"a,b", "\"a,b\""},
                {"say \"no\"", "\"say \"\"no\"\"\""},
                {"two\nlines", "\"two\nlines\""},
                {"\xff", "\xEF\xBF\xBD"},
                {" blank", "\" blank\""},
                {"Stra\u00dfe", "Stra\u00dfe"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_attempt item = {.latency = SIM_NEVER};
        char line[100], *text = written(&item, 1, &rows[i].name, 1, 0);
        snprintf(line, sizeof line, "0.000000000,0,0,%s,0,none,\n", rows[i].field);
        assert_string_equal(strchr(text, '\n') + 1, line);
        free(text);
    }
}

static void test_what_does_not_exist(void **state) {
    (void)state;
    static const char *const triggers[] = {"start"};
    record_attempt trigger = {.trigger = 1}, outcome = {.outcome = RECORD_OUTCOMES};
    free(written(&trigger, 1, triggers, 1, SIM_ERANGE));
    free(written(&outcome, 1, triggers, 1, SIM_ERANGE));
}

static void test_series(void **state) {
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    const report_second rows[] = {
        {0},
        {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17},
        {UINT64_MAX, 1, 1, 1, 1, UINT64_MAX, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, UINT64_MAX}};
    assert_int_equal(report_csv_series_head(file), 0);
    for (size_t i = 0; i < 3; i++) assert_int_equal(report_csv_series_row(file, &rows[i]), 0);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text,
                        "time_s,online,attempts,successes,rejections,queue_depth,due,sent,"
                        "answered,refused,failed,waiting,median_us,p95_us,boot_chain_dhcp,"
                        "boot_chain_dns,boot_chain_time\n"
                        "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n"
                        "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n"
                        "18446744073709551615,1,1,1,1,18446744073709551615,1,1,1,1,1,1,1,1,1,1,"
                        "18446744073709551615\n");
    free(text);
}

/* A full disk: told as soon as the buffer cannot be emptied, not only at the end. */
static void test_full_disk(void **state) {
    (void)state;
    static const char *const triggers[] = {"start"};
    enum { ROWS = 10000 };
    record_attempt *items = calloc(ROWS, sizeof *items);
    const record_attempts attempts = {.items = items, .count = ROWS, .capacity = ROWS};
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL) skip();
    assert_int_equal(report_csv_attempts(full, &attempts, triggers, 1), SIM_EIO);
    fclose(full);
    free(items);
    full = fopen("/dev/full", "w");
    int error = report_csv_series_head(full);
    uint64_t row = 0;
    for (; error == 0 && row < ROWS; row++)
        error = report_csv_series_row(full, &(report_second){.second = row});
    assert_int_equal(error, SIM_EIO);
    assert_true(row < ROWS);
    fclose(full);
}

/* Distinct values: a column that took another's place would show. */
static void test_seconds_of_distinct_values(void **state) {
    (void)state;
    char *text = NULL;
    size_t size = 0;
    report_second row = {.second = 70,
                         .online = 61,
                         .attempts = 52,
                         .successes = 43,
                         .rejections = 34,
                         .queue_depth = 25,
                         .due = 91,
                         .sent = 82,
                         .answered = 73,
                         .refused = 64,
                         .failed = 55,
                         .waiting = 46,
                         .median_us = 37,
                         .p95_us = 28,
                         .chain_dhcp = 19,
                         .chain_dns = 9,
                         .chain_time = 5};
    const report_second before = {.second = 7,
                                  .online = 6,
                                  .attempts = 5,
                                  .successes = 4,
                                  .rejections = 3,
                                  .queue_depth = 2,
                                  .due = 1,
                                  .sent = 2,
                                  .answered = 3,
                                  .refused = 4,
                                  .failed = 5,
                                  .waiting = 6,
                                  .median_us = 7,
                                  .p95_us = 8,
                                  .chain_dhcp = 1,
                                  .chain_dns = 2,
                                  .chain_time = 3};
    FILE *file = open_memstream(&text, &size);
    assert_int_equal(report_csv_series_row(file, &row), 0);
    report_second_since(&row, &before); /* what is stays, what happened is what came since */
    assert_int_equal(report_csv_series_row(file, &row), 0);
    report_second_calm(&row);
    assert_int_equal(report_csv_series_row(file, &row), 0);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text,
                        "70,61,52,43,34,25,91,82,73,64,55,46,37,28,19,9,5\n"
                        "70,61,47,39,31,25,90,80,70,60,50,46,37,28,18,7,2\n"
                        "70,61,0,0,0,25,0,0,0,0,0,46,0,0,0,0,0\n");
    free(text);
}

/* What `write` writes of `what`; the caller frees it. */
static char *text_by(int (*write)(FILE *file, const void *what), const void *what) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_int_equal(write(file, what), 0);
    assert_int_equal(fclose(file), 0);
    return text;
}

static int write_truth(FILE *file, const void *what) {
    return report_csv_truth(file, what, 2);
}

static void test_truth_of_distinct_values(void **state) {
    (void)state;
    const record_injection rows[] = {
        {.from = 1500 * SIM_MILLISECOND,
         .to = 62 * SIM_SECOND,
         .device = 31,
         .campaign = 4,
         .kind = RECORD_ANOMALY_CLONE,
         .ramp = 5},
        {.from = 7, .to = 8 * SIM_SECOND, .device = 9, .campaign = 10}};
    char *text = text_by(write_truth, rows);
    assert_string_equal(text,
                        "start,end,kind,key,campaign\n"
                        "1.500000000,62.000000000,clone,31,4\n"
                        "0.000000007,8.000000000,unknown,9,10\n");
    free(text);
    const record_injection none = {.kind = RECORD_ANOMALIES};
    FILE *file = fopen("/dev/null", "w");
    assert_int_equal(report_csv_truth(file, &none, 1), SIM_ERANGE);
    fclose(file);
}

static char *whom(const void *context, const record_alert *n, char *text, size_t size) {
    snprintf(text, size, "%s, %u", (const char *)context, (unsigned)n->who);
    return text;
}

static int write_alarms(FILE *file, const void *what) {
    return report_csv_alarms(file, what);
}

/* Only an alarm about a device has a key; one that reached nobody has no time for that. */
static void test_alarms_of_distinct_values(void **state) {
    (void)state;
    const record_alert notices[] = {{.at = 90 * SIM_SECOND,
                                     .since = 80 * SIM_SECOND,
                                     .delivered = 95500 * SIM_MILLISECOND,
                                     .seen = 12.5,
                                     .expected = 0.25,
                                     .score = 0.75F,
                                     .who = 17,
                                     .scope = RECORD_SCOPE_DEVICE,
                                     .kind = RECORD_ANOMALY_BOTNET_SCAN,
                                     .metric = RECORD_METRIC_DISCONNECTS},
                                    {.at = 91 * SIM_SECOND,
                                     .delivered = SIM_NEVER,
                                     .seen = 3,
                                     .expected = 4,
                                     .score = 0.5F,
                                     .who = 18,
                                     .scope = RECORD_SCOPE_COHORT,
                                     .kind = RECORD_ANOMALY_LOCK_STEP,
                                     .metric = RECORD_METRIC_CONNECTION_ATTEMPTS}};
    const report_run run = {
        .notices = notices, .notice_count = 2, .whom = whom, .whom_context = "one"};
    char wanted[400], *text = text_by(write_alarms, &run);
    snprintf(wanted, sizeof wanted,
             "timestamp,key,alarm,kind,whom,metric,score,seen,expected,delivered\n"
             "90.000000000,17,1,botnet-scan,\"one, 17\",%s,0.750,12.5,0.25,95.500000000\n"
             "91.000000000,,1,lock-step,\"one, 18\",%s,0.500,3,4,\n",
             record_metric_word(RECORD_METRIC_DISCONNECTS),
             record_metric_word(RECORD_METRIC_CONNECTION_ATTEMPTS));
    assert_string_equal(text, wanted);
    free(text);
}

static int write_detection(FILE *file, const void *what) {
    return report_csv_detection(file, what);
}

/* A kind that was neither done nor noticed has no row; one that was only noticed has no recall. */
static void test_detection_of_distinct_values(void **state) {
    (void)state;
    static judge_detections found;
    found = (judge_detections){0};
    found.kind[RECORD_ANOMALY_CLONE] = (judge_detection){.injected = 21,
                                                         .noticed = 20,
                                                         .campaigns = 6,
                                                         .campaigns_noticed = 5,
                                                         .named = 19,
                                                         .recall = {.value = 0.5, 0.25, 0.75},
                                                         .delay_median_s = 30,
                                                         .delay_p95_s = 40.5,
                                                         .delay_most_s = 50,
                                                         .first_s = 60,
                                                         .slow_first_s = 70,
                                                         .slow_campaigns = 3,
                                                         .false_notices = 2};
    found.kind[RECORD_ANOMALY_EXFILTRATION] = (judge_detection){.delay_median_s = NAN,
                                                                .delay_p95_s = NAN,
                                                                .delay_most_s = NAN,
                                                                .first_s = NAN,
                                                                .slow_first_s = INFINITY,
                                                                .false_notices = 1};
    found.all = found.kind[RECORD_ANOMALY_CLONE];
    found.all.false_notices = 3;
    char *text = text_by(write_detection, &found);
    assert_string_equal(text,
                        "kind,injected,noticed,named,recall,recall_low,recall_high,delay_median_s,"
                        "delay_p95_s,delay_most_s,campaigns,campaigns_noticed,first_s,slow_first_s,"
                        "false_alarms\n"
                        "clone,21,20,19,0.5,0.25,0.75,30,40.5,50,6,5,60,70,2\n"
                        "exfiltration,0,0,0,,,,,,,0,0,,,1\n"
                        "all,21,20,19,0.5,0.25,0.75,30,40.5,50,6,5,60,70,3\n");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attempts),
        cmocka_unit_test(test_no_attempts),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_what_does_not_exist),
        cmocka_unit_test(test_series),
        cmocka_unit_test(test_seconds_of_distinct_values),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_truth_of_distinct_values),
        cmocka_unit_test(test_alarms_of_distinct_values),
        cmocka_unit_test(test_detection_of_distinct_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
