/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/json_private.h"
#include "sim/report/sweep_write.h"

static json_t *set_parameters(writer *w, const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->set_count; i++) {
        json_t *one = json_object();
        set(w, one, "name", text(s->set[i].name));
        set(w, one, "value", text(s->set[i].value));
        append(w, all, one);
    }
    return all;
}

static json_t *axes(writer *w, const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->axis_count; i++) {
        json_t *one = json_object(), *values = json_array();
        for (size_t k = 0; k < s->axes[i].count; k++) append(w, values, text(s->axes[i].values[k]));
        set(w, one, "name", text(s->axes[i].name));
        set(w, one, "values", values);
        append(w, all, one);
    }
    return all;
}

static json_t *columns(writer *w, const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->column_count; i++) {
        json_t *one = json_object();
        set(w, one, "name", text(s->columns[i].name));
        set(w, one, "unit", text(s->columns[i].unit));
        append(w, all, one);
    }
    return all;
}

static json_t *figures(writer *w, const report_sweep *s, size_t point) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->column_count && w->error == 0; i++) {
        report_sweep_figure f;
        json_t *one = json_object();
        w->error = report_sweep_over(s, point, i, &f);
        set(w, one, "median", real(f.median));
        set(w, one, "minimum", real(f.minimum));
        set(w, one, "maximum", real(f.maximum));
        set(w, one, "runs", count(w, f.known));
        append(w, all, one);
    }
    return all;
}

static json_t *point_of(writer *w, const report_sweep *s, size_t point) {
    report_sweep_tally tally = report_sweep_count(s, point);
    json_t *one = json_object(), *values = json_array();
    for (size_t i = 0; i < s->axis_count; i++)
        append(w, values, text(report_sweep_value(s, point, i)));
    set(w, one, "values", values);
    set(w, one, "runs", count(w, tally.done));
    set(w, one, "pass", count(w, tally.pass));
    set(w, one, "fail", count(w, tally.fail));
    set(w, one, "inconclusive", count(w, tally.inconclusive));
    set(w, one, "drained", tally.drained_known > 0 ? count(w, tally.drained) : json_null());
    set(w, one, "meets",
        report_sweep_decided(s, point) ? json_boolean(report_sweep_meets(s, point)) : json_null());
    set(w, one, "figures", figures(w, s, point));
    return one;
}

static json_t *points(writer *w, const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->points && w->error == 0; i++) append(w, all, point_of(w, s, i));
    return all;
}

static json_t *seeds(writer *w, const report_sweep *s) {
    json_t *one = json_object();
    set(w, one, "first", count(w, s->first_seed));
    set(w, one, "count", count(w, s->seeds));
    return one;
}

static json_t *cheapest(writer *w, const report_sweep *s) {
    size_t point = report_sweep_winner(s);
    json_t *one = json_object(), *meet = json_array();
    for (size_t i = 0; i < s->target_count; i++) append(w, meet, text(s->targets[i].text));
    set(w, one, "meet", meet);
    set(w, one, "parameter", text(s->cost == SIZE_MAX ? NULL : s->axes[s->cost].name));
    set(w, one, "point", point == SIZE_MAX ? json_null() : count(w, point));
    set(w, one, "sentence", text(s->sentence));
    return one;
}

int report_sweep_json(FILE *file, const report_sweep *s) {
    writer w = {0};
    json_set_alloc_funcs(sim_malloc, sim_free);
    json_t *root = json_object();
    set(&w, root, "schema", text(REPORT_SWEEP_SCHEMA));
    set(&w, root, "scenario", text(s->scenario));
    set(&w, root, "title", text(s->title));
    set(&w, root, "version", text(s->version));
    set(&w, root, "repeat", text(s->repeat));
    set(&w, root, "interrupted", json_boolean(s->interrupted));
    set(&w, root, "set", set_parameters(&w, s));
    set(&w, root, "seeds", seeds(&w, s));
    set(&w, root, "vary", axes(&w, s));
    set(&w, root, "columns", columns(&w, s));
    set(&w, root, "points", points(&w, s));
    set(&w, root, "cheapest", cheapest(&w, s));
    if (w.error == 0) w.error = dump(file, root, false, JSON_INDENT(2));
    if (w.error == 0 && fputc('\n', file) == EOF) w.error = SIM_EIO;
    json_decref(root);
    return w.error;
}
