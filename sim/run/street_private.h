/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/street_private.h - what street.c and street_drill.c share. */
#ifndef RUN_STREET_PRIVATE_H
#define RUN_STREET_PRIVATE_H

#include "sim/run/street.h"

/* The link of one home comes or goes; its devices are told. */
void run_street_set_link(run_street *s, uint32_t home, bool up);
/* Its uplink passes nothing while the link is gone or the way is cut. */
void run_street_set_down(run_home *h);
/* Its router was switched on: the link will be there after the router's boot time, unless power goes again. */
SIM_MUST_USE int run_street_promise_link(run_street *s, uint32_t home);
/* How the latest attempt of a device (within its street) ended. */
void run_street_outcome(run_street *s, uint32_t local, sim_outcome outcome);

#endif
