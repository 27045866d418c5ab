/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/people.h - when people do something in the house: now and then, by day. */
#ifndef DEV_PEOPLE_H
#define DEV_PEOPLE_H

#include "sim/core/random.h"
#include "sim/core/time.h"

typedef struct dev_people_habit {
    double pause_h;             /* mean time between two deeds, hours; > 0 */
    int64_t morning_h, night_h; /* of the day; what would be done by night waits for the morning */
} dev_people_habit;

/* When they do it again after `now`: an exponential pause (and a minute), with the morning's deeds
 * spread over two hours. A run begins at midnight. */
sim_time dev_people_next(const dev_people_habit *h, sim_stream *people, sim_time now);

#endif
