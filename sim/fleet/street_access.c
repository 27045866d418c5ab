/* SPDX-License-Identifier: GPL-3.0-or-later */
/* By which way the devices of a street reach the internet, and when that way comes and goes: a
 * router's link, a hub's mesh, a mast. A device is told its link by what all of them make of it. */
#include "sim/core/heap.h"
#include "sim/fleet/street_private.h"

const fleet_access *fleet_street_access_of(const fleet_street *s, uint32_t local) {
    return &fleet_street_group(s, local)->access;
}

/* The first place in a home of a kind of device. */
static uint32_t place_of(const fleet_street *s, uint32_t group) {
    uint32_t place = 0;
    for (uint32_t g = 0; g < group; g++) place += s->zone->groups[g].per_home;
    return place;
}

uint32_t fleet_street_hub_of(const fleet_street *s, uint32_t local) {
    uint8_t hub = fleet_street_access_of(s, local)->hub;
    if (hub == 0) return FLEET_NO_HUB;
    uint32_t hubs = s->zone->groups[hub - 1].per_home, home = local / s->per_home;
    return home * s->per_home + place_of(s, hub - 1U) + local % s->per_home % hubs;
}

static bool is_able(dev_state state) {
    return state != DEV_STATE_OFF && state != DEV_STATE_BOOTING;
}

bool fleet_street_by_router(const fleet_street *s, uint32_t local) {
    fleet_over over = fleet_street_access_of(s, local)->over;
    return over == FLEET_OVER_ROUTER ||
           (over == FLEET_OVER_EITHER && s->homes[local / s->per_home].link_up &&
            !s->notes[local].second_way);
}

/* ---- two ways ---- */

/* Nobody was there; who refuses, or breaks off, has heard it. */
static bool is_unanswered(dev_event reason, net_end why) {
    return reason == DEV_EVENT_CONNECT_TIMEOUT || reason == DEV_EVENT_UNANSWERED ||
           (reason == DEV_EVENT_SESSION_ENDED &&
            (why == NET_END_TIMEOUT || why == NET_END_SILENT || why == NET_END_LOST));
}

void fleet_street_way_failed(fleet_street *s, uint32_t local, dev_event reason, net_end why) {
    fleet_device *note = &s->notes[local];
    const fleet_home *h = &s->homes[local / s->per_home];
    if (fleet_street_access_of(s, local)->over != FLEET_OVER_EITHER || s->cells == NULL) return;
    if (!is_unanswered(reason, why) || !h->link_up || !h->mast_up) return;
    if (++note->unanswered < FLEET_TRIES_BY_ONE_WAY) return;
    note->unanswered = 0;
    note->second_way = !note->second_way;
}

/* Who has a session by another way than the one that failed has lost nothing any more. */
void fleet_street_way_works(fleet_street *s, uint32_t local) {
    s->notes[local].unanswered = 0;
    if (s->notes[local].second_way) s->notes[local].struck = false;
}

static void by_the_first_way(fleet_device *note) {
    note->unanswered = 0;
    note->second_way = false;
}

/* Something carries its packets; whether it may send any is its boot chain's word. */
static bool has_way(const fleet_street *s, uint32_t local) {
    const fleet_home *h = &s->homes[local / s->per_home];
    const fleet_access *a = fleet_street_access_of(s, local);
    if (a->over == FLEET_OVER_MOBILE) return h->mast_up;
    if (a->over == FLEET_OVER_EITHER) return h->mast_up || h->link_up;
    return h->link_up && (a->hub == 0 || s->notes[local].joined);
}

bool fleet_street_reaches(const fleet_street *s, uint32_t local) {
    return has_way(s, local) && fleet_street_chained(s, local);
}

bool fleet_street_lives_on(const fleet_street *s, uint32_t local) {
    const fleet_group *g = fleet_street_group(s, local);
    return g->profile.battery ||
           (g->access.backup > 0 && fleet_street_state(s, local) != DEV_STATE_OFF);
}

/* The way of a device comes or goes; who goes through a boot chain hears of it at its end. */
static void tell(fleet_street *s, uint32_t local, bool up) {
    bool able = is_able(fleet_street_state(s, local));
    if (!up) fleet_street_chain_end(s, local, false);
    if (up && able && fleet_street_chain_begin(s, local)) return;
    fleet_street_tell_link(s, local, up);
    fleet_street_other_link(s, local, up);
}

/* The router's link has come or gone: who has another way takes it, or comes back from it, with a
 * new address and therefore without its session. */
static void tell_of_router(fleet_street *s, uint32_t local) {
    const fleet_home *h = &s->homes[local / s->per_home];
    const fleet_access *a = fleet_street_access_of(s, local);
    bool either = a->over == FLEET_OVER_EITHER && h->mast_up;
    by_the_first_way(&s->notes[local]);
    if (a->over == FLEET_OVER_MOBILE || (a->hub > 0 && !s->notes[local].joined)) return;
    if (either) tell(s, local, false);
    tell(s, local, either || h->link_up);
}

