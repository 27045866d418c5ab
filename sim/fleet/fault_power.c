/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power goes and comes: of whole homes with their routers, or of single devices. */
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"

typedef struct power_call {
    bool on;
    uint8_t trigger;
} power_call;

static int router_power(fleet_street *s, uint32_t home, void *with) {
    const power_call *c = with;
    fleet_home *h = &s->homes[home];
    if (h->powered == c->on) return 0;
    h->powered = c->on;
    h->link_turn++;
    return c->on ? fleet_street_promise_link(s, home, 0) : 0;
}

static void device_power(fleet_street *s, uint32_t device, void *with) {
    const power_call *c = with;
    if (s->notes[device].unpowered == c->on) fleet_street_mark(s, device, c->on, c->trigger);
    s->notes[device].unpowered = !c->on;
    dev_device_power(&s->devices[device], &s->world, &s->tally.devices, s->shard.now, c->on);
}

/* The link goes after the devices lost power, so that none of them notices it and nothing is sent.
 */
static int router_link_lost(fleet_street *s, uint32_t home, void *with) {
    (void)with;
    if (!s->homes[home].powered) fleet_street_set_link(s, home, false);
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

static uint64_t struck(const fleet_street *s, const fleet_selection *sel) {
    return fleet_street_struck(s, sel, true);
}

static const sim_field fields[] = {FLEET_FIELD_TRIGGER, {.name = NULL}};
static const fleet_trigger_order usual = {.trigger = "power restore"};

const fleet_fault fleet_fault_cut_power = {
    .verb = "cut_power",
    .help =
        "off: devices lose their RAM and send nothing. Homes: router and devices; devices: "
        "only those",
    .reach = FLEET_REACH_DEVICES,
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
