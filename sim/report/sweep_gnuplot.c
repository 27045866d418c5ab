/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "sim/report/sweep_write.h"

enum {
    PANELS_MAX = 4,
    LINES_MAX = 12,
    TICS_MAX = 48,
    LABEL_MAX = 60,
    PANEL_HEIGHT = 200,
    WIDTH = 900
};
static const double wide =
    20; /* a panel whose highest value is so many times the lowest gets a logarithmic axis */

/* How the grid is laid out: which axis goes along the picture, and which points make a line. */
typedef struct layout {
    const report_sweep *s;
    size_t along;  /* SIZE_MAX: the points themselves, one after another */
    size_t stride; /* from a point to the next along the axis */
    size_t panels;
} layout;

static layout lay_out(const report_sweep *s) {
    layout l = {.s = s, .along = SIZE_MAX, .stride = 1};
    for (size_t i = 0; i < s->axis_count && l.along == SIZE_MAX; i++)
        if (s->axes[i].count > 1 && report_sweep_numeric(&s->axes[i])) l.along = i;
    if (l.along != SIZE_MAX)
        for (size_t i = l.along + 1; i < s->axis_count; i++) l.stride *= s->axes[i].count;
    l.panels = s->column_count < PANELS_MAX ? s->column_count : PANELS_MAX;
    return l;
}

static size_t length(const layout *l) {
    return l->along == SIZE_MAX ? l->s->points : l->s->axes[l->along].count;
}

/* The first point of a line, SIZE_MAX behind the last line. */
static size_t first_point(const layout *l, size_t line) {
    size_t first = line / l->stride * l->stride * length(l) + line % l->stride;
    return line < l->s->points / length(l) ? first : SIZE_MAX;
}

/* Foreign text that is only that to gnuplot, whatever it says. */
static void put_plain(FILE *file, const char *text) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .%<=>:+-/";
    for (size_t n = 0; text[n] != '\0' && n < LABEL_MAX; n++)
        fputc(strchr(plain, text[n]) != NULL ? text[n] : '_', file);
}

/* "law=fixed, capacity=100" without the axis that goes along; the value alone where there is one
 * axis. */
static void put_label(FILE *file, const layout *l, size_t point) {
    bool any = false;
    for (size_t i = 0; i < l->s->axis_count; i++) {
        if (i == l->along) continue;
        fputs(any ? ", " : "", file);
        if (l->s->axis_count > 1) {
            put_plain(file, l->s->axes[i].name);
            fputc('=', file);
        }
        put_plain(file, report_sweep_value(l->s, point, i));
        any = true;
    }
}

static void put_number(FILE *file, double value) {
    if (isfinite(value))
        fprintf(file, " %.15g", value);
    else
        fputs(" NaN", file);
}

/* A row for each point: x, then median, minimum, maximum of each panel. */
static int put_line(FILE *file, const layout *l, size_t line) {
    fprintf(file, "$line%zu << END\n", line);
    for (size_t k = 0; k < length(l); k++) {
        size_t point = first_point(l, line) + k * l->stride;
        double x = (double)k;
        if (l->along != SIZE_MAX)
            (void)report_sweep_number(report_sweep_value(l->s, point, l->along), &x);
        put_number(file, x);
        for (size_t panel = 0; panel < l->panels; panel++) {
            report_sweep_figure f;
            int error = report_sweep_over(l->s, point, panel, &f);
            if (error != 0) return error;
            put_number(file, f.median);
            put_number(file, f.minimum);
            put_number(file, f.maximum);
        }
        fputc('\n', file);
    }
    fputs("END\n", file);
    return 0;
}

/* Whether the values, all above 0, are far apart. */
static bool is_wide(const layout *l, size_t panel) {
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < l->s->points * l->s->seeds; i++) {
        double value = l->s->values[i * l->s->column_count + panel];
        if (isnan(value)) continue;
        least = fmin(least, value);
        most = fmax(most, value);
    }
    return least > 0 && most > wide * least;
}

static void put_name(FILE *file, const char *name) {
    fputs("set xlabel '", file);
    put_plain(file, name);
    fputs("'\n", file);
}

