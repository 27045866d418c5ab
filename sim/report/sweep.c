/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/sweep.h"

#include <math.h>

#include "sim/core/heap.h"
#include "sim/core/quantile.h"
#include "sim/core/units.h"

const char *report_sweep_value(const report_sweep *s, size_t point, size_t axis) {
    for (size_t i = s->axis_count - 1; i > axis; i--) point /= s->axes[i].count;
    return s->axes[axis].values[point % s->axes[axis].count];
}

bool report_sweep_number(const char *text, double *out) {
    sim_time duration;
    if (sim_units_number(text, out) == 0 || sim_units_fraction(text, out) == 0) return true;
    if (sim_units_duration(text, &duration) != 0) return false;
    *out = sim_time_seconds(duration);
    return true;
}

bool report_sweep_numeric(const report_sweep_axis *axis) {
    double number;
    for (size_t i = 0; i < axis->count; i++)
        if (!report_sweep_number(axis->values[i], &number)) return false;
    return true;
}

report_sweep_tally report_sweep_count(const report_sweep *s, size_t point) {
    report_sweep_tally tally = {0};
    for (size_t i = point * s->seeds; i < (point + 1) * s->seeds; i++) {
        const report_sweep_run *r = &s->runs[i];
        if (r->state != REPORT_SWEEP_DONE) continue;
        tally.done++;
        tally.pass += judge_verdict_passes(r->verdict);
        tally.fail += r->verdict == JUDGE_FAIL;
        tally.inconclusive += r->verdict == JUDGE_INCONCLUSIVE;
        tally.drained_known += r->drained_known;
        tally.drained += r->drained_known && r->drained;
    }
    return tally;
}

static double known(double value) {
    return isinf(value) ? NAN : value;
}

int report_sweep_over(const report_sweep *s, size_t point, size_t column,
                      report_sweep_figure *out) {
    *out = (report_sweep_figure){.median = NAN, .minimum = NAN, .maximum = NAN};
    double *sorted = sim_malloc(s->seeds * sizeof *sorted);
    size_t n = 0;
    if (sorted == NULL) return SIM_ENOMEM;
    for (size_t i = point * s->seeds; i < (point + 1) * s->seeds; i++) {
        double value = s->values[i * s->column_count + column];
        if (s->runs[i].state != REPORT_SWEEP_DONE) continue;
        out->known += isnan(value) ? 0 : 1;
        sorted[n++] = isnan(value) ? INFINITY : value;
    }
    if (n > 0) {
        sim_sort_numbers(sorted, n);
        out->minimum = known(sorted[0]);
        out->maximum = known(sorted[n - 1]);
        out->median = known((sorted[(n - 1) / 2] + sorted[n / 2]) / 2);
    }
    sim_free(sorted);
    return 0;
}

static bool meets(const report_sweep *s, size_t run, const report_sweep_target *target) {
    if (target->column == SIZE_MAX) return judge_verdict_passes(s->runs[run].verdict);
    double value = s->values[run * s->column_count + target->column];
    if (isnan(value)) return false;
    return target->relation == JUDGE_AT_MOST ? value <= target->bound : value >= target->bound;
}

bool report_sweep_run_meets(const report_sweep *s, size_t run) {
    if (s->runs[run].state != REPORT_SWEEP_DONE) return false;
    for (size_t i = 0; i < s->target_count; i++)
        if (!meets(s, run, &s->targets[i])) return false;
    return true;
}

bool report_sweep_meets(const report_sweep *s, size_t point) {
    for (size_t run = point * s->seeds; run < (point + 1) * s->seeds; run++)
        if (!report_sweep_run_meets(s, run)) return false;
    return true;
}

bool report_sweep_decided(const report_sweep *s, size_t point) {
    bool all = true;
    for (size_t run = point * s->seeds; run < (point + 1) * s->seeds; run++) {
        bool done = s->runs[run].state == REPORT_SWEEP_DONE;
        if (done && !report_sweep_run_meets(s, run)) return true;
        all = all && done;
    }
    return all;
}

size_t report_sweep_cheapest(const report_sweep *s) {
    size_t best = SIZE_MAX;
    double least = INFINITY;
    for (size_t point = 0; point < s->points; point++) {
        double cost = 0;
        if (!report_sweep_meets(s, point)) continue;
        if (s->cost != SIZE_MAX)
            (void)report_sweep_number(report_sweep_value(s, point, s->cost), &cost);
        if (best != SIZE_MAX && cost >= least) continue;
        best = point;
        least = cost;
    }
    return best;
}

size_t report_sweep_winner(const report_sweep *s) {
    return s->interrupted || s->cost == SIZE_MAX ? SIZE_MAX : report_sweep_cheapest(s);
}

int report_sweep_lowest(const report_sweep *s, size_t column, size_t *point) {
    double least = INFINITY;
    *point = SIZE_MAX;
    for (size_t i = 0; i < s->points; i++) {
        report_sweep_figure f;
        if (!report_sweep_meets(s, i)) continue;
        int error = report_sweep_over(s, i, column, &f);
        if (error != 0) return error;
        if (f.median == least) *point = SIZE_MAX; /* two of them are none */
        if (f.median < least) *point = i;
        least = fmin(least, f.median);
    }
    return 0;
}
