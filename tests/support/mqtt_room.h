/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/mqtt_room.h - a broker with a few clients in one room: what a test lets them send,
 * and what they are sent. */
#ifndef TESTS_SUPPORT_MQTT_ROOM_H
#define TESTS_SUPPORT_MQTT_ROOM_H

#include "sim/cloud/broker.h"

enum { MQTT_ROOM_CLIENTS = 8 };

typedef struct mqtt_room mqtt_room;

typedef struct mqtt_room_client {
    mqtt_room *room;
    cloud_broker_connection *connection; /* NULL: none */
    net_mqtt_level version;
    uint8_t *out; /* what it was sent and has not read */
    size_t n, room_out, read;
    bool closed; /* by the broker */
    uint32_t came, went, subscribed;
} mqtt_room_client;

struct mqtt_room {
    cloud_broker *broker;
    sim_time now, due; /* due: as the broker last said */
    mqtt_room_client clients[MQTT_ROOM_CLIENTS];
    uint8_t connect_reason, publish_reason, subscribe_reason; /* what its owner says to all */
    uint32_t publications;                                    /* that its owner was asked about */
    char topic[64];                                           /* of the last */
};

/* `settings` NULL: the default ones. False: no memory; close it all the same. */
bool mqtt_room_init(mqtt_room *r, const cloud_broker_settings *settings);
void mqtt_room_deinit(mqtt_room *r);
net_mqtt_span mqtt_room_text(const char *s);

/* Client `i` makes a connection. False: no memory. */
bool mqtt_room_open(mqtt_room *r, int i, net_mqtt_level version);
void mqtt_room_bytes(mqtt_room *r, int i, const uint8_t *bytes, size_t n);
void mqtt_room_send(mqtt_room *r, int i, const net_mqtt_packet *p);
/* Its connection breaks, or it hears that the broker has closed it. */
void mqtt_room_lose(mqtt_room *r, int i);
/* The next packet that it was sent. False: there is none. */
bool mqtt_room_next(mqtt_room *r, int i, net_mqtt_packet *p);
/* Time passes, and the broker is woken when it wants to be. */
void mqtt_room_pass(mqtt_room *r, sim_time span);

#endif
