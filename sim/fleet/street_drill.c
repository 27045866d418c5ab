/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a drill does to a street. All of it happens at the border between two windows: every earlier
 * event has been handled and no later one. */
#include <string.h>

#include "devices/life.h"
#include "devices/model.h"
#include "sim/fleet/street_private.h"

/* ---- selections ---- */

static bool share_holds(const fleet_street *s, const fleet_filter *f, uint64_t id) {
    sim_stream stream =
        sim_stream_for(s->commons->seed, SIM_PURPOSE_SELECTION, (uint64_t)f->number << 32 | id);
    return sim_stream_unit(&stream) < f->share;
}

static bool street_fits(const fleet_street *s, const fleet_selection *sel) {
    if (sel->zone != UINT32_MAX && sel->zone != s->zone_number) return false;
    for (uint32_t i = 0; i < sel->filter_count; i++) {
        const fleet_filter *f = &sel->filters[i];
        if (f->kind == FLEET_FILTER_STREET && f->number != s->number) return false;
    }
    return true;
}

static bool device_fits(const fleet_street *s, const fleet_selection *sel, const dev_device *d) {
    for (uint32_t i = 0; i < sel->filter_count; i++) {
        const fleet_filter *f = &sel->filters[i];
        if (f->kind == FLEET_FILTER_DEVICE_SHARE && !share_holds(s, f, d->index)) return false;
        if (f->kind == FLEET_FILTER_MODEL && strcmp(f->model, d->profile->model->name) != 0)
            return false;
        if (f->kind == FLEET_FILTER_POWER && d->profile->battery != (f->number == 1)) return false;
    }
    return true;
}

static bool has_device_filter(const fleet_selection *sel) {
    for (uint32_t i = 0; i < sel->filter_count; i++) {
        int kind = (int)sel->filters[i].kind;
        if (kind == FLEET_FILTER_DEVICE_SHARE || kind == FLEET_FILTER_MODEL ||
            kind == FLEET_FILTER_POWER)
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
        if (device_fits(s, sel, &s->devices[i])) return true;
    }
    return false;
}

/* Goes through the homes (NULL: skip) and devices (NULL: skip) that are selected. */
typedef int home_verb(fleet_street *s, uint32_t home, void *with);
typedef void device_verb(fleet_street *s, uint32_t device, void *with);

static int each(fleet_street *s, const fleet_selection *sel, home_verb *on_home,
                device_verb *on_device, void *with) {
    uint32_t per_home = s->per_home;
    if (!street_fits(s, sel)) return 0;
    for (uint32_t home = 0; home < s->home_count; home++) {
        if (!home_fits(s, sel, home)) continue;
        int error = on_home == NULL ? 0 : on_home(s, home, with);
        if (error != 0) return error;
        for (uint32_t i = home * per_home; on_device != NULL && i < (home + 1) * per_home; i++) {
            if (device_fits(s, sel, &s->devices[i])) on_device(s, i, with);
        }
    }
    return s->error;
}

typedef struct tally_of_selection {
    bool power; /* counted as struck is who waits for power, else who waits for the network */
    uint64_t homes, devices, struck;
    uint32_t last_home; /* + 1 */
} tally_of_selection;

static void count_device(fleet_street *s, uint32_t device, void *with) {
    tally_of_selection *t = with;
    t->devices++;
    bool waits = t->power ? s->notes[device].unpowered
                          : s->homes[s->devices[device].home - s->first_home].cut;
    t->struck +=
        waits && s->notes[device].struck && !dev_device_is_online(&s->devices[device]) ? 1 : 0;
    if (t->last_home != s->devices[device].home + 1) t->homes++;
    t->last_home = s->devices[device].home + 1;
}

static tally_of_selection count_all(const fleet_street *s, const fleet_selection *sel, bool power) {
    tally_of_selection t = {.power = power};
    /* counts only: nothing of the street changes */
    (void)each((fleet_street *)s, sel, NULL, count_device, &t);
    return t;
}

void fleet_street_count(const fleet_street *s, const fleet_selection *sel, uint64_t *homes,
                        uint64_t *devices) {
    tally_of_selection t = count_all(s, sel, true);
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
    (void)each((fleet_street *)s, sel, NULL, pick_device, &l); /* as in count_all */
    return l.count;
}

