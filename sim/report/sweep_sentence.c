/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <string.h>

#include "sim/judge/words.h"
#include "sim/report/sweep_write.h"

enum { SHOWN_MAX = 3 /* settings that a sentence names */ };

/* A text that grows, and is cut where its room ends. */
typedef struct line {
    char *text;
    size_t size, used;
} line;

__attribute__((format(printf, 2, 3))) static void say(line *l, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(l->text + l->used, l->size - l->used, format, arguments);
    va_end(arguments);
    l->used += n > 0 ? (size_t)n : 0;
    if (l->used >= l->size) l->used = l->size - 1;
}

char *report_sweep_setting(const report_sweep *s, size_t point, size_t but, const char *joint,
                           char text[REPORT_SWEEP_SETTING]) {
    line l = {.text = text, .size = REPORT_SWEEP_SETTING};
    text[0] = '\0';
    for (size_t i = 0; i < s->axis_count; i++)
        if (i != but)
            say(&l, "%s%s=%s", l.used > 0 ? joint : "", s->axes[i].name,
                report_sweep_value(s, point, i));
    return text;
}

/* " (20 of 20 runs pass, busiest second 300..317)" */
static void say_figures(line *l, const report_sweep *s, size_t point) {
    report_sweep_tally tally = report_sweep_count(s, point);
    report_sweep_figure f;
    char low[JUDGE_WORD_MAX], high[JUDGE_WORD_MAX];
    say(l, " (%zu of %zu runs pass", tally.pass, tally.done);
    if (s->column_count > 0 && report_sweep_over(s, point, 0, &f) == 0 && f.known == tally.done) {
        judge_words_number(f.minimum, low, sizeof low);
        judge_words_number(f.maximum, high, sizeof high);
        bool one = strcmp(low, high) == 0;
        say(l, ", %s %s%s%s", s->columns[0].name, low, one ? "" : "..", one ? "" : high);
    }
    say(l, ")");
}

static void say_cheapest(line *l, const report_sweep *s, size_t point) {
    char rest[REPORT_SWEEP_SETTING];
    say(l, "cheapest setting that meets it: %s=%s", s->axes[s->cost].name,
        report_sweep_value(s, point, s->cost));
    report_sweep_setting(s, point, s->cost, " and ", rest);
    if (rest[0] != '\0') say(l, " with %s", rest);
    say_figures(l, s, point);
}

static void say_all(line *l, const report_sweep *s) {
    char setting[REPORT_SWEEP_SETTING];
    size_t meeting = 0, shown = 0;
    for (size_t i = 0; i < s->points; i++) meeting += report_sweep_meets(s, i) ? 1 : 0;
    say(l, "%zu of %zu settings %s it: ", meeting, s->points, meeting == 1 ? "meets" : "meet");
    for (size_t i = 0; i < s->points && shown < SHOWN_MAX; i++) {
        if (!report_sweep_meets(s, i)) continue;
        say(l, "%s%s", shown++ > 0 ? "; " : "",
            report_sweep_setting(s, i, SIZE_MAX, " and ", setting));
        say_figures(l, s, i);
    }
    if (meeting > shown) say(l, "; and others");
}

char *report_sweep_sentence(const report_sweep *s, char *text, size_t size) {
    line l = {.text = text, .size = size};
    size_t point = report_sweep_cheapest(s);
    say(&l, "target ");
    for (size_t i = 0; i < s->target_count; i++)
        say(&l, "%s%s", i > 0 ? " and " : "", s->targets[i].text);
    say(&l, ": ");
    if (point == SIZE_MAX)
        say(&l, "no setting meets it with every seed");
    else if (s->cost == SIZE_MAX)
        say_all(&l, s);
    else
        say_cheapest(&l, s, point);
    return text;
}
