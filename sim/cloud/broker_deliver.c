/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages on their way to a client (3.3, 4.3, 4.4, 4.6, 4.9). */
#include <string.h>

#include "sim/cloud/broker_private.h"
#include "sim/core/heap.h"

/* Properties of a PUBLISH that go on to those who follow it as they are (3.3.2.3). */
enum {
    PASSED_ON = 1 << NET_MQTT_PAYLOAD_FORMAT_INDICATOR | 1 << NET_MQTT_CONTENT_TYPE |
                1 << NET_MQTT_RESPONSE_TOPIC | 1 << NET_MQTT_CORRELATION_DATA |
                1 << NET_MQTT_USER_PROPERTY
};

/* ---- messages ---- */

cloud_broker_message *cloud_broker_message_new(const cloud_broker *b, net_mqtt_span topic,
                                               net_mqtt_span payload, uint8_t qos,
                                               const net_mqtt_properties *properties) {
    net_mqtt_properties own = *properties;
    bool read = properties->raw.n > 0;
    own.present &= PASSED_ON;
    size_t n = read ? net_mqtt_properties_pick(properties->raw, PASSED_ON, NULL)
                    : net_mqtt_properties_size(&own);
    cloud_broker_message *m = sim_malloc(sizeof *m + topic.n + payload.n + n);
    if (m == NULL) return NULL;
    *m = (cloud_broker_message){.references = 1,
                                .qos = qos,
                                .expires_at = SIM_NEVER,
                                .topic = topic.n,
                                .payload = payload.n,
                                .properties = n};
    if (net_mqtt_has(properties, NET_MQTT_MESSAGE_EXPIRY_INTERVAL))
        m->expires_at =
            sim_time_add(b->now, properties->number[NET_MQTT_MESSAGE_EXPIRY_INTERVAL] * SIM_SECOND);
    uint8_t *at = net_mqtt_put_bytes(net_mqtt_put_bytes(m->bytes, topic), payload);
    if (read)
        (void)net_mqtt_properties_pick(properties->raw, PASSED_ON, at);
    else
        (void)net_mqtt_properties_write(&own, at);
    return m;
}

void cloud_broker_message_release(cloud_broker_message *m) {
    if (m != NULL && --m->references == 0) sim_free(m);
}

net_mqtt_span cloud_broker_message_topic(const cloud_broker_message *m) {
    return (net_mqtt_span){m->bytes, m->topic};
}

/* ---- one PUBLISH ---- */

/* An identifier: its byte and up to four more. */
enum { IDENTIFIERS_ROOM = 5 * CLOUD_BROKER_IDENTIFIERS_MAX };

static net_mqtt_span write_identifiers(const uint32_t *identifiers, uint8_t count,
                                       uint8_t room[IDENTIFIERS_ROOM]) {
    enum { SUBSCRIPTION_IDENTIFIER = 11 };
    uint8_t *at = room;
    for (uint8_t i = 0; i < count; i++) {
        *at++ = SUBSCRIPTION_IDENTIFIER;
        at = net_mqtt_length_write(identifiers[i], at);
    }
    return (net_mqtt_span){room, (size_t)(at - room)};
}

/* ---- numbers for topics, towards a client (3.1.2.11.5, 3.3.2.3.4) ---- */

void cloud_broker_forget_named(cloud_broker_connection *c) {
    for (uint16_t i = 0; i < c->named_count; i++) sim_free((void *)(uintptr_t)c->named[i].bytes);
    sim_free(c->named);
    c->named = NULL;
    c->named_count = 0;
}

/* The topic's number; one above `named_count`: it has none. */
static uint16_t number_of(const cloud_broker_connection *c, net_mqtt_span topic) {
    uint16_t i = 0;
    while (i < c->named_count &&
           (c->named[i].n != topic.n || memcmp(c->named[i].bytes, topic.bytes, topic.n) != 0))
        i++;
    return (uint16_t)(i + 1);
}

/* False: no memory, and it has none. */
static bool give_number(const cloud_broker *b, cloud_broker_connection *c, net_mqtt_span topic) {
    if (c->named == NULL) c->named = sim_calloc(b->settings.topic_alias_maximum, sizeof *c->named);
    uint8_t *copy = sim_malloc(topic.n);
    if (c->named == NULL || copy == NULL) {
        sim_free(copy);
        return false;
    }
    memcpy(copy, topic.bytes, topic.n);
    c->named[c->named_count++] = (net_mqtt_span){copy, topic.n};
    return true;
}

/* A topic is said once on a connection, with a number, and after that the number stands for it. As
 * many have one as come first: devices follow few. False: it is too large for the client. */
static bool send_named(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    uint16_t most = b->settings.topic_alias_maximum;
    if (c->named_maximum < most) most = c->named_maximum;
    uint16_t number = number_of(c, p->topic);
    bool known = number <= c->named_count;
    if (number > most || (!known && !give_number(b, c, p->topic)))
        return cloud_broker_send(b, c, p);
    net_mqtt_packet with = *p;
    net_mqtt_set_number(&with.properties, NET_MQTT_TOPIC_ALIAS, number);
    if (known) with.topic.n = 0;
    bool sent = cloud_broker_send(b, c, &with);
    if (sent || known) return sent;
    sim_free((void *)(uintptr_t)c->named[--c->named_count].bytes); /* the client never heard it */
    return cloud_broker_send(b, c, p);                             /* as it is, it may still fit */
}

