/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/heap.h"
#include "sim/record/json_write.h"
#include "sim/report/sweep_write.h"

static json_t *set_parameters(record_json_writer *w, const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->set_count; i++) {
        json_t *one = json_object();
        record_json_set(w, one, "name", record_json_string(s->set[i].name));
        record_json_set(w, one, "value", record_json_string(s->set[i].value));
        record_json_append(w, all, one);
    }
    return all;
}

static json_t *axes(record_json_writer *w, const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->axis_count; i++) {
        json_t *one = json_object(), *values = json_array();
        for (size_t k = 0; k < s->axes[i].count; k++)
            record_json_append(w, values, record_json_string(s->axes[i].values[k]));
        record_json_set(w, one, "name", record_json_string(s->axes[i].name));
        record_json_set(w, one, "values", values);
        record_json_append(w, all, one);
    }
    return all;
}

static json_t *columns(record_json_writer *w, const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->column_count; i++) {
        json_t *one = json_object();
        record_json_set(w, one, "name", record_json_string(s->columns[i].name));
        record_json_set(w, one, "unit", record_json_string(s->columns[i].unit));
        record_json_append(w, all, one);
    }
    return all;
}

static json_t *figures(record_json_writer *w, const report_sweep *s, size_t point) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->column_count && w->error == 0; i++) {
        report_sweep_figure f;
        json_t *one = json_object();
        w->error = report_sweep_over(s, point, i, &f);
        record_json_set(w, one, "median", record_json_real(f.median));
        record_json_set(w, one, "minimum", record_json_real(f.minimum));
        record_json_set(w, one, "maximum", record_json_real(f.maximum));
        record_json_set(w, one, "runs", record_json_count(w, f.known));
        record_json_append(w, all, one);
    }
    return all;
}

static json_t *point_of(record_json_writer *w, const report_sweep *s, size_t point) {
    report_sweep_tally tally = report_sweep_count(s, point);
    json_t *one = json_object(), *values = json_array();
    for (size_t i = 0; i < s->axis_count; i++)
        record_json_append(w, values, record_json_string(report_sweep_value(s, point, i)));
    record_json_set(w, one, "values", values);
    record_json_set(w, one, "runs", record_json_count(w, tally.done));
    record_json_set(w, one, "pass", record_json_count(w, tally.pass));
    record_json_set(w, one, "fail", record_json_count(w, tally.fail));
    record_json_set(w, one, "inconclusive", record_json_count(w, tally.inconclusive));
    record_json_set(w, one, "drained",
                    tally.drained_known > 0 ? record_json_count(w, tally.drained) : json_null());
    record_json_set(
        w, one, "meets",
        report_sweep_decided(s, point) ? json_boolean(report_sweep_meets(s, point)) : json_null());
    record_json_set(w, one, "figures", figures(w, s, point));
    return one;
}

static json_t *points(record_json_writer *w, const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->points && w->error == 0; i++)
        record_json_append(w, all, point_of(w, s, i));
    return all;
}

static json_t *seeds(record_json_writer *w, const report_sweep *s) {
    json_t *one = json_object();
    record_json_set(w, one, "first", record_json_count(w, s->first_seed));
    record_json_set(w, one, "count", record_json_count(w, s->seeds));
    return one;
}

static json_t *cheapest(record_json_writer *w, const report_sweep *s) {
    size_t point = report_sweep_winner(s);
    json_t *one = json_object(), *meet = json_array();
    for (size_t i = 0; i < s->target_count; i++)
        record_json_append(w, meet, record_json_string(s->targets[i].text));
    record_json_set(w, one, "meet", meet);
    record_json_set(w, one, "parameter",
                    record_json_string(s->cost == SIZE_MAX ? NULL : s->axes[s->cost].name));
    record_json_set(w, one, "point", point == SIZE_MAX ? json_null() : record_json_count(w, point));
    record_json_set(w, one, "sentence", record_json_string(s->sentence));
    return one;
}

int report_sweep_json(FILE *file, const report_sweep *s) {
    record_json_writer w = {0};
    json_set_alloc_funcs(sim_malloc, sim_free);
    json_t *root = json_object();
    record_json_set(&w, root, "schema", record_json_string(REPORT_SWEEP_SCHEMA));
    record_json_set(&w, root, "scenario", record_json_string(s->scenario));
    record_json_set(&w, root, "title", record_json_string(s->title));
    record_json_set(&w, root, "version", record_json_string(s->version));
    record_json_set(&w, root, "repeat", record_json_string(s->repeat));
    record_json_set(&w, root, "interrupted", json_boolean(s->interrupted));
    record_json_set(&w, root, "set", set_parameters(&w, s));
    record_json_set(&w, root, "seeds", seeds(&w, s));
    record_json_set(&w, root, "vary", axes(&w, s));
    record_json_set(&w, root, "columns", columns(&w, s));
    record_json_set(&w, root, "points", points(&w, s));
    record_json_set(&w, root, "cheapest", cheapest(&w, s));
    if (w.error == 0) w.error = record_json_dump(file, root, false, JSON_INDENT(2));
    if (w.error == 0 && fputc('\n', file) == EOF) w.error = SIM_EIO;
    json_decref(root);
    return w.error;
}
