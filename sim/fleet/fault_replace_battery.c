/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody takes a device's battery out and puts a fresh one in: it starts anew, and one whose
 * battery was empty is there again. */
#include "devices/household.h"
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/spec.h"
#include "sim/fleet/street_private.h"

typedef struct swap {
    uint8_t trigger;
    uint64_t devices; /* that come back for it */
} swap;

static bool has_one(const fleet_group *group, const void *context) {
    (void)context;
    return group->profile.battery && group->profile.household;
}

/* Who was never switched on has a fresh one. */
static bool comes_back(const fleet_street *s, uint32_t device) {
    const dev_device *d = s->devices[device];
    return d != NULL && d->profile->battery && d->household != NULL &&
           (dev_device_is_online(d) || d->state == DEV_STATE_OFF);
}

static void device_swap(fleet_street *s, uint32_t device, void *with) {
    const swap *c = with;
    dev_device *d = s->devices[device];
    if (d == NULL || !d->profile->battery || d->household == NULL) return;
    cloud_edge_trigger(&s->notes[device].edge, c->trigger);
    if (d->state != DEV_STATE_OFF) fleet_street_switch(s, device, false);
    dev_household_charge(d->household, d->profile, s->shard.now);
    fleet_street_switch(s, device, true);
}

static void count_device(fleet_street *s, uint32_t device, void *with) {
    swap *c = with;
    c->devices += comes_back(s, device) ? 1 : 0;
}

static uint64_t struck(const fleet_street *s, const fleet_selection *sel) {
    swap c = {.devices = 0};
    (void)fleet_street_each((fleet_street *)s, sel, NULL, count_device, &c); /* counts only */
    return c.devices;
}

static int replace(fleet_street *s, const fleet_selection *sel, const void *order,
                   uint8_t trigger) {
    (void)order;
    return fleet_street_each(s, sel, NULL, device_swap, &(swap){.trigger = trigger});
}

static const char *wrong(const fleet_spec *spec, sim_time now, const fleet_selection *sel,
                         void *order) {
    (void)now, (void)order;
    if (fleet_spec_any_in(spec, sel->zone, has_one, NULL) != NULL) return NULL;
    return "none of these devices has a battery that somebody could replace: say household = true, "
           "and power = \"battery\" of a model on the mains";
}

static const sim_field fields[] = {FLEET_FIELD_TRIGGER, {.name = NULL}};
static const fleet_trigger_order usual = {.trigger = "battery replaced"};

const fleet_fault fleet_fault_replace_battery = {
    .verb = "replace_battery",
    .help = "a hand puts a fresh battery in: the device starts anew, and a dead one is back",
    .trigger = "battery replaced",
    .reach = FLEET_REACH_DEVICES,
    .fields = fields,
    .may_be_empty = true,
    .size = sizeof usual,
    .usual = &usual,
    .power = true,
    .wrong = wrong,
    .struck = struck,
    .told = "batteries replaced",
    .street = replace,
};
