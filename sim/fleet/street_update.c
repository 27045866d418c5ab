/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Firmware updates in a street: who is told of one, who fetches it, who restarts for it. */
#include "devices/model.h"
#include "sim/fleet/street.h"
#include "sim/fleet/street_private.h"

void fleet_street_tell(fleet_street *s, uint32_t device, uint8_t offer) {
    if (s->notes[device].offer >= offer) return;
    s->notes[device].offer = offer;
    const fleet_gate *g = fleet_street_gate(s, device);
    g->door_kind->notify(g->door, s->shard.now, s->first_device + device);
}

const cloud_update *fleet_street_update(void *context, uint32_t device) {
    const fleet_street *s = context;
    const dev_profile *p = fleet_street_profile(s, device - s->first_device);
    uint8_t offer = s->notes[device - s->first_device].offer;
    if (offer == 0) return NULL;
    return cloud_update_for(s->shared->offers[offer - 1].updates, p->model->name);
}

bool fleet_street_commanded(void *context, uint32_t device) {
    const fleet_street *s = context;
    return fleet_street_profile(s, device - s->first_device)->updates;
}

/* From here on its attempts are those of the wave that the offer makes. */
void fleet_street_rebooting(void *context, dev_device *d) {
    fleet_street *s = context;
    fleet_device *note = &s->notes[d->index - s->first_device];
    if (note->offer == 0) return;
    fleet_restarts *restarts = &s->restarts[note->offer - 1];
    cloud_edge_trigger(&note->edge, s->shared->offers[note->offer - 1].trigger);
    if (dev_device_is_online(d)) restarts->devices++;
    restarts->first = sim_time_min(restarts->first, s->shard.now);
}

/* ---- what the drill does ---- */

typedef struct offer_order {
    sim_time over;
    uint8_t offer; /* number + 1 */
} offer_order;

static void offer_to(fleet_street *s, uint32_t device, void *with) {
    const offer_order *o = with;
    const dev_device *d = s->devices[device];
    if (d == NULL || d->update == NULL) return;
    if (o->over == 0) {
        fleet_street_tell(s, device, o->offer);
        return;
    }
    sim_event e = {.key = {.at = sim_time_add(s->shard.now,
                                              sim_stream_between(&d->update->stream, 0, o->over)),
                           .lane = SIM_LANE_TIMER,
                           .source = FLEET_STREET_SOURCE + s->shard.index,
                           .sequence = s->sequence++},
                   .kind = FLEET_EVENT_OFFER,
                   .target = device,
                   .payload = o->offer};
    int error = sim_shard_post(&s->shard, &e);
    if (error != 0) fleet_street_fail(s, error);
}

int fleet_street_offer(fleet_street *s, sim_time now, const fleet_selection *sel, uint32_t number,
                       sim_time over) {
    s->shard.now = sim_time_max(s->shard.now, now);
    offer_order o = {.over = over, .offer = (uint8_t)(number + 1)};
    return fleet_street_each(s, sel, NULL, offer_to, &o);
}

typedef struct firmware_count {
    uint32_t version;
    fleet_firmware *sum;
} firmware_count;

static void count_firmware(fleet_street *s, uint32_t device, void *with) {
    const firmware_count *c = with;
    const dev_device *d = s->devices[device];
    c->sum->devices++;
    if (d == NULL) { /* one of those that take no updates, and have the version that is made */
        c->sum->running += c->version == (uint32_t)DEV_UPDATE_FACTORY ? 1 : 0;
        return;
    }
    c->sum->running += dev_update_version(d) == c->version ? 1 : 0;
    c->sum->installs += d->update == NULL ? 0 : d->update->installs;
    c->sum->failures += dev_update_failures(d);
}

void fleet_street_firmware(const fleet_street *s, const fleet_selection *sel, uint32_t version,
                           fleet_firmware *out) {
    firmware_count c = {.version = version, .sum = out};
    /* Counts only: nothing of the street changes. */
    (void)fleet_street_each((fleet_street *)s, sel, NULL, count_firmware, &c);
}
