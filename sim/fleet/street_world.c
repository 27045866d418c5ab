/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the devices of a street ask of it. */
#include "sim/fleet/street_private.h"

static void device_transmit(void *context, dev_device *d, const uint8_t *datagram, size_t n) {
    fleet_street *s = context;
    fleet_street_send(s, fleet_street_number(s, d->index), d->connection, true, datagram, n);
}

static void device_wake_at(void *context, dev_device *d, sim_time due) {
    fleet_street *s = context;
    sim_event like = {.key = {.lane = SIM_LANE_TIMER, .source = d->index},
                      .kind = FLEET_EVENT_DEVICE,
                      .target = fleet_street_number(s, d->index)};
    int error = sim_timer_set(&d->alarm, &s->shard.queue, sim_time_max(due, s->shard.now), &like,
                              &d->sequence);
    if (error != 0) fleet_street_fail(s, error);
}

static bool device_link_is_up(void *context, const dev_device *d) {
    const fleet_street *s = context;
    return fleet_street_reaches(s, d->index - s->first_device);
}

static void device_connecting(void *context, dev_device *d) {
    fleet_street *s = context;
    const fleet_shared *c = s->shared;
    uint32_t number = fleet_street_number(s, d->index);
    fleet_street_device_of(s, number)->finished_sent = false;
    if (number < s->device_count) fleet_silence_began(s, number);
    if (c->real && c->wire_open(c->wire, d->index) != 0) s->sums.wire_errors++;
}

/* How the latest attempt of a device (within its street) ended. */
void fleet_street_attempt_ended(fleet_street *s, uint32_t local, record_outcome outcome) {
    cloud_edge_peer *peer = &fleet_street_device_of(s, local)->edge;
    if (peer->attempt == 0 || peer->ended) return;
    cloud_edge_outcome(&s->edge, peer, s->shard.now, outcome);
    if (outcome != RECORD_OUTCOME_ONLINE) return;
    sim_time latency = s->edge.attempts.items[peer->attempt - 1].latency;
    int error = sim_histogram_add(&s->connect_latency, latency);
    if (error != 0) fleet_street_fail(s, error);
}

/* In the real world the edge is our own socket and cannot see into the server: an attempt has
 * succeeded when its device got an answer. */
static void real_outcome(fleet_street *s, const dev_device *d, record_outcome outcome) {
    if (s->shared->real) fleet_street_attempt_ended(s, d->index - s->first_device, outcome);
}

/* What shows that there is a cloud: its part of a handshake or of a registration. Plain CoAP
 * without either needs an answer for that. */
static bool online_proves(const fleet_street *s, const dev_device *d) {
    return fleet_street_gate((fleet_street *)(uintptr_t)s, fleet_street_number(s, d->index))
                   ->kind != NULL ||
           d->profile->link.register_topic != NULL;
}

static void device_state_changed(void *context, dev_device *d, dev_state from, dev_state to) {
    fleet_street *s = context;
    fleet_trace_state(s, fleet_street_number(s, d->index), from, to);
    bool was_online = dev_state_is_online(from), is_online = dev_state_is_online(to);
    fleet_street_powered(s, d->index - s->first_device, from, to);
    if (to == DEV_STATE_OFF) fleet_street_lose_late(s, d->index - s->first_device);
    if (was_online && !is_online) s->sums.online--;
    fleet_silence_changed(s, d->index - s->first_device, from, to);
    if (is_online && !was_online) {
        s->sums.online++;
        fleet_street_way_works(s, d->index - s->first_device);
        bool proven = online_proves(s, d);
        s->notes[d->index - s->first_device].been_answered |= proven;
        if (proven) real_outcome(s, d, RECORD_OUTCOME_ONLINE);
    }
    bool has_socket = to == DEV_STATE_CONNECTING || is_online;
    if (s->shared->real && !has_socket) {
        /* what has no power, or no way to the cloud, cannot take its leave */
        bool silent = to == DEV_STATE_OFF || !device_link_is_up(s, d);
        s->shared->wire_close(s->shared->wire, d->index, silent);
    }
}

static void device_credentials(void *context, const dev_device *d, net_credentials *out) {
    const fleet_street *s = context;
    uint32_t who = fleet_street_identity(s, fleet_street_number(s, d->index));
    const fleet_credential *listed = fleet_credentials_listed(s->shared->credentials, who);
    out->number = who;
    out->key_size = fleet_credentials_of(s->shared->credentials, who, out->identity, out->key);
    if (listed == NULL) return;
    out->user_name = listed->user_name;
    out->password = listed->password;
}

