/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/terminal.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "sim/judge/words.h"
#include "sim/record/text.h"
#include "sim/report/page.h"
#include "sim/report/value.h"

enum {
    COLUMNS_MIN = 40,
    COLUMNS_MAX = 120, /* longer lines are hard to read */
    INDENT = 4,
    MEASURE_INDENT = 10,
    NAME_MIN = 21, /* so that the blocks below each other line up */
    NAME_MAX_SHOWN = 34,
    VALUE_ROOM = 24 /* where less is left for values, they go on further to the left */
};

/* One line being written. */
typedef struct page {
    FILE *out;
    bool colour, marks;
    size_t columns;
    size_t column; /* characters on this line so far */
} page;

static const char *const bold = "1", *const dim = "2", *const red = "31", *const green = "32",
                         *const yellow = "33";

static void paint(const page *p, const char *code) {
    if (p->colour) fprintf(p->out, "\x1b[%sm", code);
}

static void plain(const page *p) {
    if (p->colour) fputs("\x1b[0m", p->out);
}

static void line_end(page *p) {
    fputc('\n', p->out);
    p->column = 0;
}

static void indent(page *p, size_t to) {
    for (; p->column < to; p->column++) fputc(' ', p->out);
}

/* As many characters of a text as given, on this line. */
static void put_some(page *p, const char *text, size_t characters) {
    char character[RECORD_CHARACTER_MAX];
    for (; characters > 0 && record_text_next_plain(&text, !p->marks, character); characters--) {
        fputs(character, p->out);
        p->column++;
    }
}

static void put(page *p, const char *text) {
    put_some(p, text, SIZE_MAX);
}

static size_t width(const char *text) {
    char character[RECORD_CHARACTER_MAX];
    size_t characters = 0;
    while (record_text_next_plain(&text, true, character)) characters++;
    return characters;
}

/* The word at *at: its characters; *at moves behind it, *word and *length say where it was. 0 at
 * the end of the text. */
static size_t next_word(const char **at, const char **word) {
    char character[RECORD_CHARACTER_MAX];
    size_t characters = 0;
    *word = *at;
    for (const char *from = *at; record_text_next_plain(at, true, character); from = *at) {
        if (character[0] != ' ') {
            characters++;
        } else if (characters > 0) {
            *at = from;
            break;
        } else {
            *word = *at;
        }
    }
    return characters;
}

/* Words from here on, wrapped, with further lines beginning at `left`. A word longer than a line is
 * left whole: it may be a path, which somebody copies or clicks at. */
static void put_words(page *p, const char *text, size_t left) {
    const char *word;
    char character[RECORD_CHARACTER_MAX];
    bool first = true;
    for (size_t characters; (characters = next_word(&text, &word)) > 0; first = false) {
        if (p->column > left && p->column + !first + characters > p->columns) {
            line_end(p);
            indent(p, left);
        } else if (!first) {
            put(p, " ");
        }
        for (; characters > 0; characters--) {
            record_text_next_plain(&word, !p->marks, character);
            fputs(character, p->out);
            p->column++;
        }
    }
}

static void heading(page *p, const char *text) {
    line_end(p);
    indent(p, 2);
    paint(p, bold);
    put(p, text);
    plain(p);
    line_end(p);
    line_end(p);
}

/* "name.......: ", and where lines of its value go on. */
static size_t put_name(page *p, const char *name, size_t name_width) {
    size_t end = p->column + name_width;
    put_some(p, name, name_width);
    paint(p, dim);
    while (p->column < end) put(p, ".");
    plain(p);
    put(p, ": ");
    return p->column + VALUE_ROOM <= p->columns ? p->column : MEASURE_INDENT;
}

/* --- verdicts --- */

static const char *verdict_colour(judge_verdict v) {
    return v == JUDGE_PASS ? green : v == JUDGE_FAIL ? red : yellow;
}

static const char *verdict_mark(judge_verdict v) {
    return v == JUDGE_PASS   ? "\u2713 "
           : v == JUDGE_FAIL ? "\u2717 "
           : v == JUDGE_WARN ? "! "
                             : "? ";
}

