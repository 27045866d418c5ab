/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/compare.h - two runs held against each other: what differs, and what matters most
 * first. */
#ifndef SIM_REPORT_COMPARE_H
#define SIM_REPORT_COMPARE_H

#include "sim/report/result.h"
#include "sim/report/terminal.h"
#include "sim/report/value.h"

typedef struct report_difference {
    const char *of; /* test unit or check that it is a measure of; "" for a metric of the run */
    const char *name;
    const char *unit;
    double values[2]; /* NAN: it could not be measured there, or is not there */
    /* a measure of that run, if only to say that it has no value: "never" */
    bool there[2];
    bool decides; /* it held in one run and not in the other */
    bool trend;   /* a metric that is told by its p(95) */
    bool more[2]; /* the value is a lower bound: so little was answered */
    /* which values its threshold wants: JUDGE_AT_MOST, so that less is better; NONE: it has none */
    judge_relation relation;
    double relative; /* |b - a| over the larger of the two, 0 .. 1; 1 where only one is known */
} report_difference;

typedef struct report_setting { /* a parameter, or another fact of the run that differs */
    const char *name;
    const char *values[2]; /* NULL: it has none of that name */
} report_setting;

typedef struct report_change { /* a verdict in both runs */
    const char *unit;
    const char *verdicts[2]; /* "PASS", ...; NULL: it was not asked for there */
} report_change;

/* Borrows from the results; all 0 is empty. */
typedef struct report_comparison {
    report_change *changes; /* those that differ first */
    size_t change_count;
    /* of measures that decide, then by how much they differ; what is in one run only last; metrics
     * after measures; those that are equal are left out */
    report_difference *differences;
    size_t difference_count;
    report_setting *settings;
    size_t setting_count;
    bool same_scenario;
} report_comparison;

/* How B stands to A: "+40 %", "-12 %", "x 25" from ten times on, "+7" where A is 0, "+5 points" of
 * a share; with " or more" where a lower bound is all that is known; with ", worse" or ", better"
 * where a threshold says which is which; "only in A". Returns `text`. */
enum { REPORT_CHANGE_MAX = 80, REPORT_DIFFERENCE_MAX = REPORT_VALUE_MAX + 16 };
char *report_difference_text(const report_difference *d, char text[REPORT_CHANGE_MAX]);
/* A (0) or B (1) says something of it, be it that there is no value. */
bool report_difference_said(const report_difference *d, int side);
/* The value of A (0) or of B (1): "3m01s", "never", "more than 3m01s". Returns `text`. */
char *report_difference_side(const report_difference *d, int side,
                             char text[REPORT_DIFFERENCE_MAX]);

/* SIM_ENOMEM. Deinit in any case. */
SIM_MUST_USE int report_compare(const report_result *const runs[2], report_comparison *out);
void report_comparison_deinit(report_comparison *c);

/* The same as a table for a terminal. `names`: of the folders. */
void report_compare_terminal(const report_comparison *c, const report_result *const runs[2],
                             const char *const names[2], const report_style *style, FILE *out);

#endif
