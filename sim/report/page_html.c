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

void report_page_pictures(FILE *out) {
    report_html_raw(
        out,
        "<section aria-labelledby=\"pictures\"><h2 id=\"pictures\">Pictures</h2>\n<div "
        "id=\"figures\"></div>\n"
        "<noscript><p>The pictures need JavaScript. All figures behind them are in the other files "
        "beside this one.</p></noscript>\n</section>\n");
}

void report_page_foot(FILE *out) {
    report_html_raw(
        out,
        "<footer><p>Made by Blackstart. Clauses 5.9 and 5.10 of EN 303 645 are recommendations; "
        "thresholds "
        "are "
        "policy of the project and printed with each verdict. The licences of the libraries that "
        "draw the "
        "pictures are in the source of this page.</p></footer>\n");
}

void report_page_begin_data(FILE *out) {
    report_html_raw(out, "<script type=\"application/json\" id=\"data\">");
}

int report_page_end_data(FILE *out, int error) {
    report_html_raw(out, "</script>\n<script>");
    fwrite(report_page_script, 1, report_page_script_size, out);
    report_html_raw(out, "</script>\n</body>\n</html>\n");
    return error == 0 && ferror(out) ? SIM_EIO : error;
}
