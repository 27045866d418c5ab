/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/strikes.h"

#include "sim/fleet/fault.h"
#include "sim/run/strike.h"

int strike(run *r, const fleet_fault *f, const fleet_selection *s, const void *order) {
    char why[FLEET_FAULT_WHY];
    return run_strike(r, f, s, order, why, sizeof why);
}
int strike_power(run *r, const fleet_selection *s, bool on, const char *trigger) {
    const fleet_trigger_order o = {trigger};
    return on ? strike(r, &fleet_fault_restore_power, s, &o)
              : strike(r, &fleet_fault_cut_power, s, NULL);
}
int strike_network(run *r, const fleet_selection *s, bool on, const char *trigger) {
    const fleet_trigger_order o = {trigger};
    return on ? strike(r, &fleet_fault_restore_network, s, &o)
              : strike(r, &fleet_fault_cut_network, s, NULL);
}
int strike_uplink(run *r, const fleet_selection *s, const net_hop_settings *o) {
    return strike(r, &fleet_fault_link, s, o);
}
int strike_set_point(run *r, const fleet_selection *s, double celsius) {
    return strike(r, &fleet_fault_set_point, s, &celsius);
}
int strike_cloud(run *r, const cloud_limits *limits) {
    return strike(r, &fleet_fault_cloud, NULL, limits);
}
int strike_restart_routers(run *r, const fleet_selection *s, sim_time off, const char *trigger) {
    const fleet_routers_order o = {.trigger = trigger, .off = off};
    return strike(r, &fleet_fault_restart_routers, s, &o);
}
int strike_restart_cloud(run *r, sim_time down, bool tell, const char *trigger) {
    const fleet_restart_order o = {.trigger = trigger, .down = down, .silent = tell ? 0 : 1};
    return strike(r, &fleet_fault_cloud_restart, NULL, &o);
}
int strike_accept_then_close(run *r, sim_time close_after, const char *trigger) {
    const fleet_close_order o = {.trigger = trigger, .close_after = close_after};
    return strike(r, &fleet_fault_accept_then_close, NULL, &o);
}
int strike_kind(record_anomaly kind) {
    record_anomaly named;
    for (int i = 0; fleet_injection_kinds[i] != NULL; i++)
        if (record_anomaly_named(fleet_injection_kinds[i], &named) == 0 && named == kind) return i;
    return -1;
}
int strike_freeze(run *r, sim_time lasting, const char *trigger) {
    const fleet_freeze_order o = {.trigger = trigger, .lasting = lasting};
    return strike(r, &fleet_fault_freeze, NULL, &o);
}
