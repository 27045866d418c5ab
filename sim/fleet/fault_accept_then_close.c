/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cloud lets devices in, and closes their sessions soon after. */
#include <stdio.h>

#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"
#include "sim/judge/words.h"

static int close_after(fleet_street *s, const fleet_selection *sel, const void *order,
                       uint8_t trigger) {
    const fleet_close_order *o = order;
    (void)sel;
    for (uint32_t i = 0; o->close_after > 0 && i < s->device_count; i++)
        fleet_street_comes_after(s, i, trigger);
    s->service.close_after = o->close_after;
    s->service.resets = o->closes == FLEET_RESETS;
    for (uint32_t g = 0; g < s->gate_count; g++)
        s->gates[g].door_kind->expire(s->gates[g].door, s->shard.now);
    return s->error;
}

static void tell(const void *order, uint64_t struck, char *line, size_t size) {
    const fleet_close_order *o = order;
    char span[24];
    if (o->close_after == 0)
        (void)snprintf(line, size, "cloud lets sessions live again");
    else
        (void)snprintf(line, size, "cloud accepts, and %s %s later: %s %s now",
                       o->closes == FLEET_RESETS ? "resets" : "closes",
                       sim_time_text(o->close_after, span, sizeof span),
                       JUDGE_OF(struck, "session"), o->closes == FLEET_RESETS ? "reset" : "closed");
}

/* Nobody comes back for sessions that live. */
static const char *complete(const fleet_spec *spec, sim_time now, const fleet_selection *sel,
                            void *order) {
    fleet_close_order *o = order;
    (void)spec;
    (void)now;
    (void)sel;
    if (o->close_after == 0) o->trigger = NULL;
    return NULL;
}

const char *const fleet_close_words[] = {
    [FLEET_CLOSES_IN_ORDER] = "in-order", [FLEET_RESETS] = "reset", NULL};

static const sim_field fields[] = {
    {.name = "close_after",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(fleet_close_order, close_after),
     .minimum = 0,
     .maximum = 86400e9,
     .required = true,
     .help = "after its registration; 0: no longer"},
    {.name = "closes",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(fleet_close_order, closes),
     .choices = fleet_close_words,
     .help =
         "in-order (usual), or reset: a connection by RST, a session of datagrams is forgotten"},
    FLEET_FIELD_TRIGGER,
    {.name = NULL},
};
static const fleet_close_order usual = {.trigger = "close of sessions"};

const fleet_fault fleet_fault_accept_then_close = {
    .verb = "cloud",
    .help = "the cloud registers devices and closes each session so long after",
    .trigger = "close of sessions",
    .reach = FLEET_REACH_CLOUD,
    .built_in_only = true,
    .fields = fields,
    .word_of_setup = true,
    .size = sizeof usual,
    .usual = &usual,
    .wrong = complete,
    .struck = fleet_street_online,
    .tell = tell,
    .street = close_after,
};
