/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/time.h - time is a whole number of nanoseconds since the run began, handed in, never
 * asked for. */
#ifndef SIM_CORE_TIME_H
#define SIM_CORE_TIME_H

#include <stddef.h>
#include <stdint.h>

typedef int64_t sim_time; /* ns since the run began; negative is never a time */

#define SIM_NEVER INT64_MAX
#define SIM_MICROSECOND ((sim_time)1000)
#define SIM_MILLISECOND ((sim_time)1000000)
#define SIM_SECOND ((sim_time)1000000000)
#define SIM_MINUTE (60 * SIM_SECOND)
#define SIM_HOUR (60 * SIM_MINUTE)
#define SIM_DAY (24 * SIM_HOUR)

/* at + span, SIM_NEVER when it would overflow or either is SIM_NEVER. `span` >= 0. */
static inline sim_time sim_time_add(sim_time at, sim_time span) {
    return at > SIM_NEVER - span ? SIM_NEVER : at + span;
}

static inline sim_time sim_time_min(sim_time a, sim_time b) {
    return a < b ? a : b;
}

static inline sim_time sim_time_max(sim_time a, sim_time b) {
    return a > b ? a : b;
}

/* Nearest nanosecond; SIM_NEVER when out of range (also when negative) or not a number. */
sim_time sim_time_from_seconds(double seconds);

static inline double sim_time_seconds(sim_time t) {
    return (double)t / 1e9;
}

/* Writes "1d00h02m03s", "1h02m03s", "4m05s", "12.3s", "250ms", "never": what a person reads (three
 * digits below a minute, whole seconds above; sim_units_duration reads it again). Returns `text`.
 * `size` >= 24. */
char *sim_time_text(sim_time t, char *text, size_t size);

#endif
