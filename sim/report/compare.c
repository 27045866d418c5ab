/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/judge/words.h"

/* Everything that grows is counted first: in a summary that is never more than it has members. */
typedef struct lists {
    report_comparison *c;
    size_t change_room, difference_room, setting_room;
} lists;

enum { ITEMS_MAX = 1000 }; /* of a list that are looked at: more than any run of ours has */

static size_t items(const json_t *array) {
    size_t count = json_array_size(array);
    return count < ITEMS_MAX ? count : ITEMS_MAX;
}

static size_t members(const report_result *r, const char *key) {
    const json_t *value = json_object_get(r->summary, key);
    return json_is_array(value) ? items(value) : json_object_size(value);
}

static size_t measures(const report_result *r) {
    const json_t *verdicts = json_object_get(r->summary, "verdicts");
    size_t count = 0;
    for (size_t i = 0; i < items(verdicts); i++)
        count += items(json_object_get(json_array_get(verdicts, i), "measures"));
    return count;
}

/* ---- one value against another ---- */

static double relative(double a, double b) {
    if (isnan(a) && isnan(b)) return 0;
    if (isnan(a) || isnan(b)) return 1;
    double larger = fmax(fabs(a), fabs(b));
    return larger > 0 ? fmin(1, fabs(b - a) / larger) : 0;
}

/* As they are shown: 1e-80 and 1e-90 are both 0. */
static bool look_alike(const report_difference *d) {
    char a[REPORT_DIFFERENCE_MAX], b[REPORT_DIFFERENCE_MAX];
    return strcmp(report_difference_side(d, 0, a), report_difference_side(d, 1, b)) == 0;
}

static void add_difference(lists *l, report_difference d) {
    d.relative = relative(d.values[0], d.values[1]);
    if (!d.decides && (d.relative <= 0 || look_alike(&d))) return;
    SIM_PROMISE(l->c->difference_count < l->difference_room);
    l->c->differences[l->c->difference_count++] = d;
}

bool report_difference_said(const report_difference *d, int side) {
    return d->there[side] || !isnan(d->values[side]);
}

char *report_difference_side(const report_difference *d, int side,
                             char text[REPORT_DIFFERENCE_MAX]) {
    char value[REPORT_VALUE_MAX];
    (void)snprintf(
        text, REPORT_DIFFERENCE_MAX, "%s%s", d->more[side] ? "more than " : "",
        report_measure_text(d->name, d->values[side], d->values[1 - side], d->unit, value));
    return text;
}

static const char *judged(const report_difference *d) {
    double a = d->values[0], b = d->values[1];
    if (d->relation == JUDGE_NONE || (!(a < b) && !(b < a))) return "";
    return (b < a) == (d->relation == JUDGE_AT_MOST) ? ", better" : ", worse";
}

/* "+2,327", "-0.5". */
static char *with_sign(double value, char text[JUDGE_WORD_MAX]) {
    char number[JUDGE_WORD_MAX];
    (void)snprintf(text, JUDGE_WORD_MAX, "%s%.40s", value < 0 ? "-" : "+",
                   judge_words_number(fabs(value), number, sizeof number));
    return text;
}

/* What one of the two lower bounds leaves open: the true difference is larger, or nobody knows. */
static const char *open_end(const report_difference *d) {
    if (d->more[0] == d->more[1]) return d->more[0] ? " of what is known" : "";
    bool grows = d->values[1] >= d->values[0];
    return grows == d->more[1] ? " or more" : " of what is known";
}

char *report_difference_text(const report_difference *d, char text[REPORT_CHANGE_MAX]) {
    static const double many = 10;
    double a = d->values[0], b = d->values[1], percent = 100 * (b - a) / fabs(a);
    char number[JUDGE_WORD_MAX];
    const char *form = "%s %%%s%s";
    if (isnan(a) || isnan(b)) {
        const int none = isnan(a) ? 0 : 1;
        char value[REPORT_VALUE_MAX];
        if (d->there[none])
            (void)snprintf(text, REPORT_CHANGE_MAX, "%s in %c",
                           report_measure_text(d->name, NAN, NAN, d->unit, value), "AB"[none]);
        else
            (void)snprintf(text, REPORT_CHANGE_MAX, "only in %c", "BA"[none]);
        return text;
    }
    if (strcmp(d->unit, "share") == 0) {
        form = "%s points%s%s";
        with_sign(100 * (b - a), number);
    } else if (!(a < 0 || a > 0)) {
        form = "%s%s%s";
        with_sign(b, number);
    } else if (a > 0 && b / a >= many) {
        form = "x %s%s%s";
        judge_words_number(b / a, number, sizeof number);
    } else {
        bool fine = fabs(percent) < 1 || (fabs(percent) > 99 && fabs(percent) < 100);
        with_sign(fine ? percent : round(percent), number);
    }
    (void)snprintf(text, REPORT_CHANGE_MAX, form, number, open_end(d), judged(d));
    return text;
}

/* How many before element `i` have the same text there: the second check of a kind is compared with
 * the second. */
