/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/dtls_record.h"

#include <string.h>

#include "sim/record/dtls_wire.h"

static bool read_hello(const record_dtls_record *r, record_dtls_hello *hello) {
    record_dtls_span body = r->body;
    record_dtls_message m;
    return r->type == RECORD_DTLS_HANDSHAKE && r->epoch == 0 &&
           record_dtls_take_message(&body, &m) && record_dtls_read_hello(&m, hello);
}

int record_dtls_look(const uint8_t *datagram, size_t n, record_dtls_glance *out) {
    record_dtls_span left = {datagram, n};
    record_dtls_record r;
    record_dtls_hello hello;
    memset(out, 0, sizeof *out);
    if (!record_dtls_take_record(&left, &r)) return SIM_EPARSE;
    out->content_type = r.type;
    out->epoch = r.epoch;
    if (!read_hello(&r, &hello)) return 0;
    out->client_hello = true;
    out->has_cookie = hello.cookie.n > 0;
    memcpy(out->random, hello.random, sizeof out->random);
    return 0;
}
