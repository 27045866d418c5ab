/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/mqtt_room.h"

#include <stdlib.h>
#include <string.h>

enum { OUT_MAX = 1 << 22 };

static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    mqtt_room_client *c = owner;
    if (c->n + n > OUT_MAX) abort(); /* a storm */
    if (c->n + n > c->room_out) {
        c->room_out = 2 * (c->n + n);
        c->out = realloc(c->out, c->room_out);
        if (c->out == NULL) abort();
    }
    memcpy(c->out + c->n, bytes, n);
    c->n += n;
}

static void on_close(void *owner) {
    mqtt_room_client *c = owner;
    if (c->closed) abort(); /* once */
    c->closed = true;
}

static uint8_t on_connect(void *owner, const net_mqtt_packet *p) {
    (void)p;
    return ((mqtt_room_client *)owner)->room->connect_reason;
}

static void on_came(void *owner) {
    ((mqtt_room_client *)owner)->came++;
}

static void on_went(void *owner) {
    ((mqtt_room_client *)owner)->went++;
}

static uint8_t on_publish(void *owner, const net_mqtt_packet *p) {
    mqtt_room *r = ((mqtt_room_client *)owner)->room;
    size_t n = p->topic.n < sizeof r->topic ? p->topic.n : sizeof r->topic - 1;
    memcpy(r->topic, p->topic.bytes, n);
    r->topic[n] = '\0';
    r->publications++;
    return r->publish_reason;
}

static uint8_t on_subscribe(void *owner, net_mqtt_span filter) {
    (void)filter;
    return ((mqtt_room_client *)owner)->room->subscribe_reason;
}

static void on_subscribed(void *owner, net_mqtt_span filter) {
    (void)filter;
    ((mqtt_room_client *)owner)->subscribed++;
}

static void on_wake_at(void *context, sim_time due) {
    ((mqtt_room *)context)->due = due;
}

static const cloud_broker_calls calls = {on_send,      on_close,      on_connect,
                                         on_came,      on_went,       on_publish,
                                         on_subscribe, on_subscribed, on_wake_at};

bool mqtt_room_init(mqtt_room *r, const cloud_broker_settings *settings) {
    *r = (mqtt_room){.due = SIM_NEVER};
    for (int i = 0; i < MQTT_ROOM_CLIENTS; i++) r->clients[i].room = r;
    r->broker =
        cloud_broker_new(settings == NULL ? &cloud_broker_settings_default : settings, &calls, r);
    return r->broker != NULL;
}

void mqtt_room_deinit(mqtt_room *r) {
    for (int i = 0; i < MQTT_ROOM_CLIENTS; i++) {
        mqtt_room_lose(r, i);
        free(r->clients[i].out);
    }
    cloud_broker_free(r->broker);
}

net_mqtt_span mqtt_room_text(const char *s) {
    return (net_mqtt_span){(const uint8_t *)s, strlen(s)};
}

bool mqtt_room_open(mqtt_room *r, int i, net_mqtt_level version) {
    mqtt_room_client *c = &r->clients[i];
    mqtt_room_lose(r, i);
    c->version = version;
    c->n = c->read = 0;
    c->closed = false;
    c->connection = cloud_broker_open(r->broker, r->now, c);
    return c->connection != NULL;
}

void mqtt_room_bytes(mqtt_room *r, int i, const uint8_t *bytes, size_t n) {
    mqtt_room_client *c = &r->clients[i];
    if (c->connection == NULL) return;
    uint8_t *exact = malloc(n == 0 ? 1 : n); /* so that a sanitizer sees a read behind the end */
    if (exact == NULL) abort();
    if (n > 0) memcpy(exact, bytes, n);
    cloud_broker_input(r->broker, r->now, c->connection, exact, n);
    free(exact);
}

void mqtt_room_send(mqtt_room *r, int i, const net_mqtt_packet *p) {
    net_mqtt_level version = r->clients[i].version;
    uint8_t *bytes = malloc(net_mqtt_size(version, p));
    if (bytes == NULL) abort();
    mqtt_room_bytes(r, i, bytes, net_mqtt_write(version, p, bytes));
    free(bytes);
}

void mqtt_room_lose(mqtt_room *r, int i) {
    mqtt_room_client *c = &r->clients[i];
    if (c->connection == NULL) return;
    cloud_broker_lost(r->broker, r->now, c->connection);
    c->connection = NULL;
}

bool mqtt_room_next(mqtt_room *r, int i, net_mqtt_packet *p) {
    mqtt_room_client *c = &r->clients[i];
    net_mqtt_stream stream = {0};
    net_mqtt_span left = {c->out + c->read, c->n - c->read}, packet;
    if (c->read == c->n) return false;
    if (net_mqtt_stream_next(&stream, &left, OUT_MAX, &packet) != 1) abort();
    if (net_mqtt_read(c->version, packet, p) != 0) abort(); /* the broker's are always right */
    c->read += packet.n;
    return true;
}

void mqtt_room_pass(mqtt_room *r, sim_time span) {
    sim_time until = r->now + span;
    while (r->due <= until) {
        r->now = r->due > r->now ? r->due : r->now;
        cloud_broker_wake(r->broker, r->now);
    }
    r->now = until;
}
