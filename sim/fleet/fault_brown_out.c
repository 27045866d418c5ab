/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mains sags for a moment: devices without a battery start anew, routers carry through. */
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street_private.h"

/* What is on the mains and has no battery falls; it does not matter how long the sag is. */
static bool falls(const fleet_street *s, uint32_t device) {
    return fleet_street_state(s, device) != DEV_STATE_OFF && !s->notes[device].unpowered &&
           !fleet_street_lives_on(s, device);
}

typedef struct sag {
    sim_time lasting;
    uint8_t trigger;
    uint64_t online; /* of those that would fall */
} sag;

static void device_sags(fleet_street *s, uint32_t device, void *with) {
    const sag *c = with;
    if (!falls(s, device)) return;
    fleet_street_comes_after(s, device, c->trigger);
    fleet_street_switch(s, device, false);
    int error = fleet_street_post(s, sim_time_add(s->shard.now, c->lasting), FLEET_EVENT_SWITCH_ON,
                                  device, 0);
    if (error != 0) fleet_street_fail(s, error);
}

static void count_device(fleet_street *s, uint32_t device, void *with) {
    sag *c = with;
    c->online += falls(s, device) && fleet_street_is_online(s, device);
}

static uint64_t struck(const fleet_street *s, const fleet_selection *sel) {
    sag c = {.online = 0};
    (void)fleet_street_each((fleet_street *)s, sel, NULL, count_device, &c); /* counts only */
    return c.online;
}

static int strike(fleet_street *s, const fleet_selection *sel, const void *order, uint8_t trigger) {
    const fleet_brown_out_order *o = order;
    sag c = {.lasting = o->lasting, .trigger = trigger};
    return fleet_street_each(s, sel, NULL, device_sags, &c);
}

static const sim_field fields[] = {
    {.name = "lasting",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(fleet_brown_out_order, lasting),
     .minimum = 1e6,
     .maximum = 1e9,
     .required = true,
     .help = "1ms to 1s"},
    FLEET_FIELD_TRIGGER,
    {.name = NULL},
};
static const fleet_brown_out_order usual = {.trigger = "brown-out"};

const fleet_fault fleet_fault_brown_out = {
    .verb = "brown_out",
    .help =
        "the mains sags for so long: devices on it start anew, routers carry through; a "
        "fraction says how many of them do",
    .trigger = "brown-out",
    .reach = FLEET_REACH_DEVICES,
    .fields = fields,
    .size = sizeof usual,
    .usual = &usual,
    .power = true,
    .struck = struck,
    .told = "brown-out",
    .street = strike,
};
