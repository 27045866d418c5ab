/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <math.h>

#include "sim/core/heap.h"
#include "sim/report/sweep_write.h"

/* All of these give NULL when memory ran out, and json_pack and json_*_new pass that on: only the end has to look. */

static json_t *real(double value) {
    return isfinite(value) ? json_real(value == 0 ? 0 : value) : json_null(); /* no "-0.0" */
}

/* Takes `item` over. */
static json_t *with(json_t *array, json_t *item) {
    if (array != NULL && json_array_append_new(array, item) == 0) return array;
    json_decref(array);
    return NULL;
}

static json_t *set_parameters(const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->set_count; i++)
        all = with(all, json_pack("{s:s,s:s}", "name", s->set[i].name, "value", s->set[i].value));
    return all;
}

static json_t *axes(const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->axis_count; i++) {
        json_t *values = json_array();
        for (size_t k = 0; k < s->axes[i].count; k++) values = with(values, json_string(s->axes[i].values[k]));
        all = with(all, json_pack("{s:s,s:o}", "name", s->axes[i].name, "values", values));
    }
    return all;
}

static json_t *columns(const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->column_count; i++)
        all = with(all, json_pack("{s:s,s:s}", "name", s->columns[i].name, "unit", s->columns[i].unit));
    return all;
}

static json_t *point_values(const report_sweep *s, size_t point) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->axis_count; i++) all = with(all, json_string(report_sweep_value(s, point, i)));
    return all;
}

static json_t *figures(const report_sweep *s, size_t point) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->column_count; i++) {
        report_sweep_figure f;
        if (report_sweep_over(s, point, i, &f) != 0) {
            json_decref(all);
            return NULL;
        }
        all = with(all, json_pack("{s:o,s:o,s:o,s:I}", "median", real(f.median), "minimum", real(f.minimum),
                                  "maximum", real(f.maximum), "runs", (json_int_t)f.known));
    }
    return all;
}

static json_t *drained(const report_sweep_tally *tally) {
    return tally->drained_known > 0 ? json_integer((json_int_t)tally->drained) : json_null();
}

static json_t *points(const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->points; i++) {
        report_sweep_tally tally = report_sweep_count(s, i);
        all = with(all, json_pack("{s:o,s:I,s:I,s:I,s:I,s:o,s:b,s:o}", "values", point_values(s, i), "runs",
                                  (json_int_t)tally.done, "pass", (json_int_t)tally.pass, "fail",
                                  (json_int_t)tally.fail, "inconclusive", (json_int_t)tally.inconclusive,
                                  "drained", drained(&tally), "meets", report_sweep_meets(s, i) ? 1 : 0,
                                  "figures", figures(s, i)));
    }
    return all;
}

static json_t *targets(const report_sweep *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->target_count; i++) all = with(all, json_string(s->targets[i].text));
    return all;
}

static json_t *cheapest(const report_sweep *s) {
    size_t point = s->interrupted ? SIZE_MAX : report_sweep_cheapest(s);
    return json_pack("{s:o,s:s?,s:o,s:s?}", "meet", targets(s), "parameter",
                     s->cost == SIZE_MAX ? NULL : s->axes[s->cost].name, "point",
                     point == SIZE_MAX ? json_null() : json_integer((json_int_t)point), "sentence",
                     s->sentence);
}

int report_sweep_json(FILE *file, const report_sweep *s) {
    if (s->first_seed > INT64_MAX - s->seeds) return SIM_ERANGE;
    json_set_alloc_funcs(sim_malloc, sim_free);
    json_t *root = json_pack("{s:s,s:s,s:s?,s:s,s:s,s:b,s:o,s:{s:I,s:I},s:o,s:o,s:o,s:o}", "schema",
                             REPORT_SWEEP_SCHEMA, "scenario", s->scenario, "title", s->title, "version",
                             s->version, "repeat", s->repeat, "interrupted", s->interrupted ? 1 : 0, "set",
                             set_parameters(s), "seeds", "first", (json_int_t)s->first_seed, "count",
                             (json_int_t)s->seeds, "vary", axes(s), "columns", columns(s), "points",
                             points(s), "cheapest", cheapest(s));
    if (root == NULL) return SIM_ENOMEM;
    int error = json_dumpf(root, file, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) != 0;
    json_decref(root);
    if (error != 0) return ferror(file) ? SIM_EIO : SIM_ENOMEM;
    return fputc('\n', file) == EOF ? SIM_EIO : 0;
}
