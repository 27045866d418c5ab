/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/assess/ics.h - an implementation conformance statement (Table B.1 of EN 303 645) held against
 * the rules of its own table, and against what runs have shown. Pure.
 *
 * Rules on the answers, by the names that are printed:
 *   R1  N/A only where a condition of the provision does not hold       R4  Y says which measures
 *   R2  M, applicable, N: the requirement is not met                    R5  N/A says why
 *    R3  R, applicable, N, without a reason: the reporting provision     R6  Y although the
 *    condition says not applicable: a warning
 *       (4-1, in the later edition 5.0-1), itself mandatory, is not met
 * Rules on the facts (F1 ...) are data of the edition. `form`: what is not filled in, or not as it
 * must be; `run`: contradictions to what was seen. */
#ifndef SIM_ASSESS_ICS_H
#define SIM_ASSESS_ICS_H

#include "sim/assess/provisions.h"
#include "sim/judge/finding.h"

typedef enum assess_support {
    ASSESS_SUPPORT_OPEN, /* not answered */
    ASSESS_SUPPORT_YES,
    ASSESS_SUPPORT_NO,
    ASSESS_SUPPORT_NOT_APPLICABLE
} assess_support;

typedef struct assess_answer {
    assess_support support;
    bool detail; /* there is a text that says something: assess_ics_says */
} assess_answer;

typedef struct assess_ics {
    const assess_edition *edition;
    assess_facts known, holds;                    /* holds: those of the known that are true */
    assess_answer answers[ASSESS_PROVISIONS_MAX]; /* in the order of the edition's provisions */
} assess_ics;

/* Whether the text of a detail says something: not blank, and no place holder such as "TBD", "-",
 * ".", "N/A", "none", "to be determined" or "not supported", which repeats the answer. NULL: it
 * does not. */
bool assess_ics_says(const char *detail);

enum { ASSESS_PLACE_MAX = 48, ASSESS_WHAT_MAX = 320 };

typedef struct assess_remark {
    bool warning;
    const char *rule;             /* "R3", "F1", "form", "run"; static */
    char place[ASSESS_PLACE_MAX]; /* a provision or a fact */
    char what[ASSESS_WHAT_MAX];
    char why[ASSESS_WHAT_MAX];
    char remedy[ASSESS_WHAT_MAX];
} assess_remark;

/* Gets the remarks one by one, each only for the call. */
typedef void assess_remark_taker(void *context, const assess_remark *r);

typedef enum assess_applies {
    ASSESS_APPLIES,
    ASSESS_APPLIES_NOT,
    ASSESS_APPLIES_UNKNOWN
} assess_applies;
/* Whether a provision applies to this product, as far as its facts are known. */
assess_applies assess_ics_applies(const assess_ics *s, const assess_provision *p);

/* Everything that is wrong with the statement, in the order of its table: facts first. */
void assess_ics_lint(const assess_ics *s, assess_remark_taker *take, void *context);

/* What one run has shown about a provision. */
typedef struct assess_shown {
    const char *provision, *unit, *sentence, *folder;
    judge_verdict verdict;
} assess_shown;
/* True, and fills *out, when it contradicts the statement (FAIL against Y), or (a warning) has no
 * row in its edition. */
bool assess_ics_compare(const assess_ics *s, const assess_shown *shown, assess_remark *out);

const char *assess_support_word(assess_support s); /* "Y", "N", "N/A"; "" when open */

#endif