void fleet_street_set_router(fleet_street *s, uint32_t home, bool up) {
    fleet_home *h = &s->homes[home];
    if (h->link_up == up) return;
    h->link_up = up;
    fleet_street_set_down(s, home);
    for (uint32_t i = home * s->per_home; i < (home + 1) * s->per_home; i++) tell_of_router(s, i);
}

int fleet_street_post(fleet_street *s, sim_time at, enum fleet_street_event kind, uint32_t target,
                      uint64_t payload) {
    sim_event e = {.key = {.at = at,
                           .lane = SIM_LANE_TIMER,
                           .source = FLEET_STREET_SOURCE + s->shard.index,
                           .sequence = s->sequence++},
                   .kind = (uint16_t)kind,
                   .target = target,
                   .payload = payload};
    return sim_shard_post(&s->shard, &e);
}

/* ---- hubs ---- */

bool fleet_street_is_hub(const fleet_street *s, uint32_t local) {
    for (uint32_t g = 0; g < s->zone->group_count; g++) {
        uint8_t hub = s->zone->groups[g].access.hub;
        if (hub > 0 && &s->zone->groups[hub - 1] == fleet_street_group(s, local)) return true;
    }
    return false;
}

/* In the middle of the hub's own change nothing is done to other devices: they hear at once, and
 * after it. */
void fleet_street_powered(fleet_street *s, uint32_t local, dev_state from, dev_state to) {
    if (is_able(from) == is_able(to)) return;
    if (!is_able(to)) fleet_street_chain_end(s, local, true);
    if (is_able(to) && has_way(s, local)) (void)fleet_street_chain_begin(s, local);
    fleet_street_other_powered(s, local);
    if (!fleet_street_is_hub(s, local)) return;
    int error = fleet_street_post(s, s->shard.now, FLEET_EVENT_HUB, local, is_able(to));
    if (error != 0) fleet_street_fail(s, error);
}

static void set_joined(fleet_street *s, uint32_t child, bool joined) {
    bool was = s->notes[child].joined;
    s->notes[child].joined = joined;
    if (was != joined && s->homes[child / s->per_home].link_up) tell(s, child, joined);
}

static bool seeks(const fleet_group *group, const void *context) {
    (void)context;
    return group->access.seeks;
}

int fleet_street_build_seekers(fleet_street *s) {
    if (fleet_zone_any(s->zone, seeks, NULL) == NULL) return 0;
    s->hub_lost = sim_calloc(s->device_count, sizeof *s->hub_lost);
    for (uint32_t i = 0; s->hub_lost != NULL && i < s->device_count; i++)
        s->hub_lost[i] = SIM_NEVER;
    return s->hub_lost == NULL ? SIM_ENOMEM : 0;
}

/* Whoever asks more often than this has found its hub within a breath of its return. */
enum { SEEKS_MAX = 10000 };

/* A child that has looked for its hub by its law since it lost it: how long until it looks again.
 * Its attempts in between found nobody, and are not played. */
static sim_time next_look(fleet_street *s, uint32_t child, sim_stream *draw) {
    const fleet_access *a = fleet_street_access_of(s, child);
    if (!a->seeks || s->hub_lost[child] == SIM_NEVER) return 0;
    dev_law_state state = {0};
    sim_time at = s->hub_lost[child];
    dev_law_begin(&state);
    for (int i = 0; i < SEEKS_MAX && at < s->shard.now; i++)
        at = sim_time_add(at, dev_law_next(&a->rejoin, &state, draw));
    s->hub_lost[child] = SIM_NEVER;
    return at == SIM_NEVER ? SIM_NEVER : sim_time_max(at - s->shard.now, 0);
}

int fleet_street_on_hub(fleet_street *s, const sim_event *e) {
    uint32_t home = e->target / s->per_home;
    int error = 0;
    for (uint32_t i = home * s->per_home; i < (home + 1) * s->per_home && error == 0; i++) {
        if (fleet_street_hub_of(s, i) != e->target) continue;
        const fleet_access *a = fleet_street_access_of(s, i);
        set_joined(s, i, false);
        s->notes[i].join_turn++;
        if (e->payload == 0 && s->hub_lost != NULL && s->hub_lost[i] == SIM_NEVER)
            s->hub_lost[i] = s->shard.now;
        if (e->payload == 0) continue;
        sim_stream *draw = &s->homes[home].stream;
        sim_time joins = next_look(s, i, draw);
        if (joins == SIM_NEVER) continue; /* it has given up */
        joins = sim_time_add(joins, sim_stream_between(draw, a->join_minimum, a->join_maximum));
        error = fleet_street_post(s, sim_time_add(s->shard.now, joins), FLEET_EVENT_JOIN, i,
                                  s->notes[i].join_turn);
    }
    return error;
}

