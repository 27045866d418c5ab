/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the examiner in the cloud is told of a street, and what becomes of its notices: through
 * whole small runs, and the writers of alarms and events. */
/* test-timeout: 300 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/fleet/street_private.h"
#include "sim/judge/checks.h"
#include "sim/report/alarm.h"
#include "sim/report/csv.h"
#include "sim/report/events.h"
#include "sim/run/finish.h"
#include "sim/run/run_private.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/unit/every_allocation.h"

enum { HOMES = 6, DEVICES = 4 * HOMES };

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

/* ---- what is told ---- */

static void spec_of(fleet_spec *spec, bool metrics, bool on) {
    small_fleet_spec(spec, HOMES, HOMES / 2, 100, false);
    spec->zones[0].start_over = 30 * SIM_SECOND;
    spec->zones[0].groups[0].profile.metrics = metrics;
    spec->examination = (fleet_examination){.on = on, .settings = examine_watch_default};
}

static uint64_t told(const run *r) {
    uint64_t metrics = 0;
    for (uint32_t i = 0; i < r->street_count; i++) metrics |= r->streets[i]->heard.metrics;
    return metrics;
}

#define BIT(metric) (UINT64_C(1) << RECORD_METRIC_##metric)

static void test_what_the_cloud_sees_is_told(void **state) {
    (void)state;
    static const story_step steps[] = {{900, NULL}};
    const uint64_t seen = BIT(CONNECTION_ATTEMPTS) | BIT(MESSAGES_IN) | BIT(MESSAGES_OUT) |
                          BIT(MESSAGE_BYTES) | BIT(SOURCE_ADDRESS) | BIT(READING);
    const uint64_t said = BIT(BYTES_IN) | BIT(BYTES_OUT) | BIT(PACKETS_IN) | BIT(PACKETS_OUT) |
                          BIT(LISTENING_PORTS) | BIT(TCP_CONNECTIONS) | BIT(FAILED_LOGINS) |
                          BIT(RESETS) | BIT(DESTINATION);
    for (int metrics = 0; metrics <= 1; metrics++) {
        fleet_spec spec;
        judge_finding f;
        spec_of(&spec, metrics == 1, true);
        run *r = story_run(&spec, NULL, steps, NULL);
        assert_true((told(r) & seen) == seen);
        assert_true((told(r) & said) == (metrics == 1 ? said : 0));
        uint64_t declared = UINT64_C(1) << RECORD_ANOMALY_EXFILTRATION;
        assert_int_equal(story_judge(r, &judge_check_examination_suited, &declared, &f), 0);
        assert_int_equal(f.verdict, metrics == 1 ? JUDGE_PASS : JUDGE_FAIL);
        story_end(r);
    }
}

static void test_without_an_examiner_nothing_is_told(void **state) {
    (void)state;
    static const story_step steps[] = {{900, NULL}};
    fleet_spec spec;
    spec_of(&spec, true, false);
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_true(told(r) == 0 && r->examiner.fleet == NULL && r->examiner.count == 0);
    story_end(r);
}

static uint64_t fingerprint_of(bool on) {
    static const story_step steps[] = {{900, NULL}};
    const run_caption words = {.scenario = "t", .title = "t", .version = "0", .repeat = ""};
    fleet_spec spec;
    report_run record;
    char why[256];
    spec_of(&spec, true, on);
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(run_finish(r, &words, NULL, 0, &record, why, sizeof why), 0);
    const uint64_t fingerprint = record.fingerprint;
    story_end(r);
    return fingerprint;
}

static void test_looking_changes_nothing(void **state) {
    (void)state;
    assert_true(fingerprint_of(true) == fingerprint_of(false));
}

static void test_cohorts_in_words(void **state) {
    (void)state;
    fleet_spec spec;
    char text[96];
    spec_of(&spec, true, true);
    fleet_examiner_cohort_text(&spec, fleet_examiner_cohort(0, 0, 2), text, sizeof text);
    assert_non_null(strstr(text, "thermostat, firmware 2, "));
}

/* ---- what is written ---- */

static char *somebody(const void *context, const record_alert *n, char *text, size_t size) {
    (void)n;
    (void)snprintf(text, size, "%s", (const char *)context);
    return text;
}

static const record_alert notices[] = {{.at = SIM_SECOND,
                                        .delivered = 2 * SIM_SECOND,
                                        .seen = 7,
                                        .expected = 1,
                                        .score = 0.5f,
                                        .who = 3,
                                        .scope = RECORD_SCOPE_DEVICE,
                                        .kind = RECORD_ANOMALY_CLONE},
                                       {.at = 3 * SIM_SECOND,
                                        .delivered = SIM_NEVER,
                                        .seen = INFINITY,
                                        .expected = NAN,
                                        .score = 1,
                                        .scope = RECORD_SCOPE_FLEET,
                                        .kind = RECORD_ANOMALY_EXFILTRATION}};
