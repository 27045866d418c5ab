/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/people.h"

#include <math.h>

sim_time dev_people_next(const dev_people_habit *h, sim_stream *people, sim_time now) {
    double pause_h = -h->pause_h * log(1 - sim_stream_unit(people));
    sim_time at = now + SIM_MINUTE + sim_time_from_seconds(3600 * pause_h);
    sim_time midnight = at - at % SIM_DAY;
    int64_t hour = at % SIM_DAY / SIM_HOUR;
    if (hour >= h->morning_h && hour < h->night_h) return at;
    if (hour >= h->night_h) midnight += SIM_DAY;
    return midnight + h->morning_h * SIM_HOUR + sim_stream_between(people, 0, 2 * SIM_HOUR);
}
