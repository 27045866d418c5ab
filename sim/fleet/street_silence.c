/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cloud that is there and says nothing: its process stands still, or withholds one kind of
 * answer, while the sockets are open. And who of its devices notices, how long after the last
 * answer that it had. */
#include <string.h>

#include "devices/model.h"
#include "sim/fleet/street_private.h"

/* What a socket holds for a process that does not read (net.core.rmem_default of Linux), bytes. */
enum { SOCKET_HOLDS = 212992 };

bool fleet_street_frozen(const fleet_street *s, const fleet_gate *g) {
    if (fleet_gate_is_other(g)) return false;
    return s->frozen == CLOUD_FROZEN_ALL && g->protocol->transport == NET_DATAGRAMS;
}

int fleet_street_defer(fleet_street *s, const sim_event *e) {
    sim_event later = *e;
    later.key.at = s->frozen_until;
    later.key.source = FLEET_STREET_SOURCE + s->shard.index;
    later.key.sequence = s->sequence++;
    return sim_shard_post(&s->shard, &later);
}

int fleet_street_hold(fleet_street *s, const sim_event *e) {
    fleet_packet *p = fleet_street_packet_of(e);
    if (s->held + p->size <= SOCKET_HOLDS) {
        s->held += p->size;
        return fleet_street_defer(s, e);
    }
    s->ledger.dropped_over++;
    fleet_trace_lost(s, p, "the cloud does not read");
    fleet_street_packet_end(s, p);
    return 0;
}

/* ---- what is withheld ---- */

const char *const fleet_silence_words[] = {[CLOUD_FROZEN_ALL - 1] = "all",
                                           [CLOUD_FROZEN_HANDSHAKE - 1] = "handshake",
                                           [CLOUD_FROZEN_CONNACK - 1] = "connack",
                                           [CLOUD_FROZEN_PUBACK - 1] = "puback",
                                           [CLOUD_FROZEN_PINGRESP - 1] = "pingresp",
                                           [CLOUD_FROZEN_CSM - 1] = "csm",
                                           [CLOUD_FROZEN_CREATED - 1] = "created",
                                           [CLOUD_FROZEN_CHANGED - 1] = "changed",
                                           [CLOUD_FROZEN_NOTIFICATION - 1] = "notification",
                                           [CLOUD_FROZEN_PONG - 1] = "pong",
                                           NULL};

bool fleet_silence_concerns(const net_protocol *protocol, bool secured, cloud_frozen what) {
    if (what == CLOUD_FROZEN_ALL) return true;
    if (what == CLOUD_FROZEN_HANDSHAKE) return secured;
    for (const char *const *word = protocol->answers; word != NULL && *word != NULL; word++) {
        if (strcmp(*word, fleet_silence_words[what - 1]) == 0) return true;
    }
    return false;
}

static bool concerns(const fleet_street *s, uint32_t local) {
    const fleet_gate *g = fleet_street_gate((fleet_street *)(uintptr_t)s, local);
    return fleet_silence_concerns(g->protocol, g->kind != NULL, (cloud_frozen)s->frozen);
}

/* It is for who comes: who is online needs no such answer. */
static bool is_for_newcomers(cloud_frozen what) {
    return what == CLOUD_FROZEN_HANDSHAKE || what == CLOUD_FROZEN_CONNACK ||
           what == CLOUD_FROZEN_CSM || what == CLOUD_FROZEN_CREATED;
}

/* ---- who notices ---- */

/* How long without an answer is usual for the device, as it declares: its keep-alive; without one
 * its next report, and how long it waits for the answer to that. */
static sim_time declared(const dev_device *d) {
    const dev_profile *p = d->profile;
    const net_protocol_settings *link = &p->link;
    sim_time alive = link->alive_every == 0 ? link->protocol->alive_usual : link->alive_every;
    if (link->protocol->alive_usual > 0 && alive != SIM_NEVER) return alive;
    return sim_time_add(d->report_every, link->protocol->answer_limit);
}

static double share_of(const fleet_street *s, uint32_t local, sim_time from) {
    const dev_device *d = s->devices[local];
    return (double)(s->shard.now - from) / (double)declared(d);
}

static void watch(fleet_street *s, uint32_t local) {
    s->notes[local].unaware = s->notes[local].watched = true;
    s->silence.struck++;
}

static void noticed(fleet_street *s, fleet_device *note, uint32_t local) {
    sim_time span = s->shard.now - note->answered_at;
    double share = share_of(s, local, note->answered_at);
    s->silence.noticed++;
    s->silence.slowest = sim_time_max(s->silence.slowest, span);
    if (share > s->silence.slowest_share) s->silence.slowest_share = share;
}

/* Of each the first attempt is looked at, which ends at the latest when the cloud speaks again. */
void fleet_silence_began(fleet_street *s, uint32_t local) {
    if (!is_for_newcomers((cloud_frozen)s->frozen) || s->notes[local].watched ||
        !concerns(s, local))
        return;
    watch(s, local);
    s->notes[local].answered_at = s->shard.now;
}

/* Who goes on with its attempt has neither given up nor been answered. */
void fleet_silence_changed(fleet_street *s, uint32_t local, dev_state from, dev_state to) {
    fleet_device *note = &s->notes[local];
    bool was_online = dev_state_is_online(from), is_online = dev_state_is_online(to);
    bool goes_on = was_online ? is_online : to == DEV_STATE_CONNECTING;
    if (!note->unaware || goes_on) return;
    note->unaware = false;
    if (to == DEV_STATE_WAITING_FOR_ATTEMPT)
        noticed(s, note, local);
    else
        s->silence.struck--;
}

/* Who has not noticed yet could not notice any more: for him it lasted until now. */
static void end_unaware(fleet_street *s) {
    for (uint32_t i = 0; i < s->device_count; i++) {
        fleet_device *note = &s->notes[i];
        if (!note->unaware) continue;
        double share = share_of(s, i, note->answered_at);
        note->unaware = false;
        if (s->silence.unnoticed++ == 0 || share < s->silence.unnoticed_share)
            s->silence.unnoticed_share = share;
    }
}

/* ---- freeze and thaw ---- */

static void tell_doors(fleet_street *s) {
    for (uint32_t g = 0; g < s->gate_count; g++) {
        const cloud_door_kind *kind = s->gates[g].door_kind;
        if (kind->freeze != NULL)
            kind->freeze(s->gates[g].door, s->shard.now, (cloud_frozen)s->frozen, s->frozen_until);
    }
}

int fleet_street_freeze(fleet_street *s, cloud_frozen what, sim_time until) {
    if (s->frozen != CLOUD_FROZEN_NOT) end_unaware(s);
    s->frozen = (uint8_t)what;
    for (uint32_t i = 0; i < s->device_count; i++) {
        s->notes[i].watched = false;
        if (!is_for_newcomers(what) && fleet_street_is_online(s, i) && concerns(s, i)) watch(s, i);
    }
    s->frozen_until = until;
    s->held = 0;
    tell_doors(s);
    sim_event e = {.key = {.at = until,
                           .lane = SIM_LANE_TIMER,
                           .source = FLEET_STREET_SOURCE + s->shard.index,
                           .sequence = s->sequence++},
                   .kind = FLEET_EVENT_THAW};
    return sim_shard_post(&s->shard, &e);
}

void fleet_street_thaw(fleet_street *s) {
    if (s->frozen == CLOUD_FROZEN_NOT || s->shard.now < s->frozen_until) return;
    end_unaware(s);
    s->frozen = CLOUD_FROZEN_NOT;
    tell_doors(s);
}
