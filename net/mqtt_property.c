/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/mqtt_property.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/mqtt_packet.h"
#include "sim/core/error.h"

/* Where a property may stand. */
enum {
    W = 1 << NET_MQTT_WILL,
    C = 1 << NET_MQTT_CONNECT,
    K = 1 << NET_MQTT_CONNACK,
    P = 1 << NET_MQTT_PUBLISH,
    S = 1 << NET_MQTT_SUBSCRIBE,
    U = 1 << NET_MQTT_UNSUBSCRIBE,
    D = 1 << NET_MQTT_DISCONNECT,
    A = 1 << NET_MQTT_AUTH,
    ACKS = 1 << NET_MQTT_PUBACK | 1 << NET_MQTT_PUBREC | 1 << NET_MQTT_PUBREL |
           1 << NET_MQTT_PUBCOMP | 1 << NET_MQTT_SUBACK | 1 << NET_MQTT_UNSUBACK
};

typedef enum value_type { BYTE, TWO, FOUR, LENGTH, TEXT, DATA, PAIR } value_type;

typedef struct row {
    uint8_t identifier;
    uint8_t type;
    uint16_t packets;
} row;

static const row rows[] = {
#define ROW(name, identifier, type, packets) [NET_MQTT_##name] = {identifier, type, packets},
    NET_MQTT_PROPERTY_MAP(ROW)
#undef ROW
};

/* ---- bytes ---- */

int net_mqtt_length_read(const uint8_t *at, size_t n, uint32_t *value, size_t *used) {
    uint32_t sum = 0;
    for (size_t i = 0; i < 4; i++) {
        if (i == n) return 0;
        sum |= (uint32_t)(at[i] & 0x7f) << (7 * i);
        if ((at[i] & 0x80) != 0) continue;
        *value = sum;
        *used = i + 1;
        return 1;
    }
    return SIM_EPARSE;
}

size_t net_mqtt_length_size(uint32_t value) {
    return value < 1U << 7 ? 1 : value < 1U << 14 ? 2 : value < 1U << 21 ? 3 : 4;
}

