/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>

#include "sim/core/heap.h"
#include "sim/report/page_html.h"
#include "sim/report/page_json.h"
#include "sim/report/sweep_write.h"
#include "sim/report/value.h"

/* Bounds that keep the page below 400 KB, whatever was varied; what is beyond is in sweep.csv. */
enum { POINTS_MAX = 250, ROWS_MAX = 60, COLUMNS_MAX = 5, VALUES_MAX = 200 };

static size_t shown_points(const report_sweep *s) {
    return s->points < POINTS_MAX ? s->points : POINTS_MAX;
}

static size_t shown_columns(const report_sweep *s) {
    return s->column_count < COLUMNS_MAX ? s->column_count : COLUMNS_MAX;
}

/* ---- the table ---- */

static char *share_text(size_t part, size_t whole, char to[REPORT_VALUE_MAX]) {
    double share = whole > 0 ? (double)part / (double)whole : NAN;
    (void)report_value_text(share, NAN, "share", to);
    return to;
}

static void figure_cell(FILE *out, const report_sweep_column *column,
                        const report_sweep_figure *f) {
    char median[REPORT_VALUE_MAX], low[REPORT_VALUE_MAX], high[REPORT_VALUE_MAX],
        all[3 * REPORT_VALUE_MAX + 8];
    bool time = strcmp(column->unit, "s") == 0;
    const char *none = time ? "never" : "\u2013";
    const char *unit =
        /* its name tells the others */
        time || strcmp(column->unit, "share") == 0 ? column->unit : "";
    (void)report_value_text(f->median, NAN, unit, median);
    (void)report_value_text(f->minimum, NAN, unit, low);
    (void)report_value_text(f->maximum, NAN, unit, high);
    /* what looks alike is no range */
    bool one = isnan(f->minimum) || strcmp(low, high) == 0;
    snprintf(all, sizeof all, one ? "%s" : "%s (%s to %s)", isnan(f->median) ? none : median, low,
             isnan(f->maximum) ? none : high);
    report_html_raw(out, "<td data-column=\"");
    report_html_text(out, column->name);
    report_html_raw(out, "\">");
    report_html_text(out, all);
    report_html_raw(out, "</td>");
}

static const char not_run[] = "not run";

/* What its table says of a point besides its figures. */
typedef struct praise {
    size_t winner;              /* the cheapest point; SIZE_MAX: nothing has a price */
    size_t lowest[COLUMNS_MAX]; /* of each column, where nothing has a price; SIZE_MAX: none */
} praise;

/* The lowest of several that are good enough: of one alone there is nothing to say. */
static int find_praise(const report_sweep *s, praise *p) {
    size_t good = 0;
    p->winner = report_sweep_winner(s);
    for (size_t i = 0; i < s->points; i++) good += report_sweep_meets(s, i);
    for (size_t i = 0; i < COLUMNS_MAX; i++) p->lowest[i] = SIZE_MAX;
    for (size_t i = 0; i < shown_columns(s); i++) {
        if (s->cost != SIZE_MAX || s->interrupted || good < 2) continue;
        int error = report_sweep_lowest(s, i, &p->lowest[i]);
        if (error != 0) return error;
    }
    return 0;
}

static void say_praise(FILE *out, const report_sweep *s, size_t point, const praise *p) {
    bool any = false;
    if (point == p->winner)
        report_html_raw(out, " <span class=\"given\">cheapest that is good enough</span>");
    for (size_t i = 0; i < shown_columns(s); i++) {
        if (p->lowest[i] != point) continue;
        report_html_raw(out, any ? ", " : " <span class=\"given\">of the good enough, lowest in ");
        report_html_text(out, s->columns[i].name);
        any = true;
    }
    if (any) report_html_raw(out, "</span>");
}

/* Nothing is said of a setting that did not run, and no "no" of one that has met its target so
 * far. */
static const char *good_enough(const report_sweep *s, size_t point, size_t done) {
    if (done == 0) return not_run;
    if (!report_sweep_decided(s, point)) return "not all run";
    return report_sweep_meets(s, point) ? "\u2713 yes" : "\u2717 no";
}

