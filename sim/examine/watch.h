/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/examine/watch.h - the fleet examiner (EN 303 645, 5.10-1): what no single series shows. Told
 * what the cloud sees of each device, it says at the border of each window what is wrong, and with
 * whom: a device, a cohort (devices of one model, firmware and region) or the fleet. No input or
 * output, no clock, no randomness.
 *
 * examine_watch_fleet  one for the fleet: what is usual in each cohort, and the notices. Serial.
 *    examine_watch        one for each shard: what is usual for each of its devices. No locks:
 *    a watch belongs to one thread at a time, and reads of its fleet only what the last fleet
 *    close left.
 *
 * A window: examine_watch_count, _level, _member, _session, _cohort as things happen; then, at its
 * border, examine_watch_close of every watch (in parallel), then examine_watch_fleet_close once.
 * Cohort sums are whole numbers and merge by addition: the notices are the same bytes however
 * devices are spread over watches, as long as a street lies in one watch and the watches are handed
 * over in the order of their first devices (and no queue overflows, see
 * examine_watch_fleet_dropped).
 *
 * What is tested how, each number of the setting and what was measured: docs/examine.md, "The
 * fleet". Memory: EXAMINE_WATCH_DEVICE_BYTES a device, EXAMINE_WATCH_COHORT_BYTES a cohort at the
 * fleet, 900 bytes a cohort in each watch, 19 KB a watch and 90 bytes for each of its devices (64
 * at least, 4,096 at most) for what waits to be told; nothing grows with time. Besides
 * sizeof(examine_detector) for each device whose readings are examined as a series of their own
 * (examine_watch_series).
 *
 * Promises of the caller: device, cohort, home and street are below their counts, times do not run
 * backwards, the metric is of the kind that the verb names. Values are anything: what is not finite
 * is "a reading that cannot be" for READING and BATTERY, and otherwise not there. */
#ifndef SIM_EXAMINE_WATCH_H
#define SIM_EXAMINE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/time.h"
#include "sim/record/anomaly.h"
#include "sim/record/metric.h"

enum {
    EXAMINE_WATCH_DEVICE_BYTES = 448,
    EXAMINE_WATCH_COHORT_BYTES = 8192,
    EXAMINE_WATCH_COHORTS_MAX = 8192,
    EXAMINE_WATCH_NOTICES_MAX = 4096 /* of one window; more are dropped, devices' last */
};

/* One setting for everything; chosen in docs/examine.md. Borrowed. */
typedef struct examine_watch_settings {
    sim_time window; /* from border to border; >= 1 s */
    uint32_t look;   /* a device is examined every so many windows, all devices together; 1..255 */
    sim_time learn;  /* a device or a cohort that is younger is learnt, not judged by its past */
    /* a notice of the same kind about the same device or cohort comes no earlier */
    sim_time rest;
    float ratio; /* a rate is wrong when it is at least so many times what is usual */
    /* evidence (nats of likelihood ratio) that raises a notice about a device, at least */
    float device_least;
    float device_most;  /* and at most, however wild the fleet's own tail is */
    float cohort_least; /* about a cohort or the fleet */
    /* false alarms that are aimed at, per device, signal and day: sets the evidence between least
     * and most */
    float alarms;
    uint32_t persist; /* looks over which evidence of no known kind must last */
    /* share of a cohort (and at least 5 devices) in alarm that makes it the cohort's matter */
    float campaign;
    /* share of a street's devices (and at least 4) that lose or renew their connection within 10
     * minutes and are an outage; above 1: there are no outages */
    float outage_share;
    /* how long after it an outage, or a new firmware, explains what it explains */
    sim_time settle;
    float silent_periods; /* own periods without a report; more for those that report irregularly */
    /* times that a device comes back to the address before the last while that was alive: a clone
     */
    uint32_t returns;
    sim_time alive; /* how long an address counts as alive after its last use */
    sim_time stuck; /* a reading that does not move for so long */
    /* of a cohort's range of readings, on either side, before a reading cannot be */
    float margin;
    float drift;        /* CUSUM of hourly residuals, standard deviations of the device */
    float battery;      /* per cent of charge lost beyond twice the usual */
    uint32_t talkers;   /* devices of a cohort that talk to a new destination within an hour */
    uint32_t peaks;     /* peaks of attempts within 6 hours that are lock-step */
    float series_score; /* score of the per-series detector (examine_watch_series) that counts */
} examine_watch_settings;
extern const examine_watch_settings examine_watch_default;
/* The same, wanting so many times the evidence (> 0; 1: as it is) before anybody is called: counts
 * stay whole and at least 1. */
