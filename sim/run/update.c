/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The updates that a drill offers: made once, read by all streets. */
#include <inttypes.h>
#include <stdio.h>

#include "devices/model.h"
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street.h"
#include "sim/fleet/street_account.h"
#include "sim/run/count.h"
#include "sim/run/run_private.h"

bool run_has_updates(const run *r) {
    return fleet_spec_any(&r->spec, fleet_group_takes_updates, NULL) != NULL;
}

int run_updates_init(run *r) {
    return run_has_updates(r) ? cloud_update_key(r->shared.seed, &r->shared.update_key) : 0;
}

void run_updates_deinit(run *r) {
    for (uint32_t i = 0; i < r->offer_count; i++) cloud_update_free(r->offers[i].updates);
}

/* An image for each model that takes updates. */
static int make_images(run *r, const fleet_update_order *u, cloud_update **list) {
    for (uint32_t z = 0; z < r->spec.zone_count; z++) {
        const fleet_zone *zone = &r->spec.zones[z];
        for (uint32_t g = 0; g < zone->group_count; g++) {
            const char *model = zone->groups[g].profile.model->name;
            if (!zone->groups[g].profile.updates || cloud_update_for(*list, model) != NULL)
                continue;
            int error = cloud_update_add(list, model, u->version, u->bytes, (cloud_rogue)u->rogue,
                                         r->shared.seed);
            if (error != 0) return error;
        }
    }
    return 0;
}

typedef struct offer_call {
    const fleet_selection *selection;
    uint32_t number;
    sim_time over;
} offer_call;

static int offer_street(run *r, uint32_t street, void *with) {
    const offer_call *c = with;
    return fleet_street_offer(r->streets[street], r->now, c->selection, c->number, c->over);
}

static int tell_offer(run *r, const fleet_selection *s, const fleet_update_order *u) {
    static const char *const titles[CLOUD_ROGUES] = {
#define ROGUE_TITLE(name, word, title) title,
        CLOUD_ROGUE_MAP(ROGUE_TITLE)
#undef ROGUE_TITLE
    };
    char line[RUN_STORY_TEXT];
    bool rogue = u->rogue != CLOUD_ROGUE_NONE;
    (void)snprintf(line, sizeof line, "update to version %" PRIu32 " offered%s%s%s", u->version,
                   rogue ? " (" : "", rogue ? titles[u->rogue] : "", rogue ? ")" : "");
    return run_tell(r, s, line);
}

int run_offer_update(run *r, const fleet_selection *s, const void *order, char *why, size_t size) {
    const fleet_update_order *u = order;
    if (r->offer_count == FLEET_OFFERS_MAX || r->trigger_count == RUN_TRIGGERS_MAX) {
        (void)snprintf(why, size, "a run has at most 32 offers and 63 triggers");
        return SIM_ERANGE;
    }
    fleet_offer *offer = &r->offers[r->offer_count];
    *offer = (fleet_offer){0};
    int error = make_images(r, u, &offer->updates);
    /* Its time and its devices become known as they restart; they begin anew then, as after a power
     * cut. */
    const run_trigger restarts = {.power = true};
    if (error == 0) error = run_add_trigger(r, u->trigger, &restarts, &offer->trigger);
    if (error == 0) error = tell_offer(r, s, u);
    if (error != 0) {
        cloud_update_free(offer->updates);
        return error;
    }
    offer_call c = {.selection = s, .number = r->offer_count++, .over = u->over};
    return run_each_street(r, offer_street, &c);
}

void run_firmware_count(const run *r, const fleet_selection *s, uint32_t version,
                        fleet_firmware *out) {
    *out = (fleet_firmware){0};
    for (uint32_t i = 0; i < r->street_count; i++)
        fleet_street_firmware(r->streets[i], s, version, out);
}

void run_updates_settle(run *r) {
    for (uint32_t i = 0; i < r->offer_count; i++) {
        run_trigger *t = &r->triggers[r->offers[i].trigger];
        for (uint32_t n = 0; n < r->street_count; n++) {
            const fleet_restarts *restarts = &fleet_street_account(r->streets[n]).restarts[i];
            t->struck += restarts->devices;
            t->at = sim_time_min(t->at, restarts->first);
        }
    }
}
