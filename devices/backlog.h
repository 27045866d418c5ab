/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/backlog.h - store and forward: what a device sensed and the cloud does not have yet, the
 * oldest first, each with the time at which it was sensed. Bounded: a full one loses its oldest. */
#ifndef DEV_BACKLOG_H
#define DEV_BACKLOG_H

#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/time.h"

typedef struct dev_sample {
    sim_time at;
    double value;
} dev_sample;

typedef struct dev_backlog {
    dev_sample *items; /* owned; a ring of `room` */
    uint32_t first, count, room;
    uint32_t limit; /* >= 1 */
} dev_backlog;

void dev_backlog_init(dev_backlog *b, uint32_t limit);
void dev_backlog_deinit(dev_backlog *b);
/* Behind the others. *dropped becomes how many were lost for it, 0 or 1. SIM_ENOMEM: the sample
 * itself is lost. */
SIM_MUST_USE int dev_backlog_push(dev_backlog *b, dev_sample sample, uint32_t *dropped);
/* Number i from the oldest; a promise: i < count. */
const dev_sample *dev_backlog_at(const dev_backlog *b, uint32_t i);
/* Takes the oldest n away; a promise: n <= count. */
void dev_backlog_pop(dev_backlog *b, uint32_t n);

#endif
