/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a street is made from (seed, spec, number), and unmade. */
#include <string.h>

#include "devices/model.h"
#include "devices/vitals.h"
#include "sim/core/heap.h"
#include "sim/fleet/street_private.h"

static const fleet_group *group_of(const fleet_zone *zone, uint32_t place) {
    for (uint32_t g = 0; g < zone->group_count; g++) {
        if (place < zone->groups[g].per_home) return &zone->groups[g];
        place -= zone->groups[g].per_home;
    }
    SIM_PROMISE(false);
    return NULL;
}

static void build_home(fleet_street *s, uint32_t i) {
    fleet_home *h = &s->homes[i];
    uint64_t id = s->first_home + i;
    h->stream = sim_stream_for(s->commons->seed, SIM_PURPOSE_HOME, id);
    h->powered = h->link_up = true;
    for (int way = 0; way < FLEET_WAYS; way++) {
        sim_stream stream =
            sim_stream_for(s->commons->seed, SIM_PURPOSE_HOP, 2 * id + (uint64_t)way);
        net_hop_init(&h->uplink[way], &s->zone->uplink, stream);
    }
}

/* Where the own state of the device at a place of a home begins, in bytes; of the place behind the
 * last: what a home takes. */
static size_t state_offset(const fleet_zone *zone, uint32_t place) {
    size_t bytes = 0;
    for (uint32_t g = 0; g < zone->group_count; g++) {
        uint32_t n = zone->groups[g].per_home < place ? zone->groups[g].per_home : place;
        bytes += n * dev_model_state_room(zone->groups[g].profile.model);
        place -= n;
    }
    return bytes;
}

static void *own_state(fleet_street *s, uint32_t i) {
    size_t home = state_offset(s->zone, s->per_home);
    return s->states + i / s->per_home * home + state_offset(s->zone, i % s->per_home);
}

static int build_device(fleet_street *s, uint32_t i) {
    uint32_t per_home = s->per_home;
    dev_device *d = &s->devices[i];
    const fleet_group *group = group_of(s->zone, i % per_home);
    uint32_t index = s->first_device + i;
    const dev_model *model = group->profile.model;
    dev_device_init(d, index, s->first_home + i / per_home, &group->profile, s->commons->seed,
                    own_state(s, i));
    if (model->setting != NULL) s->notes[i].desired = (float)model->setting(d->own, "set-point");
    if (group->profile.metrics) {
        d->vitals = dev_vitals_new(s->commons->seed, index, true, group->profile.battery);
        if (d->vitals == NULL) return SIM_ENOMEM;
    }
    if (group->profile.updates) dev_update_init(&s->updates[i], d, s->commons->seed);
    /* A stream of its own, so that the span of the start shifts none of the device's draws. */
    sim_stream start = sim_stream_for(s->commons->seed, SIM_PURPOSE_START, index);
    sim_event e = {.key = {.at = sim_stream_between(&start, 0, s->zone->start_over),
                           .lane = SIM_LANE_TIMER,
                           .source = index,
                           .sequence = d->sequence++},
                   .kind = FLEET_EVENT_SWITCH_ON,
                   .target = i};
    return sim_shard_post(&s->shard, &e);
}

/* The cloud's door for a protocol, plain and secured. */
static const struct {
    const net_protocol *protocol;
    const cloud_door_kind *plain, *secured;
} doors[] = {{&net_protocol_coap, &cloud_door_coap, &cloud_door_coaps},
             {&net_protocol_mqtt, &cloud_door_mqtt_tcp, NULL}};

static const cloud_door_kind *door_for(const net_protocol *protocol, bool secured) {
    const cloud_door_kind *found = NULL;
    for (size_t i = 0; i < sizeof doors / sizeof *doors; i++) {
        if (doors[i].protocol == protocol) found = secured ? doors[i].secured : doors[i].plain;
    }
    SIM_PROMISE(found != NULL);
    return found;
}

