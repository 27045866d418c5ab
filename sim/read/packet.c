/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/packet.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/random.h"
#include "sim/read/bytes.h"
#include "sim/read/packet_private.h"

#ifndef DLT_LINUX_SLL2
#define DLT_LINUX_SLL2 276 /* https://www.tcpdump.org/linktypes.html */
#endif

enum {
    LINKTYPE_RAW = 101, /* as pcapng numbers what libpcap calls DLT_RAW */
    VLAN_DEPTH = 4,
    EXTENSIONS = 8, /* headers between IPv6 and what it carries */
    NESTED_MAX = 6, /* tunnels in tunnels */
    ICMP4 = 1,
    ICMP6 = 58,
    FRAGMENT = 44,
    AUTHENTICATION = 51,
    WORDS = 8 /* of 16 bits in an IPv6 address */
};

static read_result unread(read_frame *f, const char *kind, unsigned number, const char *name,
                          bool wraps) {
    f->p->unread = (read_unread){kind, number, name, wraps};
    return READ_RESULT_NONE;
}

/* --- TCP, UDP, ICMP --- */

static read_result read_tcp(read_frame *f, record_dtls_span left) {
    read_packet *p = f->p;
    const uint8_t *h = read_take(&left, 20);
    if (h == NULL) return READ_RESULT_SHORT;
    size_t options = (size_t)(h[12] >> 4) * 4;
    p->source.port = read_u16(h);
    p->target.port = read_u16(h + 2);
    p->sequence = read_u32(h + 4);
    p->confirmed = read_u32(h + 8);
    p->flags = h[13];
    p->missing = f->missing;
    if (options < 20) return READ_RESULT_SHORT;
    if (read_take(&left, options - 20) == NULL) { /* captured short: the flags are there */
        size_t cut = options - 20 - left.n;
        p->missing -= p->missing < cut ? p->missing : cut;
        left.n = 0;
    }
    p->payload = left;
    return READ_RESULT_WHOLE;
}

static read_result read_udp(read_frame *f, record_dtls_span left) {
    read_packet *p = f->p;
    const uint8_t *h = read_take(&left, 8);
    if (h == NULL) return READ_RESULT_SHORT;
    size_t length = read_u16(h + 4);
    uint16_t source = read_u16(h), target = read_u16(h + 2);
    if (length != 0 && length < 8) return READ_RESULT_SHORT;
    if (length != 0 && left.n > length - 8) left.n = length - 8;
    if (f->depth < NESTED_MAX) {
        read_frame inner = *f;
        read_packet kept = *p;
        inner.depth++;
        read_result result = read_tunnel_udp(&inner, target, left);
        if (result != READ_RESULT_NONE || p->unread.kind != NULL) return result;
        *p = kept;
    }
    p->source.port = source;
    p->target.port = target;
    p->payload = left;
    p->missing = f->missing;
    return READ_RESULT_WHOLE;
}

/* An error message quotes the packet that was not delivered: its ports stand in its first eight
 * bytes. */
static read_result read_quoted(read_frame *f, record_dtls_span left) {
    if (read_take(&left, 8) == NULL) return READ_RESULT_SHORT;
    f->quoted = true;
    read_result result = read_frame_ip(f, left);
    f->p->unreachable = true;
    return result == READ_RESULT_WHOLE ? result : READ_RESULT_NONE;
}

static const struct {
    uint8_t protocol;
    bool wraps;
    const char *name;
} others[] = {
    {1, false, "ICMP"},   {2, false, "IGMP"},  {50, true, "ESP, encrypted"}, {58, false, "ICMPv6"},
    {89, false, "OSPF"},  {98, true, "ENCAP"}, {103, false, "PIM"},          {108, true, "IPComp"},
    {112, false, "VRRP"}, {115, true, "L2TP"}, {132, false, "SCTP"},
};

static read_result read_other(read_frame *f, uint8_t protocol) {
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].protocol == protocol)
            return unread(f, "IP protocol", protocol, others[i].name, others[i].wraps);
    return unread(f, "IP protocol", protocol, NULL, false);
}

