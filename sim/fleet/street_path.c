/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets on their way between a street's devices and the cloud edge. */
#include "sim/core/heap.h"
#include "sim/fleet/street_account.h"
#include "sim/fleet/street_private.h"

/* IPv4 and UDP, RFC 791 and RFC 768: what a link carries besides the datagram */
enum { HEADERS_BYTES = 28 };

/* ---- packets ---- */

static sim_event packet_event(fleet_street *s, fleet_packet *p, uint16_t kind, sim_time at) {
    dev_device *d = fleet_street_device(s, p->device);
    return (sim_event){
        .key = {.at = at, .lane = SIM_LANE_NETWORK, .source = d->index, .sequence = d->sequence++},
        .kind = kind,
        .detail = kind == FLEET_EVENT_HOP && !p->up ? FLEET_TO_DEVICE : FLEET_TO_EDGE,
        .target = p->device,
        .payload = (uint64_t)(uintptr_t)p};
}

fleet_packet *fleet_street_packet_of(const sim_event *e) {
    return (fleet_packet *)(uintptr_t)e->payload;
}

void fleet_street_packet_end(fleet_street *s, fleet_packet *p) {
    s->ledger.in_flight--;
    fleet_packet_free(p);
}

static int packet_queue(fleet_street *s, sim_queue *queue, fleet_packet *p, uint16_t kind,
                        sim_time at) {
    sim_event e = packet_event(s, p, kind, at);
    int error = sim_queue_push(queue, &e);
    if (error != 0) fleet_street_packet_end(s, p);
    return error;
}