/* How the values lie along the picture. */
static void put_scale(FILE *file, const layout *l) {
    double least = INFINITY, most = 0, x = 0;
    if (l->along == SIZE_MAX) {
        fprintf(file, "set xrange [-0.5:%zu.5]\nunset xtics\n", l->s->points - 1);
        return;
    }
    const report_sweep_axis *axis = &l->s->axes[l->along];
    for (size_t i = 0; i < axis->count; i++) {
        (void)report_sweep_number(axis->values[i], &x);
        least = fmin(least, x);
        most = fmax(most, x);
    }
    if (least > 0 && most > wide / 4 * least)
        fprintf(file, "set logscale x\nset xrange [%.15g:%.15g]\n", least * 0.9, most * 1.1);
}

static void put_x_axis(FILE *file, const layout *l) {
    if (l->along != SIZE_MAX) {
        put_name(file, l->s->axes[l->along].name);
        return;
    }
    if (l->s->axis_count == 1) put_name(file, l->s->axes[0].name);
    fputs("set xtics nomirror rotate by -30 (", file);
    for (size_t i = 0; i < l->s->points && i < TICS_MAX; i++) {
        fputs(i > 0 ? ", '" : "'", file);
        put_label(file, l, i);
        fprintf(file, "' %zu", i);
    }
    fputs(")\n", file);
}

/* What stands below the panels stands below the last one only. */
static void put_y_axis(FILE *file, const layout *l, size_t panel) {
    const report_sweep_column *column = &l->s->columns[panel];
    if (panel == 0) fputs("set format x ''\n", file);
    if (panel == 1) fputs("unset key\n", file);
    if (panel + 1 == l->panels) {
        fputs("set format x '%g'\n", file);
        put_x_axis(file, l);
    }
    fputs(is_wide(l, panel) ? "set logscale y\nset yrange [*:*]\n"
                            : "unset logscale y\nset yrange [0:*]\n",
          file);
    fputs("set ylabel '", file);
    put_plain(file, column->name);
    if (column->unit[0] != '\0') {
        fputs(" in ", file);
        put_plain(file, column->unit);
    }
    fputs("'\n", file);
}

static void put_panel(FILE *file, const layout *l, size_t panel) {
    size_t column = 2 + 3 * panel;
    put_y_axis(file, l, panel);
    fputs("plot ", file);
    for (size_t line = 0; line < LINES_MAX && first_point(l, line) != SIZE_MAX; line++) {
        fprintf(file, "%s$line%zu using 1:%zu:%zu:%zu with %s lw 2 pt 7 ps 0.5 title '",
                line > 0 ? ", \\\n     " : "", line, column, column + 1, column + 2,
                l->along != SIZE_MAX ? "yerrorlines" : "yerrorbars");
        if (l->along != SIZE_MAX) put_label(file, l, first_point(l, line));
        fputc('\'', file);
    }
    fputc('\n', file);
}

int report_sweep_gnuplot(FILE *file, const report_sweep *s) {
    layout l = lay_out(s);
    int height = (int)l.panels * PANEL_HEIGHT + (l.along != SIZE_MAX ? 60 : 130);
    fprintf(file,
            "set terminal svg noenhanced size %d,%d font 'sans-serif,13' background '#ffffff'\n"
            "set border 3\nset tics nomirror\nset grid ytics lc rgb '#dddddd'\nset key outside "
            "right top\n",
            WIDTH, height);
    for (size_t line = 0; line < LINES_MAX && first_point(&l, line) != SIZE_MAX; line++) {
        int error = put_line(file, &l, line);
        if (error != 0) return error;
    }
    put_scale(file, &l);
    fprintf(file,
            "set multiplot layout %zu,1 margins screen 0.11,%s,%.3f,0.98 spacing screen 0.03\n",
            l.panels, l.along != SIZE_MAX ? "0.72" : "0.92",
            (l.along != SIZE_MAX ? 60.0 : 130.0) / height);
    for (size_t panel = 0; panel < l.panels; panel++) put_panel(file, &l, panel);
    fputs("unset multiplot\n", file);
    return ferror(file) ? SIM_EIO : 0;
}
