/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/payload.h"

#include <string.h>

#include "sim/read/bytes.h"

/* --- MQTT --- */

/* A "variable byte integer": up to four bytes of seven bits. */
static bool take_length(record_dtls_span *left, size_t *n) {
    *n = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        const uint8_t *byte = read_take(left, 1);
        if (byte == NULL) return false;
        *n |= (size_t)(*byte & 0x7f) << shift;
        if (*byte < 0x80) return true;
    }
    return false;
}

static bool take_string(record_dtls_span *left, record_dtls_span *out) {
    const uint8_t *length = read_take(left, 2);
    if (length == NULL) return false;
    const uint8_t *at = read_take(left, read_u16(length));
    *out = (record_dtls_span){at, at != NULL ? read_u16(length) : 0};
    return at != NULL;
}

bool read_mqtt_connect(record_dtls_span body, record_dtls_span *id) {
    record_dtls_span name;
    size_t length;
    *id = (record_dtls_span){body.at, 0};
    if (!take_string(&body, &name)) return false;
    bool v3 = name.n == 6 && memcmp(name.at, "MQIsdp", 6) == 0;
    if (!v3 && (name.n != 4 || memcmp(name.at, "MQTT", 4) != 0)) return false;
    const uint8_t *fixed = read_take(&body, 4); /* level, flags, keep-alive */
    if (fixed == NULL) return true;
    if (fixed[0] == 5 && (!take_length(&body, &length) || read_take(&body, length) == NULL))
        return true;
    if (!take_string(&body, id)) *id = (record_dtls_span){body.at, 0};
    return true;
}

bool read_mqtt_connack(record_dtls_span body, unsigned *code) {
    const uint8_t *flags = read_take(&body, 2);
    if (flags == NULL) return false;
    *code = flags[1];
    return true;
}

/* --- TLS --- */

bool read_tls_hello_is_13(record_dtls_span hello) {
    record_dtls_span value, extensions;
    if (read_take(&hello, 2 + RECORD_DTLS_RANDOM) == NULL) return false;
    const uint8_t *n = read_take(&hello, 1);
    if (n == NULL || read_take(&hello, *n) == NULL || read_take(&hello, 3) == NULL) return false;
    if (!take_string(&hello, &extensions)) return false;
    while (extensions.n > 0) {
        const uint8_t *type = read_take(&extensions, 2);
        if (type == NULL || !take_string(&extensions, &value)) return false;
        if (read_u16(type) == 43)
            return value.n == 2 &&
                   read_u16(value.at) == 0x0304; /* supported_versions, RFC 8446 4.2.1 */
    }
    return false;
}

/* An identity stands in front of it (RFC 4279 2, RFC 5489 2): printable, and all of the message or
 * with a point behind it. Other key exchanges do not look so. */
bool read_tls_identity(record_dtls_span exchange, record_dtls_span *identity) {
    if (!take_string(&exchange, identity) || identity->n == 0) return false;
    for (size_t i = 0; i < identity->n; i++)
        if (identity->at[i] < 0x20 || identity->at[i] == 0x7f) return false;
    return exchange.n == 0 || exchange.n == 1u + exchange.at[0];
}

bool read_dtls_identity(record_dtls_span body, record_dtls_span *identity) {
    record_dtls_message m;
    while (record_dtls_take_message(&body, &m))
        if (m.type == RECORD_DTLS_CLIENT_KEY_EXCHANGE && record_dtls_is_whole(&m))
            return read_tls_identity(m.fragment, identity);
    return false;
}

/* --- CoAP --- */

enum { URI_PATH = 11 };

/* The extended forms of an option's delta and length (RFC 7252 3.1). */
static bool take_nibble(record_dtls_span *left, unsigned nibble, size_t *value) {
    const uint8_t *more;
    *value = nibble;
    if (nibble == 15) return false;
    if (nibble < 13) return true;
    if ((more = read_take(left, nibble - 12)) == NULL) return false;
    *value = nibble == 13 ? 13u + more[0] : 269u + read_u16(more);
    return true;
}

