/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/tapes.h - what is written down while a run goes on: a capture and a trace. Neither
 * changes anything of the run. */
#ifndef RUN_TAPES_H
#define RUN_TAPES_H

#include <stddef.h>
#include <stdio.h>

#include "sim/core/error.h"

typedef struct run run;
typedef struct fleet_traced fleet_traced;

/* Before run_drive, in the virtual world: what passes the cloud's edge is written to `file`
 * (borrowed until run_drive has returned) as a capture, in order of time, which counts from
 * 1970. */
void run_capture_to(run *r, FILE *file);
/* Before run_drive: what `traced` asks for is written to `file` (borrowed until run_drive has
 * returned), a line of JSON each, in order of time. SIM_ERANGE: it names what is not in this fleet;
 * `why` (size >= 256) says it. */
SIM_MUST_USE int run_trace_to(run *r, const fleet_traced *traced, FILE *file, char *why,
                              size_t size);
/* NULL: all of it was written; else why not. The run went on. */
const char *run_capture_why(const run *r);
const char *run_trace_why(const run *r);

#endif