static void put_verdict_head(page *p, const judge_finding *f) {
    char line[100];
    indent(p, INDENT);
    paint(p, verdict_colour(f->verdict));
    if (p->marks) put(p, verdict_mark(f->verdict));
    put(p, judge_verdict_word(f->verdict));
    plain(p);
    put(p, "  ");
    paint(p, bold);
    put(p, f->unit);
    plain(p);
    if (f->provision[0] != '\0') {
        paint(p, dim);
        snprintf(line, sizeof line, "%s EN 303 645, provision %s",
                 judge_unit_is_of_specification(f->unit, f->provision)
                     ? "test unit of TS 103 701 for"
                     : "check of our own for",
                 f->provision);
        put(p, "  ");
        put_words(p, line, MEASURE_INDENT);
        plain(p);
    }
    line_end(p);
}

/* Whether a measure held: a mark, or a word. */
static void put_held(page *p, const judge_measure *m) {
    /* What could not be measured has not failed: the verdict says what that means. */
    bool informs = m->relation == JUDGE_NONE || (isnan(m->value) && !m->holds);
    indent(p, p->marks ? MEASURE_INDENT - 2 : INDENT);
    paint(p, informs ? dim : m->open ? yellow : m->holds ? green : red);
    if (p->marks)
        put(p, informs ? "-" : m->open ? "?" : m->holds ? "\u2713" : "\u2717");
    else
        put(p, informs ? "info" : m->open ? "open" : m->holds ? "ok" : "FAILS");
    plain(p);
    indent(p, MEASURE_INDENT);
}

/* "68 attempts/s, at most 20". */
static const char *measure_text(const judge_measure *m, char *text, size_t size) {
    char value[REPORT_VALUE_MAX], threshold[REPORT_VALUE_MAX];
    const char *relation = m->relation == JUDGE_AT_MOST    ? ", at most "
                           : m->relation == JUDGE_AT_LEAST ? ", at least "
                                                           : "";
    bool shares = strcmp(m->unit, "share") == 0 || strcmp(m->unit, "s") == 0;
    report_measure_text(m->name, m->value, m->threshold, m->unit, value);
    if (strcmp(value, "unknown") == 0) snprintf(value, sizeof value, "not measured");
    threshold[0] = '\0';
    if (m->relation != JUDGE_NONE)
        report_value_text(m->threshold, NAN, shares ? m->unit : "", threshold);
    snprintf(text, size, "%s%s%s", value, relation, threshold);
    return text;
}

static void put_measure(page *p, const judge_measure *m, size_t name_width) {
    char held[2 * REPORT_VALUE_MAX + 16], samples[JUDGE_WORD_MAX], line[400];
    judge_words_count(m->samples, samples, sizeof samples);
    put_held(p, m);
    size_t left = put_name(p, m->name, name_width);
    const char *before_note = m->note == NULL             ? ""
                              : m->relation == JUDGE_NONE ? "; for information: "
                                                          : "; ";
    char count[JUDGE_WORD_MAX + 8] = "";
    if (m->samples > 0) snprintf(count, sizeof count, " (n=%s)", samples);
    snprintf(line, sizeof line, "%s%s%s%s%s", measure_text(m, held, sizeof held), count,
             m->open ? "; cannot be told" : "", before_note, m->note != NULL ? m->note : "");
    put_words(p, line, left);
    line_end(p);
}

static size_t wider(size_t width_so_far, const char *name) {
    size_t wanted = width(name) + 2;
    if (wanted > NAME_MAX_SHOWN) wanted = NAME_MAX_SHOWN;
    return wanted > width_so_far ? wanted : width_so_far;
}

static void put_verdict(page *p, const judge_finding *f) {
    size_t name_width = NAME_MIN;
    put_verdict_head(p, f);
    indent(p, MEASURE_INDENT);
    put_words(p, f->sentence, MEASURE_INDENT);
    line_end(p);
    for (size_t i = 0; i < f->measure_count; i++)
        name_width = wider(name_width, f->measures[i].name);
    for (size_t i = 0; i < f->measure_count; i++) put_measure(p, &f->measures[i], name_width);
}

static void put_trouble(page *p, const char *colour, const char *word, const char *text) {
    indent(p, INDENT);
    paint(p, colour);
    put(p, word);
    plain(p);
    put(p, "  ");
    put_words(p, text, MEASURE_INDENT);
    line_end(p);
}

