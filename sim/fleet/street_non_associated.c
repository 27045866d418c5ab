/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What devices of a street have to do with a service that is not their maker's (EN 303 645 Annex A:
 * a non-associated service): the films of a television, the music of a speaker. It is real traffic
 * by the same radio, uplink and backhaul, to doors of that service's own; and it is nobody's
 * attempt, session or report of the makers' cloud. What is counted of it is counted apart. */
#include "devices/life.h"
#include "devices/model.h"
#include "sim/core/heap.h"
#include "sim/fleet/street_private.h"

/* ---- what such a device is there ---- */

typedef struct app_state {
    uint32_t titles; /* played, since it was switched on first */
} app_state;

static void app_init(void *state, sim_stream *draw, sim_stream people) {
    (void)draw, (void)people;
    *(app_state *)state = (app_state){0};
}

static sim_time app_local(dev_step *s) {
    (void)s;
    return SIM_NEVER;
}

static void app_measure(dev_step *s, net_senml_pack *pack) {
    app_state *app = s->device->own;
    pack->records[0] = (net_senml_record){.name = "titles", .value = app->titles++};
    pack->count = 1;
}

const dev_model fleet_non_associated_model = {
    .name = "app",
    .title = "what a device is at a service that is not its maker's",
    .life = &dev_life_always_on,
    .state_size = sizeof(app_state),
    .report_every = SIM_MINUTE,
    .init = app_init,
    .local = app_local,
    .measure = app_measure,
};

const char *fleet_non_associated_wrong(const dev_profile *profile) {
    if (!profile->model->life->sleeps) return NULL;
    return "it sleeps between two reports, and talks to nobody but its cloud: leave "
           "non_associated out";
}

/* ---- made ---- */

static double wants_nothing(void *context, uint32_t device) {
    (void)context, (void)device;
    return 0;
}

static const cloud_service_calls service_calls = {.desired = wants_nothing};
static const cloud_observer nobody = {0};

static int build_gate(fleet_street *s, const net_protocol_settings *link) {
    const net_security *kind = s->shared->secure ? link->security : NULL;
    uint32_t number = kind != NULL ? 1 : 0;
    fleet_gate *g = &s->other_gates[number];
    if (g->street != NULL) return 0;
    *g =
        (fleet_gate){.number = FLEET_OTHER_GATE + number, .protocol = link->protocol, .kind = kind};
    return fleet_street_build_gate(s, g, &s->other_service);
}

int fleet_street_build_others(fleet_street *s) {
    int error = 0;
    if (s->shared->real || fleet_zone_any(s->zone, fleet_group_strays, NULL) == NULL) return 0;
    s->others = sim_calloc(s->device_count, sizeof *s->others);
    if (s->others == NULL) return SIM_ENOMEM;
    cloud_service_init(&s->other_service, s->shared->spec->cloud.max_age_s, 0, &service_calls,
                       &nobody, s);
    for (uint32_t g = 0; g < s->zone->group_count && error == 0; g++)
        if (fleet_group_strays(&s->zone->groups[g], NULL))
            error = build_gate(s, &s->zone->groups[g].non_associated.link);
    return error;
}

/* Its group, where it talks to that service at all. */
static const dev_profile *profile_of(const fleet_street *s, uint32_t local) {
    if (s->others == NULL) return NULL;
    const fleet_group *group = fleet_street_group(s, local);
    return fleet_group_strays(group, NULL) ? &group->non_associated : NULL;
}

/* What it is there; NULL: nothing, or it never had power. */
static fleet_clone *other_of(const fleet_street *s, uint32_t local) {
    if (s->others == NULL || s->others[local] == 0) return NULL;
    return s->clones[s->others[local] - 1];
}

static int make(fleet_street *s, uint32_t local, const dev_profile *profile) {
    fleet_clone *other;
    int error =
        fleet_street_make_clone(s, local, profile, FLEET_NON_ASSOCIATED + s->first_device + local,
                                local / s->per_home, &other);
    if (error != 0) return error;
    other->non_associated = true;
    s->others[local] = s->clone_count;
    return 0;
}

/* ---- power and way ---- */

static bool is_able(dev_state state) {
    return state != DEV_STATE_OFF && state != DEV_STATE_BOOTING;
}

/* In the middle of a device's own change nothing is done to another. */
static void post(fleet_street *s, uint32_t local, fleet_other_turn turn) {
    int error = fleet_street_post(s, s->shard.now, FLEET_EVENT_OTHER, local, turn);
    if (error != 0) fleet_street_fail(s, error);
}

void fleet_street_other_powered(fleet_street *s, uint32_t local) {
    if (profile_of(s, local) != NULL) post(s, local, FLEET_OTHER_POWER);
}

void fleet_street_other_link(fleet_street *s, uint32_t local, bool up) {
    fleet_clone *other = other_of(s, local);
    if (other != NULL)
        dev_device_link(&other->device, &s->other_world, &s->clone_counts, s->shard.now, up);
}

