/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/small_fleet.h"
#include "sim/judge/check_reconnect.h"
#include "sim/judge/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/model.h"
#include "tests/support/strikes.h"

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
    p->link = (net_protocol_settings){.protocol = &net_protocol_coap,
                                      .security = &net_security_dtls,
                                      .report_topic = "t",
                                      .register_topic = "rd"};
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

static const fleet_selection everybody = {.zone = UINT32_MAX};

static int resume(void *context, run *r, bool met, run_wait *next) {
    small_drill *d = context;
    *next = (run_wait){.kind = RUN_WAIT_UNTIL};
    switch (d->step++) {
        case 0:
            next->until = 600 * SIM_SECOND;
            return 0;
        case 1:
            next->until = run_now(r) + d->outage;
            return strike_power(r, &everybody, false, NULL);
        case 2:
            *next = (run_wait){
                .kind = RUN_WAIT_ONLINE, .until = run_now(r) + SIM_HOUR, .online_share = 1.0};
            return strike_power(r, &everybody, true, "power restore");
        case 3:
            d->came_back = met;
            next->until = run_now(r) + SIM_MINUTE;
            return 0;
        default:
            next->kind = RUN_WAIT_DONE;
            return 0;
    }
}

void small_drill_init(small_drill *d, sim_time outage) {
    *d = (small_drill){.outage = outage};
    d->drill = (run_drill){.context = d, .resume = resume};
}

run *small_fleet_run(const fleet_spec *spec, const run_options *options, sim_time outage,
                     judge_finding *finding) {
    char why[256];
    int code;
    small_drill d;
    judge_reconnect_wanted request = {.policy = judge_reconnect_policy_default};
    run *r = run_new(spec, options, why, sizeof why, &code);
    if (r == NULL) {
        (void)fprintf(stderr, "run_new: %s (%d)\n", why, code);
        abort();
    }
    small_drill_init(&d, outage);
    if (run_drive(r, &d.drill) != 0 ||
        run_judge(r, &judge_check_reconnect, &request, finding) != 0) {
        (void)fprintf(stderr, "run: %s\n", run_why(r));
        abort();
    }
    return r;
}
