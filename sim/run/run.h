/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/run.h - one run: a fleet built from a spec, a world that drives it, a drill that hurts
 * it, and what was recorded. This header is all that scripts and the command line need. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <signal.h>
#include <stdio.h>

#include "net/address.h"
#include "net/link.h"
#include "sim/fleet/credentials.h"
#include "sim/fleet/fault.h"
#include "sim/fleet/selection.h"
#include "sim/fleet/spec.h"
#include "sim/fleet/trace.h"
#include "sim/judge/check.h"
#include "sim/judge/pack.h"
#include "sim/judge/threshold.h"
#include "sim/record/anomaly.h"
#include "sim/report/folder.h"

typedef struct run run;

typedef struct run_target { /* somebody's real server */
    bool given;
    /* what its scheme says */
    const net_protocol *protocol;
    bool secure;
    net_address address;
    char text[128]; /* as the user wrote it */
    uint8_t source_prefix
        /* source addresses to spread over (one socket, design D7); with source_bits 0: a socket per
         * device */
        [16];
    uint8_t source_bits; /* prefix length within the 128 bits; 0: none given */
} run_target;

typedef struct run_progress {
    sim_time now, expected_end; /* expected_end: as far as the drill has said; SIM_NEVER: unknown */
    uint64_t devices, online;
    uint64_t behind; /* devices that could not send what was due, and have no answer since */
    uint64_t events;
    double wall_s;
    bool finished;
} run_progress;

/* An alarm on its way to an operator. */
typedef struct run_alert {
    const record_alert *notice;
    const char *whom; /* "device 4711" or "thermostat, firmware 2, street" */
    const char *line; /* the alarm as one line of JSON */
} run_alert;
/* Where alarms go besides the event log. */
typedef struct run_outlet {
    void *context;
    /* 0 and how long it took, in seconds; or an error when it did not arrive: it is counted, the
     * run goes on. NULL: there is none. */
    int (*deliver)(void *context, const run_alert *alarm, double *took_s);
} run_outlet;

typedef struct run_options {
    uint64_t seed;
    uint32_t threads; /* 1..256; the real world uses one */
    run_target target;
    /* borrowed; none: derived from the seed; one: shared by all; else one per device in order */
    const fleet_credential *credentials;
    size_t credential_count;
    /* the fleet was made smaller than its scenario wants: counts of it take as many as there are */
    bool small_world;
    run_outlet outlet;  /* of the examiner in the built-in cloud */
    const char *folder; /* results; NULL: none are written */
    /* not 0: end the run in order, results are written, `interrupted` */
    const volatile sig_atomic_t *stop;
    void (*progress)(
        void *context,
        const run_progress *p); /* NULL: none; called a few times a second of wall time at most */
    void *progress_context;
} run_options;

/* ---- the drill: asked what it waits for, told when it came ---- */
typedef enum run_wait_kind { RUN_WAIT_UNTIL, RUN_WAIT_ONLINE, RUN_WAIT_DONE } run_wait_kind;
typedef struct run_wait {
    run_wait_kind kind;
    sim_time until;      /* absolute; with ONLINE: the latest */
    double online_share; /* with ONLINE: 0..1 of all devices */
} run_wait;
typedef struct run_drill {
    void *context;
    /* Goes on from the last wait (`met`: an ONLINE wait came true before its time) and says the
     * next. An error (negative) ends the run; the drill keeps its own words about it. */
    int (*resume)(void *context, run *r, bool met, run_wait *next);
} run_drill;

/* NULL on error, with a line in `why` (size >= 256): what, where, what to do. Checks the machine
 * first (descriptors, memory, addresses): a preflight. `exit_code` gets 4 (wrong use), 5 (target)
 * or 3 (machine). */
run *run_new(const fleet_spec *spec, const run_options *options, char *why, size_t size,
             int *exit_code);
void run_free(run *r);
/* Before run_drive, in the virtual world: what passes the cloud's edge is written to `file`
 * (borrowed until run_drive has returned) as a capture, in order of time, which counts from 1970.
 * It changes nothing of the run. */
