/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boot chain of a street's devices: who has booted, or has its way to the network again, is
 * told that its link is up when it has an address, a name and the time. An address is asked for
 * again after each loss of the link; name and time are in RAM, and go with the power. */
#include "sim/core/heap.h"
#include "sim/fleet/street_private.h"

struct fleet_booting {
    fleet_chain chain;
    uint32_t turn; /* counts beginnings: a step of an earlier one is void */
    bool knows;    /* name and time */
    bool begun;
};

static bool has_chain(const fleet_group *group, const void *context) {
    (void)context;
    return group->access.chain != NULL;
}

int fleet_street_build_chains(fleet_street *s) {
    if (fleet_zone_any(s->zone, has_chain, NULL) == NULL) return 0;
    s->booting = sim_calloc(s->device_count, sizeof *s->booting);
    return s->booting == NULL ? SIM_ENOMEM : 0;
}

/* Its stretch of the chain, where it has one. */
static fleet_booting *of(const fleet_street *s, uint32_t local, const fleet_chain_kind **kind) {
    *kind = s->booting == NULL ? NULL : fleet_street_access_of(s, local)->chain;
    return *kind == NULL ? NULL : &s->booting[local];
}

bool fleet_street_chained(const fleet_street *s, uint32_t local) {
    const fleet_chain_kind *kind;
    const fleet_booting *b = of(s, local, &kind);
    return b == NULL || (b->begun && fleet_chain_is_through(&b->chain));
}

static int post_step(fleet_street *s, uint32_t local, sim_time at) {
    return fleet_street_post(s, at, FLEET_EVENT_CHAIN, local, s->booting[local].turn);
}

bool fleet_street_chain_begin(fleet_street *s, uint32_t local) {
    const fleet_chain_kind *kind;
    fleet_booting *b = of(s, local, &kind);
    if (b == NULL) return false;
    b->turn++;
    b->begun = true;
    sim_time due = fleet_chain_begin(&b->chain, kind, FLEET_SERVER_ADDRESS, s->shard.now,
                                     &s->homes[local / s->per_home].stream);
    int error = post_step(s, local, due);
    if (error != 0) fleet_street_fail(s, error);
    return true;
}

void fleet_street_chain_end(fleet_street *s, uint32_t local, bool power) {
    const fleet_chain_kind *kind;
    fleet_booting *b = of(s, local, &kind);
    if (b == NULL) return;
    b->turn++;
    b->begun = false;
    b->knows = b->knows && !power;
}

int fleet_street_on_chain(fleet_street *s, const sim_event *e) {
    const fleet_chain_kind *kind;
    fleet_booting *b = of(s, e->target, &kind);
    fleet_home *h = &s->homes[e->target / s->per_home];
    if (b == NULL || b->turn != e->payload) return 0;
    /* who has its address again and knows the rest is through */
    if (b->knows && b->chain.answered <= s->shard.now) b->chain.stage = FLEET_SERVERS - 1;
    sim_time due =
        fleet_chain_step(&b->chain, kind, h->server_after, s->shard.now, &h->stream, s->sums.asked);
    if (!fleet_chain_is_through(&b->chain)) return post_step(s, e->target, due);
    b->knows = true;
    s->sums.chains++;
    fleet_street_tell_link(s, e->target, true);
    fleet_street_other_link(s, e->target, true);
    return s->error;
}
