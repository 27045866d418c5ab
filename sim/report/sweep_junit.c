/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/judge/words.h"
#include "sim/report/junit.h"
#include "sim/report/sweep_write.h"
#include "sim/report/xml.h"

enum { LINE_BYTES = 400 };

/* What becomes of a run, as a test case. */
typedef enum outcome { PASSED, FAILED, SKIPPED, OUTCOMES } outcome;

static outcome outcome_of(const report_sweep *s, size_t run) {
    const report_sweep_run *r = &s->runs[run];
    if (r->state != REPORT_SWEEP_DONE) return SKIPPED;
    if (report_sweep_run_meets(s, run)) return PASSED;
    return r->verdict == JUDGE_INCONCLUSIVE ? SKIPPED : FAILED;
}

static double wall_of(const report_sweep *s, size_t run) {
    return s->took == NULL || isnan(s->took[run]) ? 0 : s->took[run];
}

/* "tests", "failures", "errors", "skipped", "time" of the runs from `from` to before `to`. */
static void totals(report_xml *d, const report_sweep *s, size_t from, size_t to) {
    uint64_t count[OUTCOMES] = {0};
    double wall_s = 0;
    for (size_t run = from; run < to; run++) {
        count[outcome_of(s, run)]++;
        wall_s += wall_of(s, run);
    }
    report_xml_count(d, "tests", to - from);
    report_xml_count(d, "failures", count[FAILED]);
    report_xml_count(d, "errors", 0);
    report_xml_count(d, "skipped", count[SKIPPED]);
    report_xml_seconds(d, "time", wall_s);
}

/* "FAIL; busiest second is 31, wanted at most 20": the verdict, and each target of a measure. */
static const char *reason(const report_sweep *s, size_t run, char text[LINE_BYTES]) {
    size_t used =
        (size_t)snprintf(text, LINE_BYTES, "%s", judge_verdict_word(s->runs[run].verdict));
    for (size_t i = 0; i < s->target_count && used < LINE_BYTES; i++) {
        const report_sweep_target *t = &s->targets[i];
        char value[JUDGE_WORD_MAX], bound[JUDGE_WORD_MAX];
        if (t->column == SIZE_MAX) continue;
        double v = s->values[run * s->column_count + t->column];
        if (isnan(v))
            used += (size_t)snprintf(text + used, LINE_BYTES - used, "; %s was not measured",
                                     s->columns[t->column].name);
        else
            used += (size_t)snprintf(text + used, LINE_BYTES - used, "; %s is %s, wanted %s %s",
                                     s->columns[t->column].name,
                                     judge_words_beside(v, t->bound, value, sizeof value),
                                     judge_relation_word(t->relation),
                                     judge_words_beside(t->bound, v, bound, sizeof bound));
    }
    return text;
}

static void test_case(report_xml *d, const report_sweep *s, size_t run, const char *class) {
    char line[LINE_BYTES];
    outcome o = outcome_of(s, run);
    report_xml_begin(d, "testcase");
    report_xml_attribute(d, "classname", class);
    (void)snprintf(line, sizeof line, "seed %" PRIu64, s->first_seed + run % s->seeds);
    report_xml_attribute(d, "name", line);
    report_xml_seconds(d, "time", wall_of(s, run));
    if (o != PASSED) {
        report_xml_begin(d, o == FAILED ? "failure" : "skipped");
        report_xml_attribute(
            d, "message",
            s->runs[run].state == REPORT_SWEEP_DONE ? reason(s, run, line) : "not run");
        report_xml_end(d);
    }
    report_xml_end(d);
}

/* A suite for each setting; its cases are named by it as well, for some servers show no suites. */
static void suite(report_xml *d, const report_sweep *s, size_t point) {
    char setting[REPORT_SWEEP_SETTING], class[REPORT_JUNIT_CLASS + REPORT_SWEEP_SETTING];
    report_sweep_setting(s, point, SIZE_MAX, ", ", setting);
    report_xml_begin(d, "testsuite");
    report_xml_attribute(d, "name", setting);
    totals(d, s, point * s->seeds, (point + 1) * s->seeds);
    report_xml_begin(d, "properties");
    report_xml_property(d, "scenario", s->scenario);
    report_xml_property(d, "version", s->version);
    report_xml_property(d, "repeat", s->repeat);
    report_xml_end(d);
    report_junit_class(s->scenario, class);
    size_t n = strlen(class);
    (void)snprintf(class + n, sizeof class - n, "/%s", setting);
    for (char *c = class + n; *c != '\0'; c++)
        if (*c == '.') *c = '_';
    for (size_t run = point * s->seeds; run < (point + 1) * s->seeds; run++)
        test_case(d, s, run, class);
    report_xml_end(d);
}

int report_sweep_junit(FILE *file, const report_sweep *s) {
    report_xml d;
    int error = report_xml_open(&d, file);
    if (error != 0) return error;
    report_xml_begin(&d, "testsuites");
    report_xml_attribute(&d, "name", "blackstart sweep");
    totals(&d, s, 0, s->points * s->seeds);
    for (size_t point = 0; point < s->points; point++) suite(&d, s, point);
    report_xml_end(&d);
    return report_xml_close(&d);
}
