/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/serve/examiner.h"

#include "sim/cloud/session.h"
#include "sim/core/heap.h"
#include "sim/fleet/examiner.h"

/* What the devices are is not known here: cohorts are firmware versions. */
static uint32_t cohort_of(uint32_t version) {
    return fleet_examiner_cohort(0, 0, version);
}

int serve_examiner_init(serve_examiner *e, const examine_watch_settings *settings) {
    e->due = SIM_NEVER;
    if (settings == NULL) return 0;
    e->fleet = examine_watch_fleet_new(settings, FLEET_EXAMINER_VERSIONS);
    if (e->fleet == NULL) return SIM_ENOMEM;
    e->heard.watch = examine_watch_new_empty(e->fleet, SERVE_EXAMINED_MAX);
    e->devices = sim_calloc(SERVE_EXAMINED_MAX, sizeof *e->devices);
    if (e->heard.watch == NULL || e->devices == NULL) return SIM_ENOMEM;
    sim_map_init(&e->known);
    e->window = e->due = settings->window;
    return 0;
}

void serve_examiner_deinit(serve_examiner *e) {
    if (e->fleet == NULL) return;
    examine_watch_free(e->heard.watch);
    examine_watch_fleet_free(e->fleet);
    sim_map_deinit(&e->known);
    sim_free(e->devices);
    e->fleet = NULL;
}

static bool known(const serve_examiner *e, uint32_t device, uint32_t *number) {
    return e->fleet != NULL && sim_map_get(&e->known, device, number);
}

/* False: nobody examines, or there is no room. */
static bool known_or_new(serve_examiner *e, uint32_t device, uint32_t *number) {
    if (e->fleet == NULL) return false;
    if (known(e, device, number)) return true;
    if (e->known.count == SERVE_EXAMINED_MAX) return false;
    if (sim_map_put(&e->known, device, (uint32_t)e->known.count) != 0) return false;
    SIM_PROMISE(examine_watch_join(e->heard.watch, cohort_of(1), number) == 0);
    e->devices[*number] = device;
    return true;
}

static uint32_t firmware(void *context, uint32_t device, uint32_t version) {
    (void)context;
    (void)device;
    return cohort_of(version);
}

void serve_examiner_report(serve_examiner *e, sim_time now, uint32_t device,
                           const net_senml_pack *pack, size_t bytes) {
    uint32_t number;
    if (e->fleet == NULL) return;
    if (pack != NULL && device < CLOUD_ANYBODY && known_or_new(e, device, &number))
        fleet_watch_pack(&e->heard, now, number, pack, bytes, firmware, e);
    else
        e->unexamined++;
}

/* An attempt is known to be this device's when it has succeeded. */
void serve_examiner_session(serve_examiner *e, sim_time now, uint32_t device,
                            const net_address *from, bool up, sim_time heard) {
    uint32_t number;
    net_address place = *from;
    place.port = 0;
    if (!known_or_new(e, device, &number)) return;
    if (up) {
        fleet_watch_count(&e->heard, now, number, RECORD_METRIC_CONNECTION_ATTEMPTS, 1);
        fleet_watch_up(&e->heard, now, number, net_address_hash(&place));
    } else {
        fleet_watch_down(&e->heard, now, number, heard);
    }
}

void serve_examiner_refused(serve_examiner *e, sim_time now, uint32_t device) {
    uint32_t number;
    if (known(e, device, &number))
        fleet_watch_count(&e->heard, now, number, RECORD_METRIC_AUTHORIZATION_FAILURES, 1);
}

void serve_examiner_close(serve_examiner *e, serve_noticed *noticed, void *context) {
    size_t count;
    examine_watch_close(e->heard.watch, e->due);
    examine_watch_fleet_close(e->fleet, e->due, &e->heard.watch, 1);
    const record_alert *notices = examine_watch_fleet_notices(e->fleet, &count);
    for (size_t i = 0; i < count; i++) {
        record_alert n = notices[i];
        n.delivered = n.at;
        if (n.scope == RECORD_SCOPE_DEVICE) n.who = e->devices[n.who];
        noticed(context, &n);
    }
    e->due = sim_time_add(e->due, e->window);
}
