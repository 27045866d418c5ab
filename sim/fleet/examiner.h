/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/examiner.h - the examiner of telemetry in the built-in cloud (EN 303 645, 5.10-1) as a
 * part of a run: closes its windows, keeps its notices, takes them to an operator. Serial: used
 * between two windows of the run. */
#ifndef SIM_FLEET_EXAMINER_H
#define SIM_FLEET_EXAMINER_H

#include "sim/examine/watch.h"
#include "sim/fleet/spec.h"

typedef struct fleet_street fleet_street;

enum {
    /* of firmware that are told apart at a time: version modulo this */
    FLEET_EXAMINER_VERSIONS = 8,
    FLEET_EXAMINER_NOTICES_MAX = 200000 /* kept of a run; more are counted */
};

typedef struct fleet_examiner {
    examine_watch_fleet *fleet;
    examine_watch **watches; /* of the streets, borrowed */
    size_t watch_count;
    sim_time window, due; /* SIM_NEVER: nobody examines */
    record_alert *notices;
    size_t count, room;
    uint64_t lost; /* notices for which there was no room */
} fleet_examiner;

/* The cohort of a kind of device in a zone that runs a version. */
uint32_t fleet_examiner_cohort(uint32_t zone, uint32_t group, uint32_t version);
/* "thermostat, firmware 2, street". Returns `text`; size >= 96. */
char *fleet_examiner_cohort_text(const fleet_spec *spec, uint32_t cohort, char *text, size_t size);

/* Without an examination in the spec: an examiner that is never due. SIM_ENOMEM. Before the streets
 * are built: they borrow its fleet. */
SIM_MUST_USE int fleet_examiner_init(fleet_examiner *e, const fleet_spec *spec);
/* Once the streets are there. SIM_ENOMEM. */
SIM_MUST_USE int fleet_examiner_attach(fleet_examiner *e, fleet_street *const *streets,
                                       size_t count);
void fleet_examiner_deinit(fleet_examiner *e); /* after the streets; all 0 is fine */

/* Closes the window that is due in one street: streets may be closed side by side. */
void fleet_examiner_close_street(fleet_examiner *e, size_t street);
/* The window that is due has been closed in every street: closes it for the fleet. `fresh` gets the
 * index of the first new notice. SIM_ENOMEM. */
SIM_MUST_USE int fleet_examiner_close(fleet_examiner *e, size_t *fresh);

#endif
