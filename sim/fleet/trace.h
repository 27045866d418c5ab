/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/trace.h - the trace of a run: a line of JSON for each change of a device's state, each
 * hop's verdict about a packet, each decision of the cloud's edge and each end of a session, of
 * the devices that somebody asked for. */
#ifndef SIM_FLEET_TRACE_H
#define SIM_FLEET_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FLEET_TRACED_MAX = 16 };

/* All 0: nothing. */
typedef struct fleet_traced {
    uint32_t devices[FLEET_TRACED_MAX], device_count; /* in the fleet */
    uint32_t streets[FLEET_TRACED_MAX], street_count; /* in the fleet */
    bool drops; /* of everybody: packets that are lost, wherever that is */
} fleet_traced;

/* Adds "device=4711", "street=3" or "drops". NULL, or a static sentence that says what is wrong
 * with `text`. */
const char *fleet_traced_add(fleet_traced *t, const char *text);
bool fleet_traced_any(const fleet_traced *t);

#endif
