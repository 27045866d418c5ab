/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Routers of homes restart while the devices keep their power: link down, link up. */
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"

typedef struct routers_call {
    sim_time off;
    uint8_t trigger;
} routers_call;

static int home_router_restart(fleet_street *s, uint32_t home, void *with) {
    const routers_call *c = with;
    fleet_home *h = &s->homes[home];
    if (!h->powered) return 0;
    for (uint32_t i = home * s->per_home; i < (home + 1) * s->per_home; i++)
        if (fleet_street_by_router(s, i)) fleet_street_comes_after(s, i, c->trigger);
    h->link_turn++;
    fleet_street_set_router(s, home, false);
    return fleet_street_promise_link(s, home, c->off);
}

static int restart(fleet_street *s, const fleet_selection *sel, const void *order,
                   uint8_t trigger) {
    const fleet_routers_order *o = order;
    routers_call c = {.off = o->off, .trigger = trigger};
    return fleet_street_each(s, sel, home_router_restart, NULL, &c);
}

static const sim_field fields[] = {
    {.name = "off",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(fleet_routers_order, off),
     .minimum = 0,
     .maximum = 366 * 86400e9,
     .required = true,
     .help = "how long they have no power, before they boot"},
    FLEET_FIELD_TRIGGER,
    {.name = NULL},
};
static const fleet_routers_order usual = {.trigger = "hub restart"};

const fleet_fault fleet_fault_restart_routers = {
    .verb = "restart_routers",
    .help =
        "the routers lose power for so long and boot, the devices keep theirs: link down, link "
        "up",
    .trigger = "hub restart",
    .reach = FLEET_REACH_HOMES,
    .fields = fields,
    .size = sizeof usual,
    .usual = &usual,
    .struck = fleet_street_online_by_router,
    .told = "routers restart",
    .street = restart,
};