static int point_row(FILE *out, const report_sweep *s, size_t point, const praise *p) {
    char setting[REPORT_SWEEP_SETTING], share[REPORT_VALUE_MAX];
    report_sweep_tally tally = report_sweep_count(s, point);
    report_sweep_setting(s, point, SIZE_MAX, ", ", setting);
    fprintf(out, "<tr%s><th scope=\"row\">", point == p->winner ? " class=\"cheapest\"" : "");
    report_html_text(out, setting);
    say_praise(out, s, point, p);
    report_html_raw(out, "</th>");
    report_html_cell(out, "PASS",
                     tally.done == 0 ? not_run : share_text(tally.pass, tally.done, share));
    report_html_cell(out, "good enough", good_enough(s, point, tally.done));
    for (size_t i = 0; i < shown_columns(s); i++) {
        report_sweep_figure f;
        int error = report_sweep_over(s, point, i, &f);
        if (error != 0) return error;
        if (tally.done == 0)
            report_html_cell(out, s->columns[i].name, not_run);
        else
            figure_cell(out, &s->columns[i], &f);
    }
    report_html_raw(out, "</tr>\n");
    return 0;
}

static int settings(FILE *out, const report_sweep *s) {
    praise p;
    int error = find_praise(s, &p);
    report_html_raw(
        out,
        "<p class=\"quiet\">The middle over the seeds, with the lowest and the highest where they "
        "differ.</p>"
        "<table><thead><tr><th scope=\"col\">setting</th><th scope=\"col\">PASS</th><th "
        "scope=\"col\">good "
        "enough</th>");
    for (size_t i = 0; i < shown_columns(s); i++)
        report_html_element(out, "th scope=\"col\"", s->columns[i].name);
    report_html_raw(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < s->points && error == 0; i++)
        if (i < ROWS_MAX || i == p.winner) error = point_row(out, s, i, &p);
    report_html_raw(out, "</tbody></table>\n");
    if (s->points > ROWS_MAX)
        fprintf(out,
                "<p>These are the first %d of %zu settings. All of them are in sweep.csv.</p>\n",
                (int)ROWS_MAX, s->points);
    return error;
}

/* ---- data for the script ---- */

static void put_number(FILE *out, double value) {
    if (isfinite(value))
        fprintf(out, "%.6g", value);
    else
        report_html_raw(out, "null");
}

static int put_axis(FILE *out, const report_sweep_axis *axis) {
    size_t count = axis->count < VALUES_MAX ? axis->count : VALUES_MAX;
    report_html_raw(out, "{\"name\":");
    int error = report_page_text(out, axis->name);
    report_html_raw(out, ",\"values\":[");
    for (size_t i = 0; i < count && error == 0; i++) {
        if (i > 0) report_html_raw(out, ",");
        error = report_page_text(out, axis->values[i]);
    }
    report_html_raw(out, "],\"numbers\":");
    for (size_t i = 0; i < count && report_sweep_numeric(axis); i++) {
        double value = NAN;
        (void)report_sweep_number(axis->values[i], &value);
        report_html_raw(out, i == 0 ? "[" : ",");
        put_number(out, value);
    }
    report_html_raw(out, report_sweep_numeric(axis) ? "]}" : "null}");
    return error;
}

static int put_point(FILE *out, const report_sweep *s, size_t point) {
    size_t stride = s->points;
    fprintf(out, "{\"runs\":%zu,\"meets\":%s,\"at\":[", report_sweep_count(s, point).done,
            !report_sweep_decided(s, point) ? "null"
            : report_sweep_meets(s, point)  ? "true"
                                            : "false");
    for (size_t i = 0; i < s->axis_count; i++) {
        stride /= s->axes[i].count;
        fprintf(out, "%s%zu", i > 0 ? "," : "", point / stride % s->axes[i].count);
    }
    report_html_raw(out, "],\"figures\":[");
    for (size_t i = 0; i < shown_columns(s); i++) {
        report_sweep_figure f;
        int error = report_sweep_over(s, point, i, &f);
        if (error != 0) return error;
        report_html_raw(out, i > 0 ? ",[" : "[");
        put_number(out, f.median);
        report_html_raw(out, ",");
        put_number(out, f.minimum);
        report_html_raw(out, ",");
        put_number(out, f.maximum);
        report_html_raw(out, "]");
    }
    report_html_raw(out, "]}");
    return 0;
}

