/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/spec.h"

#include <inttypes.h>
#include <stdio.h>

#include "devices/model.h"
#include "sim/cloud/door.h"

static uint64_t per_home(const fleet_zone *zone) {
    uint64_t n = 0;
    for (uint32_t g = 0; g < zone->group_count; g++) n += zone->groups[g].per_home;
    return n;
}

static bool has_certificates(const fleet_group *group, const void *context) {
    const net_security *kind = group->profile.link.security;
    (void)context;
    return kind != NULL && kind->certificates;
}

static bool has_certificates_elsewhere(const fleet_group *group, const void *context) {
    const net_security *kind = group->non_associated.link.security;
    (void)context;
    return kind != NULL && kind->certificates;
}

bool fleet_spec_certificates(const fleet_spec *spec) {
    return fleet_spec_any(spec, has_certificates, NULL) != NULL ||
           fleet_spec_any(spec, has_certificates_elsewhere, NULL) != NULL;
}

bool fleet_zone_updates(const fleet_zone *zone) {
    return fleet_zone_any(zone, fleet_group_takes_updates, NULL) != NULL;
}

uint64_t fleet_spec_homes(const fleet_spec *spec) {
    uint64_t n = 0;
    for (uint32_t z = 0; z < spec->zone_count; z++) n += spec->zones[z].homes;
    return n;
}

uint64_t fleet_spec_devices(const fleet_spec *spec) {
    uint64_t n = 0;
    for (uint32_t z = 0; z < spec->zone_count; z++)
        n += spec->zones[z].homes * per_home(&spec->zones[z]);
    return n;
}

static const char *group_wrong(const fleet_group *g) {
    const dev_profile *p = &g->profile;
    if (g->per_home < 1 || g->per_home > 1000)
        return "of each kind there must be 1 to 1,000 devices in a home";
    const char *wrong = dev_profile_wrong(p);
    if (wrong != NULL) return wrong;
    /* The edge looks by the door of their protocol, in both worlds. */
    if (cloud_door_virtual(p->link.protocol, p->link.security != NULL) == NULL)
        return "no door at the cloud's edge reads the protocol of its devices: give them another";
    if (p->report_every <= 0) return "report_every must be longer than 0";
    return p->link.report_topic[0] == '\0' ? "report path must not be empty" : NULL;
}

/* A target is spoken to in one protocol. */
static const char *protocols_wrong(const fleet_zone *z, bool real) {
    const net_protocol *first = z->groups[0].profile.link.protocol;
    for (uint32_t g = 0; g < z->group_count && real; g++) {
        if (z->groups[g].profile.link.protocol != first)
            return "all devices of a run against a target speak one protocol: leave out --target, "
                   "or give all of them the same";
    }
    return NULL;
}

static bool same_way(const fleet_group *a, const fleet_group *b) {
    const net_protocol_settings *one = &a->profile.link, *other = &b->profile.link;
    const char *said = a->dialect != NULL ? a->dialect : "";
    return one->protocol == other->protocol && one->security == other->security &&
           strcmp(said, b->dialect != NULL ? b->dialect : "") == 0;
}

/* Each way into the cloud has a door of its own in each street. */
static const char *ways_wrong(const fleet_zone *z) {
    uint32_t ways = 0;
    for (uint32_t g = 0; g < z->group_count; g++) {
        uint32_t first = 0;
        while (!same_way(&z->groups[first], &z->groups[g])) first++;
        ways += first == g;
    }
    return ways <= FLEET_WAYS_MAX
               ? NULL
               : "its devices come to the cloud in 14 ways at the most (protocol, "
                 "security and dialect): give more of them the same";
}

static const char *zone_wrong(const fleet_zone *z, bool real) {
    if (z->homes == 0 || z->homes_per_street == 0)
        return "homes and homes per street must be 1 at least";
    if (z->group_count == 0) return "there are no devices in its homes";
    if (z->router_boot_minimum < 0 || z->router_boot_maximum < z->router_boot_minimum)
        return "router_boot: the shortest time must not exceed the longest";
    if (z->start_over < 0) return "start_over must not be negative";
    if (!real && (z->uplink.latency < SIM_MICROSECOND || z->backhaul.latency < SIM_MICROSECOND)) {
        return "latency of uplink and backhaul must be 1 us at least in the virtual world: it is "
               "what lets "
               "streets be computed side by side";
    }
    if (per_home(z) > 1000) return "a home holds 1,000 devices at most";
    if (per_home(z) * z->homes_per_street > FLEET_STREET_DEVICES_MAX)
        return "a street holds 65,536 devices at most; use fewer homes per street";
    const char *other = protocols_wrong(z, real);
    if (other == NULL) other = ways_wrong(z);
    if (other == NULL) other = fleet_access_wrong(z);
    if (other != NULL) return other;
    if (!real && fleet_access_has_mobile(z) && z->mobile.latency < SIM_MICROSECOND)
        return "latency of the mobile network must be 1 us at least";
    const char *wrong = net_hop_settings_wrong(&z->uplink);
    return wrong != NULL ? wrong : net_hop_settings_wrong(&z->backhaul);
}

static const char *explain(char *why, size_t size, const char *where, const char *what) {
    (void)snprintf(why, size, "%s: %s", where, what);
    return why;
}

const char *fleet_spec_wrong(const fleet_spec *spec, bool real, char *why, size_t size) {
    const char *wrong = cloud_limits_wrong(&spec->cloud);
    if (wrong != NULL) return explain(why, size, "cloud", wrong);
    if (spec->zone_count == 0)
        return explain(why, size, "fleet", "setup made no homes and no devices");
    for (uint32_t i = 0; i < spec->zone_count; i++) {
        const fleet_zone *z = &spec->zones[i];
        wrong = zone_wrong(z, real);
        for (uint32_t g = 0; g < z->group_count && wrong == NULL; g++)
            wrong = group_wrong(&z->groups[g]);
        if (wrong != NULL) return explain(why, size, z->name, wrong);
    }
    if (fleet_spec_devices(spec) > FLEET_DEVICES_MAX) {
        (void)snprintf(why, size, "fleet: %" PRIu64 " devices, and %d is the most",
                       fleet_spec_devices(spec), FLEET_DEVICES_MAX);
        return why;
    }
    return NULL;
}
