/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a street is made from (seed, spec, number), and unmade. */
#include <stdlib.h>

#include "devices/model.h"
#include "devices/vitals.h"
#include "sim/core/heap.h"
#include "sim/fleet/street.h"
#include "sim/fleet/street_private.h"

static void build_home(fleet_street *s, uint32_t i) {
    fleet_home *h = &s->homes[i];
    uint64_t id = s->first_home + i;
    h->stream = sim_stream_for(s->shared->seed, SIM_PURPOSE_HOME, id);
    h->powered = h->link_up = h->mast_up = true;
    for (int n = 0; n < FLEET_SERVERS; n++) h->server_after[n] = FLEET_SERVER_AFTER;
    for (int way = 0; way < FLEET_WAYS; way++) {
        sim_stream stream =
            sim_stream_for(s->shared->seed, SIM_PURPOSE_HOP, 2 * id + (uint64_t)way);
        net_hop_init(&h->uplink[way], &s->zone->uplink, stream);
    }
}

/* A stream of its own, so that the span of the start shifts none of the device's draws. */
static sim_time start_of(const fleet_street *s, uint32_t i) {
    sim_stream start = sim_stream_for(s->shared->seed, SIM_PURPOSE_START, s->first_device + i);
    return sim_stream_between(&start, 0, s->zone->start_over);
}

typedef struct start_row {
    sim_time at;
    uint32_t device;
} start_row;

static int start_before(const void *a, const void *b) {
    const start_row *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    return x->device < y->device ? -1 : 1;
}

static int build_starts(fleet_street *s) {
    start_row *rows = sim_calloc(s->device_count, sizeof *rows);
    s->starts = sim_calloc(s->device_count, sizeof *s->starts);
    if (rows == NULL || s->starts == NULL) {
        sim_free(rows);
        return SIM_ENOMEM;
    }
    for (uint32_t i = 0; i < s->device_count; i++) rows[i] = (start_row){start_of(s, i), i};
    qsort(rows, s->device_count, sizeof *rows, start_before);
    for (uint32_t i = 0; i < s->device_count; i++) s->starts[i] = rows[i].device;
    sim_free(rows);
    return fleet_street_post_start(s);
}

int fleet_street_post_start(fleet_street *s) {
    if (s->started == s->device_count) return 0;
    uint32_t i = s->starts[s->started++];
    sim_event e = {
        .key = {.at = start_of(s, i), .lane = SIM_LANE_TIMER, .source = s->first_device + i},
        .kind = FLEET_EVENT_SWITCH_ON,
        .target = i};
    return sim_shard_post(&s->shard, &e);
}

/* A street's share of the sessions that may stay awake; 0: all may. The share goes by its size
 * alone, so that the same sleep whatever the threads. */
static uint32_t awake_in(const fleet_street *s) {
    const fleet_shared *c = s->shared;
    const uint64_t most = c->spec->awake == 0 ? FLEET_AWAKE : c->spec->awake;
    if (c->devices <= most) return 0;
    const uint64_t share = most * s->device_count / c->devices;
    return share > 1 ? (uint32_t)share : 1;
}

/* What the devices of a gate have in common; where they have certificates, whom they believe, and
 * what the cloud is called. */
static int build_security(fleet_gate *g, const fleet_shared *c) {
    const char *wrong;
    const net_security_settings usual = {.awake = awake_in(g->street)};
    if (g->kind == NULL) return 0;
    const net_security_settings with_papers = {
        .authorities = c->authority == NULL ? NULL : c->authority->root_text,
        .host = c->authority == NULL ? NULL : FLEET_CLOUD_NAME,
        .old = g->kind->certificates && c->spec->older_security};
    const net_security_settings *papers = c->papers != NULL ? c->papers : &with_papers;
    g->security = net_security_domain_new(g->kind, g->kind->certificates ? papers : &usual, &wrong);
    return g->security == NULL ? SIM_ENOMEM : 0;
}

static uint32_t streams_before(const fleet_street *s, const fleet_gate *g) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->number && i < s->gate_count; i++)
        n += s->gates[i].protocol->transport == NET_STREAM;
    return n;
}