read_result read_frame_carried(read_frame *f, uint8_t protocol, record_dtls_span left) {
    f->p->protocol = protocol;
    if (f->quoted && (protocol == READ_TCP || protocol == READ_UDP)) {
        const uint8_t *ports = read_take(&left, 4);
        if (ports == NULL) return READ_RESULT_SHORT;
        f->p->source.port = read_u16(ports);
        f->p->target.port = read_u16(ports + 2);
        return READ_RESULT_WHOLE;
    }
    if (f->quoted) return READ_RESULT_NONE;
    if (protocol == READ_TCP) return read_tcp(f, left);
    if (protocol == READ_UDP) return read_udp(f, left);
    if (protocol == ICMP4 && left.n > 0 && left.at[0] == 3) return read_quoted(f, left);
    if (protocol == ICMP6 && left.n > 0 && left.at[0] == 1) return read_quoted(f, left);
    if (f->depth >= NESTED_MAX) return unread(f, "tunnels, one in another,", f->depth, NULL, true);
    read_frame inner = *f;
    inner.depth++;
    read_result result = read_tunnel_ip(&inner, protocol, left);
    return result == READ_RESULT_NONE && f->p->unread.kind == NULL ? read_other(f, protocol)
                                                                   : result;
}

/* --- IP --- */

static void map_ip4(const uint8_t *from, read_endpoint *to) {
    memset(to->address, 0, 10);
    memset(to->address + 10, 0xff, 2);
    memcpy(to->address + 12, from, 4);
}

/* Clips what fills up the frame, and notes what of `total` bytes was not captured. */
static void clip(read_frame *f, record_dtls_span *left, size_t total) {
    if (f->quoted) return;
    f->missing = left->n < total ? total - left->n : 0;
    if (left->n > total) left->n = total;
}

/* A fragment: what it completes is read, all else waits. */
static read_result read_fragment_of(read_frame *f, uint32_t id, uint8_t protocol, uint32_t offset,
                                    bool more, record_dtls_span left) {
    record_dtls_span whole;
    uint64_t words[4], key = (uint64_t)id << 8 | protocol;
    if (f->quoted || (offset == 0 && !more)) return read_frame_carried(f, protocol, left);
    if (f->fragments == NULL || f->missing > 0) return READ_RESULT_NONE;
    memcpy(words, f->p->source.address, 16);
    memcpy(words + 2, f->p->target.address, 16);
    for (int i = 0; i < 4; i++) key = sim_hash64(key ^ words[i]);
    const read_fragment fragment = {key, offset, more, left};
    if (read_fragments_add(f->fragments, &fragment, &whole) != 0) return READ_RESULT_NO_MEMORY;
    return whole.at != NULL ? read_frame_carried(f, protocol, whole) : READ_RESULT_NONE;
}

static read_result read_ip4(read_frame *f, record_dtls_span left) {
    if (left.n < 20) return READ_RESULT_SHORT;
    const uint8_t *h = left.at;
    size_t header = (size_t)(h[0] & 15) * 4, total = read_u16(h + 2);
    uint16_t place = read_u16(h + 6);
    if (h[0] >> 4 != 4 || header < 20) return READ_RESULT_SHORT;
    if (total >= header) clip(f, &left, total); /* 0: left to the card */
    if (read_take(&left, header) == NULL) return READ_RESULT_SHORT;
    map_ip4(h + 12, &f->p->source);
    map_ip4(h + 16, &f->p->target);
    return read_fragment_of(f, read_u16(h + 4), h[9], (uint32_t)(place & 0x1fff) * 8,
                            (place & 0x2000) != 0, left);
}

static read_result read_ip6(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 40), *e;
    if (h == NULL || h[0] >> 4 != 6) return READ_RESULT_SHORT;
    size_t payload = read_u16(h + 4);
    uint8_t next = h[6];
    if (payload > 0) clip(f, &left, payload);
    memcpy(f->p->source.address, h + 8, 16);
    memcpy(f->p->target.address, h + 24, 16);
    for (int i = 0; i < EXTENSIONS; i++) {
        if (next != 0 && next != 43 && next != 60 && next != FRAGMENT)
            return read_frame_carried(f, next, left);
        if ((e = read_take(&left, 8)) == NULL) return READ_RESULT_SHORT;
        if (next == FRAGMENT && (read_u16(e + 2) & 0xfff9) != 0)
            return f->quoted ? READ_RESULT_NONE
                             : read_fragment_of(f, read_u32(e + 4), e[0], read_u16(e + 2) & 0xfff8U,
                                                (e[3] & 1) != 0, left);
        if (next != FRAGMENT && read_take(&left, (size_t)e[1] * 8) == NULL)
            return READ_RESULT_SHORT;
        next = e[0];
    }
    return READ_RESULT_NONE;
}

read_result read_frame_ip(read_frame *f, record_dtls_span left) {
    if (left.n == 0) return READ_RESULT_SHORT;
    return left.at[0] >> 4 == 6 ? read_ip6(f, left) : read_ip4(f, left);
}