examine_watch_settings examine_watch_stricter(const examine_watch_settings *settings, double by);

typedef struct examine_watch_fleet examine_watch_fleet;
typedef struct examine_watch examine_watch;

/* 1 <= cohorts <= EXAMINE_WATCH_COHORTS_MAX: a promise. NULL: out of memory. */
examine_watch_fleet *examine_watch_fleet_new(const examine_watch_settings *settings,
                                             uint32_t cohorts);
void examine_watch_fleet_free(examine_watch_fleet *f); /* NULL is fine; after its watches */

/* Devices are numbered from 0 here; notices name them by first_device + number. Each count >= 1.
 * All devices begin in cohort 0, home 0, street 0. The fleet is borrowed. NULL: out of memory. */
examine_watch *examine_watch_new(const examine_watch_fleet *f, uint32_t first_device,
                                 uint32_t devices, uint32_t homes, uint32_t streets);
void examine_watch_free(examine_watch *w); /* NULL is fine */

/* A watch of a fleet that nobody knows yet: room for so many devices (memory is touched as they
 * come), and none there. Each that joins, at any time, gets the next number, a home of its own and
 * the one street. */
examine_watch *examine_watch_new_empty(const examine_watch_fleet *f, uint32_t most);
/* SIM_ENOMEM: full */
SIM_MUST_USE int examine_watch_join(examine_watch *w, uint32_t cohort, uint32_t *device);

/* Where a device is, before the first window: home and street are numbers of this watch. A home is
 * what loses its uplink together, a street what loses its power together. */
void examine_watch_place(examine_watch *w, uint32_t device, uint32_t cohort, uint32_t home,
                         uint32_t street);
/* The device runs another firmware now (or moved): from here on it is one of `cohort`, which
 * inherits what is usual if it is new. Explains what a roll-out explains, for settings.settle. */
void examine_watch_cohort(examine_watch *w, sim_time now, uint32_t device, uint32_t cohort);
/* The device's readings are examined by a examine_detector of their own besides. 0 or SIM_ENOMEM.
 */
SIM_MUST_USE int examine_watch_series(examine_watch *w, uint32_t device);

/* What is seen. n events more (RECORD_METRIC_EVENTS); a value (RECORD_METRIC_LEVEL); something was
 * used, any number that stands for it (RECORD_METRIC_MEMBER). MESSAGES_IN, READING and BATTERY are
 * signs of life. */
void examine_watch_count(examine_watch *w, sim_time now, uint32_t device, record_metric metric,
                         uint32_t n);
void examine_watch_level(examine_watch *w, sim_time now, uint32_t device, record_metric metric,
                         double value);
void examine_watch_member(examine_watch *w, sim_time now, uint32_t device, record_metric metric,
                          uint64_t id);
/* The cloud knows that the device has, or has lost, its session. Does not count CONNECTION_ATTEMPTS
 * or DISCONNECTS: the caller does. */
void examine_watch_session(examine_watch *w, sim_time now, uint32_t device, bool up);

/* The window ends at `now`: of one watch; then of the fleet, `watches` being all of them, in the
 * order of their first devices. */
void examine_watch_close(examine_watch *w, sim_time now);
void examine_watch_fleet_close(examine_watch_fleet *f, sim_time now, examine_watch *const *watches,
                               size_t count);

/* What the last fleet close raised, ordered by scope (fleet, cohorts, devices), who, kind. The
 * fleet's, until its next close. */
const record_alert *examine_watch_fleet_notices(const examine_watch_fleet *f, size_t *count);
/* notices lost for want of room, ever */
uint64_t examine_watch_fleet_dropped(const examine_watch_fleet *f);

#endif
