/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a drill does to a street. All of it happens at the border between two windows: every earlier
 * event has been handled and no later one. */
#include <stdio.h>
#include <string.h>

#include "devices/anomaly.h"
#include "devices/life.h"
#include "devices/model.h"
#include "devices/vitals.h"
#include "sim/fleet/fault.h"
#include "sim/fleet/street.h"
#include "sim/fleet/street_private.h"

/* ---- selections ---- */

static bool share_holds(const fleet_street *s, const fleet_filter *f, uint64_t id) {
    sim_stream stream =
        sim_stream_for(s->shared->seed, SIM_PURPOSE_SELECTION, (uint64_t)f->number << 32 | id);
    return sim_stream_unit(&stream) < f->share;
}

/* Whether a zone's homes are among those that a filter means; filters of other things hold. */
static bool zone_fits(const fleet_street *s, const fleet_filter *f) {
    const fleet_zone *z = s->zone;
    if (f->kind == FLEET_FILTER_FEED)
        return fleet_feed_hangs(&s->shared->spec->feeds, z->feed, f->number);
    if (f->kind == FLEET_FILTER_ISP)
        return strcmp(z->isp, f->text) == 0 || strcmp(z->mobile_isp, f->text) == 0;
    return f->kind != FLEET_FILTER_REGION || strcmp(z->region, f->text) == 0;
}

static bool street_fits(const fleet_street *s, const fleet_selection *sel) {
    if (sel->zone != UINT32_MAX && sel->zone != s->zone_number) return false;
    for (uint32_t i = 0; i < sel->filter_count; i++) {
        const fleet_filter *f = &sel->filters[i];
        if (f->kind == FLEET_FILTER_STREET && f->number != s->number) return false;
        if (!zone_fits(s, f)) return false;
    }
    return true;
}

static bool device_fits(const fleet_street *s, const fleet_selection *sel, uint32_t local) {
    const fleet_group *g = sel->filter_count == 0 ? NULL : fleet_street_group(s, local);
    for (uint32_t i = 0; i < sel->filter_count; i++) {
        const fleet_filter *f = &sel->filters[i];
        if (f->kind == FLEET_FILTER_DEVICE_SHARE && !share_holds(s, f, s->first_device + local))
            return false;
        if (f->kind == FLEET_FILTER_MODEL && strcmp(f->text, g->profile.model->name) != 0)
            return false;
        if (f->kind == FLEET_FILTER_POWER && g->profile.battery != (f->number == 1)) return false;
        if (f->kind == FLEET_FILTER_NAME && strcmp(f->text, g->name) != 0) return false;
    }
    return true;
}

bool fleet_selection_has_devices(const fleet_selection *sel) {
    for (uint32_t i = 0; i < sel->filter_count; i++) {
        int kind = (int)sel->filters[i].kind;
        if (kind == FLEET_FILTER_DEVICE_SHARE || kind == FLEET_FILTER_MODEL ||
            kind == FLEET_FILTER_POWER || kind == FLEET_FILTER_NAME)
            return true;
    }
    return false;
}

/* A home with at least one device that fits. */
static bool home_fits(const fleet_street *s, const fleet_selection *sel, uint32_t home) {
    uint32_t per_home = s->device_count / s->home_count;
    for (uint32_t i = 0; i < sel->filter_count; i++) {
        const fleet_filter *f = &sel->filters[i];
        if (f->kind == FLEET_FILTER_HOME_SHARE && !share_holds(s, f, s->first_home + home))
            return false;
    }
    for (uint32_t i = home * per_home; i < (home + 1) * per_home; i++) {
        if (device_fits(s, sel, i)) return true;
    }
    return false;
}

int fleet_street_each(fleet_street *s, const fleet_selection *sel, fleet_home_verb *on_home,
                      fleet_device_verb *on_device, void *with) {
    uint32_t per_home = s->per_home;
    if (!street_fits(s, sel)) return 0;
    for (uint32_t home = 0; home < s->home_count; home++) {
        if (!home_fits(s, sel, home)) continue;
        int error = on_home == NULL ? 0 : on_home(s, home, with);
        if (error != 0) return error;
        for (uint32_t i = home * per_home; on_device != NULL && i < (home + 1) * per_home; i++) {
            if (device_fits(s, sel, i)) on_device(s, i, with);
        }
    }
    return s->error;
}

typedef struct selection_sums {
    const fleet_selection *sel;
    bool power; /* counted as struck is who waits for power, else who waits for the network */
    uint64_t homes, devices, struck;
    uint32_t last_home; /* + 1 */
} selection_sums;

static const fleet_home *home_of(const fleet_street *s, uint32_t device) {
    return &s->homes[device / s->per_home];
}

/* The mains is off where it needs it: at the device, or for one that has power of its own at what
 * carries it. */
static bool lacks_power(const fleet_street *s, uint32_t device) {
    uint32_t hub = fleet_street_hub_of(s, device);
    if (!fleet_street_lives_on(s, device) && s->notes[device].unpowered) return true;
    if (hub != FLEET_NO_HUB && s->notes[hub].unpowered) return true;
    if (!fleet_street_by_router(s, device)) return !home_of(s, device)->mast_up;
    return fleet_street_lives_on(s, device) && !home_of(s, device)->powered;
}

/* Was online when the fault came, and waits for what the fault took. */
static bool waits(const fleet_street *s, uint32_t device, bool power) {
    const fleet_home *home = home_of(s, device);
    bool cut = fleet_street_by_router(s, device) ? home->cut : home->cell_cut;
    return (power ? lacks_power(s, device) : cut) && s->notes[device].struck &&
           !fleet_street_is_online(s, device);
}

