/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/examine/watch_rate.h - counts against what is usual: the arithmetic of the fleet examiner,
 * without its memory.
 *
 * Evidence is a CUSUM of log-likelihood ratios (E. S. Page, 1954; G. Lorden, 1971: no faster test
 * has as few false alarms): "the rate is at least ratio * usual + least" against "it is usual". In
 * honest counts it passes h less often than exp(-h) a step; over-dispersion is divided out
 * (quasi-likelihood of the negative binomial with variance usual + spread * usual^2), and what
 * honest counts really do is measured in the far tail. */
#ifndef SIM_EXAMINE_WATCH_RATE_H
#define SIM_EXAMINE_WATCH_RATE_H

#include <stdint.h>

/* One step's evidence, nats. `usual` > 0, `spread` >= 0, `ratio` > 1, `least` >= 0. */
float examine_rate_evidence(float n, float usual, float spread, float ratio, float least);

enum { EXAMINE_RATE_BINS = 128 }; /* of evidence, half a nat each; the last takes all above */

/* How often evidence rose to what. Merges by addition. */
typedef struct examine_rate_tail {
    uint64_t steps; /* all of them */
    uint64_t count[EXAMINE_RATE_BINS];
} examine_rate_tail;

int examine_rate_bin(float evidence); /* of a positive value */

/* The evidence that is passed with probability `share` a step: an exponential tail (generalised
 * Pareto of shape 0; J. Pickands, 1975) fitted to the largest thousandth, between `least` and
 * `most`. Too little seen to say: `unknown`. */
float examine_rate_threshold(const examine_rate_tail *t, double share, float least, float most,
                             float unknown);

/* The far past counts half. */
void examine_rate_fade(examine_rate_tail *t);

#endif