/* Options of CoAP and their greatest lengths (RFC 7252 5.10, 7641, 7959, 8613, 9175 and others). */
static bool is_option(size_t number, size_t length) {
    static const struct {
        uint16_t number, most;
    } rows[] = {{1, 8},     {3, 255},  {4, 8},    {5, 0},    {6, 3},    {7, 2},  {8, 255},
                {9, 255},   {11, 255}, {12, 2},   {14, 4},   {15, 255}, {16, 1}, {17, 2},
                {19, 3},    {20, 255}, {21, 255}, {23, 3},   {27, 3},   {28, 4}, {31, 3},
                {35, 1034}, {39, 255}, {60, 4},   {252, 40}, {258, 1},  {292, 8}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].number == number) return length <= rows[i].most;
    return number >= 2048 && number % 2 == 0; /* vendors' own, elective: RFC 7252 12.2 */
}

static bool is_text(const uint8_t *at, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (at[i] < 0x20 || at[i] == 0x7f) return false;
    return true;
}

static bool read_options(record_dtls_span left, read_coap *m) {
    size_t number = 0, delta, length;
    bool first_segment = true;
    while (left.n > 0) {
        const uint8_t *h = read_take(&left, 1);
        if (*h == 0xff) return left.n > 0; /* a payload marker with nothing behind it is an error */
        if (!take_nibble(&left, *h >> 4, &delta) || !take_nibble(&left, *h & 15, &length))
            return false;
        const uint8_t *value = read_take(&left, length);
        if (value == NULL) return false;
        number += delta;
        m->strange = m->strange || !is_option(number, length);
        if (number != URI_PATH) continue;
        m->strange = m->strange || !is_text(value, length);
        if (first_segment)
            m->registers = m->code == 2 && length == 2 && memcmp(value, "rd", 2) == 0;
        first_segment = false;
    }
    return true;
}

bool read_coap_parse(record_dtls_span data, read_coap *out) {
    const uint8_t *h = read_take(&data, 4);
    if (h == NULL || h[0] >> 6 != 1) return false;
    size_t token = h[0] & 15;
    unsigned class = h[1] >> 5;
    *out = (read_coap){.type = h[0] >> 4 & 3, .code = h[1], .mid = read_u16(h + 2)};
    if (h[1] == 0) return token == 0 && data.n == 0;
    if (class == 1 || class == 3 || class > 5 || token > 8) return false;
    out->token = (record_dtls_span){read_take(&data, token), token};
    return out->token.at != NULL && read_options(data, out);
}

bool read_coap_port(uint16_t port) {
    static const uint16_t others[] = {53,  67,  68,  69,   123,  137,  138,  161, 162,
                                      443, 500, 514, 1900, 3478, 4500, 5353, 5355};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] == port) return false;
    return true;
}

bool read_coap_is_own_port(uint16_t port) {
    return port >= 5682 && port <= 5688; /* of servers beside each other, as LwM2M's bootstrap */
}

/* --- QUIC --- */

static bool take_variable(record_dtls_span *left, uint64_t *value) {
    if (left->n == 0) return false;
    size_t n = (size_t)1 << (left->at[0] >> 6);
    const uint8_t *at = read_take(left, n);
    if (at == NULL) return false;
    *value = at[0] & 0x3f;
    for (size_t i = 1; i < n; i++) *value = *value << 8 | at[i];
    return true;
}

static bool take_id(record_dtls_span *left, record_dtls_span *id) {
    const uint8_t *n = read_take(left, 1);
    if (n == NULL || *n > 20) return false;
    *id = (record_dtls_span){read_take(left, *n), *n};
    return id->at != NULL;
}

static bool is_version(uint32_t version) {
    return version == 0 || version == 1 || version == 0x6b3343cf || version >> 8 == 0xff0000 ||
           (version & 0x0f0f0f0f) == 0x0a0a0a0a; /* drafts; reserved to force a negotiation */
}

/* Version 2 counts its types from another one. */
static unsigned type_of(uint8_t first, uint32_t version) {
    unsigned type = first >> 4 & 3;
    return version == 0x6b3343cf ? (type + 3) % 4 : type;
}

/* What stands behind the ids of a packet with a length; false: it does not fit. */
static bool step_over(record_dtls_span *left, unsigned type) {
    uint64_t length;
    if (type == 0 && (!take_variable(left, &length) || read_take(left, length) == NULL))
        return false;
    if (!take_variable(left, &length) || length < 4) return false;
    /* cut off by the capture, or filled up by what is none of ours */
    if (read_take(left, length) == NULL) *left = (record_dtls_span){left->at, 0};
    return true;
}

