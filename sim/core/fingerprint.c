/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/fingerprint.h"

#include <endian.h>
#include <string.h>

void sim_fingerprint_init(sim_fingerprint *f) {
    f->value = 0x626c61636b737461; /* "blacksta": any start but zero will do */
}

void sim_fingerprint_bytes(sim_fingerprint *f, const void *data, size_t n) {
    const uint8_t *from = data;
    /* so that "ab" "c" differs from "a" "bc", and a tail from its zero padding */
    sim_fingerprint_word(f, n);
    uint64_t word;
    for (; n >= sizeof word; n -= sizeof word, from += sizeof word) {
        memcpy(&word, from, sizeof word);
        sim_fingerprint_word(f, le64toh(word));
    }
    if (n == 0) return;
    word = 0;
    memcpy(&word, from, n);
    sim_fingerprint_word(f, le64toh(word));
}
