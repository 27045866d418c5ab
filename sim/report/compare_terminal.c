/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "sim/record/text.h"
#include "sim/report/compare.h"

enum { METRICS_SHOWN = 10, NAME_COLUMNS = 29, VALUE_COLUMNS = 17, TEXT_COLUMNS = 400 };

typedef struct table {
    FILE *out;
    bool colour, marks;
} table;

/* How many characters of it there are, at most one more than `columns`. */
static int width(const table *t, const char *text, int columns) {
    char character[RECORD_CHARACTER_MAX];
    int n = 0;
    while (n <= columns && record_text_next_plain(&text, !t->marks, character)) n++;
    return n;
}

/* Foreign text, cut to `columns` characters with an ellipsis; returns how many are left of them. */
static int put(const table *t, const char *text, int columns) {
    char character[RECORD_CHARACTER_MAX];
    const char *ellipsis = t->marks ? "\u2026" : "..";
    bool cut = width(t, text, columns) > columns;
    int room = cut ? columns - (t->marks ? 1 : 2) : columns, used = 0;
    for (; used < room && record_text_next_plain(&text, !t->marks, character); used++)
        fputs(character, t->out);
    if (cut) fputs(ellipsis, t->out);
    return cut ? 0 : columns - used;
}

static void heading(const table *t, const char *text) {
    fprintf(t->out, "\n  %s%s%s\n\n", t->colour ? "\x1b[1m" : "", text, t->colour ? "\x1b[0m" : "");
}

/* Name, both values, and what there is to say about them; each column but the last is filled up. */
static void row(const table *t, const char *name, const char *a, const char *b, const char *note) {
    fprintf(t->out, "    ");
    fprintf(t->out, "%*s", put(t, name, NAME_COLUMNS) + 2, "");
    fprintf(t->out, "%*s", put(t, a, VALUE_COLUMNS) + 2, "");
    int left = put(t, b, note[0] != '\0' ? VALUE_COLUMNS : TEXT_COLUMNS);
    if (note[0] != '\0') fprintf(t->out, "%*s", left + 2, "");
    put(t, note, TEXT_COLUMNS);
    fputc('\n', t->out);
}

static const char *word(const char *text, const char *none) {
    return text != NULL ? text : none;
}

static void put_changes(const table *t, const report_comparison *c) {
    heading(t, "VERDICTS");
    if (c->change_count == 0) fputs("    none in either run\n", t->out);
    for (size_t i = 0; i < c->change_count; i++) {
        const report_change *v = &c->changes[i];
        const char *a = word(v->verdicts[0], "-"), *b = word(v->verdicts[1], "-");
        row(t, v->unit, a, b, strcmp(a, b) == 0 ? "the same" : "");
    }
}

static void put_difference(const table *t, const report_difference *d) {
    char a[REPORT_DIFFERENCE_MAX], b[REPORT_DIFFERENCE_MAX], note[REPORT_CHANGE_MAX + 40],
        change[REPORT_CHANGE_MAX], name[TEXT_COLUMNS];
    snprintf(note, sizeof note, "%s%s", report_difference_text(d, change),
             d->decides ? ", on either side of its threshold" : "");
    snprintf(name, sizeof name, "%s%s", d->name, d->trend ? " p(95)" : "");
    row(t, name, report_difference_said(d, 0) ? report_difference_side(d, 0, a) : "-",
        report_difference_said(d, 1) ? report_difference_side(d, 1, b) : "-",
        isnan(d->values[0]) || isnan(d->values[1]) ? "" : note);
}

static void put_differences(const table *t, const report_comparison *c, bool metrics) {
    size_t shown = 0, all = 0;
    for (size_t i = 0; i < c->difference_count; i++) {
        if ((c->differences[i].of[0] == '\0') != metrics) continue;
        if (all++ == 0) heading(t, metrics ? "METRICS" : "MEASURES");
        if (metrics && shown == METRICS_SHOWN) continue;
        put_difference(t, &c->differences[i]);
        shown++;
    }
    if (all > shown) fprintf(t->out, "    and %zu more on the page\n", all - shown);
}

static void put_settings(const table *t, const report_comparison *c) {
    if (c->setting_count > 0) heading(t, "SET DIFFERENTLY");
    for (size_t i = 0; i < c->setting_count; i++) {
        const report_setting *s = &c->settings[i];
        row(t, s->name, word(s->values[0], "-"), word(s->values[1], "-"), "");
    }
}

void report_compare_terminal(const report_comparison *c, const report_result *const runs[2],
                             const char *const names[2], const report_style *style, FILE *out) {
    const table t = {out, style->colour, style->marks};
    heading(&t, "COMPARED");
    for (int i = 0; i < 2; i++) {
        fprintf(out, "    %c  ", 'A' + i);
        put(&t, names[i], TEXT_COLUMNS);
        fputs(": ", out);
        put(&t, report_result_title(runs[i]), TEXT_COLUMNS);
        fputc('\n', out);
    }
    if (!c->same_scenario)
        fputs("    These are runs of different scenarios: compared is what both of them have.\n",
              out);
    put_changes(&t, c);
    put_differences(&t, c, false);
    put_differences(&t, c, true);
    put_settings(&t, c);
    fputc('\n', out);
}
