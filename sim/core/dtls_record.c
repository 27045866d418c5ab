/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/dtls_record.h"

#include <string.h>

#include "sim/core/dtls_wire.h"

static bool read_hello(const sim_dtls_record *r, sim_dtls_hello *hello) {
    sim_dtls_span body = r->body;
    sim_dtls_message m;
    return r->type == SIM_DTLS_HANDSHAKE && r->epoch == 0 && sim_dtls_take_message(&body, &m) &&
           sim_dtls_read_hello(&m, hello);
}

int sim_dtls_look(const uint8_t *datagram, size_t n, sim_dtls_sight *out) {
    sim_dtls_span left = {datagram, n};
    sim_dtls_record r;
    sim_dtls_hello hello;
    memset(out, 0, sizeof *out);
    if (!sim_dtls_take_record(&left, &r)) return SIM_EPARSE;
    out->content_type = r.type;
    out->epoch = r.epoch;
    if (!read_hello(&r, &hello)) return 0;
    out->client_hello = true;
    out->has_cookie = hello.cookie.n > 0;
    memcpy(out->random, hello.random, sizeof out->random);
    return 0;
}
