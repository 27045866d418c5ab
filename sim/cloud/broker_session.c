/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CONNECT and DISCONNECT, sessions and their wills (3.1, 3.14, 4.1). */
#include <stdio.h>
#include <string.h>

#include "sim/cloud/broker_private.h"
#include "sim/core/heap.h"
#include "sim/core/random.h"

#define EXPIRY_NEVER UINT32_MAX /* 3.1.2.11.2 */

/* ---- those that wait for their client ---- */

static void list_remove(cloud_broker *b, cloud_broker_session *s) {
    if (s->older != NULL) s->older->newer = s->newer;
    if (s->newer != NULL) s->newer->older = s->older;
    if (b->oldest == s) b->oldest = s->newer;
    if (b->newest == s) b->newest = s->older;
    s->older = s->newer = NULL;
}

static void list_append(cloud_broker *b, cloud_broker_session *s) {
    s->older = b->newest;
    if (b->newest != NULL) b->newest->newer = s;
    b->newest = s;
    if (b->oldest == NULL) b->oldest = s;
}

/* ---- wills ---- */

static void drop_will(cloud_broker_session *s) {
    cloud_broker_message_release(s->will);
    s->will = NULL;
    s->will_at = SIM_NEVER;
}

static void publish_will(cloud_broker *b, cloud_broker_session *s) {
    cloud_broker_message *m = s->will;
    if (m == NULL) return;
    s->will = NULL;
    s->will_at = SIM_NEVER;
    b->counts.wills++;
    if (s->will_retain) (void)cloud_broker_retain(b, m);
    (void)cloud_broker_route(b, m, s, s->will_retain);
    cloud_broker_message_release(m);
}

/* ---- the life of a session ---- */

void cloud_broker_session_free(cloud_broker *b, cloud_broker_session *s) {
    cloud_broker_unsubscribe_all(b, s);
    cloud_broker_deliveries_drop(s);
    drop_will(s);
    list_remove(b, s);
    sim_map_remove(&b->session_by_id, s->hash);
    cloud_broker_table_remove(&b->sessions, s->id);
    sim_free(s->received);
    sim_free(s);
}

/* A will is published when its session ends, however long it should have waited (3.1.2.5). */
static void end_session(cloud_broker *b, cloud_broker_session *s) {
    publish_will(b, s);
    cloud_broker_unsubscribe_all(b, s);
    cloud_broker_hand_over(b, s);
    cloud_broker_session_free(b, s);
}

static void set_timer(cloud_broker *b, cloud_broker_session *s) {
    cloud_broker_set_session_timer(b, s, sim_time_min(s->will_at, s->expires_at));
}

void cloud_broker_session_detach(cloud_broker *b, cloud_broker_session *s, bool will) {
    cloud_broker_connection *c = s->connection;
    c->session = NULL;
    s->connection = NULL;
    cloud_broker_set_connection_timer(b, c, SIM_NEVER);
    b->calls->went(c->owner);
    list_append(b, s);
    if (!will) drop_will(s);
    if (s->expiry_s == 0) {
        end_session(b, s);
        return;
    }
    s->expires_at =
        s->expiry_s == EXPIRY_NEVER ? SIM_NEVER : sim_time_add(b->now, s->expiry_s * SIM_SECOND);
    if (s->will != NULL) s->will_at = sim_time_add(b->now, s->will_delay_s * SIM_SECOND);
    if (s->will_at <= b->now) publish_will(b, s);
    set_timer(b, s);
}

void cloud_broker_session_wake(cloud_broker *b, cloud_broker_session *s) {
    if (s->connection != NULL) return;
    if (s->expires_at <= b->now) {
        end_session(b, s);
        return;
    }
    if (s->will_at <= b->now) publish_will(b, s);
    set_timer(b, s);
}

static cloud_broker_session *find(const cloud_broker *b, net_mqtt_span client_id, bool *other) {
    uint32_t slot;
    uint64_t hash = cloud_broker_hash(b, client_id, (net_mqtt_span){0});
    *other = false;
    if (!sim_map_get(&b->session_by_id, hash, &slot)) return NULL;
    cloud_broker_session *s = cloud_broker_table_at(&b->sessions, slot);
    *other = s->client_id != client_id.n || memcmp(s->bytes, client_id.bytes, client_id.n) != 0;
    return *other ? NULL : s;
}