void fleet_street_on_join(fleet_street *s, const sim_event *e) {
    /* or its hub has gone since */
    if (s->notes[e->target].join_turn == e->payload) set_joined(s, e->target, true);
}

void fleet_street_mark_children(fleet_street *s, uint32_t hub, bool on, uint8_t trigger) {
    uint32_t home = hub / s->per_home;
    for (uint32_t i = home * s->per_home; i < (home + 1) * s->per_home; i++) {
        if (fleet_street_hub_of(s, i) == hub) fleet_street_mark(s, i, on, trigger);
    }
}

/* ---- masts ---- */

/* A mast boots as a router does, in round numbers. */
#define MAST_BOOT_MINIMUM (2 * SIM_MINUTE)
#define MAST_BOOT_MAXIMUM (5 * SIM_MINUTE)

/* Which of the two steps a home's mast belongs to: the same one every time. */
static bool is_of_second_step(const fleet_street *s, uint32_t home) {
    sim_stream draw =
        sim_stream_for(s->shared->seed, SIM_PURPOSE_MAST, (uint64_t)s->first_home + home);
    return sim_stream_below(&draw, 2) == 1;
}

int fleet_street_mast_power(fleet_street *s, uint32_t home, bool on) {
    fleet_home *h = &s->homes[home];
    if (s->cells == NULL) return 0;
    h->mast_turn++;
    if (on && h->mast_up) return 0;
    sim_time lasts = is_of_second_step(s, home) ? s->zone->mast_second : s->zone->mast_first;
    sim_time after =
        on ? sim_stream_between(&h->stream, MAST_BOOT_MINIMUM, MAST_BOOT_MAXIMUM) : lasts;
    return fleet_street_post(s, sim_time_add(s->shard.now, after), FLEET_EVENT_MAST, home,
                             (uint64_t)h->mast_turn << 1 | on);
}

void fleet_street_on_mast(fleet_street *s, const sim_event *e) {
    fleet_home *h = &s->homes[e->target];
    bool up = (e->payload & 1) != 0;
    if (h->mast_turn != e->payload >> 1 || h->mast_up == up) return;
    h->mast_up = up;
    fleet_street_set_down(s, e->target);
    for (uint32_t i = e->target * s->per_home; i < (e->target + 1) * s->per_home; i++) {
        bool back = s->notes[i].second_way; /* to the router, which has a link */
        by_the_first_way(&s->notes[i]);
        if (!back && fleet_street_by_router(s, i)) continue;
        if (!up) fleet_street_mark(s, i, false, 0);
        tell(s, i, up);
        if (back) tell(s, i, true);
    }
}

/* ---- backup batteries ---- */

int fleet_street_on_backup_from(fleet_street *s, uint32_t local) {
    const fleet_access *a = fleet_street_access_of(s, local);
    sim_time lasts =
        a->backup - sim_stream_between(&s->homes[local / s->per_home].stream, 0, a->backup / 10);
    return fleet_street_post(s, sim_time_add(s->shard.now, lasts), FLEET_EVENT_EMPTY, local,
                             ++s->notes[local].mains_turn);
}

void fleet_street_on_empty(fleet_street *s, const sim_event *e) {
    fleet_device *note = &s->notes[e->target];
    if (!note->unpowered || note->mains_turn != e->payload) return;
    fleet_street_mark(s, e->target, false, 0);
    fleet_street_switch(s, e->target, false);
}

/* ---- hops ---- */

void fleet_street_set_down(fleet_street *s, uint32_t home) {
    fleet_home *h = &s->homes[home];
    for (int way = 0; way < FLEET_WAYS; way++) {
        h->uplink[way].settings.down = h->cut || !h->link_up;
        if (s->cells != NULL)
            s->cells[home * FLEET_WAYS + (uint32_t)way].settings.down = h->cell_cut || !h->mast_up;
    }
}

int fleet_street_build_cells(fleet_street *s) {
    if (!fleet_access_has_mobile(s->zone)) return 0;
    s->cells = sim_calloc((size_t)s->home_count * FLEET_WAYS, sizeof *s->cells);
    for (uint32_t i = 0; s->cells != NULL && i < s->home_count * FLEET_WAYS; i++) {
        uint64_t id = (uint64_t)FLEET_WAYS * s->first_home + i;
        net_hop_init(&s->cells[i], &s->zone->mobile,
                     sim_stream_for(s->shared->seed, SIM_PURPOSE_CELL, id));
    }
    return s->cells == NULL ? SIM_ENOMEM : 0;
}
