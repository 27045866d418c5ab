/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/episodes.h"

#include <math.h>

#include "sim/judge/words.h"
#include "sim/record/json_read.h"
#include "sim/record/json_write.h"
#include "sim/report/page_html.h"
#include "sim/report/value.h"

/* ---- summary.json ---- */

static json_t *episode(record_json_writer *w, const judge_episode *e) {
    json_t *one = json_object(), *pauses = json_array(), *from_start = json_array();
    for (uint64_t k = 0; k < e->pauses && k < JUDGE_EPISODE_PAUSES; k++) {
        record_json_append(w, pauses, record_json_real(e->seconds[k]));
        record_json_append(w, from_start, json_boolean(e->from_start[k]));
    }
    record_json_set(w, one, "at_s", record_json_real(sim_time_seconds(e->at)));
    record_json_set(w, one, "pauses", record_json_count(w, e->pauses));
    record_json_set(w, one, "pauses_s", pauses);
    record_json_set(w, one, "from_start", from_start);
    record_json_set(w, one, "back", json_boolean(e->back));
    return one;
}

static json_t *declared(record_json_writer *w, const judge_declared_pause *p) {
    json_t *one = json_object();
    record_json_set(w, one, "p5_s", record_json_real(p->p5));
    record_json_set(w, one, "median_s", record_json_real(p->median));
    record_json_set(w, one, "p95_s", record_json_real(p->p95));
    return one;
}

json_t *report_episodes_json(const judge_episodes *e) {
    record_json_writer w = {0};
    json_t *all = json_object(), *outages = json_array(), *law = json_array();
    for (size_t i = 0; i < e->count; i++)
        record_json_append(&w, outages, episode(&w, &e->items[i]));
    for (size_t k = 0; k < e->declared; k++) record_json_append(&w, law, declared(&w, &e->law[k]));
    record_json_set(&w, all, "outages", outages);
    record_json_set(&w, all, "more", record_json_count(&w, e->more));
    record_json_set(&w, all, "declared", law);
    if (w.error == 0) return all;
    json_decref(all);
    return NULL;
}

/* ---- the page ---- */

static const char *seconds_of(double value, char *text) {
    return isnan(value) ? "\u2013" : report_value_text(value, NAN, "s", text);
}

static size_t columns_of(const json_t *outages) {
    size_t most = 0;
    for (size_t i = 0; i < json_array_size(outages); i++) {
        size_t n = json_array_size(json_object_get(json_array_get(outages, i), "pauses_s"));
        most = n > most ? n : most;
    }
    return most < JUDGE_EPISODE_PAUSES ? most : JUDGE_EPISODE_PAUSES;
}

static void put_head(FILE *out, size_t columns) {
    report_html_raw(
        out,
        "<h4>Its pauses, outage by outage</h4>\n<p class=\"quiet\">From the end of a failed "
        "attempt to the next one; with a + from its beginning, since its end was not seen, so "
        "that a time-out is in it.</p>\n<table class=\"episodes\"><thead><tr><th "
        "scope=\"col\">first attempt at</th>");
    for (size_t k = 0; k < columns; k++) fprintf(out, "<th scope=\"col\">retry %zu</th>", k + 1);
    report_html_raw(out, "<th scope=\"col\">came back</th></tr></thead><tbody>\n");
}

static void pause_cell(FILE *out, size_t k, const char *value, bool from_start) {
    char column[32], shown[REPORT_VALUE_MAX + 4];
    snprintf(column, sizeof column, "retry %zu", k + 1);
    snprintf(shown, sizeof shown, "%s%s", value, from_start ? " +" : "");
    report_html_cell(out, column, shown);
}

static void put_outage(FILE *out, const json_t *one, size_t columns) {
    const json_t *pauses = json_object_get(one, "pauses_s"),
                 *from_start = json_object_get(one, "from_start");
    char text[REPORT_VALUE_MAX], tries[JUDGE_WORD_MAX];
    double all = record_json_number(one, "pauses");
    bool more = all > (double)json_array_size(pauses) && all < 1e15;
    report_html_raw(out, "<tr>");
    report_html_element(out, "th scope=\"row\"", seconds_of(record_json_number(one, "at_s"), text));
    for (size_t k = 0; k < columns; k++) {
        const json_t *pause = json_array_get(pauses, k);
        pause_cell(out, k, json_is_number(pause) ? seconds_of(json_number_value(pause), text) : "",
                   json_is_true(json_array_get(from_start, k)));
    }
    if (more) judge_words_of((uint64_t)all + 1, "attempt", tries, sizeof tries);
    snprintf(text, sizeof text, "%s%s%s", json_is_true(json_object_get(one, "back")) ? "yes" : "no",
             more ? ", " : "", more ? tries : "");
    report_html_cell(out, "came back", text);
    report_html_raw(out, "</tr>\n");
}

static void put_declared(FILE *out, const json_t *law, const char *name, const char *low,
                         const char *high, size_t columns) {
    report_html_raw(out, "<tr class=\"declared\">");
    report_html_element(out, "th scope=\"row\"", name);
    for (size_t k = 0; k < columns; k++) {
        const json_t *one = json_array_get(law, k);
        char a[REPORT_VALUE_MAX], b[REPORT_VALUE_MAX], text[2 * REPORT_VALUE_MAX + 8] = "";
        if (one != NULL && high == NULL)
            snprintf(text, sizeof text, "%s", seconds_of(record_json_number(one, low), a));
        else if (one != NULL)
            snprintf(text, sizeof text, "%s \u2013 %s", seconds_of(record_json_number(one, low), a),
                     seconds_of(record_json_number(one, high), b));
        char column[32];
        snprintf(column, sizeof column, "retry %zu", k + 1);
        report_html_cell(out, column, text);
    }
    report_html_cell(out, "came back", "");
    report_html_raw(out, "</tr>\n");
}

void report_episodes_page(FILE *out, const json_t *verdict) {
    const json_t *e = json_object_get(verdict, "episodes"),
                 *outages = json_object_get(e, "outages"), *law = json_object_get(e, "declared");
    size_t columns = columns_of(outages);
    double more = record_json_number(e, "more");
    if (columns == 0) return;
    put_head(out, columns);
    for (size_t i = 0; i < json_array_size(outages); i++)
        put_outage(out, json_array_get(outages, i), columns);
    if (json_array_size(law) > 0) {
        put_declared(out, law, "declared, median", "median_s", NULL, columns);
        put_declared(out, law, "declared, 5 % to 95 %", "p5_s", "p95_s", columns);
    }
    report_html_raw(out, "</tbody></table>\n");
    if (more >= 1 && more < 1e15) fprintf(out, "<p class=\"quiet\">And %.0f more.</p>\n", more);
}
