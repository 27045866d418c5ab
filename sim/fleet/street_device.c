/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The devices of a street, and those that are none yet: a device is made from (seed, number, kind)
 * when it has power for the first time. Until then it is off, and hears of nothing. */
#include "devices/model.h"
#include "devices/vitals.h"
#include "sim/core/heap.h"
#include "sim/fleet/street_account.h"
#include "sim/fleet/street_private.h"

/* A device, and its model's state behind it. */
typedef struct made {
    dev_device device; /* first: a pointer to it is one to all of it */
    max_align_t state[];
} made;

const fleet_group *fleet_street_group(const fleet_street *s, uint32_t local) {
    uint32_t place = local % s->per_home, g = 0;
    while (place >= s->zone->groups[g].per_home) place -= s->zone->groups[g++].per_home;
    return &s->zone->groups[g];
}

static void begin(const fleet_street *s, uint32_t local, dev_device *d, void *state) {
    dev_device_init(d, s->first_device + local, s->first_home + local / s->per_home,
                    fleet_street_profile(s, local), s->shared->seed, state);
    d->sequence++; /* of the event that switches it on */
}

static int add_vitals(const fleet_street *s, dev_device *d) {
    if (!d->profile->metrics) return 0;
    d->vitals = dev_vitals_new(s->shared->seed, d->index, true, d->profile->battery);
    return d->vitals == NULL ? SIM_ENOMEM : 0;
}

dev_device *fleet_street_made(fleet_street *s, uint32_t local) {
    if (s->devices[local] != NULL) return s->devices[local];
    const dev_profile *p = fleet_street_profile(s, local);
    made *m = sim_calloc(1, sizeof *m + dev_model_state_room(p->model));
    if (m != NULL) {
        begin(s, local, &m->device, m->state);
        s->devices[local] = &m->device;
        if (p->updates) dev_update_init(&s->updates[local], &m->device, s->shared->seed);
    }
    int error = m == NULL ? SIM_ENOMEM : add_vitals(s, &m->device);
    if (error != 0) fleet_street_fail(s, error);
    return error == 0 ? &m->device : NULL;
}

/* A device as it would be made, for a look at it. */
typedef struct sample {
    dev_device device;
    max_align_t state[DEV_OFF_BUDGET / sizeof(max_align_t) + 1];
} sample;

static void sample_of(const fleet_street *s, uint32_t local, sample *out) {
    SIM_PROMISE(dev_model_state_room(fleet_street_profile(s, local)->model) <= sizeof out->state);
    begin(s, local, &out->device, out->state);
}

/* In the real world bytes may come for anybody; an offer is told to whoever takes updates; and what
 * a device knows of itself it knows from its first day. */
static bool is_there_from_the_start(const fleet_street *s, uint32_t local) {
    const dev_profile *p = fleet_street_profile(s, local);
    return s->shared->real || p->updates || p->metrics;
}

int fleet_street_build_devices(fleet_street *s) {
    for (uint32_t i = 0; i < s->device_count; i++) {
        const dev_model *m = fleet_street_profile(s, i)->model;
        sample now;
        if (is_there_from_the_start(s, i) && fleet_street_made(s, i) == NULL) return s->error;
        if (m->setting == NULL) continue;
        sample_of(s, i, &now);
        s->notes[i].desired = (float)m->setting(now.device.own, "set-point");
    }
    return 0;
}

void fleet_street_free_devices(fleet_street *s) {
    for (uint32_t i = 0; s->devices != NULL && i < s->device_count; i++) sim_free(s->devices[i]);
    sim_free(s->devices);
    s->devices = NULL;
}

/* ---- what a device hears, if it is one ---- */

static void ignore(fleet_street *s, dev_event event) {
    s->sums.devices.ignored[DEV_STATE_OFF][event]++;
}

void fleet_street_tell_link(fleet_street *s, uint32_t local, bool up) {
    dev_device *d = s->devices[local];
    if (d == NULL)
        ignore(s, up ? DEV_EVENT_LINK_UP : DEV_EVENT_LINK_DOWN);
    else
        dev_device_link(d, &s->world, &s->sums.devices, s->shard.now, up);
}

void fleet_street_tell_power(fleet_street *s, uint32_t local, bool on) {
    dev_device *d = on ? fleet_street_made(s, local) : s->devices[local];
    if (d != NULL)
        dev_device_power(d, &s->world, &s->sums.devices, s->shard.now, on);
    else if (!on)
        ignore(s, DEV_EVENT_POWER_OFF);
}

/* A room is warm or cold whether or not its thermostat ever had power. */
void fleet_street_local_end(const fleet_street *s, sim_time end, dev_counts *into) {
    for (uint32_t i = 0; i < s->device_count; i++) {
        sample never_on;
        const dev_device *d = s->devices[i];
        if (d == NULL && fleet_street_profile(s, i)->model->kept == NULL) continue;
        if (d == NULL) sample_of(s, i, &never_on);
        dev_device_local_end(d == NULL ? &never_on.device : d, into, end);
    }
}
