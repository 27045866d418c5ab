/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>

#include "sim/report/csv.h"
#include "sim/report/sweep_write.h"

static void put_head(FILE *file, const report_sweep *s) {
    for (size_t i = 0; i < s->axis_count; i++) {
        report_csv_text(file, s->axes[i].name);
        fputc(',', file);
    }
    fputs("seed,verdict", file);
    for (size_t i = 0; i < s->column_count; i++) {
        fputc(',', file);
        report_csv_text(file, s->columns[i].name);
    }
    fputc('\n', file);
}

static void put_run(FILE *file, const report_sweep *s, size_t run) {
    for (size_t i = 0; i < s->axis_count; i++) {
        report_csv_text(file, report_sweep_value(s, run / s->seeds, i));
        fputc(',', file);
    }
    fprintf(file, "%" PRIu64 ",%s", s->first_seed + run % s->seeds,
            judge_verdict_word(s->runs[run].verdict));
    for (size_t i = 0; i < s->column_count; i++) {
        double value = s->values[run * s->column_count + i];
        fputc(',', file);
        if (isfinite(value)) fprintf(file, "%.15g", value);
    }
    fputc('\n', file);
}

int report_sweep_csv(FILE *file, const report_sweep *s) {
    put_head(file, s);
    for (size_t i = 0; i < s->points * s->seeds; i++)
        if (s->runs[i].state == REPORT_SWEEP_DONE) put_run(file, s, i);
    return ferror(file) ? SIM_EIO : 0;
}
