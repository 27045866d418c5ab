/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/fingerprint.h - one number that changes when a run takes another course. Order matters within a shard; shards are combined in shard
 * order. */
#ifndef SIM_CORE_FINGERPRINT_H
#define SIM_CORE_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

typedef struct sim_fingerprint {
    uint64_t value;
} sim_fingerprint;

void sim_fingerprint_init(sim_fingerprint *f);
void sim_fingerprint_word(sim_fingerprint *f, uint64_t word);
void sim_fingerprint_bytes(sim_fingerprint *f, const void *data, size_t n);

#endif