uint64_t fleet_street_struck(const fleet_street *s, const fleet_selection *sel, bool power) {
    return count_all(s, sel, power).struck;
}

/* ---- verbs ---- */

typedef struct switch_order {
    sim_time now;
    uint8_t trigger;
    bool on;
} switch_order;

/* A device that was online when the fault came is struck; coming back, it begins a new count under
 * the trigger. Only who had lost something comes back: the rest of a selection goes on under its
 * old trigger. */
static void mark(fleet_street *s, uint32_t device, const switch_order *o) {
    if (o->on) {
        s->notes[device].struck = false;
        cloud_edge_trigger(&s->notes[device].edge, o->trigger);
    } else if (dev_device_is_online(&s->devices[device])) {
        s->notes[device].struck = true;
    }
}

static int router_power(fleet_street *s, uint32_t home, void *with) {
    const switch_order *o = with;
    fleet_home *h = &s->homes[home];
    if (h->powered == o->on) return 0;
    h->powered = o->on;
    h->link_turn++;
    if (o->on) return fleet_street_promise_link(s, home, 0);
    return 0;
}

static void device_power(fleet_street *s, uint32_t device, void *with) {
    const switch_order *o = with;
    if (s->notes[device].unpowered == o->on) mark(s, device, o);
    s->notes[device].unpowered = !o->on;
    dev_device_power(&s->devices[device], &s->world, &s->tally.devices, o->now, o->on);
}

/* The link goes after the devices lost power, so that none of them notices it and nothing is sent.
 */
static int router_link_lost(fleet_street *s, uint32_t home, void *with) {
    (void)with;
    if (!s->homes[home].powered) fleet_street_set_link(s, home, false);
    return 0;
}

int fleet_street_power(fleet_street *s, sim_time now, const fleet_selection *sel, bool on,
                       uint8_t trigger) {
    bool whole_homes = !has_device_filter(sel);
    s->shard.now =
        /* in the real world a datagram may have brought it further */
        sim_time_max(s->shard.now, now);
    switch_order o = {.now = s->shard.now, .trigger = trigger, .on = on};
    int error = each(s, sel, whole_homes ? router_power : NULL, device_power, &o);
    if (error == 0 && whole_homes && !on) error = each(s, sel, router_link_lost, NULL, &o);
    return error;
}

static int home_network(fleet_street *s, uint32_t home, void *with) {
    const switch_order *o = with;
    uint32_t per_home = s->device_count / s->home_count;
    fleet_home *h = &s->homes[home];
    if (h->cut != o->on) return 0;
    h->cut = !o->on;
    fleet_street_set_down(h);
    for (uint32_t i = home * per_home; i < (home + 1) * per_home; i++) mark(s, i, o);
    return 0;
}

int fleet_street_network(fleet_street *s, sim_time now, const fleet_selection *sel, bool on,
                         uint8_t trigger) {
    s->shard.now = sim_time_max(s->shard.now, now);
    switch_order o = {.now = s->shard.now, .trigger = trigger, .on = on};
    return each(s, sel, home_network, NULL, &o);
}

/* ---- what devices notice while they keep their power ---- */

typedef struct restart_order {
    sim_time off;
    uint64_t online;
    uint8_t trigger;
} restart_order;

static int home_online(fleet_street *s, uint32_t home, void *with) {
    restart_order *o = with;
    for (uint32_t i = home * s->per_home; i < (home + 1) * s->per_home; i++)
        o->online += dev_device_is_online(&s->devices[i]);
    return 0;
}

uint64_t fleet_street_online(const fleet_street *s, const fleet_selection *sel) {
    restart_order o = {.online = 0};
    (void)each((fleet_street *)s, sel, home_online, NULL, &o); /* counts only */
    return o.online;
}

/* Who is not online has lost nothing: it goes on under its old trigger. */
static void strike(fleet_street *s, uint32_t device, uint8_t trigger) {
    if (dev_device_is_online(&s->devices[device]))
        cloud_edge_trigger(&s->notes[device].edge, trigger);
}

static int home_router_restart(fleet_street *s, uint32_t home, void *with) {
    const restart_order *o = with;
    fleet_home *h = &s->homes[home];
    if (!h->powered) return 0;
    for (uint32_t i = home * s->per_home; i < (home + 1) * s->per_home; i++)
        strike(s, i, o->trigger);
    h->link_turn++;
    fleet_street_set_link(s, home, false);
    return fleet_street_promise_link(s, home, o->off);
}

