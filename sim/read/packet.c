/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/packet.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>

#ifndef DLT_LINUX_SLL2
#define DLT_LINUX_SLL2 276 /* https://www.tcpdump.org/linktypes.html */
#endif

enum {
    ETHERTYPE_IP4 = 0x0800,
    ETHERTYPE_IP6 = 0x86dd,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_QINQ = 0x88a8,
    VLAN_DEPTH = 4,
    EXTENSIONS = 8, /* headers between IPv6 and what it carries */
    ICMP4 = 1,
    ICMP6 = 58,
    WORDS = 8 /* of 16 bits in an IPv6 address */
};

/* Takes n bytes off `left`; NULL when they are not there. */
static const uint8_t *take(record_dtls_span *left, size_t n) {
    const uint8_t *at = left->at;
    if (left->n < n) return NULL;
    left->at += n;
    left->n -= n;
    return at;
}

static uint16_t u16(const uint8_t *at) {
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t u32(const uint8_t *at) {
    return (uint32_t)u16(at) << 16 | u16(at + 2);
}

/* --- TCP, UDP, ICMP --- */

static read_result read_tcp(record_dtls_span left, read_packet *p) {
    const uint8_t *h = take(&left, 20);
    if (h == NULL) return READ_RESULT_SHORT;
    size_t options = (size_t)(h[12] >> 4) * 4;
    p->source.port = u16(h);
    p->target.port = u16(h + 2);
    p->sequence = u32(h + 4);
    p->flags = h[13];
    if (options < 20) return READ_RESULT_SHORT;
    if (take(&left, options - 20) == NULL) left.n = 0; /* captured short: the flags are there */
    p->payload = left;
    return READ_RESULT_WHOLE;
}

static read_result read_udp(record_dtls_span left, read_packet *p) {
    const uint8_t *h = take(&left, 8);
    if (h == NULL) return READ_RESULT_SHORT;
    size_t length = u16(h + 4);
    p->source.port = u16(h);
    p->target.port = u16(h + 2);
    if (length != 0 && length < 8) return READ_RESULT_SHORT;
    if (length != 0 && left.n > length - 8) left.n = length - 8;
    p->payload = left;
    return READ_RESULT_WHOLE;
}

static read_result read_ip4(record_dtls_span left, read_packet *p, bool quoted);
static read_result read_ip6(record_dtls_span left, read_packet *p, bool quoted);

/* An error message quotes the packet that was not delivered: its ports stand in its first eight
 * bytes. */
static read_result read_quoted(record_dtls_span left, read_packet *p, bool v6) {
    if (take(&left, 8) == NULL) return READ_RESULT_SHORT;
    read_result sight = v6 ? read_ip6(left, p, true) : read_ip4(left, p, true);
    p->unreachable = true;
    return sight == READ_RESULT_WHOLE ? sight : READ_RESULT_NONE;
}

static read_result read_carried(uint8_t protocol, record_dtls_span left, read_packet *p,
                                bool quoted) {
    p->protocol = protocol;
    if (quoted && (protocol == READ_TCP || protocol == READ_UDP)) {
        const uint8_t *ports = take(&left, 4);
        if (ports == NULL) return READ_RESULT_SHORT;
        p->source.port = u16(ports);
        p->target.port = u16(ports + 2);
        return READ_RESULT_WHOLE;
    }
    if (quoted) return READ_RESULT_NONE;
    if (protocol == READ_TCP) return read_tcp(left, p);
    if (protocol == READ_UDP) return read_udp(left, p);
    if (protocol == ICMP4 && left.n > 0 && left.at[0] == 3) return read_quoted(left, p, false);
    if (protocol == ICMP6 && left.n > 0 && left.at[0] == 1) return read_quoted(left, p, true);
    return READ_RESULT_NONE;
}

/* --- IP --- */

static void map_ip4(const uint8_t *from, read_endpoint *to) {
    memset(to->address, 0, 10);
    memset(to->address + 10, 0xff, 2);
    memcpy(to->address + 12, from, 4);
}

static read_result read_ip4(record_dtls_span left, read_packet *p, bool quoted) {
    if (left.n < 20) return READ_RESULT_SHORT;
    const uint8_t *h = left.at;
    size_t header = (size_t)(h[0] & 15) * 4, total = u16(h + 2);
    if (h[0] >> 4 != 4 || header < 20) return READ_RESULT_SHORT;
    if (total >= header && !quoted && left.n > total)
        left.n = total; /* what is behind it fills up the frame; 0: left to the card */
    if (take(&left, header) == NULL) return READ_RESULT_SHORT;
    if ((u16(h + 6) & 0x1fff) != 0) return READ_RESULT_NONE; /* a later fragment */
    map_ip4(h + 12, &p->source);
    map_ip4(h + 16, &p->target);
    return read_carried(h[9], left, p, quoted);
}

static read_result read_ip6(record_dtls_span left, read_packet *p, bool quoted) {
    const uint8_t *h = take(&left, 40), *e;
    if (h == NULL || h[0] >> 4 != 6) return READ_RESULT_SHORT;
    size_t payload = u16(h + 4);
    uint8_t next = h[6];
    if (payload > 0 && !quoted && left.n > payload) left.n = payload;
    memcpy(p->source.address, h + 8, 16);
    memcpy(p->target.address, h + 24, 16);
    for (int i = 0; i < EXTENSIONS; i++) {
        bool fragment = next == 44;
        if (next != 0 && next != 43 && next != 60 && !fragment)
            return read_carried(next, left, p, quoted);
        if ((e = take(&left, 8)) == NULL) return READ_RESULT_SHORT;
        if (fragment && (u16(e + 2) & 0xfff8) != 0) return READ_RESULT_NONE;
        if (!fragment && take(&left, (size_t)e[1] * 8) == NULL) return READ_RESULT_SHORT;
        next = e[0];
    }
    return READ_RESULT_NONE;
}

static read_result read_ip(record_dtls_span left, read_packet *p) {
    if (left.n == 0) return READ_RESULT_SHORT;
    return left.at[0] >> 4 == 6 ? read_ip6(left, p, false) : read_ip4(left, p, false);
}

/* --- links --- */

static read_result read_ethertype(uint16_t type, record_dtls_span left, read_packet *p) {
    for (int depth = 0; depth < VLAN_DEPTH && (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ);
         depth++) {
        const uint8_t *tag = take(&left, 4);
        if (tag == NULL) return READ_RESULT_SHORT;
        type = u16(tag + 2);
    }
    if (type == ETHERTYPE_IP4) return read_ip4(left, p, false);
    return type == ETHERTYPE_IP6 ? read_ip6(left, p, false) : READ_RESULT_NONE;
}

/* A header of `size` bytes with an EtherType at `at`. */
static read_result read_framed(record_dtls_span left, size_t size, size_t at, read_packet *p) {
    const uint8_t *h = take(&left, size);
    return h == NULL ? READ_RESULT_SHORT : read_ethertype(u16(h + at), left, p);
}

bool read_link_known(int link) {
    switch (link) {
        case DLT_EN10MB:
        case DLT_NULL:
        case DLT_LOOP:
        case DLT_RAW:
        case DLT_IPV4:
        case DLT_IPV6:
        case DLT_LINUX_SLL:
        case DLT_LINUX_SLL2:
            return true;
        default:
            return false;
    }
}

read_result read_packet_parse(int link, record_dtls_span bytes, read_packet *out) {
    *out = (read_packet){0};
    switch (link) {
        case DLT_EN10MB:
            return read_framed(bytes, 14, 12, out);
        case DLT_LINUX_SLL:
            return read_framed(bytes, 16, 14, out);
        case DLT_LINUX_SLL2:
            return read_framed(bytes, 20, 0, out);
        /* an address family of four bytes, which differ from system to system: the packet itself
         * tells */
        case DLT_NULL:
        case DLT_LOOP:
            return take(&bytes, 4) == NULL ? READ_RESULT_SHORT : read_ip(bytes, out);
        default:
            return read_ip(bytes, out);
    }
}

/* IPv4 with dots; IPv6 with the longest run of zeros left out (RFC 5952). */
size_t read_address_text(const read_endpoint *e, char text[READ_ADDRESS_MAX]) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const uint8_t *a = e->address;
    size_t used = 0;
    size_t best = WORDS, length = 1;
    if (memcmp(a, mapped, sizeof mapped) == 0)
        return (size_t)snprintf(text, READ_ADDRESS_MAX, "%u.%u.%u.%u", a[12], a[13], a[14], a[15]);
    for (size_t i = 0; i < WORDS; i++) {
        size_t n = 0;
        while (i + n < WORDS && u16(a + 2 * (i + n)) == 0) n++;
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
                                 u16(a + 2 * i));
    }
    return used;
}