static cloud_broker_session *make_session(cloud_broker *b, net_mqtt_span client_id) {
    bool full = b->sessions.slots.live >= b->settings.sessions_maximum;
    if (full && b->oldest != NULL) end_session(b, b->oldest);
    cloud_broker_session *s = sim_calloc(1, sizeof *s + client_id.n);
    if (s == NULL) return NULL;
    s->hash = cloud_broker_hash(b, client_id, (net_mqtt_span){0});
    s->will_at = SIM_NEVER;
    s->client_id = client_id.n;
    memcpy(s->bytes, client_id.bytes, client_id.n);
    sim_timer_init(&s->timer);
    if (cloud_broker_table_put(&b->sessions, s, &s->id) != 0) {
        sim_free(s);
        return NULL;
    }
    if (sim_map_put(&b->session_by_id, s->hash, s->id.slot) == 0) return s;
    cloud_broker_table_remove(&b->sessions, s->id);
    sim_free(s);
    return NULL;
}

/* ---- CONNECT ---- */

static uint32_t expiry_of(const cloud_broker *b, const net_mqtt_packet *p) {
    uint32_t most = b->settings.session_expiry_maximum_s;
    uint32_t asked = p->version == NET_MQTT_5
                         ? net_mqtt_number(&p->properties, NET_MQTT_SESSION_EXPIRY_INTERVAL, 0)
                         : (p->clean_start ? 0 : EXPIRY_NEVER);
    return asked < most ? asked : most;
}

/* MQTT 3.1.1 has no word for another one than the client's. */
static uint16_t keep_alive_of(const cloud_broker *b, const net_mqtt_packet *p) {
    uint16_t most = b->settings.keep_alive_maximum_s;
    return p->version == NET_MQTT_5 && most > 0 && p->keep_alive > most ? most : p->keep_alive;
}

/* Another connection of the same client gives way (3.1.4). Its session may end with it. */
static void take_over(cloud_broker *b, cloud_broker_session *s) {
    cloud_broker_connection *before = s->connection;
    const net_mqtt_packet why = {.type = NET_MQTT_DISCONNECT,
                                 .reason = NET_MQTT_SESSION_TAKEN_OVER};
    b->counts.taken_over++;
    if (before->version == NET_MQTT_5) (void)cloud_broker_send(b, before, &why);
    cloud_broker_close(b, before);
    cloud_broker_session_detach(b, s, true);
}

/* The session that the CONNECT is for. NULL: *reason says why not. */
static cloud_broker_session *session_for(cloud_broker *b, const net_mqtt_packet *p, bool *present,
                                         uint8_t *reason) {
    bool other;
    cloud_broker_session *s = find(b, p->client_id, &other);
    *reason = NET_MQTT_CLIENT_IDENTIFIER_NOT_VALID; /* two of them, one hash */
    if (other) return NULL;
    if (s != NULL && s->connection != NULL) {
        take_over(b, s);
        s = find(b, p->client_id, &other);
    }
    if (s != NULL && p->clean_start) {
        end_session(b, s);
        s = NULL;
    }
    *present = s != NULL;
    *reason = NET_MQTT_QUOTA_EXCEEDED;
    return s != NULL ? s : make_session(b, p->client_id);
}

/* The last one goes before the connection does, so that the session is never without it. */
static bool take_will(cloud_broker *b, cloud_broker_session *s, const net_mqtt_will *w) {
    drop_will(s);
    if (!w->present) return true;
    s->will = cloud_broker_message_new(b, w->topic, w->payload, w->qos, &w->properties);
    s->will_retain = w->retain;
    s->will_delay_s = net_mqtt_number(&w->properties, NET_MQTT_WILL_DELAY_INTERVAL, 0);
    return s->will != NULL;
}

static void attach(cloud_broker *b, cloud_broker_connection *c, cloud_broker_session *s,
                   const net_mqtt_packet *p) {
    const net_mqtt_properties *asked = &p->properties;
    list_remove(b, s);
    s->connection = c;
    s->expiry_s = expiry_of(b, p);
    s->expires_at = s->will_at = SIM_NEVER;
    cloud_broker_set_session_timer(b, s, SIM_NEVER);
    c->session = s;
    c->keep_alive_s = keep_alive_of(b, p);
    c->named_maximum = (uint16_t)net_mqtt_number(asked, NET_MQTT_TOPIC_ALIAS_MAXIMUM, 0);
    c->receive_maximum = (uint16_t)net_mqtt_number(asked, NET_MQTT_RECEIVE_MAXIMUM, UINT16_MAX);
    c->packet_maximum = net_mqtt_number(asked, NET_MQTT_MAXIMUM_PACKET_SIZE, UINT32_MAX);
    cloud_broker_set_connection_timer(
        b, c,
        c->keep_alive_s == 0 ? SIM_NEVER
                             : sim_time_add(b->now, c->keep_alive_s * SIM_SECOND * 3 / 2));
}

