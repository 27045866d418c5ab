/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mains power goes and comes: of whole homes with their routers, or of single devices. A device on
 * a battery goes on; all that it loses is its way to the network, when its router has no power. */
#include <string.h>

#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"

typedef struct power_call {
    bool on;
    uint8_t trigger;
} power_call;

/* Devices that have power of their own lose their service with the router, and no more. Who is on
 * the mobile network loses nothing before its mast does, and comes back under the trigger if so. */
static void mark_batteries(fleet_street *s, uint32_t home, const power_call *c) {
    for (uint32_t i = home * s->per_home; i < (home + 1) * s->per_home; i++) {
        bool by_router = fleet_street_by_router(s, i);
        bool concerned = c->on ? by_router || s->notes[i].struck : by_router;
        if (concerned && fleet_street_lives_on(s, i)) fleet_street_mark(s, i, c->on, c->trigger);
    }
}

static int router_power(fleet_street *s, uint32_t home, void *with) {
    const power_call *c = with;
    fleet_home *h = &s->homes[home];
    if (h->powered == c->on) return 0;
    h->powered = c->on;
    h->link_turn++;
    mark_batteries(s, home, c);
    int error = fleet_street_mast_power(s, home, c->on);
    return error == 0 && c->on ? fleet_street_promise_link(s, home, 0) : error;
}

/* The mains goes from a device that lives on for a while, or comes back to it. */
static void backup_power(fleet_street *s, uint32_t device, bool on) {
    bool changes = s->notes[device].unpowered == on;
    s->notes[device].unpowered = !on;
    int error = changes && !on ? fleet_street_on_backup_from(s, device) : 0;
    if (error != 0) fleet_street_fail(s, error);
}

static void device_power(fleet_street *s, uint32_t device, void *with) {
    const power_call *c = with;
    if (fleet_street_profile(s, device)->battery) return;
    if (fleet_street_lives_on(s, device)) {
        backup_power(s, device, c->on);
        return;
    }
    if (s->notes[device].unpowered == c->on) {
        fleet_street_mark(s, device, c->on, c->trigger);
        fleet_street_mark_children(s, device, c->on, c->trigger);
    }
    s->notes[device].unpowered = !c->on;
    fleet_street_switch(s, device, c->on);
}

/* The link goes after the devices lost power, so that none of them notices it and nothing is sent.
 */
static int router_link_lost(fleet_street *s, uint32_t home, void *with) {
    (void)with;
    if (!s->homes[home].powered) fleet_street_set_router(s, home, false);
    return 0;
}

static int power(fleet_street *s, const fleet_selection *sel, power_call c) {
    bool whole_homes = !fleet_selection_has_devices(sel);
    int error = fleet_street_each(s, sel, whole_homes ? router_power : NULL, device_power, &c);
    if (error == 0 && whole_homes && !c.on)
        error = fleet_street_each(s, sel, router_link_lost, NULL, NULL);
    return error;
}

static int cut(fleet_street *s, const fleet_selection *sel, const void *order, uint8_t trigger) {
    (void)order;
    (void)trigger;
    return power(s, sel, (power_call){.on = false});
}

static int restore(fleet_street *s, const fleet_selection *sel, const void *order,
                   uint8_t trigger) {
    (void)order;
    return power(s, sel, (power_call){.on = true, .trigger = trigger});
}

/* Whether a kind of device fits what the selection says of kinds. */
static bool group_fits(const fleet_group *g, const fleet_selection *sel) {
    for (uint32_t i = 0; i < sel->filter_count; i++) {
        const fleet_filter *f = &sel->filters[i];
        if (f->kind == FLEET_FILTER_MODEL && strcmp(f->text, g->profile.model->name) != 0)
            return false;
        if (f->kind == FLEET_FILTER_POWER && g->profile.battery != (f->number == 1)) return false;
        if (f->kind == FLEET_FILTER_NAME && strcmp(f->text, g->name) != 0) return false;
    }
    return true;
}

/* Homes have routers to lose; devices that are picked one by one need to be on the mains. */
static const char *wrong_cut(const fleet_spec *spec, sim_time now, const fleet_selection *sel,
                             void *order) {
    uint64_t on_mains = 0, on_battery = 0;
    (void)now, (void)order;
    for (uint32_t z = 0; z < spec->zone_count; z++) {
        if (sel->zone != UINT32_MAX && sel->zone != z) continue;
        for (uint32_t g = 0; g < spec->zones[z].group_count; g++) {
            const fleet_group *group = &spec->zones[z].groups[g];
            if (group_fits(group, sel)) *(group->profile.battery ? &on_battery : &on_mains) += 1;
        }
    }
    if (on_mains > 0 || on_battery == 0 || !fleet_selection_has_devices(sel)) return NULL;
    return "these devices are all on batteries, and it takes the mains away: cut the power of "
           "their homes, with the routers, or say cut_network";
}

static uint64_t struck(const fleet_street *s, const fleet_selection *sel) {
    return fleet_street_struck(s, sel, true);
}

static const sim_field fields[] = {FLEET_FIELD_TRIGGER, {.name = NULL}};
static const fleet_trigger_order usual = {.trigger = "power restore"};

const fleet_fault fleet_fault_cut_power = {
    .verb = "cut_power",
    .help =
        "the mains is off: devices lose their RAM and send nothing; those on batteries go on. "
        "Homes: router and devices; devices: only those",
    .reach = FLEET_REACH_DEVICES,
    .wrong = wrong_cut,
    .told = "power cut",
    .street = cut,
};
const fleet_fault fleet_fault_restore_power = {
    .verb = "restore_power",
    .help = "on again",
    .trigger = "power restore",
    .reach = FLEET_REACH_DEVICES,
    .fields = fields,
    .may_be_empty = true,
    .size = sizeof usual,
    .usual = &usual,
    .power = true,
    .struck = struck,
    .told = "power is back",
    .street = restore,
};
