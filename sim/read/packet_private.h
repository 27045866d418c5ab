/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/packet_private.h - what sim/read/packet.c and sim/read/tunnel.c share: each calls the
 * other, as a tunnel carries frames and packets again. */
#ifndef SIM_READ_PACKET_PRIVATE_H
#define SIM_READ_PACKET_PRIVATE_H

#include "sim/read/packet.h"

/* A frame while it is read from outside to inside. */
typedef struct read_frame {
    read_packet *p;
    read_fragments *fragments; /* NULL: none are kept */
    size_t missing;            /* bytes at its end that were not captured */
    unsigned depth;            /* tunnels that it came through */
    bool quoted;               /* by an ICMP error: its ports are all that can be read */
} read_frame;

read_result read_frame_ip(read_frame *f, record_dtls_span left);
/* What IP carries, by its number. */
read_result read_frame_carried(read_frame *f, uint8_t protocol, record_dtls_span left);
read_result read_frame_ethernet(read_frame *f, record_dtls_span left);
read_result read_frame_ethertype(read_frame *f, uint16_t type, record_dtls_span left);
read_result read_frame_ppp(read_frame *f, record_dtls_span left); /* from its protocol on */

/* What is carried by the EtherType, the protocol of IP, the port of UDP. NONE without p->unread:
 * that is no tunnel. */
read_result read_tunnel_ethertype(read_frame *f, uint16_t type, record_dtls_span left);
read_result read_tunnel_ip(read_frame *f, uint8_t protocol, record_dtls_span left);
read_result read_tunnel_udp(read_frame *f, uint16_t port, record_dtls_span left);

#endif