static void put_verdicts(page *p, const report_run *run) {
    char text[REPORT_VALUE_MAX], time[24];
    heading(p, "VERDICTS");
    if (run->error != NULL) put_trouble(p, red, "ERROR", run->error);
    if (run->interrupted) {
        snprintf(text, sizeof text, "after %s; verdicts rest on what was seen until then",
                 sim_time_text(run->duration, time, sizeof time));
        put_trouble(p, yellow, "INTERRUPTED", text);
    }
    if (run->finding_count == 0)
        put_trouble(p, dim, "none", "the scenario asked for no verdict, or did not get that far");
    for (size_t i = 0; i < run->finding_count; i++) {
        if (i > 0 || run->interrupted || run->error != NULL) line_end(p);
        put_verdict(p, &run->findings[i]);
    }
}

/* --- story and metrics --- */

static void put_story(page *p, const report_run *run) {
    char time[24];
    size_t times = 0;
    if (run->story_count == 0) return;
    heading(p, "STORY");
    for (size_t i = 0; i < run->story_count; i++) {
        size_t wanted = strlen(sim_time_text(run->story[i].at, time, sizeof time));
        if (wanted > times) times = wanted;
    }
    for (size_t i = 0; i < run->story_count; i++) {
        sim_time_text(run->story[i].at, time, sizeof time);
        indent(p, INDENT + times - strlen(time));
        put(p, time);
        put(p, "  ");
        put_words(p, run->story[i].text, INDENT + times + 2);
        line_end(p);
    }
}

/* Of how many, and how much of what was due was answered. */
static void put_how_many(const report_metric *m, char *text, size_t size) {
    char samples[JUDGE_WORD_MAX], answered[JUDGE_WORD_MAX], share[JUDGE_WORD_MAX];
    judge_words_count(m->samples, samples, sizeof samples);
    judge_words_count(m->answered, answered, sizeof answered);
    judge_words_share((double)m->answered / (double)m->samples, 1, share, sizeof share);
    if (m->answered == m->samples)
        snprintf(text, size, " (n=%s)", samples);
    else
        snprintf(text, size, " (n=%s, answered: %s, %s)", samples, answered, share);
}

static void put_trend(page *p, const report_metric *m, size_t left) {
    const struct {
        const char *name;
        double value, quantile;
    } parts[] = {{"avg", m->mean, 1},    {"min", m->minimum, 0}, {"med", m->median, 0.5},
                 {"max", m->maximum, 1}, {"p(90)", m->p90, 0.9}, {"p(95)", m->p95, 0.95}};
    char line[8 * (REPORT_VALUE_MAX + 16)] = "", value[REPORT_VALUE_MAX];
    size_t used = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        used +=
            (size_t)snprintf(line + used, sizeof line - used, "%s%s%s%s", i > 0 ? " " : "",
                             parts[i].name, report_metric_open(m, parts[i].quantile) ? ">" : "=",
                             report_value_text(parts[i].value, NAN, m->unit, value));
    put_how_many(m, line + used, sizeof line - used);
    put_words(p, m->samples > 0 ? line : "no samples", left);
}

/* A counter's total and how much of it came a second, over the whole run. */
static void put_count(page *p, const report_run *run, const report_metric *m, size_t left) {
    char total[REPORT_VALUE_MAX], rate[REPORT_VALUE_MAX], line[2 * REPORT_VALUE_MAX + 8];
    double seconds = sim_time_seconds(run->duration);
    report_value_text(m->value, NAN, m->unit, total);
    report_value_text(m->value / seconds, NAN, strcmp(m->unit, "bytes") == 0 ? m->unit : "", rate);
    snprintf(line, sizeof line, seconds > 0 && m->value != 0 ? "%s (mean %s/s)" : "%s", total,
             rate);
    put_words(p, line, left);
}

/* What a reader takes for a fault otherwise. */
static const char *metric_note(const report_metric *m) {
    static const char band[] = "local_in_band_";
    const double good = 0.9; /* docs/results.md, local function */
    bool told = strncmp(m->name, band, sizeof band - 1) == 0 && m->value < good;
    return told ? " of the time with power; after a cut, and at each change from night to day, "
                  "warmth takes hours to follow"
                : "";
}

