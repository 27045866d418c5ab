/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading packets. net/mqtt_write.c writes them, net/mqtt_stream.c cuts them out of a stream. */
#include "net/mqtt_packet.h"

#include <string.h>

#include "net/mqtt_filter.h"

/* A packet in hand: what is left of it, and what is read. */
typedef struct reader {
    net_mqtt_level version;
    uint8_t flags; /* of the fixed header */
    net_mqtt_span left;
    net_mqtt_packet *out;
} reader;

enum { MALFORMED = NET_MQTT_MALFORMED_PACKET };

static uint8_t take_properties(reader *r, net_mqtt_type packet, net_mqtt_properties *out) {
    uint32_t n;
    size_t used;
    net_mqtt_span raw, skipped;
    if (r->version != NET_MQTT_5) return 0;
    if (net_mqtt_length_read(r->left.bytes, r->left.n, &n, &used) != 1 ||
        used != net_mqtt_length_size(n))
        return MALFORMED;
    if (!net_mqtt_take(&r->left, used, &skipped) || !net_mqtt_take(&r->left, n, &raw))
        return MALFORMED;
    return net_mqtt_properties_read(packet, raw, out);
}

static bool take_id(reader *r) {
    uint32_t id;
    if (!net_mqtt_take_number(&r->left, 2, &id) || id == 0) return false;
    r->out->id = (uint16_t)id;
    return true;
}

/* ---- CONNECT (3.1) ---- */

enum {
    RESERVED = 0x01,
    CLEAN_START = 0x02,
    WILL = 0x04,
    WILL_QOS = 0x18,
    WILL_RETAIN = 0x20,
    PASSWORD = 0x40,
    USER_NAME = 0x80
};

static uint8_t take_protocol(reader *r) {
    static const char name[] = "MQTT";
    net_mqtt_span said;
    uint32_t version;
    if (!net_mqtt_take_text(&r->left, &said) || !net_mqtt_take_number(&r->left, 1, &version))
        return MALFORMED;
    r->out->version = (uint8_t)version;
    bool ours = said.n == sizeof name - 1 && memcmp(said.bytes, name, said.n) == 0 &&
                (version == NET_MQTT_3_1_1 || version == NET_MQTT_5);
    if (!ours) return NET_MQTT_UNSUPPORTED_PROTOCOL_VERSION;
    r->version = (net_mqtt_level)version;
    return 0;
}

static bool flags_valid(const reader *r, uint32_t flags) {
    bool will = (flags & WILL) != 0;
    if ((flags & RESERVED) != 0 || (flags & WILL_QOS) == WILL_QOS) return false;
    if (!will && (flags & (WILL_QOS | WILL_RETAIN)) != 0) return false;
    /* MQTT 5 lets a password stand alone. */
    return r->version == NET_MQTT_5 || (flags & USER_NAME) != 0 || (flags & PASSWORD) == 0;
}

static uint8_t take_will(reader *r, uint32_t flags) {
    net_mqtt_will *will = &r->out->will;
    if ((flags & WILL) == 0) return 0;
    uint8_t wrong = take_properties(r, NET_MQTT_WILL, &will->properties);
    if (wrong != 0) return wrong;
    will->present = true;
    will->retain = (flags & WILL_RETAIN) != 0;
    will->qos = (uint8_t)((flags & WILL_QOS) >> 3);
    if (!net_mqtt_take_text(&r->left, &will->topic) ||
        !net_mqtt_take_data(&r->left, &will->payload))
        return MALFORMED;
    if (!net_mqtt_filter_name_valid(will->topic)) return NET_MQTT_TOPIC_NAME_INVALID;
    return 0;
}

static uint8_t take_credentials(reader *r, uint32_t flags) {
    net_mqtt_packet *p = r->out;
    p->has_user_name = (flags & USER_NAME) != 0;
    p->has_password = (flags & PASSWORD) != 0;
    if (p->has_user_name && !net_mqtt_take_text(&r->left, &p->user_name)) return MALFORMED;
    if (p->has_password && !net_mqtt_take_data(&r->left, &p->password)) return MALFORMED;
    bool lone_data = net_mqtt_has(&p->properties, NET_MQTT_AUTHENTICATION_DATA) &&
                     !net_mqtt_has(&p->properties, NET_MQTT_AUTHENTICATION_METHOD);
    return lone_data ? NET_MQTT_PROTOCOL_ERROR : 0;
}

