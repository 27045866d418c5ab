/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/watch.h - what the examiner in the cloud (sim/examine/watch.h) is told when a device is
 * heard: of a simulated street and of a cloud that is served for real alike. */
#ifndef SIM_FLEET_WATCH_H
#define SIM_FLEET_WATCH_H

#include "net/senml.h"
#include "sim/examine/watch.h"

typedef struct fleet_watch {
    examine_watch *watch; /* NULL: nobody examines, and none of the verbs is to be called */
    sim_time now;         /* what it was told last: its clock does not run backwards */
    uint64_t metrics;     /* that it was told, a bit for each */
} fleet_watch;

/* The device says that it runs this version: which cohort that makes it one of. */
typedef uint32_t fleet_watch_firmware(void *context, uint32_t device, uint32_t version);

/* `device` is a number of the watch. */
void fleet_watch_count(fleet_watch *s, sim_time now, uint32_t device, record_metric metric,
                       uint32_t n);
/* It has a session that comes from `address`, any number that stands for it; or has none any more,
 * last heard at `heard`. */
void fleet_watch_up(fleet_watch *s, sim_time now, uint32_t device, uint64_t address);
void fleet_watch_down(fleet_watch *s, sim_time now, uint32_t device, sim_time heard);
/* A report of so many bytes was taken; what it says (NULL: nothing that can be read). Names that
 * sim/record/metric.h knows are device-side metrics; of the others the first is what the device is
 * there to measure. */
void fleet_watch_pack(fleet_watch *s, sim_time now, uint32_t device, const net_senml_pack *pack,
                      size_t bytes, fleet_watch_firmware *firmware, void *context);

#endif
