/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets on their way between a street's devices and the cloud edge. */
#include "sim/core/heap.h"
#include "sim/fleet/street_private.h"
#include "sim/record/dtls_wire.h"

/* IPv4 and UDP, RFC 791 and RFC 768: what a link carries besides the datagram */
enum { HEADERS_BYTES = 28 };

/* ---- packets ---- */

static sim_event packet_event(fleet_street *s, fleet_packet *p, uint32_t kind, sim_time at) {
    dev_device *d = fleet_street_device(s, p->device);
    return (sim_event){
        .key = {.at = at, .lane = SIM_LANE_NETWORK, .source = d->index, .sequence = d->sequence++},
        .kind = kind,
        .target = p->device,
        .payload = (uint64_t)(uintptr_t)p};
}

static fleet_packet *packet_of(const sim_event *e) {
    return (fleet_packet *)(uintptr_t)e->payload;
}

static void packet_end(fleet_street *s, fleet_packet *p) {
    s->ledger.in_flight--;
    fleet_packet_free(p);
}

static int packet_queue(fleet_street *s, sim_queue *queue, fleet_packet *p, uint32_t kind,
                        sim_time at) {
    sim_event e = packet_event(s, p, kind, at);
    int error = sim_queue_push(queue, &e);
    if (error != 0) packet_end(s, p);
    return error;
}

/* Through one hop and into `queue` for `kind`; takes the packet. */
static int pass(fleet_street *s, net_hop *hop, fleet_packet *p, sim_queue *queue, uint32_t kind,
                sim_time now) {
    sim_time out[2];
    net_hop_count before = hop->count;
    uint32_t copies = net_hop_push(hop, p->size + HEADERS_BYTES, now, out);
    fleet_ledger_hop(&s->ledger, &before, &hop->count);
    s->ledger.in_flight += copies == 2 ? 1 : 0;
    if (copies == 0) {
        packet_end(s, p);
        return 0;
    }
    fleet_packet *second = copies == 2 ? fleet_packet_copy(p) : NULL;
    if (copies == 2 && second == NULL) {
        s->ledger.in_flight -= 2;
        fleet_packet_free(p);
        return SIM_ENOMEM;
    }
    int error = packet_queue(s, queue, p, kind, out[0]);
    if (second == NULL) return error;
    int second_error = packet_queue(s, queue, second, kind, out[1]);
    return error != 0 ? error : second_error;
}

/* A packet sets out. */
static void send(fleet_street *s, uint32_t device, uint16_t connection, bool up, cloud_fate fate,
                 const uint8_t *data, size_t n) {
    fleet_packet *p = fleet_packet_new(device, connection, up, data, n);
    if (p == NULL) {
        fleet_street_fail(s, SIM_ENOMEM);
        return;
    }
    p->fate = (uint8_t)fate;
    s->ledger.sent++;
    s->ledger.in_flight++;
    net_hop *hop =
        up ? &s->homes[fleet_street_home_of(s, device)].uplink[FLEET_UP] : &s->backhaul[FLEET_DOWN];
    int error = pass(s, hop, p, &s->shard.queue,
                     up ? FLEET_EVENT_BACKHAUL_UP : FLEET_EVENT_UPLINK_DOWN, s->shard.now);
    if (error != 0) fleet_street_fail(s, error);
}

void fleet_street_send(fleet_street *s, uint32_t device, uint16_t connection, bool up,
                       const uint8_t *data, size_t n) {
    send(s, device, connection, up, CLOUD_FATE_ADMIT, data, n);
}

/* The cloud's firewall answers in its stead: ICMP "port unreachable" (RFC 792), with the headers of
 * the datagram that it is about and the first 8 bytes of that. What the bytes are matters to nobody
 * but the link. */
static void send_refusal(fleet_street *s, uint32_t device, uint16_t connection) {
    static const uint8_t icmp[8 + HEADERS_BYTES] = {3, 3};
    send(s, device, connection, false, CLOUD_FATE_REFUSE, icmp, sizeof icmp);
}

