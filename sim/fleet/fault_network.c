/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of homes to the internet becomes a black hole, and a way again: their lines, and of homes
 * that were picked by a provider all that is his, lines or mobile network. */
#include <string.h>

#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"

typedef struct network_call {
    bool on;
    uint8_t trigger;
    bool line, mobile; /* what is concerned of the homes of this street */
} network_call;

static int home_network(fleet_street *s, uint32_t home, void *with) {
    const network_call *c = with;
    fleet_home *h = &s->homes[home];
    bool line = c->line && h->cut == c->on, mobile = c->mobile && h->cell_cut == c->on;
    if (line) h->cut = !c->on;
    if (mobile) h->cell_cut = !c->on;
    fleet_street_set_down(s, home);
    for (uint32_t i = home * s->per_home; i < (home + 1) * s->per_home; i++)
        if (fleet_street_by_router(s, i) ? line : mobile)
            fleet_street_mark(s, i, c->on, c->trigger);
    return 0;
}

static int each(fleet_street *s, const fleet_selection *sel, network_call c) {
    c.line = true;
    for (uint32_t i = 0; i < sel->filter_count; i++) {
        const fleet_filter *f = &sel->filters[i];
        if (f->kind != FLEET_FILTER_ISP) continue;
        c.line = strcmp(s->zone->isp, f->text) == 0;
        c.mobile = strcmp(s->zone->mobile_isp, f->text) == 0;
    }
    return fleet_street_each(s, sel, home_network, NULL, &c);
}

static int cut(fleet_street *s, const fleet_selection *sel, const void *order, uint8_t trigger) {
    (void)order;
    (void)trigger;
    return each(s, sel, (network_call){.on = false});
}

static int restore(fleet_street *s, const fleet_selection *sel, const void *order,
                   uint8_t trigger) {
    (void)order;
    return each(s, sel, (network_call){.on = true, .trigger = trigger});
}

static uint64_t struck(const fleet_street *s, const fleet_selection *sel) {
    return fleet_street_struck(s, sel, false);
}

static const sim_field fields[] = {FLEET_FIELD_TRIGGER, {.name = NULL}};
static const fleet_trigger_order usual = {.trigger = "network restore"};

const fleet_fault fleet_fault_cut_network = {
    .verb = "cut_network",
    .help = "a black hole: no packet passes and nobody is told",
    .reach = FLEET_REACH_HOMES,
    .told = "network cut",
    .street = cut,
};
const fleet_fault fleet_fault_restore_network = {
    .verb = "restore_network",
    .help = "packets pass again",
    .trigger = "network restore",
    .reach = FLEET_REACH_HOMES,
    .fields = fields,
    .may_be_empty = true,
    .size = sizeof usual,
    .usual = &usual,
    .struck = struck,
    .told = "network is back",
    .street = restore,
};
