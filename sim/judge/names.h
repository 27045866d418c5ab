/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/names.h - names of a foreign log (client ids, addresses, triggers) as small numbers, in the order in which they were first seen. */
#ifndef SIM_JUDGE_NAMES_H
#define SIM_JUDGE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/map.h"

enum { JUDGE_NAME_MAX = 256 }; /* bytes; what is longer is cut */

/* All 0 is empty; deinit of it is fine. */
typedef struct judge_names {
    char *text; /* the names one after the other, each ended by 0 */
    size_t used, room;
    size_t *starts; /* where name i begins */
    size_t count, capacity;
    sim_map map; /* hash of a name -> its number */
} judge_names;

void judge_names_deinit(judge_names *n);

/* The number of a name, a new one if it was not there. Bytes that would steer a terminal become question marks. SIM_ENOMEM; SIM_ERANGE with more than 2^32 - 2 names. */
SIM_MUST_USE int judge_names_number(judge_names *n, const char *name, size_t length, uint32_t *number);

/* The name with that number; valid until the next is added. Promise: there is one. */
const char *judge_names_text(const judge_names *n, uint32_t number);

#endif