static int at_device(fleet_street *s, fleet_packet *p) {
    dev_device *d = fleet_street_device(s, p->device);
    bool open = d->link != NULL && d->connection == p->connection;
    if (open) {
        s->ledger.delivered++;
        sim_fingerprint_bytes(&s->shard.fingerprint, p->data, p->size);
        if (p->fate == CLOUD_FATE_REFUSE)
            dev_device_refused(d, &s->world, fleet_street_counts(s, p->device), s->shard.now);
        else
            dev_device_input(d, &s->world, fleet_street_counts(s, p->device), s->shard.now, p->data,
                             p->size);
    } else {
        s->ledger.dropped_closed++;
    }
    packet_end(s, p);
    return 0;
}

static int at_cloud(fleet_street *s, fleet_packet *p) {
    bool refused = p->fate == CLOUD_FATE_REFUSE;
    if (refused || p->cloud_life != s->cloud_life) {
        s->ledger.dropped_over++;
        if (refused) send_refusal(s, p->device, p->connection);
        packet_end(s, p);
        return s->error;
    }
    net_address from = net_address_virtual(fleet_street_device(s, p->device)->index, p->connection);
    s->ledger.delivered++;
    sim_fingerprint_bytes(&s->shard.fingerprint, p->data, p->size);
    int error =
        cloud_front_input(s->front, s->shard.now, &from, p->data, p->size, (cloud_fate)p->fate);
    packet_end(s, p);
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

static int at_wire(fleet_street *s, fleet_packet *p) {
    const fleet_shared *c = s->commons;
    dev_device *d = fleet_street_device(s, p->device);
    if (d->link == NULL || d->connection != p->connection) {
        s->ledger.dropped_closed++;
        packet_end(s, p);
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
    packet_end(s, p);
    return error;
}
int fleet_street_packet(fleet_street *s, const sim_event *e) {
    fleet_packet *p = packet_of(e);
    fleet_home *home = &s->homes[fleet_street_home_of(s, p->device)];
    sim_time now = s->shard.now;
    switch (e->kind) {
        case FLEET_EVENT_BACKHAUL_UP: {
            sim_queue *queue = s->commons->real ? &s->shard.queue : &s->arrivals;
            return pass(s, &s->backhaul[FLEET_UP], p, queue, FLEET_EVENT_EDGE, now);
        }
        case FLEET_EVENT_EDGE:
            return at_wire(s, p);
        case FLEET_EVENT_SERVE:
            return at_cloud(s, p);
        case FLEET_EVENT_UPLINK_DOWN:
            return pass(s, &home->uplink[FLEET_DOWN], p, &s->shard.queue, FLEET_EVENT_RADIO_DOWN,
                        now);
        default:
            return at_device(s, p);
    }
}
/* ---- the edge ---- */

const sim_event *fleet_street_arrival(const fleet_street *s, sim_time until) {
    const sim_event *e = sim_queue_head(&s->arrivals);
    return e != NULL && e->key.at < until ? e : NULL;
}

int fleet_street_decide(fleet_street *s, cloud_capacity *capacity) {
    sim_event e;
    SIM_PROMISE(sim_queue_pop(&s->arrivals, &e));
    fleet_packet *p = packet_of(&e);
    cloud_edge_peer *peer = &fleet_street_device_of(s, p->device)->edge;
    cloud_demand demand;
    int error = look(s, p, e.key.at, &demand);
    if (error != 0) {
        packet_end(s, p);
        return error;
    }
    cloud_decision decision = cloud_capacity_decide(capacity, demand, e.key.at);
    if (demand == CLOUD_DEMAND_CONNECTION) cloud_edge_decided(peer, &decision);
    if (decision.fate == CLOUD_FATE_DROP) {
        s->ledger.dropped_over++;
        packet_end(s, p);
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
    if (error != 0) packet_end(s, p);
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
static bool carries_packet(const sim_event *e) {
    return e->kind >= FLEET_EVENT_BACKHAUL_UP && e->kind <= FLEET_EVENT_RADIO_DOWN;
}

void fleet_street_free_packets(sim_queue *queue) {
    sim_event e;
    while (sim_queue_pop(queue, &e)) {
        if (carries_packet(&e)) fleet_packet_free(packet_of(&e));
    }
}

uint64_t fleet_street_in_flight(const fleet_street *s) {
    uint64_t n = s->arrivals.count;
    for (size_t i = 0; i < s->shard.queue.count; i++)
        n += carries_packet(&s->shard.queue.events[i]) ? 1 : 0;
    return n;
}
