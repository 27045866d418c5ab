/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/names.h - names of a foreign log (client ids, addresses, triggers) as small numbers, in
 * the order in which they were first seen. */
#ifndef SIM_READ_NAMES_H
#define SIM_READ_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/map.h"

enum { READ_NAME_MAX = 256 }; /* bytes; what is longer is cut */

/* All 0 is empty; deinit of it is fine. */
typedef struct read_names {
    char *text; /* the names one after the other, each ended by 0 */
    size_t used, room;
    size_t *starts; /* where name i begins */
    size_t count, capacity;
    sim_map map; /* hash of a name -> its number */
} read_names;

void read_names_deinit(read_names *n);

/* The number of a name, a new one if it was not there. Bytes that would steer a terminal become
 * question marks. SIM_ENOMEM; SIM_ERANGE with more than 2^32 - 2 names. */
SIM_MUST_USE int read_names_number(read_names *n, const char *name, size_t length,
                                   uint32_t *number);

/* The name with that number; valid until the next is added. Promise: there is one. */
const char *read_names_text(const read_names *n, uint32_t number);

#endif
