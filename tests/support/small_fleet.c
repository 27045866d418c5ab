/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/small_fleet.h"

#include <stdio.h>
#include <string.h>

#include "devices/model.h"

void small_fleet_spec(fleet_spec *spec, uint32_t homes, uint32_t per_street, double capacity,
                      bool orderly) {
    memset(spec, 0, sizeof *spec);
    spec->cloud = cloud_limits_default;
    spec->cloud.connections_per_s = capacity;
    spec->cloud.connection_queue = (uint32_t)capacity;
    spec->zone_count = 1;
    fleet_zone *z = &spec->zones[0];
    (void)snprintf(z->name, sizeof z->name, "streets");
    z->homes = homes;
    z->homes_per_street = per_street;
    z->router_boot_minimum = 60 * SIM_SECOND;
    z->router_boot_maximum = 90 * SIM_SECOND;
    z->uplink = (net_hop_settings){.latency = 8 * SIM_MILLISECOND,
                                   .jitter = 4 * SIM_MILLISECOND,
                                   .bits_per_s = 20000000,
                                   .queue_bytes = 65536};
    z->backhaul = (net_hop_settings){.latency = 15 * SIM_MILLISECOND,
                                     .jitter = 5 * SIM_MILLISECOND,
                                     .bits_per_s = 1000000000,
                                     .queue_bytes = 1 << 20};
    z->start_over = 240 * SIM_SECOND;
    z->group_count = 1;
    dev_profile *p = &z->groups[0].profile;
    z->groups[0].per_home = 4;
    p->model = dev_model_named("thermostat");
    p->boot_minimum = 2 * SIM_SECOND;
    p->boot_maximum = 5 * SIM_SECOND;
    p->connect_limit = 30 * SIM_SECOND;
    p->report_every = 60 * SIM_SECOND;
    p->link = (net_protocol_settings){
        .protocol = &net_protocol_coap, .report_topic = "t", .register_topic = "rd"};
    p->follows = true;
    sim_time window = sim_time_from_seconds(3.0 * homes * 4 / capacity);
    dev_law good = {.kind = DEV_LAW_FULL_JITTER,
                    .initial_window = window,
                    .base = SIM_SECOND,
                    .cap = 60 * SIM_SECOND,
                    .factor = 2};
    dev_law bad = {.kind = DEV_LAW_FIXED, .base = 10 * SIM_SECOND, .cap = SIM_NEVER, .factor = 1};
    p->law = orderly ? good : bad;
}
