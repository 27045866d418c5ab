/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices misbehave. The run picks them and keeps the truth (sim/run/inject.c). */
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/spec.h"
#include "sim/fleet/street_private.h"

/* In the order of RECORD_ANOMALY_MAP; test_fault.c holds them against dev_anomaly_is_possible. */
const char *const fleet_injection_kinds[] = {"credential-stuffing",
                                             "update-signature",
                                             "clone",
                                             "exfiltration",
                                             "botnet-scan",
                                             "stuck-sensor",
                                             "out-of-range",
                                             "slow-drift",
                                             "silent-device",
                                             "battery-drain",
                                             NULL};

static const char *complete(const fleet_spec *spec, sim_time now, const fleet_selection *sel,
                            void *order) {
    fleet_injection_order *o = order;
    sim_time begins = sim_time_add(now, o->after);
    (void)spec;
    (void)sel;
    if (o->lasting != SIM_NEVER && o->ends_at != SIM_NEVER)
        return "say lasting or ends_at, not both";
    if (o->ends_at <= begins) return "ends_at is not after its beginning";
    if (o->ends_at != SIM_NEVER) o->lasting = o->ends_at - begins;
    o->ends_at = SIM_NEVER;
    return NULL;
}

#define INJECT_FIELD(field_name, kind_, member) \
    .name = field_name, .kind = kind_, .offset = offsetof(fleet_injection_order, member)
static const sim_field fields[] = {
    {INJECT_FIELD("kind", SIM_FIELD_CHOICE, kind), .choices = fleet_injection_kinds,
     .required = true, .help = "of anomaly"},
    {INJECT_FIELD("after", SIM_FIELD_DURATION, after), .help = "from now on until it begins"},
    {INJECT_FIELD("lasting", SIM_FIELD_DURATION, lasting), .minimum = 1, .maximum = 366 * 86400e9,
     .help = "usual: until the run ends"},
    {INJECT_FIELD("ends_at", SIM_FIELD_DURATION, ends_at),
     .help = "instead of lasting; since the run began"},
    {INJECT_FIELD("ramp", SIM_FIELD_DURATION, ramp), .help = "it grows for so long"},
    {INJECT_FIELD("strength", SIM_FIELD_NUMBER, strength), .minimum = 0, .maximum = 1000,
     .help = "usual: 1"},
    {INJECT_FIELD("devices", SIM_FIELD_COUNT32, devices), .minimum = 1,
     .maximum = FLEET_DEVICES_MAX, .help = "so many of them, picked by the seed; usual: all"},
    {.name = NULL},
};
static const fleet_injection_order usual = {
    .lasting = SIM_NEVER, .ends_at = SIM_NEVER, .strength = 1};

const fleet_fault fleet_fault_inject = {
    .verb = "inject",
    .help = "the devices misbehave, with known truth",
    .reach = FLEET_REACH_DEVICES,
    .fields = fields,
    .size = sizeof usual,
    .usual = &usual,
    .wrong = complete,
};
