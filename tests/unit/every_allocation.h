/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/every_allocation.h - repeats an attempt, and each time the next allocation fails:
 * first only that one, then from that one on. */
#ifndef TESTS_UNIT_EVERY_ALLOCATION_H
#define TESTS_UNIT_EVERY_ALLOCATION_H

#include "sim/core/error.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

/* `attempt` makes, uses and frees; returns 0, or SIM_ENOMEM when an allocation failed. Checks that,
 * and that nothing is left over. Returns how many allocations the attempt makes. */
static inline long fail_every_allocation(int (*attempt)(void *context), void *context) {
    long allocations = 0;
    for (int for_good = 0; for_good <= 1; for_good++) {
        for (long n = 0;; n++) {
            const sim_heap_use before = sim_heap_in_use();
            sim_heap_fail(n, for_good == 1);
            const int error = attempt(context);
            const bool happened = sim_heap_fail_never();
            const sim_heap_use after = sim_heap_in_use();
            assert_int_equal(after.blocks, before.blocks);
            assert_int_equal(after.bytes, before.bytes);
            assert_int_equal(error, happened ? SIM_ENOMEM : 0);
            allocations = n;
            if (!happened) break;
        }
    }
    return allocations;
}

#endif
