/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/dtls_wire.h"

/* A number of `size` bytes in network order; the caller has checked that they are there. */
static uint64_t number(const uint8_t *at, size_t size) {
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) value = value << 8 | at[i];
    return value;
}

void sim_dtls_put_sequence(uint8_t record[SIM_DTLS_RECORD_HEADER], uint64_t sequence) {
    for (int i = 0; i < 6; i++) record[5 + i] = (uint8_t)(sequence >> (40 - 8 * i));
}

static bool take(sim_dtls_span *left, size_t n, sim_dtls_span *out) {
    if (left->n < n) return false;
    *out = (sim_dtls_span){left->at, n};
    left->at += n;
    left->n -= n;
    return true;
}

/* A vector: its length in `size` bytes, then that many bytes, `least` or more. */
static bool take_vector(sim_dtls_span *left, size_t size, size_t least, sim_dtls_span *out) {
    sim_dtls_span length;
    if (!take(left, size, &length)) return false;
    size_t n = (size_t)number(length.at, size);
    return n >= least && take(left, n, out);
}

bool sim_dtls_take_record(sim_dtls_span *left, sim_dtls_record *out) {
    if (left->n < SIM_DTLS_RECORD_HEADER) return false;
    const uint8_t *h = left->at;
    sim_dtls_record r = {.type = h[0],
                         .version = (uint16_t)number(h + 1, 2),
                         .epoch = (uint16_t)number(h + 3, 2),
                         .sequence = number(h + 5, 6)};
    if (r.type < SIM_DTLS_CHANGE_CIPHER_SPEC || r.type > SIM_DTLS_APPLICATION_DATA) return false;
    if (r.version != SIM_DTLS_VERSION_1_0 && r.version != SIM_DTLS_VERSION_1_2) return false;
    if (!take(left, SIM_DTLS_RECORD_HEADER + (size_t)number(h + 11, 2), &r.whole)) return false;
    r.body = (sim_dtls_span){h + SIM_DTLS_RECORD_HEADER, r.whole.n - SIM_DTLS_RECORD_HEADER};
    *out = r;
    return true;
}

bool sim_dtls_take_message(sim_dtls_span *left, sim_dtls_message *out) {
    sim_dtls_span rest = *left, header;
    if (!take(&rest, SIM_DTLS_MESSAGE_HEADER, &header)) return false;
    const uint8_t *h = header.at;
    sim_dtls_message m = {.type = h[0],
                          .length = (uint32_t)number(h + 1, 3),
                          .sequence = (uint16_t)number(h + 4, 2),
                          .offset = (uint32_t)number(h + 6, 3)};
    size_t size = (size_t)number(h + 9, 3);
    if (m.offset + size > m.length || !take(&rest, size, &m.fragment)) return false;
    *left = rest;
    *out = m;
    return true;
}

bool sim_dtls_is_whole(const sim_dtls_message *m) {
    return m->offset == 0 && m->fragment.n == m->length;
}

bool sim_dtls_read_hello(const sim_dtls_message *m, sim_dtls_hello *out) {
    sim_dtls_span left = m->fragment, version, random, extensions;
    sim_dtls_hello h;
    if (m->type != SIM_DTLS_CLIENT_HELLO || !sim_dtls_is_whole(m)) return false;
    if (!take(&left, 2, &version) || version.at[0] != SIM_DTLS_VERSION_1_2 >> 8) return false;
    if (!take(&left, SIM_DTLS_RANDOM, &random)) return false;
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