static int build_door(fleet_street *s, fleet_gate *g, cloud_service *service) {
    const fleet_shared *c = s->shared;
    net_secure_stream_papers papers = {0};
    cloud_door_settings settings = {.peers_maximum = 4 * s->device_count + 64,
                                    .seed = c->seed,
                                    .number = s->shard.index,
                                    .beside = streams_before(s, g),
                                    .awake = awake_in(s),
                                    .backend = g->backend,
                                    .papers = &papers};
    if (g->kind != NULL && g->kind->certificates && c->authority != NULL)
        papers = (net_secure_stream_papers){.chain = c->authority->cloud_text,
                                            .key = c->authority->cloud_key_text,
                                            .authorities = c->authority->root_text};
    settings.keys = g->kind != NULL && !g->kind->certificates;
    for (uint32_t i = 0; i < s->zone->group_count && i < CLOUD_DOOR_TOPICS_MAX; i++) {
        settings.report_topics[i] = s->zone->groups[i].profile.link.report_topic;
    }
    g->door = g->door_kind->make(&settings, s->kernel, service, &fleet_street_door_calls, g);
    return g->door == NULL ? SIM_ENOMEM : 0;
}

static const net_dialect *dialect_of(const net_backend *backend) {
    return backend == NULL ? NULL : backend->dialect;
}

int fleet_street_build_gate(fleet_street *s, fleet_gate *g, cloud_service *service) {
    g->street = s;
    g->door_kind = cloud_door_virtual(g->protocol, g->kind != NULL);
    SIM_PROMISE(g->door_kind != NULL); /* fleet_spec_wrong has looked */
    int error = build_security(g, s->shared);
    return error != 0 || s->shared->real ? error : build_door(s, g, service);
}

static int build_gate(fleet_street *s, const net_protocol_settings *link,
                      const net_security *kind) {
    uint32_t number = s->gate_count++;
    fleet_gate *g = &s->gates[number];
    *g = (fleet_gate){.number = number,
                      .protocol = link->protocol,
                      .kind = kind,
                      .backend = dialect_of(link->backend) == NULL ? NULL : link->backend};
    return fleet_street_build_gate(s, g, &s->service);
}

static bool is_through(const fleet_gate *g, const net_protocol_settings *link,
                       const net_security *kind) {
    return g->protocol == link->protocol && g->kind == kind &&
           dialect_of(g->backend) == dialect_of(link->backend);
}

static int build_gates(fleet_street *s) {
    int error = 0;
    for (uint32_t i = 0; i < s->zone->group_count && error == 0; i++) {
        const net_protocol_settings *link = &s->zone->groups[i].profile.link;
        const net_security *kind = s->shared->secure ? link->security : NULL;
        uint32_t g = 0;
        while (g < s->gate_count && !is_through(&s->gates[g], link, kind)) g++;
        s->gate_of[i] = (uint8_t)g;
        if (g == s->gate_count) error = build_gate(s, link, kind);
    }
    return error;
}

fleet_gate *fleet_street_gate(fleet_street *s, uint32_t device) {
    uint32_t group = 0;
    const fleet_clone *clone = fleet_street_clone_at(s, device);
    uint32_t place = (clone == NULL ? device : clone->original) % s->per_home;
    if (clone != NULL && clone->non_associated)
        return &s->other_gates[clone->device.profile->link.security != NULL && s->shared->secure];
    if (s->gate_count == 1) return &s->gates[0];
    while (place >= s->zone->groups[group].per_home) place -= s->zone->groups[group++].per_home;
    return &s->gates[s->gate_of[group]];
}

static int build_net(fleet_street *s) {
    const fleet_shared *c = s->shared;
    for (int way = 0; way < FLEET_WAYS; way++) {
        uint64_t id =
            /* above all homes */
            UINT64_C(1) << 32 | (2 * (uint64_t)s->shard.index + (uint64_t)way);
        net_hop_init(&s->backhaul[way], &s->zone->backhaul,
                     sim_stream_for(c->seed, SIM_PURPOSE_HOP, id));
    }
    s->kernel = net_vkernel_new();
    if (s->kernel == NULL) return SIM_ENOMEM;
    if (!c->real)
        cloud_service_init(&s->service, c->spec->cloud.max_age_s, c->spec->close_after,
                           &fleet_street_service_calls, &fleet_street_observer, s);
    s->service.busy = c->spec->cloud.busy;
    s->service.resets = c->spec->resets;
    return build_gates(s);
}

static int build_arrays(fleet_street *s) {
    s->homes = sim_calloc(s->home_count, sizeof *s->homes);
    s->devices = sim_calloc(s->device_count, sizeof *s->devices);
    s->notes = sim_calloc(s->device_count, sizeof *s->notes);
    if (fleet_zone_updates(s->zone)) s->updates = sim_calloc(s->device_count, sizeof *s->updates);
    if (fleet_zone_updates(s->zone) && s->updates == NULL) return SIM_ENOMEM;
    bool all = s->homes != NULL && s->devices != NULL && s->notes != NULL;
    return all ? 0 : SIM_ENOMEM;
}

