/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/run_private.h - the inside of a run, for the files of this folder. */
#ifndef RUN_RUN_PRIVATE_H
#define RUN_RUN_PRIVATE_H

#include "net/dialect.h"
#include "net/real_fleet.h"
#include "sim/core/heap.h"
#include "sim/core/histogram.h"
#include "sim/core/queue.h"
#include "sim/core/workers.h"
#include "sim/fleet/examiner.h"
#include "sim/fleet/packet.h"
#include "sim/fleet/selection.h"
#include "sim/fleet/shared.h"
#include "sim/fleet/sums.h"
#include "sim/fleet/tape.h"
#include "sim/judge/check.h"
#include "sim/report/folder.h"
#include "sim/report/local.h"

typedef struct fleet_street fleet_street;
typedef struct run run;
typedef struct run_caption run_caption;
typedef struct run_drill run_drill;
typedef struct run_options run_options;
typedef struct run_outlet run_outlet;
typedef struct run_guards run_guards;
typedef struct run_target run_target;
typedef struct run_wait run_wait;

enum {
    RUN_INTERFACES_MAX = 16, /* of all protocols of a fleet, and the NULL behind them */
    RUN_LOCAL_NAME_MAX = 64,
    RUN_LOCAL_NAMES = 2 + 2 * DEV_PHASES, /* of a model: availability, band, answers and times */
    RUN_ANSWERS_MAX = 32,                 /* different numbers of answers that are told apart */
    RUN_ANSWER_NAME = 24,
    RUN_END_NAME = 48,
    RUN_TRIGGERS_MAX = 64,
    RUN_TRIGGER_NAME = 48,
    RUN_STORY_MAX = 256,
    RUN_STORY_TEXT = 160,
    RUN_WHY = 256,
    RUN_RESUMES_MAX = 10000 /* of the drill, at one instant */
};

typedef struct run_trigger {
    char name[RUN_TRIGGER_NAME];
    uint8_t named;    /* so much of the name is the order's own; a number may follow */
    sim_time ordered; /* by the drill */
    sim_time at;      /* SIM_NEVER: did not happen */
    uint64_t struck;  /* devices that were online when the fault hit them and lost their service */
    bool power;       /* it was their power: they lost their RAM */
    bool everybody;   /* it struck all that there are: whoever is struck so again is the same */
} run_trigger;

typedef struct run_measures { /* for the machine's part of the report */
    double wall_began, wall_s;
    int64_t heap_before, heap_most; /* bytes */
    int64_t resident_before;        /* bytes */
    /* real world: how late an event was handled; how long a datagram lay unread in our sockets; and
     * the share of a processor that we had, of the seconds of the run the most */
    sim_histogram lateness, unread;
    double share_most;
    uint64_t windows; /* virtual world: between which the streets meet */
} run_measures;

struct run {
    fleet_spec spec;
    const run_options *options; /* a copy of its own, in the same block */
    const run_target *target;   /* of its options; NULL: the virtual world */
    const run_outlet *outlet;   /* of its options; NULL: none */
    bool small_world;           /* of its options */
    fleet_shared shared;
    fleet_credentials credentials;
    fleet_authority authority;    /* where devices have certificates */
    net_security_settings papers; /* towards it */
    fleet_street **streets;
    int *street_errors; /* what each street failed with, once it has */
    uint32_t street_count;
    uint64_t homes, devices;
    sim_workers *workers;
    cloud_capacity capacity;
    fleet_examiner examiner;
    judge_detections found;  /* by the examiner, as the scenario's verdict asked for it last */
    bool detected;           /* it did ask */
    judge_evidence evidence; /* for the checks, once the drill is over */
    bool gathered;
    judge_trigger judged_triggers[RUN_TRIGGERS_MAX];
    judge_declared declared; /* the law of the first group */
    uint32_t *cohorts;       /* of evidence: the cohort of every device */
    sim_queue merge;         /* of arrivals from all streets; empty between windows */
    sim_time now;
    sim_time lookahead;    /* no packet reaches the edge sooner than this after it was sent */
    sim_time scenario_due; /* when the drill goes on */
    run_wait *waiting;     /* what the drill waits for; in the same block */
    bool in_drill, done, interrupted;
    bool closed;        /* its streets are: nothing waits any more */
    run_guards *guards; /* thresholds that may end it; in the same block */
    run_trigger triggers[RUN_TRIGGERS_MAX];
    uint32_t trigger_count;
    fleet_offer offers[FLEET_OFFERS_MAX];
    uint32_t offer_count;
    report_story story[RUN_STORY_MAX];
    char story_text[RUN_STORY_MAX][RUN_STORY_TEXT];
    uint32_t story_count;
    record_injection *injections; /* the truth */
    size_t injection_count;
    uint32_t campaigns; /* ordered so far */
    report_folder *folder;
    report_second last_second;             /* totals at the last row written */
    report_second steady;                  /* the same when everybody was online first */
    bool is_steady;                        /* they were */
    uint64_t chain_busiest[FLEET_SERVERS]; /* most questions of boot chains in a second */
    uint64_t next_second;                  /* the row to be written next */
    report_local local; /* what devices did in their houses, and the totals of that */
    report_local_bin local_totals[DEV_MODELS];
    struct {
        FILE *file;       /* NULL: none, or it is over */
        int trouble;      /* errno of what ended it early; 0: nothing */
    } tapes[FLEET_TAPES]; /* that streets write to, a window at a time */
    fleet_traced traced;
    run_measures measures;
    net_real_fleet_counts wire_count; /* real world: what the sockets saw */
    double progress_due;              /* wall time */
    int error;
    char why[RUN_WHY];
    /* what run_finish made */
    report_metric *metrics;
    size_t metric_count;
    /* of metrics, by model: availability, in band */
    char local_names[DEV_MODELS][RUN_LOCAL_NAMES][RUN_LOCAL_NAME_MAX];
    report_machine machine;
    record_attempts attempts; /* of all streets, sorted, once the drill is over */
    bool attempts_merged;
    const char *trigger_names[RUN_TRIGGERS_MAX];
    sim_time trigger_times[RUN_TRIGGERS_MAX];
    char started[32];
    char late[RUN_WHY];                                  /* in what the generator was late */
    char nobody[RUN_WHY];                                /* why no device ever came online */
    char answer_names[RUN_ANSWERS_MAX][RUN_ANSWER_NAME]; /* of metrics, by number of the answer */
    char end_names[2][NET_ENDS][RUN_END_NAME]; /* of metrics, of attempts and sessions, by end */
    uint64_t trigger_struck[RUN_TRIGGERS_MAX];
    char law_text[DEV_LAW_TEXT_MAX];
    const char *interfaces[RUN_INTERFACES_MAX]; /* of its protocols; the rest is NULL */
};

