/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/spec.h - what a scenario's `setup` says, as plain data: streets of homes, devices in each
 * home, the cloud. A fleet is generated from it shard by shard, from (seed, home) alone. */
#ifndef RUN_SPEC_H
#define RUN_SPEC_H

#include "devices/model.h"
#include "devices/presets.h"
#include "net/hop.h"
#include "sim/cloud/capacity.h"
#include "sim/examine/watch.h"
#include "sim/judge/ixit.h"

enum {
    RUN_ZONES_MAX = 16,
    RUN_GROUPS_MAX = 8,         /* kinds of device in a home */
    RUN_HOMES_PER_STREET = 250, /* default; a street is a shard */
    RUN_DEVICES_MAX = 4000000,
    RUN_STREET_DEVICES_MAX = 65536
};

typedef struct run_group {
    /* strings borrowed from static storage or the spec's owner for the life of the run */
    dev_profile profile;
    uint32_t per_home; /* 1..1000 */
} run_group;

/* Homes that are alike. Each `homes_per_street` of them make a street with a backhaul of its own;
 * all streets hang on one substation. */
typedef struct run_zone {
    char name[32];
    /* of its devices, for cohorts; "": its name */
    char region[32];
    uint32_t homes;                                    /* 1.. */
    uint32_t homes_per_street;                         /* 1.. */
    sim_time router_boot_minimum, router_boot_maximum; /* power on to link up, uniform per home */
    net_hop_settings uplink; /* of each home, both ways; latency > 0 in the virtual world */
    /* of each street, both ways; latency > 0 in the virtual world: it is the look-ahead of D4 */
    net_hop_settings backhaul;
    run_group groups[RUN_GROUPS_MAX];
    uint32_t group_count;
    /* at time 0 the homes have power and links are up; devices are switched on one by one,
     * uniformly over this span */
    sim_time start_over;
} run_zone;

/* The built-in cloud examines telemetry (EN 303 645, 5.10-1). */
typedef struct run_examination {
    bool on;
    /* each device's readings are examined as a series of their own besides: 7.5 KB a device */
    bool series;
    examine_watch_settings settings;
} run_examination;

typedef struct run_spec {
    /* of each session of the built-in cloud, from its registration; 0: never */
    sim_time close_after;
    cloud_limits cloud;
    run_examination examination;
    run_zone zones[RUN_ZONES_MAX];
    uint32_t zone_count;
    /* what the maker declares besides the laws; strings borrowed as those of a profile */
    judge_ixit ixit;
} run_spec;

/* NULL when the spec makes sense, else a sentence (written to `why`, size >= 200) that names what
 * does not. `real`: latencies may be 0. */
const char *run_spec_wrong(const run_spec *spec, bool real, char *why, size_t size);
bool run_zone_updates(const run_zone *zone); /* some of its devices take updates */
uint64_t run_spec_homes(const run_spec *spec);
uint64_t run_spec_devices(const run_spec *spec);

#endif
