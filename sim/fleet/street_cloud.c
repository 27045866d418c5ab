/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the cloud of a street asks of it, and tells it. */
#include "sim/core/heap.h"
#include "sim/fleet/street_private.h"

static void on_send(void *context, const net_address *to, const uint8_t *datagram, size_t n) {
    fleet_street *s = ((fleet_gate *)context)->street;
    uint32_t device;
    uint16_t connection;
    SIM_PROMISE(net_address_virtual_read(to, &device, &connection));
    if (!fleet_gate_is_other(context)) {
        s->sums.datagrams_down++;
        s->sums.bytes_down += n;
    }
    uint32_t local = fleet_street_number(s, device);
    bool answers = ((fleet_gate *)context)->protocol->transport == NET_DATAGRAMS;
    if (answers || n > NET_TCP_HEADER) fleet_street_device_of(s, local)->answered_at = s->shard.now;
    fleet_street_capture(s, s->shard.now, FLEET_CAPTURED_DOWN, to, datagram, n);
    fleet_street_send(s, fleet_street_number(s, device), connection, false, datagram, n);
}

static uint32_t target_at(const fleet_gate *g, uint32_t slot) {
    return g->number << FLEET_GATE_SHIFT | slot;
}

static void wake_session_at(fleet_gate *g, sim_id peer, sim_time due) {
    fleet_street *s = g->street;
    if (due == SIM_NEVER) return; /* the event that is out finds nothing due */
    sim_event e = {.key = {.at = sim_time_max(due, s->shard.now),
                           .lane = SIM_LANE_TIMER,
                           .source = FLEET_STREET_SOURCE + s->shard.index,
                           .sequence = s->sequence++},
                   .kind = FLEET_EVENT_PEER,
                   .target = target_at(g, peer.slot),
                   .payload = (uint64_t)peer.slot << 32 | peer.generation};
    int error = sim_shard_post(&s->shard, &e);
    if (error != 0) fleet_street_fail(s, error);
}

static int more_members(fleet_gate *g, uint32_t member) {
    if (member < g->member_count) return 0;
    uint32_t count = 2 * member + 8;
    sim_timer *members = sim_realloc(g->members, count * sizeof *members);
    if (members == NULL) return SIM_ENOMEM;
    for (uint32_t i = g->member_count; i < count; i++) sim_timer_init(&members[i]);
    g->members = members;
    g->member_count = count;
    return 0;
}

static void wake_standing_at(fleet_gate *g, uint32_t member, sim_time due) {
    fleet_street *s = g->street;
    sim_event like = {
        .key = {.lane = SIM_LANE_TIMER, .source = FLEET_STREET_SOURCE + s->shard.index},
        .kind = FLEET_EVENT_MEMBER,
        .target = target_at(g, member)};
    int error = more_members(g, member);
    due = sim_time_max(due, s->shard.now);
    if (error == 0)
        error = sim_timer_set(&g->members[member], &s->shard.queue, due, &like, &s->sequence);
    if (error != 0) fleet_street_fail(s, error);
}

static void on_wake_at(void *context, sim_id timer, sim_time due) {
    if (timer.generation == 0)
        wake_standing_at(context, timer.slot, due);
    else
        wake_session_at(context, timer, due);
}

static size_t on_who(void *context, const char *identity, uint32_t *device,
                     uint8_t key[NET_SECURE_KEY_MAX]) {
    const fleet_street *s = ((const fleet_gate *)context)->street;
    size_t n = fleet_credentials_who(s->shared->credentials, identity, (uint32_t)s->shared->devices,
                                     device, key);
    bool ours = n > 0 && *device >= s->first_device && *device - s->first_device < s->device_count;
    return ours ? n : 0;
}

static void on_outcome(void *context, const net_address *from, record_outcome outcome) {
    fleet_street *s = context;
    uint32_t device;
    uint16_t connection;
    SIM_PROMISE(net_address_virtual_read(from, &device, &connection));
    /* An earlier connection, served late, says nothing about the attempt that followed it. */
    uint32_t local = fleet_street_number(s, device);
    if (fleet_street_device_of(s, local)->edge.port != connection) return;
    if (outcome == RECORD_OUTCOME_REFUSED)
        fleet_watch_refused(s, fleet_street_identity(s, local) - s->first_device);
    fleet_street_attempt_ended(s, local, outcome);
}

static void on_report(void *context, uint32_t device, const net_senml_pack *pack, size_t bytes) {
    fleet_street *s = context;
    if (device >= CLOUD_ANYBODY) return;
    fleet_watch_report(s, device - s->first_device, pack, bytes);
    fleet_street_arrived(s, device - s->first_device, pack);
}

static void on_session(void *context, uint32_t device, const net_address *from, bool up,
                       sim_time heard) {
    fleet_street *s = context;
    uint32_t at;
    uint16_t connection;
    SIM_PROMISE(net_address_virtual_read(from, &at, &connection));
    fleet_trace_session(s, fleet_street_number(s, at), up);
    fleet_watch_session(s, device - s->first_device, at, up, heard);
}

static double on_desired(void *context, uint32_t device) {
    const fleet_street *s = context;
    return (double)s->notes[device - s->first_device].desired;
}

static void on_change(void *context, uint32_t device, bool made) {
    fleet_street *s = context;
    (void)device;
    int error = made ? sim_histogram_add(&s->change_latency, s->shard.now - s->change_at) : 0;
    if (error != 0) fleet_street_fail(s, error);
}

const cloud_door_calls fleet_street_door_calls = {
    .send = on_send, .wake_at = on_wake_at, .who = on_who};
const cloud_service_calls fleet_street_service_calls = {on_desired, fleet_street_update,
                                                        fleet_street_commanded};
const cloud_observer fleet_street_observer = {
    .outcome = on_outcome, .session = on_session, .report = on_report, .change = on_change};
