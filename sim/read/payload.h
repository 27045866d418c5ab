/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/payload.h - bounded readers of the first words of MQTT, TLS, DTLS, CoAP, QUIC and DNS.
 * They point into the caller's bytes, copy nothing, and never read past the end they were given. */
#ifndef SIM_READ_PAYLOAD_H
#define SIM_READ_PAYLOAD_H

#include <stdbool.h>

#include "sim/record/dtls_wire.h"

/* Behind the fixed header of MQTT 3.1, 3.1.1, 5: the client id of a CONNECT, empty when it gives
 * none or none of it is there; the code of a CONNACK. */
bool read_mqtt_connect(record_dtls_span body, record_dtls_span *id);
bool read_mqtt_connack(record_dtls_span body, unsigned *code);

/* Behind the header of a handshake message of TLS. */
bool read_tls_hello_is_13(record_dtls_span hello); /* a ServerHello that chooses TLS 1.3 */
/* PSK identity in a ClientKeyExchange */
bool read_tls_identity(record_dtls_span exchange, record_dtls_span *identity);
/* The same in the body of a DTLS record. */
bool read_dtls_identity(record_dtls_span body, record_dtls_span *identity);

enum { READ_COAP_CON, READ_COAP_NON, READ_COAP_ACK, READ_COAP_RESET };
enum {
    READ_COAP_UNAVAILABLE = 5 << 5 | 3,
    READ_COAP_TOO_MANY = 4 << 5 | 29
}; /* RFC 7252 5.9.3.4, RFC 8516 */
typedef struct read_coap {
    uint8_t type, code;
    uint16_t mid;
    record_dtls_span token;
    bool registers; /* POST whose first path segment is "rd" */
    bool strange;   /* options that nobody has registered, or a path that is no text */
} read_coap;

/* A CoAP message of version 1, well formed to its end (RFC 7252 3). */
bool read_coap_parse(record_dtls_span data, read_coap *out);
/* False for ports of protocols whose messages may look like CoAP by chance. */
bool read_coap_port(uint16_t port);
bool read_coap_is_own_port(uint16_t port); /* 5683 and its neighbours */

/* QUIC (RFC 8999, 9000, 9369): what the packets of a datagram are. */
typedef struct read_quic {
    bool initial, handshake, negotiation, one_rtt; /* there is one such packet */
    bool sound;                                    /* the first has its token and its length */
    record_dtls_span target, source; /* connection ids of the first; empty with one_rtt alone */
} read_quic;
bool read_quic_parse(record_dtls_span data, read_quic *out); /* it begins with a long header */
bool read_quic_is_short(record_dtls_span data); /* it may be a 1-RTT packet: so may much else */

/* DNS (RFC 1035 4.1): a query, or an answer to one. */
enum { READ_DNS_NAME_MAX = 254 }; /* as text, with its end */
typedef struct read_dns {
    uint16_t id, type;            /* of the question: 1 A, 28 AAAA */
    bool response;                /* else it asks */
    uint8_t code;                 /* of a response: 0 NOERROR, 3 NXDOMAIN */
    uint16_t answers;             /* that it says it has */
    char name[READ_DNS_NAME_MAX]; /* that is asked for, in lower case */
    size_t address_count;         /* of addresses in the answers, as far as there is room */
    uint8_t addresses[8][16];     /* IPv4 as ::ffff:a.b.c.d */
} read_dns;
bool read_dns_parse(record_dtls_span data, read_dns *out);

#endif