static size_t occurrence(const json_t *array, const char *key, size_t i) {
    const char *text = record_json_text(json_array_get(array, i), key);
    size_t count = 0;
    for (size_t k = 0; k < i; k++)
        count += strcmp(record_json_text(json_array_get(array, k), key), text) == 0;
    return count;
}

/* What `other` has in the place of element `i`; NULL: nothing. */
static const json_t *counterpart(const json_t *array, size_t i, const json_t *other,
                                 const char *key) {
    const char *text = record_json_text(json_array_get(array, i), key);
    size_t left = occurrence(array, key, i);
    for (size_t k = 0; k < items(other); k++) {
        const json_t *one = json_array_get(other, k);
        if (strcmp(record_json_text(one, key), text) == 0 && left-- == 0) return one;
    }
    return NULL;
}

static bool holds(const json_t *measure) {
    return !json_is_false(json_object_get(measure, "holds"));
}

static judge_relation relation_of(const json_t *measure) {
    const char *word = record_json_text(measure, "relation");
    for (judge_relation r = JUDGE_NONE; r <= JUDGE_AT_LEAST; r++)
        if (strcmp(word, judge_relation_word(r)) == 0) return r;
    return JUDGE_NONE;
}

/* One of the two may be NULL: only the other run has it. */
static void add_measure(lists *l, const char *of, const json_t *a, const json_t *b) {
    const json_t *either = a != NULL ? a : b;
    add_difference(l,
                   (report_difference){
                       .of = of,
                       .name = record_json_text(either, "name"),
                       .unit = record_json_text(either, "unit"),
                       .values = {record_json_number(a, "value"), record_json_number(b, "value")},
                       .there = {a != NULL, b != NULL},
                       .relation = relation_of(either),
                       .decides = a != NULL && b != NULL && holds(a) != holds(b)});
}

static void compare_measures(lists *l, const char *of, const json_t *a, const json_t *b) {
    for (size_t i = 0; i < items(a); i++)
        add_measure(l, of, json_array_get(a, i), counterpart(a, i, b, "name"));
    for (size_t i = 0; i < items(b); i++)
        if (counterpart(b, i, a, "name") == NULL) add_measure(l, of, NULL, json_array_get(b, i));
}

/* ---- verdicts ---- */

static void add_change(lists *l, const char *unit, const json_t *a, const json_t *b) {
    SIM_PROMISE(l->c->change_count < l->change_room);
    l->c->changes[l->c->change_count++] =
        (report_change){unit,
                        {a != NULL ? record_json_text(a, "verdict") : NULL,
                         b != NULL ? record_json_text(b, "verdict") : NULL}};
    compare_measures(l, unit, json_object_get(a, "measures"), json_object_get(b, "measures"));
}

static void compare_verdicts(lists *l, const report_result *const runs[2]) {
    const json_t *a = json_object_get(runs[0]->summary, "verdicts");
    const json_t *b = json_object_get(runs[1]->summary, "verdicts");
    for (size_t i = 0; i < items(a); i++)
        add_change(l, record_json_text(json_array_get(a, i), "unit"), json_array_get(a, i),
                   counterpart(a, i, b, "unit"));
    for (size_t i = 0; i < items(b); i++)
        if (counterpart(b, i, a, "unit") == NULL)
            add_change(l, record_json_text(json_array_get(b, i), "unit"), NULL,
                       json_array_get(b, i));
}

/* ---- metrics, parameters ---- */

static bool is_trend(const json_t *metric) {
    return strcmp(record_json_text(metric, "kind"), "trend") == 0;
}

/* A trend is told by the value that 95 of 100 stay below. */
static double metric_value(const json_t *metric) {
    return record_json_number(metric, is_trend(metric) ? "p95" : "value");
}

static bool is_more(const json_t *metric) {
    return is_trend(metric) && record_json_lists(metric, "more_than", "p95");
}

static void add_metric(lists *l, const char *name, const json_t *a, const json_t *b) {
    add_difference(l, (report_difference){.of = "",
                                          .name = name,
                                          .unit = record_json_text(a != NULL ? a : b, "unit"),
                                          .trend = is_trend(a != NULL ? a : b),
                                          .more = {is_more(a), is_more(b)},
                                          .values = {metric_value(a), metric_value(b)}});
}

static void compare_metrics(lists *l, const report_result *const runs[2]) {
    json_t *a = json_object_get(runs[0]->summary, "metrics"),
           *b = json_object_get(runs[1]->summary, "metrics");
    const char *name;
    json_t *value;
    json_object_foreach(a, name, value) add_metric(l, name, value, json_object_get(b, name));
    json_object_foreach(b, name, value) if (json_object_get(a, name) == NULL)
        add_metric(l, name, NULL, value);
}

static void add_setting(lists *l, const char *name, const char *a, const char *b) {
    if (a != NULL && b != NULL && strcmp(a, b) == 0) return;
    if (a == NULL && b == NULL) return;
    SIM_PROMISE(l->c->setting_count < l->setting_room);
    l->c->settings[l->c->setting_count++] = (report_setting){name, {a, b}};
}

