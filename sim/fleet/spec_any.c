/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apart from spec.c, because faults ask it, and tests that have a spec of their own have faults. */
#include "sim/fleet/spec.h"

bool fleet_group_is_household(const fleet_group *group, const void *context) {
    (void)context;
    return group->profile.household;
}

bool fleet_group_takes_updates(const fleet_group *group, const void *context) {
    (void)context;
    return group->profile.updates;
}

bool fleet_group_strays(const fleet_group *group, const void *context) {
    (void)context;
    return group->non_associated.model != NULL;
}

const fleet_group *fleet_zone_any(const fleet_zone *zone, fleet_group_fits *fits,
                                  const void *context) {
    for (uint32_t g = 0; g < zone->group_count; g++)
        if (fits(&zone->groups[g], context)) return &zone->groups[g];
    return NULL;
}

const fleet_group *fleet_spec_any_in(const fleet_spec *spec, uint32_t zone, fleet_group_fits *fits,
                                     const void *context) {
    const fleet_group *found = NULL;
    for (uint32_t z = 0; z < spec->zone_count && found == NULL; z++)
        if (zone == UINT32_MAX || zone == z) found = fleet_zone_any(&spec->zones[z], fits, context);
    return found;
}

const fleet_group *fleet_spec_any(const fleet_spec *spec, fleet_group_fits *fits,
                                  const void *context) {
    return fleet_spec_any_in(spec, UINT32_MAX, fits, context);
}
