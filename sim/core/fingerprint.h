/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/fingerprint.h - one number that changes when a run takes another course. Order matters
 * within a shard; shards are combined in shard order. */
#ifndef SIM_CORE_FINGERPRINT_H
#define SIM_CORE_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/random.h"

typedef struct sim_fingerprint {
    uint64_t value;
} sim_fingerprint;

void sim_fingerprint_init(sim_fingerprint *f);

/* Each word is hashed by itself, so that these hashes run side by side; only the short last part
 * waits for the word before. */
static inline void sim_fingerprint_word(sim_fingerprint *f, uint64_t word) {
    uint64_t v = (f->value ^ sim_hash64(word)) * 0x9fb21c651e98df25u;
    f->value = v ^ (v >> 32);
}

/* The length and then the bytes; the same on every machine. */
void sim_fingerprint_bytes(sim_fingerprint *f, const void *data, size_t n);

#endif
