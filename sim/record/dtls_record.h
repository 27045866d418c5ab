/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/dtls_record.h - what an onlooker can read of a DTLS 1.2 datagram (RFC 6347 4.1,
 * 4.2.2): no keys, no state. The observer at the cloud edge and the readers of captures use it. */
#ifndef SIM_RECORD_DTLS_RECORD_H
#define SIM_RECORD_DTLS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

typedef struct record_dtls_glance {
    /* of the first record: 20 change_cipher_spec, 21 alert, 22 handshake, 23 data */
    uint8_t content_type;
    uint16_t epoch;
    /* an unencrypted ClientHello begins the datagram, or its first fragment, with its Random */
    bool client_hello;
    bool has_cookie; /* that ClientHello carries a cookie: the second one of an attempt */
    /* its Random: the same in retransmissions and in the cookie round (RFC 6347 4.2.1) */
    uint8_t random[32];
} record_dtls_glance;

/* SIM_EPARSE when the datagram does not begin with a DTLS 1.0 or 1.2 record; *out is then zeroed.
 * What follows the first record is not looked at. */
SIM_MUST_USE int record_dtls_look(const uint8_t *datagram, size_t n, record_dtls_glance *out);

#endif
