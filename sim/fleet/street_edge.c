/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cloud's end of a street's path: what arrives at the edge is looked at, waits for the
 * capacity's word, and is served; in the real world it goes on the wire. */
#include "sim/fleet/street.h"
#include "sim/fleet/street_private.h"

void fleet_street_capture(fleet_street *s, sim_time at, fleet_captured_kind kind,
                          const net_address *device, const uint8_t *data, size_t n) {
    if (!s->shared->captured) return;
    uint32_t index;
    uint16_t connection;
    SIM_PROMISE(net_address_virtual_read(device, &index, &connection));
    const fleet_gate *g = fleet_street_gate(s, fleet_street_number(s, index));
    const net_protocol *p = g->protocol;
    uint16_t port = g->kind != NULL ? p->secured_port : p->port;
    const fleet_captured_end cloud = {port, fleet_gate_is_other(g)};
    fleet_capture_add(&s->tapes[FLEET_TAPED_CAPTURE], at, kind, p->transport == NET_STREAM, device,
                      cloud, data, n);
}

bool fleet_gate_is_other(const fleet_gate *g) {
    return g->number >= FLEET_OTHER_GATE;
}

static void capture_packet(fleet_street *s, sim_time at, fleet_captured_kind kind,
                           const fleet_packet *p) {
    if (!s->shared->captured) return;
    net_address device =
        net_address_virtual(fleet_street_device(s, p->device)->index, p->connection);
    fleet_street_capture(s, at, kind, &device, p->data, p->size);
}

int fleet_street_at_cloud(fleet_street *s, fleet_packet *p) {
    bool refused = p->fate == CLOUD_FATE_REFUSE;
    if (refused || p->cloud_life != s->cloud_life) {
        s->ledger.dropped_over++;
        fleet_trace_lost(s, p, refused ? "refused" : "the cloud has restarted since");
        if (refused) {
            capture_packet(s, s->shard.now, FLEET_CAPTURED_REFUSAL, p);
            fleet_street_send_refusal(s, p->device, p->connection);
        }
        fleet_street_packet_end(s, p);
        return s->error;
    }
    net_address from = net_address_virtual(fleet_street_device(s, p->device)->index, p->connection);
    s->ledger.delivered++;
    sim_fingerprint_bytes(&s->shard.fingerprint, p->data, p->size);
    const fleet_gate *g = fleet_street_gate(s, p->device);
    int error =
        g->door_kind->input(g->door, s->shard.now, &from, p->data, p->size, (cloud_fate)p->fate);
    fleet_street_packet_end(s, p);
    return error;
}

/* What the packet shows, and what is decided about it; no capacity: all are let in. */
static int pass(fleet_street *s, const fleet_packet *p, sim_time now, cloud_capacity *capacity,
                const cloud_glance *glance, cloud_passage *passage) {
    const cloud_intake intake = {.edge = &s->edge, .capacity = capacity};
    uint32_t identity = fleet_street_identity(s, p->device);
    cloud_edge_peer *named = &s->notes[identity - s->first_device].edge;
    const cloud_sender from = {.peer = &fleet_street_device_of(s, p->device)->edge,
                               .device = identity,
                               .home = fleet_street_device(s, p->device)->home};
    s->sums.datagrams_up++;
    s->sums.bytes_up += p->size;
    /* Whoever looks up the address of a clone finds its original's name: the attempts of the two
     * are counted as one device's. */
    from.peer->trigger = named->trigger;
    from.peer->number = named->number;
    int error = cloud_intake_pass(&intake, &from, now, glance, passage);
    named->number = from.peer->number;
    if (passage->begins) fleet_watch_attempt(s, identity - s->first_device, now);
    return error;
}

int fleet_street_at_wire(fleet_street *s, fleet_packet *p) {
    const fleet_shared *c = s->shared;
    dev_device *d = fleet_street_device(s, p->device);
    if (d->link == NULL || d->connection != p->connection) {
        s->ledger.dropped_closed++;
        fleet_trace_lost(s, p, "its connection is closed");
        fleet_street_packet_end(s, p);
        return 0;
    }
    cloud_passage passage;
    cloud_glance glance =
        fleet_street_gate(s, p->device)->door_kind->look(p->connection, p->data, p->size);
    int error = pass(s, p, s->shard.now, NULL, &glance, &passage);
    if (error == 0) fleet_trace_edge(s, p, s->shard.now, &passage);
    if (error == 0) {
        s->ledger.delivered++;
        s->notes[p->device].finished_sent |= glance.last;
        if (c->wire_send(c->wire, d->index, p->data, p->size) != 0) s->sums.wire_errors++;
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
    capture_packet(s, e.key.at, FLEET_CAPTURED_UP, p);
    cloud_passage passage;
    cloud_glance glance =
        fleet_street_gate(s, p->device)->door_kind->look(p->connection, p->data, p->size);
    int error = pass(s, p, e.key.at, capacity, &glance, &passage);
    if (error == 0) fleet_trace_edge(s, p, e.key.at, &passage);
    if (error != 0 || passage.fate == CLOUD_FATE_DROP) {
        s->ledger.dropped_over += error == 0 ? 1 : 0;
        fleet_street_packet_end(s, p);
        return error;
    }
    p->cloud_life = s->cloud_life;
    p->fate = (uint8_t)passage.fate;
    e.key.at = passage.serve_at;
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
    s->sums.datagrams_down++;
    s->sums.bytes_down += n;
    fleet_street_send(s, local, s->devices[local]->connection, false, datagram, n);
    return s->error;
}