static int put_columns(FILE *out, const report_sweep *s) {
    int error = 0;
    for (size_t i = 0; i < shown_columns(s) && error == 0; i++) {
        report_html_raw(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        error = report_page_text(out, s->columns[i].name);
        report_html_raw(out, ",\"unit\":");
        if (error == 0) error = report_page_text(out, s->columns[i].unit);
        report_html_raw(out, "}");
    }
    return error;
}

static int put_data(FILE *out, const report_sweep *s) {
    int error = 0;
    report_html_raw(out, "{\"sweep\":{\"axes\":[");
    for (size_t i = 0; i < s->axis_count && error == 0; i++) {
        if (i > 0) report_html_raw(out, ",\n");
        error = put_axis(out, &s->axes[i]);
    }
    report_html_raw(out, "],\n\"columns\":[");
    if (error == 0) error = put_columns(out, s);
    report_html_raw(out, "],\n\"points\":[");
    for (size_t i = 0; i < shown_points(s) && error == 0; i++) {
        if (i > 0) report_html_raw(out, ",\n");
        error = put_point(out, s, i);
    }
    fprintf(out, "],\n\"all\":%zu,\"seeds\":%zu,\"cheapest\":", s->points, s->seeds);
    if (report_sweep_winner(s) < shown_points(s))
        fprintf(out, "%zu", report_sweep_winner(s));
    else
        report_html_raw(out, "null");
    report_html_raw(out, "}}");
    return error;
}

/* ---- the page ---- */

static void introduce(FILE *out, const report_sweep *s) {
    static const char *const sections[][2] = {{"pictures", "Pictures"}, {"verdicts", "Settings"}};
    const char *title = s->title != NULL && s->title[0] != '\0' ? s->title : s->scenario;
    report_page_head(out, "Sweep: ", title);
    report_html_raw(out, "<header>");
    report_page_views(out);
    report_html_element(out, "h1", title);
    if (s->sentence != NULL) report_html_element(out, "p class=\"sentence found\"", s->sentence);
    fprintf(out, "<p>%zu setting%s with %zu seed%s each.</p>\n", s->points,
            s->points == 1 ? "" : "s", s->seeds, s->seeds == 1 ? "" : "s");
    if (s->interrupted)
        report_html_raw(
            out,
            "<p class=\"trouble\" role=\"note\">The sweep was interrupted: everything here rests "
            "on the runs "
            "that were done until then, and the cheapest setting was not sought.</p>\n");
    report_html_raw(out, "<p class=\"quiet\">To repeat this sweep:</p>");
    report_html_element(
        out,
        "pre class=\"repeat\" tabindex=\"0\" aria-label=\"the command that repeats this sweep\"",
        s->repeat != NULL ? s->repeat : "");
    report_page_contents(out, sections, sizeof sections / sizeof *sections);
    report_html_raw(out, "</header>\n<main>\n");
}

static void setting_facts(FILE *out, const report_sweep *s) {
    if (s->set_count == 0) return;
    report_page_heading(out, 3, "", "same", "The same for all runs");
    report_html_raw(out, "<dl class=\"facts\">\n");
    for (size_t i = 0; i < s->set_count; i++) {
        report_html_raw(out, "<div>");
        report_html_element(out, "dt", s->set[i].name);
        report_html_element(out, "dd", s->set[i].value);
        report_html_raw(out, "</div>\n");
    }
    report_html_raw(out, "</dl>\n");
}

int report_sweep_page(FILE *out, const report_sweep *s) {
    json_set_alloc_funcs(sim_malloc, sim_free);
    introduce(out, s);
    report_page_pictures(out);
    report_html_raw(out, "<section aria-labelledby=\"verdicts\">");
    report_page_heading(out, 2, "", "verdicts", "Settings");
    int error = settings(out, s);
    setting_facts(out, s);
    report_html_raw(out, "</section>\n</main>\n");
    report_page_foot(out, true);
    report_page_begin_data(out);
    if (error == 0) error = put_data(out, s);
    return report_page_end_data(out, error);
}
