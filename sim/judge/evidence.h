/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/evidence.h - all that a check may look at, whoever recorded it: one function of a run
 * fills it (sim/run/judging.c), one of the reader of logs (sim/cli/judge_command.c). What a
 * recorder does not know stays zero, and the checks that need it are INCONCLUSIVE. Everything is
 * borrowed. */
#ifndef SIM_JUDGE_EVIDENCE_H
#define SIM_JUDGE_EVIDENCE_H

#include "sim/judge/declared.h"
#include "sim/judge/examined.h"
#include "sim/judge/ixit.h"
#include "sim/record/attempt.h"

/* What made devices reconnect. Its place in judge_evidence.triggers is its number in the attempts;
 * number 0 is the start of the observation. */
typedef struct judge_trigger {
    const char *name; /* "power restore" */
    /* when the service was there again; SIM_NEVER: the stimulus did not happen */
    sim_time began;
    sim_time until;  /* end of the observation of this trigger */
    uint64_t struck; /* devices that were online when it hit them and lost their service */
    bool anew;       /* they begin their law anew, as after a power cut */
    bool visits;     /* they end their sessions themselves, and come again as they please */
    /* The attempts that matter for it; count 0: all of them. A log of many outages is not read from
     * its beginning for each. */
    size_t first, count;
} judge_trigger;

/* Requests of the devices, from their schedule. Those not ended are still waiting. What was due and
 * not sent: the device still waited for the former answer; the cloud had asked to be left alone; it
 * had no session; its network or power was cut, which is nobody's fault but the drill's. */
typedef struct judge_requests {
    uint64_t due, sent, answered, refused, timed_out;
    uint64_t waiting, held, offline, cut;
    const char *refusal; /* the commonest one by its number and name; NULL: none, or not known */
} judge_requests;

/* Changes of a value that devices share. */
typedef struct judge_changes {
    uint64_t wanted, changed, calls;
    double time_95_s, time_all_s; /* NAN: unknown */
} judge_changes;

/* Devices that were online when the cloud stopped to answer. Times count from the last answer that
 * a device had, shares are of the time that it declares. */
typedef struct judge_silence {
    uint64_t struck, noticed;
    uint64_t unnoticed;     /* had not noticed when the cloud spoke again */
    double slowest_s;       /* of who noticed, */
    double slowest_share;   /* and of its declared time */
    double unnoticed_share; /* the shortest that an unaware device had waited */
} judge_silence;

typedef enum judge_phase { JUDGE_BEFORE, JUDGE_DURING, JUDGE_AFTER, JUDGE_PHASES } judge_phase;

/* Hands that had power to ask of, and of them those that had the right answer in time. */
typedef struct judge_hands {
    uint64_t asked, right;
} judge_hands;

/* What was counted of devices with a household, as docs/scenarios.md has it (Households). */
typedef struct judge_household {
    judge_hands hands[JUDGE_PHASES]; /* by the phase of an outage */
    uint64_t sensed, delivered, repeated, dropped_full, dropped_power, dropped_reset, waiting;
    uint64_t lost, returned;
    uint64_t restored_same, restored_worse, restored_corrupt, help;
    const char *worst_model; /* in an outage, with its hands; NULL: none */
    judge_hands worst;
} judge_household;

enum { JUDGE_SERVERS = 3 }; /* of a boot chain: address, name, time */

/* Boot chains of a fleet: questions asked, in all and in the busiest second, and chains that came
 * to their end. */
typedef struct judge_chains {
    uint64_t asked[JUDGE_SERVERS], busiest[JUDGE_SERVERS], ended;
} judge_chains;

/* At a service that is not the makers': attempts, and hands while it was gone. */
typedef struct judge_non_associated {
    uint64_t attempts;
    judge_hands hands;
} judge_non_associated;

typedef struct judge_evidence {
    /* what was seen at the edge, sorted as record_attempts_sort does */
    const record_attempt *attempts;
    size_t attempt_count;
    const judge_trigger *triggers;
    size_t trigger_count;
    uint64_t still_out;           /* lost power or network, and nothing gave it back to anybody */
    sim_time until;               /* end of the observation */
    const char *const *protocols; /* names of those that were seen to connect; NULL ends them */
    uint64_t devices;             /* in all */
    uint64_t devices_ever_online; /* of them */
    const char *why_nobody;       /* why none was, in words; NULL: not known */
    bool foreign_cloud;           /* a target's: it may be out of reach */
    judge_requests requests;      /* what became of the devices' requests */
    judge_changes changes;        /* what became of a shared value */
    judge_silence silence;        /* who noticed it */
    judge_household household;
    judge_chains chains;
    judge_non_associated non_associated;
    const record_injection *injections; /* the truth of what was done to devices */
    size_t injection_count;
    const record_alert *alerts; /* of the examiner, in order of time */
    size_t alert_count;
    const uint32_t *cohorts; /* as in judge_examined_case */
    uint32_t versions;
    bool examined;    /* an examiner was there at all */
    uint64_t metrics; /* a bit for each record_metric that the cloud was told */
    /* what was declared */
    double capacity;           /* connections per second; 0: not declared */
    const judge_declared *law; /* NULL: none, or several */
    const char *law_text;      /* in words; NULL: none */
    const char *randomness;    /* where devices take it from at boot; NULL: none, or several */
    const judge_ixit *ixit;    /* NULL: none */
    /* how far the record can be trusted */
    bool generator_late;       /* the generator was the bottleneck (design D10) */
    const char *generator_why; /* in what, as a sentence; NULL: not known */
    /* why the record cannot be trusted, as "the clock jumped"; NULL or "": it can */
    const char *distrust;
    uint64_t seed; /* of what a check draws */
    /* what a check finds out besides, for whoever writes it down; NULL: nobody does */
    judge_detections *detections;
    bool *detected; /* becomes true when they were */
} judge_evidence;

/* The number of the trigger of that name, of several the last; SIZE_MAX: there is none. */
size_t judge_evidence_trigger(const judge_evidence *e, const char *name);

#endif
