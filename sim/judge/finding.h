/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/finding.h - a verdict with everything it stands on: value, threshold, sample size and
 * reason (design D8).
 *
 * Three-valued as TS 103 701 has it: clauses 5.9 and 5.10 of EN 303 645 are recommendations, and
 * wording stays with PASS, FAIL and INCONCLUSIVE. A fourth word, WARN, is a PASS that says what
 * should be better all the same: rules of others pass so (docs/verdicts.md). */
#ifndef SIM_JUDGE_FINDING_H
#define SIM_JUDGE_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum judge_verdict {
    JUDGE_PASS,
    JUDGE_FAIL,
    JUDGE_INCONCLUSIVE,
    JUDGE_WARN /* it passes, and the sentence says why that is not all */
} judge_verdict;
const char *judge_verdict_word(judge_verdict v); /* "PASS", "FAIL", "INCONCLUSIVE", "WARN" */
/* PASS and WARN pass. */
bool judge_verdict_passes(judge_verdict v);
/* The verdict with that word; false: there is none. */
bool judge_verdict_named(const char *word, judge_verdict *out);
/* FAIL outweighs INCONCLUSIVE, which outweighs WARN, which outweighs PASS. */
judge_verdict judge_verdict_worse(judge_verdict a, judge_verdict b);

/* How a value is held against its threshold; NONE: told for information, decides nothing. */
typedef enum judge_relation { JUDGE_NONE, JUDGE_AT_MOST, JUDGE_AT_LEAST } judge_relation;
const char *judge_relation_word(judge_relation r); /* "none", "at most", "at least" */

enum { JUDGE_UNIT_MAX = 48, JUDGE_MEASURES_MAX = 32, JUDGE_SENTENCE_MAX = 480 };

typedef struct judge_measure {
    const char *name; /* "busiest second", static */
    const char *unit; /* "attempts/s", static */
    double value;     /* NAN: could not be measured */
    double threshold; /* NAN with JUDGE_NONE */
    judge_relation relation;
    uint64_t samples; /* how many attempts, devices or seconds it rests on */
    bool holds;       /* true with JUDGE_NONE */
    /* it cannot be told whether it holds: too few were seen, or the value is only a bound. Then
     * `holds` is what the value alone would say, and nobody shows that */
    bool open;
    /* static: why it decides nothing here, or how its threshold came about; NULL: nothing to add */
    const char *note;
} judge_measure;

typedef struct judge_finding {
    /* TS 103 701 test unit "5.9-3-2 a", or the name of a check of our own ("answered") */
    char unit[JUDGE_UNIT_MAX];
    char provision[16]; /* "5.9-3" or "" */
    judge_verdict verdict;
    char sentence
        /* one sentence that a trainer could read aloud: what happened and why that is the verdict
         */
        [JUDGE_SENTENCE_MAX];
    judge_measure measures[JUDGE_MEASURES_MAX];
    size_t measure_count;
    unsigned defects; /* of sim/judge/defect.h, a bit for each */
} judge_finding;

/* Adds a measure and fills `holds` from relation, value and threshold (a NAN value does not hold).
 * Promise: there is room. */
/* Whether `unit` is one of TS 103 701: its names are the provision's, the case and a letter
 * ("5.9-3-2 a"). A check of our own may look at a provision as well ("5.10-1 detection"). */
bool judge_unit_is_of_specification(const char *unit, const char *provision);

void judge_finding_measure(judge_finding *f, const char *name, const char *unit, double value,
                           judge_relation relation, double threshold, uint64_t samples);

/* Adds a measure that decides nothing, and says why in `note` (static; NULL when it never decides).
 * Promise: there is room. */
void judge_finding_inform(judge_finding *f, const char *name, const char *unit, double value,
                          uint64_t samples, const char *note);

/* Writes the sentence anew, or adds to it. False when it did not fit: then it ends in "..." (never
 * in half a character). Terminal controls in foreign text are the reporter's business. */
bool judge_finding_say(judge_finding *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool judge_finding_say_more(judge_finding *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Exit code of a run with these findings: 1 when one FAILed, else 5 when one is INCONCLUSIVE, else
 * 0. None at all: 0. */
int judge_exit_code(const judge_finding *findings, size_t count);

#endif