uint8_t *net_mqtt_length_write(uint32_t value, uint8_t *at) {
    for (; value >= 0x80; value >>= 7) *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

/* Bytes that follow the first one of a character, and the least character that needs as many. */
static size_t followers(uint8_t first, uint32_t *least) {
    static const uint32_t leasts[] = {0, 0x80, 0x800, 0x10000};
    size_t n = first < 0x80 ? 0 : first < 0xc0 ? 4 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (first >= 0xf8 || n == 4) return SIZE_MAX;
    *least = leasts[n];
    return n;
}

bool net_mqtt_text_valid(net_mqtt_span text) {
    for (size_t i = 0; i < text.n;) {
        uint32_t least = 0;
        uint8_t first = text.bytes[i++];
        size_t more = followers(first, &least);
        if (more > text.n - i) return false;
        uint32_t c = more == 0 ? first : first & (0x3fU >> more);
        for (; more > 0; more--, i++) {
            if ((text.bytes[i] & 0xc0) != 0x80) return false;
            c = c << 6 | (text.bytes[i] & 0x3f);
        }
        if (c == 0 || c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return false;
    }
    return true;
}

bool net_mqtt_take_number(net_mqtt_span *left, size_t bytes, uint32_t *out) {
    net_mqtt_span digits;
    if (!net_span_take(left, bytes, &digits)) return false;
    *out = 0;
    for (size_t i = 0; i < bytes; i++) *out = *out << 8 | digits.bytes[i];
    return true;
}

bool net_mqtt_take_data(net_mqtt_span *left, net_mqtt_span *out) {
    uint32_t n;
    return net_mqtt_take_number(left, 2, &n) && net_span_take(left, n, out);
}

bool net_mqtt_take_text(net_mqtt_span *left, net_mqtt_span *out) {
    return net_mqtt_take_data(left, out) && net_mqtt_text_valid(*out);
}

/* In the shortest form, as 1.5.5 wants it. */
static bool take_length(net_mqtt_span *left, uint32_t *out) {
    size_t used;
    net_mqtt_span bytes;
    return net_mqtt_length_read(left->bytes, left->n, out, &used) == 1 &&
           used == net_mqtt_length_size(*out) && net_span_take(left, used, &bytes);
}

uint8_t *net_mqtt_put_number(uint8_t *at, size_t bytes, uint32_t value) {
    for (size_t i = bytes; i > 0; i--) *at++ = (uint8_t)(value >> (8 * (i - 1)));
    return at;
}

uint8_t *net_mqtt_put_bytes(uint8_t *at, net_mqtt_span bytes) {
    if (bytes.n > 0) memcpy(at, bytes.bytes, bytes.n);
    return at + bytes.n;
}

uint8_t *net_mqtt_put_data(uint8_t *at, net_mqtt_span data) {
    return net_mqtt_put_bytes(net_mqtt_put_number(at, 2, (uint32_t)data.n), data);
}

/* ---- one property ---- */

static size_t which_is(uint32_t identifier) {
    size_t i = 0;
    while (i < NET_MQTT_PROPERTIES && rows[i].identifier != identifier) i++;
    return i;
}

static bool take_value(uint8_t type, net_mqtt_span *left, uint32_t *number, net_mqtt_span *text) {
    net_mqtt_span name;
    switch (type) {
        case BYTE:
            return net_mqtt_take_number(left, 1, number);
        case TWO:
            return net_mqtt_take_number(left, 2, number);
        case FOUR:
            return net_mqtt_take_number(left, 4, number);
        case LENGTH:
            return take_length(left, number);
        case TEXT:
            return net_mqtt_take_text(left, text);
        case DATA:
            return net_mqtt_take_data(left, text);
        default:
            return net_mqtt_take_text(left, &name) && net_mqtt_take_text(left, text);
    }
}

/* What the specification says of single values. */
static uint8_t value_wrong(size_t which, uint32_t number, net_mqtt_span text) {
    switch (which) {
        case NET_MQTT_RECEIVE_MAXIMUM:
        case NET_MQTT_MAXIMUM_PACKET_SIZE:
        case NET_MQTT_SUBSCRIPTION_IDENTIFIER:
            return number == 0 ? NET_MQTT_PROTOCOL_ERROR : 0;
        case NET_MQTT_TOPIC_ALIAS:
            return number == 0 ? NET_MQTT_TOPIC_ALIAS_INVALID : 0;
        case NET_MQTT_RESPONSE_TOPIC:
            return text.n == 0 || memchr(text.bytes, '+', text.n) != NULL ||
                           memchr(text.bytes, '#', text.n) != NULL
                       ? NET_MQTT_PROTOCOL_ERROR
                       : 0;
        default:
            return rows[which].type == BYTE && number > 1 ? NET_MQTT_PROTOCOL_ERROR : 0;
    }
}

static bool may_repeat(size_t which, net_mqtt_type packet) {
    return which == NET_MQTT_USER_PROPERTY ||
           (which == NET_MQTT_SUBSCRIPTION_IDENTIFIER && packet == NET_MQTT_PUBLISH);
}

/* ---- all of them ---- */

uint8_t net_mqtt_properties_read(net_mqtt_type packet, net_mqtt_span raw,
                                 net_mqtt_properties *out) {
    *out = (net_mqtt_properties){.raw = raw};
    while (raw.n > 0) {
        uint32_t identifier, number = 0;
        net_mqtt_span text = {0};
        if (!take_length(&raw, &identifier)) return NET_MQTT_MALFORMED_PACKET;
        size_t which = which_is(identifier);
        if (which == NET_MQTT_PROPERTIES) return NET_MQTT_MALFORMED_PACKET;
        if (!take_value(rows[which].type, &raw, &number, &text)) return NET_MQTT_MALFORMED_PACKET;
        bool twice = net_mqtt_has(out, (net_mqtt_property)which) && !may_repeat(which, packet);
        if ((rows[which].packets >> packet & 1) == 0 || twice) return NET_MQTT_PROTOCOL_ERROR;
        uint8_t wrong = value_wrong(which, number, text);
        if (wrong != 0) return wrong;
        out->present |= 1U << which;
        out->number[which] = number;
        out->text[which] = text;
    }
    return 0;
}

void net_mqtt_set_number(net_mqtt_properties *p, net_mqtt_property which, uint32_t value) {
    p->present |= 1U << which;
    p->number[which] = value;
}

void net_mqtt_set_text(net_mqtt_properties *p, net_mqtt_property which, net_mqtt_span value) {
    p->present |= 1U << which;
    p->text[which] = value;
}

static size_t value_size(const net_mqtt_properties *p, size_t which) {
    static const uint8_t sizes[] = {[BYTE] = 1, [TWO] = 2, [FOUR] = 4};
    if (rows[which].type <= FOUR) return sizes[rows[which].type];
    if (rows[which].type == LENGTH) return net_mqtt_length_size(p->number[which]);
    return 2 + p->text[which].n;
}

/* A pair is never one of them: it stands among the repeated ones. */
static bool written(const net_mqtt_properties *p, size_t which) {
    return net_mqtt_has(p, (net_mqtt_property)which) && rows[which].type != PAIR;
}

size_t net_mqtt_properties_size(const net_mqtt_properties *p) {
    size_t n = p->repeated[0].n + p->repeated[1].n;
    for (size_t i = 0; i < NET_MQTT_PROPERTIES; i++) {
        if (written(p, i)) n += 1 + value_size(p, i);
    }
    return n;
}

uint8_t *net_mqtt_properties_write(const net_mqtt_properties *p, uint8_t *at) {
    for (size_t i = 0; i < NET_MQTT_PROPERTIES; i++) {
        if (!written(p, i)) continue;
        *at++ = rows[i].identifier;
        if (rows[i].type <= FOUR)
            at = net_mqtt_put_number(at, value_size(p, i), p->number[i]);
        else if (rows[i].type == LENGTH)
            at = net_mqtt_length_write(p->number[i], at);
        else
            at = net_mqtt_put_data(at, p->text[i]);
    }
    return net_mqtt_put_bytes(net_mqtt_put_bytes(at, p->repeated[0]), p->repeated[1]);
}

size_t net_mqtt_properties_pick(net_mqtt_span raw, uint32_t which, uint8_t *out) {
    size_t n = 0;
    while (raw.n > 0) {
        const uint8_t *from = raw.bytes;
        uint32_t identifier, number;
        net_mqtt_span text;
        if (!take_length(&raw, &identifier)) break;
        size_t row_number = which_is(identifier);
        if (row_number == NET_MQTT_PROPERTIES ||
            !take_value(rows[row_number].type, &raw, &number, &text))
            break;
        if ((which >> row_number & 1) == 0) continue;
        size_t size = (size_t)(raw.bytes - from);
        if (out != NULL) memcpy(out + n, from, size);
        n += size;
    }
    return n;
}

/* ---- editions ---- */

uint32_t net_mqtt_edition_of(net_mqtt_span digits) {
    uint64_t value = 0;
    if (digits.n == 0 || digits.n > 10) return 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.bytes[i] < '0' || digits.bytes[i] > '9') return 0;
        value = 10 * value + digits.bytes[i] - '0';
    }
    return value <= UINT32_MAX ? (uint32_t)value : 0;
}

