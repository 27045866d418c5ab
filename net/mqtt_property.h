/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/mqtt_property.h - the properties of MQTT 5 (2.2.2), each a row: its name, its identifier, its
 * type, the packets that it may stand in. Pure. */
#ifndef NET_MQTT_PROPERTY_H
#define NET_MQTT_PROPERTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/parts.h"

/* Types of packets (MQTT 5, 2.1.2). 0 is reserved there; here it stands for a will. */
typedef enum net_mqtt_type {
    NET_MQTT_WILL,
    NET_MQTT_CONNECT,
    NET_MQTT_CONNACK,
    NET_MQTT_PUBLISH,
    NET_MQTT_PUBACK,
    NET_MQTT_PUBREC,
    NET_MQTT_PUBREL,
    NET_MQTT_PUBCOMP,
    NET_MQTT_SUBSCRIBE,
    NET_MQTT_SUBACK,
    NET_MQTT_UNSUBSCRIBE,
    NET_MQTT_UNSUBACK,
    NET_MQTT_PINGREQ,
    NET_MQTT_PINGRESP,
    NET_MQTT_DISCONNECT,
    NET_MQTT_AUTH,
    NET_MQTT_TYPES
} net_mqtt_type;

/* Bytes of somebody else's, not ended by a 0. */
typedef net_span net_mqtt_span;

/* X(name, identifier, type, packets), the packets by their initials below. */
#define NET_MQTT_PROPERTY_MAP(X)                                     \
    X(PAYLOAD_FORMAT_INDICATOR, 1, BYTE, P | W)                      \
    X(MESSAGE_EXPIRY_INTERVAL, 2, FOUR, P | W)                       \
    X(CONTENT_TYPE, 3, TEXT, P | W)                                  \
    X(RESPONSE_TOPIC, 8, TEXT, P | W)                                \
    X(CORRELATION_DATA, 9, DATA, P | W)                              \
    X(SUBSCRIPTION_IDENTIFIER, 11, LENGTH, P | S)                    \
    X(SESSION_EXPIRY_INTERVAL, 17, FOUR, C | K | D)                  \
    X(ASSIGNED_CLIENT_IDENTIFIER, 18, TEXT, K)                       \
    X(SERVER_KEEP_ALIVE, 19, TWO, K)                                 \
    X(AUTHENTICATION_METHOD, 21, TEXT, C | K | A)                    \
    X(AUTHENTICATION_DATA, 22, DATA, C | K | A)                      \
    X(REQUEST_PROBLEM_INFORMATION, 23, BYTE, C)                      \
    X(WILL_DELAY_INTERVAL, 24, FOUR, W)                              \
    X(REQUEST_RESPONSE_INFORMATION, 25, BYTE, C)                     \
    X(RESPONSE_INFORMATION, 26, TEXT, K)                             \
    X(SERVER_REFERENCE, 28, TEXT, K | D)                             \
    X(REASON_STRING, 31, TEXT, K | ACKS | D | A)                     \
    X(RECEIVE_MAXIMUM, 33, TWO, C | K)                               \
    X(TOPIC_ALIAS_MAXIMUM, 34, TWO, C | K)                           \
    X(TOPIC_ALIAS, 35, TWO, P)                                       \
    X(MAXIMUM_QOS, 36, BYTE, K)                                      \
    X(RETAIN_AVAILABLE, 37, BYTE, K)                                 \
    X(USER_PROPERTY, 38, PAIR, C | K | P | W | ACKS | S | U | D | A) \
    X(MAXIMUM_PACKET_SIZE, 39, FOUR, C | K)                          \
    X(WILDCARD_SUBSCRIPTION_AVAILABLE, 40, BYTE, K)                  \
    X(SUBSCRIPTION_IDENTIFIER_AVAILABLE, 41, BYTE, K)                \
    X(SHARED_SUBSCRIPTION_AVAILABLE, 42, BYTE, K)

typedef enum net_mqtt_property {
#define NET_MQTT_PROPERTY_ENUM(name, identifier, type, packets) NET_MQTT_##name,
    NET_MQTT_PROPERTY_MAP(NET_MQTT_PROPERTY_ENUM)
#undef NET_MQTT_PROPERTY_ENUM
        NET_MQTT_PROPERTIES
} net_mqtt_property;

