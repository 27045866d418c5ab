/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/junit.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "sim/judge/words.h"
#include "sim/report/xml.h"

enum { NAME_MAX_BYTES = 64, MEASURE_LINE_MAX = 400 };

char *report_junit_class(const char *scenario, char name[REPORT_JUNIT_CLASS]) {
    (void)snprintf(name, REPORT_JUNIT_CLASS, "%s", scenario);
    size_t n = strlen(name);
    if (n > 4 && strcmp(name + n - 4, ".lua") == 0) name[n - 4] = '\0';
    for (char *c = name; *c != '\0'; c++)
        if (*c == '.') *c = '_';
    return name;
}

static double wall_of(const report_run *run) {
    return run->machine != NULL ? run->machine->wall_s : 0;
}

static void begin_case(report_xml *d, const report_run *run, const char *name, double wall_s) {
    char class[REPORT_JUNIT_CLASS];
    report_xml_begin(d, "testcase");
    report_xml_attribute(d, "classname", report_junit_class(run->scenario, class));
    report_xml_attribute(d, "name", name);
    report_xml_seconds(d, "time", wall_s);
}

static void parameter(report_xml *d, const report_parameter *p) {
    char name[NAME_MAX_BYTES];
    (void)snprintf(name, sizeof name, "parameter.%.50s", p->name);
    report_xml_property(d, name, p->value);
}

static void properties(report_xml *d, const report_run *run) {
    char digits[24];
    report_xml_begin(d, "properties");
    report_xml_property(d, "scenario", run->scenario);
    report_xml_property(d, "version", run->version);
    report_xml_property(d, "world", run->world);
    report_xml_property(d, "target", run->target);
    (void)snprintf(digits, sizeof digits, "%" PRIu64, run->seed);
    report_xml_property(d, "seed", digits);
    (void)snprintf(digits, sizeof digits, "%016" PRIx64, run->fingerprint);
    report_xml_property(d, "fingerprint", digits);
    (void)snprintf(digits, sizeof digits, "%.3f", sim_time_seconds(run->duration));
    report_xml_property(d, "duration_s", digits);
    report_xml_property(d, "repeat", run->repeat);
    for (size_t i = 0; i < run->parameter_count; i++) parameter(d, &run->parameters[i]);
    report_xml_end(d);
}

/* "busiest second 131 attempts/s, at most 20: does not hold" */
static void measure(report_xml *d, const judge_measure *m) {
    char line[MEASURE_LINE_MAX], value[JUDGE_WORD_MAX], threshold[JUDGE_WORD_MAX];
    bool decides = m->relation != JUDGE_NONE;
    (void)snprintf(
        line, sizeof line, "\n%s: %s %s%s%s%s%s", m->name,
        judge_words_beside(m->value, m->threshold, value, sizeof value), m->unit,
        decides ? ", wanted " : "", decides ? judge_relation_word(m->relation) : "",
        decides ? " " : "",
        decides ? judge_words_beside(m->threshold, m->value, threshold, sizeof threshold) : "");
    report_xml_words(d, line);
}

/* The sentence as the message; below it the measures that do not hold. */
static void outcome(report_xml *d, const char *element, const char *type, const judge_finding *f) {
    report_xml_begin(d, element);
    report_xml_attribute(d, "message", f->sentence);
    if (type != NULL) report_xml_attribute(d, "type", type);
    if (type != NULL) report_xml_words(d, f->sentence);
    for (size_t i = 0; i < f->measure_count && type != NULL; i++)
        if (!f->measures[i].holds && !f->measures[i].open) measure(d, &f->measures[i]);
    report_xml_end(d);
}

/* How many findings before this one have its name: two cases of one name would be taken for one. */
static size_t namesakes_before(const report_run *run, size_t index) {
    size_t n = 0;
    for (size_t i = 0; i < index; i++)
        n += strcmp(run->findings[i].unit, run->findings[index].unit) == 0 ? 1 : 0;
    return n;
}

/* A case that passes with a word about it: a property for programs, an output for people. */
static void warning(report_xml *d, const judge_finding *f) {
    report_xml_begin(d, "properties");
    report_xml_begin(d, "property");
    report_xml_attribute(d, "name", "verdict");
    report_xml_attribute(d, "value", judge_verdict_word(JUDGE_WARN));
    report_xml_end(d);
    report_xml_end(d);
    report_xml_begin(d, "system-out");
    report_xml_words(d, f->sentence);
    report_xml_end(d);
}

static void test_case(report_xml *d, const report_run *run, size_t index) {
    const judge_finding *f = &run->findings[index];
    char name[NAME_MAX_BYTES];
    size_t before = namesakes_before(run, index);
    if (before == 0)
        (void)snprintf(name, sizeof name, "%s", f->unit);
    else
        (void)snprintf(name, sizeof name, "%s (%zu)", f->unit, before + 1);
    begin_case(d, run, name, index == 0 ? wall_of(run) : 0);
    if (f->verdict == JUDGE_WARN) warning(d, f);
    if (f->verdict == JUDGE_FAIL) outcome(d, "failure", "FAIL", f);
    if (f->verdict == JUDGE_INCONCLUSIVE) outcome(d, "skipped", NULL, f);
    report_xml_end(d);
}

/* A run that never came to its verdicts must not look like one without checks. */
static void run_case(report_xml *d, const report_run *run) {
    begin_case(d, run, "run", run->finding_count == 0 ? wall_of(run) : 0);
    report_xml_begin(d, run->error != NULL ? "error" : "skipped");
    report_xml_attribute(d, "message",
                         run->error != NULL ? run->error
                         : run->interrupted ? "The run was interrupted before it could be judged."
                                            : "The scenario asked for no verdict.");
    report_xml_end(d);
    report_xml_end(d);
}

static bool needs_run_case(const report_run *run) {
    return run->error != NULL || run->finding_count == 0;
}

static uint64_t how_many(const report_run *run, judge_verdict verdict) {
    uint64_t n = 0;
    for (size_t i = 0; i < run->finding_count; i++)
        n += run->findings[i].verdict == verdict ? 1 : 0;
    return n;
}

static void totals(report_xml *d, const report_run *run) {
    bool extra = needs_run_case(run), failed = run->error != NULL;
    report_xml_count(d, "tests", run->finding_count + (extra ? 1 : 0));
    report_xml_count(d, "failures", how_many(run, JUDGE_FAIL));
    report_xml_count(d, "errors", extra && failed ? 1 : 0);
    report_xml_count(d, "skipped", how_many(run, JUDGE_INCONCLUSIVE) + (extra && !failed ? 1 : 0));
    report_xml_seconds(d, "time", wall_of(run));
}

static void suite(report_xml *d, const report_run *run) {
    report_xml_begin(d, "testsuites");
    report_xml_attribute(d, "name", "blackstart");
    totals(d, run);
    report_xml_begin(d, "testsuite");
    report_xml_attribute(d, "name", run->title != NULL ? run->title : run->scenario);
    totals(d, run);
    properties(d, run);
    for (size_t i = 0; i < run->finding_count; i++) test_case(d, run, i);
    if (needs_run_case(run)) run_case(d, run);
    report_xml_end(d);
    report_xml_end(d);
}

int report_junit(FILE *file, const report_run *run) {
    report_xml d;
    int error = report_xml_open(&d, file);
    if (error != 0) return error;
    suite(&d, run);
    return report_xml_close(&d);
}
