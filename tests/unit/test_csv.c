/* SPDX-License-Identifier: GPL-3.0-or-later */
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attempts),      cmocka_unit_test(test_no_attempts),
        cmocka_unit_test(test_hostile_names), cmocka_unit_test(test_what_does_not_exist),
        cmocka_unit_test(test_series),        cmocka_unit_test(test_seconds_of_distinct_values),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