static const report_story story_lines[] = {{SIM_SECOND, "at once"},
                                           {2 * SIM_SECOND, "a \"quoted\"\n\xff line"}};

static report_run record_of(const char *whom) {
    return (report_run){.story = story_lines,
                        .story_count = 2,
                        .notices = notices,
                        .notice_count = 2,
                        .whom = somebody,
                        .whom_context = whom};
}

static int write_events(const report_run *record, char *out, size_t size) {
    FILE *file = fmemopen(out, size, "w");
    assert_non_null(file);
    int error = report_events(file, record);
    fclose(file);
    return error;
}

static void test_events_in_order_of_time(void **state) {
    (void)state;
    char out[4096] = "";
    const report_run record = record_of("device 3");
    assert_int_equal(write_events(&record, out, sizeof out), 0);
    const char *first = strstr(out, "at once"), *second = strstr(out, "\"clone\""),
               *third = strstr(out, "quoted"), *last = strstr(out, "\"exfiltration\"");
    assert_true(first != NULL && first < second && second < third && third < last);
    assert_non_null(strstr(out, "\"delivered_s\":null"));
    assert_non_null(strstr(out, "\"seen\":null"));
    size_t lines = 0;
    for (const char *c = out; *c != '\0'; c++) lines += *c == '\n' ? 1 : 0;
    assert_int_equal(lines, 4);
}

static const char *const hostile[] = {
    "",
    "a\"b\\c",
    "two\nlines\r\n",
    "bad \xff\xc0 bytes",
    "comma, \"quote\"",
    "\x1b[31mred",
    "a name that is as long as a name can be, and then some, and then some more, and more"};

static void test_hostile_names(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        char line[REPORT_ALERT_LINE_MAX], out[4096] = "";
        const report_run record = record_of(hostile[i]);
        report_alert_line(&notices[0], hostile[i], line, sizeof line);
        json_t *read = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(read);
        assert_string_equal(json_string_value(json_object_get(read, "kind")), "clone");
        assert_null(strchr(line, '\n'));
        json_decref(read);
        FILE *file = fmemopen(out, sizeof out, "w");
        assert_int_equal(report_csv_alarms(file, &record), 0);
        fclose(file);
        assert_non_null(strstr(out, "1.000000000,3,1,clone,"));
    }
}

static int one_line(void *context) {
    json_t *alarm = report_alert_json(&notices[0], context);
    if (alarm == NULL) return SIM_ENOMEM;
    json_decref(alarm);
    return 0;
}

static int all_events(void *context) {
    const report_run record = record_of(context);
    FILE *file = fopen("/dev/null", "w");
    assert_non_null(file);
    int error = report_events(file, &record);
    fclose(file);
    return error;
}

static void test_every_allocation(void **state) {
    (void)state;
    assert_true(fail_every_allocation(all_events, "device 3") >= 20);
    assert_true(fail_every_allocation(one_line, "device 3") >= 5);
    char line[REPORT_ALERT_LINE_MAX];
    sim_heap_fail(0, true);
    assert_string_equal(report_alert_line(&notices[0], "device 3", line, sizeof line), "{}");
    assert_true(sim_heap_fail_never());
}

static void test_detection_says_what_is_not_there(void **state) {
    (void)state;
    judge_detections found = {0};
    char out[2048] = "";
    for (unsigned k = 0; k < RECORD_ANOMALIES; k++)
        found.kind[k].first_s = found.kind[k].slow_first_s = found.kind[k].delay_median_s = NAN;
    found.kind[RECORD_ANOMALY_CLONE].injected = 2;
    found.kind[RECORD_ANOMALY_CLONE].recall = judge_share_of(0, 2);
    found.kind[RECORD_ANOMALY_CLONE].first_s = INFINITY;
    found.kind[RECORD_ANOMALY_UNKNOWN].false_notices = 3;
    found.all.injected = 2;
    FILE *file = fmemopen(out, sizeof out, "w");
    assert_int_equal(report_csv_detection(file, &found), 0);
    fclose(file);
    assert_non_null(strstr(out, "\nunknown,0,0,0,,,,"));
    assert_non_null(strstr(out, "\nclone,2,0,0,0,"));
    assert_null(strstr(out, "nan"));
    assert_null(strstr(out, "inf"));
    assert_null(strstr(out, "exfiltration"));
    assert_non_null(strstr(out, "\nall,2,"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_cloud_sees_is_told),
        cmocka_unit_test(test_without_an_examiner_nothing_is_told),
        cmocka_unit_test(test_looking_changes_nothing),
        cmocka_unit_test(test_cohorts_in_words),
        cmocka_unit_test(test_events_in_order_of_time),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_every_allocation),
        cmocka_unit_test(test_detection_says_what_is_not_there),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
