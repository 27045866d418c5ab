/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/access.h"

#include "sim/fleet/spec.h"

static const char *child_wrong(const fleet_zone *zone, uint32_t g) {
    const fleet_access *a = &zone->groups[g].access;
    if (a->hub == 0) return NULL;
    if (a->hub > zone->group_count) return "the hub of a device is not in its home";
    const fleet_access *hub = &zone->groups[a->hub - 1].access;
    if (a->hub - 1U == g) return "a device cannot be its own hub";
    if (hub->hub != 0) return "a hub hangs on no other hub";
    if (a->over != FLEET_OVER_ROUTER || hub->over != FLEET_OVER_ROUTER)
        return "a hub and its children reach the internet through the router";
    if (a->join_minimum < 0 || a->join_maximum < a->join_minimum)
        return "join: the shortest time must not exceed the longest";
    return a->seeks ? dev_law_wrong(&a->rejoin) : NULL;
}

const char *fleet_access_wrong(const fleet_zone *zone) {
    for (uint32_t g = 0; g < zone->group_count; g++) {
        const fleet_group *group = &zone->groups[g];
        if (group->access.backup < 0) return "a backup battery must not be negative";
        if (group->access.backup > 0 && group->profile.battery)
            return "a device on a battery has no backup battery: it goes on anyway";
        const char *wrong = child_wrong(zone, g);
        if (wrong != NULL) return wrong;
    }
    if (zone->mast_first < 0 || zone->mast_second < zone->mast_first)
        return "mobile_battery: the first time must not exceed the second";
    return NULL;
}

static bool is_mobile(const fleet_group *group, const void *context) {
    (void)context;
    return group->access.over != FLEET_OVER_ROUTER;
}

bool fleet_access_has_mobile(const fleet_zone *zone) {
    return fleet_zone_any(zone, is_mobile, NULL) != NULL;
}
