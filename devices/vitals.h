/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/vitals.h - what a device knows of itself besides what its model measures: traffic,
 * connections, logins, resets, battery, in the words of sim/record/metric.h. Allocated only where
 * it is asked for. State and advance(now): no packet, no call.
 *
 * The noise is honest: people use the device by the hour of the day and mistype, it asks for the
 * time and for names, its battery empties unevenly. How much is the device's own habit, drawn from
 * (seed, device). All rates are assumptions, in vitals.c, each with its reason. What misbehaviour
 * adds (devices/anomaly.h) is drawn from streams of its own: it shifts no honest number. */
#ifndef DEV_VITALS_H
#define DEV_VITALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/senml.h"
#include "sim/core/random.h"
#include "sim/core/time.h"

/* Addresses that a report names at most; the first so many that were talked to since the last one.
 */
enum { DEV_DESTINATIONS_MAX = 6 };

/* Who a device talks to, as a number: its IPv4 address. Blocks for documentation (RFC 5737) and
 * benchmarks (RFC 2544): nobody's. */
enum {
    DEV_DESTINATION_CLOUD = 0xC000020A,    /* 192.0.2.10 */
    DEV_DESTINATION_NAMES = 0xC0000235,    /* 192.0.2.53: DNS */
    DEV_DESTINATION_TIME = 0xC000027B,     /* 192.0.2.123: NTP */
    DEV_DESTINATION_STRANGER = 0xCB007100, /* 203.0.113.0, and above: where stolen data goes */
    DEV_DESTINATION_SCAN = 0xC6120000      /* 198.18.0.0/15: what a botnet scans */
};

typedef struct dev_anomaly dev_anomaly; /* devices/anomaly.h */

/* Events since the last report. Bytes with their IP and UDP or TCP headers. */
typedef struct dev_vitals_counts {
    uint64_t bytes_in, bytes_out;
    uint64_t packets_in, packets_out;
    uint32_t failed_logins;
    uint32_t resets; /* kept in flash; the others are lost with the power */
    uint32_t destinations[DEV_DESTINATIONS_MAX];
    uint32_t destination_count;
} dev_vitals_counts;

typedef struct dev_vitals {
    sim_time since; /* what happened up to here is counted */
    dev_vitals_counts counts;
    sim_stream stream;
    double charge;    /* of the battery, per cent */
    float life_days;  /* of a full battery */
    float sessions;   /* that people have with it, a day */
    float mistypings; /* a day */
    bool powered, battery;
    bool told;           /* it puts all this into its reports */
    dev_anomaly *orders; /* owned; in the order in which they were given */
} dev_vitals;

/* NULL: out of memory. `told`: the device's reports carry what is here. */
dev_vitals *dev_vitals_new(uint64_t seed, uint32_t device, bool told, bool battery);
void dev_vitals_free(dev_vitals *v); /* NULL is fine */

/* Power comes (a reset) or goes (what is not in flash is lost). */
void dev_vitals_power(dev_vitals *v, sim_time now, bool on);
/* A datagram of n bytes to (`out`) or from its cloud. */
void dev_vitals_datagram(dev_vitals *v, bool out, size_t n);
/* Counts what happened until `now` (>= since). */
void dev_vitals_advance(dev_vitals *v, sim_time now);
/* Notes that `address` was talked to, unless the list is full. */
void dev_vitals_talked_to(dev_vitals_counts *c, uint32_t address);
/* Advances to `now` and appends a record for each metric to a pack that has room for them (promise:
 * 9 + DEV_DESTINATIONS_MAX), then begins to count anew. `connected`: it has a session with its
 * cloud. Nothing when it is not `told`. */
void dev_vitals_tell(dev_vitals *v, sim_time now, bool connected, net_senml_pack *pack);

/* How many events of a mean rate happened: Poisson, mean >= 0; above 30 the normal approximation.
 */
uint64_t dev_vitals_poisson(sim_stream *s, double mean);
/* How busy people are between two times, in usual days: a usual day is 1. A run begins on a Monday
 * at midnight. */
double dev_vitals_use(sim_time from, sim_time to);

#endif
