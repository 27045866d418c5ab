/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/broker.h - what MQTT wants of a server, 3.1.1 and 5: connections, sessions, wills,
 * subscriptions, retained messages, and messages on their way with QoS 0, 1 and 2. Pure: time and
 * bytes are passed in, bytes leave through a call. What may be published and followed, and what
 * comes of it besides, its owner decides (door_mqtt.c). Section numbers are those of MQTT 5.
 *
 * Not there, and refused with the reason code for it: enhanced authentication (0x8C), and whatever
 * exceeds the settings (0x97, 0x93, 0x94, 0x95). */
#ifndef CLOUD_BROKER_H
#define CLOUD_BROKER_H

#include "net/mqtt_packet.h"
#include "sim/core/time.h"

typedef struct cloud_broker_settings {
    /* with and without a connection; the one that lost its connection first makes room, else
     * CONNECT is refused (0x97) */
    uint32_t sessions_maximum;
    uint32_t subscriptions_maximum; /* of a session */
    uint32_t queue_maximum;         /* messages that wait for one session; more are lost */
    uint32_t retained_maximum;      /* topics */
    size_t packet_maximum;          /* bytes of a packet that clients may send */
    uint16_t receive_maximum;       /* 1..; unfinished QoS 2 messages of a client */
    uint16_t inflight_maximum;      /* 1..; unacknowledged messages to a client */
    uint16_t topic_alias_maximum;   /* of a connection, from the client and to it */
    uint16_t keep_alive_maximum_s;  /* of MQTT 5 clients that have one; 0: whatever they want */
    uint32_t session_expiry_maximum_s;
    sim_time connect_limit; /* a connection without a CONNECT is closed then */
    uint64_t secret;        /* of the client identifiers that it assigns, and of its tables */
} cloud_broker_settings;
/* For a cloud of many devices with little to say each. */
extern const cloud_broker_settings cloud_broker_settings_default;

typedef struct cloud_broker_connection cloud_broker_connection;

/* What `publish` and `connect` say of a packet that nobody shall have heard: it is not answered.
 * And `publish` of one that was for the owner alone: it goes on to nobody. */
enum { CLOUD_BROKER_KEPT = 0xFE, CLOUD_BROKER_UNHEARD = 0xFF };

/* Made from inside the verbs below; they call no verb but cloud_broker_publish and
 * cloud_broker_tell, and those only from `publish` and `subscribed`. `owner` is the
 * connection's. */
typedef struct cloud_broker_calls {
    void (*send)(void *owner, const uint8_t *bytes, size_t n);
    /* The connection ends, after what was sent; nothing more is sent on it. Once. */
    void (*close)(void *owner);
    /* May this client come in? 0, or the reason code of the refusal. `p` is its CONNECT, with the
     * client identifier that it was given if it had none. */
    uint8_t (*connect)(void *owner, const net_mqtt_packet *p);
    /* It has come in; it is in no longer, though its session may go on. In pairs. */
    void (*came)(void *owner);
    void (*went)(void *owner);
    /* It publishes: 0, or the reason code of the refusal, or one of those above. The topic is never
     * an alias. */
    uint8_t (*publish)(void *owner, const net_mqtt_packet *p);
    /* May it follow this? 0, or a reason code. `filter` as said, "$share" included. */
    uint8_t (*subscribe)(void *owner, net_mqtt_span filter);
    /* It follows this now, and has been told so. */
    void (*subscribed)(void *owner, net_mqtt_span filter);
    /* `context`: cloud_broker_wake is due then; SIM_NEVER: no longer. */
    void (*wake_at)(void *context, sim_time due);
} cloud_broker_calls;

typedef struct cloud_broker_counts {
    uint64_t sessions, connections;     /* now */
    uint64_t connects, taken_over;      /* CONNECTs that were accepted; that took a session over */
    uint64_t received, delivered, lost; /* messages; lost: for want of room, or too large */
    uint64_t wills;                     /* published */
    uint64_t broken;                    /* connections ended for what they sent */
} cloud_broker_counts;

typedef struct cloud_broker cloud_broker;

/* All but the settings is borrowed. NULL: no memory. */
cloud_broker *cloud_broker_new(const cloud_broker_settings *settings,
                               const cloud_broker_calls *calls, void *context);
/* After the last connection was lost. NULL is fine. */
void cloud_broker_free(cloud_broker *b);
/* A connection was made. NULL: no memory; it cannot be served. */
cloud_broker_connection *cloud_broker_open(cloud_broker *b, sim_time now, void *owner);
/* Bytes came on it. */
void cloud_broker_input(cloud_broker *b, sim_time now, cloud_broker_connection *c,
                        const uint8_t *bytes, size_t n);
/* The transport is gone, or `close` was called: the connection is freed, nothing is sent on it. */
void cloud_broker_lost(cloud_broker *b, sim_time now, cloud_broker_connection *c);
/* Ends it from our side: it is told why, where its version can, and `close` is called. */
void cloud_broker_end(cloud_broker *b, sim_time now, cloud_broker_connection *c, uint8_t reason);
/* The cloud publishes. */
void cloud_broker_publish(cloud_broker *b, sim_time now, const net_mqtt_packet *p);
/* The cloud publishes to this connection alone, whatever it follows; QoS is 0 or 1. */
void cloud_broker_tell(cloud_broker *b, sim_time now, cloud_broker_connection *c,
                       const net_mqtt_packet *p);
/* The QoS with which the connection's session follows exactly this filter; -1: it does not. */
int cloud_broker_follows(const cloud_broker *b, const cloud_broker_connection *c,
                         net_mqtt_span filter);
/* All sessions and all that is retained are lost, wills too. After the last connection was. */
/* Packets of the types whose bits are set are not sent; 0: all are. */
void cloud_broker_withhold(cloud_broker *b, uint32_t types);
void cloud_broker_forget(cloud_broker *b);
void cloud_broker_wake(cloud_broker *b, sim_time now);
const cloud_broker_counts *cloud_broker_count(const cloud_broker *b);

#endif
