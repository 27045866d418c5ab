/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/pcap_write.h"

#include <string.h>

#include "sim/core/error.h"

enum {
    VERSION_MAJOR = 2,
    VERSION_MINOR = 4,
    SNAPLEN = 262144,
    LINKTYPE_RAW = 101,
    RECORD_BYTES = 16,
    IP_BYTES = 40,
    UDP_BYTES = 8,
    ICMP_BYTES = 8,
    TCP_BYTES = 20,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_ICMP = 58,
    HOP_LIMIT = 64,
    UNREACHABLE = 1, /* type and code of RFC 4443 3.1 */
    PORT_UNREACHABLE = 4
};

#define MAGIC_NANOSECONDS UINT32_C(0xa1b23c4d)

/* Numbers of the file are little-endian (its magic number says so), those of packets big-endian. */
static void put_file32(uint8_t *out, uint32_t value) {
    for (unsigned i = 0; i < 4; i++) out[i] = (uint8_t)(value >> (8 * i));
}

static void put_net16(uint8_t *out, size_t value) {
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
}

void record_pcap_head(uint8_t out[RECORD_PCAP_HEAD]) {
    memset(out, 0, RECORD_PCAP_HEAD);
    put_file32(out, MAGIC_NANOSECONDS);
    put_file32(out + 4, (uint32_t)VERSION_MINOR << 16 | VERSION_MAJOR);
    put_file32(out + 16, SNAPLEN);
    put_file32(out + 20, LINKTYPE_RAW);
}

static void put_record(uint8_t *out, sim_time at, size_t bytes) {
    put_file32(out, (uint32_t)(at / SIM_SECOND));
    put_file32(out + 4, (uint32_t)(at % SIM_SECOND));
    put_file32(out + 8, (uint32_t)bytes);
    put_file32(out + 12, (uint32_t)bytes);
}

static void put_ip(uint8_t *out, uint8_t protocol, const record_pcap_end *from,
                   const record_pcap_end *to, size_t carried) {
    memset(out, 0, IP_BYTES);
    out[0] = 6 << 4;
    put_net16(out + 4, carried);
    out[6] = protocol;
    out[7] = HOP_LIMIT;
    memcpy(out + 8, from->ip, 16);
    memcpy(out + 24, to->ip, 16);
}

static uint64_t sum16(uint64_t sum, const uint8_t *bytes, size_t n) {
    for (size_t i = 0; i + 1 < n; i += 2) sum += (uint64_t)(bytes[i] << 8 | bytes[i + 1]);
    return n % 2 == 0 ? sum : sum + (uint64_t)(bytes[n - 1] << 8);
}

/* RFC 8200 8.1: over the addresses, the length and the protocol of the packet at `ip`, and all that
 * it carries. A sum of 0 is written as all ones: 0 would say that there is none. */
static uint16_t checksum(const uint8_t *ip, size_t carried) {
    uint64_t sum = sum16((uint64_t)carried + ip[6], ip + 8, 32);
    sum = sum16(sum, ip + IP_BYTES, carried);
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff ? 0xffff : (uint16_t)~sum;
}

/* The packet itself, without the record's header; its length. */
static size_t put_datagram(uint8_t *ip, const record_pcap_end *from, const record_pcap_end *to,
                           const uint8_t *data, size_t n) {
    SIM_PROMISE(n <= RECORD_PCAP_DATA_MAX);
    size_t carried = UDP_BYTES + n;
    uint8_t *udp = ip + IP_BYTES;
    put_ip(ip, PROTOCOL_UDP, from, to, carried);
    put_net16(udp, from->port);
    put_net16(udp + 2, to->port);
    put_net16(udp + 4, carried);
    put_net16(udp + 6, 0);
    if (n > 0) memcpy(udp + UDP_BYTES, data, n);
    put_net16(udp + 6, checksum(ip, carried));
    return IP_BYTES + carried;
}

size_t record_pcap_datagram(uint8_t *out, sim_time at, const record_pcap_end *from,
                            const record_pcap_end *to, const uint8_t *data, size_t n) {
    size_t bytes = put_datagram(out + RECORD_BYTES, from, to, data, n);
    put_record(out, at, bytes);
    return RECORD_BYTES + bytes;
}

size_t record_pcap_segment(uint8_t *out, sim_time at, const record_pcap_end *from,
                           const record_pcap_end *to, const uint8_t *segment, size_t n) {
    SIM_PROMISE(n >= TCP_BYTES && n <= RECORD_PCAP_DATA_MAX);
    uint8_t *ip = out + RECORD_BYTES;
    uint8_t *tcp = ip + IP_BYTES;
    put_ip(ip, PROTOCOL_TCP, from, to, n);
    memcpy(tcp, segment, n);
    put_net16(tcp, from->port);
    put_net16(tcp + 2, to->port);
    put_net16(tcp + 16, 0);
    put_net16(tcp + 16, checksum(ip, n));
    put_record(out, at, IP_BYTES + n);
    return RECORD_BYTES + IP_BYTES + n;
}

size_t record_pcap_refusal(uint8_t *out, sim_time at, const record_pcap_end *from,
                           const record_pcap_end *to, const uint8_t *data, size_t n) {
    uint8_t *ip = out + RECORD_BYTES;
    uint8_t *icmp = ip + IP_BYTES;
    size_t quoted = put_datagram(icmp + ICMP_BYTES, from, to, data, n);
    size_t most = IP_BYTES + UDP_BYTES + RECORD_PCAP_QUOTED;
    size_t carried = ICMP_BYTES + (quoted < most ? quoted : most);
    put_ip(ip, PROTOCOL_ICMP, to, from, carried);
    memset(icmp, 0, ICMP_BYTES);
    icmp[0] = UNREACHABLE;
    icmp[1] = PORT_UNREACHABLE;
    put_net16(icmp + 2, checksum(ip, carried));
    put_record(out, at, IP_BYTES + carried);
    return RECORD_BYTES + IP_BYTES + carried;
}