static uint8_t read_connect(reader *r) {
    net_mqtt_packet *p = r->out;
    uint32_t flags, keep_alive;
    uint8_t wrong = take_protocol(r);
    if (wrong != 0) return wrong;
    if (!net_mqtt_take_number(&r->left, 1, &flags) || !flags_valid(r, flags) ||
        !net_mqtt_take_number(&r->left, 2, &keep_alive))
        return MALFORMED;
    p->clean_start = (flags & CLEAN_START) != 0;
    p->keep_alive = (uint16_t)keep_alive;
    wrong = take_properties(r, NET_MQTT_CONNECT, &p->properties);
    if (wrong != 0) return wrong;
    if (!net_mqtt_take_text(&r->left, &p->client_id)) return MALFORMED;
    wrong = take_will(r, flags);
    return wrong != 0 ? wrong : take_credentials(r, flags);
}

/* ---- what a server says and hears of it ---- */

static uint8_t read_connack(reader *r) {
    uint32_t flags, reason;
    if (!net_mqtt_take_number(&r->left, 1, &flags) || flags > 1 ||
        !net_mqtt_take_number(&r->left, 1, &reason))
        return MALFORMED;
    r->out->session_present = flags == 1;
    r->out->reason = (uint8_t)reason;
    return take_properties(r, NET_MQTT_CONNACK, &r->out->properties);
}

static uint8_t check_publish(const net_mqtt_packet *p) {
    bool aliased = net_mqtt_has(&p->properties, NET_MQTT_TOPIC_ALIAS);
    if (p->topic.n == 0) return aliased ? 0 : NET_MQTT_PROTOCOL_ERROR;
    return net_mqtt_filter_name_valid(p->topic) ? 0 : NET_MQTT_TOPIC_NAME_INVALID;
}

static uint8_t read_publish(reader *r) {
    net_mqtt_packet *p = r->out;
    p->dup = (r->flags & 8) != 0;
    p->qos = r->flags >> 1 & 3;
    p->retain = (r->flags & 1) != 0;
    if (p->qos == 3 || (p->dup && p->qos == 0)) return MALFORMED;
    if (!net_mqtt_take_text(&r->left, &p->topic)) return MALFORMED;
    if (p->qos > 0 && !take_id(r)) return MALFORMED;
    uint8_t wrong = take_properties(r, NET_MQTT_PUBLISH, &p->properties);
    if (wrong != 0) return wrong;
    p->payload = r->left;
    r->left.n = 0;
    return check_publish(p);
}

/* In MQTT 5 a reason and properties may follow, or the properties be missing. */
static uint8_t take_reason(reader *r, net_mqtt_type type) {
    uint32_t reason = 0;
    if (r->version != NET_MQTT_5 || r->left.n == 0) return 0;
    (void)net_mqtt_take_number(&r->left, 1, &reason);
    r->out->reason = (uint8_t)reason;
    return r->left.n == 0 ? 0 : take_properties(r, type, &r->out->properties);
}

static uint8_t read_acknowledgement(reader *r) {
    return take_id(r) ? take_reason(r, r->out->type) : MALFORMED;
}

static uint8_t read_disconnect(reader *r) {
    return take_reason(r, NET_MQTT_DISCONNECT);
}

static uint8_t read_auth(reader *r) {
    return r->version == NET_MQTT_5 ? take_reason(r, NET_MQTT_AUTH) : NET_MQTT_PROTOCOL_ERROR;
}

static uint8_t read_nothing(reader *r) {
    (void)r;
    return 0;
}

/* ---- subscriptions (3.8, 3.10) ---- */

enum { QOS = 0x03, NO_LOCAL = 0x04, RETAIN_AS_PUBLISHED = 0x08, RETAIN_HANDLING = 0x30 };

bool net_mqtt_take_filter(net_mqtt_type type, net_mqtt_span *list, net_mqtt_filter *out) {
    uint32_t options = 0;
    *out = (net_mqtt_filter){0};
    if (!net_mqtt_take_text(list, &out->topic)) return false;
    if (type == NET_MQTT_SUBSCRIBE && !net_mqtt_take_number(list, 1, &options)) return false;
    out->qos = options & QOS;
    out->no_local = (options & NO_LOCAL) != 0;
    out->retain_as_published = (options & RETAIN_AS_PUBLISHED) != 0;
    out->retain_handling = (uint8_t)((options & RETAIN_HANDLING) >> 4);
    return options <= (QOS | NO_LOCAL | RETAIN_AS_PUBLISHED | RETAIN_HANDLING);
}

