/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/street.h"

#include <string.h>

#include "devices/model.h"
#include "net/dtls_wire.h"
#include "sim/core/heap.h"
#include "sim/run/street_private.h"

/* Up: radio -> the home's uplink -> BACKHAUL_UP -> the street's backhaul -> edge. Down: edge -> backhaul -> UPLINK_DOWN -> uplink -> RADIO_DOWN -> device. */
enum {
    EVENT_SWITCH_ON,   /* target: device */
    EVENT_DEVICE,      /* target: device; its alarm */
    EVENT_LINK,        /* target: home; payload: turn */
    EVENT_BACKHAUL_UP, /* payload: packet, as in all below */
    EVENT_EDGE,        /* virtual world: waits in `arrivals` for its decision; real world: goes on the wire */
    EVENT_SERVE,       /* the cloud takes it in hand */
    EVENT_UPLINK_DOWN,
    EVENT_RADIO_DOWN,
    EVENT_PEER,   /* payload: sim_id of a peer of the front */
    EVENT_MEMBER, /* target: member of the front's pool; its alarm */
};

enum { HEADERS_BYTES = 28 }; /* IPv4 and UDP, RFC 791 and RFC 768: what a link carries besides the datagram */

/* Sources of events that belong to the street and not to a device lie above all device numbers. */
#define STREET_SOURCE 0x80000000u

static uint32_t home_of(const run_street *s, uint32_t device) {
    return device / s->per_home;
}

static void fail(run_street *s, int error) {
    if (s->error == 0) s->error = error;
}

/* ---- packets ---- */

