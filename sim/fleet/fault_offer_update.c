/* SPDX-License-Identifier: GPL-3.0-or-later */
/* New firmware is offered. The run makes the images and numbers the offers (sim/run/update.c),
 * street_update.c tells the devices. */
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/selection.h"
#include "sim/fleet/spec.h"
#include "sim/fleet/street_private.h"

/* An offer that nobody could take is a mistake of whoever wrote it. */
static const char *wrong(const fleet_spec *spec, sim_time now, const fleet_selection *sel,
                         void *order) {
    (void)now;
    (void)order;
    for (uint32_t z = 0; z < spec->zone_count; z++)
        if ((sel->zone == UINT32_MAX || sel->zone == z) && fleet_zone_updates(&spec->zones[z]))
            return NULL;
    return "none of these devices takes updates; say updates = true in their description";
}

static const char *const rogue_words[] = {
#define ROGUE_WORD(name, word, title) word,
    CLOUD_ROGUE_MAP(ROGUE_WORD)
#undef ROGUE_WORD
        NULL};
static const sim_field fields[] = {
    {.name = "version",
     .kind = SIM_FIELD_COUNT32,
     .offset = offsetof(fleet_update_order, version),
     .minimum = 1,
     .maximum = UINT32_MAX,
     .required = true,
     .help = "of the firmware"},
    {.name = "size",
     .kind = SIM_FIELD_COUNT32,
     .offset = offsetof(fleet_update_order, bytes),
     .minimum = 1,
     .maximum = CLOUD_UPDATE_SIZE_MAX,
     .help = "bytes of the image; usual: 4000"},
    {.name = "over",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(fleet_update_order, over),
     .minimum = 0,
     .maximum = 366 * 86400e9,
     .help = "each device is told at a random time within it; usual: all at once"},
    {.name = "rogue",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(fleet_update_order, rogue),
     .choices = rogue_words,
     .help = "what is wrong with it"},
    FLEET_FIELD_TRIGGER,
    {.name = NULL},
};
static const fleet_update_order usual = {.trigger = "update wave", .bytes = 4000};

const fleet_fault fleet_fault_offer_update = {
    .verb = "offer_update",
    .help = "new firmware for those of the devices that take updates",
    .trigger = "update wave",
    .reach = FLEET_REACH_DEVICES,
    .built_in_only = true,
    .fields = fields,
    .size = sizeof usual,
    .usual = &usual,
    .wrong = wrong,
    .power = true,
};