/* A hub that was picked without its children struck them, too. */
static uint64_t children_struck(const fleet_street *s, const selection_sums *t, uint32_t hub) {
    uint64_t struck = 0;
    uint32_t home = hub / s->per_home;
    if (!fleet_street_is_hub(s, hub)) return 0;
    for (uint32_t i = home * s->per_home; i < (home + 1) * s->per_home; i++) {
        bool alone = fleet_street_hub_of(s, i) == hub && !device_fits(s, t->sel, i);
        struck += alone && waits(s, i, t->power);
    }
    return struck;
}

static void count_device(fleet_street *s, uint32_t device, void *with) {
    selection_sums *t = with;
    t->devices++;
    t->struck += waits(s, device, t->power) + children_struck(s, t, device);
    uint32_t home = device / s->per_home;
    if (t->last_home != home + 1) t->homes++;
    t->last_home = home + 1;
}

static selection_sums count_all(const fleet_street *s, const fleet_selection *sel, bool power) {
    selection_sums t = {.sel = sel, .power = power};
    /* counts only: nothing of the street changes */
    (void)fleet_street_each((fleet_street *)s, sel, NULL, count_device, &t);
    return t;
}

void fleet_street_count(const fleet_street *s, const fleet_selection *sel, uint64_t *homes,
                        uint64_t *devices) {
    selection_sums t = count_all(s, sel, true);
    *homes = t.homes;
    *devices = t.devices;
}

typedef struct pick_list {
    uint32_t *at;
    uint32_t count;
} pick_list;

static void pick_device(fleet_street *s, uint32_t device, void *with) {
    pick_list *l = with;
    (void)s;
    l->at[l->count++] = device;
}

uint32_t fleet_street_pick(const fleet_street *s, const fleet_selection *sel, uint32_t *out) {
    pick_list l = {.at = out};
    (void)fleet_street_each((fleet_street *)s, sel, NULL, pick_device, &l); /* as in count_all */
    return l.count;
}

uint64_t fleet_street_struck(const fleet_street *s, const fleet_selection *sel, bool power) {
    return count_all(s, sel, power).struck;
}

/* ---- what faults have in common ---- */

/* A device that was online when the fault came is struck; coming back, it begins a new count under
 * the trigger. Only who had lost something comes back: the rest of a selection goes on under its
 * old trigger. */
void fleet_street_mark(fleet_street *s, uint32_t device, bool on, uint8_t trigger) {
    if (on) {
        s->notes[device].struck = false;
        cloud_edge_trigger(&s->notes[device].edge, trigger);
    } else if (fleet_street_is_online(s, device)) {
        s->notes[device].struck = true;
    }
}

void fleet_street_comes_after(fleet_street *s, uint32_t device, uint8_t trigger) {
    if (fleet_street_is_online(s, device)) cloud_edge_trigger(&s->notes[device].edge, trigger);
}

typedef struct online_count {
    bool by_router; /* those alone */
    uint64_t online;
} online_count;

static int home_online(fleet_street *s, uint32_t home, void *with) {
    online_count *c = with;
    for (uint32_t i = home * s->per_home; i < (home + 1) * s->per_home; i++) {
        bool counts = !c->by_router || fleet_street_by_router(s, i);
        c->online += counts && fleet_street_is_online(s, i);
    }
    return 0;
}

uint64_t fleet_street_online(const fleet_street *s, const fleet_selection *sel) {
    online_count c = {.by_router = false};
    (void)fleet_street_each((fleet_street *)s, sel, home_online, NULL, &c); /* counts only */
    return c.online;
}

uint64_t fleet_street_online_by_router(const fleet_street *s, const fleet_selection *sel) {
    online_count c = {.by_router = true};
    (void)fleet_street_each((fleet_street *)s, sel, home_online, NULL, &c); /* likewise */
    return c.online;
}

int fleet_street_strike(fleet_street *s, sim_time now, const fleet_fault *fault,
                        const fleet_selection *sel, const void *order, uint8_t trigger) {
    /* in the real world a datagram may have brought it further */
    s->shard.now = sim_time_max(s->shard.now, now);
    return fault->street(s, sel, order, trigger);
}

/* ---- misbehaviour ---- */

/* A device that tells no vitals has them from now on, so that there is a place for the order. */
static int want_vitals(const fleet_street *s, dev_device *d) {
    if (d->vitals != NULL) return 0;
    d->vitals = dev_vitals_new(s->shared->seed, d->index, false, d->profile->battery);
    if (d->vitals == NULL) return SIM_ENOMEM;
    d->vitals->since = s->shard.now;
    d->vitals->powered = d->state != DEV_STATE_OFF;
    return 0;
}

const char *fleet_street_lacks(const fleet_street *s, uint32_t device, record_anomaly kind,
                               char *why, size_t size) {
    const dev_profile *p = fleet_street_profile(s, device);
    const char *lacks = dev_anomaly_lacks(kind, p);
    if (lacks == NULL) return NULL;
    (void)snprintf(why, size, "the %s of '%s' %s", p->model->name, s->zone->name, lacks);
    return why;
}

int fleet_street_inject(fleet_street *s, sim_time now, uint32_t device,
                        const dev_anomaly_order *order) {
    s->shard.now = sim_time_max(s->shard.now, now);
    if (order->kind == RECORD_ANOMALY_CLONE)
        return order->strength > 0 ? fleet_street_clone(s, device, order->from, order->to) : 0;
    dev_device *d = fleet_street_made(s, device);
    int error = d == NULL ? SIM_ENOMEM : want_vitals(s, d);
    return error != 0 ? error : dev_anomaly_order_to(d->vitals, s->shared->seed, d->index, order);
}