static void put_gauge(page *p, const report_metric *m, size_t left) {
    char value[REPORT_VALUE_MAX], line[REPORT_VALUE_MAX + 120];
    snprintf(line, sizeof line, "%s%s", report_value_text(m->value, NAN, m->unit, value),
             metric_note(m));
    put_words(p, line, left);
}

static void put_metric(page *p, const report_run *run, const report_metric *m, size_t name_width) {
    indent(p, INDENT);
    size_t left = put_name(p, m->name, name_width);
    if (m->kind == REPORT_TREND)
        put_trend(p, m, left);
    else if (m->kind == REPORT_COUNTER)
        put_count(p, run, m, left);
    else
        put_gauge(p, m, left);
    line_end(p);
}

/* A count of what did not happen: half of the metrics of a usual run. */
static bool is_idle(const report_metric *m) {
    return m->kind == REPORT_COUNTER && m->value == 0;
}

static void put_metrics(page *p, const report_run *run) {
    size_t name_width = NAME_MIN, idle = 0;
    char line[80];
    if (run->metric_count == 0) return;
    heading(p, "METRICS");
    for (size_t i = 0; i < run->metric_count; i++)
        name_width = wider(name_width, run->metrics[i].name);
    for (size_t i = 0; i < run->metric_count; i++) {
        idle += is_idle(&run->metrics[i]);
        if (!is_idle(&run->metrics[i])) put_metric(p, run, &run->metrics[i], name_width);
    }
    if (idle == 0) return;
    snprintf(line, sizeof line, "and %zu that counted nothing, in summary.json", idle);
    indent(p, INDENT);
    put_words(p, line, MEASURE_INDENT);
    line_end(p);
}

/* --- facts of the run --- */

static void put_fact(page *p, const char *name, const char *value) {
    if (value == NULL) return;
    indent(p, INDENT);
    size_t left = put_name(p, name, NAME_MIN);
    put_words(p, value, left);
    line_end(p);
}

static void put_number(page *p, const char *name, uint64_t value) {
    char text[JUDGE_WORD_MAX];
    put_fact(p, name, judge_words_count(value, text, sizeof text));
}

/* What the user set, one after the other. */
static void put_parameters(page *p, const report_run *run) {
    for (size_t i = 0; i < run->parameter_count; i++) {
        if (!run->parameters[i].given) continue;
        indent(p, INDENT);
        size_t left = put_name(p, "set", NAME_MIN);
        put_words(p, run->parameters[i].name, left);
        put(p, "=");
        put_words(p, run->parameters[i].value, left);
        line_end(p);
    }
}

static void put_machine(page *p, const report_machine *m) {
    char line[200], wall[REPORT_VALUE_MAX], events[JUDGE_WORD_MAX], rate[JUDGE_WORD_MAX],
        ours[REPORT_VALUE_MAX], resident[REPORT_VALUE_MAX];
    snprintf(line, sizeof line, "%s (%" PRIu32 " %s, %s events, %s events/s)",
             report_value_text(m->wall_s, NAN, "s", wall), m->threads,
             m->threads == 1 ? "thread" : "threads",
             judge_words_count(m->events, events, sizeof events),
             judge_words_number(m->events_per_s, rate, sizeof rate));
    put_fact(p, "wall time", line);
    snprintf(line, sizeof line, "%s (resident %s)",
             report_value_text(m->bytes_per_device, NAN, "bytes", ours),
             report_value_text(m->resident_bytes_per_device, NAN, "bytes", resident));
    put_fact(p, "per device", line);
    if (m->lateness_p99_s > 0)
        put_fact(p, "lateness p(99)", report_value_text(m->lateness_p99_s, NAN, "s", wall));
    if (m->unread_p99_s > 0)
        put_fact(p, "unread p(99)", report_value_text(m->unread_p99_s, NAN, "s", wall));
    if (m->processor_most > 0)
        put_fact(p, "processor, most", report_value_text(m->processor_most, NAN, "share", wall));
}

/* Neither wrapped nor cut: it is there to be copied. */
static void put_repeat(page *p, const report_run *run) {
    if (run->repeat == NULL) return;
    line_end(p);
    indent(p, INDENT);
    put(p, "To repeat this run:");
    line_end(p);
    indent(p, INDENT + 2);
    put(p, run->repeat);
    line_end(p);
}

