/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/capture.h - what passed the cloud's edge of one street since the last window's end, as
 * records of a capture (sim/record/pcap_write.h); the run puts the streets' records in order. */
#ifndef SIM_FLEET_CAPTURE_H
#define SIM_FLEET_CAPTURE_H

#include "net/address.h"
#include "sim/core/time.h"

typedef enum fleet_captured_kind {
    FLEET_CAPTURED_UP,     /* a datagram that arrives at the edge */
    FLEET_CAPTURED_DOWN,   /* a datagram that the cloud sends */
    FLEET_CAPTURED_REFUSAL /* the error by which the edge refuses a datagram */
} fleet_captured_kind;

typedef struct fleet_captured {
    sim_time at;
    size_t offset, n; /* in the bytes of its capture */
} fleet_captured;

/* All 0 is empty. */
typedef struct fleet_capture {
    uint8_t *bytes; /* owned, as items is */
    size_t used, byte_room;
    fleet_captured *items; /* in the order in which they were taken */
    size_t count, room;
    int error; /* SIM_ENOMEM: some are missing */
} fleet_capture;

/* Adds a datagram of, or to, the virtual device behind `device`. What went wrong stands in
 * c->error: a capture decides nothing about the run. */
void fleet_capture_add(fleet_capture *c, sim_time at, fleet_captured_kind kind,
                       const net_address *device, uint16_t cloud_port, const uint8_t *data,
                       size_t n);
/* Forgets what was taken and keeps the room. */
void fleet_capture_clear(fleet_capture *c);
void fleet_capture_deinit(fleet_capture *c);

#endif
