/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/fleet/fault.h"

/* clang-format off */
/* Each is the row fleet_fault_NAME of the file fault_*.c, in the order of lists. */
#define FAULTS(X) \
    X(cut_power) \
    X(restore_power) \
    X(cut_network) \
    X(restore_network) \
    X(restart_routers) \
    X(brown_out) \
    X(server) \
    X(link) \
    X(change_shared_value) \
    X(set_point) \
    X(report_every) \
    X(offer_update) \
    X(reset_factory) \
    X(pair) \
    X(cut_power_in_write) \
    X(replace_battery) \
    X(inject) \
    X(cloud) \
    X(accept_then_close) \
    X(cloud_restart) \
    X(freeze) \
    X(non_associated_outage)
/* clang-format on */

#define FAULT_ROW(name) extern const fleet_fault fleet_fault_##name;
FAULTS(FAULT_ROW)
#undef FAULT_ROW

const fleet_fault *const fleet_faults[] = {
#define FAULT_ENTRY(name) &fleet_fault_##name,
    FAULTS(FAULT_ENTRY)
#undef FAULT_ENTRY
        NULL,
};

const fleet_fault *fleet_fault_named(const char *verb) {
    for (const fleet_fault *const *f = fleet_faults; *f != NULL; f++)
        if (strcmp((*f)->verb, verb) == 0) return *f;
    return NULL;
}