static uint8_t check_filter(const reader *r, const net_mqtt_filter *f) {
    net_mqtt_span group, filter;
    bool later = f->no_local || f->retain_as_published || f->retain_handling != 0;
    if (f->qos == 3 || f->retain_handling == 3 || (later && r->version != NET_MQTT_5))
        return MALFORMED;
    bool shared = net_mqtt_filter_shared(f->topic, &group, &filter) && group.n > 0;
    return shared && f->no_local ? NET_MQTT_PROTOCOL_ERROR : 0;
}

static uint8_t read_filters(reader *r) {
    net_mqtt_filter filter;
    if (!take_id(r)) return MALFORMED;
    uint8_t wrong = take_properties(r, r->out->type, &r->out->properties);
    if (wrong != 0) return wrong;
    r->out->list = r->left;
    if (r->left.n == 0) return NET_MQTT_PROTOCOL_ERROR;
    while (r->left.n > 0) {
        if (!net_mqtt_take_filter(r->out->type, &r->left, &filter)) return MALFORMED;
        wrong = check_filter(r, &filter);
        if (wrong != 0) return wrong;
    }
    return 0;
}

static uint8_t read_codes(reader *r) {
    if (!take_id(r)) return MALFORMED;
    uint8_t wrong = take_properties(r, r->out->type, &r->out->properties);
    if (wrong != 0) return wrong;
    bool may_be_empty = r->out->type == NET_MQTT_UNSUBACK && r->version != NET_MQTT_5;
    r->out->list = r->left;
    r->left.n = 0;
    return (r->out->list.n == 0) == may_be_empty ? 0 : MALFORMED;
}

/* ---- the fixed header (2.1) ---- */

enum { ANY = 0xff };

static const struct {
    uint8_t flags; /* that it must have; ANY: they mean something */
    uint8_t (*read)(reader *r);
} packets[NET_MQTT_TYPES] = {
    [NET_MQTT_CONNECT] = {0, read_connect},
    [NET_MQTT_CONNACK] = {0, read_connack},
    [NET_MQTT_PUBLISH] = {ANY, read_publish},
    [NET_MQTT_PUBACK] = {0, read_acknowledgement},
    [NET_MQTT_PUBREC] = {0, read_acknowledgement},
    [NET_MQTT_PUBREL] = {2, read_acknowledgement},
    [NET_MQTT_PUBCOMP] = {0, read_acknowledgement},
    [NET_MQTT_SUBSCRIBE] = {2, read_filters},
    [NET_MQTT_SUBACK] = {0, read_codes},
    [NET_MQTT_UNSUBSCRIBE] = {2, read_filters},
    [NET_MQTT_UNSUBACK] = {0, read_codes},
    [NET_MQTT_PINGREQ] = {0, read_nothing},
    [NET_MQTT_PINGRESP] = {0, read_nothing},
    [NET_MQTT_DISCONNECT] = {0, read_disconnect},
    [NET_MQTT_AUTH] = {0, read_auth},
};

uint8_t net_mqtt_read(net_mqtt_level version, net_mqtt_span bytes, net_mqtt_packet *out) {
    uint32_t first, length;
    size_t used;
    net_mqtt_span skipped;
    reader r = {.version = version, .left = bytes, .out = out};
    *out = (net_mqtt_packet){0};
    if (!net_mqtt_take_number(&r.left, 1, &first) ||
        net_mqtt_length_read(r.left.bytes, r.left.n, &length, &used) != 1 ||
        !net_mqtt_take(&r.left, used, &skipped) || r.left.n != length ||
        (version == NET_MQTT_5 && used != net_mqtt_length_size(length)))
        return MALFORMED;
    out->type = (net_mqtt_type)(first >> 4);
    r.flags = first & 15;
    if (packets[out->type].read == NULL) return MALFORMED;
    if (packets[out->type].flags != ANY && packets[out->type].flags != r.flags) return MALFORMED;
    uint8_t wrong = packets[out->type].read(&r);
    if (wrong != 0) return wrong;
    return r.left.n == 0 ? 0 : MALFORMED;
}
