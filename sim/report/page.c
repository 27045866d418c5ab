/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/page.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/assess/provisions.h"
#include "sim/judge/finding.h"
#include "sim/judge/words.h"
#include "sim/record/text.h"
#include "sim/report/episodes.h"
#include "sim/report/page_html.h"
#include "sim/report/page_json.h"
#include "sim/report/value.h"

/* A pair of a <dl>; left out where there is nothing to tell. */
static void fact(FILE *out, const char *name, const char *foreign) {
    if (foreign[0] == '\0') return;
    report_html_raw(out, "<div>");
    report_html_element(out, "dt", name);
    report_html_element(out, "dd", foreign);
    report_html_raw(out, "</div>\n");
}

/* A count of a summary; "" when it is none. */
static const char *counted(double value, char *to) {
    return value >= 0 && value < 1e18 ? judge_words_count((uint64_t)value, to, JUDGE_WORD_MAX) : "";
}

/* ---- verdicts ---- */

static bool decides(const json_t *measure) {
    const char *relation = record_json_text(measure, "relation");
    return strcmp(relation, "at most") == 0 || strcmp(relation, "at least") == 0;
}

/* Whether a measure holds, as a row of the table has it. */
typedef struct held {
    const char *style, *shown;
} held;

static held held_of(const json_t *m, bool unmeasured) {
    const json_t *holds = json_object_get(m, "holds");
    if (!decides(m)) return (held){"info", ""};
    if (json_is_null(holds)) return (held){"open", "? cannot be told"};
    if (!json_is_false(holds)) return (held){"holds", "\u2713 holds"};
    return unmeasured ? (held){"info", "\u2013"} : (held){"breaks", "\u2717 does not hold"};
}

static void measure(FILE *out, const json_t *m, bool with_notes) {
    char value[REPORT_VALUE_MAX], threshold[REPORT_VALUE_MAX], wanted[2 * REPORT_VALUE_MAX],
        samples[JUDGE_WORD_MAX];
    const char *unit = record_json_text(m, "unit"), *name = record_json_text(m, "name");
    double limit = record_json_number(m, "threshold");
    report_measure_text(name, record_json_number(m, "value"), limit, unit, value);
    bool unmeasured = strcmp(value, "unknown") == 0;
    if (unmeasured) snprintf(value, sizeof value, "not measured");
    report_value_text(limit, NAN, unit, threshold);
    snprintf(wanted, sizeof wanted, "%s %s", record_json_text(m, "relation"), threshold);
    held h = held_of(m, unmeasured);
    fprintf(out, "<tr class=\"%s\"><th scope=\"row\">", h.style);
    report_html_text(out, name);
    report_html_raw(out, "</th>");
    report_html_cell(out, "value", value);
    if (decides(m)) {
        report_html_cell(out, "threshold", wanted);
        report_html_cell(out, "holds", h.shown);
    }
    report_html_cell(out, "samples", counted(record_json_number(m, "samples"), samples));
    if (with_notes) report_html_cell(out, "note", record_json_text(m, "note"));
    report_html_raw(out, "</tr>\n");
}

/* How many of a verdict's measures decide, or do not. */
static size_t how_many(const json_t *all, bool deciding) {
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all); i++)
        n += decides(json_array_get(all, i)) == deciding;
    return n;
}

static bool have_notes(const json_t *all, bool deciding) {
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *m = json_array_get(all, i);
        if (decides(m) == deciding && record_json_text(m, "note")[0] != '\0') return true;
    }
    return false;
}

static void measure_table(FILE *out, const json_t *all, bool deciding) {
    bool notes = have_notes(all, deciding);
    report_html_raw(out,
                    "<table class=\"measures\"><thead><tr><th scope=\"col\">measure</th><th "
                    "scope=\"col\">value</th>");
    if (deciding)
        report_html_raw(out, "<th scope=\"col\">threshold</th><th scope=\"col\">holds</th>");
    report_html_raw(out, "<th scope=\"col\">samples</th>");
    if (notes) report_html_raw(out, "<th scope=\"col\">note</th>");
    report_html_raw(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < json_array_size(all); i++)
        if (decides(json_array_get(all, i)) == deciding)
            measure(out, json_array_get(all, i), notes);
    report_html_raw(out, "</tbody></table>\n");
}

