/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/examiner.h"

#include <stdio.h>

#include "sim/core/heap.h"
#include "sim/fleet/street_private.h"

enum { COHORTS = FLEET_ZONES_MAX * FLEET_GROUPS_MAX * FLEET_EXAMINER_VERSIONS };
_Static_assert((int)COHORTS <= (int)EXAMINE_WATCH_COHORTS_MAX,
               "a cohort for every kind in every zone");

uint32_t fleet_examiner_cohort(uint32_t zone, uint32_t group, uint32_t version) {
    return (zone * FLEET_GROUPS_MAX + group) * FLEET_EXAMINER_VERSIONS +
           version % FLEET_EXAMINER_VERSIONS;
}

char *fleet_examiner_cohort_text(const fleet_spec *spec, uint32_t cohort, char *text, size_t size) {
    uint32_t version = cohort % FLEET_EXAMINER_VERSIONS, kind = cohort / FLEET_EXAMINER_VERSIONS;
    uint32_t group = kind % FLEET_GROUPS_MAX, zone = kind / FLEET_GROUPS_MAX;
    SIM_PROMISE(zone < spec->zone_count && group < spec->zones[zone].group_count);
    (void)snprintf(text, size, "%s, firmware %u, %s",
                   spec->zones[zone].groups[group].profile.model->name, version,
                   spec->zones[zone].name);
    return text;
}

int fleet_examiner_init(fleet_examiner *e, const fleet_spec *spec) {
    const fleet_examination *x = &spec->examination;
    *e = (fleet_examiner){.due = SIM_NEVER};
    if (!x->on) return 0;
    uint32_t cohorts = fleet_examiner_cohort(spec->zone_count, 0, 0);
    e->fleet = examine_watch_fleet_new(&x->settings, cohorts);
    e->window = e->due = x->settings.window;
    return e->fleet == NULL ? SIM_ENOMEM : 0;
}

int fleet_examiner_attach(fleet_examiner *e, fleet_street *const *streets, size_t count) {
    if (e->fleet == NULL) return 0;
    e->watches = sim_calloc(count, sizeof(examine_watch *));
    if (e->watches == NULL) return SIM_ENOMEM;
    e->watch_count = count;
    for (size_t i = 0; i < count; i++) e->watches[i] = streets[i]->heard.watch;
    return 0;
}

void fleet_examiner_deinit(fleet_examiner *e) {
    examine_watch_fleet_free(e->fleet);
    sim_free(e->watches);
    sim_free(e->notices);
    *e = (fleet_examiner){.due = SIM_NEVER};
}

static int keep(fleet_examiner *e, const record_alert *n) {
    if (e->count == FLEET_EXAMINER_NOTICES_MAX) {
        e->lost++;
        return 0;
    }
    record_alert *notices = sim_more(e->notices, e->count, &e->room, sizeof *notices);
    if (notices == NULL) return SIM_ENOMEM;
    e->notices = notices;
    e->notices[e->count] = *n;
    e->notices[e->count++].delivered = SIM_NEVER;
    return 0;
}

void fleet_examiner_close_street(fleet_examiner *e, size_t street) {
    examine_watch_close(e->watches[street], e->due);
}

int fleet_examiner_close(fleet_examiner *e, size_t *fresh) {
    size_t count;
    int error = 0;
    *fresh = e->count;
    examine_watch_fleet_close(e->fleet, e->due, e->watches, e->watch_count);
    const record_alert *notices = examine_watch_fleet_notices(e->fleet, &count);
    for (size_t i = 0; i < count && error == 0; i++) error = keep(e, &notices[i]);
    e->due = sim_time_add(e->due, e->window);
    return error;
}