/* False: not even that fits its client. */
static bool accept_connect(cloud_broker *b, cloud_broker_connection *c, const net_mqtt_packet *p,
                           bool present, bool assigned) {
    net_mqtt_packet answer = {.type = NET_MQTT_CONNACK, .session_present = present};
    net_mqtt_properties *say = &answer.properties;
    uint32_t asked = net_mqtt_number(&p->properties, NET_MQTT_SESSION_EXPIRY_INTERVAL, 0);
    net_mqtt_set_number(say, NET_MQTT_RECEIVE_MAXIMUM, b->settings.receive_maximum);
    net_mqtt_set_number(say, NET_MQTT_TOPIC_ALIAS_MAXIMUM, b->settings.topic_alias_maximum);
    net_mqtt_set_number(say, NET_MQTT_MAXIMUM_PACKET_SIZE, (uint32_t)b->settings.packet_maximum);
    if (asked != c->session->expiry_s)
        net_mqtt_set_number(say, NET_MQTT_SESSION_EXPIRY_INTERVAL, c->session->expiry_s);
    if (c->keep_alive_s != p->keep_alive)
        net_mqtt_set_number(say, NET_MQTT_SERVER_KEEP_ALIVE, c->keep_alive_s);
    if (assigned) net_mqtt_set_text(say, NET_MQTT_ASSIGNED_CLIENT_IDENTIFIER, p->client_id);
    b->counts.connects++;
    return cloud_broker_send(b, c, &answer);
}

static void refuse(cloud_broker *b, cloud_broker_connection *c, uint8_t reason) {
    const net_mqtt_packet answer = {.type = NET_MQTT_CONNACK, .reason = reason};
    (void)cloud_broker_send(b, c, &answer);
    cloud_broker_close(b, c);
}

/* MQTT 3.1.1 lets only who wants a clean session go without a name (3.1.3.1 there). */
static bool name_client(cloud_broker *b, net_mqtt_packet *p, char name[32], bool *assigned) {
    *assigned = p->client_id.n == 0;
    if (!*assigned) return p->client_id.n <= CLOUD_BROKER_CLIENT_ID_MAX;
    uint64_t number = sim_hash64(b->settings.secret + ++b->assigned);
    int n = snprintf(name, 32, "auto-%016llx", (unsigned long long)number);
    p->client_id = (net_mqtt_span){(const uint8_t *)name, n < 0 ? 0 : (size_t)n};
    return p->version == NET_MQTT_5 || p->clean_start;
}

static uint8_t check_connect(cloud_broker_connection *c, const net_mqtt_packet *p) {
    if (net_mqtt_has(&p->properties, NET_MQTT_AUTHENTICATION_METHOD))
        return NET_MQTT_BAD_AUTHENTICATION_METHOD;
    return c->broker->calls->connect(c->owner, p);
}

void cloud_broker_on_connect(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    char name[32];
    bool present, assigned;
    c->version = (net_mqtt_level)p->version;
    uint8_t reason = name_client(b, p, name, &assigned)
                         ? check_connect(c, p)
                         : (uint8_t)NET_MQTT_CLIENT_IDENTIFIER_NOT_VALID;
    if (reason == CLOUD_BROKER_UNHEARD || c->closing) return;
    cloud_broker_session *s = reason == 0 ? session_for(b, p, &present, &reason) : NULL;
    if (s == NULL) {
        refuse(b, c, reason);
        return;
    }
    bool whole = take_will(b, s, &p->will);
    attach(b, c, s, p);
    bool told = accept_connect(b, c, p, present, assigned);
    b->calls->came(c->owner);
    if (!told || !whole)
        cloud_broker_fail(b, c, told ? NET_MQTT_SERVER_BUSY : NET_MQTT_PACKET_TOO_LARGE);
    else if (c->session == s)
        cloud_broker_resume(b, s);
}

/* ---- DISCONNECT ---- */

void cloud_broker_on_disconnect(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    cloud_broker_session *s = c->session;
    uint32_t expiry_s =
        net_mqtt_number(&p->properties, NET_MQTT_SESSION_EXPIRY_INTERVAL, s->expiry_s);
    if (s->expiry_s == 0 && expiry_s != 0) { /* 3.14.2.2.2 */
        cloud_broker_fail(b, c, NET_MQTT_PROTOCOL_ERROR);
        return;
    }
    uint32_t most = b->settings.session_expiry_maximum_s;
    s->expiry_s = expiry_s < most ? expiry_s : most;
    cloud_broker_close(b, c);
    cloud_broker_session_detach(b, s, p->reason != NET_MQTT_SUCCESS);
}