/* Those that decide; what is for information can be opened, and is open where nothing decides. */
static void measures(FILE *out, const json_t *verdict) {
    const json_t *all = json_object_get(verdict, "measures");
    size_t deciding = how_many(all, true), informing = how_many(all, false);
    if (deciding > 0) measure_table(out, all, true);
    if (informing == 0) return;
    fprintf(out, "<details class=\"informing\"%s><summary>For information: %zu %s</summary>\n",
            deciding == 0 ? " open" : "", informing, informing == 1 ? "measure" : "measures");
    measure_table(out, all, false);
    report_html_raw(out, "</details>\n");
}

/* What other rule books ask for of the kind: for information, as in the evidence. */
static void see_also(FILE *out, const char *provision) {
    for (size_t i = 0; i < ASSESS_REFERENCES; i++) {
        const assess_reference *r = &assess_references[i];
        if (strcmp(r->provision, provision) != 0) continue;
        report_html_raw(out, "<p class=\"quiet see-also\">For information, and no verdict by it: ");
        report_html_text(out, r->act);
        report_html_raw(out, ", ");
        report_html_text(out, r->clause);
        report_html_raw(out, ", in our words: ");
        report_html_text(out, r->about);
        report_html_raw(out, ".</p>\n");
    }
}

/* `id`: its name within the page. */
static void card(FILE *out, const json_t *verdict, const char *id, bool leads) {
    const char *provision = record_json_text(verdict, "provision"),
               *word = record_json_text(verdict, "verdict");
    fprintf(out, "<article id=\"%s\" class=\"card %s%s\"><h3>", id, report_page_style_of(word),
            leads ? " lead" : "");
    report_page_badge(out, word);
    report_html_raw(out, " ");
    report_html_text(out, record_json_text(verdict, "unit"));
    report_page_anchor(out, "", id, "this verdict");
    report_html_raw(out, "</h3>");
    if (provision[0] != '\0') {
        report_html_raw(out, "<p class=\"quiet\">");
        report_html_raw(out,
                        judge_unit_is_of_specification(record_json_text(verdict, "unit"), provision)
                            ? "test unit of TS 103 701 for EN 303 645, provision "
                            : "check of our own for EN 303 645, provision ");
        report_html_text(out, provision);
        report_html_raw(out, "</p>");
    }
    report_html_element(out, "p class=\"sentence\"", record_json_text(verdict, "sentence"));
    measures(out, verdict);
    report_episodes_page(out, verdict);
    see_also(out, provision);
    report_html_raw(out, "</article>\n");
}

/* The verdict that is shown beside the picture: of those that say what all of them come to, one of
 * a provision, and the one with most measures. */
static size_t leader(const report_result *r) {
    const json_t *all = json_object_get(r->summary, "verdicts");
    const char *overall = report_result_verdict(r);
    size_t best = 0, weight = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        bool is_of_it = record_json_text(one, "provision")[0] != '\0';
        size_t w = 1 + json_array_size(json_object_get(one, "measures")) + (is_of_it ? 1000 : 0);
        if (strcmp(record_json_text(one, "verdict"), overall) != 0 || w <= weight) continue;
        best = i;
        weight = w;
    }
    return best;
}

static void detection_row(FILE *out, const report_detection_row *row) {
    static const struct {
        const char *column, *unit;
        int number;
    } cells[] = {{"devices", "", REPORT_DETECTION_INJECTED},
                 {"noticed", "", REPORT_DETECTION_NOTICED},
                 {"recall", "share", REPORT_DETECTION_RECALL},
                 {"at least (95 %)", "share", REPORT_DETECTION_RECALL_LOW},
                 {"median delay", "s", REPORT_DETECTION_DELAY_MEDIAN},
                 {"95 % within", "s", REPORT_DETECTION_DELAY_P95},
                 {"longest", "s", REPORT_DETECTION_DELAY_MOST},
                 {"false alarms", "", REPORT_DETECTION_FALSE_ALARMS}};
    char value[REPORT_VALUE_MAX];
    report_html_raw(out, "<tr>");
    report_html_element(out, "th scope=\"row\"", row->kind);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        double number = row->numbers[cells[i].number];
        report_html_cell(
            out, cells[i].column,
            isnan(number) ? "\u2013" : report_value_text(number, NAN, cells[i].unit, value));
    }
    report_html_raw(out, "</tr>\n");
}

