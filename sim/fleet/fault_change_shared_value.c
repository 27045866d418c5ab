/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everybody wants to change the same value at the same instant. */
#include "devices/life.h"
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"

static void device_change(fleet_street *s, uint32_t device, void *with) {
    (void)with;
    dev_device *d = s->devices[device];
    if (!fleet_street_is_online(s, device) || d->profile->model->life->sleeps) return;
    s->changes_wanted++;
    dev_device_change(d, &s->world, &s->sums.devices, s->shard.now);
}

static int change(fleet_street *s, const fleet_selection *sel, const void *order, uint8_t trigger) {
    (void)order;
    (void)trigger;
    s->change_at = s->shard.now;
    return fleet_street_each(s, sel, NULL, device_change, NULL);
}

const fleet_fault fleet_fault_change_shared_value = {
    .verb = "change_shared_value",
    .help =
        "those of the devices that are online want to change, all at this instant, the value "
        "that their street shares in the cloud",
    .reach = FLEET_REACH_DEVICES,
    .built_in_only = true,
    .told = "all change the shared value",
    .street = change,
};
