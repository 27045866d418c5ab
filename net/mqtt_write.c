/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing packets (net/mqtt_packet.h). A packet is measured first, because its length stands at its
 * front. */
#include "net/mqtt_packet.h"

static size_t text_size(net_mqtt_span text) {
    return 2 + text.n;
}

static size_t properties_size(net_mqtt_level version, const net_mqtt_properties *p) {
    if (version != NET_MQTT_5) return 0;
    size_t n = net_mqtt_properties_size(p);
    return n + net_mqtt_length_size((uint32_t)n);
}

static uint8_t *put_properties(net_mqtt_level version, const net_mqtt_properties *p, uint8_t *at) {
    if (version != NET_MQTT_5) return at;
    at = net_mqtt_length_write((uint32_t)net_mqtt_properties_size(p), at);
    return net_mqtt_properties_write(p, at);
}

/* ---- CONNECT ---- */

static size_t will_size(net_mqtt_level version, const net_mqtt_will *w) {
    if (!w->present) return 0;
    return properties_size(version, &w->properties) + text_size(w->topic) + text_size(w->payload);
}

static size_t connect_size(net_mqtt_level version, const net_mqtt_packet *p) {
    return 10 + properties_size(version, &p->properties) + text_size(p->client_id) +
           will_size(version, &p->will) + (p->has_user_name ? text_size(p->user_name) : 0) +
           (p->has_password ? text_size(p->password) : 0);
}

static uint8_t *put_connect(net_mqtt_level version, const net_mqtt_packet *p, uint8_t *at) {
    static const net_mqtt_span name = {(const uint8_t *)"MQTT", 4};
    const net_mqtt_will *w = &p->will;
    unsigned will = !w->present ? 0U : 4U | (unsigned)w->qos << 3 | (w->retain ? 0x20U : 0U);
    at = net_mqtt_put_data(at, name);
    at = net_mqtt_put_number(at, 1, version);
    at = net_mqtt_put_number(at, 1,
                             (p->clean_start ? 2U : 0U) | will | (p->has_password ? 0x40U : 0U) |
                                 (p->has_user_name ? 0x80U : 0U));
    at = net_mqtt_put_number(at, 2, p->keep_alive);
    at = put_properties(version, &p->properties, at);
    at = net_mqtt_put_data(at, p->client_id);
    if (w->present) {
        at = put_properties(version, &w->properties, at);
        at = net_mqtt_put_data(net_mqtt_put_data(at, w->topic), w->payload);
    }
    if (p->has_user_name) at = net_mqtt_put_data(at, p->user_name);
    return p->has_password ? net_mqtt_put_data(at, p->password) : at;
}

/* ---- CONNACK ---- */

/* MQTT 3.1.1, table 3.1: what is nearest. */
static uint8_t return_code(uint8_t reason) {
    switch (reason) {
        case NET_MQTT_SUCCESS:
            return 0;
        case NET_MQTT_UNSUPPORTED_PROTOCOL_VERSION:
            return 1;
        case NET_MQTT_CLIENT_IDENTIFIER_NOT_VALID:
            return 2;
        case NET_MQTT_BAD_USER_NAME_OR_PASSWORD:
            return 4;
        case NET_MQTT_NOT_AUTHORIZED:
            return 5;
        default:
            return 3; /* server unavailable */
    }
}

static size_t connack_size(net_mqtt_level version, const net_mqtt_packet *p) {
    return 2 + properties_size(version, &p->properties);
}

static uint8_t *put_connack(net_mqtt_level version, const net_mqtt_packet *p, uint8_t *at) {
    at = net_mqtt_put_number(at, 1, p->session_present ? 1 : 0);
    at = net_mqtt_put_number(at, 1, version == NET_MQTT_5 ? p->reason : return_code(p->reason));
    return put_properties(version, &p->properties, at);
}

/* ---- PUBLISH ---- */

static size_t publish_size(net_mqtt_level version, const net_mqtt_packet *p) {
    return text_size(p->topic) + (p->qos > 0 ? 2U : 0U) + properties_size(version, &p->properties) +
           p->payload.n;
}

static uint8_t *put_publish(net_mqtt_level version, const net_mqtt_packet *p, uint8_t *at) {
    at = net_mqtt_put_data(at, p->topic);
    if (p->qos > 0) at = net_mqtt_put_number(at, 2, p->id);
    return net_mqtt_put_bytes(put_properties(version, &p->properties, at), p->payload);
}

/* ---- acknowledgements, DISCONNECT, AUTH ---- */

