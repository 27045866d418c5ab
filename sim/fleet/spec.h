/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/spec.h - what a scenario's `setup` says, as plain data: streets of homes, devices in
 * each home, the cloud. A fleet is generated from it shard by shard, from (seed, home) alone. */
#ifndef SIM_FLEET_SPEC_H
#define SIM_FLEET_SPEC_H

#include "devices/model.h"
#include "devices/presets.h"
#include "net/dialect.h"
#include "net/hop_kind.h"
#include "net/protocol.h"
#include "sim/cloud/capacity.h"
#include "sim/examine/watch.h"
#include "sim/fleet/access.h"
#include "sim/fleet/authority.h"
#include "sim/fleet/feed.h"
#include "sim/judge/ixit.h"

enum {
    FLEET_ZONES_MAX = 40,
    FLEET_NAME_MAX = 32,          /* bytes */
    FLEET_GROUPS_MAX = 24,        /* kinds of device in a home */
    FLEET_WAYS_MAX = 14,          /* of them into the cloud: by protocol, security and dialect */
    FLEET_HOMES_PER_STREET = 250, /* default; a street is a shard */
    FLEET_DEVICES_MAX = 4000000,
    FLEET_STREET_DEVICES_MAX = 65536,
    /* Open sessions that rest and keep what their library has of them, of devices and of the cloud
     * each: all of a fleet of this size, 0.5 GB in all. Of a larger one the others sleep. */
    FLEET_AWAKE = 50000
};

typedef struct fleet_group {
    /* strings borrowed from static storage or the spec's owner for the life of the run */
    dev_profile profile;
    uint32_t per_home;         /* 1..1000 */
    char name[FLEET_NAME_MAX]; /* of a device of its own, in a home laid out by hand; "": none */
    fleet_access access;
    /* At a service that is not its maker's (EN 303 645 Annex A: not associated); model NULL: it
     * talks to none. */
    dev_profile non_associated;
    const char *dialect; /* a name or a file, borrowed as those of the profile; NULL: none */
    /* Its dialect is what that name means, and NULL until somebody has looked; the rest is the
     * run's own business. */
    net_backend backend;
} fleet_group;

/* Homes that are alike. Each `homes_per_street` of them make a street with a backhaul of its own;
 * all streets hang on one substation. */
typedef struct fleet_zone {
    char name[32];
    /* of its devices, for cohorts; "": its name */
    char region[32];
    char isp[32];              /* whose lines its homes have; "": nobody said */
    char mobile_isp[32];       /* and whose mobile network */
    uint32_t feed;             /* its power zone, a number of fleet_spec.feeds */
    uint32_t homes;            /* 1.. */
    uint32_t homes_per_street; /* 1.. */
    sim_time router_boot_minimum, router_boot_maximum; /* power on to link up, uniform per home */
    net_hop_settings uplink; /* of each home, both ways; latency > 0 in the virtual world */
    /* of each street, both ways; latency > 0 in the virtual world: it is the look-ahead of D4 */
    net_hop_settings backhaul;
    /* Of the mobile network to the backhaul, each home's own share of a cell. When the mains of
     * homes is off, the masts that serve a half of them go on for the first of the two times, those
     * of the other half for the second. */
    net_hop_settings mobile;
    sim_time mast_first, mast_second;
    fleet_group groups[FLEET_GROUPS_MAX];
    uint32_t group_count;
    /* at time 0 the homes have power and links are up; devices are switched on one by one,
     * uniformly over this span */
    sim_time start_over;
} fleet_zone;

/* The built-in cloud examines telemetry (EN 303 645, 5.10-1). */
typedef struct fleet_examination {
    bool on;
    /* each device's readings are examined as a series of their own besides: 7.6 KB a device */
    bool series;
    examine_watch_settings settings;
} fleet_examination;

typedef struct fleet_spec {
    /* of each session of the built-in cloud, from its registration; 0: never */
    sim_time close_after;
    bool resets; /* ... by a reset, or without a word */
    cloud_limits cloud;
    fleet_cloud_paper paper; /* where devices ask the cloud for a certificate: what it shows */
    bool older_security;     /* ... and they speak the older version alone */
    bool capacity_declared;  /* cloud.connections_per_s was said, and is not only the usual one */
    fleet_examination examination;
    uint32_t awake; /* instead of FLEET_AWAKE; results are the same; 0: that */
    fleet_zone zones[FLEET_ZONES_MAX];
    uint32_t zone_count;
    fleet_feeds feeds;
    /* what the maker declares besides the laws; strings borrowed as those of a profile */
    judge_ixit ixit;
} fleet_spec;

/* NULL when the spec makes sense, else a sentence (written to `why`, size >= 200) that names what
 * does not. `real`: latencies may be 0. */
const char *fleet_spec_wrong(const fleet_spec *spec, bool real, char *why, size_t size);
/* What a device is at a service that is not its maker's. */
extern const dev_model fleet_non_associated_model;
/* NULL when devices of that profile can talk to one besides, else a static sentence. */
const char *fleet_non_associated_wrong(const dev_profile *profile);
/* Whether a kind of device is one that is looked for. */
typedef bool fleet_group_fits(const fleet_group *group, const void *context);
/* whatever the context */
fleet_group_fits fleet_group_is_household, fleet_group_takes_updates, fleet_group_strays;
/* The first kind of device that fits, of all and of one zone's; NULL: none does. */
const fleet_group *fleet_spec_any(const fleet_spec *spec, fleet_group_fits *fits,
                                  const void *context);
const fleet_group *fleet_zone_any(const fleet_zone *zone, fleet_group_fits *fits,
                                  const void *context);
/* Of the zone of that number; UINT32_MAX: of all, as a selection has it. */
const fleet_group *fleet_spec_any_in(const fleet_spec *spec, uint32_t zone, fleet_group_fits *fits,
                                     const void *context);
bool fleet_zone_updates(const fleet_zone *zone); /* some of its devices take updates */
/* Some of its devices have certificates. */
bool fleet_spec_certificates(const fleet_spec *spec);
uint64_t fleet_spec_homes(const fleet_spec *spec);
uint64_t fleet_spec_devices(const fleet_spec *spec);

#endif
