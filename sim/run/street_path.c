/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets on their way between a street's devices and the cloud edge. */
#include "sim/core/heap.h"
#include "sim/record/dtls_wire.h"
#include "sim/run/street_private.h"

/* IPv4 and UDP, RFC 791 and RFC 768: what a link carries besides the datagram */
enum { HEADERS_BYTES = 28 };

/* ---- packets ---- */

static sim_event packet_event(run_street *s, run_packet *p, uint32_t kind, sim_time at) {
    dev_device *d = run_street_device(s, p->device);
    return (sim_event){
        .key = {.at = at, .lane = SIM_LANE_NETWORK, .source = d->index, .sequence = d->sequence++},
        .kind = kind,
        .target = p->device,
        .payload = (uint64_t)(uintptr_t)p};
}

static run_packet *packet_of(const sim_event *e) {
    return (run_packet *)(uintptr_t)e->payload;
}

static void packet_end(run_street *s, run_packet *p) {
    s->ledger.in_flight--;
    run_packet_free(p);
}

static int packet_queue(run_street *s, sim_queue *queue, run_packet *p, uint32_t kind,
                        sim_time at) {
    sim_event e = packet_event(s, p, kind, at);
    int error = sim_queue_push(queue, &e);
    if (error != 0) packet_end(s, p);
    return error;
}

/* Through one hop and into `queue` for `kind`; takes the packet. */
static int pass(run_street *s, net_hop *hop, run_packet *p, sim_queue *queue, uint32_t kind,
                sim_time now) {
    sim_time out[2];
    net_hop_count before = hop->count;
    uint32_t copies = net_hop_push(hop, p->size + HEADERS_BYTES, now, out);
    run_ledger_hop(&s->ledger, &before, &hop->count);
    s->ledger.in_flight += copies == 2 ? 1 : 0;
    if (copies == 0) {
        packet_end(s, p);
        return 0;
    }
    run_packet *second = copies == 2 ? run_packet_copy(p) : NULL;
    if (copies == 2 && second == NULL) {
        s->ledger.in_flight -= 2;
        run_packet_free(p);
        return SIM_ENOMEM;
    }
    int error = packet_queue(s, queue, p, kind, out[0]);
    if (second == NULL) return error;
    int second_error = packet_queue(s, queue, second, kind, out[1]);
    return error != 0 ? error : second_error;
}

/* A packet sets out. */
static void send(run_street *s, uint32_t device, uint16_t connection, bool up, cloud_fate fate,
                 const uint8_t *data, size_t n) {
    run_packet *p = run_packet_new(device, connection, up, data, n);
    if (p == NULL) {
        run_street_fail(s, SIM_ENOMEM);
        return;
    }
    p->fate = (uint8_t)fate;
    s->ledger.sent++;
    s->ledger.in_flight++;
    net_hop *hop =
        up ? &s->homes[run_street_home_of(s, device)].uplink[RUN_UP] : &s->backhaul[RUN_DOWN];
    int error = pass(s, hop, p, &s->shard.queue, up ? RUN_EVENT_BACKHAUL_UP : RUN_EVENT_UPLINK_DOWN,
                     s->shard.now);
    if (error != 0) run_street_fail(s, error);
}

void run_street_send(run_street *s, uint32_t device, uint16_t connection, bool up,
                     const uint8_t *data, size_t n) {
    send(s, device, connection, up, CLOUD_FATE_ADMIT, data, n);
}

/* The cloud's firewall answers in its stead: ICMP "port unreachable" (RFC 792), with the headers of
 * the datagram that it is about and the first 8 bytes of that. What the bytes are matters to nobody
 * but the link. */
static void send_refusal(run_street *s, uint32_t device, uint16_t connection) {
    static const uint8_t icmp[8 + HEADERS_BYTES] = {3, 3};
    send(s, device, connection, false, CLOUD_FATE_REFUSE, icmp, sizeof icmp);
}

static int at_device(run_street *s, run_packet *p) {
    dev_device *d = run_street_device(s, p->device);
    bool open = d->channel != NULL && d->connection == p->connection;
    if (open) {
        s->ledger.delivered++;
        sim_fingerprint_bytes(&s->shard.fingerprint, p->data, p->size);
        if (p->fate == CLOUD_FATE_REFUSE)
            dev_device_refused(d, &s->world, run_street_counts(s, p->device), s->shard.now);
        else
            dev_device_input(d, &s->world, run_street_counts(s, p->device), s->shard.now, p->data,
                             p->size);
    } else {
        s->ledger.dropped_closed++;
    }
    packet_end(s, p);
    return 0;
}

