/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices against injections: what counts as noticed, as false, as too late; each rule with a twin
 * that breaks it. */
#include <math.h>
#include <string.h>

#include "sim/judge/examined.h"
#include "tests/unit/measured.h"

#define AT(hours) ((sim_time)((hours)*3600) * SIM_SECOND)
enum { DEVICES = 1000 };

static uint32_t cohorts[DEVICES]; /* device % 4 */

typedef struct scene {
    record_injection injections[64];
    record_alert notices[64];
    judge_examined_case c;
    bool is_false[64];
    judge_detections d;
    judge_finding f;
} scene;

static void begin(scene *s) {
    *s = (scene){.c = {.cohorts = cohorts, .devices = DEVICES, .until = AT(168), .examined = true}};
    s->c.injections = s->injections;
    s->c.notices = s->notices;
    for (uint32_t i = 0; i < DEVICES; i++) cohorts[i] = i % 4;
}

static void inject(scene *s, record_anomaly kind, uint32_t device, uint32_t campaign, double from_h,
                   double to_h) {
    s->injections[s->c.injection_count++] =
        (record_injection){AT(from_h), AT(to_h), device, campaign, (uint8_t)kind, 0};
}

static void notice(scene *s, record_anomaly kind, record_scope scope, uint32_t who, double at_h,
                   double delay_s) {
    s->notices[s->c.notice_count++] = (record_alert){
        .at = AT(at_h),
        .since = AT(at_h),
        .delivered = isinf(delay_s) ? SIM_NEVER : AT(at_h) + sim_time_from_seconds(delay_s),
        .who = who,
        .scope = (uint8_t)scope,
        .kind = (uint8_t)kind,
        .score = 0.9F};
}

static void judge_by(scene *s, bool sized) {
    judge_examined_policy policy = judge_examined_policy_default;
    policy.sized = sized;
    assert_int_equal(judge_detect(&s->c, &policy, s->is_false, &s->d), 0);
    judge_examined(&s->c, &s->d, &policy, &s->f);
}

/* As the scenarios do: these scenes are small. */
static void judge(scene *s) {
    judge_by(s, true);
}

static void test_all_found(void **state) {
    (void)state;
    static scene s;
    begin(&s);
    for (uint32_t i = 0; i < 20; i++) inject(&s, RECORD_ANOMALY_EXFILTRATION, 10 * i, 1, 24, 30);
    for (uint32_t i = 0; i < 20; i++)
        notice(&s, RECORD_ANOMALY_EXFILTRATION, RECORD_SCOPE_DEVICE, 10 * i, 24.5, 1);
    judge(&s);
    assert_int_equal(s.f.verdict, JUDGE_PASS);
    assert_int_equal(s.d.kind[RECORD_ANOMALY_EXFILTRATION].noticed, 20);
    assert_int_equal(s.d.kind[RECORD_ANOMALY_EXFILTRATION].named, 20);
    assert_float_equal(s.d.all.delay_median_s, 1801, 1e-9);
    assert_int_equal(s.d.false_notices, 0);
    assert_int_equal(s.d.all.campaigns, 1);
    assert_float_equal(s.d.device_days, 7000, 1e-9);
}

/* Twenty struck, so many of them noticed. */
static judge_verdict of_twenty(scene *s, uint32_t noticed, bool sized) {
    begin(s);
    for (uint32_t i = 0; i < 20; i++) inject(s, RECORD_ANOMALY_EXFILTRATION, i, 1, 24, 30);
    for (uint32_t i = 0; i < noticed; i++)
        notice(s, RECORD_ANOMALY_EXFILTRATION, RECORD_SCOPE_DEVICE, i, 25, 0);
    judge_by(s, sized);
    return s->f.verdict;
}

/* The measures that are outside the policy, and those that too few were seen for: of the latter the
 * note says so, whatever the value does. */
typedef struct decided {
    size_t outside, open;
} decided;

static bool is_open(const judge_measure *m) {
    assert_int_equal(m->open, m->note != NULL && strstr(m->note, "too few") != NULL);
    return m->open;
}

static decided decide(const judge_finding *f) {
    decided d = {0, 0};
    for (size_t i = 0; i < f->measure_count; i++) {
        d.open += is_open(&f->measures[i]);
        d.outside += !f->measures[i].holds && !is_open(&f->measures[i]);
    }
    return d;
}

/* Of all that is measured the recall of what was done, and nothing else, is outside or open. */
static void assert_recall_decides(const scene *s, double value, bool open) {
    const judge_measure *recall = measured(&s->f, "recall, exfiltration");
    const decided d = decide(&s->f);
    assert_float_equal(recall->value, value, 1e-9);
    assert_int_equal(recall->samples, 20);
    assert_int_equal(is_open(recall), open);
    assert_int_equal(d.open, open);
    assert_int_equal(d.outside, !open);
    if (!open) assert_false(recall->holds);
}

