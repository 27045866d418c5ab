/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/dtls_record.h"

#include <string.h>

#include "sim/record/dtls_wire.h"

/* Where the cookie's length stands behind version, Random and session id. */
static bool shows_cookie(record_dtls_span hello) {
    size_t at = 2 + RECORD_DTLS_RANDOM;
    if (hello.n <= at) return false;
    at += 1 + (size_t)hello.at[at];
    return hello.n > at && hello.at[at] > 0;
}

/* A whole ClientHello, or the first fragment of one, as far as it goes beyond its Random. */
static bool read_hello(const record_dtls_record *r, record_dtls_glance *out) {
    record_dtls_span body = r->body;
    record_dtls_message m;
    record_dtls_hello hello;
    if (r->type != RECORD_DTLS_HANDSHAKE || r->epoch != 0) return false;
    if (!record_dtls_take_message(&body, &m) || m.type != RECORD_DTLS_CLIENT_HELLO) return false;
    if (record_dtls_is_whole(&m) && !record_dtls_read_hello(&m, &hello)) return false;
    bool told = m.fragment.n >= 2 + RECORD_DTLS_RANDOM && m.offset == 0 &&
                m.fragment.at[0] == RECORD_DTLS_VERSION_1_2 >> 8;
    if (!told) return false;
    out->has_cookie = shows_cookie(m.fragment);
    memcpy(out->random, m.fragment.at + 2, sizeof out->random);
    return true;
}

int record_dtls_look(const uint8_t *datagram, size_t n, record_dtls_glance *out) {
    record_dtls_span left = {datagram, n};
    record_dtls_record r;
    memset(out, 0, sizeof *out);
    if (!record_dtls_take_record(&left, &r)) return SIM_EPARSE;
    out->content_type = r.type;
    out->epoch = r.epoch;
    out->client_hello = read_hello(&r, out);
    return 0;
}