/* ---- run.c: what both drivers do ---- */
/* Calls `job` for every street (its number, in the fleet), on all threads, and returns the first
 * error in street order. */
typedef int run_street_job(run *r, uint32_t street, void *with);
SIM_MUST_USE int run_each_street(run *r, run_street_job *job, void *with);
/* What happens now under this name (SIM_NEVER when it strikes nobody): of `what` struck, power and
 * everybody count. `*out` is its number. Orders of one name at one instant are one trigger, so that
 * all whom they strike are judged together. SIM_ERANGE: there are too many. */
SIM_MUST_USE int run_add_trigger(run *r, const char *name, const run_trigger *what, uint8_t *out);
/* Adds a line to the story. */
SIM_MUST_USE int run_add_line(run *r, const char *text);
/* "what: 250 homes, 1,000 devices", a line of the story. */
SIM_MUST_USE int run_tell(run *r, const fleet_selection *s, const char *what);
/* Resumes the drill when its wait is over at r->now; sets scenario_due. */
SIM_MUST_USE int run_resume(run *r, const run_drill *drill);
/* Ends the seconds before `now` with a row each. */
SIM_MUST_USE int run_write_seconds(run *r, sim_time now);
/* At r->now, up to which all has happened: the run is `done` when one of its guards is broken. */
SIM_MUST_USE int run_end_when_broken(run *r);
/* ---- local.c; nothing without households ---- */
/* Seconds up to `complete` are about to be ended: a minute of them may be. SIM_ENOMEM. */
SIM_MUST_USE int run_local_minutes(run *r, uint64_t complete);
SIM_MUST_USE int run_local_end(run *r); /* the run is over */
void run_progress_tick(run *r, bool finished);
SIM_MUST_USE int run_fail(run *r, int error, const char *what);
/* Somebody asked that the run end. */
bool run_stop_asked(run *r);
bool run_is_real(const run *r);

/* The examiner's window ends now: every street's, then the fleet's; what it noticed goes to the
 * operator. */
SIM_MUST_USE int run_examine(run *r);
/* Whom a notice is about, in words; `size` >= REPORT_WHOM_MAX. Returns `text`. */
char *run_whom(const run *r, const record_alert *n, char *text, size_t size);
/* ---- inject.c ---- */
int run_inject(run *r, const fleet_selection *s, const void *order, char *why, size_t size);
/* The truth, by campaign, then by device. Once the drill is over it ends with the run, and what had
 * not begun by then is not there. Owned by r, until the next injection. */
const record_injection *run_injections(const run *r, size_t *count);
/* The run is over, and all misbehaviour with it. */
void run_close_injections(run *r);
/* ---- update.c ---- */
int run_offer_update(run *r, const fleet_selection *s, const void *order, char *why, size_t size);
bool run_has_updates(const run *r);    /* some of its devices take them */
bool run_has_households(const run *r); /* somebody lives with some of its devices */
SIM_MUST_USE int run_updates_init(run *r);
void run_updates_deinit(run *r);
/* After the drill: the triggers of offers get their time and the number of those who restarted. */
void run_updates_settle(run *r);

/* ---- tapes.c; nothing without a capture or a trace ---- */
/* A window is over: what its streets have kept is written. */
void run_tapes_window(run *r);
/* The run is over. */
void run_tapes_end(run *r);

/* ---- the two worlds ---- */
SIM_MUST_USE int run_drive_virtual(run *r, const run_drill *drill); /* drive_virtual.c */
SIM_MUST_USE int run_drive_real(run *r, const run_drill *drill);    /* drive_real.c */

/* ---- the end ---- */
/* Fills r->evidence, once; the drill must be over. SIM_ENOMEM. */
SIM_MUST_USE int run_gather(run *r);
/* Fills *record from what was gathered and counted; it borrows from r. */
void run_make_record(run *r, const run_caption *words, const judge_finding *findings,
                     size_t finding_count, size_t metric_count, report_run *record);
/* Merges and sorts the attempts of all streets (once); the drill must be over. */
SIM_MUST_USE int run_merge_attempts(run *r);
/* The commonest answer that was a refusal, as its protocol calls it; NULL: there was none. */
const char *run_commonest_refusal(const fleet_sums *t);
void run_sum(const run *r, fleet_sums *sums, fleet_ledger *ledger);
/* NULL: the generator kept up with its plan; else a sentence that says in what it was the
 * bottleneck. Owned by r. */
const char *run_generator_late(run *r);

#endif
