/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Uplinks of homes get better or worse. */
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"

static int home_uplink(fleet_street *s, uint32_t home, void *with) {
    const net_hop_settings *const *settings = with;
    for (int way = 0; way < FLEET_WAYS; way++) {
        net_hop_settings *own = &s->homes[home].uplink[way].settings;
        bool down = own->down;
        *own = **settings;
        own->down = down;
    }
    return 0;
}

static int change(fleet_street *s, const fleet_selection *sel, const void *order, uint8_t trigger) {
    (void)trigger;
    return fleet_street_each(s, sel, home_uplink, NULL, &order);
}

static void of_zone(const fleet_zone *zone, void *order) {
    *(net_hop_settings *)order = zone->uplink;
}

/* Without a rate nothing waits: rate = 0 alone takes the usual queue away as well. */
static const char *wrong(const fleet_spec *spec, sim_time now, const fleet_selection *sel,
                         void *order) {
    net_hop_settings *settings = order;
    (void)now;
    if (settings->bits_per_s == 0 && sel->zone != UINT32_MAX &&
        settings->queue_bytes == spec->zones[sel->zone].uplink.queue_bytes)
        settings->queue_bytes = 0;
    return net_hop_settings_wrong(settings);
}

const fleet_fault fleet_fault_link = {
    .verb = "link",
    .help = "the uplinks as setup described them but for what is named; link {} puts them back",
    .reach = FLEET_REACH_HOMES,
    .fields = net_hop_fields,
    .size = sizeof(net_hop_settings),
    .of_zone = of_zone,
    .wrong = wrong,
    .told = "uplink changed",
    .street = change,
};