/* False: it was not sent, because it has expired or is too large for this client. */
static bool send_message(cloud_broker *b, cloud_broker_connection *c, const cloud_broker_message *m,
                         net_mqtt_packet *p, const uint32_t *identifiers, uint8_t count) {
    uint8_t room[IDENTIFIERS_ROOM];
    bool expired = m->expires_at <= b->now;
    if (expired && !p->dup) return false; /* what was begun goes on (3.3.2.3.3) */
    p->type = NET_MQTT_PUBLISH;
    p->topic = cloud_broker_message_topic(m);
    p->payload = (net_mqtt_span){m->bytes + m->topic, m->payload};
    p->properties.repeated[0] = (net_mqtt_span){m->bytes + m->topic + m->payload, m->properties};
    p->properties.repeated[1] = write_identifiers(identifiers, count, room);
    if (m->expires_at != SIM_NEVER)
        net_mqtt_set_number(
            &p->properties, NET_MQTT_MESSAGE_EXPIRY_INTERVAL,
            expired ? 0 : (uint32_t)((m->expires_at - b->now + SIM_SECOND - 1) / SIM_SECOND));
    bool sent = send_named(b, c, p);
    p->properties.repeated[1] = (net_mqtt_span){0};
    if (sent)
        b->counts.delivered++;
    else
        b->counts.lost++;
    return sent;
}

/* ---- those that are acknowledged ---- */

/* Those that have one stand first. */
static bool id_in_use(const cloud_broker_session *s, uint16_t id) {
    const cloud_broker_delivery *d = s->first;
    while (d != NULL && d->id != 0 && d->id != id) d = d->next;
    return d != NULL && d->id == id;
}

static uint16_t next_id(cloud_broker_session *s) {
    do {
        s->last_id = (uint16_t)(s->last_id + 1);
    } while (s->last_id == 0 || id_in_use(s, s->last_id));
    return s->last_id;
}

cloud_broker_delivery *cloud_broker_delivery_of(const cloud_broker_session *s, uint16_t id,
                                                uint8_t qos) {
    cloud_broker_delivery *d = s->first;
    while (d != s->unsent && (d->id != id || d->qos != qos)) d = d->next;
    return d == s->unsent ? NULL : d;
}

static void unlink_delivery(cloud_broker_session *s, cloud_broker_delivery *d) {
    cloud_broker_delivery **at = &s->first, *before = NULL;
    for (; *at != d; at = &(*at)->next) before = *at;
    *at = d->next;
    if (s->last == d) s->last = before;
    if (s->unsent == d) s->unsent = d->next;
    cloud_broker_message_release(d->message);
    sim_free(d);
}

void cloud_broker_delivery_done(cloud_broker *b, cloud_broker_session *s,
                                cloud_broker_delivery *d) {
    unlink_delivery(s, d);
    s->inflight--;
    cloud_broker_pump(b, s);
}

void cloud_broker_deliveries_drop(cloud_broker_session *s) {
    while (s->first != NULL) unlink_delivery(s, s->first);
    s->waiting = s->inflight = 0;
}

/* One that has an identifier was sent before, on another connection: it is sent again, or what is
 * left of it. */
static bool send_delivery(cloud_broker *b, cloud_broker_session *s, cloud_broker_delivery *d) {
    net_mqtt_packet p = {.qos = d->qos, .retain = d->retain, .dup = d->id != 0};
    if (d->id == 0) d->id = next_id(s);
    p.id = d->id;
    if (d->message != NULL)
        return send_message(b, s->connection, d->message, &p, d->identifiers, d->identifier_count);
    p = (net_mqtt_packet){.type = NET_MQTT_PUBREL, .id = d->id};
    return cloud_broker_send(b, s->connection, &p);
}

void cloud_broker_pump(cloud_broker *b, cloud_broker_session *s) {
    const cloud_broker_connection *c = s->connection;
    if (c == NULL) return;
    uint32_t most = b->settings.inflight_maximum;
    if (c->receive_maximum < most) most = c->receive_maximum;
    while (s->unsent != NULL && s->inflight < most) {
        cloud_broker_delivery *d = s->unsent;
        s->waiting--;
        if (send_delivery(b, s, d)) {
            s->inflight++;
            s->unsent = d->next;
        } else {
            unlink_delivery(s, d);
        }
    }
}

void cloud_broker_resume(cloud_broker *b, cloud_broker_session *s) {
    s->unsent = s->first;
    s->waiting += s->inflight;
    s->inflight = 0;
    cloud_broker_pump(b, s);
}

static void enqueue(cloud_broker *b, cloud_broker_session *s, cloud_broker_message *m,
                    const cloud_broker_terms *terms) {
    size_t identifiers = terms->identifier_count * sizeof terms->identifiers[0];
    cloud_broker_delivery *d =
        s->waiting >= b->settings.queue_maximum ? NULL : sim_malloc(sizeof *d + identifiers);
    if (d == NULL) {
        b->counts.lost++;
        return;
    }
    *d = (cloud_broker_delivery){.message = m,
                                 .qos = terms->qos,
                                 .retain = terms->retain,
                                 .share = terms->share,
                                 .identifier_count = terms->identifier_count};
    if (identifiers > 0) memcpy(d->identifiers, terms->identifiers, identifiers);
    m->references++;
    if (s->last == NULL)
        s->first = d;
    else
        s->last->next = d;
    s->last = d;
    if (s->unsent == NULL) s->unsent = d;
    s->waiting++;
    cloud_broker_pump(b, s);
}

void cloud_broker_deliver(cloud_broker *b, cloud_broker_session *s, cloud_broker_message *m,
                          const cloud_broker_terms *terms) {
    net_mqtt_packet p = {.retain = terms->retain};
    if (terms->qos > 0)
        enqueue(b, s, m, terms);
    else if (s->connection != NULL)
        (void)send_message(b, s->connection, m, &p, terms->identifiers, terms->identifier_count);
}
