/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clones: real DTLS sessions with the identity and key of a device, from another home and so from
 * another address. The built-in cloud takes whoever came last: the other one finds its requests
 * unanswered, comes back, and throws the first out. */
#include "devices/vitals.h"
#include "sim/core/heap.h"
#include "sim/fleet/street_private.h"

static int more_room(fleet_street *s) {
    fleet_clone **twins = sim_more(s->twins, s->twin_count, &s->twin_room, sizeof *twins);
    if (twins == NULL) return SIM_ENOMEM;
    s->twins = twins;
    return 0;
}

/* Somewhere else in the street, when there is somewhere else. */
static uint32_t another_home(const fleet_street *s, uint32_t original) {
    uint32_t home = original / s->per_home;
    if (s->home_count == 1) return home;
    uint64_t steps = sim_hash64(s->first_device + original) % (s->home_count - 1);
    return (uint32_t)((home + 1 + steps) % s->home_count);
}

static int make(fleet_street *s, uint32_t original, fleet_clone **out) {
    const dev_device *d = &s->devices[original];
    int error = more_room(s);
    fleet_clone *twin = error == 0 ? sim_calloc(1, sizeof *twin) : NULL;
    if (twin == NULL) return SIM_ENOMEM;
    void *state = sim_calloc(1, dev_model_state_room(d->profile->model));
    if (state == NULL) {
        sim_free(twin);
        return SIM_ENOMEM;
    }
    twin->place = s->twin_count;
    twin->original = original;
    dev_device_init(&twin->device, FLEET_CLONES + d->index,
                    s->first_home + another_home(s, original), d->profile, s->commons->seed, state);
    if (d->profile->metrics) {
        twin->device.vitals =
            dev_vitals_new(s->commons->seed, twin->device.index, true, d->profile->battery);
        if (twin->device.vitals == NULL) {
            sim_free(state);
            sim_free(twin);
            return SIM_ENOMEM;
        }
    }
    s->twins[s->twin_count++] = *out = twin;
    s->notes[original].twin = s->twin_count;
    return 0;
}

static int post(fleet_street *s, fleet_clone *twin, sim_time at, bool on) {
    sim_event e = {.key = {.at = at,
                           .lane = SIM_LANE_TIMER,
                           .source = twin->device.index,
                           .sequence = twin->device.sequence++},
                   .kind = FLEET_EVENT_TWIN,
                   .target = twin->place,
                   .payload = on};
    return at == SIM_NEVER ? 0 : sim_shard_post(&s->shard, &e);
}

int fleet_street_clone(fleet_street *s, uint32_t original, sim_time from, sim_time to) {
    fleet_clone *twin = s->notes[original].twin == 0 ? NULL : s->twins[s->notes[original].twin - 1];
    int error = twin == NULL ? make(s, original, &twin) : 0;
    if (error != 0) return error;
    twin->until = sim_time_max(twin->until, to);
    error = post(s, twin, sim_time_max(from, s->shard.now), true);
    return error != 0 ? error : post(s, twin, to, false);
}

/* Two orders for one original may overlap: it goes off with the later one. */
void fleet_street_on_twin(fleet_street *s, const sim_event *e) {
    fleet_clone *twin = s->twins[e->target];
    bool on = e->payload != 0;
    bool is_on = twin->device.state != DEV_STATE_OFF;
    if (on == is_on || (!on && s->shard.now < twin->until)) return;
    dev_device_power(&twin->device, &s->twin_world, &s->twin_counts, s->shard.now, on);
}

void fleet_street_free_twins(fleet_street *s) {
    for (uint32_t i = 0; i < s->twin_count; i++) {
        dev_device_deinit(&s->twins[i]->device);
        net_link_forget(&s->twins[i]->note.memory);
        sim_free(s->twins[i]->device.own);
        sim_free(s->twins[i]);
    }
    sim_free(s->twins);
    s->twins = NULL;
    s->twin_count = 0;
    s->twin_room = 0;
}