uint32_t fleet_street_homes(const fleet_zone *zone, uint32_t number) {
    uint32_t before = number * zone->homes_per_street;
    uint32_t left = zone->homes - before;
    return left < zone->homes_per_street ? left : zone->homes_per_street;
}

uint32_t fleet_zone_per_home(const fleet_zone *zone) {
    uint32_t per_home = 0;
    for (uint32_t g = 0; g < zone->group_count; g++) per_home += zone->groups[g].per_home;
    return per_home;
}

/* All that is as it is before anything is built that may fail. */
static void begin_street(fleet_street *s, const fleet_shared *shared, const fleet_place *place) {
    *s = (fleet_street){.shared = shared,
                        .zone = &shared->spec->zones[place->zone],
                        .zone_number = place->zone,
                        .number = place->number,
                        .first_home = place->first_home,
                        .first_device = place->first_device};
    s->home_count = fleet_street_homes(s->zone, place->number);
    s->per_home = fleet_zone_per_home(s->zone);
    SIM_PROMISE(s->per_home > 0);
    s->device_count = s->home_count * s->per_home;
    sim_shard_init(&s->shard, place->street, fleet_street_handle, s);
    sim_queue_init(&s->arrivals);
    cloud_edge_init(&s->edge);
    for (uint32_t i = 0; i < FLEET_OFFERS_MAX; i++) s->restarts[i].first = SIM_NEVER;
    sim_histogram_init(&s->request_latency);
    sim_histogram_init(&s->request_never);
    sim_histogram_init(&s->connect_latency);
    sim_histogram_init(&s->change_latency);
}

static int build_street(fleet_street *s) {
    int error = build_arrays(s);
    if (error == 0) error = fleet_street_build_cells(s);
    if (error == 0) error = fleet_street_build_chains(s);
    if (error == 0) error = fleet_street_build_seekers(s);
    if (error == 0) error = fleet_street_build_households(s);
    if (error == 0) error = build_net(s);
    if (error == 0) error = fleet_street_build_others(s);
    if (error != 0) return error;
    s->world = fleet_street_make_world(s);
    s->clone_world = fleet_street_make_clone_world(s);
    s->other_world = fleet_street_make_other_world(s);
    for (uint32_t i = 0; i < s->home_count; i++) build_home(s, i);
    error = fleet_street_build_devices(s);
    if (error == 0) error = build_starts(s);
    return error == 0 ? fleet_watch_init(s) : error;
}

int fleet_street_new(const fleet_shared *shared, const fleet_place *place, fleet_street **out) {
    fleet_street *s = sim_malloc(sizeof *s);
    *out = NULL;
    if (s == NULL) return SIM_ENOMEM;
    begin_street(s, shared, place);
    int error = build_street(s);
    if (error == 0)
        *out = s;
    else
        fleet_street_free(s);
    return error;
}

static void free_counts(fleet_street *s) {
    cloud_edge_deinit(&s->edge);
    sim_histogram_deinit(&s->request_latency);
    sim_histogram_deinit(&s->request_never);
    sim_histogram_deinit(&s->connect_latency);
    sim_histogram_deinit(&s->change_latency);
    for (int what = 0; what < FLEET_TAPES; what++) fleet_tape_deinit(&s->tapes[what]);
}

static void free_gate(fleet_gate *g) {
    cloud_door_free(g->door);
    net_security_domain_free(g->security);
    sim_free(g->members);
}

void fleet_street_free(fleet_street *s) {
    if (s == NULL) return;
    fleet_street_unplug(s);
    if (s->notes != NULL) {
        for (uint32_t i = 0; i < s->device_count; i++) net_link_forget(&s->notes[i].memory);
    }
    examine_watch_free(s->heard.watch);
    s->heard.watch = NULL; /* the service would tell it of each session that ends */
    fleet_street_free_clones(s);
    for (uint32_t g = 0; g < s->gate_count; g++) free_gate(&s->gates[g]);
    for (uint32_t g = 0; g < FLEET_OTHER_GATES; g++) free_gate(&s->other_gates[g]);
    net_vkernel_free(s->kernel);
    fleet_street_free_packets(&s->shard.queue);
    fleet_street_free_packets(&s->arrivals);
    sim_shard_deinit(&s->shard);
    sim_queue_deinit(&s->arrivals);
    free_counts(s);
    sim_free(s->homes);
    sim_free(s->cells);
    sim_free(s->booting);
    sim_free(s->others);
    sim_free(s->hub_lost);
    sim_free(s->notes);
    sim_free(s->starts);
    sim_free(s->updates);
    fleet_street_free_households(s);
    fleet_street_free_devices(s);
    sim_free(s);
}
