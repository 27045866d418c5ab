/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices report at another pace from now on: a load that grows, or a spike of it. */
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"

static void device_report_every(fleet_street *s, uint32_t device, void *with) {
    const sim_time *period = *(const sim_time *const *)with;
    dev_device *d = fleet_street_made(s, device);
    if (d == NULL) return;
    dev_device_report_every(d, &s->world, &s->sums.devices, s->shard.now, *period);
}

static int change(fleet_street *s, const fleet_selection *sel, const void *order, uint8_t trigger) {
    (void)trigger;
    return fleet_street_each(s, sel, NULL, device_report_every, &order);
}

static const sim_field fields[] = {{.name = "period",
                                    .kind = SIM_FIELD_DURATION,
                                    .minimum = 1e6,
                                    .maximum = 366 * 86400e9,
                                    .required = true,
                                    .help = "from one report to the next"},
                                   {.name = NULL}};

const fleet_fault fleet_fault_report_every = {
    .verb = "report_every",
    .help =
        "they report with another period from now on; where each was in the old one, it is in "
        "the new one",
    .reach = FLEET_REACH_DEVICES,
    .fields = fields,
    .bare = "report_every",
    .size = sizeof(sim_time),
    .told = "another report period",
    .street = change,
};
