/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody sets the devices to another temperature, from afar. */
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"

static void device_set_point(fleet_street *s, uint32_t device, void *with) {
    const double *celsius = *(const double *const *)with;
    s->notes[device].desired = (float)*celsius;
    const fleet_gate *g = fleet_street_gate(s, device);
    g->door_kind->notify(g->door, s->shard.now, s->first_device + device);
}

static int set(fleet_street *s, const fleet_selection *sel, const void *order, uint8_t trigger) {
    (void)trigger;
    return fleet_street_each(s, sel, NULL, device_set_point, &order);
}

static const sim_field fields[] = {{.name = "celsius",
                                    .kind = SIM_FIELD_NUMBER,
                                    .minimum = -40,
                                    .maximum = 100,
                                    .required = true,
                                    .help = "degrees Celsius"},
                                   {.name = NULL}};

const fleet_fault fleet_fault_set_point = {
    .verb = "set_point",
    .help = "in degrees Celsius: the cloud changes the observed set-point",
    .reach = FLEET_REACH_DEVICES,
    .built_in_only = true,
    .fields = fields,
    .bare = "set_point (in degrees Celsius)",
    .size = sizeof(double),
    .told = "set-point changed",
    .street = set,
};
