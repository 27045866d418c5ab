/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in cloud admits more or less from now on. */
#include <stdio.h>

#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"

static void change_capacity(cloud_capacity *c, sim_time now, const void *order) {
    cloud_capacity_change(c, order, now);
}

static int change_street(fleet_street *s, const fleet_selection *sel, const void *order,
                         uint8_t trigger) {
    const cloud_limits *limits = order;
    (void)sel;
    (void)trigger;
    s->service.hold_s = limits->max_age_s;
    s->service.busy = limits->busy;
    return s->error;
}

static void tell(const void *order, uint64_t struck, char *line, size_t size) {
    (void)order;
    (void)struck;
    (void)snprintf(line, size, "cloud limits changed");
}

static const char *wrong(const fleet_spec *spec, sim_time now, const fleet_selection *sel,
                         void *order) {
    (void)spec;
    (void)now;
    (void)sel;
    return cloud_limits_wrong(order);
}

/* Setup's word also takes max_age, and queues that follow from rates. */
static const sim_field fields[] = {
    {.name = "connections",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(cloud_limits, connections_per_s),
     .minimum = 0.001,
     .maximum = 1e9,
     .help = "admitted a second"},
    {.name = "connection_queue",
     .kind = SIM_FIELD_COUNT32,
     .offset = offsetof(cloud_limits, connection_queue),
     .minimum = 0,
     .maximum = 1e9,
     .help = "places; usual: one second of connections"},
    {.name = "requests",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(cloud_limits, requests_per_s),
     .minimum = 0.001,
     .maximum = 1e9,
     .help = "served a second"},
    {.name = "request_queue",
     .kind = SIM_FIELD_COUNT32,
     .offset = offsetof(cloud_limits, request_queue),
     .minimum = 0,
     .maximum = 1e9,
     .help = "places; usual: one second of requests"},
    {.name = "over",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(cloud_limits, over),
     .choices = cloud_over_words,
     .help = "what becomes of packets beyond"},
    {.name = "says",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(cloud_limits, busy),
     .choices = cloud_busy_words,
     .help = "with over = \"busy\", to those who have several words for it"},
    {.name = "overload_cost",
     .kind = SIM_FIELD_FRACTION,
     .offset = offsetof(cloud_limits, overload_cost),
     .help = "of a place that a refusal costs"},
    {.name = NULL},
};

const fleet_fault fleet_fault_cloud = {
    .verb = "cloud",
    .help = "what the cloud can take from now on; what is not named stays",
    .reach = FLEET_REACH_CLOUD,
    .built_in_only = true,
    .fields = fields,
    .word_of_setup = true,
    .size = sizeof(cloud_limits),
    .usual = &cloud_limits_default,
    .wrong = wrong,
    .tell = tell,
    .cloud = change_capacity,
    .street = change_street,
};
