/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/classify.h - one device over several outages: is its reconnect randomised, does it back
 * off, is it what was declared? A laboratory sees one device; what a fleet of them would do follows
 * from its delays by statistics (docs/verdicts.md). A pure function of attempts, recorded by us or
 * read from a foreign log; a fleet is judged by sim/judge/reconnect.h. */
#ifndef SIM_JUDGE_CLASSIFY_H
#define SIM_JUDGE_CLASSIFY_H

#include "sim/judge/declared.h"
#include "sim/judge/defect.h"
#include "sim/judge/finding.h"
#include "sim/record/attempt.h"

/* Policy of this project; each is printed with the verdict. */
typedef struct judge_device_policy {
    double variation; /* coefficient of variation of a delay, at least: 0.05 */
    double trend;     /* Jonckheere-Terpstra deviate, above: 2.33 */
    /* median growth from one delay to the next that a device without a trend has not: 1.1 */
    double growth;
    double repeated;            /* share of pairs of outages with the same delays, at most: 0.5 */
    sim_time resolution;        /* delays no further apart are equal: 50 ms */
    uint64_t outages, attempts; /* a PASS rests on at least so many: 10 of 5 delays each */
    uint64_t screening;         /* a FAIL on so many outages of 3 delays each: 3 */
} judge_device_policy;
extern const judge_device_policy judge_device_policy_default;

typedef struct judge_device_case {
    /* sorted by time; borrowed. Those of one trigger are an outage */
    const record_attempt *attempts;
    size_t count;
    /* When each of them, or the session that it led to, was seen to end; SIM_NEVER: it was not
     * seen. NULL: what outcomes and latencies tell is all there is. */
    const sim_time *ended;
    uint32_t device;                /* the one that is judged */
    const judge_declared *declared; /* NULL: nothing was declared */
    bool declared_same_again;       /* it declares the same delays in each outage */
    const char *declared_text;      /* in words; may be NULL */
    const char *name;               /* of the device, for the sentence; NULL: "One device" */
    /* what sim/read/estimate.h found, in words for the sentence; may be NULL */
    const char *law_found;
    sim_time clock; /* what the log's clock can tell apart; 0: everything */
    /* after each outage the service came back, and was watched for long enough: a device that is
     * not back has given up */
    bool service_returned;
    uint64_t seed; /* of the Monte Carlo with the declared law */
} judge_device_case;

/* When attempt i of the case was over, as far as that was seen; else SIM_NEVER. */
sim_time judge_device_attempt_ended(const judge_device_case *c, size_t i);

/* The defects that the measures of judge_device show, a bit for each: 1 << JUDGE_DEFECT_FIXED. They
 * stand at the end of its sentence: "Defects: fixed, gives up." */
unsigned judge_device_defects(const judge_finding *f);

/* Fills *out, unit "5.9-3-2 a". A delay goes from the end of a failed attempt (its beginning where
 * the end is not known: the measure "outages" says how often) to the next one, until the device
 * came online for the first time in that outage. Used are as many outages and delays of each as
 * make the most delays: a device that is away for one attempt in one outage does not spoil the
 * others. A trigger in which the device came online five times and more is accept-then-close, and
 * judged for its growth alone.
 *
 * Measures that decide: "variation at the plateau" (of three delays at the longest pause, or more,
 * behind others that grow; only where all the jitter is lost there), "variation, lower bound" or
 * "upper bound", "trend" (or "trend, as declared", when the delays are those of a declared law that
 * grows; that one is missing shows in as many outages only as a PASS takes), "repeated outages";
 * with a declaration "sooner than declared" and "chance of such delays" (by 999 draws; means
 * within 5 % are those of the law, and where the ends of most attempts were not seen, only shorter
 * ones are not); "came back"; with
 * accept-then-close "chance of such closings", without a declaration "trend, accepted and closed".
 * For information: outages, variation, median growth, the medians of the first and of the longest
 * delay. Measures come in no fixed order: find them by name. INCONCLUSIVE with fewer than 3 outages
 * of 3 delays; when nothing failed, but there were fewer than the policy asks for, or the bounds of
 * the variation enclose the threshold. */
void judge_device(const judge_device_case *c, const judge_device_policy *policy,
                  judge_finding *out);

#endif
