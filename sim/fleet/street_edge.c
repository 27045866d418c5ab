/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cloud's end of a street's path: what arrives at the edge is looked at, waits for the
 * capacity's word, and is served; in the real world it goes on the wire. */
#include "sim/fleet/street_private.h"
#include "sim/record/dtls_wire.h"

int fleet_street_at_cloud(fleet_street *s, fleet_packet *p) {
    bool refused = p->fate == CLOUD_FATE_REFUSE;
    if (refused || p->cloud_life != s->cloud_life) {
        s->ledger.dropped_over++;
        if (refused) fleet_street_send_refusal(s, p->device, p->connection);
        fleet_street_packet_end(s, p);
        return s->error;
    }
    net_address from = net_address_virtual(fleet_street_device(s, p->device)->index, p->connection);
    s->ledger.delivered++;
    sim_fingerprint_bytes(&s->shard.fingerprint, p->data, p->size);
    int error =
        cloud_front_input(s->front, s->shard.now, &from, p->data, p->size, (cloud_fate)p->fate);
    fleet_street_packet_end(s, p);
    return error;
}

static int look(fleet_street *s, const fleet_packet *p, sim_time now, cloud_demand *demand) {
    const dev_device *d = fleet_street_device(s, p->device);
    cloud_edge_peer *peer = &fleet_street_device_of(s, p->device)->edge;
    uint32_t identity = fleet_street_identity(s, p->device);
    cloud_edge_peer *named = &s->notes[identity - s->first_device].edge;
    cloud_glance sight = cloud_edge_look(s->commons->secure, p->connection, p->data, p->size);
    s->tally.datagrams_up++;
    s->tally.bytes_up += p->size;
    uint64_t before = s->edge.seen;
    /* Whoever looks up the address of a clone finds its original's name: the attempts of the two
     * are counted as one device's. */
    peer->trigger = named->trigger;
    peer->number = named->number;
    int error = cloud_edge_arrive(&s->edge, peer, now, identity, d->home, &sight, demand);
    named->number = peer->number;
    if (s->edge.seen > before) fleet_watch_attempt(s, identity - s->first_device, now);
    return error;
}

/* The only sealed handshake message of a client is its Finished: all that is left to do then is the
 * server's. */
static bool is_finished(const fleet_packet *p) {
    record_dtls_span left = {p->data, p->size};
    record_dtls_record r;
    while (record_dtls_take_record(&left, &r)) {
        if (r.type == RECORD_DTLS_HANDSHAKE && r.epoch > 0) return true;
    }
    return false;
}

int fleet_street_at_wire(fleet_street *s, fleet_packet *p) {
    const fleet_shared *c = s->commons;
    dev_device *d = fleet_street_device(s, p->device);
    if (d->link == NULL || d->connection != p->connection) {
        s->ledger.dropped_closed++;
        fleet_street_packet_end(s, p);
        return 0;
    }
    cloud_demand demand;
    int error = look(s, p, s->shard.now, &demand);
    if (error == 0) {
        const cloud_decision open = {.serve_at = s->shard.now, .fate = CLOUD_FATE_ADMIT};
        if (demand == CLOUD_DEMAND_CONNECTION)
            cloud_edge_decided(&fleet_street_device_of(s, p->device)->edge, &open);
        s->ledger.delivered++;
        s->notes[p->device].finished_sent |= c->secure && is_finished(p);
        if (c->wire_send(c->wire, d->index, p->data, p->size) != 0) s->tally.wire_errors++;
    }
    fleet_street_packet_end(s, p);
    return error;
}

/* ---- the edge ---- */

const sim_event *fleet_street_arrival(const fleet_street *s, sim_time until) {
    const sim_event *e = sim_queue_head(&s->arrivals);
    return e != NULL && e->key.at < until ? e : NULL;
}

int fleet_street_decide(fleet_street *s, cloud_capacity *capacity) {
    sim_event e;
    SIM_PROMISE(sim_queue_pop(&s->arrivals, &e));
    fleet_packet *p = fleet_street_packet_of(&e);
    cloud_edge_peer *peer = &fleet_street_device_of(s, p->device)->edge;
    cloud_demand demand;
    int error = look(s, p, e.key.at, &demand);
    if (error != 0) {
        fleet_street_packet_end(s, p);
        return error;
    }
    cloud_decision decision = cloud_capacity_decide(capacity, demand, e.key.at);
    if (demand == CLOUD_DEMAND_CONNECTION) cloud_edge_decided(peer, &decision);
    if (decision.fate == CLOUD_FATE_DROP) {
        s->ledger.dropped_over++;
        fleet_street_packet_end(s, p);
        return 0;
    }
    /* What belongs to the attempt goes on from where its first datagram was let in: a repetition
     * does not overtake the one that waits for its turn. */
    bool of_attempt = peer->admitted && p->connection == peer->port;
    bool busy = of_attempt && !peer->ended && peer->fate == CLOUD_FATE_BUSY &&
                decision.fate != CLOUD_FATE_REFUSE;
    p->cloud_life = s->cloud_life;
    p->fate = (uint8_t)(busy ? CLOUD_FATE_BUSY : decision.fate);
    e.key.at = of_attempt ? sim_time_max(decision.serve_at, peer->serve_at) : decision.serve_at;
    e.kind = FLEET_EVENT_SERVE;
    error = sim_shard_post(&s->shard, &e);
    if (error != 0) fleet_street_packet_end(s, p);
    return error;
}

int fleet_street_from_wire(fleet_street *s, sim_time now, uint32_t device, const uint8_t *datagram,
                           size_t n) {
    uint32_t local = device - s->first_device;
    int error =
        now > s->shard.now ? fleet_street_step(s, now) : 0; /* what was due before it came */
    if (error != 0) return error;
    s->tally.datagrams_down++;
    s->tally.bytes_down += n;
    fleet_street_send(s, local, s->devices[local].connection, false, datagram, n);
    return s->error;
}
