/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/intake.h - what becomes of a packet at the cloud's edge (design D15), the same for a
 * street of a run and for a cloud that is served on real sockets: a door's kind looks at it, the
 * edge tells a new attempt from what belongs to an old one, the capacity decides. Whoever called
 * lets it fall, or keeps it until `serve_at` and hands it to the door. Pure, but for the edge's
 * list and the capacity's queues. */
#ifndef CLOUD_INTAKE_H
#define CLOUD_INTAKE_H

#include "sim/cloud/edge.h"

typedef struct cloud_intake {
    cloud_edge *edge;         /* whose list attempts are written to; NULL: nobody keeps one */
    cloud_capacity *capacity; /* NULL: all are let in; who stands behind decides for himself */
} cloud_intake;

/* Who sent a packet, as far as the caller can tell. */
typedef struct cloud_sender {
    cloud_edge_peer *peer; /* what the edge remembers of it */
    uint32_t device, home; /* for the list */
} cloud_sender;

typedef struct cloud_passage {
    bool begins;         /* a new attempt */
    cloud_demand demand; /* what it took of the capacity */
    cloud_fate fate;
    sim_time serve_at; /* meaningless with DROP */
} cloud_passage;

/* A packet arrives at `now`; calls come in time order. SIM_ENOMEM. */
SIM_MUST_USE int cloud_intake_pass(const cloud_intake *in, const cloud_sender *from, sim_time now,
                                   const cloud_glance *glance, cloud_passage *out);

/* For a cloud that keeps no list: what it remembers of a sender is what its door does. Of strangers
 * it remembers nothing, or they could fill its memory. */
cloud_edge_peer cloud_intake_memory(bool door_knows, const cloud_glance *glance);

#endif
