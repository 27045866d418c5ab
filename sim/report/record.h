/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/record.h - everything a finished run has to say, as plain data: sim/run fills it, the
 * writers of this folder read it. All strings are borrowed. */
#ifndef SIM_REPORT_RECORD_H
#define SIM_REPORT_RECORD_H

#include "sim/core/time.h"
#include "sim/judge/episodes.h"
#include "sim/judge/finding.h"
#include "sim/judge/ixit.h"
#include "sim/record/anomaly.h"
#include "sim/record/attempt.h"

typedef struct report_parameter {
    const char *name;
    const char *value; /* as text: "250", "30m", "full-jitter" */
    bool given;        /* set by the user, not the default */
} report_parameter;

typedef enum report_metric_kind { REPORT_COUNTER, REPORT_GAUGE, REPORT_TREND } report_metric_kind;

typedef struct report_metric {
    const char *name; /* "attempts", "request_latency" */
    const char *unit; /* "", "s", "bytes", "1/s" */
    report_metric_kind kind;
    double value; /* counter: total; gauge: value */
    /* Trend, in `unit`, over all samples: those without an answer too. What more than `answered` of
     * them would have to have had one for is a lower bound: report_metric_open. */
    double mean, minimum, median, maximum, p90, p95, p99;
    uint64_t samples, answered; /* trend */
} report_metric;

/* Whether the quantile (0..1; 1: the maximum) of a trend is a lower bound: so many have no answer
 * that nobody knows it. */
static inline bool report_metric_open(const report_metric *m, double quantile) {
    return quantile * (double)m->samples * (1 - 0x1p-50) > (double)m->answered;
}

typedef struct report_story { /* what the drill did */
    sim_time at;
    const char *text; /* "power cut: 250 homes, 1000 devices" */
} report_story;

/* What the machine adds: differs from run to run, so it stands apart (and is left out with
 * --repeatable). */
typedef struct report_machine {
    double wall_s;
    uint32_t threads;
    uint64_t events;
    double events_per_s;
    /* our heap, libraries included, at the highest, less what stood before the fleet, per device */
    double bytes_per_device;
    double resident_bytes_per_device;
    double lateness_p99_s; /* real world: how late events were handled; 0 in the virtual one */
    /* real world: how long what came lay unread in our sockets, and how much of a processor we had
     * in the busiest second; 0 in the virtual one */
    double unread_p99_s, processor_most;
    const char *started; /* UTC, RFC 3339 */
} report_machine;

typedef struct report_declarations { /* what was declared before anything was seen */
    const judge_ixit *ixit;          /* NULL: nothing */
    const char *law;                 /* the declared back-off law in words; NULL: not known */
    /* that the devices speak, by name; NULL ends the list; NULL: not known */
    const char *const *protocols;
} report_declarations;
enum { REPORT_WHOM_MAX = 128 };

typedef struct report_run {
    const char *scenario; /* path as given */
    const char *title;    /* one line */
    const char *version;
    const char *world;  /* "virtual" or "real" */
    const char *target; /* NULL in the virtual world */
    const char *repeat; /* the command line that repeats the run */
    uint64_t seed;
    uint64_t homes, devices;
    sim_time duration; /* run time simulated or lived through */
    bool interrupted;
    const char *error; /* NULL, or why the run could not finish */
    const report_parameter *parameters;
    size_t parameter_count;
    const char *const *triggers; /* names by index */
    size_t trigger_count;
    const sim_time *trigger_at; /* when each happened, SIM_NEVER: it did not; NULL: not known */
    /* connections per second that the cloud declares; 0: none declared */
    double capacity;
    const judge_finding *findings;
    size_t finding_count;
    const judge_episodes *episodes; /* of the first finding, where one device failed; else NULL */
    const report_metric *metrics;
    size_t metric_count;
    const report_story *story;
    size_t story_count;
    const record_alert *notices; /* what the examiner noticed, in order of time */
    size_t notice_count;
    bool examined; /* an examiner was there */
    /* Whom a notice is about, in words; `size` >= REPORT_WHOM_MAX. Never NULL with notices. */
    char *(*whom)(const void *context, const record_alert *n, char *text, size_t size);
    const void *whom_context;
    /* devices that each trigger hit while they were online; NULL: not known */
    const uint64_t *trigger_struck;
    report_declarations declarations;
    uint64_t fingerprint;
    const report_machine *machine; /* NULL: left out */
} report_run;

#endif
