/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/coap_wire.h - what both of our CoAP endpoints do with libcoap and with the four bytes that
 * begin a message. Private to net/coap_*.c, the only files that see libcoap. */
#ifndef NET_COAP_WIRE_H
#define NET_COAP_WIRE_H

#include <coap3/coap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Prepares libcoap for this process, once, whichever thread comes first; costs nothing later. To be
 * called before every coap_new_context. */
void net_coap_prepare_library(void);

/* One step of libcoap's input and output inside a scope of the virtual kernel: reads the datagram
 * that arrived, then does what is due. In this order: an answer that comes in the very moment of
 * its time-out still counts. (coap_io_process would do what is due before and after.) */
void net_coap_step(coap_context_t *context);

/* The address under which libcoap knows virtual peer `peer`, and back. */
coap_address_t net_coap_virtual_address(uint32_t peer);
uint32_t net_coap_virtual_peer(const coap_address_t *address);

/* The value of a uint option (RFC 7252 3.2); `absent` when it is not there or longer than 4 bytes.
 */
uint32_t net_coap_option_uint(const coap_pdu_t *pdu, coap_option_num_t number, uint32_t absent);
/* Appends a uint option; options must come in the order of their numbers. 0: no room or no memory.
 */
int net_coap_add_uint(coap_pdu_t *pdu, coap_option_num_t number, uint32_t value);

/* The fixed header of RFC 7252 3. */
enum net_coap_type { NET_COAP_CON = 0, NET_COAP_NON = 1, NET_COAP_ACK = 2, NET_COAP_RST = 3 };
enum { NET_COAP_HEADER_SIZE = 4 };
typedef struct net_coap_header {
    uint8_t type; /* enum net_coap_type */
    uint8_t code;
    uint16_t mid;
} net_coap_header;

/* False when the datagram does not begin like a CoAP message of version 1. */
bool net_coap_header_read(const uint8_t *datagram, size_t n, net_coap_header *out);
/* A signalling message: for reliable transports only (RFC 8323 5), so on UDP it is to be ignored.
 * libcoap 4.3.1 would obey: with one of them a peer sets our MTU, with another it ends its session.
 */
bool net_coap_header_is_signal(const net_coap_header *h);
/* An Empty message: acknowledgement or Reset (RFC 7252 4.2). */
void net_coap_header_empty(enum net_coap_type type, uint16_t mid,
                           uint8_t out[NET_COAP_HEADER_SIZE]);

#endif
