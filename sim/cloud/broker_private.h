/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/broker_private.h - the inside of the broker, for its files:
 *
 *   broker.c            connections, packets to their handlers, timers
 *   broker_session.c    CONNECT and DISCONNECT, sessions and their wills
 *   broker_receive.c    what clients publish, and acknowledge
 *   broker_deliver.c    messages on their way to a client
 *   broker_subscribe.c  who follows what, and what is retained */
#ifndef CLOUD_BROKER_PRIVATE_H
#define CLOUD_BROKER_PRIVATE_H

#include "sim/cloud/broker.h"
#include "sim/core/map.h"
#include "sim/core/queue.h"
#include "sim/core/slots.h"

enum { CLOUD_BROKER_IDENTIFIERS_MAX = 8, CLOUD_BROKER_CLIENT_ID_MAX = 256 };

/* What was published: shared by all who wait for it. */
typedef struct cloud_broker_message {
    uint32_t references;
    uint8_t qos;
    sim_time expires_at;               /* SIM_NEVER: it does not */
    size_t topic, payload, properties; /* sizes of what stands in `bytes`, in this order */
    uint8_t bytes[];
} cloud_broker_message;

/* A message on its way to one session, QoS 1 or 2. */
typedef struct cloud_broker_delivery {
    struct cloud_broker_delivery *next;
    cloud_broker_message *message; /* NULL: received, and only its PUBCOMP is missing */
    uint16_t id;                   /* 0: never sent yet */
    uint8_t qos;
    bool retain;
    uint8_t identifier_count;
    sim_id share;           /* the topic of the group that it was meant for one of; {0, 0}: none */
    uint32_t identifiers[]; /* of the subscriptions that it is sent for */
} cloud_broker_delivery;

typedef struct cloud_broker_session cloud_broker_session;

/* All that follow one filter; of a shared one, a group's. */
typedef struct cloud_broker_topic {
    uint64_t hash;
    sim_id id;
    struct cloud_broker_subscription *first, *last;
    uint32_t scanned;     /* its place + 1 among those that are not found by their hash; 0: none */
    size_t group, filter; /* sizes of what stands in `bytes` */
    uint8_t bytes[];
} cloud_broker_topic;

typedef struct cloud_broker_subscription {
    cloud_broker_session *session;
    cloud_broker_topic *topic;
    struct cloud_broker_subscription *next_of_session;
    struct cloud_broker_subscription *before, *after; /* among those of the topic */
    uint32_t identifier;                              /* 0: none */
    uint8_t qos;
    bool no_local, retain_as_published;
} cloud_broker_subscription;

struct cloud_broker_session {
    uint64_t hash;
    sim_id id;
    cloud_broker_connection *connection; /* NULL: it waits for its client */
    cloud_broker_session *older, *newer; /* of those that wait, in order */
    uint32_t expiry_s;
    sim_time expires_at; /* SIM_NEVER while it has a connection */
    sim_timer timer;
    cloud_broker_message *will; /* NULL: none */
    bool will_retain;
    uint32_t will_delay_s;
    sim_time will_at;
    cloud_broker_subscription *subscriptions;
    uint32_t subscription_count;
    cloud_broker_delivery *first, *last; /* in order: those that are sent, then those that wait */
    cloud_broker_delivery *unsent;       /* the first that waits */
    uint32_t waiting, inflight;
    uint16_t last_id;
    uint16_t *received; /* identifiers of QoS 2 messages that are not released yet */
    size_t received_count, received_room;
    uint64_t stamp; /* of the publication that it was last looked at for */
    size_t client_id;
    uint8_t bytes[];
};

struct cloud_broker_connection {
    cloud_broker *broker;
    void *owner;
    sim_id id;
    cloud_broker_session *session; /* NULL before CONNECT, and after the end */
    net_mqtt_level version;
    net_mqtt_stream stream;
    bool closing;
    uint16_t keep_alive_s;
    sim_timer timer;
    uint16_t receive_maximum; /* the client's */
    uint32_t packet_maximum;  /* the client's */
    bool problem_information;
    net_mqtt_span *aliases; /* topic_alias_maximum of them, owned; NULL: none yet */
    uint16_t named_maximum; /* topics that the client lets us give a number */
    uint16_t named_count;
    net_mqtt_span *named; /* those that have one, by their number less 1; owned */
};

/* Pointers by slot. */
typedef struct cloud_broker_table {
    sim_slots slots;
    void **items;
    size_t room;
} cloud_broker_table;

struct cloud_broker {
    cloud_broker_settings settings;
    const cloud_broker_calls *calls;
    void *context;
    sim_time now;  /* of the verb in hand */
    sim_time told; /* when it wants to be woken, as last told */
    cloud_broker_table connections, sessions, topics, retained;
    sim_map session_by_id, topic_by_filter, retained_by_topic; /* keyed hash -> slot */
    cloud_broker_session *oldest, *newest;                     /* of those without a connection */
    cloud_broker_topic **scanned; /* filters with wildcards, and shared ones */
    size_t scanned_count, scanned_room;
    sim_queue queue;
    uint32_t withheld; /* a bit for each type of packet that is not sent */
    uint64_t sequence, stamp, assigned;
    uint8_t *scratch; /* a packet that is being written, or the codes of an answer */
    size_t scratch_room;
    cloud_broker_counts counts;
};

