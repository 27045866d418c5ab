/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/retries.h - EN 303 645 5.9-3, TS 103 701 unit "5.9-3-2 a", for one device over several outages: does it retry as declared, and would a fleet of its kind spread out?
 * From the pauses that a log shows, which may lack outcomes and outages that were ours; sim/judge/classify.h judges attempts that we recorded, with their outcomes. A pure function. */
#ifndef SIM_JUDGE_RETRIES_H
#define SIM_JUDGE_RETRIES_H

#include "sim/judge/declared.h"
#include "sim/judge/estimate.h"
#include "sim/judge/finding.h"

/* Policy, not standard; each is printed with the verdict. */
typedef struct judge_retries_policy {
    double variation;         /* coefficient of variation from which pauses are randomised: 0.05 */
    uint64_t outages_minimum; /* for a PASS: 10 */
    uint64_t retries_minimum; /* in each, for a PASS: 5 */
    uint64_t
        screening_minimum; /* outages for a FAIL: 3. With fewer the law is told, the verdict INCONCLUSIVE */
} judge_retries_policy;
extern const judge_retries_policy judge_retries_policy_default;

typedef struct judge_retries_case {
    const judge_pauses *pauses;
    const judge_estimate *estimate; /* of those pauses */
    const char *device;             /* its name, for the sentence */
    const judge_declared *declared; /* NULL: nothing was declared */
    const char *declared_text;      /* the same in words */
    sim_time resolution;            /* of the log's clock */
    const char *trouble;            /* why the log cannot be trusted, NULL: it can. Then INCONCLUSIVE */
} judge_retries_case;

/* Fills *out: declaration first (no pause outside what the declared law can give, growth and jitter as declared, a fixed interval within 5 %), policy second (randomised). INCONCLUSIVE when no retry was
 * seen, or too few to say. */
void judge_retries(const judge_retries_case *c, const judge_retries_policy *policy, judge_finding *out);

#endif
