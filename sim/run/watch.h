/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/watch.h - what the examiner in the cloud (sim/examine/watch.h) is told when a device is
 * heard: of a simulated street and of a cloud that is served for real alike. */
#ifndef SIM_RUN_WATCH_H
#define SIM_RUN_WATCH_H

#include "net/senml.h"
#include "sim/examine/watch.h"

typedef struct run_watch {
    examine_watch *watch; /* NULL: nobody examines, and none of the verbs is to be called */
    sim_time now;         /* what it was told last: its clock does not run backwards */
    uint64_t metrics;     /* that it was told, a bit for each */
} run_watch;

/* The device says that it runs this version: which cohort that makes it one of. */
typedef uint32_t run_watch_firmware(void *context, uint32_t device, uint32_t version);

/* `device` is a number of the watch. */
void run_watch_count(run_watch *s, sim_time now, uint32_t device, record_metric metric, uint32_t n);
/* It has a session that comes from `address`, any number that stands for it; or has none any more,
 * last heard at `heard`. */
void run_watch_up(run_watch *s, sim_time now, uint32_t device, uint64_t address);
void run_watch_down(run_watch *s, sim_time now, uint32_t device, sim_time heard);
/* A report of so many bytes was taken; what it says (NULL: nothing that can be read). Names that
 * sim/record/metric.h knows are device-side metrics; of the others the first is what the device is
 * there to measure. */
void run_watch_pack(run_watch *s, sim_time now, uint32_t device, const net_senml_pack *pack,
                    size_t bytes, run_watch_firmware *firmware, void *context);

#endif