/* The interval decides (E. B. Wilson, 1927): 20 of 20 show 84 % and more, 18 at most 97 %, 15 at
 * most 89 %. */
static void test_some_of_twenty_missed(void **state) {
    (void)state;
    static scene s;
    assert_int_equal(of_twenty(&s, 15, false), JUDGE_FAIL);
    assert_recall_decides(&s, 0.75, false);
    assert_int_equal(of_twenty(&s, 18, false), JUDGE_INCONCLUSIVE);
    assert_recall_decides(&s, 0.9, true);
    assert_int_equal(of_twenty(&s, 20, false), JUDGE_INCONCLUSIVE);
    assert_recall_decides(&s, 1, true);
    assert_int_equal(of_twenty(&s, 20, true), JUDGE_PASS);
    assert_float_equal(measured(&s.f, "recall, exfiltration")->threshold, 0.8389, 0.0001);
    assert_non_null(measured(&s.f, "recall, exfiltration")->note);
    assert_int_equal(of_twenty(&s, 18, true), JUDGE_INCONCLUSIVE);
    assert_int_equal(of_twenty(&s, 10, true), JUDGE_FAIL);
}

/* A limit without exceptions is held against what was seen. */
static void test_all_must_be_noticed(void **state) {
    (void)state;
    static scene s;
    judge_examined_policy policy = judge_examined_policy_default;
    policy.recall = 1;
    (void)of_twenty(&s, 20, false);
    judge_examined(&s.c, &s.d, &policy, &s.f);
    assert_int_equal(s.f.verdict, JUDGE_PASS);
    (void)of_twenty(&s, 19, false);
    judge_examined(&s.c, &s.d, &policy, &s.f);
    assert_int_equal(s.f.verdict, JUDGE_FAIL);
}

/* What no rate shows decides only when it was declared to be looked for. */
static void test_declared_kinds_decide(void **state) {
    (void)state;
    static scene s;
    begin(&s);
    inject(&s, RECORD_ANOMALY_SLOW_DRIFT, 5, 1, 24, 48);
    judge_by(&s, false);
    assert_int_equal(s.f.verdict, JUDGE_PASS);
    s.c.declared = UINT64_C(1) << RECORD_ANOMALY_SLOW_DRIFT;
    judge_by(&s, false);
    assert_int_equal(s.f.verdict, JUDGE_FAIL);
}

