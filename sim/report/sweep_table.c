/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/judge/words.h"
#include "sim/record/text.h"
#include "sim/report/sweep_write.h"

enum { CELL_MAX = 160, VALUE_MAX = 48, GAP = 2, OWN_COLUMNS = 2 /* runs, PASS */ };

typedef char cell[CELL_MAX];

/* All cells, a row after the other: two rows of head, then the points. */
typedef struct table {
    const report_sweep *s;
    size_t columns, rows;
    cell *cells; /* owned */
    size_t *widths;
    bool waves; /* some run knows whether all were back: a column of its own */
} table;

static char *at(const table *t, size_t row, size_t column) {
    return t->cells[row * t->columns + column];
}

/* Characters, not bytes: parameters may be any UTF-8. */
static size_t width(const char *text) {
    size_t n = 0;
    for (; *text != '\0'; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* In two lines, broken where the longer one is shortest. */
static void fill_head(const table *t, size_t column, const char *name) {
    char line[CELL_MAX];
    size_t n = strlen(record_text_line(name, line, sizeof line)), best = n;
    for (size_t i = 0; i < n; i++)
        if (line[i] == ' ' && (i > n - i ? i : n - i) < (best > n - best ? best : n - best))
            best = i;
    snprintf(at(t, 0, column), CELL_MAX, "%.*s", (int)best, line);
    snprintf(at(t, 1, column), CELL_MAX, "%s", best < n ? line + best + 1 : "");
}

static const char *value_text(double value, const char *unit, char text[VALUE_MAX]) {
    bool time = strcmp(unit, "s") == 0;
    if (isnan(value)) {
        snprintf(text, VALUE_MAX, "%s", time ? "never" : "-");
        return text;
    }
    if (time) return sim_time_text(sim_time_from_seconds(value), text, VALUE_MAX);
    if (strcmp(unit, "share") == 0) return judge_words_share(value, NAN, text, VALUE_MAX);
    return judge_words_number(value, text, VALUE_MAX);
}

static int fill_figure(const table *t, size_t point, size_t column, bool ranges, char *out) {
    char median[VALUE_MAX], low[VALUE_MAX], high[VALUE_MAX];
    const char *unit = t->s->columns[column].unit;
    report_sweep_figure f;
    int error = report_sweep_over(t->s, point, column, &f);
    value_text(f.median, unit, median);
    value_text(f.minimum, unit, low);
    value_text(f.maximum, unit, high);
    if (ranges && strcmp(low, high) != 0)
        snprintf(out, CELL_MAX, "%s (%s..%s)", median, low, high);
    else
        snprintf(out, CELL_MAX, "%s", median);
    return error;
}

static void fill_share(size_t part, size_t of, char *out) {
    if (of == 0)
        snprintf(out, CELL_MAX, "-");
    else
        judge_words_share((double)part / (double)of, NAN, out, CELL_MAX);
}

static int fill_row(const table *t, size_t point, bool ranges) {
    const report_sweep *s = t->s;
    size_t row = point + 2, column = 0;
    report_sweep_tally tally = report_sweep_count(s, point);
    for (size_t i = 0; i < s->axis_count; i++)
        record_text_line(report_sweep_value(s, point, i), at(t, row, column++), CELL_MAX);
    snprintf(at(t, row, column++), CELL_MAX, "%zu", tally.done);
    if (tally.done == 0)
        snprintf(at(t, row, column++), CELL_MAX, "not run");
    else
        fill_share(tally.pass, tally.done, at(t, row, column++));
    if (t->waves) fill_share(tally.drained, tally.drained_known, at(t, row, column++));
    int error = 0;
    for (size_t i = 0; i < s->column_count && error == 0; i++) {
        if (tally.done == 0)
            snprintf(at(t, row, column++), CELL_MAX, "-");
        else
            error = fill_figure(t, point, i, ranges, at(t, row, column++));
    }
    return error;
}

static int fill(const table *t, bool ranges) {
    const report_sweep *s = t->s;
    size_t column = 0;
    int error = 0;
    for (size_t i = 0; i < s->axis_count; i++) fill_head(t, column++, s->axes[i].name);
    fill_head(t, column++, "runs");
    fill_head(t, column++, "PASS");
    if (t->waves) fill_head(t, column++, "all back");
    for (size_t i = 0; i < s->column_count; i++) fill_head(t, column++, s->columns[i].name);
    for (size_t point = 0; point < s->points && error == 0; point++)
        error = fill_row(t, point, ranges);
    return error;
}

/* Sets the widths; returns that of a line. */
static size_t measure(const table *t) {
    size_t line = 0;
    for (size_t column = 0; column < t->columns; column++) {
        t->widths[column] = 0;
        for (size_t row = 0; row < t->rows; row++) {
            size_t n = width(at(t, row, column));
            if (n > t->widths[column]) t->widths[column] = n;
        }
        line += t->widths[column] + GAP;
    }
    return line;
}

static void print(const table *t, FILE *file) {
    for (size_t row = 0; row < t->rows; row++) {
        size_t blanks = GAP; /* owed: lines do not end in blanks */
        for (size_t column = 0; column < t->columns; column++) {
            const char *text = at(t, row, column);
            if (*text != '\0') fprintf(file, "%*s%s", (int)blanks, "", text);
            blanks = (*text != '\0' ? 0 : blanks) + t->widths[column] - width(text) + GAP;
        }
        fputc('\n', file);
        if (row == 1) fputc('\n', file);
    }
}

static bool has_waves(const report_sweep *s) {
    for (size_t run = 0; run < s->points * s->seeds; run++)
        if (s->runs[run].drained_known) return true;
    return false;
}

int report_sweep_table(FILE *file, const report_sweep *s, uint32_t columns) {
    table t = {.s = s, .rows = s->points + 2, .waves = has_waves(s)};
    t.columns = s->axis_count + OWN_COLUMNS + t.waves + s->column_count;
    t.cells = sim_calloc(t.rows * t.columns, sizeof *t.cells);
    t.widths = sim_calloc(t.columns, sizeof *t.widths);
    int error = t.cells != NULL && t.widths != NULL ? fill(&t, true) : SIM_ENOMEM;
    if (error == 0 && measure(&t) > columns) {
        error = fill(&t, false);
        measure(&t);
    }
    if (error == 0) print(&t, file);
    sim_free(t.cells);
    sim_free(t.widths);
    return error;
}
