/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dtls_record.h"

#include <string.h>

#include "net/dtls_wire.h"

static bool read_hello(const net_dtls_record *r, net_dtls_hello *hello) {
    net_dtls_span body = r->body;
    net_dtls_message m;
    return r->type == NET_DTLS_HANDSHAKE && r->epoch == 0 && net_dtls_take_message(&body, &m) &&
           net_dtls_read_hello(&m, hello);
}

int net_dtls_look(const uint8_t *datagram, size_t n, net_dtls_sight *out) {
    net_dtls_span left = {datagram, n};
    net_dtls_record r;
    net_dtls_hello hello;
    memset(out, 0, sizeof *out);
    if (!net_dtls_take_record(&left, &r)) return SIM_EPARSE;
    out->content_type = r.type;
    out->epoch = r.epoch;
    if (!read_hello(&r, &hello)) return 0;
    out->client_hello = true;
    out->has_cookie = hello.cookie.n > 0;
    memcpy(out->random, hello.random, sizeof out->random);
    return 0;
}
