/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/check_contention.h - our own check "contention": devices that want to change one value
 * at the
 * same time, each under the condition that nobody was faster. How much work does their back-off law
 * cost the cloud, and how long do they take? (M. Brooker, "Exponential backoff and jitter", AWS
 * 2015.) */
#ifndef SIM_JUDGE_CHECK_CONTENTION_H
#define SIM_JUDGE_CHECK_CONTENTION_H

#include "sim/judge/finding.h"

typedef struct judge_contention_policy {
    double calls_per_change; /* at most this many writes for each change that was made: 12 */
} judge_contention_policy;
extern const judge_contention_policy judge_contention_policy_default;

typedef struct judge_contention_case {
    uint64_t wanted;   /* devices that were online and wanted to change it */
    uint64_t changed;  /* changes made */
    uint64_t calls;    /* writes, those that were overtaken included */
    double time_95_s;  /* until 95 % of the changes were made; NAN: unknown */
    double time_all_s; /* until the last one */
    bool generator_late;
} judge_contention_case;

/* Measures: "calls", "calls per change", "changed" (share), "time to 95 %", "time to 100 %".
 * INCONCLUSIVE with fewer than two devices, or when the generator was late. */
void judge_contention(const judge_contention_case *c, const judge_contention_policy *policy,
                      judge_finding *out);

#endif