/* What stands in a packet, or will. Spans are borrowed from whoever has the bytes. */
typedef struct net_mqtt_properties {
    uint32_t present; /* a bit for each net_mqtt_property */
    /* of those that are numbers; the last one that stands there */
    uint32_t number[NET_MQTT_PROPERTIES];
    /* of those that are text or data; of a pair, its value */
    net_mqtt_span text[NET_MQTT_PROPERTIES];
    net_mqtt_span raw;         /* read: all of them as they stand there, without their length */
    net_mqtt_span repeated[2]; /* to be written: properties as bytes, after those of `present` */
} net_mqtt_properties;

static inline bool net_mqtt_has(const net_mqtt_properties *p, net_mqtt_property which) {
    return (p->present >> which & 1) != 0;
}
static inline uint32_t net_mqtt_number(const net_mqtt_properties *p, net_mqtt_property which,
                                       uint32_t if_absent) {
    return net_mqtt_has(p, which) ? p->number[which] : if_absent;
}
void net_mqtt_set_number(net_mqtt_properties *p, net_mqtt_property which, uint32_t value);
void net_mqtt_set_text(net_mqtt_properties *p, net_mqtt_property which, net_mqtt_span value);

/* Reads `raw` as properties of a packet: 0 or the reason code of what is wrong with it (malformed,
 * or against the protocol: what may not stand there, what stands there twice, a value out of
 * range). */
uint8_t net_mqtt_properties_read(net_mqtt_type packet, net_mqtt_span raw, net_mqtt_properties *out);
/* Bytes of what net_mqtt_properties_write writes. */
size_t net_mqtt_properties_size(const net_mqtt_properties *p);
uint8_t *net_mqtt_properties_write(const net_mqtt_properties *p, uint8_t *at); /* its end */
/* Copies from raw properties, which have been read, those that the bits of `which` name, in order;
 * returns their size. `out` (NULL: only count) has room for all of `raw`. */
size_t net_mqtt_properties_pick(net_mqtt_span raw, uint32_t which, uint8_t *out);

/* Of a value that has editions the user property "edition" says which one it is, in decimal. 0: it
 * is not said, or not a number from 1 to UINT32_MAX. */
#define NET_MQTT_EDITION "edition"
uint32_t net_mqtt_edition_read(const net_mqtt_properties *p);
uint32_t net_mqtt_edition_of(net_mqtt_span digits);
enum { NET_MQTT_EDITION_MAX = 24 };
/* That property as it stands in a packet; its size. */
size_t net_mqtt_edition_write(uint32_t edition, uint8_t out[NET_MQTT_EDITION_MAX]);

/* ---- the bytes below ---- */
/* A Variable Byte Integer (1.5.5) at `at`: 1 with its value and size, 0 when more bytes are needed,
 * SIM_EPARSE when it is none. */
int net_mqtt_length_read(const uint8_t *at, size_t n, uint32_t *value, size_t *used);
size_t net_mqtt_length_size(uint32_t value); /* value <= NET_MQTT_LENGTH_MAX */
uint8_t *net_mqtt_length_write(uint32_t value, uint8_t *at);
enum { NET_MQTT_LENGTH_MAX = 268435455 };
/* A UTF-8 Encoded String may hold these bytes (1.5.4): well-formed, no U+0000, no surrogate. */
bool net_mqtt_text_valid(net_mqtt_span text);

/* Each takes from the front of *left. False: there is not so much. */
bool net_mqtt_take_number(net_mqtt_span *left, size_t bytes, uint32_t *out); /* big-endian */
bool net_mqtt_take_data(net_mqtt_span *left, net_mqtt_span *out); /* with two bytes of length */
bool net_mqtt_take_text(net_mqtt_span *left, net_mqtt_span *out); /* the same, and valid */

uint8_t *net_mqtt_put_number(uint8_t *at, size_t bytes, uint32_t value);
uint8_t *net_mqtt_put_bytes(uint8_t *at, net_mqtt_span bytes);
uint8_t *net_mqtt_put_data(uint8_t *at, net_mqtt_span data); /* with two bytes of length */

#endif