int fleet_street_restart_routers(fleet_street *s, sim_time now, const fleet_selection *sel,
                                 sim_time off, uint8_t trigger) {
    s->shard.now = sim_time_max(s->shard.now, now);
    restart_order o = {.off = off, .trigger = trigger};
    return each(s, sel, home_router_restart, NULL, &o);
}

int fleet_street_restart_cloud(fleet_street *s, sim_time now, bool tell, uint8_t trigger) {
    s->shard.now = sim_time_max(s->shard.now, now);
    for (uint32_t i = 0; i < s->device_count; i++) {
        strike(s, i, trigger);
        cloud_edge_forget(&s->notes[i].edge);
    }
    s->cloud_life++;
    s->door->kind->forget(s->door, s->shard.now, tell);
    return s->error;
}

int fleet_street_close_after(fleet_street *s, sim_time now, sim_time close_after, uint8_t trigger) {
    s->shard.now = sim_time_max(s->shard.now, now);
    for (uint32_t i = 0; close_after > 0 && i < s->device_count; i++) strike(s, i, trigger);
    s->service.close_after = close_after;
    s->door->kind->expire(s->door, s->shard.now);
    return s->error;
}

static int home_uplink(fleet_street *s, uint32_t home, void *with) {
    const net_hop_settings *settings = with;
    for (int way = 0; way < FLEET_WAYS; way++) {
        bool down = s->homes[home].uplink[way].settings.down;
        s->homes[home].uplink[way].settings = *settings;
        s->homes[home].uplink[way].settings.down = down;
    }
    return 0;
}

void fleet_street_uplink(fleet_street *s, const fleet_selection *sel,
                         const net_hop_settings *settings) {
    net_hop_settings copy = *settings;
    (void)each(s, sel, home_uplink, NULL, &copy);
}

static void device_change(fleet_street *s, uint32_t device, void *with) {
    (void)with;
    dev_device *d = &s->devices[device];
    if (!dev_device_is_online(d) || d->profile->model->life->sleeps) return;
    s->changes_wanted++;
    dev_device_change(d, &s->world, &s->tally.devices, s->shard.now);
}

void fleet_street_change(fleet_street *s, sim_time now, const fleet_selection *sel) {
    s->shard.now = sim_time_max(s->shard.now, now);
    s->change_at = s->shard.now;
    (void)each(s, sel, NULL, device_change, NULL);
}

static void device_set_point(fleet_street *s, uint32_t device, void *with) {
    const double *celsius = with;
    s->notes[device].set_point = (float)*celsius;
    s->door->kind->notify(s->door, s->shard.now, s->devices[device].index);
}

void fleet_street_set_point(fleet_street *s, sim_time now, const fleet_selection *sel,
                            double celsius) {
    s->shard.now = sim_time_max(s->shard.now, now);
    (void)each(s, sel, NULL, device_set_point, &celsius);
}

/* A device that tells no vitals has them from now on, so that there is a place for the order. */
static int want_vitals(const fleet_street *s, dev_device *d) {
    if (d->vitals != NULL) return 0;
    d->vitals = dev_vitals_new(s->commons->seed, d->index, false, d->profile->battery);
    if (d->vitals == NULL) return SIM_ENOMEM;
    d->vitals->since = s->shard.now;
    d->vitals->powered = d->state != DEV_STATE_OFF;
    return 0;
}

int fleet_street_inject(fleet_street *s, sim_time now, uint32_t device,
                        const dev_anomaly_order *order) {
    dev_device *d = &s->devices[device];
    s->shard.now = sim_time_max(s->shard.now, now);
    if (order->kind == RECORD_ANOMALY_CLONE)
        return order->strength > 0 ? fleet_street_clone(s, device, order->from, order->to) : 0;
    int error = want_vitals(s, d);
    return error != 0 ? error : dev_anomaly_order_to(d->vitals, s->commons->seed, d->index, order);
}

int fleet_street_each_device(fleet_street *s, const fleet_selection *sel, fleet_device_verb *verb,
                             void *with) {
    return each(s, sel, NULL, verb, with);
}