static void detection(FILE *out, const report_examined *e, const char *prefix) {
    if (e->detection_count == 0) return;
    report_page_heading(out, 3, prefix, "found", "What the examiner found, by kind");
    report_html_raw(
        out,
        "<table><thead><tr><th scope=\"col\">kind</th><th "
        "scope=\"col\">devices</th><th scope=\"col\">noticed</th><th scope=\"col\">recall</th><th "
        "scope=\"col\">at least (95 %)</th><th scope=\"col\">median delay</th><th scope=\"col\">95 "
        "% "
        "within</th><th scope=\"col\">longest</th><th scope=\"col\">false "
        "alarms</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < e->detection_count; i++) detection_row(out, &e->detection[i]);
    report_html_raw(out, "</tbody></table>\n");
}

/* `prefix`: of the names of its places, where a page has more than one run. */
static void verdicts(FILE *out, const report_result *r, const char *prefix) {
    char id[40];
    const json_t *all = json_object_get(r->summary, "verdicts");
    if (json_array_size(all) == 0)
        report_html_raw(out,
                        "<p>The scenario asked for no verdict, or did not get that far.</p>\n");
    for (size_t i = 0; i < json_array_size(all); i++) {
        snprintf(id, sizeof id, "%sverdict-%zu", prefix, i + 1);
        card(out, json_array_get(all, i), id, i == leader(r));
    }
    detection(out, &r->examined, prefix);
}

/* ---- what the run was ---- */

static void trouble(FILE *out, const report_result *r) {
    const char *error = record_json_text(r->summary, "error");
    if (error[0] != '\0') report_html_element(out, "p class=\"trouble\" role=\"note\"", error);
    if (json_is_true(json_object_get(r->summary, "interrupted")))
        report_html_raw(
            out,
            "<p class=\"trouble\" role=\"note\">The run was interrupted: everything here rests on "
            "what was "
            "seen "
            "until then.</p>\n");
}

/* Of a log or a capture of somebody else: there were no events, and no fingerprint of them. */
static bool is_of_a_log(const report_result *r) {
    const char *fingerprint = record_json_text(r->summary, "fingerprint");
    return strspn(fingerprint, "0") == strlen(fingerprint);
}

static void repeat(FILE *out, const report_result *r) {
    const char *line = record_json_text(r->summary, "repeat");
    if (line[0] == '\0') return;
    fprintf(out, "<p class=\"quiet\">To %s:</p>",
            is_of_a_log(r) ? "judge it again" : "repeat this run");
    report_html_element(
        out, "pre class=\"repeat\" tabindex=\"0\" aria-label=\"the command that repeats this run\"",
        line);
    report_html_raw(out, "\n");
}

static void story(FILE *out, const report_result *r, const char *prefix) {
    const json_t *all = json_object_get(r->summary, "story");
    char when[REPORT_VALUE_MAX];
    if (json_array_size(all) == 0) return;
    report_page_heading(out, 3, prefix, "story", "Story");
    report_html_raw(out, "<ol class=\"story\">\n");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        report_html_raw(out, "<li>");
        report_html_element(out, "span class=\"when\"",
                            report_value_text(record_json_number(one, "at_s"), NAN, "s", when));
        report_html_raw(out, " ");
        report_html_text(out, record_json_text(one, "text"));
        report_html_raw(out, "</li>\n");
    }
    report_html_raw(out, "</ol>\n");
}

static void parameters(FILE *out, const report_result *r, const char *prefix) {
    json_t *all = json_object_get(r->summary, "parameters"), *value;
    const char *name;
    if (json_object_size(all) == 0) return;
    report_page_heading(out, 3, prefix, "parameters", "Parameters");
    report_html_raw(out, "<dl class=\"facts\">\n");
    json_object_foreach(all, name, value) {
        report_html_raw(out, "<div>");
        report_html_element(out, "dt", name);
        report_html_raw(out, "<dd>");
        report_html_text(out, record_json_text(value, "value"));
        if (json_is_true(json_object_get(value, "given")))
            report_html_raw(out, " <span class=\"given\">set for this run</span>");
        report_html_raw(out, "</dd></div>\n");
    }
    report_html_raw(out, "</dl>\n");
}

static void value_fact(FILE *out, const json_t *object, const char *key, const char *name,
                       const char *unit) {
    char to[REPORT_VALUE_MAX];
    double value = record_json_number(object, key);
    if (!isnan(value)) fact(out, name, report_value_text(value, NAN, unit, to));
}