/* Through one hop and into `queue` for `kind`; takes the packet. */
static int pass(fleet_street *s, net_hop *hop, const char *name, fleet_packet *p, sim_queue *queue,
                uint16_t kind, sim_time now) {
    sim_time out[2];
    net_hop_count before = hop->count;
    uint32_t copies = net_hop_push(hop, p->size + HEADERS_BYTES, now, out);
    fleet_ledger_hop(&s->ledger, &before, &hop->count);
    fleet_trace_hop(s, p, name, &before, &hop->count, out);
    s->ledger.in_flight += copies == 2 ? 1 : 0;
    if (copies == 0) {
        fleet_street_packet_end(s, p);
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

/* The hops between a device and the cloud, from the device on. */
enum { UPLINK, BACKHAUL, ROUTE_HOPS, CELL = ROUTE_HOPS };
static const char *const hop_names[] = {"uplink", "backhaul", "cell"};

/* The hop of its route that the packet enters next: a cell where its device has no uplink. */
static int next_place(const fleet_street *s, const fleet_packet *p) {
    int place = p->up ? p->step : ROUTE_HOPS - 1 - p->step;
    uint32_t radio = fleet_street_radio(s, p->device);
    bool cell = place == UPLINK && s->cells != NULL && radio != FLEET_NO_RADIO &&
                !fleet_street_by_router(s, radio);
    return cell ? CELL : place;
}

static net_hop *hop_at(fleet_street *s, const fleet_packet *p, int place) {
    int way = p->up ? FLEET_UP : FLEET_DOWN;
    if (place == BACKHAUL) return &s->backhaul[way];
    uint32_t home = fleet_street_home_of(s, p->device);
    if (place == CELL) return &s->cells[home * FLEET_WAYS + (uint32_t)way];
    SIM_PROMISE(place == UPLINK);
    return &s->homes[home].uplink[way];
}

/* Where a packet comes out of the hop that it enters: the event, and the queue that takes it. */
static uint16_t comes_out(fleet_street *s, const fleet_packet *p, sim_queue **queue) {
    *queue = &s->shard.queue;
    if (p->step < ROUTE_HOPS) return FLEET_EVENT_HOP;
    if (!p->up) return FLEET_EVENT_DELIVER;
    if (fleet_street_is_other(s, p->device)) return FLEET_EVENT_SERVE;
    if (!s->shared->real) *queue = &s->arrivals;
    return FLEET_EVENT_EDGE;
}

int fleet_street_forward(fleet_street *s, fleet_packet *p) {
    sim_queue *queue;
    int place = next_place(s, p);
    net_hop *hop = hop_at(s, p, place);
    p->step++;
    uint16_t kind = comes_out(s, p, &queue);
    return pass(s, hop, hop_names[place], p, queue, kind, s->shard.now);
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
    int error = fleet_street_forward(s, p);
    if (error != 0) fleet_street_fail(s, error);
}

void fleet_street_send(fleet_street *s, uint32_t device, uint16_t connection, bool up,
                       const uint8_t *data, size_t n) {
    send(s, device, connection, up, CLOUD_FATE_ADMIT, data, n);
}

/* The cloud's firewall answers in its stead: ICMP "port unreachable" (RFC 792), with the headers of
 * the datagram that it is about and the first 8 bytes of that. What the bytes are matters to nobody
 * but the link. */
void fleet_street_send_refusal(fleet_street *s, uint32_t device, uint16_t connection) {
    static const uint8_t icmp[8 + HEADERS_BYTES] = {3, 3};
    send(s, device, connection, false, CLOUD_FATE_REFUSE, icmp, sizeof icmp);
}

/* A device that lives answers a segment for a socket that it has closed as any kernel does. */
static void reset(fleet_street *s, const fleet_packet *p, const dev_device *d) {
    uint8_t segment[NET_TCP_HEADER];
    bool lives = d->state != DEV_STATE_OFF && d->state != DEV_STATE_BOOTING;
    const fleet_gate *g = fleet_street_gate(s, p->device);
    if (!lives || s->shared->real || g->protocol->transport != NET_STREAM) return;
    if (p->fate != CLOUD_FATE_REFUSE && net_tcp_segment_reset(p->data, p->size, segment))
        fleet_street_send(s, p->device, p->connection, true, segment, sizeof segment);
}

int fleet_street_at_device(fleet_street *s, fleet_packet *p) {
    dev_device *d = fleet_street_device(s, p->device);
    const dev_world *w = fleet_street_world(s, p->device);
    dev_counts *counts = fleet_street_counts(s, p->device);
    /* its hub carries nothing while it is gone; a clone has none */
    uint32_t radio = fleet_street_radio(s, p->device);
    bool carried = radio == FLEET_NO_RADIO || fleet_street_hub_of(s, radio) == FLEET_NO_HUB ||
                   s->notes[radio].joined;
    bool open = carried && d->link != NULL && d->connection == p->connection;
    if (open) {
        s->ledger.delivered++;
        sim_fingerprint_bytes(&s->shard.fingerprint, p->data, p->size);
        if (p->fate == CLOUD_FATE_REFUSE)
            dev_device_refused(d, w, counts, s->shard.now);
        else
            dev_device_input(d, w, counts, s->shard.now, p->data, p->size);
    } else {
        s->ledger.dropped_closed++;
        fleet_trace_lost(s, p, "its connection is closed");
        if (carried) reset(s, p, d);
    }
    fleet_street_packet_end(s, p);
    return s->error;
}

/* What reached the cloud is taken in hand, or waits for a process that does not read. */
int fleet_street_serve(fleet_street *s, const sim_event *e) {
    fleet_packet *p = fleet_street_packet_of(e);
    if (fleet_street_is_other(s, p->device)) return fleet_street_at_other(s, p);
    if (fleet_street_frozen(s, fleet_street_gate(s, p->device))) return fleet_street_hold(s, e);
    return fleet_street_at_cloud(s, p);
}

static bool carries_packet(const sim_event *e) {
    switch ((enum fleet_street_event)e->kind) {
        case FLEET_EVENT_HOP:
        case FLEET_EVENT_EDGE:
        case FLEET_EVENT_SERVE:
        case FLEET_EVENT_DELIVER:
            return true;
        case FLEET_EVENT_SWITCH_ON:
        case FLEET_EVENT_DEVICE:
        case FLEET_EVENT_LINK:
        case FLEET_EVENT_PEER:
        case FLEET_EVENT_MEMBER:
        case FLEET_EVENT_CLONE:
        case FLEET_EVENT_OFFER:
        case FLEET_EVENT_THAW:
        case FLEET_EVENT_HUB:
        case FLEET_EVENT_JOIN:
        case FLEET_EVENT_MAST:
        case FLEET_EVENT_CHAIN:
        case FLEET_EVENT_EMPTY:
        case FLEET_EVENT_OTHER:
            return false;
    }
    SIM_PROMISE(false); /* an event of no kind */
    return false;
}

void fleet_street_free_packets(sim_queue *queue) {
    sim_event e;
    while (sim_queue_pop(queue, &e)) {
        if (carries_packet(&e)) fleet_packet_free(fleet_street_packet_of(&e));
    }
}

uint64_t fleet_street_in_flight(const fleet_street *s) {
    uint64_t n = s->arrivals.count;
    for (size_t i = 0; i < s->shard.queue.count; i++)
        n += carries_packet(&s->shard.queue.events[i]) ? 1 : 0;
    return n;
}
