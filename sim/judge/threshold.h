/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/threshold.h - a threshold of a scenario's own, "p(95)<200ms", held against a metric or
 * a measure. What is a share of a sample (a quantile says one, too) is judged with its 95 %
 * interval: where the value holds and the interval does not, the sample is too small to say. Pure.
 */
#ifndef SIM_JUDGE_THRESHOLD_H
#define SIM_JUDGE_THRESHOLD_H

#include "sim/judge/finding.h"

/* What of it is meant: X(name, word). VALUE is the empty word; QUANTILE is "p(95)". */
#define JUDGE_ASPECT_MAP(X) \
    X(VALUE, "")            \
    X(COUNT, "count")       \
    X(RATE, "rate")         \
    X(AVERAGE, "avg")       \
    X(LEAST, "min")         \
    X(MEDIAN, "med")        \
    X(MOST, "max")          \
    X(QUANTILE, "p")

typedef enum judge_aspect {
#define JUDGE_ASPECT_ENUM(name, word) JUDGE_ASPECT_##name,
    JUDGE_ASPECT_MAP(JUDGE_ASPECT_ENUM)
#undef JUDGE_ASPECT_ENUM
        JUDGE_ASPECTS
} judge_aspect;

typedef struct judge_threshold {
    judge_aspect aspect;
    double quantile; /* 0..1; of QUANTILE and MEDIAN */
    judge_relation relation;
    double limit;    /* seconds, shares as 0..1, else as it is */
    char limit_unit; /* 's', '%' or 0: as it was written */
    char text[16];   /* of what is meant: "p(95)", "" */
} judge_threshold;

/* Reads "p(95)<200ms", "avg<=1s", ">=99%", "count<10"; `<` and `<=` are the same here, as are `>`
 * and `>=`. 0, or SIM_EPARSE. */
int judge_threshold_read(const char *text, judge_threshold *out);

/* NULL when the limit is one for a value of that unit, else a static sentence about the value that
 * says what it takes. 0 is a limit for any. */
const char *judge_threshold_unfit(const judge_threshold *t, const char *unit);

/* `part` of `whole` are what they should be (AT_LEAST limit) or should not (AT_MOST limit);
 * `unknown` more may be. A limit that admits no exception (100 %, 0) is held against what was seen:
 * no interval can show it. */
judge_verdict judge_threshold_share(const judge_threshold *t, double limit, uint64_t part,
                                    uint64_t unknown, uint64_t whole);

/* The value's own words: fills verdict, sentence and a measure, of which `what` and `unit` must be
 * static. `verdict` says more than whether the value holds: an interval, or that it is open. */
typedef struct judge_threshold_case {
    const char *what, *unit; /* "request_latency p(95)", "s" */
    double value;            /* NAN: there is none */
    bool more_than;          /* the value is a lower bound */
    uint64_t samples;
    judge_verdict verdict;
} judge_threshold_case;
void judge_threshold_say(const judge_threshold *t, const judge_threshold_case *c,
                         judge_finding *out);
/* What a value without a sample behind it gives. */
judge_verdict judge_threshold_value(const judge_threshold *t, double value, bool more_than);

#endif
