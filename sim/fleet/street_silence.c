/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cloud that is there and says nothing: its process stands still, or withholds one kind of
 * answer, while the sockets are open. And who of its devices notices, how long after the last
 * answer that it had. */
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
    const dev_device *d = &s->devices[local];
    return (double)(s->shard.now - from) / (double)declared(d);
}

void fleet_silence_noticed(fleet_street *s, uint32_t local, bool by_itself) {
    fleet_device *note = &s->notes[local];
    if (!note->unaware) return;
    note->unaware = false;
    if (!by_itself) {
        s->silence.struck--;
        return;
    }
    sim_time span = s->shard.now - note->answered_at;
    double share = share_of(s, local, note->answered_at);
    s->silence.noticed++;
    s->silence.slowest = sim_time_max(s->silence.slowest, span);
    if (share > s->silence.slowest_share) s->silence.slowest_share = share;
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
    for (uint32_t i = 0; i < s->device_count; i++) {
        if (!dev_device_is_online(&s->devices[i])) continue;
        s->notes[i].unaware = true;
        s->silence.struck++;
    }
    s->frozen = (uint8_t)what;
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
