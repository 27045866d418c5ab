/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What clients publish, and acknowledge (3.3 to 3.7, 4.3). */
#include <string.h>

#include "sim/cloud/broker_private.h"
#include "sim/core/heap.h"

/* MQTT 3.1.1 knows no receive maximum: a client that leaves more unfinished is not one of ours. */
enum { UNRELEASED_MAX = 1000 };

/* ---- topic aliases (3.3.2.3.4) ---- */

void cloud_broker_forget_aliases(cloud_broker *b, cloud_broker_connection *c) {
    if (c->aliases == NULL) return;
    for (uint16_t i = 0; i < b->settings.topic_alias_maximum; i++)
        sim_free((void *)(uintptr_t)c->aliases[i].bytes);
    sim_free(c->aliases);
    c->aliases = NULL;
}

static uint8_t set_alias(cloud_broker *b, cloud_broker_connection *c, uint32_t alias,
                         net_mqtt_span topic) {
    if (c->aliases == NULL)
        c->aliases = sim_calloc(b->settings.topic_alias_maximum, sizeof *c->aliases);
    uint8_t *copy = sim_malloc(topic.n);
    if (c->aliases == NULL || copy == NULL) {
        sim_free(copy);
        return NET_MQTT_QUOTA_EXCEEDED;
    }
    memcpy(copy, topic.bytes, topic.n);
    sim_free((void *)(uintptr_t)c->aliases[alias - 1].bytes);
    c->aliases[alias - 1] = (net_mqtt_span){copy, topic.n};
    return 0;
}

/* The topic that was meant; 0 or the reason code of the end. */
static uint8_t resolve_alias(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    if (!net_mqtt_has(&p->properties, NET_MQTT_TOPIC_ALIAS)) return 0;
    uint32_t alias = p->properties.number[NET_MQTT_TOPIC_ALIAS];
    if (alias > b->settings.topic_alias_maximum) return NET_MQTT_TOPIC_ALIAS_INVALID;
    if (p->topic.n > 0) return set_alias(b, c, alias, p->topic);
    if (c->aliases == NULL || c->aliases[alias - 1].n == 0) return NET_MQTT_PROTOCOL_ERROR;
    p->topic = c->aliases[alias - 1];
    return 0;
}

/* ---- identifiers of QoS 2 (4.3.3) ---- */

static size_t place_of(const cloud_broker_session *s, uint16_t id) {
    size_t i = 0;
    while (i < s->received_count && s->received[i] != id) i++;
    return i;
}

static int remember(cloud_broker_session *s, uint16_t id) {
    uint16_t *received =
        sim_more(s->received, s->received_count, &s->received_room, sizeof *s->received);
    if (received == NULL) return SIM_ENOMEM;
    s->received = received;
    s->received[s->received_count++] = id;
    return 0;
}

static bool release(cloud_broker_session *s, uint16_t id) {
    size_t i = place_of(s, id);
    if (i == s->received_count) return false;
    s->received[i] = s->received[--s->received_count];
    return true;
}

/* ---- PUBLISH ---- */

static void answer(cloud_broker *b, cloud_broker_connection *c, net_mqtt_type type, uint16_t id,
                   uint8_t reason) {
    const net_mqtt_packet p = {.type = type, .id = id, .reason = reason};
    (void)cloud_broker_send(b, c, &p);
}

static void acknowledge(cloud_broker *b, cloud_broker_connection *c, const net_mqtt_packet *p,
                        uint8_t reason) {
    if (p->qos > 0) answer(b, c, p->qos == 1 ? NET_MQTT_PUBACK : NET_MQTT_PUBREC, p->id, reason);
}

/* MQTT 3.1.1 has no word for it: its connection ends, unless nobody waits for a word. */
static void refuse(cloud_broker *b, cloud_broker_connection *c, const net_mqtt_packet *p,
                   uint8_t reason) {
    if (c->version == NET_MQTT_5)
        acknowledge(b, c, p, reason);
    else if (p->qos > 0)
        cloud_broker_fail(b, c, reason);
}

