/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/page_html.h - pieces of HTML, and the frame that all pages have: head with policy and
 * style, pictures, data and script. Private to the pages of sim/report/. */
#ifndef SIM_REPORT_PAGE_HTML_H
#define SIM_REPORT_PAGE_HTML_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/error.h"
#include "sim/record/text.h"

static inline void report_html_raw(FILE *out, const char *html) {
    fputs(html, out);
}

/* Foreign text: nothing in it is markup, and nothing turns the direction of what follows. */
static inline void report_html_text(FILE *out, const char *foreign) {
    char character[RECORD_CHARACTER_MAX];
    while (record_text_next_plain(&foreign, false, character)) {
        static const struct {
            char character;
            const char *entity;
        } marked[] = {
            {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
        const char *as = character;
        for (size_t i = 0; i < sizeof marked / sizeof *marked; i++)
            if (character[0] == marked[i].character) as = marked[i].entity;
        fputs(as, out);
    }
}

/* <tag>foreign</tag>; `tag` may have attributes. */
static inline void report_html_element(FILE *out, const char *tag, const char *foreign) {
    fprintf(out, "<%s>", tag);
    report_html_text(out, foreign);
    fprintf(out, "</%.*s>", (int)strcspn(tag, " "), tag);
}

/* A cell that tells its column where columns stand below each other (narrow screens). */
static inline void report_html_cell(FILE *out, const char *column, const char *foreign) {
    fprintf(out, "<td data-column=\"%s\">", column);
    report_html_text(out, foreign);
    report_html_raw(out, "</td>");
}

/* The same for all pages; `title` is foreign, `before` is not. Up to and with the link that skips
 * to the element `verdicts`. */
void report_page_head(FILE *out, const char *before, const char *title);
/* The switch between the page and its form for a room: what was found and the pictures, in large
 * type. It is a link to a place of the page, so it works without a script, can be sent to somebody,
 * and is printed as it is. */
void report_page_views(FILE *out);
/* <hN> with a name, and a link to it that can be copied. `prefix` and `id` together are the name;
 * neither they nor `title` are foreign. */
void report_page_heading(FILE *out, int level, const char *prefix, const char *id,
                         const char *title);
/* The link alone. */
void report_page_anchor(FILE *out, const char *prefix, const char *id, const char *title);
/* Links to the sections of the page: { id, title } each. The script puts the pictures below
 * theirs. */
void report_page_contents(FILE *out, const char *const sections[][2], size_t count);
/* A verdict, told by word, mark and shape, not by colour alone. */
void report_page_badge(FILE *out, const char *verdict);
/* The class of what it is of. */
const char *report_page_style_of(const char *verdict);
/* The word itself, as a page has it. */
const char *report_page_word(const char *verdict);
/* Where the script draws. */
void report_page_pictures(FILE *out);
/* `with_pictures`: the page holds the libraries that draw them. */
void report_page_foot(FILE *out, bool with_pictures);
/* What is written between the two is JSON that can stand within HTML. `error`: of the writing;
 * SIM_EIO when the file says so. */
void report_page_begin_data(FILE *out);
SIM_MUST_USE int report_page_end_data(FILE *out, int error);
/* The end of a page that draws nothing. */
SIM_MUST_USE int report_page_end(FILE *out, int error);

#endif
