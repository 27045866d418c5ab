/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/judge/defect.h"
#include "sim/report/summary_json.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/with_cmocka.h"

static const char *const triggers[] = {"start", "power restore"};
static const report_parameter parameters[] = {{"homes", "250", false}, {"law", "fixed", true}};
static const report_story story[] = {{600 * SIM_SECOND, "power cut: 250 homes, 1000 devices"}};
static const report_metric metrics[] = {
    {.name = "attempts", .unit = "", .kind = REPORT_COUNTER, .value = 1250},
    {.name = "online", .unit = "", .kind = REPORT_GAUGE, .value = 0.1},
    {.name = "request_latency",
     .unit = "s",
     .kind = REPORT_TREND,
     .mean = 0.25,
     .minimum = 0.125,
     .median = 0.2,
     .maximum = 2,
     .p90 = 0.5,
     .p95 = 1,
     .p99 = 1.5,
     .samples = 12000,
     .answered = 12000},
    {.name = "handshake_time", .unit = "s", .kind = REPORT_TREND},
};
static const report_machine machine = {.wall_s = 2.5,
                                       .threads = 4,
                                       .events = 123456,
                                       .events_per_s = 49382.4,
                                       .bytes_per_device = 8912,
                                       .resident_bytes_per_device = 11000,
                                       .started = "2024-05-01T12:00:00Z"};

static judge_finding finding(void) {
    judge_finding f = {.unit = "5.9-3-2 a",
                       .provision = "5.9-3",
                       .verdict = JUDGE_FAIL,
                       .sentence = "A herd came."};
    judge_finding_measure(&f, "busiest second", "attempts/s", 131, JUDGE_AT_MOST, 20, 1250);
    judge_finding_measure(&f, "back online", "share", 0.5, JUDGE_AT_LEAST, 1, 1000);
    judge_finding_inform(&f, "time to 100 % online", "s", NAN, 1000, "not all came back");
    return f;
}

static report_run run_with(const judge_finding *f) {
    return (report_run){
        .scenario = "scenarios/5.9-3/power-restore-street.lua",
        .title = "A street comes back",
        .version = "0.1.0",
        .world = "virtual",
        .repeat = "blackstart run scenarios/5.9-3/power-restore-street.lua --seed 7",
        .seed = 7,
        .homes = 250,
        .devices = 1000,
        .duration = 3600 * SIM_SECOND + 1,
        .parameters = parameters,
        .parameter_count = 2,
        .triggers = triggers,
        .trigger_count = 2,
        .findings = f,
        .finding_count = 1,
        .metrics = metrics,
        .metric_count = 4,
        .story = story,
        .story_count = 1,
        .fingerprint = 0xabc,
        .machine = &machine};
}

static char *written(const report_run *run, int wanted) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_int_equal(report_summary_json(file, run, 1250, 3600), wanted);
    assert_int_equal(fclose(file), 0);
    return text;
}

static json_t *parsed(const char *text) {
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) fail_msg("line %d: %s", error.line, error.text);
    return root;
}

static void test_members_in_order(void **state) {
    (void)state;
    static const char *const wanted[] = {
        "schema",      "scenario",   "title",    "version",      "world",           "target",
        "repeat",      "seed",       "homes",    "devices",      "duration_s",      "interrupted",
        "error",       "parameters", "triggers", "trigger_at_s", "capacity",        "attempts",
        "seconds",     "verdicts",   "metrics",  "story",        "trigger_devices", "declarations",
        "fingerprint", "machine"};
    judge_finding f = finding();
    report_run run = run_with(&f);
    char *text = written(&run, 0);
    json_t *root = parsed(text), *value;
    const char *key;
    size_t i = 0;
    json_object_foreach(root, key, value) {
        assert_true(i < sizeof wanted / sizeof *wanted);
        assert_string_equal(key, wanted[i++]);
    }
    assert_int_equal(i, sizeof wanted / sizeof *wanted);
    assert_string_equal(json_string_value(json_object_get(root, "schema")), REPORT_SUMMARY_SCHEMA);
    json_decref(root);
    free(text);
}

