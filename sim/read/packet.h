/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/packet.h - bounded readers of what a captured frame carries: link, tags and tunnels, IP,
 * TCP, UDP, ICMP. They point into the caller's bytes, copy nothing but addresses, and never read
 * past the end they were given. */
#ifndef SIM_READ_PACKET_H
#define SIM_READ_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/read/fragments.h"

enum { READ_ADDRESS_MAX = 48 }; /* room for any address as text */

enum { READ_TCP = 6, READ_UDP = 17 };                                        /* protocols of IP */
enum { READ_FIN = 0x01, READ_SYN = 0x02, READ_RST = 0x04, READ_ACK = 0x10 }; /* flags of TCP */

typedef struct read_endpoint {
    uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2) */
    uint16_t port;
} read_endpoint;

/* What a packet holds that is not read. */
typedef struct read_unread {
    const char *kind; /* "EtherType"; NULL: nothing */
    unsigned number;  /* of that kind */
    const char *name; /* "ESP, encrypted"; NULL: not known by name */
    bool wraps;       /* it may hide connections: capture where it is taken off */
} read_unread;

typedef struct read_packet {
    uint8_t protocol;
    uint8_t flags;    /* TCP */
    bool unreachable; /* an ICMP error; all else is of the packet that it quotes */
    bool has_mac;
    uint8_t mac[6];     /* link-layer address of the sender, of the innermost link that has any */
    uint32_t sequence;  /* TCP */
    uint32_t confirmed; /* TCP, with ACK: the next that its sender expects */
    read_endpoint source, target;
    record_dtls_span payload; /* what of it was captured */
    size_t missing;           /* bytes of it that were cut off */
    read_unread unread;
} read_packet;

typedef enum read_result {
    READ_RESULT_NONE,  /* nothing of ours: ARP, other protocols; a fragment of a datagram */
    READ_RESULT_SHORT, /* headers that end too early or contradict themselves */
    READ_RESULT_WHOLE,
    READ_RESULT_NO_MEMORY
} read_result;

bool read_link_known(int link);         /* a DLT_… or LINKTYPE_… number of libpcap */
const char *read_link_advice(int link); /* what to do where it is not read */
/* `whole`: bytes of the frame, of which some may not have been captured. `fragments` keeps those of
 * datagrams that are not whole; NULL: they are left out. */
read_result read_packet_parse(int link, record_dtls_span bytes, size_t whole,
                              read_fragments *fragments, read_packet *out);
/* without the port; its length */
size_t read_address_text(const read_endpoint *e, char text[READ_ADDRESS_MAX]);
bool read_address_is_4(const read_endpoint *e);
uint64_t read_address_hash(const uint8_t address[16]);

#endif
