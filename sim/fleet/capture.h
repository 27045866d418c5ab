/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/capture.h - what passed the cloud's edge of one street, as records of a capture
 * (sim/record/pcap_write.h) on a tape. */
#ifndef SIM_FLEET_CAPTURE_H
#define SIM_FLEET_CAPTURE_H

#include "net/address.h"
#include "sim/fleet/tape.h"

typedef enum fleet_captured_kind {
    FLEET_CAPTURED_UP,     /* a packet that arrives at the edge */
    FLEET_CAPTURED_DOWN,   /* a packet that the cloud sends */
    FLEET_CAPTURED_REFUSAL /* the error by which the edge refuses a packet */
} fleet_captured_kind;

/* Where it goes to, or comes from: the makers' cloud, or the service that is not theirs. Each has
 * an address of its own, and the other one the port above its protocol's: who reads a capture by
 * ports tells it from a cloud that speaks the same. */
typedef struct fleet_captured_end {
    uint16_t port;
    bool non_associated;
} fleet_captured_end;

/* Adds a packet of, or to, the virtual device behind `device`: a datagram, or a segment of TCP.
 * What went wrong stands in t->error: a capture decides nothing about the run. */
void fleet_capture_add(fleet_tape *t, sim_time at, fleet_captured_kind kind, bool segment,
                       const net_address *device, fleet_captured_end cloud, const uint8_t *data,
                       size_t n);

#endif
