/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/sweep.h - what a sweep found: the same scenario over a grid of parameters, each point
 * with several seeds. Plain data that sim/cli fills and the writers read; and the figures over the
 * seeds of a point. */
#ifndef SIM_REPORT_SWEEP_H
#define SIM_REPORT_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/judge/finding.h"
#include "sim/report/record.h"

/* A parameter that is varied, with its values as text. */
typedef struct report_sweep_axis {
    const char *name;
    const char *const *values;
    size_t count; /* 1 or more */
} report_sweep_axis;

typedef struct report_sweep_column { /* a measure that is looked at */
    const char *name;
    const char *unit; /* "" until a run has told */
} report_sweep_column;

typedef enum report_sweep_state { REPORT_SWEEP_MISSING, REPORT_SWEEP_DONE } report_sweep_state;

/* A run of one point with one seed. */
typedef struct report_sweep_run {
    report_sweep_state state; /* MISSING: the sweep was interrupted before it was done */
    judge_verdict verdict;
    bool drained_known, drained; /* everybody was back ("back online" is 1) */
} report_sweep_run;

/* What makes a setting good enough: "MEASURE<=VALUE", in every run of the point. */
typedef struct report_sweep_target {
    size_t column; /* index; SIZE_MAX: every run PASSes */
    judge_relation relation;
    double bound;
    const char *text; /* as it was typed */
} report_sweep_target;

/* Strings and arrays are borrowed. */
typedef struct report_sweep {
    const char *scenario, *title, *version, *repeat;
    bool interrupted;
    const report_parameter *set; /* the same for all runs: --set */
    size_t set_count;
    const report_sweep_axis *axes;
    size_t axis_count;
    size_t points; /* product of the axes' counts; the last axis varies fastest */
    uint64_t first_seed;
    size_t seeds;
    const report_sweep_column *columns;
    size_t column_count;
    const report_sweep_run *runs; /* points * seeds: point by point, seeds in order */
    const double *values;         /* runs * column_count; NAN: this run did not have the measure */
    const double *took;           /* wall seconds of each run; NAN: not done. NULL: not known */
    const report_sweep_target *targets;
    size_t target_count;
    size_t cost;          /* the axis that the cheapest setting is sought along; SIZE_MAX: none */
    const char *sentence; /* about the cheapest setting; NULL: not sought */
} report_sweep;

/* The value of an axis at a point, as text. */
const char *report_sweep_value(const report_sweep *s, size_t point, size_t axis);

/* A value as a number: a number, a fraction ("25%") or a duration (in seconds). False: it is a
 * word. */
bool report_sweep_number(const char *text, double *out);
/* Whether all values of an axis are numbers. */
bool report_sweep_numeric(const report_sweep_axis *axis);

/* How many runs of a point there are, and how they ended. */
typedef struct report_sweep_tally {
    size_t done, pass, fail, inconclusive;
    size_t drained, drained_known;
} report_sweep_tally;
report_sweep_tally report_sweep_count(const report_sweep *s, size_t point);

/* A column over the runs of a point. A run without the measure (a time that was never reached)
 * counts as more than any number: the median is then NAN when half the runs have none, the maximum
 * when one has none. */
typedef struct report_sweep_figure {
    double median, minimum, maximum;
    size_t known; /* runs that had it */
} report_sweep_figure;
/* SIM_ENOMEM. */
SIM_MUST_USE int report_sweep_over(const report_sweep *s, size_t point, size_t column,
                                   report_sweep_figure *out);

/* Whether every seed of the point is done and meets every target. A run without the measure does
 * not. */
bool report_sweep_meets(const report_sweep *s, size_t point);
/* Whether one run is done and meets every target. */
bool report_sweep_run_meets(const report_sweep *s, size_t run);
/* Whether the point is decided: all seeds are done, or one that is done does not meet a target. An
 * interrupted sweep has points that are not. */
bool report_sweep_decided(const report_sweep *s, size_t point);

/* The cheapest point that meets all targets: the lowest value of the axis `cost`, the first in the
 * grid of equals. SIZE_MAX: none does. */
size_t report_sweep_cheapest(const report_sweep *s);
/* That point where something has a price and every setting ran, to be shown as the one that was
 * looked for; SIZE_MAX: none is. */
size_t report_sweep_winner(const report_sweep *s);
/* Where nothing has a price: whether the point is the only one with the lowest middle of a column
 * among those that meet all targets. SIM_ENOMEM. */
SIM_MUST_USE int report_sweep_lowest(const report_sweep *s, size_t column, size_t *point);

#endif
