/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apart from spec.c, because faults ask it, and tests that have a spec of their own have faults. */
#include "sim/fleet/spec.h"

const fleet_group *fleet_spec_any(const fleet_spec *spec,
                                  bool (*fits)(const fleet_group *group, const void *context),
                                  const void *context) {
    for (uint32_t z = 0; z < spec->zone_count; z++) {
        const fleet_zone *zone = &spec->zones[z];
        for (uint32_t g = 0; g < zone->group_count; g++)
            if (fits(&zone->groups[g], context)) return &zone->groups[g];
    }
    return NULL;
}