static void test_values(void **state) {
    (void)state;
    static const char *const lines[] = {
        "\n  \"seed\": 7,\n",
        "\n  \"target\": null,\n",
        "\n  \"duration_s\": 3600.000000001,\n",
        "\n  \"interrupted\": false,\n",
        "\n    \"law\": {\n      \"value\": \"fixed\",\n      \"given\": true\n    }\n",
        "\n  \"attempts\": 1250,\n  \"seconds\": 3600,\n",
        "\n          \"value\": 131.0,\n          \"relation\": \"at most\",\n",
        "\n          \"threshold\": 20.0,\n          \"samples\": 1250,\n          \"holds\": "
        "false,\n",
        "\n          \"value\": null,\n          \"relation\": \"none\",\n          \"threshold\": "
        "null,\n",
        "\n          \"holds\": true,\n          \"note\": \"not all came back\"\n",
        "\"kind\": \"gauge\",\n      \"unit\": \"\",\n      \"value\": 0.1\n",
        "\"samples\": 0,\n      \"answered\": 0,\n      \"more_than\": [],\n      "
        "\"mean\": null,\n",
        "\n          \"value\": 0.5,\n          \"relation\": \"at least\",\n",
        "\n          \"threshold\": 1.0,\n",
        "\n      \"at_s\": 600.0,\n",
        "\n  \"fingerprint\": \"0000000000000abc\",\n",
    };
    judge_finding f = finding();
    report_run run = run_with(&f);
    char *text = written(&run, 0);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (strstr(text, lines[i]) == NULL) fail_msg("no %s in %s", lines[i], text);
    free(text);
}

/* Left out or not, the machine stands on the last line but one, alone. */
static void test_machine_apart(void **state) {
    (void)state;
    judge_finding f = finding();
    report_run with = run_with(&f), without = run_with(&f);
    without.machine = NULL;
    char *text = written(&with, 0), *repeatable = written(&without, 0);
    char *line = strstr(text,
                        "\n  \"machine\": {\"started\": \"2024-05-01T12:00:00Z\", \"wall_s\": 2.5, "
                        "\"threads\": 4, ");
    char *null_line = strstr(repeatable, "\n  \"machine\": null\n}\n");
    assert_non_null(line);
    assert_non_null(null_line);
    assert_string_equal(strchr(line + 1, '\n'), "\n}\n");
    assert_int_equal(line - text, null_line - repeatable);
    assert_memory_equal(text, repeatable, (size_t)(line - text));
    free(text);
    free(repeatable);
}

