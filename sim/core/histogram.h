/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/histogram.h - counts of durations with 0.1 % resolution in fixed memory; merges by
 * addition.
 *
 * Log-linear. Band 0 holds 0 .. 2^10 - 1 ns, a bucket per nanosecond; band b >= 1 holds 2^(b+9) ..
 * 2^(b+10) - 1 ns in 1,024 buckets of 2^(b-1) ns, so a bucket is at most 1/1024 of its values wide.
 * A band's buckets are allocated when it is first hit (8 KiB each). Range 0 .. 2^47 - 1 ns (39
 * hours); larger values are counted in `over`, never dropped. */
#ifndef SIM_CORE_HISTOGRAM_H
#define SIM_CORE_HISTOGRAM_H

#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/time.h"

enum { SIM_HISTOGRAM_BANDS = 38 };

typedef struct sim_histogram {
    uint64_t *band[SIM_HISTOGRAM_BANDS]; /* NULL until hit; 1,024 counts each */
    uint64_t count;                      /* all values, also those over the range */
    uint64_t over;
    sim_time minimum, maximum; /* exact; meaningless while count is 0 */
    double sum;                /* for the mean */
} sim_histogram;

void sim_histogram_init(sim_histogram *h);
void sim_histogram_deinit(sim_histogram *h);
SIM_MUST_USE int sim_histogram_add(sim_histogram *h,
                                   /* value < 0 counts as 0; SIM_ENOMEM: not counted */
                                   sim_time value);
SIM_MUST_USE int sim_histogram_merge(sim_histogram *into,
                                     const sim_histogram *from); /* SIM_ENOMEM: nothing merged */
/* Adds end - t for every t of `moments` (0 for those after `end`): never more than that is, at most
 * one bucket's width less. SIM_ENOMEM: not all were added. */
SIM_MUST_USE int sim_histogram_add_since(sim_histogram *into, const sim_histogram *moments,
                                         sim_time end);
/* How many values are at most that, to the resolution of a bucket: never too many. */
uint64_t sim_histogram_within(const sim_histogram *h, sim_time value);
/* The value below or at which `fraction` (0..1) of all values lie, upper edge of its bucket, at
 * most the maximum seen; 0 when empty. */
sim_time sim_histogram_quantile(const sim_histogram *h, double fraction);
double sim_histogram_mean(const sim_histogram *h); /* 0 when empty */

#endif
