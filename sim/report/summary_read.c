/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary_read.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/report/summary_json.h"
#include "sim/report/text.h"

/* jansson 2.14 tells a lack of memory in its reader as an error of syntax, or not at all: what it then gives is not what stands in the file. */
static _Thread_local bool short_of_memory;

static void *noting_malloc(size_t size) {
    void *p = sim_malloc(size);
    short_of_memory = short_of_memory || p == NULL;
    return p;
}

void report_summary_deinit(report_summary *s) {
    sim_free(s->values);
    *s = (report_summary){0};
}

/* A member as text, "" when it is none. */
static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static int refuse(char *why, size_t size, const char *reason) {
    snprintf(why, size, "%s", reason);
    return SIM_EPARSE;
}

/* There is room: REPORT_READ_VALUES_MAX are allocated, what is more is not taken. */
static void take(report_summary *s, const char *check, const char *name, const json_t *from) {
    const json_t *number = json_object_get(from, "value");
    if (s->count == REPORT_READ_VALUES_MAX) return;
    report_value *v = &s->values[s->count++];
    report_text_line(check, v->check, sizeof v->check);
    report_text_line(name, v->name, sizeof v->name);
    report_text_line(text_of(from, "unit"), v->unit, sizeof v->unit);
    v->value = json_is_number(number) ? json_number_value(number) : NAN;
}

static bool verdict_named(const char *word, judge_verdict *out) {
    static const judge_verdict all[] = {JUDGE_PASS, JUDGE_FAIL, JUDGE_INCONCLUSIVE};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        *out = all[i];
        if (strcmp(word, judge_verdict_word(all[i])) == 0) return true;
    }
    return false;
}

/* Whether `one` outweighs what was found so far. */
static bool is_worse(judge_verdict one, judge_verdict so_far) {
    static const int weight[] = {[JUDGE_PASS] = 0, [JUDGE_INCONCLUSIVE] = 1, [JUDGE_FAIL] = 2};
    return weight[one] > weight[so_far];
}

static int take_finding(report_summary *s, const json_t *finding, bool first, char *why, size_t size) {
    judge_verdict verdict;
    const json_t *measures = json_object_get(finding, "measures");
    if (!verdict_named(text_of(finding, "verdict"), &verdict))
        return refuse(why, size, "a verdict in it is neither PASS nor FAIL nor INCONCLUSIVE");
    if (first || is_worse(verdict, s->verdict)) {
        s->verdict = verdict;
        report_text_line(text_of(finding, "sentence"), s->sentence, sizeof s->sentence);
    }
    for (size_t i = 0; i < json_array_size(measures); i++) {
        const json_t *one = json_array_get(measures, i);
        take(s, text_of(finding, "unit"), text_of(one, "name"), one);
    }
    return 0;
}

static void take_metrics(report_summary *s, json_t *metrics) {
    const char *name;
    json_t *one;
    json_object_foreach(metrics, name, one) {
        if (strcmp(text_of(one, "kind"), "trend") != 0) take(s, "metrics", name, one);
    }
}

static int take_all(report_summary *s, const json_t *root, char *why, size_t size) {
    const json_t *verdicts = json_object_get(root, "verdicts");
    if (strcmp(text_of(root, "schema"), REPORT_SUMMARY_SCHEMA) != 0)
        return refuse(why, size, "it is not a summary of a run by this program");
    s->values = sim_calloc(REPORT_READ_VALUES_MAX, sizeof *s->values);
    if (s->values == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < json_array_size(verdicts); i++) {
        int error = take_finding(s, json_array_get(verdicts, i), i == 0, why, size);
        if (error != 0) return error;
    }
    take_metrics(s, json_object_get(root, "metrics"));
    return 0;
}

int report_summary_read(FILE *file, report_summary *out, char *why, size_t size) {
    json_error_t trouble;
    *out = (report_summary){.verdict = JUDGE_PASS};
    short_of_memory = false;
    json_set_alloc_funcs(noting_malloc, sim_free);
    json_t *root = json_loadf(file, JSON_REJECT_DUPLICATES, &trouble);
    json_set_alloc_funcs(sim_malloc, sim_free);
    if (root == NULL && !short_of_memory) return refuse(why, size, "it is not whole or not JSON");
    int error = short_of_memory ? SIM_ENOMEM : take_all(out, root, why, size);
    json_decref(root);
    if (error != 0) report_summary_deinit(out);
    return error;
}

const report_value *report_summary_find(const report_summary *s, const char *name) {
    for (size_t i = 0; i < s->count; i++) {
        const report_value *v = &s->values[i];
        size_t n = strlen(v->check);
        if (strcmp(name, v->name) == 0) return v;
        if (strncmp(name, v->check, n) == 0 && strncmp(name + n, ": ", 2) == 0 &&
            strcmp(name + n + 2, v->name) == 0)
            return v;
    }
    return NULL;
}
