/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/struck.h - whom an outage struck, as far as a log shows: who was online and was then
 * seen to lose its session, or to ask for a new one. An outage may be of a part of the fleet only:
 * who was not seen to lose anything had nothing to come back to, and is not accused of having
 * stayed away. */
#ifndef SIM_READ_STRUCK_H
#define SIM_READ_STRUCK_H

#include "sim/core/error.h"
#include "sim/read/pauses.h"

typedef struct read_struck {
    bool *devices;   /* by number; not touched are those that were not struck */
    uint64_t count;  /* of those that were */
    uint64_t silent; /* were online, and neither an end nor an attempt tells what became of them */
} read_struck;

/* Finds them among all that happened before `until`. SIM_ENOMEM. */
SIM_MUST_USE int read_struck_find(const read_log *log, const read_outage *o, sim_time until,
                                  read_struck *out);
void read_struck_deinit(read_struck *s);

#endif
