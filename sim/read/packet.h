/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/packet.h - bounded readers of what a captured packet shows: link, IP, TCP, UDP, ICMP,
 * and the first words of MQTT, TLS and CoAP. They point into the caller's bytes, copy nothing but
 * addresses, and never read past the end they were given. Private to sim/judge/read*.c. */
#ifndef SIM_READ_PACKET_H
#define SIM_READ_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/record/dtls_wire.h"

enum { READ_ADDRESS_MAX = 48 }; /* room for any address as text */

enum { READ_TCP = 6, READ_UDP = 17 };                                        /* protocols of IP */
enum { READ_FIN = 0x01, READ_SYN = 0x02, READ_RST = 0x04, READ_ACK = 0x10 }; /* flags of TCP */

typedef struct read_endpoint {
    uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2) */
    uint16_t port;
} read_endpoint;

typedef struct read_packet {
    uint8_t protocol;
    uint8_t flags;     /* TCP */
    bool unreachable;  /* an ICMP error; all else is of the packet that it quotes */
    uint32_t sequence; /* TCP */
    read_endpoint source, target;
    record_dtls_span payload; /* what of it was captured */
} read_packet;

typedef enum read_result {
    READ_RESULT_NONE,  /* nothing of ours: ARP, other protocols, later fragments */
    READ_RESULT_SHORT, /* headers that end too early or contradict themselves */
    READ_RESULT_WHOLE
} read_result;

bool read_link_known(int link); /* a DLT_… number of libpcap */
read_result read_packet_parse(int link, record_dtls_span bytes, read_packet *out);
size_t read_address_text(const read_endpoint *e,
                         char text[READ_ADDRESS_MAX]); /* without the port; its length */

/* MQTT 3.1, 3.1.1, 5: a CONNECT begins here; *id is its client id, empty when it gives none. */
bool read_mqtt_connect(record_dtls_span data, record_dtls_span *id);
bool read_mqtt_connack(record_dtls_span data, unsigned *code);

/* TLS over TCP, in the records that are whole in `data`. */
bool read_tls_is_hello(record_dtls_span data); /* begins with a ClientHello, whole or not */
bool read_tls_has(record_dtls_span data, uint8_t content_type);
bool read_tls_alert(record_dtls_span data); /* begins with a fatal alert in the clear */
bool read_tls_is_13(record_dtls_span data); /* a ServerHello that chooses TLS 1.3 */
bool read_tls_identity(record_dtls_span data,
                       record_dtls_span *identity); /* PSK identity in a ClientKeyExchange */
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
} read_coap;

/* A CoAP message of version 1, well formed to its end (RFC 7252 3). */
bool read_coap_parse(record_dtls_span data, read_coap *out);
/* False for ports of protocols whose messages may look like CoAP by chance. */
bool read_coap_port(uint16_t port);

#endif
