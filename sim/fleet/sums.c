/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/sums.h"

void fleet_sums_add(fleet_sums *into, const fleet_sums *from) {
#define ADD(name) into->name += from->name;
#define ADD_LIST(name, count) \
    for (int i = 0; i < (count); i++) into->name[i] += from->name[i];
    dev_counts_add(&into->devices, &from->devices);
    FLEET_SUMS_MAP(ADD)
    FLEET_SUMS_LISTS_MAP(ADD_LIST)
#undef ADD
#undef ADD_LIST
}
