/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/watch_private.h - the fleet examiner's state, for its own files only: watch.c (what is told), watch_close.c (a watch's window), watch_look.c (rates of a device), watch_series.c
 * (readings and batteries), watch_fleet.c (cohorts and notices), watch_learn.c (what is usual in a cohort). */
#ifndef SIM_CLOUD_WATCH_PRIVATE_H
#define SIM_CLOUD_WATCH_PRIVATE_H

#include <assert.h>

#include "sim/cloud/detector.h"
#include "sim/cloud/watch.h"
#include "sim/cloud/watch_rate.h"

/* What is counted of a device from look to look. EVENTS add up; LARGEST is the largest value of a level; DISTINCT the number of different members.
 *   usual_least   what is added to `ratio` times the usual, a look: how many events nobody minds
 *   kind          what an excess is taken for
 *   once          rare: the cohort counts a device with an event, if it had none for an hour, and is tested too
 *   explained     by an outage or a new firmware */
#define WATCH_SIGNAL_MAP(X)                                                   \
    X(MESSAGES_IN, EVENTS, 5, UNKNOWN, false, true)                           \
    X(MESSAGES_OUT, EVENTS, 5, UNKNOWN, false, true)                          \
    X(MESSAGE_BYTES, LARGEST, 200, EXFILTRATION, false, true)                 \
    X(AUTHORIZATION_FAILURES, EVENTS, 0.3f, CREDENTIAL_STUFFING, true, false) \
    X(CONNECTION_ATTEMPTS, EVENTS, 1, UNKNOWN, false, true)                   \
    X(DISCONNECTS, EVENTS, 1, UNKNOWN, false, true)                           \
    X(DISCONNECT_DURATION, LARGEST, 7200, UNKNOWN, false, true)               \
    X(BYTES_IN, EVENTS, 2000, UNKNOWN, false, true)                           \
    X(BYTES_OUT, EVENTS, 2000, EXFILTRATION, false, true)                     \
    X(PACKETS_IN, EVENTS, 10, UNKNOWN, false, true)                           \
    X(PACKETS_OUT, EVENTS, 10, EXFILTRATION, false, true)                     \
    X(LISTENING_PORTS, LARGEST, 1, UNKNOWN, false, false)                     \
    X(TCP_CONNECTIONS, LARGEST, 10, BOTNET_SCAN, false, true)                 \
    X(DESTINATION, DISTINCT, 5, BOTNET_SCAN, false, false)                    \
    X(FAILED_LOGINS, EVENTS, 0.3f, CREDENTIAL_STUFFING, true, false)          \
    X(UPDATE_FAILURES, EVENTS, 0.05f, UPDATE_SIGNATURE, true, false)          \
    X(RESETS, EVENTS, 0.3f, UNKNOWN, false, true)

typedef enum watch_signal {
#define WATCH_SIGNAL_ENUM(metric, how, least, kind, once, explained) WATCH_##metric,
    WATCH_SIGNAL_MAP(WATCH_SIGNAL_ENUM)
#undef WATCH_SIGNAL_ENUM
        WATCH_SIGNALS,
    WATCH_NO_SIGNAL = 255
} watch_signal;

typedef enum watch_how { WATCH_EVENTS, WATCH_LARGEST, WATCH_DISTINCT } watch_how;

typedef struct watch_signal_rule {
    float least;
    uint8_t metric, how, kind;
    bool once, explained;
} watch_signal_rule;
extern const watch_signal_rule watch_rules[WATCH_SIGNALS];

enum {
    WATCH_HOURS = 24,
    WATCH_BLOCKS = 6,     /* of a day, for the signs of life of one device */
    WATCH_SLOTS = 12,     /* of a window, for peaks of attempts */
    WATCH_SET_WORDS = 64, /* destinations of a cohort: a Bloom filter of 4,096 bits, two hashes */
    WATCH_STRANGERS = 16, /* destinations that a cohort may be learning, at a time */
    WATCH_ROOM_LEAST =
        64, /* cases, and new destinations, that a watch can tell a window: as many as it has devices, within these */
    WATCH_ROOM_MOST = 4096,
    WATCH_FIXED = 4096 /* one, in sums of whole numbers */
};

