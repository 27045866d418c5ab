/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/json_private.h"
#include "sim/report/sweep_write.h"

static json_t *set_parameters(report_json_writer *w, const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->set_count; i++) {
        json_t *one = json_object();
        report_json_set(w, one, "name", report_json_string(s->set[i].name));
        report_json_set(w, one, "value", report_json_string(s->set[i].value));
        report_json_append(w, all, one);
    }
    return all;
}

static json_t *axes(report_json_writer *w, const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->axis_count; i++) {
        json_t *one = json_object(), *values = json_array();
        for (size_t k = 0; k < s->axes[i].count; k++)
            report_json_append(w, values, report_json_string(s->axes[i].values[k]));
        report_json_set(w, one, "name", report_json_string(s->axes[i].name));
        report_json_set(w, one, "values", values);
        report_json_append(w, all, one);
    }
    return all;
}

static json_t *columns(report_json_writer *w, const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->column_count; i++) {
        json_t *one = json_object();
        report_json_set(w, one, "name", report_json_string(s->columns[i].name));
        report_json_set(w, one, "unit", report_json_string(s->columns[i].unit));
        report_json_append(w, all, one);
    }
    return all;
}

static json_t *figures(report_json_writer *w, const report_sweep *s, size_t point) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->column_count && w->error == 0; i++) {
        report_sweep_figure f;
        json_t *one = json_object();
        w->error = report_sweep_over(s, point, i, &f);
        report_json_set(w, one, "median", report_json_real(f.median));
        report_json_set(w, one, "minimum", report_json_real(f.minimum));
        report_json_set(w, one, "maximum", report_json_real(f.maximum));
        report_json_set(w, one, "runs", report_json_count(w, f.known));
        report_json_append(w, all, one);
    }
    return all;
}

static json_t *point_of(report_json_writer *w, const report_sweep *s, size_t point) {
    report_sweep_tally tally = report_sweep_count(s, point);
    json_t *one = json_object(), *values = json_array();
    for (size_t i = 0; i < s->axis_count; i++)
        report_json_append(w, values, report_json_string(report_sweep_value(s, point, i)));
    report_json_set(w, one, "values", values);
    report_json_set(w, one, "runs", report_json_count(w, tally.done));
    report_json_set(w, one, "pass", report_json_count(w, tally.pass));
    report_json_set(w, one, "fail", report_json_count(w, tally.fail));
    report_json_set(w, one, "inconclusive", report_json_count(w, tally.inconclusive));
    report_json_set(w, one, "drained",
                    tally.drained_known > 0 ? report_json_count(w, tally.drained) : json_null());
    report_json_set(
        w, one, "meets",
        report_sweep_decided(s, point) ? json_boolean(report_sweep_meets(s, point)) : json_null());
    report_json_set(w, one, "figures", figures(w, s, point));
    return one;
}

static json_t *points(report_json_writer *w, const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->points && w->error == 0; i++)
        report_json_append(w, all, point_of(w, s, i));
    return all;
}

static json_t *seeds(report_json_writer *w, const report_sweep *s) {
    json_t *one = json_object();
    report_json_set(w, one, "first", report_json_count(w, s->first_seed));
    report_json_set(w, one, "count", report_json_count(w, s->seeds));
    return one;
}

static json_t *cheapest(report_json_writer *w, const report_sweep *s) {
    size_t point = report_sweep_winner(s);
    json_t *one = json_object(), *meet = json_array();
    for (size_t i = 0; i < s->target_count; i++)
        report_json_append(w, meet, report_json_string(s->targets[i].text));
    report_json_set(w, one, "meet", meet);
    report_json_set(w, one, "parameter",
                    report_json_string(s->cost == SIZE_MAX ? NULL : s->axes[s->cost].name));
    report_json_set(w, one, "point", point == SIZE_MAX ? json_null() : report_json_count(w, point));
    report_json_set(w, one, "sentence", report_json_string(s->sentence));
    return one;
}

int report_sweep_json(FILE *file, const report_sweep *s) {
    report_json_writer w = {0};
    json_set_alloc_funcs(sim_malloc, sim_free);
    json_t *root = json_object();
    report_json_set(&w, root, "schema", report_json_string(REPORT_SWEEP_SCHEMA));
    report_json_set(&w, root, "scenario", report_json_string(s->scenario));
    report_json_set(&w, root, "title", report_json_string(s->title));
    report_json_set(&w, root, "version", report_json_string(s->version));
    report_json_set(&w, root, "repeat", report_json_string(s->repeat));
    report_json_set(&w, root, "interrupted", json_boolean(s->interrupted));
    report_json_set(&w, root, "set", set_parameters(&w, s));
    report_json_set(&w, root, "seeds", seeds(&w, s));
    report_json_set(&w, root, "vary", axes(&w, s));
    report_json_set(&w, root, "columns", columns(&w, s));
    report_json_set(&w, root, "points", points(&w, s));
    report_json_set(&w, root, "cheapest", cheapest(&w, s));
    if (w.error == 0) w.error = report_json_dump(file, root, false, JSON_INDENT(2));
    if (w.error == 0 && fputc('\n', file) == EOF) w.error = SIM_EIO;
    json_decref(root);
    return w.error;
}
