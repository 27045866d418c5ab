/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/street.h - one shard: the homes of a street, their devices, the hops between them and
 * the cloud edge, and the cloud's side of their sessions. All that happens here is decided by
 * (seed, spec, street number) and by what the run tells it at the border between two windows. Who
 * only reads what came of it needs street_account.h. */
#ifndef SIM_FLEET_STREET_H
#define SIM_FLEET_STREET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/time.h"
#include "sim/fleet/tape.h"
#include "sim/record/anomaly.h"

typedef struct cloud_capacity cloud_capacity;
typedef struct dev_anomaly_order dev_anomaly_order;
typedef struct fleet_fault fleet_fault;
typedef struct fleet_firmware fleet_firmware;
typedef struct fleet_selection fleet_selection;
typedef struct fleet_shared fleet_shared;
typedef struct fleet_street fleet_street;
typedef struct fleet_zone fleet_zone;
typedef struct record_attempts record_attempts;
typedef struct sim_event sim_event;

/* Where a street is in its fleet. */
typedef struct fleet_place {
    uint32_t street;       /* in the fleet */
    uint32_t zone, number; /* of the street within its zone */
    uint32_t first_home, first_device;
} fleet_place;

/* Builds a street without power anywhere but in the routers; devices are switched on over
 * zone->start_over. SIM_ENOMEM, SIM_ELIBRARY: *out is NULL. */
SIM_MUST_USE int fleet_street_new(const fleet_shared *shared, const fleet_place *place,
                                  fleet_street **out);
void fleet_street_free(fleet_street *s);                              /* and what is in flight */
uint32_t fleet_street_homes(const fleet_zone *zone, uint32_t number); /* of that street */
uint32_t fleet_zone_per_home(const fleet_zone *zone);                 /* devices */
/* Handles events before `until`. */
SIM_MUST_USE int fleet_street_step(fleet_street *s, sim_time until);
/* Time of the next event, arrivals at the edge included; and without them. */
sim_time fleet_street_next(const fleet_street *s);
sim_time fleet_street_next_own(const fleet_street *s);
sim_time fleet_street_now(const fleet_street *s);
uint32_t fleet_street_first_device(const fleet_street *s); /* in the fleet */
/* What is counted by the second begins anew. */
void fleet_street_begin_second(fleet_street *s);
/* What it has kept since this was cleared: the run clears it. */
fleet_tape *fleet_street_tape(fleet_street *s, fleet_taped what);

/* ---- the edge, for whoever decides (between two windows) ---- */
/* The earliest arrival before `until`; NULL: none. Valid until the next call. */
const sim_event *fleet_street_arrival(const fleet_street *s, sim_time until);
/* Takes that arrival: notes it at the edge, asks `capacity` for its fate and queues or drops it. */
SIM_MUST_USE int fleet_street_decide(fleet_street *s, cloud_capacity *capacity);
/* The real world: a datagram came from the wire for device `device` (in this street). */
SIM_MUST_USE int fleet_street_from_wire(fleet_street *s, sim_time now, uint32_t device,
                                        const uint8_t *datagram, size_t n);

/* ---- what the drill does, at `now`, between two windows ---- */
/* A fault strikes; SIM_ENOMEM. `trigger`: what devices that lose their service, or have it back,
 * come back under. */
SIM_MUST_USE int fleet_street_strike(fleet_street *s, sim_time now, const fleet_fault *fault,
                                     const fleet_selection *sel, const void *order,
                                     uint8_t trigger);
void fleet_street_count(const fleet_street *s, const fleet_selection *sel, uint64_t *homes,
                        uint64_t *devices);
/* Writes the selected devices (numbers within the street, ascending) to out[device_count]; returns
 * how many. */
uint32_t fleet_street_pick(const fleet_street *s, const fleet_selection *sel, uint32_t *out);
/* What keeps a device (within the street) from misbehaving so, in words: "the thermostat of 'north'
 * has no battery". NULL: nothing; else `why`. */
const char *fleet_street_lacks(const fleet_street *s, uint32_t device, record_anomaly kind,
                               char *why, size_t size);
/* A device (within the street) misbehaves as ordered. SIM_ENOMEM. */
SIM_MUST_USE int fleet_street_inject(fleet_street *s, sim_time now, uint32_t device,
                                     const dev_anomaly_order *order);
/* Tells the devices that take updates of offer `number`, each at a random time within `over`. */
SIM_MUST_USE int fleet_street_offer(fleet_street *s, sim_time now, const fleet_selection *sel,
                                    uint32_t number, sim_time over);
/* Adds to *out. */
void fleet_street_firmware(const fleet_street *s, const fleet_selection *sel, uint32_t version,
                           fleet_firmware *out);

/* The real world ends: the devices go without a word, as their sockets are about to. */
void fleet_street_unplug(fleet_street *s);
/* At the end of the run: attempts that never got in are called dropped. The first error of the
 * street that no verb has returned. */
SIM_MUST_USE int fleet_street_close(fleet_street *s);
/* Moves the attempts that its edge saw behind those of `into`. SIM_ENOMEM. */
SIM_MUST_USE int fleet_street_take_attempts(fleet_street *s, record_attempts *into);

#endif