static int device_certificate(void *context, const dev_device *d, const net_certificate **out) {
    fleet_street *s = context;
    uint32_t local = fleet_street_number(s, d->index);
    const fleet_gate *g = fleet_street_gate(s, local);
    *out = NULL;
    if (g->kind == NULL || !g->kind->certificates) return 0;
    const fleet_credential *listed =
        fleet_credentials_listed(s->shared->credentials, fleet_street_identity(s, local));
    if (listed != NULL) *out = listed->certificate;
    if (*out != NULL || s->shared->authority == NULL) return 0;
    *out = fleet_authority_device(s->shared->authority, fleet_street_identity(s, local));
    return *out == NULL ? SIM_ENOMEM : 0;
}

static net_link_memory **device_memory(void *context, const dev_device *d) {
    fleet_street *s = context;
    return &fleet_street_device_of(s, fleet_street_number(s, d->index))->memory;
}

static net_security_domain *device_security(void *context, const dev_device *d) {
    fleet_street *s = context;
    return fleet_street_gate(s, fleet_street_number(s, d->index))->security;
}

static void device_reported(void *context, dev_device *d, sim_time due, const net_answer *answer) {
    fleet_street *s = context;
    s->notes[d->index - s->first_device].been_answered |= answer->kind != NET_UNANSWERED;
    if (answer->kind == NET_TAKEN)
        real_outcome(s, d, RECORD_OUTCOME_ONLINE); /* there may be no earlier sign */
    fleet_street_reported(s, d, due, answer);
}

static void device_skipped(void *context, dev_device *d, sim_time due, dev_skip why) {
    fleet_street_skipped(context, d, due, why);
}

/* Why an attempt ended. Where the device's patience ended before its security had an opinion, the
 * other end was silent. */
static net_end end_of(const fleet_street *s, uint32_t local, dev_event reason, net_end why) {
    bool unsaid = reason == DEV_EVENT_CONNECT_TIMEOUT;
    return unsaid && fleet_street_device_of(s, local)->finished_sent ? NET_END_SILENT : why;
}

static void device_attempt_failed(void *context, dev_device *d, dev_event reason, net_end why,
                                  const net_answer *answer) {
    fleet_street *s = context;
    uint32_t local = fleet_street_number(s, d->index);
    why = end_of(s, local, reason, why);
    fleet_trace_failed(s, local, reason, why);
    if (answer != NULL) fleet_sums_answered(&s->sums, d->profile->link.protocol, answer);
    s->sums.attempts_failed[reason]++;
    s->sums.ends[why]++;
    fleet_street_way_failed(s, local, reason, why);
    if (reason == DEV_EVENT_BUSY) real_outcome(s, d, RECORD_OUTCOME_BUSY);
    if (reason == DEV_EVENT_REFUSED) real_outcome(s, d, RECORD_OUTCOME_REFUSED);
}

static void device_session_ended(void *context, dev_device *d, net_end why) {
    fleet_street *s = context;
    (void)d;
    s->sums.session_ends[why]++;
}

/* ---- clones: traced, and otherwise nobody is told ---- */

/* A clone is told of no link: it tries, and finds out. */
static bool clone_link_is_up(void *context, const dev_device *d) {
    (void)context, (void)d;
    return true;
}

static void clone_state_changed(void *context, dev_device *d, dev_state from, dev_state to) {
    fleet_trace_state(context, fleet_street_number(context, d->index), from, to);
}

static void clone_reported(void *context, dev_device *d, sim_time due, const net_answer *answer) {
    (void)context, (void)d, (void)due, (void)answer;
}

static void clone_skipped(void *context, dev_device *d, sim_time due, dev_skip why) {
    (void)context, (void)d, (void)due, (void)why;
}

static void clone_attempt_failed(void *context, dev_device *d, dev_event reason, net_end why,
                                 const net_answer *answer) {
    uint32_t local = fleet_street_number(context, d->index);
    (void)answer;
    fleet_trace_failed(context, local, reason, end_of(context, local, reason, why));
}

dev_world fleet_street_make_clone_world(fleet_street *s) {
    dev_world w = fleet_street_make_world(s);
    w.link_is_up = clone_link_is_up;
    w.state_changed = clone_state_changed;
    w.reported = clone_reported;
    w.skipped = clone_skipped;
    w.attempt_failed = clone_attempt_failed;
    w.session_ended = NULL;
    w.other = NULL;
    return w;
}

dev_world fleet_street_make_world(fleet_street *s) {
    return (dev_world){.context = s,
                       .kernel = s->kernel,
                       .security = device_security,
                       .memory = device_memory,
                       .streams = &net_tcp_linux,
                       .system_randomness = s->shared->real,
                       .transmit = device_transmit,
                       .wake_at = device_wake_at,
                       .link_is_up = device_link_is_up,
                       .connecting = device_connecting,
                       .state_changed = device_state_changed,
                       .credentials = device_credentials,
                       .certificate = device_certificate,
                       .reported = device_reported,
                       .skipped = device_skipped,
                       .rebooting = fleet_street_rebooting,
                       .other = fleet_street_other,
                       .update_key = s->shared->update_key.public,
                       .attempt_failed = device_attempt_failed,
                       .session_ended = device_session_ended};
}
