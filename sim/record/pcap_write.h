/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/pcap_write.h - the bytes of a capture (libpcap's file format, times in nanoseconds)
 * of raw IPv6 packets, LINKTYPE_RAW of https://www.tcpdump.org/linktypes.html. Makes bytes and
 * nothing else: whoever calls writes them. */
#ifndef SIM_RECORD_PCAP_WRITE_H
#define SIM_RECORD_PCAP_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/time.h"

enum {
    RECORD_PCAP_HEAD = 24,       /* bytes at the beginning of the file */
    RECORD_PCAP_HEADERS = 64,    /* before a datagram: record 16, IPv6 40 (RFC 8200), UDP 8 */
    RECORD_PCAP_QUOTING = 48,    /* more before the datagram that a refusal quotes: RFC 4443 3.1 */
    RECORD_PCAP_QUOTED = 1184,   /* bytes of it that are quoted: all fit a packet of 1280 */
    RECORD_PCAP_DATA_MAX = 65527 /* bytes of a datagram: the length in UDP's header counts 8 more */
};

typedef struct record_pcap_end {
    uint8_t ip[16]; /* IPv6, network order */
    uint16_t port;
} record_pcap_end;

void record_pcap_head(uint8_t out[RECORD_PCAP_HEAD]);
/* A UDP datagram of n <= RECORD_PCAP_DATA_MAX bytes (promise) that passes at `at` (since 1970 for
 * whoever reads the file; 0 to 2^32 s). Returns the bytes in out[RECORD_PCAP_HEADERS + n]. */
size_t record_pcap_datagram(uint8_t *out, sim_time at, const record_pcap_end *from,
                            const record_pcap_end *to, const uint8_t *data, size_t n);
/* As record_pcap_datagram, of a TCP segment of 20 <= n <= RECORD_PCAP_DATA_MAX bytes (promise) that
 * has its header, but for ports and checksum, which are written. */
size_t record_pcap_segment(uint8_t *out, sim_time at, const record_pcap_end *from,
                           const record_pcap_end *to, const uint8_t *segment, size_t n);
/* The ICMPv6 error by which `to` tells `from` that nobody listens at its port, quoting the datagram
 * it refuses. Returns the bytes in out[RECORD_PCAP_HEADERS + RECORD_PCAP_QUOTING + n]. */
size_t record_pcap_refusal(uint8_t *out, sim_time at, const record_pcap_end *from,
                           const record_pcap_end *to, const uint8_t *data, size_t n);

#endif
