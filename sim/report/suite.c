/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/suite.h"

#include <string.h>

#include "sim/judge/words.h"
#include "sim/report/junit.h"
#include "sim/report/xml.h"

enum { NAME_BYTES = 512, LINE_BYTES = 400 };

/* Checks of a run, by what became of them. */
typedef struct tally {
    uint64_t tests, failures, errors, skipped;
} tally;

static const json_t *verdicts_of(const report_suite_run *r) {
    return r->error != NULL ? NULL : json_object_get(r->summary, "verdicts");
}

static bool is(const json_t *verdict, judge_verdict kind) {
    return strcmp(record_json_text(verdict, "verdict"), judge_verdict_word(kind)) == 0;
}

static void add(tally *t, const report_suite_run *r) {
    const json_t *all = verdicts_of(r), *one;
    size_t i;
    if (!r->ran || r->error != NULL) {
        t->tests++;
        t->errors += r->ran;
        t->skipped += !r->ran;
        return;
    }
    t->tests += json_array_size(all);
    json_array_foreach(all, i, one) {
        t->failures += is(one, JUDGE_FAIL);
        t->skipped += is(one, JUDGE_INCONCLUSIVE);
    }
}

static void head(report_xml *d, const char *name, const tally *t, double wall_s) {
    report_xml_attribute(d, "name", name);
    report_xml_count(d, "tests", t->tests);
    report_xml_count(d, "failures", t->failures);
    report_xml_count(d, "errors", t->errors);
    report_xml_count(d, "skipped", t->skipped);
    report_xml_seconds(d, "time", wall_s);
}

static void properties(report_xml *d, const report_suite_run *r) {
    char digits[32];
    report_xml_begin(d, "properties");
    report_xml_property(d, "scenario", r->scenario);
    if (r->summary != NULL) {
        report_xml_property(d, "version", record_json_text(r->summary, "version"));
        report_xml_property(d, "repeat", record_json_text(r->summary, "repeat"));
        (void)snprintf(digits, sizeof digits, "%.3f", record_json_number(r->summary, "duration_s"));
        report_xml_property(d, "duration_s", digits);
    }
    report_xml_end(d);
}

/* A measure that does not hold, as report_junit has it. */
static void measure(report_xml *d, const json_t *m) {
    char line[LINE_BYTES], value[JUDGE_WORD_MAX], threshold[JUDGE_WORD_MAX];
    double v = record_json_number(m, "value"), limit = record_json_number(m, "threshold");
    if (!json_is_false(json_object_get(m, "holds"))) return;
    (void)snprintf(line, sizeof line, "\n%s: %s %s, wanted %s %s", record_json_text(m, "name"),
                   judge_words_beside(v, limit, value, sizeof value), record_json_text(m, "unit"),
                   record_json_text(m, "relation"),
                   judge_words_beside(limit, v, threshold, sizeof threshold));
    report_xml_words(d, line);
}

static void failure(report_xml *d, const json_t *verdict) {
    const char *sentence = record_json_text(verdict, "sentence");
    const json_t *one;
    size_t i;
    report_xml_begin(d, "failure");
    report_xml_attribute(d, "message", sentence);
    report_xml_attribute(d, "type", judge_verdict_word(JUDGE_FAIL));
    report_xml_words(d, sentence);
    json_array_foreach(json_object_get(verdict, "measures"), i, one) measure(d, one);
    report_xml_end(d);
}

static void begin_case(report_xml *d, const report_suite_run *r, const char *name, double wall_s) {
    char class[REPORT_JUNIT_CLASS];
    report_xml_begin(d, "testcase");
    report_xml_attribute(d, "classname", report_junit_class(r->scenario, class));
    report_xml_attribute(d, "name", name);
    report_xml_seconds(d, "time", wall_s);
}

static void message(report_xml *d, const char *element, const char *text) {
    report_xml_begin(d, element);
    report_xml_attribute(d, "message", text);
    report_xml_end(d);
}

static void warning(report_xml *d, const char *sentence) {
    report_xml_begin(d, "properties");
    report_xml_begin(d, "property");
    report_xml_attribute(d, "name", "verdict");
    report_xml_attribute(d, "value", judge_verdict_word(JUDGE_WARN));
    report_xml_end(d);
    report_xml_end(d);
    report_xml_begin(d, "system-out");
    report_xml_words(d, sentence);
    report_xml_end(d);
}

/* Two cases of one name would be taken for one. */
static void name_case(const json_t *all, size_t index, char name[NAME_BYTES]) {
    const char *unit = record_json_text(json_array_get(all, index), "unit");
    size_t before = 0;
    for (size_t i = 0; i < index; i++)
        before += strcmp(record_json_text(json_array_get(all, i), "unit"), unit) == 0;
    (void)snprintf(name, NAME_BYTES, "%.200s", unit);
    size_t used = strlen(name);
    if (before > 0) (void)snprintf(name + used, NAME_BYTES - used, " (%zu)", before + 1);
}

/* The time of a run is told once: its checks are made in no time of their own. */
static void checks(report_xml *d, const report_suite_run *r) {
    const json_t *all = verdicts_of(r), *one;
    size_t i;
    json_array_foreach(all, i, one) {
        char name[NAME_BYTES];
        name_case(all, i, name);
        begin_case(d, r, name, i == 0 ? r->wall_s : 0);
        if (is(one, JUDGE_WARN)) warning(d, record_json_text(one, "sentence"));
        if (is(one, JUDGE_FAIL)) failure(d, one);
        if (is(one, JUDGE_INCONCLUSIVE)) message(d, "skipped", record_json_text(one, "sentence"));
        report_xml_end(d);
    }
}

static void suite(report_xml *d, const report_suite_run *r) {
    tally t = {0};
    add(&t, r);
    report_xml_begin(d, "testsuite");
    const char *title = r->summary != NULL ? record_json_text(r->summary, "title") : "";
    head(d, title[0] != '\0' ? title : r->scenario, &t, r->wall_s);
    properties(d, r);
    if (r->ran && r->error == NULL) {
        checks(d, r);
    } else {
        begin_case(d, r, "run", r->wall_s);
        if (r->ran)
            message(d, "error", r->error);
        else
            message(d, "skipped",
                    r->error != NULL ? r->error : "The suite was ended before its turn.");
        report_xml_end(d);
    }
    report_xml_end(d);
}

int report_suite_junit(FILE *file, const report_suite_run *runs, size_t count, double wall_s) {
    report_xml d;
    tally all = {0};
    int error = report_xml_open(&d, file);
    if (error != 0) return error;
    for (size_t i = 0; i < count; i++) add(&all, &runs[i]);
    report_xml_begin(&d, "testsuites");
    head(&d, "blackstart", &all, wall_s);
    for (size_t i = 0; i < count; i++) suite(&d, &runs[i]);
    report_xml_end(&d);
    return report_xml_close(&d);
}
