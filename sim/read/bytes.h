/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/bytes.h - bytes of a packet, taken one after the other, never past their end. */
#ifndef SIM_READ_BYTES_H
#define SIM_READ_BYTES_H

#include "sim/record/dtls_wire.h"

/* Takes n bytes off `left`; NULL when they are not there. */
static inline const uint8_t *read_take(record_dtls_span *left, size_t n) {
    const uint8_t *at = left->at;
    if (left->n < n) return NULL;
    left->at += n;
    left->n -= n;
    return at;
}

/* Numbers in network order; the caller knows that they are there. */
static inline uint16_t read_u16(const uint8_t *at) {
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t read_u32(const uint8_t *at) {
    return (uint32_t)read_u16(at) << 16 | read_u16(at + 2);
}

#endif
