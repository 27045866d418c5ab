/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/edge.h - the observer at the cloud edge (design D5): sees datagrams arrive, tells a new
 * attempt from a retransmission, and keeps the list of attempts. It knows nothing that a capture in
 * front of a real cloud would not show; which device an address belongs to is looked up by the
 * caller, as an operator would do afterwards. */
#ifndef CLOUD_EDGE_H
#define CLOUD_EDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/cloud/glance.h"
#include "sim/record/attempt.h"

/* What the edge remembers of a device: its latest attempt. */
typedef struct cloud_edge_peer {
    uint64_t tag;     /* of the attempt: a hash of the ClientHello's random and the source port */
    uint32_t attempt; /* its index in the list + 1; 0: none yet */
    uint32_t number;  /* attempts since the trigger */
    uint16_t port;    /* that it came from */
    uint8_t trigger;
    /* cloud_fate of the attempt once one of its packets was let through or refused */
    uint8_t fate;
    bool admitted; /* one was */
    bool staged;   /* its first request has passed all further stages */
    bool ended;    /* its outcome is known */
    /* when the cloud took or will take it in hand; what follows is not served before. Or when it
     * was last refused */
    sim_time serve_at;
} cloud_edge_peer;

typedef struct cloud_edge {
    record_attempts attempts;
    uint64_t seen, successes, rejections; /* attempts; ended online; dropped, busy or refused */
} cloud_edge;

void cloud_edge_init(cloud_edge *e);
void cloud_edge_deinit(cloud_edge *e);

/* A datagram of `peer` arrives at `now` (calls come in time order): notes a new attempt if it is
 * one, and returns what capacity it demands given what was let through before. SIM_ENOMEM is
 * returned as an error. */
SIM_MUST_USE int cloud_edge_arrive(cloud_edge *e, cloud_edge_peer *peer, sim_time now,
                                   uint32_t device, uint32_t home, const cloud_glance *glance,
                                   cloud_demand *demand);
/* What was decided about a datagram that demanded a connection. */
void cloud_edge_decided(cloud_edge_peer *peer, const cloud_decision *decision);
/* How the latest attempt of `peer` ended; only the first outcome counts. */
void cloud_edge_outcome(cloud_edge *e, cloud_edge_peer *peer, sim_time now, record_outcome outcome);
/* The cloud has lost its memory: what was let in of an attempt that is not over must be let in
 * again. */
void cloud_edge_forget(cloud_edge_peer *peer);
/* The run is over: an attempt that never got in has been dropped, or refused. */
void cloud_edge_close(cloud_edge *e, cloud_edge_peer *peer);
/* From here on the peer's attempts belong to `trigger` and are counted from 1. */
void cloud_edge_trigger(cloud_edge_peer *peer, uint8_t trigger);

#endif
