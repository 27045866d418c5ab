/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/examined.h - EN 303 645 5.10-1: was what was done to the devices noticed, how soon, and
 * how often was the operator called for nothing? Holds an examiner's notices against the truth.
 * Pure functions. TS 103 701 has no functional test case for 5.10-1: this goes beyond it, and says
 * so.
 *
 * A device's notice is true when it lies between the beginning of something that was done to this
 * device and its end plus a grace; a cohort's when something of that kind was done to one of its
 * devices then, and the fleet's likewise. An injection is noticed by the first true notice about
 * its device, its cohort or the fleet that reached an operator: the delay counts to there. What
 * reached nobody noticed nothing. */
#ifndef SIM_JUDGE_EXAMINED_H
#define SIM_JUDGE_EXAMINED_H

#include <stddef.h>

#include "sim/judge/alarms.h"
#include "sim/judge/finding.h"
#include "sim/record/anomaly.h"

/* Policy, not standard; each is printed with the verdict. */
typedef struct judge_examined_policy {
    double recall;            /* of each kind that a rate shows: at least 0.95 */
    double false_alarms;      /* for each device and day: at most 0.001 */
    double delay_logins_s;    /* EN 303 645's first example, failed logins: noticed within 600 s */
    double delay_signature_s; /* its second, updates whose authenticity fails: within 900 s */
    double grace_s;           /* how long after its end a notice still counts: 600 */
    /* a campaign that grows for longer than this has no delay that decides: 600 */
    double slow_s;
    /* how long after a trigger an alarm is one from the reconnect wave: 3600 */
    double wave_s;
    uint64_t injected_minimum; /* devices of a kind below which its recall says nothing: 1 */
    /* where recall and false alarms are stricter than a run of this size can show, what it can show
     * decides: all noticed, one false alarm */
    bool sized;
} judge_examined_policy;
#define JUDGE_EXAMINED_POLICY_DEFAULT                                                           \
    {                                                                                           \
        .recall = 0.95, .false_alarms = 0.001, .delay_logins_s = 600, .delay_signature_s = 900, \
        .grace_s = 600, .slow_s = 600, .wave_s = 3600, .injected_minimum = 1                    \
    }
extern const judge_examined_policy judge_examined_policy_default;

typedef struct judge_examined_case {
    const record_injection *injections; /* any order */
    size_t injection_count;
    const record_alert *notices; /* in order of time */
    size_t notice_count;
    /* The cohort of each device, as the notices number them, at any time of the run; NULL: there
     * are no cohorts. Cohorts that differ in their firmware alone follow each other, `versions` of
     * them from a multiple of it on (0: 1): a device that was updated meanwhile is still of the
     * model and region that the notice is about. */
    const uint32_t *cohorts;
    uint32_t versions;
    uint32_t devices;
    sim_time until; /* end of the observation */
    /* when a trigger brought many devices back; SIM_NEVER: it did not happen */
    const sim_time *waves;
    size_t wave_count;
    /* bit per record_anomaly: what the declared examination (IXIT 24-TelData) says it looks for; 0:
     * nothing was declared */
    uint64_t declared;
    bool examined; /* an examiner was there at all */
    bool generator_late;
} judge_examined_case;

/* Of one kind. */
typedef struct judge_detection {
    uint64_t injected, noticed, campaigns, campaigns_noticed;
    uint64_t named; /* of those noticed, the ones whose first notice had the right kind */
    judge_share recall;
    double delay_median_s, delay_p95_s, delay_most_s; /* of those noticed; NAN: none */
    /* Until the first notice of a campaign, the longest of all that were there at once; INFINITY:
     * one was missed; NAN: there was none. And of those that grew for longer than policy.slow_s:
     * when they are there to be seen is a matter of opinion, so this decides nothing. */
    double first_s, slow_first_s;
    uint64_t slow_campaigns; /* of campaigns */
    uint64_t false_notices;  /* of this kind */
} judge_detection;

typedef struct judge_detections {
    judge_detection kind[RECORD_ANOMALIES];
    judge_detection all;
    /* in_waves: false ones after a trigger */
    uint64_t notices, false_notices, undelivered, in_waves;
    judge_share precision;
    double device_days;
    judge_share false_rate; /* per device-day, with the interval of a Poisson count */
} judge_detections;

/* SIM_ENOMEM. `is_false`: room for notice_count marks, or NULL. */
SIM_MUST_USE int judge_detect(const judge_examined_case *c, const judge_examined_policy *policy,
                              bool *is_false, judge_detections *out);

/* The verdict "5.10-1 detection": each kind that a rate shows is found, soon enough where the
 * standard has it as an example, without false alarms beyond the policy, none of them from a
 * reconnect wave; and what was declared to be looked for was found. INCONCLUSIVE when nothing was
 * injected or the generator was late. */
void judge_examined(const judge_examined_case *c, const judge_detections *d,
                    const judge_examined_policy *policy, judge_finding *out);

/* The conceptual units of TS 103 701, from what was declared and what data there are (a bit for
 * each record_metric that devices or the cloud delivered). "5.10-1-1 a": at least one examination
 * of telemetry is declared. "5.10-1-1 b": for each kind that it looks for there are data that can
 * show it. */
void judge_examination_declared(uint64_t declared, judge_finding *out);
void judge_examination_suited(uint64_t declared, uint64_t metrics, judge_finding *out);
/* Whether a notice of one kind leads whoever gets it to what was done. A scan and an exfiltration
 * are both seen where a device talks to addresses that are new: whoever is told of one looks at the
 * other. */
bool judge_same_family(record_anomaly notice, record_anomaly done);
/* The metrics that can show a kind, a bit for each. */
uint64_t judge_metrics_of(record_anomaly kind);

#endif
