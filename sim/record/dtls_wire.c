/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/dtls_wire.h"

/* A number of `size` bytes in network order; the caller has checked that they are there. */
static uint64_t number(const uint8_t *at, size_t size) {
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) value = value << 8 | at[i];
    return value;
}

void record_dtls_put_sequence(uint8_t record[RECORD_DTLS_RECORD_HEADER], uint64_t sequence) {
    for (int i = 0; i < 6; i++) record[5 + i] = (uint8_t)(sequence >> (40 - 8 * i));
}

static bool take(record_dtls_span *left, size_t n, record_dtls_span *out) {
    if (left->n < n) return false;
    *out = (record_dtls_span){left->at, n};
    left->at += n;
    left->n -= n;
    return true;
}

/* A vector: its length in `size` bytes, then that many bytes, `least` or more. */
static bool take_vector(record_dtls_span *left, size_t size, size_t least, record_dtls_span *out) {
    record_dtls_span length;
    if (!take(left, size, &length)) return false;
    size_t n = (size_t)number(length.at, size);
    return n >= least && take(left, n, out);
}

bool record_dtls_take_record(record_dtls_span *left, record_dtls_record *out) {
    if (left->n < RECORD_DTLS_RECORD_HEADER) return false;
    const uint8_t *h = left->at;
    record_dtls_record r = {.type = h[0],
                            .version = (uint16_t)number(h + 1, 2),
                            .epoch = (uint16_t)number(h + 3, 2),
                            .sequence = number(h + 5, 6)};
    if (r.type < RECORD_DTLS_CHANGE_CIPHER_SPEC || r.type > RECORD_DTLS_APPLICATION_DATA)
        return false;
    if (r.version != RECORD_DTLS_VERSION_1_0 && r.version != RECORD_DTLS_VERSION_1_2) return false;
    if (!take(left, RECORD_DTLS_RECORD_HEADER + (size_t)number(h + 11, 2), &r.whole)) return false;
    r.body =
        (record_dtls_span){h + RECORD_DTLS_RECORD_HEADER, r.whole.n - RECORD_DTLS_RECORD_HEADER};
    *out = r;
    return true;
}

bool record_dtls_take_message(record_dtls_span *left, record_dtls_message *out) {
    record_dtls_span rest = *left, header;
    if (!take(&rest, RECORD_DTLS_MESSAGE_HEADER, &header)) return false;
    const uint8_t *h = header.at;
    record_dtls_message m = {.type = h[0],
                             .length = (uint32_t)number(h + 1, 3),
                             .sequence = (uint16_t)number(h + 4, 2),
                             .offset = (uint32_t)number(h + 6, 3)};
    size_t size = (size_t)number(h + 9, 3);
    if (m.offset + size > m.length || !take(&rest, size, &m.fragment)) return false;
    *left = rest;
    *out = m;
    return true;
}

bool record_dtls_is_whole(const record_dtls_message *m) {
    return m->offset == 0 && m->fragment.n == m->length;
}

bool record_dtls_read_hello(const record_dtls_message *m, record_dtls_hello *out) {
    record_dtls_span left = m->fragment, version, random, extensions;
    record_dtls_hello h;
    if (m->type != RECORD_DTLS_CLIENT_HELLO || !record_dtls_is_whole(m)) return false;
    if (!take(&left, 2, &version) || version.at[0] != RECORD_DTLS_VERSION_1_2 >> 8) return false;
    if (!take(&left, RECORD_DTLS_RANDOM, &random)) return false;
    if (!take_vector(&left, 1, 0, &h.session_id) || h.session_id.n > 32) return false;
    if (!take_vector(&left, 1, 0, &h.cookie)) return false;
    if (!take_vector(&left, 2, 2, &h.cipher_suites) || h.cipher_suites.n % 2 != 0) return false;
    if (!take_vector(&left, 1, 1, &h.compressions)) return false;
    if (left.n > 0 && (!take_vector(&left, 2, 0, &extensions) || left.n > 0)) return false;
    h.version = (uint16_t)number(version.at, 2);
    h.random = random.at;
    *out = h;
    return true;
}
