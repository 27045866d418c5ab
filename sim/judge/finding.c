/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/finding.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/error.h"

const char *judge_verdict_word(judge_verdict v) {
    switch (v) {
        case JUDGE_PASS:
            return "PASS";
        case JUDGE_FAIL:
            return "FAIL";
        case JUDGE_WARN:
            return "WARN";
        case JUDGE_INCONCLUSIVE:
            break;
    }
    return "INCONCLUSIVE";
}

bool judge_verdict_named(const char *word, judge_verdict *out) {
    static const judge_verdict all[] = {JUDGE_PASS, JUDGE_WARN, JUDGE_FAIL, JUDGE_INCONCLUSIVE};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        *out = all[i];
        if (strcmp(word, judge_verdict_word(all[i])) == 0) return true;
    }
    return false;
}

bool judge_verdict_passes(judge_verdict v) {
    return v == JUDGE_PASS || v == JUDGE_WARN;
}

judge_verdict judge_verdict_worse(judge_verdict a, judge_verdict b) {
    static const int weight[] = {
        [JUDGE_PASS] = 0, [JUDGE_WARN] = 1, [JUDGE_INCONCLUSIVE] = 2, [JUDGE_FAIL] = 3};
    return weight[a] > weight[b] ? a : b;
}

const char *judge_relation_word(judge_relation r) {
    switch (r) {
        case JUDGE_AT_MOST:
            return "at most";
        case JUDGE_AT_LEAST:
            return "at least";
        case JUDGE_NONE:
            break;
    }
    return "none";
}

bool judge_unit_is_of_specification(const char *unit, const char *provision) {
    size_t n = strlen(provision);
    return n > 0 && strncmp(unit, provision, n) == 0 && unit[n] == '-';
}

static bool measure_holds(double value, judge_relation relation, double threshold) {
    switch (relation) {
        case JUDGE_AT_MOST:
            return value <= threshold; /* false when either is not a number */
        case JUDGE_AT_LEAST:
            return value >= threshold;
        case JUDGE_NONE:
            break;
    }
    return true;
}

static void add(judge_finding *f, judge_measure measure) {
    SIM_PROMISE(f->measure_count < JUDGE_MEASURES_MAX);
    f->measures[f->measure_count++] = measure;
}

void judge_finding_measure(judge_finding *f, const char *name, const char *unit, double value,
                           judge_relation relation, double threshold, uint64_t samples) {
    add(f, (judge_measure){.name = name,
                           .unit = unit,
                           .value = value,
                           .threshold = relation == JUDGE_NONE ? NAN : threshold,
                           .relation = relation,
                           .samples = samples,
                           .holds = measure_holds(value, relation, threshold)});
}

void judge_finding_inform(judge_finding *f, const char *name, const char *unit, double value,
                          uint64_t samples, const char *note) {
    add(f, (judge_measure){.name = name,
                           .unit = unit,
                           .value = value,
                           .threshold = NAN,
                           .relation = JUDGE_NONE,
                           .samples = samples,
                           .holds = true,
                           .note = note});
}

/* Ends a sentence that was cut with "...", on the border of a UTF-8 character. */
static void mark_cut(char *sentence) {
    size_t end = JUDGE_SENTENCE_MAX - sizeof "...";
    while (end > 0 && ((unsigned char)sentence[end] & 0xC0) == 0x80) end--;
    memcpy(sentence + end, "...", sizeof "...");
}

static bool say_at(judge_finding *f, size_t at, const char *format, va_list values) {
    size_t room = JUDGE_SENTENCE_MAX - at;
    int wanted = vsnprintf(f->sentence + at, room, format, values);
    if (wanted >= 0 && (size_t)wanted < room) return true;
    if (wanted < 0)
        f->sentence[at] = '\0'; /* no text came of it: keep what stood there */
    else
        mark_cut(f->sentence);
    return false;
}

bool judge_finding_say(judge_finding *f, const char *format, ...) {
    va_list values;
    va_start(values, format);
    bool fits = say_at(f, 0, format, values);
    va_end(values);
    return fits;
}

bool judge_finding_say_more(judge_finding *f, const char *format, ...) {
    va_list values;
    va_start(values, format);
    bool fits = say_at(f, strnlen(f->sentence, JUDGE_SENTENCE_MAX - 1), format, values);
    va_end(values);
    return fits;
}

int judge_exit_code(const judge_finding *findings, size_t count) {
    static const int code[] = {
        [JUDGE_PASS] = 0, [JUDGE_WARN] = 0, [JUDGE_FAIL] = 1, [JUDGE_INCONCLUSIVE] = 5};
    judge_verdict worst = JUDGE_PASS;
    for (size_t i = 0; i < count; i++) worst = judge_verdict_worse(worst, findings[i].verdict);
    return code[worst];
}
