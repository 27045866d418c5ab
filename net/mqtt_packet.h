/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/mqtt_packet.h - the packets of MQTT 3.1.1 and MQTT 5, read and written, with the names of the
 * specification. Pure: bytes in, values out; what a peer sends, however wrong, is a reason code.
 * Section numbers are those of MQTT 5. */
#ifndef NET_MQTT_PACKET_H
#define NET_MQTT_PACKET_H

#include "net/mqtt_property.h"
#include "sim/core/error.h"

typedef enum net_mqtt_level { NET_MQTT_3_1_1 = 4, NET_MQTT_5 = 5 } net_mqtt_level;

/* Reason codes (2.4). From 0x80 on they are failures. */
typedef enum net_mqtt_reason {
    NET_MQTT_SUCCESS = 0x00,
    NET_MQTT_DISCONNECT_WITH_WILL = 0x04,
    NET_MQTT_NO_MATCHING_SUBSCRIBERS = 0x10,
    NET_MQTT_NO_SUBSCRIPTION_EXISTED = 0x11,
    NET_MQTT_UNSPECIFIED_ERROR = 0x80,
    NET_MQTT_MALFORMED_PACKET = 0x81,
    NET_MQTT_PROTOCOL_ERROR = 0x82,
    NET_MQTT_IMPLEMENTATION_SPECIFIC_ERROR = 0x83,
    NET_MQTT_UNSUPPORTED_PROTOCOL_VERSION = 0x84,
    NET_MQTT_CLIENT_IDENTIFIER_NOT_VALID = 0x85,
    NET_MQTT_BAD_USER_NAME_OR_PASSWORD = 0x86,
    NET_MQTT_NOT_AUTHORIZED = 0x87,
    NET_MQTT_SERVER_UNAVAILABLE = 0x88,
    NET_MQTT_SERVER_BUSY = 0x89,
    NET_MQTT_SERVER_SHUTTING_DOWN = 0x8B,
    NET_MQTT_BAD_AUTHENTICATION_METHOD = 0x8C,
    NET_MQTT_KEEP_ALIVE_TIMEOUT = 0x8D,
    NET_MQTT_SESSION_TAKEN_OVER = 0x8E,
    NET_MQTT_TOPIC_FILTER_INVALID = 0x8F,
    NET_MQTT_TOPIC_NAME_INVALID = 0x90,
    NET_MQTT_PACKET_IDENTIFIER_NOT_FOUND = 0x92,
    NET_MQTT_RECEIVE_MAXIMUM_EXCEEDED = 0x93,
    NET_MQTT_TOPIC_ALIAS_INVALID = 0x94,
    NET_MQTT_PACKET_TOO_LARGE = 0x95,
    NET_MQTT_QUOTA_EXCEEDED = 0x97,
    NET_MQTT_PAYLOAD_FORMAT_INVALID = 0x99,
    NET_MQTT_CONNECTION_RATE_EXCEEDED = 0x9F,
    NET_MQTT_MAXIMUM_CONNECT_TIME = 0xA0
} net_mqtt_reason;

typedef struct net_mqtt_will {
    bool present, retain;
    uint8_t qos;
    net_mqtt_span topic, payload;
    net_mqtt_properties properties;
} net_mqtt_will;

/* One packet. What does not belong to its type is 0. Spans are borrowed from the bytes read. */
typedef struct net_mqtt_packet {
    net_mqtt_type type;
    uint16_t id;          /* Packet Identifier; 0: it has none */
    uint8_t reason;       /* of a CONNACK, an acknowledgement, a DISCONNECT, an AUTH */
    bool session_present; /* CONNACK */
    net_mqtt_properties properties;
    /* CONNECT; its version stands here as it was said, whatever it is */
    uint8_t version;
    bool clean_start, has_user_name, has_password;
    uint16_t keep_alive; /* s; 0: none */
    net_mqtt_span client_id, user_name, password;
    net_mqtt_will will;
    /* PUBLISH */
    bool dup, retain;
    uint8_t qos;
    net_mqtt_span topic, payload;
    /* SUBSCRIBE, UNSUBSCRIBE: filters, with their options; SUBACK, UNSUBACK: reason codes. As they
     * stand there; net_mqtt_take_filter reads them one by one. */
    net_mqtt_span list;
} net_mqtt_packet;

/* Options of a subscription (3.8.3.1). */
typedef struct net_mqtt_filter {
    net_mqtt_span topic;
    uint8_t qos;
    bool no_local, retain_as_published;
    uint8_t retain_handling; /* 0 send retained, 1 if new, 2 never */
} net_mqtt_filter;

/* Reads a whole packet, `bytes` from its first to its last. A CONNECT says its version itself; for
 * all others it is `version`. Returns 0, or the reason code of what is wrong with it: *out is then
 * filled as far as it was read. */
uint8_t net_mqtt_read(net_mqtt_level version, net_mqtt_span bytes, net_mqtt_packet *out);
/* The next filter of a SUBSCRIBE or UNSUBSCRIBE that has been read. False: there is no other. */
bool net_mqtt_take_filter(net_mqtt_type type, net_mqtt_span *list, net_mqtt_filter *out);

/* Bytes that net_mqtt_write needs for it; 0: it is larger than a packet can be. */
size_t net_mqtt_size(net_mqtt_level version, const net_mqtt_packet *p);
/* Writes it and returns its size, which must not be 0. In MQTT 3.1.1 properties are left out, and
 * the reason of a CONNACK becomes the return code that is nearest. */
size_t net_mqtt_write(net_mqtt_level version, const net_mqtt_packet *p, uint8_t *out);

/* ---- packets out of a stream ---- */
/* What of a packet has arrived so far; net_parts_deinit frees it. */
typedef net_parts net_mqtt_stream;

/* As net_parts_next. */
SIM_MUST_USE int net_mqtt_stream_next(net_mqtt_stream *s, net_mqtt_span *left, size_t maximum,
                                      net_mqtt_span *packet);

#endif
