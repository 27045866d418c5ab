/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/fleet/fault_orders.h"

const fleet_fault *const fleet_faults[] = {
    &fleet_fault_cut_power,
    &fleet_fault_restore_power,
    &fleet_fault_cut_network,
    &fleet_fault_restore_network,
    &fleet_fault_restart_routers,
    &fleet_fault_link,
    &fleet_fault_change_shared_value,
    &fleet_fault_set_point,
    &fleet_fault_offer_update,
    &fleet_fault_inject,
    &fleet_fault_cloud,
    &fleet_fault_accept_then_close,
    &fleet_fault_cloud_restart,
    NULL,
};

const fleet_fault *fleet_fault_named(const char *verb) {
    for (const fleet_fault *const *f = fleet_faults; *f != NULL; f++)
        if (strcmp((*f)->verb, verb) == 0) return *f;
    return NULL;
}
