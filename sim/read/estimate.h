/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/estimate.h - which law made these pauses: fixed or growing, with jitter or without, and
 * its interval. Pure.
 *
 * Growing: an exponential with a plateau is fitted to the mean pause after each attempt (least
 * squares of logarithms), and Kendall's rank test over the attempts of each episode says whether
 * the growth is more than chance. Jitter: coefficient of variation of the pauses relative to the
 * mean of their number where there are several episodes, else to the fit, with a 90 % interval by
 * chi-square. */
#ifndef SIM_READ_ESTIMATE_H
#define SIM_READ_ESTIMATE_H

#include "sim/read/pauses.h"

typedef enum read_answer { READ_NO, READ_YES, READ_UNCLEAR } read_answer;

typedef struct read_estimate {
    size_t pauses;     /* after a failed attempt: what the rest stands on */
    size_t episodes;   /* that have any */
    size_t numbers;    /* the longest episode, in pauses */
    size_t from_start; /* pauses that had to be counted from the start of an attempt */
    read_answer grows, jitter;
    /* the loss of the connection counts as a failure: the pause before the first attempt is the
     * first of the growing ones, and counted among the pauses */
    bool loss_counts;
    /* so many retries are made at once before the pauses that the rest is about: 0 s, as in the
     * tables of some clients */
    size_t at_once;
    double trend; /* Kendall's z over the first twelve of each episode; NAN: cannot be said */
    /* fixed: the pause; growing: the first one. Median without jitter, else mean */
    double interval_s;
    double factor; /* growth from one to the next before the plateau; 1 when fixed */
    double cap_s;  /* the plateau; NAN: none was seen */
    double shortest_s, longest_s;
    double cv, cv_low, cv_high; /* 95 % one-sided bounds each; NAN: cannot be said */
    /* median of the pauses before a first attempt; NAN: none was seen */
    double first_s;
    size_t firsts;
} read_estimate;

/* `resolution`: of the log's clock. Differences up to 50 ms, or up to the resolution where that is
 * more, count as equal. `randomised`: the coefficient of variation from which pauses are (0.05).
 * SIM_ENOMEM. */
SIM_MUST_USE int read_estimate_law(const read_pauses *p, sim_time resolution, double randomised,
                                   read_estimate *out);

/* "fixed 10 s, without jitter (variation 0)" and the like. Returns `text`; `size` >= 200. */
char *read_estimate_text(const read_estimate *e, char *text, size_t size);

#endif