/* --- links --- */

static const struct {
    uint16_t first, last;
    bool wraps;
    const char *name;
} ethertypes[] = {
    {0x0000, 0x05ff, false, "LLC"},      {0x0806, 0x0806, false, "ARP"},
    {0x0842, 0x0842, false, "wake-up"},  {0x8035, 0x8035, false, "RARP"},
    {0x8809, 0x8809, false, "LACP"},     {0x8863, 0x8863, false, "PPPoE discovery"},
    {0x888e, 0x888e, false, "EAPOL"},    {0x88cc, 0x88cc, false, "LLDP"},
    {0x88e1, 0x88e1, false, "HomePlug"}, {0x88e5, 0x88e5, true, "MACsec"},
    {0x88f7, 0x88f7, false, "PTP"},      {0x893a, 0x893a, false, "IEEE 1905"},
    {0x893f, 0x893f, true, "802.1BR"},   {0x894f, 0x894f, true, "NSH"},
    {0x8926, 0x8926, true, "VN-Tag"},    {0xffff, 0xffff, false, "reserved"},
};

read_result read_frame_ethertype(read_frame *f, uint16_t type, record_dtls_span left) {
    for (int depth = 0; depth < VLAN_DEPTH && (type == 0x8100 || type == 0x88a8 || type == 0x9100 ||
                                               type == 0x9200 || type == 0x9300);
         depth++) {
        const uint8_t *tag = read_take(&left, 4);
        if (tag == NULL) return READ_RESULT_SHORT;
        type = read_u16(tag + 2);
    }
    if (type == 0x0800) return read_ip4(f, left);
    if (type == 0x86dd) return read_ip6(f, left);
    read_result result = read_tunnel_ethertype(f, type, left);
    if (result != READ_RESULT_NONE || f->p->unread.kind != NULL) return result;
    for (size_t i = 0; i < sizeof ethertypes / sizeof *ethertypes; i++)
        if (type >= ethertypes[i].first && type <= ethertypes[i].last)
            return unread(f, "EtherType", type, ethertypes[i].name, ethertypes[i].wraps);
    return unread(f, "EtherType", type, NULL, true);
}

static void note_mac(read_frame *f, const uint8_t *mac) {
    memcpy(f->p->mac, mac, sizeof f->p->mac);
    f->p->has_mac = true;
}

read_result read_frame_ethernet(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 14), *snap;
    if (h == NULL) return READ_RESULT_SHORT;
    note_mac(f, h + 6);
    uint16_t type = read_u16(h + 12);
    if (type < 0x0600 && left.n >= 8 && memcmp(left.at, "\xaa\xaa\x03\0\0\0", 6) == 0) {
        snap = read_take(&left, 8); /* RFC 1042 */
        type = read_u16(snap + 6);
    }
    return read_frame_ethertype(f, type, left);
}

/* Linux "cooked": the sender's address, where it has six bytes, and an EtherType. */
static read_result read_cooked(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 16);
    if (h == NULL) return READ_RESULT_SHORT;
    if (read_u16(h + 4) == sizeof f->p->mac) note_mac(f, h + 6);
    return read_frame_ethertype(f, read_u16(h + 14), left);
}

static read_result read_cooked_2(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 20);
    if (h == NULL) return READ_RESULT_SHORT;
    if (h[11] == sizeof f->p->mac) note_mac(f, h + 12);
    return read_frame_ethertype(f, read_u16(h), left);
}

/* An address family of four bytes, which differ from system to system: the packet itself tells. */
static read_result read_loopback(read_frame *f, record_dtls_span left) {
    return read_take(&left, 4) == NULL ? READ_RESULT_SHORT : read_frame_ip(f, left);
}

static read_result read_ppp_framed(read_frame *f, record_dtls_span left) {
    if (left.n >= 2 && left.at[0] == 0xff && left.at[1] == 3) read_take(&left, 2);
    return read_frame_ppp(f, left);
}

static read_result read_ppp_ether(read_frame *f, record_dtls_span left) {
    return read_tunnel_ethertype(f, 0x8864, left);
}

static read_result read_hdlc(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 4);
    return h == NULL ? READ_RESULT_SHORT : read_frame_ethertype(f, read_u16(h + 2), left);
}

/* Netfilter's log: a family, then values with their lengths and types (host order of who wrote
 * them), of which type 9 is the packet. */
