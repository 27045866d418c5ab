/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/anomaly.h - what may be wrong with a device or a fleet (EN 303 645, 5.10-1): the truth about what was done to it, and the notices of whoever looked. The drill writes the first, the
 * examiner in the cloud the second, and judges hold one against the other. Flat records, without pointers. */
#ifndef SIM_CORE_ANOMALY_H
#define SIM_CORE_ANOMALY_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/metric.h"
#include "sim/core/time.h"

/* Kinds with their word in scenarios and results. `rate` says whether a rate over time can show it: these are the ones that an examiner must find. */
#define SIM_ANOMALY_MAP(X)                                                                               \
    X(UNKNOWN, "unknown", false, "something unusual, of no kind that is known")                          \
    X(CREDENTIAL_STUFFING, "credential-stuffing", true,                                                  \
      "logins are tried at the devices (EN 303 645, example 1)")                                         \
    X(UPDATE_SIGNATURE, "update-signature", true,                                                        \
      "updates whose signature is wrong (EN 303 645, example 2)")                                        \
    X(CLONE, "clone", false, "one identity is used from two places")                                     \
    X(EXFILTRATION, "exfiltration", true, "much is sent to where nothing was sent before")               \
    X(BOTNET_SCAN, "botnet-scan", true, "many addresses are talked to")                                  \
    X(STUCK_SENSOR, "stuck-sensor", false, "a reading that does not move any more")                      \
    X(OUT_OF_RANGE, "out-of-range", false, "a reading that cannot be")                                   \
    X(SLOW_DRIFT, "slow-drift", false, "a reading that slowly walks away")                               \
    X(SILENT_DEVICE, "silent-device", true, "no reports any more, though nobody cut anything")           \
    X(BATTERY_DRAIN, "battery-drain", true, "a battery that empties too fast: the device is kept awake") \
    X(LOCK_STEP, "lock-step", false,                                                                     \
      "devices that connect in step, again and again: no attack, but no order")                          \
    X(NEW_DESTINATION, "new-destination", false, "a cohort talks to an address that it never talked to")

typedef enum sim_anomaly {
#define SIM_ANOMALY_ENUM(name, word, rate, title) SIM_ANOMALY_##name,
    SIM_ANOMALY_MAP(SIM_ANOMALY_ENUM)
#undef SIM_ANOMALY_ENUM
        SIM_ANOMALIES
} sim_anomaly;

const char *sim_anomaly_word(sim_anomaly a);
bool sim_anomaly_shows_in_rates(sim_anomaly a);
SIM_MUST_USE int sim_anomaly_named(const char *word, sim_anomaly *out); /* SIM_EPARSE */

/* The truth: one device misbehaved in this way, from `from` on, before `to`. */
typedef struct sim_injection {
    sim_time from, to;
    uint32_t device;
    uint32_t
        campaign; /* the order of the drill that it belongs to, 1, 2, ...: a fleet-wide attack is one campaign of many devices */
    uint8_t kind; /* enum sim_anomaly */
    sim_time ramp; /* it grew from nothing for so long; 0: it was there at once */
} sim_injection;

typedef enum sim_scope { SIM_SCOPE_DEVICE, SIM_SCOPE_COHORT, SIM_SCOPE_FLEET } sim_scope;

/* An examiner says that something is wrong. */
typedef struct sim_notice {
    sim_time at;        /* when it was raised */
    sim_time since;     /* beginning of the evidence, <= at */
    sim_time delivered; /* when an operator's outlet had taken it; SIM_NEVER: not yet */
    double seen, expected;
    float score;    /* 0..1, 0.5 is where alarms begin */
    uint32_t who;   /* by scope: device, cohort, or 0 */
    uint8_t scope;  /* enum sim_scope */
    uint8_t kind;   /* enum sim_anomaly: what the examiner takes it for */
    uint8_t metric; /* enum sim_metric: where it shows */
} sim_notice;

#endif
