/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/anomaly.h - what may be wrong with a device or a fleet (EN 303 645, 5.10-1): the truth
 * about what was done to it, and the notices of whoever looked. The drill writes the first, the
 * examiner in the cloud the second, and judges hold one against the other. Flat records, without
 * pointers. */
#ifndef SIM_RECORD_ANOMALY_H
#define SIM_RECORD_ANOMALY_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/time.h"
#include "sim/record/metric.h"

/* Kinds with their word in scenarios and results. `rate` says whether a rate over time can show it:
 * these are the ones that an examiner must find. */
#define RECORD_ANOMALY_MAP(X)                                                                  \
    X(UNKNOWN, "unknown", false, "something unusual, of no kind that is known")                \
    X(CREDENTIAL_STUFFING, "credential-stuffing", true,                                        \
      "logins are tried at the devices (EN 303 645, example 1)")                               \
    X(UPDATE_SIGNATURE, "update-signature", true,                                              \
      "updates whose signature is wrong (EN 303 645, example 2)")                              \
    X(CLONE, "clone", false, "one identity is used from two places")                           \
    X(EXFILTRATION, "exfiltration", true, "much is sent to where nothing was sent before")     \
    X(BOTNET_SCAN, "botnet-scan", true, "many addresses are talked to")                        \
    X(STUCK_SENSOR, "stuck-sensor", false, "a reading that does not move any more")            \
    X(OUT_OF_RANGE, "out-of-range", false, "a reading that cannot be")                         \
    X(SLOW_DRIFT, "slow-drift", false, "a reading that slowly walks away")                     \
    X(SILENT_DEVICE, "silent-device", true, "no reports any more, though nobody cut anything") \
    X(BATTERY_DRAIN, "battery-drain", true,                                                    \
      "a battery that empties too fast: the device is kept awake")                             \
    X(LOCK_STEP, "lock-step", false,                                                           \
      "devices that connect in step, again and again: no attack, but no order")                \
    X(NEW_DESTINATION, "new-destination", false,                                               \
      "a cohort talks to an address that it never talked to")

typedef enum record_anomaly {
#define RECORD_ANOMALY_ENUM(name, word, rate, title) RECORD_ANOMALY_##name,
    RECORD_ANOMALY_MAP(RECORD_ANOMALY_ENUM)
#undef RECORD_ANOMALY_ENUM
        RECORD_ANOMALIES
} record_anomaly;

const char *record_anomaly_word(record_anomaly a);
bool record_anomaly_shows_in_rates(record_anomaly a);
SIM_MUST_USE int record_anomaly_named(const char *word, record_anomaly *out); /* SIM_EPARSE */

/* The truth: one device misbehaved in this way, from `from` on, before `to`. */
typedef struct record_injection {
    sim_time from, to;
    uint32_t device;
    /* the order of the drill that it belongs to, 1, 2, ...: a fleet-wide attack is one campaign of
     * many devices */
    uint32_t campaign;
    uint8_t kind;  /* enum record_anomaly */
    sim_time ramp; /* it grew from nothing for so long; 0: it was there at once */
} record_injection;

typedef enum record_scope {
    RECORD_SCOPE_DEVICE,
    RECORD_SCOPE_COHORT,
    RECORD_SCOPE_FLEET
} record_scope;

/* An examiner says that something is wrong. */
typedef struct record_alert {
    sim_time at;        /* when it was raised */
    sim_time since;     /* beginning of the evidence, <= at */
    sim_time delivered; /* when an operator's outlet had taken it; SIM_NEVER: not yet */
    double seen, expected;
    float score;    /* 0..1, 0.5 is where alarms begin */
    uint32_t who;   /* by scope: device, cohort, or 0 */
    uint8_t scope;  /* enum record_scope */
    uint8_t kind;   /* enum record_anomaly: what the examiner takes it for */
    uint8_t metric; /* enum record_metric: where it shows */
} record_alert;

#endif