/* --- MQTT --- */

/* "Remaining Length": up to four bytes of seven bits. */
static bool take_length(record_dtls_span *left, size_t *n) {
    *n = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        const uint8_t *byte = take(left, 1);
        if (byte == NULL) return false;
        *n |= (size_t)(*byte & 0x7f) << shift;
        if (*byte < 0x80) return true;
    }
    return false;
}

static bool take_string(record_dtls_span *left, record_dtls_span *out) {
    const uint8_t *length = take(left, 2);
    if (length == NULL) return false;
    const uint8_t *at = take(left, u16(length));
    *out = (record_dtls_span){at, at != NULL ? u16(length) : 0};
    return at != NULL;
}

bool read_mqtt_connect(record_dtls_span data, record_dtls_span *id) {
    record_dtls_span name;
    size_t length;
    *id = (record_dtls_span){data.at, 0};
    const uint8_t *type = take(&data, 1);
    if (type == NULL || *type != 0x10 || !take_length(&data, &length) || !take_string(&data, &name))
        return false;
    bool v3 = name.n == 6 && memcmp(name.at, "MQIsdp", 6) == 0;
    if (!v3 && (name.n != 4 || memcmp(name.at, "MQTT", 4) != 0)) return false;
    const uint8_t *fixed = take(&data, 4); /* level, flags, keep-alive */
    if (fixed == NULL) return true;
    if (fixed[0] == 5 && (!take_length(&data, &length) || take(&data, length) == NULL)) return true;
    if (!take_string(&data, id)) *id = (record_dtls_span){data.at, 0};
    return true;
}

