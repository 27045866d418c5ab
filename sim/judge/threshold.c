/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/threshold.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/units.h"
#include "sim/judge/alarms.h"
#include "sim/judge/words.h"

/* ---- reading ---- */

/* The number in "p(95)", as a share; false when it is something else. */
static bool read_quantile(const char *text, double *out) {
    double percent;
    char number[16];
    size_t n = strlen(text);
    if (n < 4 || n - 3 >= sizeof number || strncmp(text, "p(", 2) != 0 || text[n - 1] != ')')
        return false;
    snprintf(number, sizeof number, "%.*s", (int)(n - 3), text + 2);
    if (sim_units_number(number, &percent) != 0 || percent < 0 || percent > 100) return false;
    *out = percent / 100;
    return true;
}

static bool read_aspect(const char *text, judge_threshold *t) {
    static const char *const words[JUDGE_ASPECTS] = {
#define ASPECT_WORD(name, word) [JUDGE_ASPECT_##name] = word,
        JUDGE_ASPECT_MAP(ASPECT_WORD)
#undef ASPECT_WORD
    };
    t->quantile = 0.5; /* of the median */
    if (read_quantile(text, &t->quantile)) {
        t->aspect = JUDGE_ASPECT_QUANTILE;
        return true;
    }
    for (int a = 0; a < JUDGE_ASPECT_QUANTILE; a++) {
        t->aspect = (judge_aspect)a;
        if (strcmp(text, words[a]) == 0) return true;
    }
    return false;
}

static bool read_limit(const char *text, judge_threshold *t) {
    sim_time duration;
    size_t n = strlen(text);
    t->limit_unit = 0;
    if (sim_units_number(text, &t->limit) == 0) return true;
    if (n > 0 && text[n - 1] == '%') {
        char number[32];
        t->limit_unit = '%';
        if (n > sizeof number) return false;
        snprintf(number, sizeof number, "%.*s", (int)(n - 1), text);
        if (sim_units_number(number, &t->limit) != 0) return false;
        t->limit /= 100;
        return true;
    }
    t->limit_unit = 's';
    if (sim_units_duration(text, &duration) != 0) return false;
    t->limit = sim_time_seconds(duration);
    return true;
}

int judge_threshold_read(const char *text, judge_threshold *out) {
    char plain[64];
    size_t used = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == ' ') continue;
        if (used + 1 == sizeof plain) return SIM_EPARSE;
        plain[used++] = *c;
    }
    plain[used] = '\0';
    size_t at = strcspn(plain, "<>");
    if (plain[at] == '\0' || at >= sizeof out->text) return SIM_EPARSE;
    *out = (judge_threshold){.relation = plain[at] == '<' ? JUDGE_AT_MOST : JUDGE_AT_LEAST};
    snprintf(out->text, sizeof out->text, "%.*s", (int)at, plain);
    const char *limit = plain + at + (plain[at + 1] == '=' ? 2 : 1);
    return read_aspect(out->text, out) && read_limit(limit, out) ? 0 : SIM_EPARSE;
}

const char *judge_threshold_unfit(const judge_threshold *t, const char *unit) {
    if (t->limit == 0) return NULL;
    if (strcmp(unit, "s") == 0)
        return t->limit_unit == 's' ? NULL : "is a time: its limit is a duration, such as 200ms";
    if (strcmp(unit, "share") == 0) {
        bool share = t->limit_unit == '%' || (t->limit_unit == 0 && t->limit <= 1);
        return share ? NULL : "is a share: its limit is a percentage, such as 99%";
    }
    if (t->limit_unit == 's') return "is a number: its limit is one, too, without a unit";
    return t->limit_unit == 0 ? NULL
                              : "is a number, and its limit none without a share: say of what, as "
                                "in reports_failed/reports_due";
}

/* ---- judging ---- */

static bool holds(judge_relation relation, double value, double limit) {
    return relation == JUDGE_AT_MOST ? value <= limit : value >= limit;
}

judge_verdict judge_threshold_value(const judge_threshold *t, double value, bool more_than) {
    if (isnan(value)) return JUDGE_INCONCLUSIVE;
    bool held = holds(t->relation, value, t->limit);
    /* More than a value that is above the limit is above it; else nobody knows. */
    if (more_than && held == (t->relation == JUDGE_AT_MOST)) return JUDGE_INCONCLUSIVE;
    return held ? JUDGE_PASS : JUDGE_FAIL;
}

judge_verdict judge_threshold_share(const judge_threshold *t, double limit, uint64_t part,
                                    uint64_t unknown, uint64_t whole) {
    if (whole == 0) return JUDGE_INCONCLUSIVE;
    bool least = t->relation == JUDGE_AT_LEAST;
    uint64_t worst = least ? part : part + unknown, best = least ? part + unknown : part;
    judge_share low = judge_share_of(worst, whole), high = judge_share_of(best, whole);
    bool exact = limit <= 0 || limit >= 1;
    double careful = exact ? low.value : least ? low.low : low.high;
    double generous = exact ? high.value : least ? high.high : high.low;
    if (holds(t->relation, careful, limit)) return JUDGE_PASS;
    return holds(t->relation, generous, limit) ? JUDGE_INCONCLUSIVE : JUDGE_FAIL;
}

/* ---- words ---- */

static void write_value(double value, const char *unit, char text[JUDGE_WORD_MAX]) {
    if (strcmp(unit, "s") == 0)
        (void)sim_time_text(sim_time_from_seconds(value), text, JUDGE_WORD_MAX);
    else if (strcmp(unit, "share") == 0)
        judge_words_share(value, NAN, text, JUDGE_WORD_MAX);
    else
        judge_words_number(value, text, JUDGE_WORD_MAX);
}

void judge_threshold_say(const judge_threshold *t, const judge_threshold_case *c,
                         judge_finding *out) {
    char value[JUDGE_WORD_MAX], limit[JUDGE_WORD_MAX], samples[JUDGE_WORD_MAX];
    judge_finding_measure(out, c->what, c->unit, c->value, t->relation, t->limit, c->samples);
    judge_measure *m = &out->measures[out->measure_count - 1];
    bool open = c->verdict == JUDGE_INCONCLUSIVE;
    m->open = open && !isnan(c->value);
    m->holds = open ? holds(t->relation, c->value, t->limit) : c->verdict == JUDGE_PASS;
    if (m->open) m->note = "too few were seen: its 95 % interval has the limit in it";
    if (c->more_than) m->note = "the value is a lower bound: too little was answered";
    out->verdict = c->verdict;
    if (isnan(c->value)) {
        judge_finding_say(out, "There is no %s in this run, so nothing can be said.", c->what);
        return;
    }
    write_value(c->value, c->unit, value);
    write_value(t->limit, c->unit, limit);
    judge_words_count(c->samples, samples, sizeof samples);
    judge_finding_say(out, "%s is %s%s where it should be %s %s", c->what,
                      c->more_than ? "more than " : "", value,
                      t->relation == JUDGE_AT_MOST ? "at most" : "at least", limit);
    if (c->samples > 0) judge_finding_say_more(out, " (n=%s)", samples);
    if (c->verdict == JUDGE_INCONCLUSIVE)
        judge_finding_say_more(out, ": too few were seen to tell");
    judge_finding_say_more(out, ".");
}
