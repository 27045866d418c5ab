/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a datagram on its way to a CoAP door shows of itself. */
#include "sim/cloud/door_coap_private.h"
#include "sim/core/fingerprint.h"
#include "sim/record/dtls_record.h"
#include "sim/record/dtls_wire.h"

static uint64_t tag_of(uint16_t source_port, const uint8_t *random, size_t n) {
    sim_fingerprint f;
    sim_fingerprint_init(&f);
    sim_fingerprint_word(&f, source_port);
    sim_fingerprint_bytes(&f, random, n);
    return f.value;
}

/* The only sealed handshake message of a client is its Finished. */
static bool has_finished(const uint8_t *datagram, size_t n) {
    record_dtls_span left = {datagram, n};
    record_dtls_record r;
    while (record_dtls_take_record(&left, &r)) {
        if (r.type == RECORD_DTLS_HANDSHAKE && r.epoch > 0) return true;
    }
    return false;
}

/* DTLS: a ClientHello asks for a connection (its cookie round and retransmissions belong to the
 * same attempt), application data is a request. What cannot be read demands nothing. */
cloud_glance cloud_coaps_look(uint16_t source_port, const uint8_t *packet, size_t n) {
    record_dtls_glance dtls;
    cloud_glance glance = {.demand = CLOUD_DEMAND_NOTHING, .port = source_port};
    if (record_dtls_look(packet, n, &dtls) != 0) return glance;
    if (dtls.client_hello) {
        glance.demand = CLOUD_DEMAND_CONNECTION;
        glance.later = CLOUD_DEMAND_NOTHING;
        glance.tag = tag_of(source_port, dtls.random, sizeof dtls.random);
        glance.proven = dtls.has_cookie;
    } else if (dtls.content_type == RECORD_DTLS_APPLICATION_DATA) {
        glance.demand = CLOUD_DEMAND_REQUEST;
    } else if (dtls.content_type != RECORD_DTLS_ALERT) {
        glance.last = has_finished(packet, n);
    }
    return glance;
}

/* RFC 7252 3: a message has four bytes and version 1; of any other nothing is to be seen. */
bool coap_door_can_read(const uint8_t *packet, size_t n) {
    enum { HEADER = 4 };
    return n >= HEADER && packet[0] >> 6 == 1;
}

/* Plain CoAP: the first message from a source port asks for a connection, all are requests. */
cloud_glance cloud_coap_look(uint16_t source_port, const uint8_t *packet, size_t n) {
    if (!coap_door_can_read(packet, n))
        return (cloud_glance){.demand = CLOUD_DEMAND_NOTHING, .port = source_port};
    return (cloud_glance){.demand = CLOUD_DEMAND_CONNECTION,
                          .later = CLOUD_DEMAND_REQUEST,
                          .tag = tag_of(source_port, NULL, 0),
                          .port = source_port,
                          .proven = true};
}

/* Over a stream: a request asks, signals go on with what was let in. (Bytes that begin in the
 * middle of a message are taken for what they look like.) */
cloud_glance cloud_coap_stream_look(uint16_t source_port, const uint8_t *bytes, size_t n) {
    net_span left = {bytes, n}, part;
    uint8_t code = 0;
    size_t size;
    bool asks = false;
    while (!asks && net_coap_message_peek(left, &code, &size)) {
        asks = code != 0 && code >> 5 == 0;
        if (!net_span_take(&left, size, &part)) break;
    }
    return cloud_glance_of_stream(source_port, n, asks);
}
