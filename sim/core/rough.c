/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/rough.h"

#include <math.h>

enum { STEPS = 16, STEP_BITS = 4, LAST_BIT = 40 };

static uint32_t bucket_of(uint64_t us) {
    if (us < STEPS) return (uint32_t)us;
    int bit = 63 - __builtin_clzll(us);
    if (bit > LAST_BIT) return SIM_ROUGH_BUCKETS - 1;
    uint64_t step = us >> (bit - STEP_BITS) & (STEPS - 1);
    return (uint32_t)(bit - STEP_BITS + 1) * STEPS + (uint32_t)step;
}

/* In microseconds: the largest that falls into the bucket. */
static uint64_t upper_edge(uint32_t bucket) {
    if (bucket < STEPS) return bucket;
    uint32_t shift = bucket / STEPS - 1;
    return ((uint64_t)(STEPS + bucket % STEPS + 1) << shift) - 1;
}

void sim_rough_add(sim_rough *h, sim_time value) {
    h->buckets[bucket_of(value < 0 ? 0 : (uint64_t)(value / SIM_MICROSECOND))]++;
    h->count++;
}

void sim_rough_merge(sim_rough *into, const sim_rough *from) {
    for (uint32_t i = 0; i < SIM_ROUGH_BUCKETS; i++) into->buckets[i] += from->buckets[i];
    into->count += from->count;
}

sim_time sim_rough_quantile(const sim_rough *h, double fraction) {
    double left = fmax(1, ceil(fraction * (double)h->count * (1 - 0x1p-50)));
    for (uint32_t i = 0; i < SIM_ROUGH_BUCKETS; i++) {
        left -= h->buckets[i];
        if (left <= 0) return (sim_time)upper_edge(i) * SIM_MICROSECOND;
    }
    return 0;
}