uint32_t net_mqtt_edition_read(const net_mqtt_properties *p) {
    static const char word[] = NET_MQTT_EDITION;
    uint32_t edition = 0;
    net_mqtt_span left = p->raw;
    while (left.n > 0) {
        uint32_t identifier, number;
        net_mqtt_span name, text;
        if (!take_length(&left, &identifier)) break;
        size_t which = which_is(identifier);
        if (which == NET_MQTT_PROPERTIES) break;
        net_mqtt_span at = left;
        if (!take_value(rows[which].type, &left, &number, &text)) break;
        if (rows[which].type != PAIR || !net_mqtt_take_data(&at, &name)) continue;
        if (name.n == sizeof word - 1 && memcmp(name.bytes, word, name.n) == 0)
            edition = net_mqtt_edition_of(text);
    }
    return edition;
}

size_t net_mqtt_edition_write(uint32_t edition, uint8_t out[NET_MQTT_EDITION_MAX]) {
    static const char word[] = NET_MQTT_EDITION;
    char digits[11];
    int n = snprintf(digits, sizeof digits, "%" PRIu32, edition);
    uint8_t *at = out;
    *at++ = rows[NET_MQTT_USER_PROPERTY].identifier;
    at = net_mqtt_put_data(at, (net_mqtt_span){(const uint8_t *)word, sizeof word - 1});
    at = net_mqtt_put_data(at, (net_mqtt_span){(const uint8_t *)digits, n < 0 ? 0 : (size_t)n});
    return (size_t)(at - out);
}
