/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/door_mqtt_private.h - the inside of the MQTT door, for its files: door_mqtt.c has its
 * verbs and who is there, door_mqtt_topics.c what may be published and followed,
 * door_mqtt_dialect.c the same where clients speak a backend's dialect.
 *
 * A client's identity is its user name, else its client identifier; where TLS has found out who it
 * is, by a certificate or a key, it must say that and nothing else. CONNECT registers the device
 * whose identity that is. Topics: t/IDENTITY, or t alone, and the other report topics likewise,
 * take telemetry (SenML CBOR is read and counted, anything else is counted); s/IDENTITY is the
 * device's set-point ("21.50"), c/IDENTITY all that the cloud wants of it, a command a line: who
 * follows that gets what it is now, as a retained message, and each change. Only the cloud
 * publishes there, only the device itself follows, and wildcards do not show it.
 *
 * A request of MQTT 5 (4.10) on fw/MODEL is for the manifest of the update that the device is
 * offered, or with the payload "v=2&block=7" for a block of its image; on v for the value that all
 * share. The answer is a PUBLISH with QoS 0 to who asked alone, on its Response Topic, which it
 * must follow (else 0x83). The user property "edition" says which value it is; published on v with
 * it, a value replaces that one alone (else 0x83).
 *
 * Nobody may follow test/nosubscribe (0x80): clients of conformance tests have that filter to see a
 * subscription refused, for which no other filter is certain on a server that they do not know.
 *
 * All other topics are free, and telemetry too goes on to who follows its topic.
 *
 * With a dialect who a client is stands where that says it: in the client identifier, the user
 * name, or else the first topic that names a device. Its reports become SenML, all messages of one
 * a report; what is wanted of a device is a command of the dialect's. A topic that is the same for
 * all devices is between one and the cloud: what is published there goes on to nobody. */
#ifndef CLOUD_DOOR_MQTT_PRIVATE_H
#define CLOUD_DOOR_MQTT_PRIVATE_H

#include "net/dialect.h"
#include "net/websocket.h"
#include "sim/cloud/broker.h"
#include "sim/cloud/door.h"
#include "sim/core/map.h"

#define CLOUD_MQTT_REFUSED_FILTER "test/nosubscribe"

typedef struct cloud_mqtt_door cloud_mqtt_door;

typedef struct cloud_mqtt_peer {
    cloud_mqtt_door *door;
    cloud_session session;
    cloud_broker_connection *connection;
    net_secure_stream *secure; /* NULL: nothing is secured */
    net_websocket *socket;     /* NULL: packets are in the stream itself */
    sim_stream stream;         /* that it draws from */
    sim_id id;
    sim_time due;                          /* of close_at, as last told */
    struct cloud_mqtt_peer *older, *newer; /* in order of arrival */
    struct cloud_mqtt_peer *next_ended;    /* of those that wait to be dropped */
    bool ended;                            /* dropped when the verb in hand is over */
    uint32_t claimed; /* whose identity its CONNECT said and proved; CLOUD_NOBODY */
    char identity[NET_SECURE_IDENTITY_MAX]; /* "": one that no device can have */
    net_senml_pack *gathered;               /* of a report in several messages; NULL: nothing */
    sim_time gathered_due;                  /* it is a report then */
} cloud_mqtt_peer;

struct cloud_mqtt_door {
    cloud_door base; /* first: a pointer to it is one to its door */
    cloud_door_settings settings;
    const cloud_door_calls *calls;
    void *context;
    cloud_service *service;
    cloud_broker *broker;
    net_secure_stream_domain *domain; /* NULL: nothing is secured */
    bool websockets;                  /* its packets are in WebSockets (MQTT 5 6) */
    sim_stream tickets;               /* feeds the keys of its session tickets */
    sim_slots slots;
    cloud_mqtt_peer **peers; /* by slot */
    size_t peers_room;
    sim_map by_address; /* hash of the address -> slot */
    sim_map by_device;  /* device -> slot */
    cloud_mqtt_peer *oldest, *newest;
    cloud_mqtt_peer *ended;
    bool silent;         /* nothing is sent */
    cloud_frozen frozen; /* the last that it was told of */
    cloud_fate fate;     /* of the bytes in hand */
    sim_time now;        /* of the call in hand */
    cloud_door_counts counts;
};

cloud_request cloud_mqtt_request(const cloud_mqtt_peer *p);
/* What is a session's for an identity: it registers as that device, if there is one. */
void cloud_mqtt_introduce(cloud_mqtt_peer *p, uint32_t device);
/* As cloud_broker_calls has them. */
uint8_t cloud_mqtt_publish(void *owner, const net_mqtt_packet *p);
uint8_t cloud_mqtt_subscribe(void *owner, net_mqtt_span filter);
void cloud_mqtt_subscribed(void *owner, net_mqtt_span filter);
/* Tells the device what is wanted of it, as far as it follows that. `retain`: it is as it was. */
void cloud_mqtt_tell_wanted(cloud_mqtt_peer *p, bool retain);
uint8_t cloud_mqtt_reason(cloud_answer_kind kind);

/* ---- where clients speak a dialect (settings.backend) ---- */
static inline const net_dialect *cloud_mqtt_dialect(const cloud_mqtt_door *d) {
    return d->settings.backend == NULL ? NULL : d->settings.backend->dialect;
}
/* Whom the CONNECT names, to p->identity. */
bool cloud_mqtt_dialect_identity(cloud_mqtt_peer *p, const net_mqtt_packet *packet);
/* False: it is no message of the dialect's. Else *reason as `publish` of cloud_broker_calls. */
bool cloud_mqtt_dialect_publish(cloud_mqtt_peer *p, const net_mqtt_packet *packet, uint8_t *reason);
bool cloud_mqtt_dialect_subscribe(cloud_mqtt_peer *p, net_mqtt_span filter, uint8_t *reason);
/* Tells what is wanted, to who follows `filter`; NULL: whatever it follows. */
void cloud_mqtt_dialect_tell(cloud_mqtt_peer *p, const net_mqtt_span *filter, bool retain);
/* What was gathered is a report. */
void cloud_mqtt_dialect_hand_over(cloud_mqtt_peer *p);

#endif