static int at_cloud(run_street *s, run_packet *p) {
    bool refused = p->fate == CLOUD_FATE_REFUSE;
    if (refused || p->cloud_life != s->cloud_life) {
        s->ledger.dropped_over++;
        if (refused) send_refusal(s, p->device, p->connection);
        packet_end(s, p);
        return s->error;
    }
    net_address from = net_address_virtual(run_street_device(s, p->device)->index, p->connection);
    s->ledger.delivered++;
    sim_fingerprint_bytes(&s->shard.fingerprint, p->data, p->size);
    int error =
        cloud_front_input(s->front, s->shard.now, &from, p->data, p->size, (cloud_fate)p->fate);
    packet_end(s, p);
    return error;
}

static int look(run_street *s, const run_packet *p, sim_time now, cloud_demand *demand) {
    const dev_device *d = run_street_device(s, p->device);
    cloud_edge_peer *peer = &run_street_note(s, p->device)->edge;
    uint32_t identity = run_street_identity(s, p->device);
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
    if (s->edge.seen > before) run_watch_attempt(s, identity - s->first_device, now);
    return error;
}

/* The only sealed handshake message of a client is its Finished: all that is left to do then is the
 * server's. */
static bool is_finished(const run_packet *p) {
    record_dtls_span left = {p->data, p->size};
    record_dtls_record r;
    while (record_dtls_take_record(&left, &r)) {
        if (r.type == RECORD_DTLS_HANDSHAKE && r.epoch > 0) return true;
    }
    return false;
}

static int at_wire(run_street *s, run_packet *p) {
    const run_commons *c = s->commons;
    dev_device *d = run_street_device(s, p->device);
    if (d->channel == NULL || d->connection != p->connection) {
        s->ledger.dropped_closed++;
        packet_end(s, p);
        return 0;
    }
    cloud_demand demand;
    int error = look(s, p, s->shard.now, &demand);
    if (error == 0) {
        const cloud_decision open = {.serve_at = s->shard.now, .fate = CLOUD_FATE_ADMIT};
        if (demand == CLOUD_DEMAND_CONNECTION)
            cloud_edge_decided(&run_street_note(s, p->device)->edge, &open);
        s->ledger.delivered++;
        s->notes[p->device].finished_sent |= c->secure && is_finished(p);
        if (c->wire_send(c->wire, d->index, p->data, p->size) != 0) s->tally.wire_errors++;
    }
    packet_end(s, p);
    return error;
}
int run_street_packet(run_street *s, const sim_event *e) {
    run_packet *p = packet_of(e);
    run_home *home = &s->homes[run_street_home_of(s, p->device)];
    sim_time now = s->shard.now;
    switch (e->kind) {
        case RUN_EVENT_BACKHAUL_UP: {
            sim_queue *queue = s->commons->real ? &s->shard.queue : &s->arrivals;
            return pass(s, &s->backhaul[RUN_UP], p, queue, RUN_EVENT_EDGE, now);
        }
        case RUN_EVENT_EDGE:
            return at_wire(s, p);
        case RUN_EVENT_SERVE:
            return at_cloud(s, p);
        case RUN_EVENT_UPLINK_DOWN:
            return pass(s, &home->uplink[RUN_DOWN], p, &s->shard.queue, RUN_EVENT_RADIO_DOWN, now);
        default:
            return at_device(s, p);
    }
}
/* ---- the edge ---- */

const sim_event *run_street_arrival(const run_street *s, sim_time until) {
    const sim_event *e = sim_queue_head(&s->arrivals);
    return e != NULL && e->key.at < until ? e : NULL;
}

int run_street_decide(run_street *s, cloud_capacity *capacity) {
    sim_event e;
    SIM_PROMISE(sim_queue_pop(&s->arrivals, &e));
    run_packet *p = packet_of(&e);
    cloud_edge_peer *peer = &run_street_note(s, p->device)->edge;
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
    e.kind = RUN_EVENT_SERVE;
    error = sim_shard_post(&s->shard, &e);
    if (error != 0) packet_end(s, p);
    return error;
}

int run_street_from_wire(run_street *s, sim_time now, uint32_t device, const uint8_t *datagram,
                         size_t n) {
    uint32_t local = device - s->first_device;
    int error = now > s->shard.now ? run_street_step(s, now) : 0; /* what was due before it came */
    if (error != 0) return error;
    s->tally.datagrams_down++;
    s->tally.bytes_down += n;
    run_street_send(s, local, s->devices[local].connection, false, datagram, n);
    return s->error;
}
static bool carries_packet(const sim_event *e) {
    return e->kind >= RUN_EVENT_BACKHAUL_UP && e->kind <= RUN_EVENT_RADIO_DOWN;
}

void run_street_free_packets(sim_queue *queue) {
    sim_event e;
    while (sim_queue_pop(queue, &e)) {
        if (carries_packet(&e)) run_packet_free(packet_of(&e));
    }
}

uint64_t run_street_in_flight(const run_street *s) {
    uint64_t n = s->arrivals.count;
    for (size_t i = 0; i < s->shard.queue.count; i++)
        n += carries_packet(&s->shard.queue.events[i]) ? 1 : 0;
    return n;
}