/* ---- broker.c ---- */
uint64_t cloud_broker_hash(const cloud_broker *b, net_mqtt_span a, net_mqtt_span c);
int cloud_broker_table_put(cloud_broker_table *t, void *item, sim_id *id);
void *cloud_broker_table_at(const cloud_broker_table *t, uint32_t slot); /* NULL: nobody */
void cloud_broker_table_remove(cloud_broker_table *t, sim_id id);
/* The scratch with room for so much; NULL: no memory. */
uint8_t *cloud_broker_room(cloud_broker *b, size_t n);
/* Sends a packet, unless it is larger than the client wants; then false. */
bool cloud_broker_send(cloud_broker *b, cloud_broker_connection *c, const net_mqtt_packet *p);
/* The client broke the protocol, or cannot be served: it is told, and its will is published. */
void cloud_broker_fail(cloud_broker *b, cloud_broker_connection *c, uint8_t reason);
/* No more of this connection. */
void cloud_broker_close(cloud_broker *b, cloud_broker_connection *c);
void cloud_broker_set_connection_timer(cloud_broker *b, cloud_broker_connection *c, sim_time due);
void cloud_broker_set_session_timer(cloud_broker *b, cloud_broker_session *s, sim_time due);

/* ---- broker_session.c ---- */
void cloud_broker_on_connect(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p);
void cloud_broker_on_disconnect(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p);
/* The session goes on without its connection, for as long as it may; or ends. */
void cloud_broker_session_detach(cloud_broker *b, cloud_broker_session *s, bool will);
void cloud_broker_session_wake(cloud_broker *b, cloud_broker_session *s);
void cloud_broker_session_free(cloud_broker *b, cloud_broker_session *s);

/* ---- broker_receive.c ---- */
void cloud_broker_on_publish(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p);
void cloud_broker_on_puback(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p);
void cloud_broker_on_pubrec(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p);
void cloud_broker_on_pubrel(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p);
void cloud_broker_on_pubcomp(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p);
void cloud_broker_forget_aliases(cloud_broker *b, cloud_broker_connection *c);

/* ---- broker_deliver.c ---- */
void cloud_broker_forget_named(cloud_broker_connection *c);
/* With one reference, the caller's; NULL: no memory. `properties` are those of a PUBLISH or a will,
 * read or set. */
cloud_broker_message *cloud_broker_message_new(const cloud_broker *b, net_mqtt_span topic,
                                               net_mqtt_span payload, uint8_t qos,
                                               const net_mqtt_properties *properties);
void cloud_broker_message_release(cloud_broker_message *m); /* NULL is fine */
net_mqtt_span cloud_broker_message_topic(const cloud_broker_message *m);
/* On its way to the session, as one of its subscriptions asks for it. */
typedef struct cloud_broker_terms {
    uint8_t qos;
    bool retain;
    uint8_t identifier_count;
    uint32_t identifiers[CLOUD_BROKER_IDENTIFIERS_MAX];
    sim_id share;
} cloud_broker_terms;
void cloud_broker_deliver(cloud_broker *b, cloud_broker_session *s, cloud_broker_message *m,
                          const cloud_broker_terms *terms);
/* Sends what waits, as far as its client takes it. */
void cloud_broker_pump(cloud_broker *b, cloud_broker_session *s);
/* The client is back: what it has not acknowledged is sent once more. */
void cloud_broker_resume(cloud_broker *b, cloud_broker_session *s);
/* The delivery with this identifier that waits for an acknowledgement of that QoS; NULL: none. */
cloud_broker_delivery *cloud_broker_delivery_of(const cloud_broker_session *s, uint16_t id,
                                                uint8_t qos);
void cloud_broker_delivery_done(cloud_broker *b, cloud_broker_session *s, cloud_broker_delivery *d);
void cloud_broker_deliveries_drop(cloud_broker_session *s);

/* ---- broker_subscribe.c ---- */
void cloud_broker_on_subscribe(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p);
void cloud_broker_on_unsubscribe(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p);
void cloud_broker_unsubscribe_all(cloud_broker *b, cloud_broker_session *s);
/* Its session ends, and follows nothing any more: what was meant for one of a group, and has not
 * reached it, is another's (4.8.2). */
void cloud_broker_hand_over(cloud_broker *b, const cloud_broker_session *s);
/* To all who follow its topic; `from` is who published it, NULL: nobody with a session. False:
 * nobody follows it. */
bool cloud_broker_route(cloud_broker *b, cloud_broker_message *m, const cloud_broker_session *from,
                        bool retain);
/* Keeps the message for who subscribes later; without a payload: keeps none any more. 0 or the
 * reason code for who publishes it. */
uint8_t cloud_broker_retain(cloud_broker *b, cloud_broker_message *m);
void cloud_broker_retained_drop(cloud_broker *b);

#endif
