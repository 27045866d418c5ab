/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/page_html.h"

/* Made by cmake/page.cmake from sim/report/page/. */
extern const unsigned char report_page_style[], report_page_script[], report_page_policy[];
extern const size_t report_page_style_size, report_page_script_size, report_page_policy_size;

void report_page_head(FILE *out, const char *before, const char *title) {
    report_html_raw(
        out,
        "<!DOCTYPE html>\n<!-- SPDX-License-Identifier: GPL-3.0-or-later -->\n<html "
        "lang=\"en\">\n<head>\n"
        "<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"");
    fwrite(report_page_policy, 1, report_page_policy_size, out);
    report_html_raw(
        out,
        "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" "
        "content=\"light "
        "dark\">\n"
        "<title>");
    report_html_raw(out, before);
    report_html_text(out, title);
    report_html_raw(out, " \u2013 Blackstart</title>\n<style>");
    fwrite(report_page_style, 1, report_page_style_size, out);
    report_html_raw(
        out,
        "</style>\n</head>\n<body id=\"present\">\n<a class=\"skip\" href=\"#verdicts\">To the "
        "results</a>\n");
}

void report_page_views(FILE *out) {
    report_html_raw(
        out,
        "<p class=\"views\"><a class=\"present\" href=\"#present\">Show to a room</a><a "
        "class=\"leave\" href=\"#\">Back to the whole page</a></p>\n");
}

typedef struct look {
    const char *verdict, *style, *mark, *shown;
} look;

static const look *look_of(const char *verdict) {
    static const look looks[] = {{"PASS", "pass", "\u2713", "PASS"},
                                 {"WARN", "warn", "!", "WARN"},
                                 {"FAIL", "fail", "\u2717", "FAIL"},
                                 {"ERROR", "fail", "!", "ERROR"},
                                 {"INCONCLUSIVE", "inconclusive", "?", "INCONCLUSIVE"},
                                 {"INTERRUPTED", "inconclusive", "!", "INTERRUPTED"},
                                 {"SKIPPED", "none", "\u2013", "SKIPPED"},
                                 {"NOT RUN", "none", "\u2013", "NOT RUN"},
                                 {"NONE", "none", "\u2013", "NO VERDICT"}};
    for (size_t i = 0; i + 1 < sizeof looks / sizeof *looks; i++)
        if (strcmp(looks[i].verdict, verdict) == 0) return &looks[i];
    return &looks[sizeof looks / sizeof *looks - 1];
}

const char *report_page_style_of(const char *verdict) {
    return look_of(verdict)->style;
}

const char *report_page_word(const char *verdict) {
    return look_of(verdict)->shown;
}

void report_page_badge(FILE *out, const char *verdict) {
    const look *l = look_of(verdict);
    fprintf(out,
            "<span class=\"badge %s\"><span class=\"mark\" aria-hidden=\"true\">%s</span>%s</span>",
            l->style, l->mark, l->shown);
}

void report_page_anchor(FILE *out, const char *prefix, const char *id, const char *title) {
    fprintf(out, "<a class=\"anchor\" href=\"#%s%s\" aria-label=\"Link to \u201c%s\u201d\"></a>",
            prefix, id, title);
}

void report_page_heading(FILE *out, int level, const char *prefix, const char *id,
                         const char *title) {
    fprintf(out, "<h%d id=\"%s%s\">%s", level, prefix, id, title);
    report_page_anchor(out, prefix, id, title);
    fprintf(out, "</h%d>\n", level);
}

void report_page_contents(FILE *out, const char *const sections[][2], size_t count) {
    report_html_raw(out, "<nav class=\"contents\" aria-label=\"Contents\"><ul>");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "<li><a href=\"#%s\">%s</a></li>", sections[i][0], sections[i][1]);
    report_html_raw(out, "</ul></nav>\n");
}

void report_page_pictures(FILE *out) {
    report_html_raw(out, "<section aria-labelledby=\"pictures\">");
    report_page_heading(out, 2, "", "pictures", "Pictures");
    report_html_raw(
        out,
        "<div id=\"figures\"></div>\n"
        "<noscript><p>The pictures need JavaScript. All figures behind them are in the other files "
        "beside this one.</p></noscript>\n</section>\n");
}

void report_page_foot(FILE *out, bool with_pictures) {
    report_html_raw(out,
                    "<footer><p>Made by Blackstart. Clauses 5.9 and 5.10 of EN 303 645 are "
                    "recommendations; thresholds are policy of the project and printed with each "
                    "verdict.");
    if (with_pictures)
        report_html_raw(out,
                        " The licences of the libraries that draw the pictures are in the source "
                        "of this page.");
    report_html_raw(out, "</p></footer>\n");
}

void report_page_begin_data(FILE *out) {
    report_html_raw(out, "<script type=\"application/json\" id=\"data\">");
}

int report_page_end(FILE *out, int error) {
    report_html_raw(out, "</body>\n</html>\n");
    return error == 0 && ferror(out) ? SIM_EIO : error;
}

int report_page_end_data(FILE *out, int error) {
    report_html_raw(out, "</script>\n<script>");
    fwrite(report_page_script, 1, report_page_script_size, out);
    report_html_raw(out, "</script>\n");
    return report_page_end(out, error);
}
