/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/intake.h"

cloud_edge_peer cloud_intake_memory(bool door_knows, const cloud_glance *glance) {
    if (!door_knows) return (cloud_edge_peer){.port = glance->port};
    return (cloud_edge_peer){.tag = glance->tag,
                             .attempt = 1,
                             .port = glance->port,
                             .fate = CLOUD_FATE_ADMIT,
                             .admitted = true,
                             .staged = true,
                             .ended = true};
}

/* Without a list a stranger's packet demands a connection only when it would make the door remember
 * him. */
static cloud_demand demand_of_stranger(const cloud_edge_peer *peer, const cloud_glance *glance) {
    if (glance->demand != CLOUD_DEMAND_CONNECTION) return glance->demand;
    if (peer->admitted) return glance->later;
    return glance->proven ? CLOUD_DEMAND_CONNECTION : CLOUD_DEMAND_NOTHING;
}

static int look(const cloud_intake *in, const cloud_sender *from, sim_time now,
                const cloud_glance *glance, cloud_passage *out) {
    if (in->edge == NULL) {
        out->demand = demand_of_stranger(from->peer, glance);
        out->begins = out->demand == CLOUD_DEMAND_CONNECTION;
        return 0;
    }
    uint64_t seen = in->edge->seen;
    int error = cloud_edge_arrive(in->edge, from->peer, now, from->device, from->home, glance,
                                  &out->demand);
    out->begins = in->edge->seen > seen;
    return error;
}

/* What belongs to the attempt goes on from where its first packet was let in: a repetition does not
 * overtake the one that waits for its turn. */
static void follow_attempt(const cloud_edge_peer *peer, const cloud_glance *glance,
                           cloud_passage *out) {
    if (!peer->admitted || glance->port != peer->port) return;
    out->serve_at = sim_time_max(out->serve_at, peer->serve_at);
    if (!peer->ended && peer->fate == CLOUD_FATE_BUSY && out->fate != CLOUD_FATE_REFUSE)
        out->fate = CLOUD_FATE_BUSY;
}

/* The first request of an attempt goes through the further stages. What cannot be told from a
 * request is one: where the first packet of a connection is a request too, both are asked of it. */
static void pass_stages(const cloud_intake *in, cloud_edge_peer *peer, sim_time now,
                        cloud_passage *out) {
    cloud_decision decision = cloud_capacity_decide(in->capacity, CLOUD_DEMAND_STAGES, now);
    out->demand = CLOUD_DEMAND_STAGES;
    out->fate = decision.fate;
    out->serve_at = decision.serve_at;
    if (decision.fate != CLOUD_FATE_ADMIT) return;
    peer->staged = true;
    peer->serve_at = sim_time_max(peer->serve_at, decision.serve_at);
}

/* Not of who was let in only to be told that the cloud is busy. */
static bool has_stages(const cloud_intake *in, const cloud_edge_peer *peer) {
    return in->capacity != NULL && in->capacity->limits.stage_count > 0 && !peer->staged &&
           !peer->ended && peer->fate != CLOUD_FATE_BUSY;
}

static void decide(const cloud_intake *in, cloud_edge_peer *peer, sim_time now,
                   const cloud_glance *glance, cloud_passage *out) {
    cloud_decision decision = {.serve_at = now, .fate = CLOUD_FATE_ADMIT};
    if (out->demand == CLOUD_DEMAND_REQUEST && has_stages(in, peer)) {
        pass_stages(in, peer, now, out);
        return;
    }
    cloud_demand asked =
        out->demand == CLOUD_DEMAND_CONNECTION && !out->begins ? CLOUD_DEMAND_AGAIN : out->demand;
    if (in->capacity != NULL) decision = cloud_capacity_decide(in->capacity, asked, now);
    if (out->demand == CLOUD_DEMAND_CONNECTION) cloud_edge_decided(peer, &decision);
    out->fate = decision.fate;
    out->serve_at = decision.serve_at;
    bool both = out->demand == CLOUD_DEMAND_CONNECTION && glance->later == CLOUD_DEMAND_REQUEST;
    if (both && out->fate == CLOUD_FATE_ADMIT && has_stages(in, peer))
        pass_stages(in, peer, out->serve_at, out);
}

int cloud_intake_pass(const cloud_intake *in, const cloud_sender *from, sim_time now,
                      const cloud_glance *glance, cloud_passage *out) {
    *out = (cloud_passage){0};
    int error = look(in, from, now, glance, out);
    if (error != 0) return error;
    decide(in, from->peer, now, glance, out);
    if (out->fate != CLOUD_FATE_DROP) follow_attempt(from->peer, glance, out);
    return 0;
}
