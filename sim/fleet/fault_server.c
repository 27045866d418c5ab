/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server that homes need before their devices can speak to the cloud is slow, or gone. */
#include <stdio.h>

#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"

static int home_server(fleet_street *s, uint32_t home, void *with) {
    const fleet_server_order *o = *(const fleet_server_order *const *)with;
    s->homes[home].server_after[o->which] = o->gone ? SIM_NEVER : o->answers_after;
    return 0;
}

static int change(fleet_street *s, const fleet_selection *sel, const void *order, uint8_t trigger) {
    (void)trigger;
    return fleet_street_each(s, sel, home_server, NULL, &order);
}

static void tell(const void *order, uint64_t struck, char *line, size_t size) {
    const fleet_server_order *o = order;
    (void)struck;
    if (o->gone)
        (void)snprintf(line, size, "%s is gone", fleet_server_words[o->which]);
    else
        (void)snprintf(line, size, "%s answers after %.4g s", fleet_server_words[o->which],
                       sim_time_seconds(o->answers_after));
}

static const sim_field fields[] = {
    {.name = "which",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(fleet_server_order, which),
     .choices = fleet_server_words,
     .required = true,
     .help = "dhcp, dns or time"},
    {.name = "answers_after",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(fleet_server_order, answers_after),
     .minimum = 0,
     .maximum = 86400e9,
     .help = "how long it takes; 20ms"},
    {.name = "gone",
     .kind = SIM_FIELD_BOOLEAN,
     .offset = offsetof(fleet_server_order, gone),
     .help = "it does not answer; false"},
    {.name = NULL},
};
static const fleet_server_order usual = {.answers_after = FLEET_SERVER_AFTER};

const fleet_fault fleet_fault_server = {
    .verb = "server",
    .help =
        "what homes need before the cloud, dhcp, dns or time, is slow or gone; without more "
        "than its name it is well again",
    .reach = FLEET_REACH_HOMES,
    .fields = fields,
    .size = sizeof usual,
    .usual = &usual,
    .tell = tell,
    .street = change,
};