static void facts(FILE *out, const report_result *r, const char *prefix) {
    char number[JUDGE_WORD_MAX];
    const json_t *s = r->summary;
    bool log = is_of_a_log(r);
    report_page_heading(out, 3, prefix, "facts", log ? "Log" : "Run");
    report_html_raw(out, "<dl class=\"facts\">\n");
    fact(out, log ? "file" : "scenario", record_json_text(s, "scenario"));
    if (!log) fact(out, "world", record_json_text(s, "world"));
    fact(out, "target", record_json_text(s, "target"));
    if (!log && json_is_integer(json_object_get(s, "seed"))) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(json_object_get(s, "seed")));
        fact(out, "seed", number);
    }
    fact(out, "homes", counted(record_json_number(s, "homes"), number));
    fact(out, "devices", counted(record_json_number(s, "devices"), number));
    value_fact(out, s, "capacity", "capacity of the cloud", "connections/s");
    value_fact(out, s, "duration_s", "duration", "s");
    fact(out, "version", record_json_text(s, "version"));
    if (!log) fact(out, "fingerprint", record_json_text(s, "fingerprint"));
    report_html_raw(out, "</dl>\n");
}

static void machine(FILE *out, const report_result *r, const char *prefix) {
    const json_t *m = json_object_get(r->summary, "machine");
    if (!json_is_object(m)) return;
    report_page_heading(out, 3, prefix, "machine", "Machine");
    report_html_raw(out, "<dl class=\"facts\">\n");
    enum { OF_THE_REAL_WORLD = 6 };
    /* one line, so that what differs from run to run can be taken out of the file */
    static const char *const keys[][3] = {
        {"wall_s", "wall time", "s"},
        {"threads", "threads", ""},
        {"events", "events", ""},
        {"events_per_s", "events a second", "1/s"},
        {"bytes_per_device", "memory a device", "bytes"},
        {"resident_bytes_per_device", "resident a device", "bytes"},
        {"lateness_p99_s", "lateness, p99", "s"},
        {"unread_p99_s", "answers unread, p99", "s"},
        {"processor_most", "processor, busiest second", "share"}};
    report_html_raw(out, "<!-- \"machine\": --><div><dt>started</dt><dd>");
    report_html_text(out, record_json_text(m, "started"));
    report_html_raw(out, "</dd></div>");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char to[REPORT_VALUE_MAX];
        double value = record_json_number(m, keys[i][0]);
        /* of the real world alone: nothing of it in the virtual one */
        if (isnan(value) || (i >= OF_THE_REAL_WORLD && value <= 0)) continue;
        fprintf(out, "<div><dt>%s</dt><dd>", keys[i][1]);
        report_html_text(out, report_value_text(value, NAN, keys[i][2], to));
        report_html_raw(out, "</dd></div>");
    }
    report_html_raw(out, "\n</dl>\n");
}

static void metric(FILE *out, const char *name, const json_t *m) {
    static const char *const trend[][2] = {
        {"median", "median"}, {"p90", "p90"}, {"p95", "p95"}, {"p99", "p99"}, {"maximum", "most"}};
    double samples = record_json_number(m, "samples"), answered = record_json_number(m, "answered");
    char value[REPORT_VALUE_MAX];
    const char *unit = record_json_text(m, "unit");
    report_html_raw(out, "<tr>");
    report_html_element(out, "th scope=\"row\"", name);
    report_html_raw(out, "<td>");
    if (strcmp(record_json_text(m, "kind"), "trend") != 0)
        report_html_text(out, report_value_text(record_json_number(m, "value"), NAN, unit, value));
    else if (!(samples > 0))
        report_html_raw(out, "no samples");
    else
        for (size_t i = 0; i < sizeof trend / sizeof *trend; i++) {
            fprintf(out, "%s%s %s", i > 0 ? ", " : "", trend[i][1],
                    record_json_lists(m, "more_than", trend[i][0]) ? "more than " : "");
            report_html_text(
                out, report_value_text(record_json_number(m, trend[i][0]), NAN, unit, value));
        }
    if (answered < samples)
        fprintf(out, "; answered: %.0f of %.0f (%.1f %%)", answered, samples,
                floor(1000 * answered / samples) / 10);
    report_html_raw(out, "</td></tr>\n");
}

static void metrics(FILE *out, const report_result *r) {
    json_t *all = json_object_get(r->summary, "metrics"), *value;
    const char *name;
    if (json_object_size(all) == 0) return;
    report_html_raw(out,
                    "<details class=\"table\"><summary>All metrics</summary><table><thead><tr><th "
                    "scope=\"col\">metric</th>"
                    "<th scope=\"col\">value</th></tr></thead><tbody>\n");
    json_object_foreach(all, name, value) metric(out, name, value);
    report_html_raw(out, "</tbody></table></details>\n");
}