static const char *setting(const json_t *parameters, const char *name) {
    return json_string_value(json_object_get(json_object_get(parameters, name), "value"));
}

/* The name of a scenario, however it was found: "power-restore-street" of a path to it. */
static const char *scenario_name(const report_result *r, size_t *length) {
    const char *path = record_json_text(r->summary, "scenario"), *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *lua = strstr(name, ".lua");
    *length = lua != NULL && strcmp(lua, ".lua") == 0 ? (size_t)(lua - name) : strlen(name);
    return name;
}

static bool is_same_scenario(const report_result *const runs[2]) {
    size_t length[2];
    const char *names[2] = {scenario_name(runs[0], &length[0]), scenario_name(runs[1], &length[1])};
    return length[0] == length[1] && strncmp(names[0], names[1], length[0]) == 0 &&
           strcmp(record_json_text(runs[0]->summary, "title"),
                  record_json_text(runs[1]->summary, "title")) == 0;
}

static void compare_settings(lists *l, const report_result *const runs[2]) {
    static const char *const facts[] = {"scenario", "title", "version", "world", "target"};
    json_t *a = json_object_get(runs[0]->summary, "parameters"),
           *b = json_object_get(runs[1]->summary, "parameters");
    const char *name;
    json_t *value;
    for (size_t i = l->c->same_scenario; i < sizeof facts / sizeof *facts; i++)
        add_setting(l, facts[i], json_string_value(json_object_get(runs[0]->summary, facts[i])),
                    json_string_value(json_object_get(runs[1]->summary, facts[i])));
    json_object_foreach(a, name, value) add_setting(l, name, setting(a, name), setting(b, name));
    json_object_foreach(b, name, value) if (json_object_get(a, name) == NULL)
        add_setting(l, name, NULL, setting(b, name));
}

/* ---- what matters first ---- */

static int by_change(const void *left, const void *right) {
    const report_change *a = left, *b = right;
    bool same_a = a->verdicts[0] != NULL && a->verdicts[1] != NULL &&
                  strcmp(a->verdicts[0], a->verdicts[1]) == 0;
    bool same_b = b->verdicts[0] != NULL && b->verdicts[1] != NULL &&
                  strcmp(b->verdicts[0], b->verdicts[1]) == 0;
    return same_a != same_b ? same_a - same_b : strcmp(a->unit, b->unit);
}

/* 0: in both runs; 1: counts of which a few more or less say nothing; 2: in one of them only. */
static int doubt(const report_difference *d) {
    enum { FEW = 10 };
    if (isnan(d->values[0]) || isnan(d->values[1])) return 2;
    bool counted = d->of[0] == '\0' && d->unit[0] == '\0';
    return counted && fabs(d->values[0]) < FEW && fabs(d->values[1]) < FEW;
}

static int by_weight(const void *left, const void *right) {
    const report_difference *a = left, *b = right;
    bool metric_a = a->of[0] == '\0', metric_b = b->of[0] == '\0';
    if (metric_a != metric_b) return metric_a - metric_b;
    if (a->decides != b->decides) return b->decides - a->decides;
    if (doubt(a) != doubt(b)) return doubt(a) - doubt(b);
    if (a->relative < b->relative || a->relative > b->relative)
        return a->relative < b->relative ? 1 : -1;
    int order = strcmp(a->of, b->of);
    return order != 0 ? order : strcmp(a->name, b->name);
}

static int make_room(lists *l, const report_result *const runs[2]) {
    enum { FACTS = 5 };
    for (int i = 0; i < 2; i++) {
        l->change_room += members(runs[i], "verdicts");
        l->difference_room += members(runs[i], "metrics") + measures(runs[i]);
        l->setting_room += members(runs[i], "parameters");
    }
    l->setting_room += FACTS;
    l->c->changes = sim_calloc(l->change_room + 1, sizeof *l->c->changes);
    l->c->differences = sim_calloc(l->difference_room + 1, sizeof *l->c->differences);
    l->c->settings = sim_calloc(l->setting_room, sizeof *l->c->settings);
    bool made = l->c->changes != NULL && l->c->differences != NULL && l->c->settings != NULL;
    return made ? 0 : SIM_ENOMEM;
}

int report_compare(const report_result *const runs[2], report_comparison *out) {
    *out = (report_comparison){0};
    lists l = {.c = out};
    int error = make_room(&l, runs);
    if (error != 0) return error;
    out->same_scenario = is_same_scenario(runs);
    compare_verdicts(&l, runs);
    compare_metrics(&l, runs);
    compare_settings(&l, runs);
    qsort(out->changes, out->change_count, sizeof *out->changes, by_change);
    qsort(out->differences, out->difference_count, sizeof *out->differences, by_weight);
    return 0;
}

void report_comparison_deinit(report_comparison *c) {
    sim_free(c->changes);
    sim_free(c->differences);
    sim_free(c->settings);
    *c = (report_comparison){0};
}
