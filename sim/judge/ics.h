/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/ics.h - an implementation conformance statement (Table B.1 of EN 303 645) held against the rules of its own table, and against what runs have shown. Pure.
 *
 * Rules on the answers, by the names that are printed:
 *   R1  N/A only where a condition of the provision does not hold       R4  Y says which measures
 *   R2  M, applicable, N: the requirement is not met                    R5  N/A says why
 *   R3  R, applicable, N, without a reason: the reporting provision     R6  Y although the condition says not applicable: a warning
 *       (4-1, in the later edition 5.0-1), itself mandatory, is not met
 * Rules on the facts (F1 ...) are data of the edition. `form`: what is not filled in, or not as it must be; `run`: contradictions to what was seen. */
#ifndef SIM_JUDGE_ICS_H
#define SIM_JUDGE_ICS_H

#include "sim/judge/finding.h"
#include "sim/judge/provisions.h"

typedef enum judge_support {
    JUDGE_SUPPORT_OPEN, /* not answered */
    JUDGE_SUPPORT_YES,
    JUDGE_SUPPORT_NO,
    JUDGE_SUPPORT_NOT_APPLICABLE
} judge_support;

typedef struct judge_answer {
    judge_support support;
    bool detail; /* there is a text */
} judge_answer;

typedef struct judge_ics {
    const judge_edition *edition;
    judge_facts known, holds;                   /* holds: those of the known that are true */
    judge_answer answers[JUDGE_PROVISIONS_MAX]; /* in the order of the edition's provisions */
} judge_ics;

enum { JUDGE_PLACE_MAX = 48, JUDGE_WHAT_MAX = 320 };

typedef struct judge_remark {
    bool warning;
    const char *rule;            /* "R3", "F1", "form", "run"; static */
    char place[JUDGE_PLACE_MAX]; /* a provision or a fact */
    char what[JUDGE_WHAT_MAX];
    char why[JUDGE_WHAT_MAX];
    char remedy[JUDGE_WHAT_MAX];
} judge_remark;

/* Gets the remarks one by one, each only for the call. */
typedef void judge_remark_taker(void *context, const judge_remark *r);

typedef enum judge_applies { JUDGE_APPLIES, JUDGE_APPLIES_NOT, JUDGE_APPLIES_UNKNOWN } judge_applies;
/* Whether a provision applies to this product, as far as its facts are known. */
judge_applies judge_ics_applies(const judge_ics *s, const judge_provision *p);

/* Everything that is wrong with the statement, in the order of its table: facts first. */
void judge_ics_lint(const judge_ics *s, judge_remark_taker *take, void *context);

/* What one run has shown about a provision. */
typedef struct judge_shown {
    const char *provision, *unit, *sentence, *folder;
    judge_verdict verdict;
} judge_shown;
/* True, and fills *out, when it contradicts the statement (FAIL against Y), or (a warning) has no row in its edition. */
bool judge_ics_compare(const judge_ics *s, const judge_shown *shown, judge_remark *out);

const char *judge_support_word(judge_support s); /* "Y", "N", "N/A"; "" when open */

#endif