static void run(FILE *out, const report_result *r, const char *prefix) {
    story(out, r, prefix);
    parameters(out, r, prefix);
    facts(out, r, prefix);
    machine(out, r, prefix);
    metrics(out, r);
}

static int data_and_script(FILE *out, const report_result *const *runs, const char *const *labels,
                           size_t count) {
    int error = 0;
    report_page_begin_data(out);
    report_html_raw(out, "{\"runs\":[");
    for (size_t i = 0; i < count && error == 0; i++) {
        if (i > 0) report_html_raw(out, ",\n");
        error = report_page_json(out, labels[i], runs[i]);
    }
    report_html_raw(out, "]}");
    return report_page_end_data(out, error);
}

int report_page(FILE *out, const report_result *r) {
    char title[40];
    snprintf(title, sizeof title, "%s: ", report_page_word(report_result_verdict(r)));
    report_page_head(out, title, report_result_title(r));
    fprintf(out, "<header class=\"%s\">", report_page_style_of(report_result_verdict(r)));
    report_page_views(out);
    report_html_element(out, "h1", report_result_title(r));
    report_html_raw(out, "<p class=\"overall\">");
    report_page_badge(out, report_result_verdict(r));
    report_html_raw(out, "</p>\n");
    trouble(out, r);
    repeat(out, r);
    const char *of_run = is_of_a_log(r) ? "The log" : "The run";
    const char *const sections[][2] = {
        {"verdicts", "Verdicts"}, {"pictures", "Pictures"}, {"run", of_run}};
    report_page_contents(out, sections, sizeof sections / sizeof *sections);
    report_html_raw(out, "</header>\n<main>\n<section aria-labelledby=\"verdicts\">");
    report_page_heading(out, 2, "", "verdicts", "Verdicts");
    verdicts(out, r, "");
    report_html_raw(out, "</section>\n");
    report_page_pictures(out);
    report_html_raw(out, "<section aria-labelledby=\"run\">");
    report_page_heading(out, 2, "", "run", of_run);
    run(out, r, "");
    report_html_raw(out, "</section>\n</main>\n");
    report_page_foot(out, true);
    static const char *const label[] = {""};
    return data_and_script(out, &r, label, 1);
}

/* ---- two runs ---- */

static void verdict_cell(FILE *out, const char *column, const char *verdict) {
    fprintf(out, "<td data-column=\"%s\">", column);
    if (verdict != NULL)
        report_page_badge(out, verdict);
    else
        report_html_raw(out, "not asked for");
    report_html_raw(out, "</td>");
}

static void changes(FILE *out, const report_comparison *c) {
    if (c->change_count == 0) report_html_raw(out, "<p>Neither run asked for a verdict.</p>");
    if (c->change_count == 0) return;
    report_html_raw(out,
                    "<table><thead><tr><th scope=\"col\">check</th><th scope=\"col\">A</th><th "
                    "scope=\"col\">B</th>"
                    "</tr></thead><tbody>\n");
    for (size_t i = 0; i < c->change_count; i++) {
        report_html_raw(out, "<tr>");
        report_html_element(out, "th scope=\"row\"", c->changes[i].unit);
        verdict_cell(out, "A", c->changes[i].verdicts[0]);
        verdict_cell(out, "B", c->changes[i].verdicts[1]);
        report_html_raw(out, "</tr>\n");
    }
    report_html_raw(out, "</tbody></table>\n");
}

static void difference(FILE *out, const report_difference *d) {
    char value[REPORT_DIFFERENCE_MAX], change[REPORT_CHANGE_MAX];
    fprintf(out, "<tr class=\"%s\"><th scope=\"row\">", d->decides ? "breaks" : "info");
    report_html_text(out, d->name);
    report_html_raw(out, d->trend ? " p(95)</th>" : "</th>");
    for (int i = 0; i < 2; i++)
        report_html_cell(
            out, i == 0 ? "A" : "B",
            report_difference_said(d, i) ? report_difference_side(d, i, value) : "\u2013");
    report_html_cell(out, "from A to B", report_difference_text(d, change));
    report_html_cell(out, "of", d->decides ? "holds in one of the two" : d->of);
    report_html_raw(out, "</tr>\n");
}

