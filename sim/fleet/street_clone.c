/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clones: real DTLS sessions with the identity and key of a device, from another home and so from
 * another address. The built-in cloud takes whoever came last: the other one finds its requests
 * unanswered, comes back, and throws the first out. */
#include "devices/vitals.h"
#include "sim/core/heap.h"
#include "sim/fleet/street_private.h"

static int more_room(fleet_street *s) {
    fleet_clone **clones = sim_more(s->clones, s->clone_count, &s->clone_room, sizeof *clones);
    if (clones == NULL) return SIM_ENOMEM;
    s->clones = clones;
    return 0;
}

/* Somewhere else in the street, when there is somewhere else. */
static uint32_t another_home(const fleet_street *s, uint32_t original) {
    uint32_t home = original / s->per_home;
    if (s->home_count == 1) return home;
    uint64_t steps = sim_hash64(s->first_device + original) % (s->home_count - 1);
    return (uint32_t)((home + 1 + steps) % s->home_count);
}

int fleet_street_make_clone(fleet_street *s, uint32_t original, const dev_profile *profile,
                            uint32_t index, uint32_t home, fleet_clone **out) {
    int error = more_room(s);
    fleet_clone *clone = error == 0 ? sim_calloc(1, sizeof *clone) : NULL;
    void *state = clone == NULL ? NULL : sim_calloc(1, dev_model_state_room(profile->model));
    if (state == NULL) {
        sim_free(clone);
        return SIM_ENOMEM;
    }
    clone->place = s->clone_count;
    clone->original = original;
    dev_device_init(&clone->device, index, s->first_home + home, profile, s->shared->seed, state);
    s->clones[s->clone_count++] = *out = clone;
    if (!profile->metrics) return 0;
    clone->device.vitals = dev_vitals_new(s->shared->seed, index, true, profile->battery);
    return clone->device.vitals == NULL ? SIM_ENOMEM : 0;
}

static int make(fleet_street *s, uint32_t original, fleet_clone **out) {
    uint32_t index = s->first_device + original;
    int error = fleet_street_make_clone(s, original, fleet_street_profile(s, original),
                                        FLEET_CLONES + index, another_home(s, original), out);
    if (error == 0) s->notes[original].clone = s->clone_count;
    return error;
}

static int post(fleet_street *s, fleet_clone *clone, sim_time at, bool on) {
    sim_event e = {.key = {.at = at,
                           .lane = SIM_LANE_TIMER,
                           .source = clone->device.index,
                           .sequence = clone->device.sequence++},
                   .kind = FLEET_EVENT_CLONE,
                   .target = clone->place,
                   .payload = on};
    return at == SIM_NEVER ? 0 : sim_shard_post(&s->shard, &e);
}

int fleet_street_clone(fleet_street *s, uint32_t original, sim_time from, sim_time to) {
    fleet_clone *clone =
        s->notes[original].clone == 0 ? NULL : s->clones[s->notes[original].clone - 1];
    int error = clone == NULL ? make(s, original, &clone) : 0;
    if (error != 0) return error;
    clone->until = sim_time_max(clone->until, to);
    error = post(s, clone, sim_time_max(from, s->shard.now), true);
    return error != 0 ? error : post(s, clone, to, false);
}

/* Two orders for one original may overlap: it goes off with the later one. */
void fleet_street_on_clone(fleet_street *s, const sim_event *e) {
    fleet_clone *clone = s->clones[e->target];
    bool on = e->payload != 0;
    bool is_on = clone->device.state != DEV_STATE_OFF;
    if (on == is_on || (!on && s->shard.now < clone->until)) return;
    dev_device_power(&clone->device, &s->clone_world, &s->clone_counts, s->shard.now, on);
}

void fleet_street_free_clones(fleet_street *s) {
    for (uint32_t i = 0; i < s->clone_count; i++) {
        dev_device_deinit(&s->clones[i]->device);
        net_link_forget(&s->clones[i]->note.memory);
        sim_free(s->clones[i]->device.own);
        sim_free(s->clones[i]);
    }
    sim_free(s->clones);
    s->clones = NULL;
    s->clone_count = 0;
    s->clone_room = 0;
}