/* Whatever the strings hold, it is JSON, and what is text comes back. */
static void test_hostile_text(void **state) {
    (void)state;
    static const struct {
        const char *text, *back;
    } rows[] = {{"quote \" backslash \\ slash /", "quote \" backslash \\ slash /"},
                {"control \x01\x1b[31m\n\t\x7f", "control \x01\x1b[31m\n\t\x7f"},
                {"bad \xff\xc3", "bad \xEF\xBF\xBD\xEF\xBF\xBD"},
                {"\u2028 Stra\u00dfe \U0001f525", "\u2028 Stra\u00dfe \U0001f525"},
                {"\n}\n", "\n}\n"},
                {"", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *t = rows[i].text;
        const report_parameter parameter = {t, t, true};
        judge_finding f = finding();
        judge_finding_say(&f, "%s", t);
        report_run run = run_with(&f);
        run.scenario = run.title = run.target = run.repeat = run.error = t;
        run.parameters = &parameter;
        run.parameter_count = 1;
        run.triggers = &t;
        run.trigger_count = 1;
        char *text = written(&run, 0);
        json_t *root = parsed(text);
        assert_string_equal(json_string_value(json_object_get(root, "title")), rows[i].back);
        assert_string_equal(json_string_value(json_array_get(json_object_get(root, "triggers"), 0)),
                            rows[i].back);
        json_t *given = json_object_get(json_object_get(root, "parameters"), rows[i].back);
        assert_string_equal(json_string_value(json_object_get(given, "value")), rows[i].back);
        assert_non_null(strstr(text, "\n  \"machine\": "));
        json_decref(root);
        free(text);
    }
}

static void test_numbers_that_are_none(void **state) {
    (void)state;
    static const double values[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        const report_metric metric = {
            .name = "m", .unit = "", .kind = REPORT_GAUGE, .value = values[i]};
        judge_finding f = finding();
        report_run run = run_with(&f);
        run.metrics = &metric;
        run.metric_count = 1;
        char *text = written(&run, 0);
        assert_non_null(strstr(text, "\"value\": null"));
        json_decref(parsed(text));
        free(text);
    }
}

static void test_numbers_that_are_too_large(void **state) {
    (void)state;
    judge_finding f = finding();
    report_run run = run_with(&f);
    run.seed = INT64_MAX;
    char *text = written(&run, 0);
    assert_non_null(strstr(text, "\n  \"seed\": 9223372036854775807,\n"));
    free(text);
    run.seed = (uint64_t)INT64_MAX + 1;
    text = written(&run, SIM_ERANGE);
    assert_string_equal(text, "");
    free(text);
}

/* Decimal numbers of up to 15 digits come back as they are. */
static void test_numbers_round_trip(void **state) {
    (void)state;
    for (uint64_t i = 1; i < 2000; i++) {
        double value = (double)(i * 123457) / 1e6;
        const report_metric metric = {
            .name = "m", .unit = "", .kind = REPORT_GAUGE, .value = value};
        judge_finding f = finding();
        report_run run = run_with(&f);
        run.metrics = &metric;
        run.metric_count = 1;
        char *text = written(&run, 0);
        json_t *root = parsed(text);
        json_t *back =
            json_object_get(json_object_get(json_object_get(root, "metrics"), "m"), "value");
        assert_true(json_real_value(back) == value);
        json_decref(root);
        free(text);
    }
}

static void test_empty_run(void **state) {
    (void)state;
    const report_run run = {
        .scenario = "", .title = "", .version = "", .world = "virtual", .repeat = ""};
    char *text = written(&run, 0);
    json_decref(parsed(text));
    free(text);
}

/* Everything that a run has to say, no number twice: one that took another's place would show. */
static void say_everything(FILE *file) {
    static const report_parameter one = {"homes", "251", true};
    static const char *const protocols[] = {"CoAP", "MQTT", NULL};
    static const sim_time at[] = {3 * SIM_SECOND, SIM_NEVER};
    static const uint64_t struck[] = {41, 42};
    static const report_metric trend = {.name = "request_latency",
                                        .unit = "s",
                                        .kind = REPORT_TREND,
                                        .mean = 51,
                                        .minimum = 52,
                                        .median = 53,
                                        .maximum = 54,
                                        .p90 = 55,
                                        .p95 = 56,
                                        .p99 = 57,
                                        .samples = 1000,
                                        .answered = 925};
    static const report_machine with = {.wall_s = 61,
                                        .threads = 62,
                                        .events = 63,
                                        .events_per_s = 64,
                                        .bytes_per_device = 65,
                                        .resident_bytes_per_device = 66,
                                        .lateness_p99_s = 67,
                                        .unread_p99_s = 68,
                                        .processor_most = 69,
                                        .started = "then"};
    static const judge_ixit ixit = {
        .resilience = {{"R1", "a battery", JUDGE_OUTAGE_POWER, "it says when it dies"}},
        .interfaces = {{"I1", "a radio", "it waits"}},
        .telemetry = {{"T1", "counts", "health", "rates", "none", 1U << RECORD_ANOMALY_CLONE}},
        .resilience_count = 1,
        .interface_count = 1,
        .telemetry_count = 1};
    static const judge_episodes episodes = {
        .items = {{.at = 71 * SIM_SECOND, .pauses = 2, .seconds = {72, 73}, .from_start = {true}}},
        .count = 1,
        .more = 74,
        .declared = 1,
        .law = {{75, 76, 77}}};
    judge_finding f = {.unit = "a unit", .provision = "5.9-3", .verdict = JUDGE_WARN};
    judge_finding_say(&f, "Said.");
    f.defects = 1U << JUDGE_DEFECT_FIXED | 1U << JUDGE_DEFECT_GIVES_UP;
    judge_finding_measure(&f, "first", "s", 81, JUDGE_AT_LEAST, 82, 83);
    const report_run run = {.scenario = "a.lua",
                            .title = "A title",
                            .version = "9",
                            .world = "real",
                            .target = "over there",
                            .repeat = "again",
                            .seed = 31,
                            .homes = 32,
                            .devices = 33,
                            .duration = 34 * SIM_SECOND,
                            .interrupted = true,
                            .error = "an error",
                            .parameters = &one,
                            .parameter_count = 1,
                            .triggers = triggers,
                            .trigger_count = 2,
                            .trigger_at = at,
                            .capacity = 35,
                            .findings = &f,
                            .finding_count = 1,
                            .episodes = &episodes,
                            .metrics = &trend,
                            .metric_count = 1,
                            .story = story,
                            .story_count = 1,
                            .trigger_struck = struck,
                            .declarations = {&ixit, "a law", protocols},
                            .fingerprint = 38,
                            .machine = &with};
    assert_int_equal(report_summary_json(file, &run, 36, 37), 0);
}

/* All of it, as it must be: ' stands for ". */
static const char *const everything =
    "{'schema':'blackstart-summary-1','scenario':'a.lua','title':'A title','version':'9',"
    "'world':'real','target':'over there','repeat':'again','seed':31,'homes':32,'devices':33,"
    "'duration_s':34.0,'interrupted':true,'error':'an error',"
    "'parameters':{'homes':{'value':'251','given':true}},'triggers':['start','power restore'],"
    "'trigger_at_s':[3.0,null],'capacity':35.0,'attempts':36,'seconds':37,"
    "'verdicts':[{'unit':'a unit','provision':'5.9-3','verdict':'WARN','sentence':'Said.',"
    "'defects':['fixed','gives up'],'measures':[{'name':'first','unit':'s','value':81.0,"
    "'relation':'at least','threshold':82.0,'samples':83,'holds':false,'note':null}],"
    "'episodes':{'outages':[{'at_s':71.0,'pauses':2,'pauses_s':[72.0,73.0],"
    "'from_start':[true,false],'back':false}],'more':74,"
    "'declared':[{'p5_s':75.0,'median_s':76.0,'p95_s':77.0}]}}],"
    "'metrics':{'request_latency':{'kind':'trend','unit':'s','samples':1000,'answered':925,"
    "'more_than':['mean','maximum','p95','p99'],'mean':51.0,'minimum':52.0,'median':53.0,"
    "'maximum':54.0,'p90':55.0,'p95':56.0,'p99':57.0}},"
    "'story':[{'at_s':600.0,'text':'power cut: 250 homes, 1000 devices'}],"
    "'trigger_devices':[41,42],"
    "'declarations':{'law':'a law','protocols':['CoAP','MQTT'],'resilience':[{'id':'R1',"
    "'description':'a battery','type':'power outage','guarantees':'it says when it dies'}],"
    "'interfaces':[{'id':'I1','description':'a radio','resilience_measures':'it waits'}],"
    "'telemetry':[{'id':'T1','description':'counts','purpose':'health',"
    "'security_examination':'rates','looks_for':['clone'],'personal_data':'none'}]},"
    "'fingerprint':'0000000000000026',"
    "'machine':{'started':'then','wall_s':61.0,'threads':62,'events':63,'events_per_s':64.0,"
    "'bytes_per_device':65.0,'resident_bytes_per_device':66.0,'lateness_p99_s':67.0,"
    "'unread_p99_s':68.0,'processor_most':69.0}}";

static void test_every_number_in_its_place(void **state) {
    (void)state;
    char *text = NULL, *wanted = strdup(everything);
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    say_everything(file);
    assert_int_equal(fclose(file), 0);
    for (char *at = wanted; *at != '\0'; at++)
        if (*at == '\'') *at = '"';
    json_t *root = parsed(text), *right = parsed(wanted);
    char *said = json_dumps(root, JSON_COMPACT), *due = json_dumps(right, JSON_COMPACT);
    assert_string_equal(said, due);
    sim_free(said);
    sim_free(due);
    json_decref(root);
    json_decref(right);
    free(text);
    free(wanted);
}

static int write_one(void *context) {
    (void)context;
    judge_finding f = finding();
    report_run run = run_with(&f);
    FILE *file = fopen("/dev/null", "w");
    int error = report_summary_json(file, &run, 1250, 3600);
    fclose(file);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    assert_true(fail_every_allocation(write_one, NULL) > 50);
}

static void test_full_disk(void **state) {
    (void)state;
    judge_finding f = finding();
    report_run run = run_with(&f);
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL) skip();
    setvbuf(full, NULL, _IONBF, 0);
    assert_int_equal(report_summary_json(full, &run, 0, 0), SIM_EIO);
    fclose(full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_in_order),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_machine_apart),
        cmocka_unit_test(test_hostile_text),
        cmocka_unit_test(test_numbers_that_are_none),
        cmocka_unit_test(test_numbers_that_are_too_large),
        cmocka_unit_test(test_numbers_round_trip),
        cmocka_unit_test(test_every_number_in_its_place),
        cmocka_unit_test(test_empty_run),
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
