/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/suite_page.h"

#include <math.h>

#include "sim/report/page_html.h"
#include "sim/report/value.h"

static const json_t *verdicts_of(const report_suite_run *r) {
    return json_object_get(r->summary, "verdicts");
}

static const char *title_of(const report_suite_run *r) {
    return record_json_text(r->summary, "title");
}

static bool has_page(const report_suite_run *r, const char *where) {
    return where != NULL && r->summary != NULL;
}

/* A path as a link has it: what has a meaning in addresses, and all that is not ASCII, is escaped.
 * A colon in the first name would make a scheme of it. */
static void put_address(FILE *out, const char *path) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    for (const unsigned char *c = (const unsigned char *)path; *c != '\0'; c++)
        fprintf(out, strchr(plain, *c) != NULL ? "%c" : "%%%02X", *c);
}

static void name(FILE *out, const report_suite_run *r, const char *where) {
    if (has_page(r, where)) {
        report_html_raw(out, "<a href=\"");
        put_address(out, where);
        report_html_raw(out, "/report.html\">");
    }
    report_html_text(out, r->scenario);
    if (has_page(r, where)) report_html_raw(out, "</a>");
}

static void times(FILE *out, const report_suite_run *r) {
    char text[REPORT_VALUE_MAX];
    double own = r->summary != NULL ? record_json_number(r->summary, "duration_s") : NAN;
    report_html_cell(out, "took",
                     r->wall_s > 0 ? report_value_text(r->wall_s, NAN, "s", text) : "\u2013");
    report_html_cell(out, "own time",
                     isnan(own) ? "\u2013" : report_value_text(own, NAN, "s", text));
}

static void row(FILE *out, const report_suite_run *r, const char *where, size_t number) {
    fprintf(out, "<tr id=\"scenario-%zu\"><th scope=\"row\">", number);
    name(out, r, where);
    if (title_of(r)[0] != '\0') report_html_element(out, "div class=\"quiet\"", title_of(r));
    report_html_raw(out, "</th><td data-column=\"verdict\">");
    report_page_badge(out, r->word);
    report_html_raw(out, "</td>");
    fprintf(out, "<td data-column=\"checks\">%zu</td>", json_array_size(verdicts_of(r)));
    times(out, r);
    report_html_cell(out, "why", r->reason != NULL ? r->reason : "");
    report_html_raw(out, "</tr>\n");
}

/* Every check with its sentence, those that passed too. */
static void checks(FILE *out, const report_suite_run *r, const char *where) {
    const json_t *all = verdicts_of(r), *one;
    size_t i;
    if (json_array_size(all) == 0) return;
    report_html_raw(out, "<h3>");
    name(out, r, where);
    report_html_raw(out, "</h3>\n<ul class=\"checks\">\n");
    json_array_foreach(all, i, one) {
        report_html_raw(out, "<li>");
        report_page_badge(out, record_json_text(one, "verdict"));
        report_html_raw(out, " ");
        report_html_element(out, "strong", record_json_text(one, "unit"));
        report_html_raw(out, " ");
        report_html_text(out, record_json_text(one, "sentence"));
        report_html_raw(out, "</li>\n");
    }
    report_html_raw(out, "</ul>\n");
}

static void table(FILE *out, const report_suite_run *runs, const char *const *where, size_t count) {
    static const char *const columns[] = {"scenario", "verdict",  "checks",
                                          "took",     "own time", "why"};
    report_html_raw(out, "<table class=\"suite\"><thead><tr>");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        report_html_element(out, "th scope=\"col\"", columns[i]);
    report_html_raw(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < count; i++) row(out, &runs[i], where[i], i + 1);
    report_html_raw(out, "</tbody></table>\n");
}

int report_suite_page(FILE *out, const report_suite_run *runs, const char *const *where,
                      size_t count, const char *overall, const char *said) {
    static const char *const sections[][2] = {{"verdicts", "Scenarios"}, {"checks", "All checks"}};
    char title[64];
    snprintf(title, sizeof title, "%zu scenario%s", count, count == 1 ? "" : "s");
    report_page_head(out, "Suite: ", title);
    report_html_raw(out, "<header>");
    report_html_element(out, "h1", title);
    report_html_raw(out, "<p class=\"overall\">");
    report_page_badge(out, overall);
    report_html_raw(out, "</p>\n");
    report_html_element(out, "p class=\"sentence\"", said);
    report_page_contents(out, sections, sizeof sections / sizeof *sections);
    report_html_raw(out, "</header>\n<main>\n<section aria-labelledby=\"verdicts\">");
    report_page_heading(out, 2, "", "verdicts", "Scenarios");
    table(out, runs, where, count);
    report_html_raw(out, "</section>\n<section aria-labelledby=\"checks\">");
    report_page_heading(out, 2, "", "checks", "All checks");
    for (size_t i = 0; i < count; i++) checks(out, &runs[i], where[i]);
    report_html_raw(out, "</section>\n</main>\n");
    report_page_foot(out, false);
    return report_page_end(out, 0);
}
