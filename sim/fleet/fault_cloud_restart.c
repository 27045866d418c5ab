/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cloud stops, and begins anew without its sessions. */
#include <stdio.h>

#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"
#include "sim/judge/words.h"

static void stop(cloud_capacity *c, sim_time now, const void *order) {
    const fleet_restart_order *o = order;
    cloud_capacity_stop(c, now, sim_time_add(now, o->down));
}

static int restart(fleet_street *s, const fleet_selection *sel, const void *order,
                   uint8_t trigger) {
    const fleet_restart_order *o = order;
    (void)sel;
    for (uint32_t i = 0; i < s->device_count; i++) {
        fleet_street_comes_after(s, i, trigger);
        cloud_edge_forget(&s->notes[i].edge);
    }
    s->cloud_life++;
    for (uint32_t g = 0; g < s->gate_count; g++)
        s->gates[g].door_kind->forget(s->gates[g].door, s->shard.now, o->silent == 0);
    return s->error;
}

static void tell(const void *order, uint64_t struck, char *line, size_t size) {
    const fleet_restart_order *o = order;
    char span[24];
    (void)snprintf(line, size, "cloud restarts, back in %s: %s %s",
                   sim_time_text(o->down, span, sizeof span), JUDGE_OF(struck, "session"),
                   o->silent == 0 ? "closed" : "forgotten");
}

static const char *const how_words[] = {"close", "silent", NULL};
static const sim_field fields[] = {
    {.name = "down",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(fleet_restart_order, down),
     .minimum = 0,
     .maximum = 366 * 86400e9,
     .required = true,
     .help = "nothing is admitted for so long"},
    {.name = "how",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(fleet_restart_order, silent),
     .choices = how_words,
     .help = "close (usual): every session in order first; silent: it forgets them"},
    FLEET_FIELD_TRIGGER,
    {.name = NULL},
};
static const fleet_restart_order usual = {.trigger = "broker restart"};

const fleet_fault fleet_fault_cloud_restart = {
    .verb = "cloud_restart",
    .help = "the cloud stops, is down for so long, and begins anew without its sessions and queues",
    .trigger = "broker restart",
    .reach = FLEET_REACH_CLOUD,
    .built_in_only = true,
    .fields = fields,
    .size = sizeof usual,
    .usual = &usual,
    .struck = fleet_street_online,
    .tell = tell,
    .cloud = stop,
    .street = restart,
};