static sim_event packet_event(run_street *s, run_packet *p, uint32_t kind, sim_time at) {
    dev_device *d = &s->devices[p->device];
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

static int packet_queue(run_street *s, sim_queue *queue, run_packet *p, uint32_t kind, sim_time at) {
    sim_event e = packet_event(s, p, kind, at);
    int error = sim_queue_push(queue, &e);
    if (error != 0) packet_end(s, p);
    return error;
}

/* Through one hop and into `queue` for `kind`; takes the packet. */
static int pass(run_street *s, net_hop *hop, run_packet *p, sim_queue *queue, uint32_t kind, sim_time now) {
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

static void send_packet(run_street *s, uint32_t device, uint16_t connection, bool up, const uint8_t *data,
                        size_t n) {
    run_packet *p = run_packet_new(device, connection, up, data, n);
    if (p == NULL) {
        fail(s, SIM_ENOMEM);
        return;
    }
    s->ledger.sent++;
    s->ledger.in_flight++;
    net_hop *hop = up ? &s->homes[home_of(s, device)].uplink[RUN_UP] : &s->backhaul[RUN_DOWN];
    int error = pass(s, hop, p, &s->shard.queue, up ? EVENT_BACKHAUL_UP : EVENT_UPLINK_DOWN, s->shard.now);
    if (error != 0) fail(s, error);
}

/* ---- what devices ask of their world ---- */

static void device_transmit(void *context, dev_device *d, const uint8_t *datagram, size_t n) {
    run_street *s = context;
    send_packet(s, d->index - s->first_device, d->connection, true, datagram, n);
}

static void device_wake_at(void *context, dev_device *d, sim_time due) {
    run_street *s = context;
    sim_event like = {.key = {.lane = SIM_LANE_TIMER, .source = d->index},
                      .kind = EVENT_DEVICE,
                      .target = d->index - s->first_device};
    int error =
        sim_alarm_set(&d->alarm, &s->shard.queue, sim_time_max(due, s->shard.now), &like, &d->sequence);
    if (error != 0) fail(s, error);
}

static bool device_link_is_up(void *context, const dev_device *d) {
    const run_street *s = context;
    return s->homes[d->home - s->first_home].link_up;
}

static void device_connecting(void *context, dev_device *d) {
    run_street *s = context;
    const run_commons *c = s->commons;
    s->finished_sent[d->index - s->first_device] = false;
    if (c->real && c->wire_open(c->wire, d->index) != 0) s->tally.wire_errors++;
}

/* In the real world the edge is our own socket and cannot see into the server: an attempt has succeeded when its device got an answer. */
static void real_outcome(run_street *s, const dev_device *d, sim_outcome outcome) {
    if (s->commons->real) run_street_outcome(s, d->index - s->first_device, outcome);
}

/* What shows that there is a cloud: its part of a handshake or of a registration. Plain CoAP without either needs an answer for that. */
static bool online_proves(const run_street *s, const dev_device *d) {
    return s->commons->secure || d->profile->register_path != NULL;
}

static void device_state_changed(void *context, dev_device *d, dev_state from, dev_state to) {
    run_street *s = context;
    if (from == DEV_STATE_ONLINE) s->tally.online--;
    if (to == DEV_STATE_ONLINE) {
        s->tally.online++;
        bool proven = online_proves(s, d);
        s->been_answered[d->index - s->first_device] |= proven;
        if (proven) real_outcome(s, d, SIM_OUTCOME_ONLINE);
    }
    bool has_socket = to == DEV_STATE_CONNECTING || to == DEV_STATE_ONLINE;
    if (s->commons->real && !has_socket) s->commons->wire_close(s->commons->wire, d->index);
}

static size_t device_credentials(void *context, const dev_device *d, char *identity, uint8_t *key) {
    const run_street *s = context;
    return run_credentials_of(s->commons->credentials, d->index, identity, key);
}

static void device_reported(void *context, dev_device *d, sim_time due, uint8_t code, int error) {
    run_street *s = context;
    s->been_answered[d->index - s->first_device] |= error == 0;
    if (error == 0 && code >> 5 == 2)
        real_outcome(s, d, SIM_OUTCOME_ONLINE); /* plain CoAP may have no earlier sign */
    if (error != 0) {
        s->tally.reports_failed++;
    } else if (code >> 5 == 2) {
        s->tally.reports_answered++;
        int failed = sim_histogram_add(&s->request_latency, s->shard.now - due);
        if (failed != 0) fail(s, failed);
    } else {
        s->tally.reports_refused++;
    }
}

static void device_attempt_failed(void *context, dev_device *d, dev_event reason, net_secure_end why) {
    run_street *s = context;
    if (reason == DEV_EVENT_CONNECT_TIMEOUT && s->finished_sent[d->index - s->first_device])
        why = NET_SECURE_END_TIMEOUT_FINISHED; /* the device's patience ended before DTLS had an opinion */
    s->tally.attempts_failed[reason]++;
    s->tally.ends[why]++;
    if (reason == DEV_EVENT_BUSY) real_outcome(s, d, SIM_OUTCOME_BUSY);
    if (reason == DEV_EVENT_REFUSED) real_outcome(s, d, SIM_OUTCOME_REFUSED);
}

/* ---- what the front asks of its street ---- */

static void front_send(void *context, const net_address *to, const uint8_t *datagram, size_t n) {
    run_street *s = context;
    uint32_t device;
    uint16_t connection;
    SIM_PROMISE(net_address_virtual_read(to, &device, &connection));
    s->tally.datagrams_down++;
    s->tally.bytes_down += n;
    send_packet(s, device - s->first_device, connection, false, datagram, n);
}

static void front_peer_wake_at(void *context, sim_id peer, sim_time due) {
    run_street *s = context;
    if (due == SIM_NEVER) return; /* the event that is out finds nothing due */
    sim_event e = {.key = {.at = sim_time_max(due, s->shard.now),
                           .lane = SIM_LANE_TIMER,
                           .source = STREET_SOURCE + s->shard.index,
                           .sequence = s->sequence++},
                   .kind = EVENT_PEER,
                   .target = peer.slot,
                   .payload = (uint64_t)peer.slot << 32 | peer.generation};
    int error = sim_shard_post(&s->shard, &e);
    if (error != 0) fail(s, error);
}

static int more_members(run_street *s, uint32_t member) {
    if (member < s->member_count) return 0;
    uint32_t count = 2 * member + 8;
    sim_alarm *members = sim_realloc(s->members, count * sizeof *members);
    if (members == NULL) return SIM_ENOMEM;
    for (uint32_t i = s->member_count; i < count; i++) sim_alarm_init(&members[i]);
    s->members = members;
    s->member_count = count;
    return 0;
}

static void front_member_wake_at(void *context, uint32_t member, sim_time due) {
    run_street *s = context;
    sim_event like = {.key = {.lane = SIM_LANE_TIMER, .source = STREET_SOURCE + s->shard.index},
                      .kind = EVENT_MEMBER,
                      .target = member};
    int error = more_members(s, member);
    due = sim_time_max(due, s->shard.now);
    if (error == 0) error = sim_alarm_set(&s->members[member], &s->shard.queue, due, &like, &s->sequence);
    if (error != 0) fail(s, error);
}

static size_t front_who(void *context, const char *identity, uint32_t *device,
                        uint8_t key[NET_SECURE_KEY_MAX]) {
    const run_street *s = context;
    size_t n =
        run_credentials_who(s->commons->credentials, identity, (uint32_t)s->commons->devices, device, key);
    bool ours = n > 0 && *device >= s->first_device && *device - s->first_device < s->device_count;
    return ours ? n : 0;
}

void run_street_outcome(run_street *s, uint32_t local, sim_outcome outcome) {
    cloud_edge_peer *peer = &s->peers[local];
    if (peer->attempt == 0 || peer->ended) return;
    cloud_edge_outcome(&s->edge, peer, s->shard.now, outcome);
    if (outcome != SIM_OUTCOME_ONLINE) return;
    sim_time latency = s->edge.attempts.items[peer->attempt - 1].latency;
    int error = sim_histogram_add(&s->connect_latency, latency);
    if (error != 0) fail(s, error);
}

static void front_outcome(void *context, const net_address *from, sim_outcome outcome) {
    run_street *s = context;
    uint32_t device;
    uint16_t connection;
    SIM_PROMISE(net_address_virtual_read(from, &device, &connection));
    /* An earlier connection, served late, says nothing about the attempt that followed it. */
    if (s->peers[device - s->first_device].port != connection) return;
    run_street_outcome(s, device - s->first_device, outcome);
}

static double front_set_point(void *context, uint32_t device) {
    const run_street *s = context;
    return (double)s->set_points[device - s->first_device];
}

static const cloud_front_calls front_calls = {front_send, front_peer_wake_at, front_member_wake_at,
                                              front_who,  front_outcome,      front_set_point};

/* ---- events ---- */

static void notify_link(run_street *s, uint32_t home, bool up) {
    uint32_t per_home = s->per_home;
    for (uint32_t i = 0; i < per_home; i++) {
        dev_device_link(&s->devices[home * per_home + i], &s->world, &s->tally.devices, s->shard.now, up);
    }
}

void run_street_set_link(run_street *s, uint32_t home, bool up) {
    run_home *h = &s->homes[home];
    if (h->link_up == up) return;
    h->link_up = up;
    run_street_set_down(h);
    notify_link(s, home, up);
}

void run_street_set_down(run_home *h) {
    for (int way = 0; way < RUN_WAYS; way++) h->uplink[way].settings.down = h->cut || !h->link_up;
}

int run_street_promise_link(run_street *s, uint32_t home) {
    run_home *h = &s->homes[home];
    sim_time boot =
        sim_stream_between(&h->stream, s->zone->router_boot_minimum, s->zone->router_boot_maximum);
    sim_event e = {.key = {.at = sim_time_add(s->shard.now, boot),
                           .lane = SIM_LANE_TIMER,
                           .source = STREET_SOURCE + s->shard.index,
                           .sequence = s->sequence++},
                   .kind = EVENT_LINK,
                   .target = home,
                   .payload = h->link_turn};
    return sim_shard_post(&s->shard, &e);
}

static int at_device(run_street *s, run_packet *p) {
    dev_device *d = &s->devices[p->device];
    bool open = d->channel != NULL && d->connection == p->connection;
    if (open) {
        s->ledger.delivered++;
        sim_fingerprint_bytes(&s->shard.fingerprint, p->data, p->size);
        dev_device_input(d, &s->world, &s->tally.devices, s->shard.now, p->data, p->size);
    } else {
        s->ledger.dropped_closed++;
    }
    packet_end(s, p);
    return 0;
}

static int at_cloud(run_street *s, run_packet *p) {
    net_address from = net_address_virtual(s->devices[p->device].index, p->connection);
    s->ledger.delivered++;
    sim_fingerprint_bytes(&s->shard.fingerprint, p->data, p->size);
    int error = cloud_front_input(s->front, s->shard.now, &from, p->data, p->size, (cloud_fate)p->fate);
    packet_end(s, p);
    return error;
}

static int look(run_street *s, const run_packet *p, sim_time now, cloud_demand *demand) {
    const dev_device *d = &s->devices[p->device];
    cloud_sight sight = cloud_edge_look(s->commons->secure, p->connection, p->data, p->size);
    s->tally.datagrams_up++;
    s->tally.bytes_up += p->size;
    return cloud_edge_arrive(&s->edge, &s->peers[p->device], now, d->index, d->home, &sight, demand);
}

/* The only sealed handshake message of a client is its Finished: all that is left to do then is the server's. */
static bool is_finished(const run_packet *p) {
    net_dtls_span left = {p->data, p->size};
    net_dtls_record r;
    while (net_dtls_take_record(&left, &r)) {
        if (r.type == NET_DTLS_HANDSHAKE && r.epoch > 0) return true;
    }
    return false;
}

static int at_wire(run_street *s, run_packet *p) {
    const run_commons *c = s->commons;
    dev_device *d = &s->devices[p->device];
    if (d->channel == NULL || d->connection != p->connection) {
        s->ledger.dropped_closed++;
        packet_end(s, p);
        return 0;
    }
    cloud_demand demand;
    int error = look(s, p, s->shard.now, &demand);
    if (error == 0) {
        const cloud_decision open = {.serve_at = s->shard.now, .fate = CLOUD_FATE_ADMIT};
        if (demand == CLOUD_DEMAND_CONNECTION) cloud_edge_decided(&s->peers[p->device], &open);
        s->ledger.delivered++;
        s->finished_sent[p->device] |= c->secure && is_finished(p);
        if (c->wire_send(c->wire, d->index, p->data, p->size) != 0) s->tally.wire_errors++;
    }
    packet_end(s, p);
    return error;
}

static int on_device(run_street *s, const sim_event *e) {
    dev_device *d = &s->devices[e->target];
    int error = 0;
    if (sim_alarm_rings(&d->alarm, &s->shard.queue, e, &d->sequence, &error)) {
        dev_device_wake(d, &s->world, &s->tally.devices, s->shard.now);
    }
    return error;
}

static int on_member(run_street *s, const sim_event *e) {
    int error = 0;
    if (sim_alarm_rings(&s->members[e->target], &s->shard.queue, e, &s->sequence, &error)) {
        cloud_front_wake_member(s->front, s->shard.now, e->target);
    }
    return error;
}

static void on_link(run_street *s, const sim_event *e) {
    run_home *h = &s->homes[e->target];
    if (h->powered && h->link_turn == e->payload) run_street_set_link(s, e->target, true);
}

static int handle_packet(run_street *s, const sim_event *e) {
    run_packet *p = packet_of(e);
    run_home *home = &s->homes[home_of(s, p->device)];
    sim_time now = s->shard.now;
    switch (e->kind) {
        case EVENT_BACKHAUL_UP: {
            sim_queue *queue = s->commons->real ? &s->shard.queue : &s->arrivals;
            return pass(s, &s->backhaul[RUN_UP], p, queue, EVENT_EDGE, now);
        }
        case EVENT_EDGE:
            return at_wire(s, p);
        case EVENT_SERVE:
            return at_cloud(s, p);
        case EVENT_UPLINK_DOWN:
            return pass(s, &home->uplink[RUN_DOWN], p, &s->shard.queue, EVENT_RADIO_DOWN, now);
        default:
            return at_device(s, p);
    }
}

static int handle(void *context, sim_shard *shard, const sim_event *e) {
    run_street *s = context;
    int error = 0;
    switch (e->kind) {
        case EVENT_SWITCH_ON:
            if (s->unpowered[e->target]) break; /* it comes with the power */
            dev_device_power(&s->devices[e->target], &s->world, &s->tally.devices, shard->now, true);
            break;
        case EVENT_DEVICE:
            error = on_device(s, e);
            break;
        case EVENT_LINK:
            on_link(s, e);
            break;
        case EVENT_PEER:
            cloud_front_wake_peer(s->front, shard->now,
                                  (sim_id){(uint32_t)(e->payload >> 32), (uint32_t)e->payload});
            break;
        case EVENT_MEMBER:
            error = on_member(s, e);
            break;
        default:
            error = handle_packet(s, e);
            break;
    }
    return error != 0 ? error : s->error;
}

int run_street_step(run_street *s, sim_time until) {
    return sim_shard_step(&s->shard, until);
}

sim_time run_street_next(const run_street *s) {
    const sim_event *arrival = sim_queue_head(&s->arrivals);
    sim_time next = sim_shard_next(&s->shard);
    return arrival == NULL ? next : sim_time_min(next, arrival->key.at);
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
    cloud_edge_peer *peer = &s->peers[p->device];
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
    /* What belongs to the attempt goes on from where its first datagram was let in: a repetition does not overtake the one that waits for its turn. */
    bool of_attempt = peer->admitted && p->connection == peer->port;
    bool busy =
        decision.fate == CLOUD_FATE_BUSY || (of_attempt && !peer->ended && peer->fate == CLOUD_FATE_BUSY);
    p->fate = busy ? CLOUD_FATE_BUSY : CLOUD_FATE_ADMIT;
    e.key.at = of_attempt ? sim_time_max(decision.serve_at, peer->serve_at) : decision.serve_at;
    e.kind = EVENT_SERVE;
    error = sim_shard_post(&s->shard, &e);
    if (error != 0) packet_end(s, p);
    return error;
}

int run_street_from_wire(run_street *s, sim_time now, uint32_t device, const uint8_t *datagram, size_t n) {
    uint32_t local = device - s->first_device;
    int error = now > s->shard.now ? run_street_step(s, now) : 0; /* what was due before it came */
    if (error != 0) return error;
    s->tally.datagrams_down++;
    s->tally.bytes_down += n;
    send_packet(s, local, s->devices[local].connection, false, datagram, n);
    return s->error;
}

/* ---- building ---- */

static const run_group *group_of(const run_zone *zone, uint32_t place) {
    for (uint32_t g = 0; g < zone->group_count; g++) {
        if (place < zone->groups[g].per_home) return &zone->groups[g];
        place -= zone->groups[g].per_home;
    }
    SIM_PROMISE(false);
    return NULL;
}

static void build_home(run_street *s, uint32_t i) {
    run_home *h = &s->homes[i];
    uint64_t id = s->first_home + i;
    h->stream = sim_stream_for(s->commons->seed, SIM_PURPOSE_HOME, id);
    h->powered = h->link_up = true;
    for (int way = 0; way < RUN_WAYS; way++) {
        sim_stream stream = sim_stream_for(s->commons->seed, SIM_PURPOSE_HOP, 2 * id + (uint64_t)way);
        net_hop_init(&h->uplink[way], &s->zone->uplink, stream);
    }
}

static int build_device(run_street *s, uint32_t i) {
    uint32_t per_home = s->per_home;
    dev_device *d = &s->devices[i];
    const run_group *group = group_of(s->zone, i % per_home);
    uint32_t index = s->first_device + i;
    dev_device_init(d, index, s->first_home + i / per_home, &group->profile, s->commons->seed);
    s->set_points[i] = d->thermal.set_point_c;
    /* A stream of its own, so that the span of the start shifts none of the device's draws. */
    sim_stream start = sim_stream_for(s->commons->seed, SIM_PURPOSE_START, index);
    sim_event e = {.key = {.at = sim_stream_between(&start, 0, s->zone->start_over),
                           .lane = SIM_LANE_TIMER,
                           .source = index,
                           .sequence = d->sequence++},
                   .kind = EVENT_SWITCH_ON,
                   .target = i};
    return sim_shard_post(&s->shard, &e);
}

static int build_net(run_street *s) {
    const run_commons *c = s->commons;
    for (int way = 0; way < RUN_WAYS; way++) {
        uint64_t id =
            UINT64_C(1) << 32 | (2 * (uint64_t)s->shard.index + (uint64_t)way); /* above all homes */
        net_hop_init(&s->backhaul[way], &s->zone->backhaul, sim_stream_for(c->seed, SIM_PURPOSE_HOP, id));
    }
    s->kernel = net_vkernel_new();
    if (s->kernel == NULL) return SIM_ENOMEM;
    if (c->secure) {
        s->secure = net_secure_client_domain_new(&net_secure_timing_default, &net_channel_secure_calls);
        if (s->secure == NULL) return SIM_ENOMEM;
    }
    if (c->real) return 0;
    cloud_front_config config = {.secure = c->secure,
                                 .max_age_s = c->spec->cloud.max_age_s,
                                 .peers_maximum = 4 * s->device_count + 64,
                                 .seed = c->seed,
                                 .number = s->shard.index};
    for (uint32_t g = 0; g < s->zone->group_count && g < CLOUD_FRONT_PATHS_MAX; g++) {
        config.report_paths[g] = s->zone->groups[g].profile.report_path;
    }
    s->front = cloud_front_new(&config, s->kernel, &front_calls, s);
    return s->front == NULL ? SIM_ENOMEM : 0;
}

static int build_arrays(run_street *s) {
    s->homes = sim_calloc(s->home_count, sizeof *s->homes);
    s->devices = sim_calloc(s->device_count, sizeof *s->devices);
    s->peers = sim_calloc(s->device_count, sizeof *s->peers);
    s->set_points = sim_calloc(s->device_count, sizeof *s->set_points);
    s->struck = sim_calloc(s->device_count, sizeof *s->struck);
    s->unpowered = sim_calloc(s->device_count, sizeof *s->unpowered);
    s->been_answered = sim_calloc(s->device_count, sizeof *s->been_answered);
    s->finished_sent = sim_calloc(s->device_count, sizeof *s->finished_sent);
    bool all = s->homes != NULL && s->devices != NULL && s->peers != NULL && s->set_points != NULL &&
               s->struck != NULL && s->unpowered != NULL && s->been_answered != NULL &&
               s->finished_sent != NULL;
    return all ? 0 : SIM_ENOMEM;
}

static void build_world(run_street *s) {
    s->world = (dev_world){.context = s,
                           .kernel = s->kernel,
                           .secure = s->secure,
                           .system_randomness = s->commons->real,
                           .transmit = device_transmit,
                           .wake_at = device_wake_at,
                           .link_is_up = device_link_is_up,
                           .connecting = device_connecting,
                           .state_changed = device_state_changed,
                           .credentials = device_credentials,
                           .reported = device_reported,
                           .attempt_failed = device_attempt_failed};
}

uint32_t run_street_homes(const run_zone *zone, uint32_t number) {
    uint32_t before = number * zone->homes_per_street;
    uint32_t left = zone->homes - before;
    return left < zone->homes_per_street ? left : zone->homes_per_street;
}

uint32_t run_zone_per_home(const run_zone *zone) {
    uint32_t per_home = 0;
    for (uint32_t g = 0; g < zone->group_count; g++) per_home += zone->groups[g].per_home;
    return per_home;
}

int run_street_init(run_street *s, const run_commons *commons, uint32_t index, uint32_t zone_number,
                    uint32_t number, uint32_t first_home, uint32_t first_device) {
    *s = (run_street){.commons = commons,
                      .zone = &commons->spec->zones[zone_number],
                      .zone_number = zone_number,
                      .number = number,
                      .first_home = first_home,
                      .first_device = first_device};
    s->home_count = run_street_homes(s->zone, number);
    s->per_home = run_zone_per_home(s->zone);
    SIM_PROMISE(s->per_home > 0);
    s->device_count = s->home_count * s->per_home;
    sim_shard_init(&s->shard, index, handle, s);
    sim_queue_init(&s->arrivals);
    cloud_edge_init(&s->edge);
    sim_histogram_init(&s->request_latency);
    sim_histogram_init(&s->connect_latency);
    int error = build_arrays(s);
    if (error == 0) error = build_net(s);
    if (error != 0) {
        run_street_deinit(s);
        return error;
    }
    build_world(s);
    for (uint32_t i = 0; i < s->home_count; i++) build_home(s, i);
    for (uint32_t i = 0; i < s->device_count && error == 0; i++) error = build_device(s, i);
    if (error != 0) run_street_deinit(s);
    return error;
}

void run_street_unplug(run_street *s) {
    for (uint32_t i = 0; i < s->device_count; i++) dev_device_deinit(&s->devices[i]);
}

static bool carries_packet(const sim_event *e) {
    return e->kind >= EVENT_BACKHAUL_UP && e->kind <= EVENT_RADIO_DOWN;
}

static void free_packets(sim_queue *queue) {
    sim_event e;
    while (sim_queue_pop(queue, &e)) {
        if (carries_packet(&e)) run_packet_free(packet_of(&e));
    }
}

uint64_t run_street_in_flight(const run_street *s) {
    uint64_t n = s->arrivals.count;
    for (size_t i = 0; i < s->shard.queue.count; i++) n += carries_packet(&s->shard.queue.events[i]) ? 1 : 0;
    return n;
}

void run_street_deinit(run_street *s) {
    if (s->devices != NULL) {
        for (uint32_t i = 0; i < s->device_count; i++) dev_device_deinit(&s->devices[i]);
    }
    cloud_front_free(s->front);
    net_secure_domain_free(s->secure);
    net_vkernel_free(s->kernel);
    free_packets(&s->shard.queue);
    free_packets(&s->arrivals);
    sim_shard_deinit(&s->shard);
    sim_queue_deinit(&s->arrivals);
    cloud_edge_deinit(&s->edge);
    sim_histogram_deinit(&s->request_latency);
    sim_histogram_deinit(&s->connect_latency);
    sim_free(s->homes);
    sim_free(s->devices);
    sim_free(s->peers);
    sim_free(s->set_points);
    sim_free(s->struck);
    sim_free(s->unpowered);
    sim_free(s->been_answered);
    sim_free(s->finished_sent);
    sim_free(s->members);
    memset(s, 0, sizeof *s);
}

void run_tally_add(run_tally *into, const run_tally *from) {
    dev_counts_add(&into->devices, &from->devices);
    into->online += from->online;
    into->reports_answered += from->reports_answered;
    into->reports_refused += from->reports_refused;
    into->reports_failed += from->reports_failed;
    for (int i = 0; i < DEV_EVENTS; i++) into->attempts_failed[i] += from->attempts_failed[i];
    for (int i = 0; i <= NET_SECURE_END_NO_MEMORY; i++) into->ends[i] += from->ends[i];
    into->datagrams_up += from->datagrams_up;
    into->datagrams_down += from->datagrams_down;
    into->bytes_up += from->bytes_up;
    into->bytes_down += from->bytes_down;
    into->wire_errors += from->wire_errors;
}

void run_street_close(run_street *s) {
    for (uint32_t i = 0; i < s->device_count; i++) cloud_edge_close(&s->edge, &s->peers[i]);
}
