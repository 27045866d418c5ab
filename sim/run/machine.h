/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/machine.h - what the machine has and what a run will need of it: asked before the run
 * starts, not found out in the middle. */
#ifndef RUN_MACHINE_H
#define RUN_MACHINE_H

#include <stddef.h>
#include <stdint.h>

typedef struct fleet_spec fleet_spec;
typedef struct run_options run_options;

/* Resident memory of this process in bytes; 0 when the system does not tell. */
int64_t run_resident_bytes(void);
/* 0, or an exit code (3 the machine is not enough, 4 the options do not fit each other) with a line
 * in `why`. */
int run_preflight(const fleet_spec *spec, const run_options *options, char *why, size_t size);

#endif