bool read_mqtt_connack(record_dtls_span data, unsigned *code) {
    size_t length;
    const uint8_t *type = take(&data, 1);
    if (type == NULL || *type != 0x20 || !take_length(&data, &length) || length < 2) return false;
    const uint8_t *body = take(&data, 2);
    if (body == NULL) return false;
    *code = body[1];
    return true;
}

/* --- TLS --- */

enum { TLS_HEADER = 5, TLS_MESSAGE = 4, TLS_FATAL = 2 };

typedef struct record {
    uint8_t type;
    record_dtls_span body;
} record;

/* The next record; false at one that is not whole here or no TLS at all. */
static bool take_record(record_dtls_span *left, record *out) {
    const uint8_t *h = take(left, TLS_HEADER);
    if (h == NULL || h[0] < RECORD_DTLS_CHANGE_CIPHER_SPEC || h[0] > RECORD_DTLS_APPLICATION_DATA ||
        h[1] != 3)
        return false;
    size_t n = u16(h + 3);
    const uint8_t *body = take(left, n);
    *out = (record){h[0], {body, body != NULL ? n : 0}};
    return body != NULL;
}

bool read_tls_is_hello(record_dtls_span data) {
    return data.n > TLS_HEADER && data.at[0] == RECORD_DTLS_HANDSHAKE && data.at[1] == 3 &&
           data.at[TLS_HEADER] == RECORD_DTLS_CLIENT_HELLO;
}

/* The last record may be cut off by the segment: its head is enough to know its type. */
bool read_tls_has(record_dtls_span data, uint8_t content_type) {
    record r;
    while (data.n >= TLS_HEADER && data.at[1] == 3) {
        if (data.at[0] == content_type) return true;
        if (!take_record(&data, &r)) return false;
    }
    return false;
}

bool read_tls_alert(record_dtls_span data) {
    record r;
    return take_record(&data, &r) && r.type == RECORD_DTLS_ALERT && r.body.n == 2 &&
           r.body.at[0] == TLS_FATAL;
}

static bool is_hello_13(record_dtls_span hello) {
    record_dtls_span id, extensions;
    if (take(&hello, 2 + RECORD_DTLS_RANDOM) == NULL) return false;
    const uint8_t *n = take(&hello, 1);
    if (n == NULL || take(&hello, *n) == NULL || take(&hello, 3) == NULL) return false;
    if (!take_string(&hello, &extensions)) return false;
    while (extensions.n > 0) {
        const uint8_t *type = take(&extensions, 2);
        if (type == NULL || !take_string(&extensions, &id)) return false;
        if (u16(type) == 43)
            return id.n == 2 && u16(id.at) == 0x0304; /* supported_versions, RFC 8446 4.2.1 */
    }
    return false;
}

