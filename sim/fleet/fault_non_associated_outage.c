/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The service that is not the makers' is gone for a while: no business of the makers' cloud. */
#include <stdio.h>

#include "sim/fleet/fault_orders.h"
#include "sim/fleet/spec.h"
#include "sim/fleet/street_private.h"
#include "sim/judge/words.h"

static const char *wrong(const fleet_spec *spec, sim_time now, const fleet_selection *sel,
                         void *order) {
    (void)now, (void)sel, (void)order;
    if (fleet_spec_any(spec, fleet_group_strays, NULL) != NULL) return NULL;
    return "no device talks to a service that is not its maker's; say non_associated = law... in "
           "the description of one";
}

static int strike(fleet_street *s, const fleet_selection *sel, const void *order, uint8_t trigger) {
    const fleet_non_associated_order *o = order;
    (void)sel;
    return fleet_street_other_outage(s, sim_time_add(s->shard.now, o->lasting), trigger);
}

static void tell(const void *order, uint64_t struck, char *line, size_t size) {
    const fleet_non_associated_order *o = order;
    char span[24];
    (void)snprintf(line, size, "a service that is not the makers' is gone for %s: %s there",
                   sim_time_text(o->lasting, span, sizeof span), JUDGE_OF(struck, "session"));
}

static const sim_field fields[] = {
    {.name = "lasting",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(fleet_non_associated_order, lasting),
     .minimum = 1e9,
     .maximum = 366 * 86400e9,
     .required = true,
     .help = "its sessions end, and nobody is let in for so long"},
    FLEET_FIELD_TRIGGER,
    {.name = NULL},
};
static const fleet_non_associated_order usual = {.trigger = "non-associated outage"};

const fleet_fault fleet_fault_non_associated_outage = {
    .verb = "non_associated_outage",
    .help = "the service that is not the makers' is gone for so long: devices that talk to it, too",
    .trigger = "non-associated outage",
    .reach = FLEET_REACH_CLOUD,
    .built_in_only = true,
    .fields = fields,
    .size = sizeof usual,
    .usual = &usual,
    .wrong = wrong,
    .struck = fleet_street_others_online,
    .tell = tell,
    .street = strike,
};
