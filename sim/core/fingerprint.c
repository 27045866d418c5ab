/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/fingerprint.h"

void sim_fingerprint_init(sim_fingerprint *f) {
    f->value = 0x626c61636b737461; /* "blacksta": any start but zero will do */
}

void sim_fingerprint_bytes(sim_fingerprint *f, const void *data, size_t n) {
    const uint8_t *from = data;
    /* so that "ab" "c" differs from "a" "bc", and a tail from its zero padding */
    sim_fingerprint_word(f, n);
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word = 0;
        for (size_t k = 0; k < 8 && i + k < n; k++) word |= (uint64_t)from[i + k] << (8 * k);
        sim_fingerprint_word(f, word);
    }
}