static void test_what_covers(void **state) {
    (void)state;
    static const struct {
        const char *what;
        record_anomaly kind;
        record_scope scope;
        uint32_t who;
        double at_h;
        bool holds;
    } rows[] = {
        {"the device, in time", RECORD_ANOMALY_CREDENTIAL_STUFFING, RECORD_SCOPE_DEVICE, 8, 10.1,
         true},
        {"the device, by another name", RECORD_ANOMALY_UNKNOWN, RECORD_SCOPE_DEVICE, 8, 10.1, true},
        {"another device", RECORD_ANOMALY_CREDENTIAL_STUFFING, RECORD_SCOPE_DEVICE, 9, 10.1, false},
        {"too early", RECORD_ANOMALY_CREDENTIAL_STUFFING, RECORD_SCOPE_DEVICE, 8, 9.99, false},
        {"within the grace", RECORD_ANOMALY_CREDENTIAL_STUFFING, RECORD_SCOPE_DEVICE, 8, 12.16,
         true},
        {"after the grace", RECORD_ANOMALY_CREDENTIAL_STUFFING, RECORD_SCOPE_DEVICE, 8, 12.17,
         false},
        {"its cohort", RECORD_ANOMALY_CREDENTIAL_STUFFING, RECORD_SCOPE_COHORT, 0, 10.1, true},
        {"its cohort, another kind", RECORD_ANOMALY_BATTERY_DRAIN, RECORD_SCOPE_COHORT, 0, 10.1,
         false},
        {"another cohort", RECORD_ANOMALY_CREDENTIAL_STUFFING, RECORD_SCOPE_COHORT, 1, 10.1, false},
        {"the fleet", RECORD_ANOMALY_CREDENTIAL_STUFFING, RECORD_SCOPE_FLEET, 0, 10.1, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static scene s;
        begin(&s);
        inject(&s, RECORD_ANOMALY_CREDENTIAL_STUFFING, 8, 1, 10, 12);
        notice(&s, rows[i].kind, rows[i].scope, rows[i].who, rows[i].at_h, 0);
        judge(&s);
        if (s.is_false[0] == rows[i].holds) fail_msg("%s", rows[i].what);
        assert_int_equal(s.d.all.noticed, rows[i].holds);
    }
}

static void test_what_reached_nobody_noticed_nothing(void **state) {
    (void)state;
    static scene s;
    begin(&s);
    inject(&s, RECORD_ANOMALY_SILENT_DEVICE, 8, 1, 10, 12);
    notice(&s, RECORD_ANOMALY_SILENT_DEVICE, RECORD_SCOPE_DEVICE, 8, 10.5, INFINITY);
    judge_by(&s, false);
    assert_false(s.is_false[0]);
    assert_int_equal(s.d.all.noticed, 0);
    assert_int_equal(s.d.undelivered, 1);
    assert_int_equal(s.f.verdict, JUDGE_FAIL);
    notice(&s, RECORD_ANOMALY_SILENT_DEVICE, RECORD_SCOPE_DEVICE, 8, 11, 0);
    judge_by(&s, false);
    assert_int_equal(s.d.all.noticed, 1);
    assert_int_equal(s.d.notices, 2);
    assert_int_equal(s.d.undelivered, 1);                   /* not the one that arrived */
    assert_float_equal(s.d.all.delay_median_s, 3600, 1e-9); /* of the one that arrived */
}

/* The standard's two examples have a limit each: on it and just over it. */
static void test_delays_of_the_examples(void **state) {
    (void)state;
    static const struct {
        record_anomaly kind;
        double delay_s;
        judge_verdict verdict;
    } rows[] = {
        {RECORD_ANOMALY_CREDENTIAL_STUFFING, 600, JUDGE_PASS},
        {RECORD_ANOMALY_CREDENTIAL_STUFFING, 601, JUDGE_FAIL},
        {RECORD_ANOMALY_UPDATE_SIGNATURE, 900, JUDGE_PASS},
        {RECORD_ANOMALY_UPDATE_SIGNATURE, 901, JUDGE_FAIL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static scene s;
        begin(&s);
        inject(&s, rows[i].kind, 8, 1, 10, 20);
        notice(&s, rows[i].kind, RECORD_SCOPE_COHORT, 0, 10, rows[i].delay_s);
        judge(&s);
        assert_int_equal(s.f.verdict, rows[i].verdict);
    }
}

static void test_the_slowest_campaign_counts(void **state) {
    (void)state;
    static scene s;
    begin(&s);
    inject(&s, RECORD_ANOMALY_CREDENTIAL_STUFFING, 4, 1, 10, 20);
    inject(&s, RECORD_ANOMALY_CREDENTIAL_STUFFING, 8, 1, 10, 20);
    inject(&s, RECORD_ANOMALY_CREDENTIAL_STUFFING, 5, 2, 50, 60);
    notice(&s, RECORD_ANOMALY_CREDENTIAL_STUFFING, RECORD_SCOPE_COHORT, 0, 10, 60);
    judge(&s);
    assert_true(isinf(measured(&s.f, "delay, failed logins")->value)); /* campaign 2 was missed */
    assert_int_equal(s.d.kind[RECORD_ANOMALY_CREDENTIAL_STUFFING].campaigns, 2);
    assert_int_equal(s.d.kind[RECORD_ANOMALY_CREDENTIAL_STUFFING].campaigns_noticed, 1);
    notice(&s, RECORD_ANOMALY_CREDENTIAL_STUFFING, RECORD_SCOPE_COHORT, 1, 50, 90);
    judge(&s);
    assert_float_equal(measured(&s.f, "delay, failed logins")->value, 90, 1e-9);
    assert_int_equal(s.f.verdict, JUDGE_PASS);
}

static void test_false_alarms(void **state) {
    (void)state;
    static scene s;
    begin(&s);
    inject(&s, RECORD_ANOMALY_SILENT_DEVICE, 0, 1, 10, 12);
    notice(&s, RECORD_ANOMALY_SILENT_DEVICE, RECORD_SCOPE_DEVICE, 0, 11, 0);
    judge(&s);
    assert_int_equal(s.f.verdict, JUDGE_PASS); /* none shows 0.00053 at most */
    notice(&s, RECORD_ANOMALY_UNKNOWN, RECORD_SCOPE_DEVICE, 100, 20, 0);
    judge(&s);
    assert_int_equal(s.f.verdict, JUDGE_PASS); /* one: 0.0008 */
    for (uint32_t i = 1; i < 7; i++)
        notice(&s, RECORD_ANOMALY_UNKNOWN, RECORD_SCOPE_DEVICE, 100 + i, 20, 0);
    judge(&s);
    assert_int_equal(s.f.verdict, JUDGE_INCONCLUSIVE); /* 7 in 7,000 device-days */
    assert_float_equal(s.d.false_rate.value, 0.001, 1e-12);
    assert_float_equal(s.d.false_rate.low * 7000, 2.814, 0.001); /* Garwood's table for 7 */
    assert_float_equal(s.d.false_rate.high * 7000, 14.42, 0.01);
    for (uint32_t i = 7; i < 15; i++)
        notice(&s, RECORD_ANOMALY_UNKNOWN, RECORD_SCOPE_DEVICE, 100 + i, 20, 0);
    judge(&s);
    assert_int_equal(s.f.verdict, JUDGE_FAIL); /* 15: 0.0012 at least */
}

static void test_no_alarm_from_the_wave(void **state) {
    (void)state;
    static scene s;
    const sim_time waves[] = {SIM_NEVER, AT(50)};
    begin(&s);
    s.c.waves = waves;
    s.c.wave_count = 2;
    inject(&s, RECORD_ANOMALY_SILENT_DEVICE, 0, 1, 10, 12);
    notice(&s, RECORD_ANOMALY_SILENT_DEVICE, RECORD_SCOPE_DEVICE, 0, 11, 0);
    /* false, but of no wave */
    notice(&s, RECORD_ANOMALY_BOTNET_SCAN, RECORD_SCOPE_DEVICE, 70, 51.1, 0);
    judge(&s);
    assert_int_equal(s.f.verdict, JUDGE_PASS);
    /* from its first moment to its last */
    notice(&s, RECORD_ANOMALY_BOTNET_SCAN, RECORD_SCOPE_DEVICE, 71, 51, 0);
    judge(&s);
    assert_int_equal(s.d.in_waves, 1);
    notice(&s, RECORD_ANOMALY_BOTNET_SCAN, RECORD_SCOPE_DEVICE, 72, 50, 0);
    judge(&s);
    assert_int_equal(s.d.in_waves, 2);
    assert_int_equal(s.f.verdict, JUDGE_FAIL);
}

static void test_nothing_to_judge(void **state) {
    (void)state;
    static scene s;
    begin(&s);
    judge(&s);
    assert_int_equal(s.f.verdict, JUDGE_INCONCLUSIVE);
    inject(&s, RECORD_ANOMALY_SILENT_DEVICE, 0, 1, 10, 12);
    s.c.generator_late = true;
    judge(&s);
    assert_int_equal(s.f.verdict, JUDGE_INCONCLUSIVE);
    s.c.generator_late = false;
    s.c.examined = false;
    judge(&s);
    assert_int_equal(s.f.verdict, JUDGE_FAIL);
    assert_true(measured_is(&s.f, "recall, silent-device", 0));
}

static void test_declared_units(void **state) {
    (void)state;
    judge_finding f;
    const uint64_t logins = UINT64_C(1) << RECORD_ANOMALY_CREDENTIAL_STUFFING;
    judge_examination_declared(0, &f);
    assert_int_equal(f.verdict, JUDGE_FAIL);
    judge_examination_declared(logins, &f);
    assert_int_equal(f.verdict, JUDGE_PASS);
    judge_examination_suited(logins, UINT64_C(1) << RECORD_METRIC_BATTERY, &f);
    assert_int_equal(f.verdict, JUDGE_FAIL);
    assert_true(measured_is(&f, "kinds without data", 1));
    assert_non_null(strstr(f.sentence, "credential-stuffing")); /* it is named */
    judge_examination_suited(logins, UINT64_C(1) << RECORD_METRIC_FAILED_LOGINS, &f);
    assert_int_equal(f.verdict, JUDGE_PASS);
    judge_examination_suited(0, UINT64_MAX, &f);
    assert_int_equal(f.verdict, JUDGE_INCONCLUSIVE);
}

/* Ten kinds and more, and still within what a finding holds. */
static void test_all_kinds_at_once(void **state) {
    (void)state;
    static scene s;
    begin(&s);
    for (unsigned k = 1; k < RECORD_ANOMALIES; k++) inject(&s, (record_anomaly)k, k, k, 10, 12);
    judge(&s);
    assert_in_range(s.f.measure_count, 10, JUDGE_MEASURES_MAX);
    assert_int_equal(s.d.all.injected, RECORD_ANOMALIES - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_found),
        cmocka_unit_test(test_some_of_twenty_missed),
        cmocka_unit_test(test_all_must_be_noticed),
        cmocka_unit_test(test_declared_kinds_decide),
        cmocka_unit_test(test_what_covers),
        cmocka_unit_test(test_what_reached_nobody_noticed_nothing),
        cmocka_unit_test(test_delays_of_the_examples),
        cmocka_unit_test(test_the_slowest_campaign_counts),
        cmocka_unit_test(test_false_alarms),
        cmocka_unit_test(test_no_alarm_from_the_wave),
        cmocka_unit_test(test_nothing_to_judge),
        cmocka_unit_test(test_declared_units),
        cmocka_unit_test(test_all_kinds_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
