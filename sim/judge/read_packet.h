/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/read_packet.h - bounded readers of what a captured packet shows: link, IP, TCP, UDP, ICMP, and the first words of MQTT, TLS and CoAP. They point into the caller's bytes, copy
 * nothing but addresses, and never read past the end they were given. Private to sim/judge/read*.c. */
#ifndef SIM_JUDGE_READ_PACKET_H
#define SIM_JUDGE_READ_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/dtls_wire.h"

enum { JUDGE_ADDRESS_MAX = 48 }; /* room for any address as text */

enum { JUDGE_TCP = 6, JUDGE_UDP = 17 };                                          /* protocols of IP */
enum { JUDGE_FIN = 0x01, JUDGE_SYN = 0x02, JUDGE_RST = 0x04, JUDGE_ACK = 0x10 }; /* flags of TCP */

typedef struct judge_endpoint {
    uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2) */
    uint16_t port;
} judge_endpoint;

typedef struct judge_packet {
    uint8_t protocol;
    uint8_t flags;     /* TCP */
    bool unreachable;  /* an ICMP error; all else is of the packet that it quotes */
    uint32_t sequence; /* TCP */
    judge_endpoint source, target;
    sim_dtls_span payload; /* what of it was captured */
} judge_packet;

typedef enum judge_sight {
    JUDGE_SIGHT_NONE,  /* nothing of ours: ARP, other protocols, later fragments */
    JUDGE_SIGHT_SHORT, /* headers that end too early or contradict themselves */
    JUDGE_SIGHT_WHOLE
} judge_sight;

bool judge_link_known(int link); /* a DLT_… number of libpcap */
judge_sight judge_packet_read(int link, sim_dtls_span bytes, judge_packet *out);
size_t judge_address_text(const judge_endpoint *e,
                          char text[JUDGE_ADDRESS_MAX]); /* without the port; its length */

/* MQTT 3.1, 3.1.1, 5: a CONNECT begins here; *id is its client id, empty when it gives none. */
bool judge_mqtt_connect(sim_dtls_span data, sim_dtls_span *id);
bool judge_mqtt_connack(sim_dtls_span data, unsigned *code);

/* TLS over TCP, in the records that are whole in `data`. */
bool judge_tls_is_hello(sim_dtls_span data); /* begins with a ClientHello, whole or not */
bool judge_tls_has(sim_dtls_span data, uint8_t content_type);
bool judge_tls_alert(sim_dtls_span data); /* begins with a fatal alert in the clear */
bool judge_tls_is_13(sim_dtls_span data); /* a ServerHello that chooses TLS 1.3 */
bool judge_tls_identity(sim_dtls_span data,
                        sim_dtls_span *identity); /* PSK identity in a ClientKeyExchange */
/* The same in the body of a DTLS record. */
bool judge_dtls_identity(sim_dtls_span body, sim_dtls_span *identity);

enum { JUDGE_COAP_CON, JUDGE_COAP_NON, JUDGE_COAP_ACK, JUDGE_COAP_RESET };
enum {
    JUDGE_COAP_UNAVAILABLE = 5 << 5 | 3,
    JUDGE_COAP_TOO_MANY = 4 << 5 | 29
}; /* RFC 7252 5.9.3.4, RFC 8516 */
typedef struct judge_coap {
    uint8_t type, code;
    uint16_t mid;
    sim_dtls_span token;
    bool registers; /* POST whose first path segment is "rd" */
} judge_coap;

/* A CoAP message of version 1, well formed to its end (RFC 7252 3). */
bool judge_coap_read(sim_dtls_span data, judge_coap *out);
/* False for ports of protocols whose messages may look like CoAP by chance. */
bool judge_coap_port(uint16_t port);

#endif
