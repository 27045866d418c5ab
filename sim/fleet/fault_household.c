/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody in the house does to devices: resets them, pairs them again, or pulls the plug
 * while they write. */
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"

typedef struct reset_order {
    bool cut;
} reset_order;

static void handle(fleet_street *s, uint32_t device, dev_handling what) {
    dev_device *d = s->devices[device];
    if (d == NULL || d->household == NULL) return;
    dev_device_handle(d, &s->world, &s->sums.devices, s->shard.now, what);
}

/* Who has no mains has none to lose. */
static void cut_while(fleet_street *s, uint32_t device, dev_handling what) {
    const dev_profile *p = fleet_street_profile(s, device);
    if (!p->household || p->battery) return;
    if (!s->notes[device].unpowered) fleet_street_mark(s, device, false, 0);
    s->notes[device].unpowered = true;
    handle(s, device, what);
}

static void device_reset(fleet_street *s, uint32_t device, void *with) {
    const reset_order *order = *(const reset_order *const *)with;
    if (order->cut)
        cut_while(s, device, DEV_HANDLING_CUT_RESET);
    else
        handle(s, device, DEV_HANDLING_RESET);
}

static void device_pair(fleet_street *s, uint32_t device, void *with) {
    (void)with;
    handle(s, device, DEV_HANDLING_PAIR);
}

static void device_cut_write(fleet_street *s, uint32_t device, void *with) {
    (void)with;
    cut_while(s, device, DEV_HANDLING_CUT_WRITE);
}

static int reset(fleet_street *s, const fleet_selection *sel, const void *order, uint8_t trigger) {
    (void)trigger;
    return fleet_street_each(s, sel, NULL, device_reset, &order);
}

static int pair(fleet_street *s, const fleet_selection *sel, const void *order, uint8_t trigger) {
    (void)order, (void)trigger;
    return fleet_street_each(s, sel, NULL, device_pair, NULL);
}

static int cut_write(fleet_street *s, const fleet_selection *sel, const void *order,
                     uint8_t trigger) {
    (void)order, (void)trigger;
    return fleet_street_each(s, sel, NULL, device_cut_write, NULL);
}

static const char *wrong(const fleet_spec *spec, sim_time now, const fleet_selection *sel,
                         void *order) {
    (void)now, (void)order;
    if (fleet_spec_any_in(spec, sel->zone, fleet_group_is_household, NULL) != NULL) return NULL;
    return "nobody lives with these devices; say household = true in their description";
}

static const sim_field reset_fields[] = {
    {.name = "cut",
     .kind = SIM_FIELD_BOOLEAN,
     .offset = offsetof(reset_order, cut),
     .help = "the mains goes in the middle of it, until restore_power; false"},
    {.name = NULL}};

const fleet_fault fleet_fault_reset_factory = {
    .verb = "reset_factory",
    .help = "devices with a household forget their home: what they keep of it is erased",
    .reach = FLEET_REACH_DEVICES,
    .fields = reset_fields,
    .may_be_empty = true,
    .size = sizeof(reset_order),
    .wrong = wrong,
    .told = "factory reset",
    .street = reset,
};
const fleet_fault fleet_fault_pair = {
    .verb = "pair",
    .help = "devices that know no home are paired: network, owner, consent",
    .reach = FLEET_REACH_DEVICES,
    .wrong = wrong,
    .told = "paired",
    .street = pair,
};
const fleet_fault fleet_fault_cut_power_in_write = {
    .verb = "cut_power_in_write",
    .help = "the mains goes while a device writes what it was just told, until restore_power",
    .reach = FLEET_REACH_DEVICES,
    .wrong = wrong,
    .told = "power cut while writing",
    .street = cut_write,
};
