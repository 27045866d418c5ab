/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/strikes.h - faults as drills in C order them, for tests. */
#ifndef TESTS_STRIKES_H
#define TESTS_STRIKES_H

#include <stdbool.h>

#include "net/hop_kind.h"
#include "sim/cloud/capacity.h"
#include "sim/core/time.h"
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/selection.h"
#include "sim/record/anomaly.h"

typedef struct run run;
typedef struct fleet_fault fleet_fault;

int strike(run *r, const fleet_fault *f, const fleet_selection *s, const void *order);
int strike_power(run *r, const fleet_selection *s, bool on, const char *trigger);
int strike_network(run *r, const fleet_selection *s, bool on, const char *trigger);
int strike_uplink(run *r, const fleet_selection *s, const net_hop_settings *o);
int strike_set_point(run *r, const fleet_selection *s, double celsius);
int strike_cloud(run *r, const cloud_limits *limits);
int strike_restart_routers(run *r, const fleet_selection *s, sim_time off, const char *trigger);
int strike_restart_cloud(run *r, sim_time down, bool tell, const char *trigger);
int strike_accept_then_close(run *r, sim_time close_after, const char *trigger);
int strike_freeze(run *r, sim_time lasting, const char *trigger);
/* The index of an anomaly in fleet_injection_kinds; -1: it cannot be ordered. */
int strike_kind(record_anomaly kind);

#endif
