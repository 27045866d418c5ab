/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the front that serves a street asks of it. */
#include "sim/core/heap.h"
#include "sim/fleet/street_private.h"

static void front_send(void *context, const net_address *to, const uint8_t *datagram, size_t n) {
    fleet_street *s = context;
    uint32_t device;
    uint16_t connection;
    SIM_PROMISE(net_address_virtual_read(to, &device, &connection));
    s->tally.datagrams_down++;
    s->tally.bytes_down += n;
    fleet_street_send(s, fleet_street_number(s, device), connection, false, datagram, n);
}

static void front_peer_wake_at(void *context, sim_id peer, sim_time due) {
    fleet_street *s = context;
    if (due == SIM_NEVER) return; /* the event that is out finds nothing due */
    sim_event e = {.key = {.at = sim_time_max(due, s->shard.now),
                           .lane = SIM_LANE_TIMER,
                           .source = FLEET_STREET_SOURCE + s->shard.index,
                           .sequence = s->sequence++},
                   .kind = FLEET_EVENT_PEER,
                   .target = peer.slot,
                   .payload = (uint64_t)peer.slot << 32 | peer.generation};
    int error = sim_shard_post(&s->shard, &e);
    if (error != 0) fleet_street_fail(s, error);
}

static int more_members(fleet_street *s, uint32_t member) {
    if (member < s->member_count) return 0;
    uint32_t count = 2 * member + 8;
    sim_timer *members = sim_realloc(s->members, count * sizeof *members);
    if (members == NULL) return SIM_ENOMEM;
    for (uint32_t i = s->member_count; i < count; i++) sim_timer_init(&members[i]);
    s->members = members;
    s->member_count = count;
    return 0;
}

static void front_member_wake_at(void *context, uint32_t member, sim_time due) {
    fleet_street *s = context;
    sim_event like = {
        .key = {.lane = SIM_LANE_TIMER, .source = FLEET_STREET_SOURCE + s->shard.index},
        .kind = FLEET_EVENT_MEMBER,
        .target = member};
    int error = more_members(s, member);
    due = sim_time_max(due, s->shard.now);
    if (error == 0)
        error = sim_timer_set(&s->members[member], &s->shard.queue, due, &like, &s->sequence);
    if (error != 0) fleet_street_fail(s, error);
}

static size_t front_who(void *context, const char *identity, uint32_t *device,
                        uint8_t key[NET_SECURE_KEY_MAX]) {
    const fleet_street *s = context;
    size_t n = fleet_credentials_who(s->commons->credentials, identity,
                                     (uint32_t)s->commons->devices, device, key);
    bool ours = n > 0 && *device >= s->first_device && *device - s->first_device < s->device_count;
    return ours ? n : 0;
}

static void front_outcome(void *context, const net_address *from, record_outcome outcome) {
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

static void front_telemetry(void *context, uint32_t device, const net_senml_pack *pack,
                            size_t bytes) {
    fleet_street *s = context;
    fleet_watch_report(s, device - s->first_device, pack, bytes);
}

static void front_session(void *context, uint32_t device, const net_address *from, bool up,
                          sim_time heard) {
    fleet_street *s = context;
    uint32_t at;
    uint16_t connection;
    SIM_PROMISE(net_address_virtual_read(from, &at, &connection));
    fleet_watch_session(s, device - s->first_device, at, up, heard);
}

static double front_set_point(void *context, uint32_t device) {
    const fleet_street *s = context;
    return (double)s->notes[device - s->first_device].set_point;
}

static void front_change(void *context, uint32_t device, bool made) {
    fleet_street *s = context;
    (void)device;
    int error = made ? sim_histogram_add(&s->change_latency, s->shard.now - s->change_at) : 0;
    if (error != 0) fleet_street_fail(s, error);
}

const cloud_front_calls fleet_street_front_calls = {.send = front_send,
                                                    .peer_wake_at = front_peer_wake_at,
                                                    .member_wake_at = front_member_wake_at,
                                                    .who = front_who,
                                                    .outcome = front_outcome,
                                                    .set_point = front_set_point,
                                                    .change = front_change,
                                                    .telemetry = front_telemetry,
                                                    .session = front_session,
                                                    .update = fleet_street_update};
