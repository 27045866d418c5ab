/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/street.h"

#include "devices/model.h"
#include "sim/run/street_private.h"

static void notify_link(run_street *s, uint32_t home, bool up) {
    uint32_t per_home = s->per_home;
    for (uint32_t i = 0; i < per_home; i++) {
        dev_device_link(&s->devices[home * per_home + i], &s->world, &s->tally.devices,
                        s->shard.now, up);
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

int run_street_promise_link(run_street *s, uint32_t home, sim_time off) {
    run_home *h = &s->homes[home];
    sim_time boot =
        sim_stream_between(&h->stream, s->zone->router_boot_minimum, s->zone->router_boot_maximum);
    sim_event e = {.key = {.at = sim_time_add(s->shard.now, sim_time_add(off, boot)),
                           .lane = SIM_LANE_TIMER,
                           .source = RUN_STREET_SOURCE + s->shard.index,
                           .sequence = s->sequence++},
                   .kind = RUN_EVENT_LINK,
                   .target = home,
                   .payload = h->link_turn};
    return sim_shard_post(&s->shard, &e);
}
static int on_device(run_street *s, const sim_event *e) {
    dev_device *d = run_street_device(s, e->target);
    int error = 0;
    if (sim_timer_rings(&d->alarm, &s->shard.queue, e, &d->sequence, &error)) {
        dev_device_wake(d, &s->world, run_street_counts(s, e->target), s->shard.now);
    }
    return error;
}

static int on_member(run_street *s, const sim_event *e) {
    int error = 0;
    if (sim_timer_rings(&s->members[e->target], &s->shard.queue, e, &s->sequence, &error)) {
        cloud_front_wake_member(s->front, s->shard.now, e->target);
    }
    return error;
}

static void on_link(run_street *s, const sim_event *e) {
    run_home *h = &s->homes[e->target];
    if (h->powered && h->link_turn == e->payload) run_street_set_link(s, e->target, true);
}
int run_street_handle(void *context, sim_shard *shard, const sim_event *e) {
    run_street *s = context;
    int error = 0;
    switch (e->kind) {
        case RUN_EVENT_SWITCH_ON:
            if (s->notes[e->target].unpowered) break; /* it comes with the power */
            dev_device_power(&s->devices[e->target], &s->world, &s->tally.devices, shard->now,
                             true);
            break;
        case RUN_EVENT_DEVICE:
            error = on_device(s, e);
            break;
        case RUN_EVENT_LINK:
            on_link(s, e);
            break;
        case RUN_EVENT_PEER:
            cloud_front_wake_peer(s->front, shard->now,
                                  (sim_id){(uint32_t)(e->payload >> 32), (uint32_t)e->payload});
            break;
        case RUN_EVENT_MEMBER:
            error = on_member(s, e);
            break;
        case RUN_EVENT_TWIN:
            run_street_on_twin(s, e);
            break;
        case RUN_EVENT_OFFER:
            run_street_tell(s, e->target, (uint8_t)e->payload);
            break;
        default:
            error = run_street_packet(s, e);
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
void run_street_unplug(run_street *s) {
    for (uint32_t i = 0; i < s->device_count; i++) dev_device_deinit(&s->devices[i]);
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
    for (uint32_t i = 0; i < s->device_count; i++) cloud_edge_close(&s->edge, &s->notes[i].edge);
    for (uint32_t i = 0; i < s->twin_count; i++)
        cloud_edge_close(&s->edge, &s->twins[i]->note.edge);
}