static void differences(FILE *out, const report_comparison *c, bool metrics_too) {
    report_html_raw(
        out,
        "<table><thead><tr><th scope=\"col\">name</th><th scope=\"col\">A</th><th "
        "scope=\"col\">B</th>"
        "<th scope=\"col\">from A to B</th><th scope=\"col\">of</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < c->difference_count; i++)
        if ((c->differences[i].of[0] == '\0') == metrics_too) difference(out, &c->differences[i]);
    report_html_raw(out, "</tbody></table>\n");
}

static void settings(FILE *out, const report_comparison *c) {
    if (c->setting_count == 0) report_html_raw(out, "<p>Both runs were set alike.</p>");
    if (c->setting_count == 0) return;
    report_html_raw(out,
                    "<table><thead><tr><th scope=\"col\">name</th><th scope=\"col\">A</th><th "
                    "scope=\"col\">B</th>"
                    "</tr></thead><tbody>\n");
    for (size_t i = 0; i < c->setting_count; i++) {
        report_html_raw(out, "<tr>");
        report_html_element(out, "th scope=\"row\"", c->settings[i].name);
        for (int k = 0; k < 2; k++)
            report_html_cell(
                out, k == 0 ? "A" : "B",
                c->settings[i].values[k] != NULL ? c->settings[i].values[k] : "\u2013");
        report_html_raw(out, "</tr>\n");
    }
    report_html_raw(out, "</tbody></table>\n");
}

static void what_differs(FILE *out, const report_comparison *c) {
    report_html_raw(out, "<section aria-labelledby=\"verdicts\">");
    report_page_heading(out, 2, "", "verdicts", "What differs");
    if (!c->same_scenario)
        report_html_raw(
            out,
            "<p class=\"trouble\" role=\"note\">These are runs of different scenarios: compared is "
            "what both "
            "have.</p>\n");
    report_page_heading(out, 3, "", "changes", "Verdicts");
    changes(out, c);
    report_page_heading(out, 3, "", "measures", "Measures");
    report_html_raw(out,
                    "<p class=\"quiet\">Those that decide first, then by how far they are "
                    "apart.</p>");
    differences(out, c, false);
    report_page_heading(out, 3, "", "settings", "Set differently");
    settings(out, c);
    report_html_raw(out, "<details class=\"table\"><summary>Metrics that differ</summary>");
    differences(out, c, true);
    report_html_raw(out, "</details>\n</section>\n");
}

static void side(FILE *out, const report_result *r, char letter, const char *name) {
    fprintf(out, "<div class=\"side\"><h3><span class=\"letter\">%c</span> ", letter);
    report_html_text(out, name);
    report_html_raw(out, "</h3>");
    report_html_element(out, "p", report_result_title(r));
    report_page_badge(out, report_result_verdict(r));
    trouble(out, r);
    repeat(out, r);
    report_html_raw(out, "</div>\n");
}

int report_page_compare(FILE *out, const report_result *const runs[2], const char *const names[2],
                        const report_comparison *c) {
    static const char *const labels[] = {"A", "B"}, *const prefixes[] = {"a-", "b-"};
    static const char *const sections[][2] = {{"verdicts", "What differs"},
                                              {"pictures", "Pictures"},
                                              {"a-run", "Run A"},
                                              {"b-run", "Run B"}};
    report_page_head(out, "Compared: ", report_result_title(runs[0]));
    report_html_raw(out, "<header>");
    report_page_views(out);
    report_html_raw(out, "<h1>Two runs compared</h1><div class=\"sides\">\n");
    for (int i = 0; i < 2; i++) side(out, runs[i], (char)('A' + i), names[i]);
    report_html_raw(out, "</div>\n");
    report_page_contents(out, sections, sizeof sections / sizeof *sections);
    report_html_raw(out, "</header>\n<main>\n");
    what_differs(out, c);
    report_page_pictures(out);
    for (int i = 0; i < 2; i++) {
        fprintf(out, "<section aria-labelledby=\"%srun\">", prefixes[i]);
        report_page_heading(out, 2, prefixes[i], "run", sections[2 + i][1]);
        verdicts(out, runs[i], prefixes[i]);
        run(out, runs[i], prefixes[i]);
        report_html_raw(out, "</section>\n");
    }
    report_html_raw(out, "</main>\n");
    report_page_foot(out, true);
    return data_and_script(out, runs, labels, 2);
}