typedef struct watch_reading {
    float sum;
    float last;            /* value */
    float base, deviation; /* slow mean of the device, and mean distance from it */
    float pending;         /* of the last look, deviations from base; not a number: none */
    float gain;            /* how much of what the cohort has in common it follows */
    float hour_sum;        /* of residuals */
    float usual, up, down; /* of hourly residuals: mean size, CUSUM */
    float common_when_moved;
    uint32_t moved;  /* window in which the value last changed */
    uint32_t out_at; /* window of the last reading that cannot be */
    uint16_t n, still, still_most, changes, looks, hour_n;
    uint8_t out;
} watch_reading;

typedef struct watch_battery {
    float sum, before;  /* of this hour; mean of the hour before */
    float usual, noise; /* per cent an hour; mean size of changes */
    float evidence;     /* per cent lost beyond twice the usual */
    uint16_t n, hour, hours;
} watch_battery;

typedef struct watch_device {
    uint32_t count[WATCH_SIGNALS];
    float own[WATCH_SIGNALS]; /* a look */
    float evidence[WATCH_SIGNALS];
    uint32_t cohort, home, street;
    uint32_t since;        /* window in which the current evidence began */
    uint32_t muted_until;  /* window; after a new firmware */
    uint32_t disturbed_at; /* window; lost or renewed its connection */
    /* Signs of life. */
    uint32_t heard, heard_alive;           /* window of the last; the street's living windows then */
    float gap, gap_deviation, gap_longest; /* living windows from sign to sign */
    float missed;                          /* signs expected since the last */
    float signs[WATCH_BLOCKS];             /* share of living windows with a sign, by time of day */
    uint32_t looked_alive;                 /* the street's living windows at the last look */
    /* Addresses. */
    uint32_t address, address_before, before_at; /* hashes; window in which the one before was last used */
    float returns;
    uint64_t destinations; /* of this look: 64 bits, a hash picks one */
    uint16_t strangers[2]; /* destinations new to the cohort that this device was counted for */
    uint16_t age;          /* looks, up to UINT16_MAX */
    uint16_t gaps;
    uint16_t told[SIM_ANOMALIES];        /* hour + 1 of the last notice */
    uint16_t event_at[3];                /* quarter of an hour + 1 of the last event, signals with `once` */
    uint8_t heard_windows, missed_looks; /* since the last look; looks without a sign */
    bool heard_now, overdue;
    watch_reading reading;
    watch_battery battery;
} watch_device;
static_assert(sizeof(watch_device) <= CLOUD_WATCH_DEVICE_BYTES, "a device costs more than was promised");

typedef struct watch_home {
    uint32_t heard, devices; /* window of the last sign of life of any of them */
} watch_home;

typedef struct watch_street {
    uint32_t devices, heard, disturbed_now;
    uint32_t living;      /* windows in which it lived */
    uint32_t muted_until; /* window; an outage */
    float disturbed, usual_disturbed, usual_heard;
    bool alive;
} watch_street;

/* What a watch says of a cohort, from fleet close to fleet close. Whole numbers. */
typedef struct watch_sums {
    int64_t n[WATCH_SIGNALS], usual[WATCH_SIGNALS], spread[WATCH_SIGNALS], of[WATCH_SIGNALS],
        of_large[WATCH_SIGNALS];
    uint32_t fresh[WATCH_SIGNALS];
    uint32_t attempts[WATCH_SLOTS];
    uint32_t devices, looked, muted;
    int64_t reading, residual, battery, returns;
    uint32_t reading_of, residual_of, battery_of;
    float low, high; /* readings */
    uint32_t from;   /* the cohort that devices came from, smallest number + 1; 0: nobody came */
} watch_sums;

typedef struct watch_stranger {
    uint64_t id;
    uint32_t cohort, device;
} watch_stranger;