/* A handshake message of that type in whole records, one after the other. */
static bool find_message(record_dtls_span data, uint8_t type, record_dtls_span *body) {
    record r;
    while (take_record(&data, &r)) {
        if (r.type != RECORD_DTLS_HANDSHAKE) continue;
        for (const uint8_t *h; (h = take(&r.body, TLS_MESSAGE)) != NULL;) {
            size_t n = u32(h) & 0xffffff;
            const uint8_t *at = take(&r.body, n);
            if (at == NULL) break;
            *body = (record_dtls_span){at, n};
            if (h[0] == type) return true;
        }
    }
    return false;
}

bool read_tls_is_13(record_dtls_span data) {
    record_dtls_span hello;
    return find_message(data, RECORD_DTLS_SERVER_HELLO, &hello) && is_hello_13(hello);
}

/* A ClientKeyExchange with a PSK identity in front (RFC 4279 2, RFC 5489 2): printable, and all of
 * the message or with a point behind it. Other key exchanges do not look so. */
static bool is_psk(record_dtls_span exchange, record_dtls_span *identity) {
    if (!take_string(&exchange, identity) || identity->n == 0) return false;
    for (size_t i = 0; i < identity->n; i++)
        if (identity->at[i] < 0x20 || identity->at[i] == 0x7f) return false;
    return exchange.n == 0 || exchange.n == 1u + exchange.at[0];
}

bool read_tls_identity(record_dtls_span data, record_dtls_span *identity) {
    record_dtls_span exchange;
    return find_message(data, RECORD_DTLS_CLIENT_KEY_EXCHANGE, &exchange) &&
           is_psk(exchange, identity);
}

bool read_dtls_identity(record_dtls_span body, record_dtls_span *identity) {
    record_dtls_message m;
    while (record_dtls_take_message(&body, &m))
        if (m.type == RECORD_DTLS_CLIENT_KEY_EXCHANGE && record_dtls_is_whole(&m))
            return is_psk(m.fragment, identity);
    return false;
}

/* --- CoAP --- */

/* The extended forms of an option's delta and length (RFC 7252 3.1). */
static bool take_nibble(record_dtls_span *left, unsigned nibble, size_t *value) {
    const uint8_t *more;
    *value = nibble;
    if (nibble == 15) return false;
    if (nibble < 13) return true;
    if ((more = take(left, nibble - 12)) == NULL) return false;
    *value = nibble == 13 ? 13u + more[0] : 269u + u16(more);
    return true;
}

static bool read_options(record_dtls_span left, read_coap *m) {
    size_t number = 0, delta, length;
    bool first_segment = true;
    while (left.n > 0) {
        const uint8_t *h = take(&left, 1);
        if (*h == 0xff) return left.n > 0; /* a payload marker with nothing behind it is an error */
        if (!take_nibble(&left, *h >> 4, &delta) || !take_nibble(&left, *h & 15, &length))
            return false;
        const uint8_t *value = take(&left, length);
        if (value == NULL) return false;
        number += delta;
        if (number != 11) continue; /* Uri-Path */
        if (first_segment)
            m->registers = m->code == 2 && length == 2 && memcmp(value, "rd", 2) == 0;
        first_segment = false;
    }
    return true;
}

bool read_coap_parse(record_dtls_span data, read_coap *out) {
    const uint8_t *h = take(&data, 4);
    if (h == NULL || h[0] >> 6 != 1) return false;
    size_t token = h[0] & 15;
    unsigned class = h[1] >> 5;
    *out = (read_coap){.type = h[0] >> 4 & 3, .code = h[1], .mid = u16(h + 2)};
    if (h[1] == 0) return token == 0 && data.n == 0;
    if (class == 1 || class == 3 || class > 5 || token > 8) return false;
    out->token = (record_dtls_span){take(&data, token), token};
    return out->token.at != NULL && read_options(data, out);
}

bool read_coap_port(uint16_t port) {
    static const uint16_t others[] = {53,  67,  68,  69,   123,  137,  138,  161, 162,
                                      443, 500, 514, 1900, 3478, 4500, 5353, 5355};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] == port) return false;
    return true;
}