static read_result read_nflog(read_frame *f, record_dtls_span left) {
    if (read_take(&left, 4) == NULL) return READ_RESULT_SHORT;
    for (const uint8_t *h; (h = read_take(&left, 4)) != NULL;) {
        size_t n = h[0] | (size_t)h[1] << 8;
        if (n < 4) return READ_RESULT_SHORT;
        if (h[2] == 9 && h[3] == 0) {
            if (left.n > n - 4) left.n = n - 4;
            return read_frame_ip(f, left);
        }
        size_t padded = (n + 3) / 4 * 4 - 4;
        if (read_take(&left, padded) == NULL) return READ_RESULT_SHORT;
    }
    return READ_RESULT_SHORT;
}

static const struct {
    int link;
    read_result (*read)(read_frame *f, record_dtls_span left);
} links[] = {
    {DLT_EN10MB, read_frame_ethernet}, {DLT_NULL, read_loopback},
    {DLT_LOOP, read_loopback},         {DLT_RAW, read_frame_ip},
    {LINKTYPE_RAW, read_frame_ip},     {DLT_IPV4, read_frame_ip},
    {DLT_IPV6, read_frame_ip},         {DLT_LINUX_SLL, read_cooked},
    {DLT_LINUX_SLL2, read_cooked_2},   {DLT_PPP, read_ppp_framed},
    {DLT_PPP_SERIAL, read_ppp_framed}, {DLT_PPP_ETHER, read_ppp_ether},
    {DLT_C_HDLC, read_hdlc},           {DLT_NFLOG, read_nflog},
};
enum { LINKS = sizeof links / sizeof *links };

static size_t link_of(int link) {
    size_t i = 0;
    while (i < LINKS && links[i].link != link) i++;
    return i;
}

bool read_link_known(int link) {
    return link_of(link) < LINKS;
}

const char *read_link_advice(int link) {
    switch (link) {
        case DLT_IEEE802_11:
        case DLT_IEEE802_11_RADIO:
        case DLT_PRISM_HEADER:
        case DLT_PPI:
            return "radio frames are encrypted: capture on the wired side of the access point";
        case DLT_IEEE802_15_4_WITHFCS:
        case DLT_IEEE802_15_4_NOFCS:
        case DLT_IEEE802_15_4_TAP:
            return "radio frames are encrypted: capture behind the border router";
        case DLT_USB_LINUX:
        case DLT_USB_LINUX_MMAPPED:
        case DLT_BLUETOOTH_HCI_H4:
        case DLT_BLUETOOTH_HCI_H4_WITH_PHDR:
            return "no network: capture on the interface that has the address";
        default:
            return "Ethernet, PPP, loopback, raw IP, NFLOG and Linux cooked are: capture on such "
                   "an interface (tcpdump -i any)";
    }
}

read_result read_packet_parse(int link, record_dtls_span bytes, size_t whole,
                              read_fragments *fragments, read_packet *out) {
    size_t i = link_of(link);
    *out = (read_packet){0};
    read_frame f = {
        .p = out, .fragments = fragments, .missing = whole > bytes.n ? whole - bytes.n : 0};
    return i < LINKS ? links[i].read(&f, bytes) : READ_RESULT_NONE;
}

/* --- addresses --- */

bool read_address_is_4(const read_endpoint *e) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return memcmp(e->address, mapped, sizeof mapped) == 0;
}

uint64_t read_address_hash(const uint8_t address[16]) {
    uint64_t words[2];
    memcpy(words, address, sizeof words);
    return sim_hash64(sim_hash64(words[0]) ^ words[1]);
}

/* IPv4 with dots; IPv6 with the longest run of zeros left out (RFC 5952). */
size_t read_address_text(const read_endpoint *e, char text[READ_ADDRESS_MAX]) {
    const uint8_t *a = e->address;
    size_t used = 0;
    size_t best = WORDS, length = 1;
    if (read_address_is_4(e))
        return (size_t)snprintf(text, READ_ADDRESS_MAX, "%u.%u.%u.%u", a[12], a[13], a[14], a[15]);
    for (size_t i = 0; i < WORDS; i++) {
        size_t n = 0;
        while (i + n < WORDS && read_u16(a + 2 * (i + n)) == 0) n++;
        if (n > length) best = i, length = n;
    }
    for (size_t i = 0; i < WORDS; i++) {
        if (i == best) {
            used += (size_t)snprintf(text + used, READ_ADDRESS_MAX - used, "::");
            i += length - 1;
            continue;
        }
        bool colon = i > 0 && i != best + length;
        used += (size_t)snprintf(text + used, READ_ADDRESS_MAX - used, "%s%x", colon ? ":" : "",
                                 read_u16(a + 2 * i));
    }
    return used;
}