/* One long packet; false: none. */
static bool take_long(record_dtls_span *left, read_quic *out, bool first) {
    record_dtls_span target, source;
    const uint8_t *h = read_take(left, 5);
    if (h == NULL || h[0] >> 7 != 1) return false;
    uint32_t version = read_u32(h + 1);
    if (!is_version(version) || (version != 0 && (h[0] & 0x40) == 0)) return false;
    if (!take_id(left, &target) || !take_id(left, &source)) return false;
    if (first) out->target = target, out->source = source;
    unsigned type = type_of(h[0], version);
    out->negotiation = out->negotiation || version == 0;
    out->initial = out->initial || (version != 0 && type == 0);
    out->handshake = out->handshake || (version != 0 && type == 2);
    bool more = version != 0 && type != 3 && step_over(left, type);
    out->sound = more || (out->sound && !first);
    if (!more) *left = (record_dtls_span){left->at, 0};
    return true;
}

bool read_quic_parse(record_dtls_span data, read_quic *out) {
    *out = (read_quic){0};
    if (!take_long(&data, out, true)) return false;
    while (data.n > 0 && data.at[0] >> 7 == 1 && take_long(&data, out, false)) {
    }
    out->one_rtt = read_quic_is_short(data);
    return true;
}

/* A byte, a connection id that may be empty, a packet number and the sum of a seal. */
bool read_quic_is_short(record_dtls_span data) {
    return data.n >= 1 + 1 + 16 && data.at[0] >> 6 == 1;
}

/* --- DNS --- */

/* A name as text. Pointers (RFC 1035 4.1.4) are not followed: those of answers are stepped over. */
static bool take_name(record_dtls_span *left, char *text, size_t room) {
    size_t used = 0;
    for (const uint8_t *n; (n = read_take(left, 1)) != NULL;) {
        if (*n >= 0xc0) return read_take(left, 1) != NULL;
        const uint8_t *label = *n < 64 ? read_take(left, *n) : NULL;
        if (label == NULL) return false;
        if (*n == 0) return true;
        if (used + *n + 2u > READ_DNS_NAME_MAX) return false;
        if (text == NULL || used + *n + 2u > room) continue;
        if (used > 0) text[used++] = '.';
        for (size_t i = 0; i < *n; i++) {
            uint8_t c = label[i];
            text[used++] = (char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
        }
        text[used] = '\0';
    }
    return false;
}

static void take_answers(record_dtls_span left, read_dns *out) {
    enum { ADDRESSES = sizeof out->addresses / sizeof *out->addresses };
    for (unsigned i = 0; i < out->answers && out->address_count < ADDRESSES; i++) {
        if (!take_name(&left, NULL, 0)) return;
        const uint8_t *h = read_take(&left, 10);
        const uint8_t *value = h != NULL ? read_take(&left, read_u16(h + 8)) : NULL;
        if (value == NULL) return;
        uint8_t *to = out->addresses[out->address_count];
        if (read_u16(h) == 28 && read_u16(h + 8) == 16) {
            memcpy(to, value, 16);
        } else if (read_u16(h) == 1 && read_u16(h + 8) == 4) {
            memset(to + 10, 0xff, 2);
            memcpy(to + 12, value, 4);
        } else {
            continue;
        }
        out->address_count++;
    }
}

bool read_dns_parse(record_dtls_span data, read_dns *out) {
    const uint8_t *h = read_take(&data, 12);
    *out = (read_dns){0};
    if (h == NULL || read_u16(h + 4) != 1 || (h[2] & 0x78) != 0) return false; /* a QUERY of one */
    out->id = read_u16(h);
    out->response = h[2] >> 7 == 1;
    out->code = h[3] & 15;
    out->answers = read_u16(h + 6);
    if (!out->response && out->answers != 0) return false;
    if (!take_name(&data, out->name, sizeof out->name) || out->name[0] == '\0') return false;
    const uint8_t *question = read_take(&data, 4);
    if (question == NULL || read_u16(question + 2) != 1) return false; /* of the Internet */
    out->type = read_u16(question);
    if (out->response) take_answers(data, out);
    return true;
}