static int switch_with(fleet_street *s, uint32_t local) {
    const dev_profile *profile = profile_of(s, local);
    bool on = is_able(fleet_street_state(s, local));
    if (profile == NULL) return 0;
    int error = on && other_of(s, local) == NULL ? make(s, local, profile) : 0;
    fleet_clone *other = other_of(s, local);
    if (error != 0 || other == NULL || on == (other->device.state != DEV_STATE_OFF)) return error;
    dev_device_power(&other->device, &s->other_world, &s->clone_counts, s->shard.now, on);
    return s->error;
}

/* A device whose two sessions are one to it loses that with its cloud as well, and comes again. */
static int drop_both(fleet_street *s, uint32_t local) {
    dev_state state = fleet_street_state(s, local);
    if (!is_able(state) || state == DEV_STATE_WAITING_FOR_LINK) return 0;
    fleet_street_tell_link(s, local, false);
    if (fleet_street_reaches(s, local)) fleet_street_tell_link(s, local, true);
    return s->error;
}

int fleet_street_on_other(fleet_street *s, const sim_event *e) {
    return e->payload == FLEET_OTHER_LOST ? drop_both(s, e->target) : switch_with(s, e->target);
}

/* ---- the service ---- */

uint64_t fleet_street_others_online(const fleet_street *s, const fleet_selection *sel) {
    (void)sel;
    return s->sums.other_online;
}

/* Who comes to the makers' cloud from now on comes for that reason, unless there is a later one. */
int fleet_street_other_outage(fleet_street *s, sim_time until, uint8_t trigger) {
    for (uint32_t i = 0; s->others != NULL && i < s->device_count; i++) {
        const fleet_clone *other = other_of(s, i);
        if (other != NULL && dev_device_is_online(&other->device))
            cloud_edge_trigger(&s->notes[i].edge, trigger);
    }
    s->other_until = sim_time_max(s->other_until, until);
    for (uint32_t g = 0; g < FLEET_OTHER_GATES; g++)
        if (s->other_gates[g].door != NULL)
            s->other_gates[g].door_kind->forget(s->other_gates[g].door, s->shard.now, true);
    return s->error;
}

int fleet_street_at_other(fleet_street *s, fleet_packet *p) {
    fleet_gate *g = fleet_street_gate(s, p->device);
    net_address from = net_address_virtual(fleet_street_device(s, p->device)->index, p->connection);
    fleet_street_capture(s, s->shard.now, FLEET_CAPTURED_UP, &from, p->data, p->size);
    int error = 0;
    if (s->shard.now < s->other_until) {
        s->ledger.dropped_down++;
        fleet_trace_lost(s, p, "the service that is not its maker's is gone");
    } else {
        s->ledger.delivered++;
        sim_fingerprint_bytes(&s->shard.fingerprint, p->data, p->size);
        error =
            g->door_kind->input(g->door, s->shard.now, &from, p->data, p->size, CLOUD_FATE_ADMIT);
    }
    fleet_street_packet_end(s, p);
    return error != 0 ? error : s->error;
}

/* ---- the world of a device there ---- */

static uint32_t local_of(const fleet_street *s, const dev_device *d) {
    return d->index - FLEET_NON_ASSOCIATED - s->first_device;
}

static bool link_is_up(void *context, const dev_device *d) {
    const fleet_street *s = context;
    return fleet_street_reaches(s, local_of(s, d));
}

static void connecting(void *context, dev_device *d) {
    fleet_street *s = context;
    (void)d;
    s->sums.other_attempts++;
}

static void state_changed(void *context, dev_device *d, dev_state from, dev_state to) {
    fleet_street *s = context;
    uint32_t local = local_of(s, d);
    bool was = dev_state_is_online(from), is = dev_state_is_online(to);
    fleet_trace_state(s, fleet_street_number(s, d->index), from, to);
    if (is && !was) s->sums.other_online++;
    if (!was || is) return;
    s->sums.other_online--;
    if (to == DEV_STATE_OFF) return;
    s->sums.other_lost++;
    bool tells = fleet_street_profile(s, local)->variant == DEV_VARIANT_DROPS_BOTH;
    if (tells && to == DEV_STATE_WAITING_FOR_ATTEMPT) post(s, local, FLEET_OTHER_LOST);
}

static void failed(void *context, dev_device *d, dev_event reason, net_end why,
                   const net_answer *answer) {
    (void)answer;
    fleet_trace_failed(context, fleet_street_number(context, d->index), reason, why);
}

dev_world fleet_street_make_other_world(fleet_street *s) {
    dev_world w = fleet_street_make_clone_world(s);
    w.link_is_up = link_is_up;
    w.connecting = connecting;
    w.state_changed = state_changed;
    w.attempt_failed = failed;
    return w;
}

dev_other fleet_street_other(void *context, const dev_device *d) {
    const fleet_street *s = context;
    uint32_t local = d->index - s->first_device;
    if (profile_of(s, local) == NULL) return DEV_OTHER_NONE;
    const fleet_clone *other = other_of(s, local);
    if (s->shard.now < s->other_until) return DEV_OTHER_GONE;
    return other != NULL && dev_device_is_online(&other->device) ? DEV_OTHER_HERE : DEV_OTHER_AWAY;
}