/* The page that lies in the folder. */
static void put_page(page *p, const char *folder) {
    char path[PATH_MAX];
    if (folder == NULL ||
        snprintf(path, sizeof path, "%s/" REPORT_PAGE_FILE, folder) >= (int)sizeof path)
        return;
    put_fact(p, "page", path);
}

static void put_run(page *p, const report_run *run, const char *folder) {
    char text[REPORT_VALUE_MAX];
    bool real = run->target != NULL;
    heading(p, "RUN");
    put_fact(p, "scenario", run->scenario);
    put_fact(p, "title", run->title);
    put_fact(p, "world", run->world);
    put_fact(p, "target", run->target);
    put_parameters(p, run);
    snprintf(text, sizeof text, "%" PRIu64, run->seed);
    put_fact(p, "seed", text);
    put_number(p, "homes", run->homes);
    put_number(p, "devices", run->devices);
    put_fact(p, real ? "run time" : "virtual time",
             sim_time_text(run->duration, text, sizeof text));
    if (run->machine != NULL) put_machine(p, run->machine);
    snprintf(text, sizeof text, "%016" PRIx64, run->fingerprint);
    put_fact(p, "fingerprint", text);
    put_fact(p, "results", folder);
    put_page(p, folder);
    put_repeat(p, run);
}

/* --- the last line --- */

static page page_for(const report_style *style, FILE *out) {
    size_t columns = style->columns;
    if (columns < COLUMNS_MIN) columns = COLUMNS_MIN;
    if (columns > COLUMNS_MAX) columns = COLUMNS_MAX;
    return (page){.out = out, .colour = style->colour, .marks = style->marks, .columns = columns};
}

static judge_verdict worst_of(const report_run *run) {
    judge_verdict worst = JUDGE_PASS;
    for (size_t i = 0; i < run->finding_count; i++)
        worst = judge_verdict_worse(worst, run->findings[i].verdict);
    return worst;
}

/* The first measure that does not hold; NULL: all do. */
static const judge_measure *broken(const judge_finding *f) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (f->measures[i].relation != JUDGE_NONE && !f->measures[i].holds && !f->measures[i].open)
            return &f->measures[i];
    return NULL;
}

/* Each check that has the verdict; of a FAIL the first figure that made it one. */
static void put_units(page *p, const report_run *run, judge_verdict verdict) {
    char text[2 * REPORT_VALUE_MAX + 16];
    bool first = true;
    for (size_t i = 0; i < run->finding_count; i++) {
        const judge_finding *f = &run->findings[i];
        if (f->verdict != verdict) continue;
        put(p, first ? "  " : "; ");
        put(p, f->unit);
        first = false;
        if (verdict != JUDGE_FAIL || broken(f) == NULL) continue;
        put(p, ": ");
        put(p, broken(f)->name);
        put(p, " ");
        put(p, measure_text(broken(f), text, sizeof text));
    }
}

void report_terminal_last(const report_run *run, const report_style *style, FILE *out) {
    page p = page_for(style, out);
    judge_verdict verdict = worst_of(run);
    bool known = run->error == NULL && run->finding_count > 0;
    paint(&p, known ? verdict_colour(verdict) : yellow);
    if (p.marks && known) put(&p, verdict_mark(verdict));
    put(&p, known ? judge_verdict_word(verdict) : run->error != NULL ? "ERROR" : "NO VERDICT");
    plain(&p);
    if (run->interrupted) put(&p, ", interrupted");
    if (run->error != NULL) put(&p, "  ");
    if (run->error != NULL) put(&p, run->error);
    if (known) put_units(&p, run, verdict);
    line_end(&p);
}

void report_terminal(const report_run *run, const char *folder, const report_style *style,
                     FILE *out) {
    page p = page_for(style, out);
    put_verdicts(&p, run);
    put_story(&p, run);
    put_metrics(&p, run);
    put_run(&p, run, folder);
    line_end(&p);
}

void report_terminal_log(const report_run *run, const report_fact *facts, size_t count,
                         const report_style *style, FILE *out) {
    page p = page_for(style, out);
    put_verdicts(&p, run);
    put_story(&p, run);
    heading(&p, "LOG");
    for (size_t i = 0; i < count; i++) put_fact(&p, facts[i].name, facts[i].text);
    line_end(&p);
}
