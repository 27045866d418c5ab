/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/street_account.h - what a street tells of itself: what it has counted so far, and what
 * became of its devices. Nothing of it changes the street. */
#ifndef SIM_FLEET_STREET_ACCOUNT_H
#define SIM_FLEET_STREET_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/time.h"

typedef struct cloud_door_counts cloud_door_counts;
typedef struct cloud_edge cloud_edge;
typedef struct cloud_service_counts cloud_service_counts;
typedef struct dev_counts dev_counts;
typedef struct fleet_ledger fleet_ledger;
typedef struct fleet_restarts fleet_restarts;
typedef struct fleet_silence fleet_silence;
typedef struct fleet_street fleet_street;
typedef struct fleet_sums fleet_sums;
typedef struct sim_histogram sim_histogram;
typedef struct sim_rough sim_rough;

/* What it points to is the street's, and goes on counting with it. */
typedef struct fleet_account {
    sim_time now;
    uint32_t first_device, device_count; /* in the fleet */
    uint64_t events;                     /* that were handled */
    uint64_t fingerprint;
    const fleet_ledger *ledger;
    const cloud_service_counts *service; /* zeros in the real world */
    const fleet_silence *silence;
    const fleet_restarts *restarts; /* FLEET_OFFERS_MAX, by offer */
    /* From when a report was due to the first success that its device then had: its own or, for a
     * report that could not be sent, the next one's. Not of reports that the drill cut off. */
    const sim_histogram *request_latency;
    const sim_histogram *request_never;   /* when those were due that had none */
    const sim_histogram *connect_latency; /* attempt at the edge to online */
    const sim_histogram *change_latency;  /* from the drill's wish to the shared value's change */
    uint64_t changes_wanted;              /* of devices that were online then */
    uint64_t metrics;                     /* of which the examiner was told, a bit for each kind */
} fleet_account;

fleet_account fleet_street_account(const fleet_street *s);

/* What each row of results asks for in each second, as it stands. */
const fleet_sums *fleet_street_sums(const fleet_street *s);
const cloud_edge *fleet_street_edge(const fleet_street *s);
/* As request_latency, of reports that were answered since the last row. */
const sim_rough *fleet_street_second(const fleet_street *s);

/* Packets found in the queues, for the ledger's check. */
uint64_t fleet_street_in_flight(const fleet_street *s);
/* Adds what the doors of its cloud counted, in the virtual world. */
void fleet_street_door_counts(const fleet_street *s, cloud_door_counts *into);
/* Adds what the local functions of its devices did in the states that they are in at `end`. */
void fleet_street_local_end(const fleet_street *s, sim_time end, dev_counts *into);
/* Devices that a server has answered at some time. */
uint64_t fleet_street_ever_answered(const fleet_street *s);
/* Adds to `due` when each request was due that still waits, to be sent or to be answered. */
SIM_MUST_USE int fleet_street_open_reports(const fleet_street *s, sim_histogram *due);
/* Samples that its devices have sensed and not brought to the cloud. */
uint64_t fleet_street_samples_waiting(const fleet_street *s);
/* Some device has said its last word of the handshake in the attempt in hand. */
bool fleet_street_waits_for_finished(const fleet_street *s);
/* Writes the cohort of each of its devices, as it is now, to out[first_device...]. */
void fleet_street_cohorts(const fleet_street *s, uint32_t *out);

#endif