/* What says nothing is left out at the end (3.4.2.1). */
static size_t reason_size(net_mqtt_level version, const net_mqtt_packet *p) {
    size_t properties = net_mqtt_properties_size(&p->properties);
    if (version != NET_MQTT_5 || (p->reason == 0 && properties == 0)) return 0;
    return properties == 0 ? 1 : 1 + properties_size(version, &p->properties);
}

static uint8_t *put_reason(net_mqtt_level version, const net_mqtt_packet *p, uint8_t *at) {
    size_t n = reason_size(version, p);
    if (n > 0) at = net_mqtt_put_number(at, 1, p->reason);
    return n > 1 ? put_properties(version, &p->properties, at) : at;
}

static size_t acknowledgement_size(net_mqtt_level version, const net_mqtt_packet *p) {
    return 2 + reason_size(version, p);
}

static uint8_t *put_acknowledgement(net_mqtt_level version, const net_mqtt_packet *p, uint8_t *at) {
    return put_reason(version, p, net_mqtt_put_number(at, 2, p->id));
}

/* ---- lists ---- */

/* MQTT 3.1.1 has no reasons in an UNSUBACK. */
static bool has_list(net_mqtt_level version, const net_mqtt_packet *p) {
    return version == NET_MQTT_5 || p->type != NET_MQTT_UNSUBACK;
}

static size_t list_size(net_mqtt_level version, const net_mqtt_packet *p) {
    return 2 + properties_size(version, &p->properties) + (has_list(version, p) ? p->list.n : 0);
}

static uint8_t *put_list(net_mqtt_level version, const net_mqtt_packet *p, uint8_t *at) {
    at = put_properties(version, &p->properties, net_mqtt_put_number(at, 2, p->id));
    return has_list(version, p) ? net_mqtt_put_bytes(at, p->list) : at;
}

static size_t nothing_size(net_mqtt_level version, const net_mqtt_packet *p) {
    (void)version;
    (void)p;
    return 0;
}

static uint8_t *put_nothing(net_mqtt_level version, const net_mqtt_packet *p, uint8_t *at) {
    (void)version;
    (void)p;
    return at;
}

/* ---- all of them ---- */

static const struct {
    uint8_t flags; /* of the fixed header */
    size_t (*size)(net_mqtt_level version, const net_mqtt_packet *p);
    uint8_t *(*put)(net_mqtt_level version, const net_mqtt_packet *p, uint8_t *at);
} packets[NET_MQTT_TYPES] = {
    [NET_MQTT_WILL] = {0, nothing_size, put_nothing}, /* no packet: never written */
    [NET_MQTT_CONNECT] = {0, connect_size, put_connect},
    [NET_MQTT_CONNACK] = {0, connack_size, put_connack},
    [NET_MQTT_PUBLISH] = {0, publish_size, put_publish},
    [NET_MQTT_PUBACK] = {0, acknowledgement_size, put_acknowledgement},
    [NET_MQTT_PUBREC] = {0, acknowledgement_size, put_acknowledgement},
    [NET_MQTT_PUBREL] = {2, acknowledgement_size, put_acknowledgement},
    [NET_MQTT_PUBCOMP] = {0, acknowledgement_size, put_acknowledgement},
    [NET_MQTT_SUBSCRIBE] = {2, list_size, put_list},
    [NET_MQTT_SUBACK] = {0, list_size, put_list},
    [NET_MQTT_UNSUBSCRIBE] = {2, list_size, put_list},
    [NET_MQTT_UNSUBACK] = {0, list_size, put_list},
    [NET_MQTT_PINGREQ] = {0, nothing_size, put_nothing},
    [NET_MQTT_PINGRESP] = {0, nothing_size, put_nothing},
    [NET_MQTT_DISCONNECT] = {0, reason_size, put_reason},
    [NET_MQTT_AUTH] = {0, reason_size, put_reason},
};

static unsigned flags_of(const net_mqtt_packet *p) {
    if (p->type != NET_MQTT_PUBLISH) return packets[p->type].flags;
    return (p->dup ? 8U : 0U) | (unsigned)p->qos << 1 | (p->retain ? 1U : 0U);
}

size_t net_mqtt_size(net_mqtt_level version, const net_mqtt_packet *p) {
    size_t n = packets[p->type].size(version, p);
    return n > NET_MQTT_LENGTH_MAX ? 0 : 1 + net_mqtt_length_size((uint32_t)n) + n;
}

size_t net_mqtt_write(net_mqtt_level version, const net_mqtt_packet *p, uint8_t *out) {
    size_t n = packets[p->type].size(version, p);
    uint8_t *at = net_mqtt_put_number(out, 1, (uint32_t)p->type << 4 | flags_of(p));
    at = net_mqtt_length_write((uint32_t)n, at);
    return (size_t)(packets[p->type].put(version, p, at) - out);
}