/* To those who follow its topic. 0, or what its client is told of it. */
static uint8_t pass_on(cloud_broker *b, cloud_broker_connection *c, const net_mqtt_packet *p) {
    cloud_broker_message *m =
        cloud_broker_message_new(b, p->topic, p->payload, p->qos, &p->properties);
    if (m == NULL) return NET_MQTT_QUOTA_EXCEEDED;
    uint8_t reason = p->retain ? cloud_broker_retain(b, m) : 0;
    if (reason == 0 && !cloud_broker_route(b, m, c->session, p->retain))
        reason = NET_MQTT_NO_MATCHING_SUBSCRIBERS;
    cloud_broker_message_release(m);
    return reason;
}

/* 0, or the reason code with which the connection ends. */
static uint8_t check(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    const cloud_broker_session *s = c->session;
    if (net_mqtt_has(&p->properties, NET_MQTT_SUBSCRIPTION_IDENTIFIER))
        return NET_MQTT_PROTOCOL_ERROR; /* 3.3.4 */
    uint8_t wrong = resolve_alias(b, c, p);
    if (wrong != 0) return wrong;
    size_t most = c->version == NET_MQTT_5 ? b->settings.receive_maximum : UNRELEASED_MAX;
    bool more = p->qos == 2 && place_of(s, p->id) == s->received_count;
    return more && s->received_count >= most ? NET_MQTT_RECEIVE_MAXIMUM_EXCEEDED : 0;
}

void cloud_broker_on_publish(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    cloud_broker_session *s = c->session;
    uint8_t reason = check(b, c, p);
    if (reason != 0) {
        cloud_broker_fail(b, c, reason);
        return;
    }
    if (p->qos == 2 && place_of(s, p->id) < s->received_count) { /* once more */
        acknowledge(b, c, p, 0);
        return;
    }
    reason = b->calls->publish(c->owner, p);
    if (reason == CLOUD_BROKER_UNHEARD || c->closing) return;
    bool kept = reason == CLOUD_BROKER_KEPT;
    if (kept) reason = 0;
    if (reason == 0 && p->qos == 2 && remember(s, p->id) != 0) reason = NET_MQTT_QUOTA_EXCEEDED;
    if (reason == 0) {
        b->counts.received++;
        if (!kept) reason = pass_on(b, c, p);
        if (reason >= NET_MQTT_UNSPECIFIED_ERROR && p->qos == 2) (void)release(s, p->id);
    }
    if (reason >= NET_MQTT_UNSPECIFIED_ERROR)
        refuse(b, c, p, reason);
    else
        acknowledge(b, c, p, reason);
}

void cloud_broker_on_pubrel(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    bool known = release(c->session, p->id);
    answer(b, c, NET_MQTT_PUBCOMP, p->id,
           known ? NET_MQTT_SUCCESS : NET_MQTT_PACKET_IDENTIFIER_NOT_FOUND);
}

/* ---- what comes back for what we sent ---- */

void cloud_broker_on_puback(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    cloud_broker_delivery *d = cloud_broker_delivery_of(c->session, p->id, 1);
    if (d != NULL) cloud_broker_delivery_done(b, c->session, d);
}

/* From here on its client has it: what is left to do needs no message any more. */
void cloud_broker_on_pubrec(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    cloud_broker_delivery *d = cloud_broker_delivery_of(c->session, p->id, 2);
    if (d != NULL && p->reason >= NET_MQTT_UNSPECIFIED_ERROR) {
        cloud_broker_delivery_done(b, c->session, d);
        return;
    }
    if (p->reason >= NET_MQTT_UNSPECIFIED_ERROR) return;
    if (d != NULL) {
        cloud_broker_message_release(d->message);
        d->message = NULL;
    }
    answer(b, c, NET_MQTT_PUBREL, p->id,
           d != NULL ? NET_MQTT_SUCCESS : NET_MQTT_PACKET_IDENTIFIER_NOT_FOUND);
}

void cloud_broker_on_pubcomp(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    cloud_broker_delivery *d = cloud_broker_delivery_of(c->session, p->id, 2);
    if (d != NULL) cloud_broker_delivery_done(b, c->session, d);
}
