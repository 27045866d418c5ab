/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/examine/watch_private.h - the fleet examiner's state, for its own files only: watch.c (what
 * is told), watch_close.c (a watch's window), watch_look.c (rates of a device), watch_series.c
 * (readings and batteries), watch_fleet.c (cohorts and notices), watch_learn.c (what is usual in a
 * cohort). */
#ifndef SIM_EXAMINE_WATCH_PRIVATE_H
#define SIM_EXAMINE_WATCH_PRIVATE_H

#include <assert.h>

#include "sim/examine/detector.h"
#include "sim/examine/watch.h"
#include "sim/examine/watch_rate.h"

/* What is counted of a device from look to look. EVENTS add up; LARGEST is the largest value of a
 * level; DISTINCT the number of different members.
 *   usual_least   what is added to `ratio` times the usual, a look: how many events nobody minds
 *   kind          what an excess is taken for
 *    once          rare: the cohort counts a device with an event, if it had none for an hour,
 *    and is tested too
 *   explained     by an outage or a new firmware */
#define EXAMINE_SIGNAL_MAP(X)                                                 \
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

typedef enum examine_signal {
#define EXAMINE_SIGNAL_ENUM(metric, how, least, kind, once, explained) EXAMINE_##metric,
    EXAMINE_SIGNAL_MAP(EXAMINE_SIGNAL_ENUM)
#undef EXAMINE_SIGNAL_ENUM
        EXAMINE_SIGNALS,
    EXAMINE_NO_SIGNAL = 255
} examine_signal;

typedef enum examine_how { EXAMINE_EVENTS, EXAMINE_LARGEST, EXAMINE_DISTINCT } examine_how;

typedef struct examine_signal_rule {
    float least;
    uint8_t metric, how, kind;
    bool once, explained;
} examine_signal_rule;
extern const examine_signal_rule examine_rules[EXAMINE_SIGNALS];

enum {
    EXAMINE_HOURS = 24,
    EXAMINE_BLOCKS = 6,     /* of a day, for the signs of life of one device */
    EXAMINE_SLOTS = 12,     /* of a window, for peaks of attempts */
    EXAMINE_SET_WORDS = 64, /* destinations of a cohort: a Bloom filter of 4,096 bits, two hashes */
    EXAMINE_STRANGERS = 16, /* destinations that a cohort may be learning, at a time */
    EXAMINE_ROOM_LEAST =
        /* cases, and new destinations, that a watch can tell a window: as many as it has devices,
         * within these */
    64,
    EXAMINE_ROOM_MOST = 4096,
    EXAMINE_FIXED = 4096 /* one, in sums of whole numbers */
};

typedef struct examine_reading {
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
} examine_reading;

typedef struct examine_battery {
    float sum, before;  /* of this hour; mean of the hour before */
    float usual, noise; /* per cent an hour; mean size of changes */
    float evidence;     /* per cent lost beyond twice the usual */
    uint16_t n, hour, hours;
} examine_battery;

typedef struct examine_device {
    uint32_t count[EXAMINE_SIGNALS];
    float own[EXAMINE_SIGNALS]; /* a look */
    float evidence[EXAMINE_SIGNALS];
    uint32_t cohort, home, street;
    uint32_t since;        /* window in which the current evidence began */
    uint32_t muted_until;  /* window; after a new firmware */
    uint32_t disturbed_at; /* window; lost or renewed its connection */
    /* Signs of life. */
    /* window of the last; the street's living windows then */
    uint32_t heard, heard_alive;
    float gap, gap_deviation, gap_longest; /* living windows from sign to sign */
    float missed;                          /* signs expected since the last */
    /* share of living windows with a sign, by time of day */
    float signs[EXAMINE_BLOCKS];
    uint32_t looked_alive; /* the street's living windows at the last look */
    /* Addresses. */
    /* hashes; window in which the one before was last used */
    uint32_t address, address_before, before_at;
    float returns;
    uint64_t destinations; /* of this look: 64 bits, a hash picks one */
    uint16_t strangers[2]; /* destinations new to the cohort that this device was counted for */
    uint16_t age;          /* looks, up to UINT16_MAX */
    uint16_t gaps;
    uint16_t told[RECORD_ANOMALIES]; /* hour + 1 of the last notice */
    /* quarter of an hour + 1 of the last event, signals with `once` */
    uint16_t event_at[3];
    uint8_t heard_windows, missed_looks; /* since the last look; looks without a sign */
    bool heard_now, overdue;
    examine_reading reading;
    examine_battery battery;
} examine_device;
static_assert(sizeof(examine_device) <= EXAMINE_WATCH_DEVICE_BYTES,
              "a device costs more than was promised");

typedef struct examine_home {
    uint32_t heard, devices; /* window of the last sign of life of any of them */
} examine_home;

typedef struct examine_street {
    uint32_t devices, heard, disturbed_now;
    uint32_t living;      /* windows in which it lived */
    uint32_t muted_until; /* window; an outage */
    float disturbed, usual_disturbed, usual_heard;
    bool alive;
} examine_street;

/* What a watch says of a cohort, from fleet close to fleet close. Whole numbers. */
typedef struct examine_sums {
    int64_t n[EXAMINE_SIGNALS], usual[EXAMINE_SIGNALS], spread[EXAMINE_SIGNALS],
        of[EXAMINE_SIGNALS], of_large[EXAMINE_SIGNALS];
    uint32_t fresh[EXAMINE_SIGNALS];
    uint32_t attempts[EXAMINE_SLOTS];
    uint32_t devices, looked, muted;
    int64_t reading, residual, battery, returns;
    uint32_t reading_of, residual_of, battery_of;
    float low, high; /* readings */
    uint32_t from;   /* the cohort that devices came from, smallest number + 1; 0: nobody came */
} examine_sums;

typedef struct examine_stranger {
    uint64_t id;
    uint32_t cohort, device;
} examine_stranger;

typedef struct examine_candidate {
    record_alert notice;
    uint32_t cohort;
} examine_candidate;

struct examine_watch {
    const examine_watch_fleet *fleet;
    const examine_watch_settings *settings;
    examine_device *devices;
    examine_home *homes;
    examine_street *streets;
    examine_sums *sums;        /* by cohort */
    examine_detector **series; /* by device, once one is asked for */
    examine_rate_tail tail[EXAMINE_SIGNALS];
    examine_stranger *strangers;
    examine_candidate *candidates;
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
typedef struct examine_season {
    float n[EXAMINE_SIGNALS][EXAMINE_HOURS];
    float of[EXAMINE_HOURS]; /* device-windows */
} examine_season;

typedef struct examine_known {
    uint64_t id;
    uint32_t first, talkers; /* window; devices */
    uint32_t device;         /* one of them */
} examine_known;

typedef struct examine_cohort {
    examine_season fresh;
    float rate[EXAMINE_SIGNALS][EXAMINE_HOURS]; /* of a device and look, by hour of day */
    uint16_t rated[EXAMINE_HOURS];              /* looks that this is of */
    float mean[EXAMINE_SIGNALS];                /* a device and look */
    /* this hour's count as a multiple of the mean, at least 1 */
    float hourly[EXAMINE_SIGNALS];
    /* what the cohort does now against what it should; at least 1 */
    float factor[EXAMINE_SIGNALS];
    float spread[EXAMINE_SIGNALS];
    float evidence[EXAMINE_SIGNALS],
        sharp[EXAMINE_SIGNALS]; /* against a rate that is somewhat, and much, too high */
    float dispersion[EXAMINE_SIGNALS];
    uint32_t since[EXAMINE_SIGNALS];
    float seen[EXAMINE_SIGNALS], awaited[EXAMINE_SIGNALS]; /* of the current evidence */
    /* readings: what devices have in common, deviations; its usual size */
    float common, common_square;
    float residual; /* mean size of hourly residuals, this hour */
    float battery;  /* per cent an hour */
    float returns;  /* a device and day */
    float low, high;
    float in_alarm[RECORD_ANOMALIES];  /* devices, fading within an hour */
    uint32_t told[RECORD_ANOMALIES];   /* hour + 1 */
    float told_of[RECORD_ANOMALIES];   /* then: times the usual; 0: no rate showed it */
    uint32_t active[RECORD_ANOMALIES]; /* window until which devices are not told */
    uint64_t set[EXAMINE_SET_WORDS];
    examine_known strangers[EXAMINE_STRANGERS];
    uint32_t looks;   /* that were learnt from */
    uint32_t age;     /* windows with devices, of its own or inherited */
    uint32_t renewed; /* window in which it inherited */
    uint32_t parent;  /* the cohort that it inherited from */
    uint32_t devices;
    uint32_t peak_at[8];
    uint32_t peaks;
    float slot_mean;
    bool in_peak, has_range;
} examine_cohort;
static_assert(sizeof(examine_cohort) <= EXAMINE_WATCH_COHORT_BYTES,
              "a cohort costs more than was promised");

struct examine_watch_fleet {
    const examine_watch_settings *settings;
    examine_cohort *cohorts; /* one more than there are: the fleet */
    examine_sums *sums;      /* likewise */
    examine_rate_tail tail[EXAMINE_SIGNALS];
    float threshold[EXAMINE_SIGNALS];
    record_alert *notices;
    examine_stranger *strangers;
    size_t notice_count, stranger_count;
    uint64_t dropped, lost; /* by the fleet itself; together with the watches */
    uint32_t cohort_count;
    uint32_t window;
};

#endif
