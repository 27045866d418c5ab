/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a street has of its devices' households: the part of each, and what of their samples came
 * to the cloud. */
#include <math.h>
#include <string.h>

#include "devices/household.h"
#include "sim/core/heap.h"
#include "sim/fleet/street_account.h"
#include "sim/fleet/street_private.h"

/* A part, and how far the cloud has come with its samples: all up to that one arrived. */
struct fleet_household {
    dev_household own;
    int64_t had_ms;
};

int fleet_street_build_households(fleet_street *s) {
    if (fleet_zone_any(s->zone, fleet_group_is_household, NULL) == NULL) return 0;
    s->households = sim_calloc(s->device_count, sizeof *s->households);
    return s->households == NULL ? SIM_ENOMEM : 0;
}

/* It has streams of its own: when it is made changes nothing of it. */
static int add_household(fleet_street *s, uint32_t local) {
    fleet_household *h = s->households[local] = sim_calloc(1, sizeof *h);
    return h == NULL ? SIM_ENOMEM : dev_household_init(&h->own, s->devices[local], s->shared->seed);
}

void fleet_street_switch(fleet_street *s, uint32_t local, bool on) {
    if (on && fleet_street_made(s, local) == NULL) return;
    bool first = on && fleet_street_profile(s, local)->household && s->households[local] == NULL;
    int error = first ? add_household(s, local) : 0;
    if (error != 0)
        fleet_street_fail(s, error);
    else
        fleet_street_tell_power(s, local, on);
}

void fleet_street_free_households(fleet_street *s) {
    for (uint32_t i = 0; s->households != NULL && i < s->device_count; i++)
        sim_free(s->households[i]);
    sim_free(s->households);
    s->households = NULL;
}

/* Times of one name in a pack, in their order; returns how many. */
static size_t times_of(const net_senml_pack *pack, int64_t out[NET_SENML_RECORDS_MAX]) {
    size_t n = 0;
    for (size_t i = 0; i < pack->count; i++) {
        if (strcmp(pack->records[i].name, pack->records[0].name) != 0) continue;
        int64_t at = llround(1000 * pack->records[i].time_s);
        size_t place = n++;
        for (; place > 0 && out[place - 1] > at; place--) out[place] = out[place - 1];
        out[place] = at;
    }
    return n;
}

void fleet_street_arrived(fleet_street *s, uint32_t local, const net_senml_pack *pack) {
    int64_t times[NET_SENML_RECORDS_MAX];
    fleet_household *h = s->households == NULL ? NULL : s->households[local];
    if (h == NULL || pack == NULL || pack->count == 0) return;
    size_t model = dev_model_number(s->devices[local]->profile->model);
    uint64_t *notes =
        s->sums.devices.notes[model][h->own.lost ? DEV_PHASE_AFTER : DEV_PHASE_BEFORE];
    size_t n = times_of(pack, times);
    for (size_t i = 0; i < n; i++) {
        bool newer = times[i] > h->had_ms;
        notes[newer ? DEV_NOTE_ARRIVED : DEV_NOTE_REPEATED]++;
        if (newer) h->had_ms = times[i];
    }
}

uint64_t fleet_street_samples_waiting(const fleet_street *s) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < s->device_count; i++)
        n += s->devices[i] == NULL ? 0 : dev_household_waiting(s->devices[i]);
    return n;
}