static int build_net(fleet_street *s) {
    const fleet_shared *c = s->commons;
    for (int way = 0; way < FLEET_WAYS; way++) {
        uint64_t id =
            /* above all homes */
            UINT64_C(1) << 32 | (2 * (uint64_t)s->shard.index + (uint64_t)way);
        net_hop_init(&s->backhaul[way], &s->zone->backhaul,
                     sim_stream_for(c->seed, SIM_PURPOSE_HOP, id));
    }
    s->kernel = net_vkernel_new();
    if (s->kernel == NULL) return SIM_ENOMEM;
    const net_protocol *protocol = s->zone->groups[0].profile.link.protocol;
    if (c->secure && protocol->security != NULL) {
        s->security = net_security_domain_new(protocol->security);
        if (s->security == NULL) return SIM_ENOMEM;
    }
    s->door_kind = door_for(protocol, s->security != NULL);
    if (c->real) return 0;
    cloud_service_init(&s->service, c->spec->cloud.max_age_s, c->spec->close_after,
                       &fleet_street_service_calls, &fleet_street_observer, s);
    cloud_door_settings settings = {
        .peers_maximum = 4 * s->device_count + 64, .seed = c->seed, .number = s->shard.index};
    for (uint32_t g = 0; g < s->zone->group_count && g < CLOUD_DOOR_TOPICS_MAX; g++) {
        settings.report_topics[g] = s->zone->groups[g].profile.link.report_topic;
    }
    s->door = s->door_kind->make(&settings, s->kernel, &s->service, &fleet_street_door_calls, s);
    return s->door == NULL ? SIM_ENOMEM : 0;
}

static int build_arrays(fleet_street *s) {
    s->homes = sim_calloc(s->home_count, sizeof *s->homes);
    s->devices = sim_calloc(s->device_count, sizeof *s->devices);
    s->notes = sim_calloc(s->device_count, sizeof *s->notes);
    s->states = sim_calloc(s->home_count, state_offset(s->zone, s->per_home));
    if (fleet_zone_updates(s->zone)) s->updates = sim_calloc(s->device_count, sizeof *s->updates);
    if (fleet_zone_updates(s->zone) && s->updates == NULL) return SIM_ENOMEM;
    bool all = s->homes != NULL && s->devices != NULL && s->notes != NULL && s->states != NULL;
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

int fleet_street_init(fleet_street *s, const fleet_shared *commons, uint32_t index,
                      uint32_t zone_number, uint32_t number, uint32_t first_home,
                      uint32_t first_device) {
    *s = (fleet_street){.commons = commons,
                        .zone = &commons->spec->zones[zone_number],
                        .zone_number = zone_number,
                        .number = number,
                        .first_home = first_home,
                        .first_device = first_device};
    s->home_count = fleet_street_homes(s->zone, number);
    s->per_home = fleet_zone_per_home(s->zone);
    SIM_PROMISE(s->per_home > 0);
    s->device_count = s->home_count * s->per_home;
    sim_shard_init(&s->shard, index, fleet_street_handle, s);
    sim_queue_init(&s->arrivals);
    cloud_edge_init(&s->edge);
    for (uint32_t i = 0; i < FLEET_OFFERS_MAX; i++) s->restarts[i].first = SIM_NEVER;
    sim_histogram_init(&s->request_latency);
    sim_histogram_init(&s->request_never);
    sim_histogram_init(&s->connect_latency);
    sim_histogram_init(&s->change_latency);
    int error = build_arrays(s);
    if (error == 0) error = build_net(s);
    if (error != 0) {
        fleet_street_deinit(s);
        return error;
    }
    s->world = fleet_street_make_world(s);
    s->twin_world = fleet_street_make_twin_world(s);
    for (uint32_t i = 0; i < s->home_count; i++) build_home(s, i);
    for (uint32_t i = 0; i < s->device_count && error == 0; i++) error = build_device(s, i);
    if (error == 0) error = fleet_watch_init(s);
    if (error != 0) fleet_street_deinit(s);
    return error;
}

void fleet_street_deinit(fleet_street *s) {
    if (s->devices != NULL) {
        for (uint32_t i = 0; i < s->device_count; i++) dev_device_deinit(&s->devices[i]);
    }
    examine_watch_free(s->sight.watch);
    s->sight.watch = NULL; /* the service would tell it of each session that ends */
    fleet_street_free_twins(s);
    cloud_door_free(s->door);
    net_security_domain_free(s->security);
    net_vkernel_free(s->kernel);
    fleet_street_free_packets(&s->shard.queue);
    fleet_street_free_packets(&s->arrivals);
    sim_shard_deinit(&s->shard);
    sim_queue_deinit(&s->arrivals);
    cloud_edge_deinit(&s->edge);
    sim_histogram_deinit(&s->request_latency);
    sim_histogram_deinit(&s->request_never);
    sim_histogram_deinit(&s->connect_latency);
    sim_histogram_deinit(&s->change_latency);
    fleet_tape_deinit(&s->capture);
    fleet_tape_deinit(&s->trace);
    sim_free(s->homes);
    sim_free(s->devices);
    sim_free(s->notes);
    sim_free(s->states);
    sim_free(s->updates);
    sim_free(s->members);
    memset(s, 0, sizeof *s);
}