void run_capture_to(run *r, FILE *file);
/* Before run_drive: what `traced` asks for is written to `file` (borrowed until run_drive has
 * returned), a line of JSON each, in order of time. It changes nothing of the run. SIM_ERANGE: it
 * names what is not in this fleet; `why` as in run_new. */
SIM_MUST_USE int run_trace_to(run *r, const fleet_traced *traced, FILE *file, char *why,
                              size_t size);
/* NULL: all of it was written; else why not. The run went on. */
const char *run_capture_why(const run *r);
const char *run_trace_why(const run *r);
/* Drives the run to the drill's end in its world. 0, or an error with a line in run_why. An
 * interrupted run returns 0. */
SIM_MUST_USE int run_drive(run *r, const run_drill *drill);
const char *run_why(const run *r);
bool run_interrupted(const run *r);

sim_time run_now(const run *r);
bool run_is_real(const run *r);
uint64_t run_online(const run *r);

/* The triggers that the drill has named so far, in order; NULL behind the last. */
const char *run_trigger_name(const run *r, size_t i);

/* ---- selections ---- */
void run_selection_count(const run *r, const fleet_selection *s, uint64_t *homes,
                         uint64_t *devices); /* homes: with at least one device that fits */

/* ---- faults; at the current instant; only from within the drill (promise) ---- */
/* `order` as the row says (NULL: its usual one); a selection only where the row's reach asks for
 * one. SIM_ESTATE against a target where it needs the built-in cloud; SIM_ERANGE: the order does
 * not fit this fleet, or there are too many triggers; SIM_ENOMEM. `why` (size >= FLEET_FAULT_WHY)
 * gets a sentence, or "" where the error says it all. */
SIM_MUST_USE int run_strike(run *r, const fleet_fault *fault, const fleet_selection *s,
                            const void *order, char *why, size_t size);

/* The truth, by campaign, then by device. Once the drill is over it ends with the run, and what had
 * not begun by then is not there. Owned by r, until the next injection. */
const record_injection *run_injections(const run *r, size_t *count);
/* ---- firmware updates ---- */
void run_firmware_count(const run *r, const fleet_selection *s, uint32_t version,
                        fleet_firmware *out);

/* Adds a line to the run's story. */
SIM_MUST_USE int run_say(run *r, const char *text);

/* ---- after the drill: judging and results ---- */
/* Judges what was recorded by a row of judge_checks; `wanted` as the row takes it, NULL: its
 * defaults. The drill must be over. SIM_ENOMEM. */
SIM_MUST_USE int run_judge(run *r, const judge_check *check, const void *wanted,
                           judge_finding *out);
/* The same by the rules of others. */
SIM_MUST_USE int run_judge_by(run *r, const judge_pack *pack, judge_finding *out);

/* Holds a metric of the run ("request_latency"), or one as a share of another ("reports_answered/
 * reports_due"), against a threshold; `what` stands for it in the finding, and must live as long.
 * The drill must be over. SIM_ENOMEM; SIM_ERANGE: there is none of that name, or none of which that
 * can be asked: `why` (size >= 200) says which. */
SIM_MUST_USE int run_threshold(run *r, const char *name, const judge_threshold *t, const char *what,
                               judge_finding *out, char *why, size_t size);
/* The metrics of the run, once the drill is over; owned by r. NULL: no memory. */
const report_metric *run_metrics(run *r, size_t *count);

typedef struct run_caption { /* what only the caller knows; borrowed for the call */
    const char *scenario, *title, *version, *repeat;
    const report_parameter *parameters;
    size_t parameter_count;
    bool repeatable;   /* leave out what the machine adds */
    const char *error; /* NULL, or why the drill failed */
} run_caption;
/* Fills the record (borrowing from r, words and findings until run_free) and writes the results
 * folder when there is one. `why` as in run_new. */
SIM_MUST_USE int run_finish(run *r, const run_caption *words, const judge_finding *findings,
                            size_t finding_count, report_run *record, char *why, size_t size);

#endif