typedef struct watch_candidate {
    sim_notice notice;
    uint32_t cohort;
} watch_candidate;

struct cloud_watch {
    const cloud_watch_fleet *fleet;
    const cloud_watch_settings *settings;
    watch_device *devices;
    watch_home *homes;
    watch_street *streets;
    watch_sums *sums;        /* by cohort */
    cloud_detector **series; /* by device, once one is asked for */
    cloud_rate_tail tail[WATCH_SIGNALS];
    watch_stranger *strangers;
    watch_candidate *candidates;
    uint64_t dropped; /* candidates */
    uint32_t first_device, device_count, home_count, street_count;
    uint32_t devices_most;                          /* there is room for */
    uint32_t stranger_count, candidate_count, room; /* of either */
    uint32_t window;                                /* number of the current one, from 1 */
    uint32_t mature_age, week;                      /* looks */
    sim_time begin;                                 /* of it */
    sim_time slot;
};

/* How many devices have an event after an hour without, by hour of day. */
typedef struct watch_season {
    float n[WATCH_SIGNALS][WATCH_HOURS];
    float of[WATCH_HOURS]; /* device-windows */
} watch_season;

typedef struct watch_known {
    uint64_t id;
    uint32_t first, talkers; /* window; devices */
    uint32_t device;         /* one of them */
} watch_known;

typedef struct watch_cohort {
    watch_season fresh;
    float rate[WATCH_SIGNALS][WATCH_HOURS]; /* of a device and look, by hour of day */
    uint16_t rated[WATCH_HOURS];            /* looks that this is of */
    float mean[WATCH_SIGNALS];              /* a device and look */
    float hourly[WATCH_SIGNALS];            /* this hour's count as a multiple of the mean, at least 1 */
    float factor[WATCH_SIGNALS];            /* what the cohort does now against what it should; at least 1 */
    float spread[WATCH_SIGNALS];
    float evidence[WATCH_SIGNALS],
        sharp[WATCH_SIGNALS]; /* against a rate that is somewhat, and much, too high */
    float dispersion[WATCH_SIGNALS];
    uint32_t since[WATCH_SIGNALS];
    float seen[WATCH_SIGNALS], awaited[WATCH_SIGNALS]; /* of the current evidence */
    float common, common_square; /* readings: what devices have in common, deviations; its usual size */
    float residual;              /* mean size of hourly residuals, this hour */
    float battery;               /* per cent an hour */
    float returns;               /* a device and day */
    float low, high;
    float in_alarm[SIM_ANOMALIES];  /* devices, fading within an hour */
    uint32_t told[SIM_ANOMALIES];   /* hour + 1 */
    float told_of[SIM_ANOMALIES];   /* then: times the usual; 0: no rate showed it */
    uint32_t active[SIM_ANOMALIES]; /* window until which devices are not told */
    uint64_t set[WATCH_SET_WORDS];
    watch_known strangers[WATCH_STRANGERS];
    uint32_t looks;   /* that were learnt from */
    uint32_t age;     /* windows with devices, of its own or inherited */
    uint32_t renewed; /* window in which it inherited */
    uint32_t parent;  /* the cohort that it inherited from */
    uint32_t devices;
    uint32_t peak_at[8];
    uint32_t peaks;
    float slot_mean;
    bool in_peak, has_range;
} watch_cohort;
static_assert(sizeof(watch_cohort) <= CLOUD_WATCH_COHORT_BYTES, "a cohort costs more than was promised");

struct cloud_watch_fleet {
    const cloud_watch_settings *settings;
    watch_cohort *cohorts; /* one more than there are: the fleet */
    watch_sums *sums;      /* likewise */
    cloud_rate_tail tail[WATCH_SIGNALS];
    float threshold[WATCH_SIGNALS];
    sim_notice *notices;
    watch_stranger *strangers;
    size_t notice_count, stranger_count;
    uint64_t dropped, lost; /* by the fleet itself; together with the watches */
    uint32_t cohort_count;
    uint32_t window;
};

#endif
