/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/street.h"

#include "devices/model.h"
#include "sim/fleet/street_private.h"

int fleet_street_promise_link(fleet_street *s, uint32_t home, sim_time off) {
    fleet_home *h = &s->homes[home];
    sim_time boot =
        sim_stream_between(&h->stream, s->zone->router_boot_minimum, s->zone->router_boot_maximum);
    sim_event e = {.key = {.at = sim_time_add(s->shard.now, sim_time_add(off, boot)),
                           .lane = SIM_LANE_TIMER,
                           .source = FLEET_STREET_SOURCE + s->shard.index,
                           .sequence = s->sequence++},
                   .kind = FLEET_EVENT_LINK,
                   .target = home,
                   .payload = h->link_turn};
    return sim_shard_post(&s->shard, &e);
}

static int on_device(fleet_street *s, const sim_event *e) {
    dev_device *d = fleet_street_device(s, e->target);
    int error = 0;
    if (sim_timer_rings(&d->alarm, &s->shard.queue, e, &d->sequence, &error)) {
        dev_device_wake(d, fleet_street_world(s, e->target), fleet_street_counts(s, e->target),
                        s->shard.now);
    }
    return error;
}

static fleet_gate *gate_of(fleet_street *s, const sim_event *e) {
    uint32_t number = e->target >> FLEET_GATE_SHIFT;
    return number >= FLEET_OTHER_GATE ? &s->other_gates[number - FLEET_OTHER_GATE]
                                      : &s->gates[number];
}

static int on_peer(fleet_street *s, const sim_event *e) {
    fleet_gate *g = gate_of(s, e);
    if (fleet_street_frozen(s, g)) return fleet_street_defer(s, e);
    g->door_kind->wake(g->door, s->shard.now,
                       (sim_id){(uint32_t)(e->payload >> 32), (uint32_t)e->payload});
    return 0;
}

/* Its timer rings again at the thaw, unless the door moves it. */
static int defer_member(fleet_street *s, fleet_gate *g, uint32_t member, const sim_event *e) {
    int error = 0;
    if (!sim_timer_rings(&g->members[member], &s->shard.queue, e, &s->sequence, &error))
        return error;
    return sim_timer_set(&g->members[member], &s->shard.queue, s->frozen_until, e, &s->sequence);
}

static int on_member(fleet_street *s, const sim_event *e) {
    fleet_gate *g = gate_of(s, e);
    uint32_t member = e->target & ((1U << FLEET_GATE_SHIFT) - 1);
    int error = 0;
    if (fleet_street_frozen(s, g)) return defer_member(s, g, member, e);
    if (sim_timer_rings(&g->members[member], &s->shard.queue, e, &s->sequence, &error))
        g->door_kind->wake(g->door, s->shard.now, (sim_id){.slot = member});
    return error;
}

static void on_link(fleet_street *s, const sim_event *e) {
    fleet_home *h = &s->homes[e->target];
    if (h->powered && h->link_turn == e->payload) fleet_street_set_router(s, e->target, true);
}

/* By whom its power comes the first time, or back after a sag. */
static int on_switch(fleet_street *s, const sim_event *e) {
    bool first = e->key.source < FLEET_STREET_SOURCE;
    int error = first ? fleet_street_post_start(s) : 0;
    if (!s->notes[e->target].unpowered) /* else it comes with the power */
        fleet_street_switch(s, e->target, true);
    return error;
}

int fleet_street_handle(void *context, sim_shard *shard, const sim_event *e) {
    fleet_street *s = context;
    int error = 0;
    (void)shard; /* the street's own */
    switch ((enum fleet_street_event)e->kind) {
        case FLEET_EVENT_SWITCH_ON:
            error = on_switch(s, e);
            break;
        case FLEET_EVENT_DEVICE:
            error = on_device(s, e);
            break;
        case FLEET_EVENT_LINK:
            on_link(s, e);
            break;
        case FLEET_EVENT_PEER:
            error = on_peer(s, e);
            break;
        case FLEET_EVENT_MEMBER:
            error = on_member(s, e);
            break;
        case FLEET_EVENT_CLONE:
            fleet_street_on_clone(s, e);
            break;
        case FLEET_EVENT_OFFER:
            fleet_street_tell(s, e->target, (uint8_t)e->payload);
            break;
        case FLEET_EVENT_THAW:
            fleet_street_thaw(s);
            break;
        case FLEET_EVENT_HUB:
            error = fleet_street_on_hub(s, e);
            break;
        case FLEET_EVENT_JOIN:
            fleet_street_on_join(s, e);
            break;
        case FLEET_EVENT_MAST:
            fleet_street_on_mast(s, e);
            break;
        case FLEET_EVENT_CHAIN:
            error = fleet_street_on_chain(s, e);
            break;
        case FLEET_EVENT_EMPTY:
            fleet_street_on_empty(s, e);
            break;
        case FLEET_EVENT_OTHER:
            error = fleet_street_on_other(s, e);
            break;
        case FLEET_EVENT_HOP:
            error = fleet_street_forward(s, fleet_street_packet_of(e));
            break;
        case FLEET_EVENT_EDGE:
            error = fleet_street_at_wire(s, fleet_street_packet_of(e));
            break;
        case FLEET_EVENT_SERVE:
            error = fleet_street_serve(s, e);
            break;
        case FLEET_EVENT_DELIVER:
            error = fleet_street_at_device(s, fleet_street_packet_of(e));
            break;
    }
    return error != 0 ? error : s->error;
}

int fleet_street_step(fleet_street *s, sim_time until) {
    return sim_shard_step(&s->shard, until);
}

sim_time fleet_street_next(const fleet_street *s) {
    const sim_event *arrival = sim_queue_head(&s->arrivals);
    sim_time next = sim_shard_next(&s->shard);
    return arrival == NULL ? next : sim_time_min(next, arrival->key.at);
}

sim_time fleet_street_next_own(const fleet_street *s) {
    return sim_shard_next(&s->shard);
}

sim_time fleet_street_now(const fleet_street *s) {
    return s->shard.now;
}

uint32_t fleet_street_first_device(const fleet_street *s) {
    return s->first_device;
}

void fleet_street_begin_second(fleet_street *s) {
    if (s->second.count > 0) s->second = (sim_rough){.count = 0};
}

void fleet_street_unplug(fleet_street *s) {
    for (uint32_t i = 0; s->devices != NULL && i < s->device_count; i++)
        if (s->devices[i] != NULL) dev_device_deinit(s->devices[i]);
}

int fleet_street_close(fleet_street *s) {
    fleet_street_end_reports(s);
    for (uint32_t i = 0; i < s->device_count; i++) cloud_edge_close(&s->edge, &s->notes[i].edge);
    for (uint32_t i = 0; i < s->clone_count; i++)
        cloud_edge_close(&s->edge, &s->clones[i]->note.edge);
    return s->error;
}

int fleet_street_take_attempts(fleet_street *s, record_attempts *into) {
    int error = record_attempts_append(into, &s->edge.attempts);
    if (error == 0) record_attempts_deinit(&s->edge.attempts);
    return error;
}

fleet_tape *fleet_street_tape(fleet_street *s, fleet_taped what) {
    return &s->tapes[what];
}
