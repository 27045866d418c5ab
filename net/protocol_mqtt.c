/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MQTT as a protocol of links: how each ask becomes a packet, and what its acknowledgement means.
 * Its client is stock libmosquitto (net/mqtt_client.h), in version 5.
 *
 * To register is to connect, and the device's name is the client identifier. A report is published
 * on the device's own topic, "t/NAME", because a topic belongs to no connection. What is followed
 * is subscribed to; the value that the broker retained is the answer. There are no editions, no
 * blocks, and nothing is read once. */
#include <stdio.h>
#include <string.h>

#include "net/mqtt_client.h"
#include "net/protocol.h"
#include "sim/core/heap.h"

enum { TOPIC_MAX = 256, KEEP_ALIVE_USUAL_S = 60, REASON_FAILURE = 0x80 };

/* MQTT leaves it open how long to wait for a CONNACK, a PUBACK or a SUBACK. */
#define ANSWER_LIMIT (30 * SIM_SECOND)
/* A retained message follows the SUBACK at once, if there is one. */
#define VALUE_LIMIT (5 * SIM_SECOND)

enum exchange_state {
    WAITING,  /* until `due`, for its acknowledgement */
    SENT,     /* with QoS 0 that is all; said at `due` */
    GRANTED,  /* subscribed; the value comes until `due`, or there is none */
    FOLLOWING /* answered; what comes is unasked */
};

typedef struct exchange {
    sim_time due;
    char *filter; /* of a FOLLOW */
    uint32_t tag;
    uint16_t id; /* of its packet; 0: CONNECT */
    uint8_t state;
} exchange;

typedef struct mqtt {
    net_mqtt_client *client;
    net_link *link;
    const net_protocol_settings *settings;
    sim_time now; /* of the verb that runs */
    char *name;   /* NULL before it registers */
    exchange *exchanges;
    uint32_t count, room;
    bool ended; /* and its open exchanges with it */
} mqtt;

/* ---- the list of exchanges: few at a time, so it is walked ---- */

static exchange *waiting_for(mqtt *m, uint16_t id) {
    for (size_t i = 0; i < m->count; i++) {
        exchange *e = &m->exchanges[i];
        if (e->state == WAITING && e->id == id) return e;
    }
    return NULL;
}

static exchange *following(mqtt *m, const char *topic) {
    for (size_t i = 0; i < m->count; i++) {
        exchange *e = &m->exchanges[i];
        if (e->filter != NULL && strcmp(e->filter, topic) == 0) return e;
    }
    return NULL;
}

static exchange *due_at(mqtt *m, sim_time now) {
    for (size_t i = 0; i < m->count; i++) {
        exchange *e = &m->exchanges[i];
        if (e->state != FOLLOWING && e->due <= now) return e;
    }
    return NULL;
}

/* `filter` is copied. NULL: no memory. */
static exchange *append(mqtt *m, const exchange *like) {
    if (m->count == m->room) {
        uint32_t room = m->room == 0 ? 1 : 2 * m->room;
        exchange *list = sim_realloc(m->exchanges, room * sizeof *list);
        if (list == NULL) return NULL;
        m->exchanges = list;
        m->room = room;
    }
    exchange *e = &m->exchanges[m->count];
    *e = *like;
    if (like->filter != NULL && (e->filter = sim_strdup(like->filter)) == NULL) return NULL;
    m->count++;
    return e;
}

static void drop(mqtt *m, exchange *e) {
    sim_free(e->filter);
    *e = m->exchanges[--m->count];
}

/* ---- up ---- */

/* Answers it and is done with it, but for one that goes on to follow. */
static void answer(mqtt *m, exchange *e, net_answer said) {
    said.tag = e->tag;
    if (said.kind == NET_TAKEN && e->filter != NULL) {
        e->state = FOLLOWING;
    } else {
        drop(m, e);
    }
    net_link_answered(m->link, &said);
}

static net_answer said_by(uint8_t reason) {
    net_end end = net_mqtt_end_of(reason, NET_END_NONE);
    bool no = reason >= REASON_FAILURE;
    return (net_answer){.kind = end == NET_END_BUSY ? NET_BUSY
                                : no                ? NET_REFUSED
                                                    : NET_TAKEN,
                        .unknown = end == NET_END_UNKNOWN_IDENTITY,
                        .detail = reason};
}

static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    mqtt *m = owner;
    net_link_output(m->link, bytes, n);
}

static void on_connected(void *owner, uint8_t reason, bool session_present) {
    mqtt *m = owner;
    (void)session_present;
    exchange *e = waiting_for(m, 0);
    if (e != NULL) answer(m, e, said_by(reason));
}

static void on_acknowledged(void *owner, uint16_t id, uint8_t reason) {
    mqtt *m = owner;
    exchange *e = waiting_for(m, id);
    if (e == NULL) return; /* given up, or of QoS 0 */
    if (e->filter != NULL && reason < REASON_FAILURE) {
        e->state = GRANTED;
        e->due = m->now + VALUE_LIMIT;
    } else {
        answer(m, e, said_by(reason));
    }
}

static void on_received(void *owner, const net_mqtt_publish *message) {
    mqtt *m = owner;
    exchange *e = following(m, message->topic);
    if (e == NULL) return;
    answer(m, e,
           (net_answer){.kind = NET_TAKEN,
                        .unasked = e->state == FOLLOWING,
                        .format = NET_FORMAT_NONE,
                        .body = message->payload,
                        .size = message->size});
}

static void on_ended(void *owner, net_end why, uint8_t reason) {
    mqtt *m = owner;
    (void)reason;
    m->ended = true;
    net_link_over(m->link, why);
}

/* ---- down ---- */

static void *mqtt_open(const net_link_setup *setup, sim_time now, net_link *link) {
    static const net_mqtt_calls calls = {on_send, on_connected, on_acknowledged, on_received,
                                         on_ended};
    mqtt *m = sim_calloc(1, sizeof *m);
    if (m == NULL) return NULL;
    *m = (mqtt){.link = link, .settings = setup->settings, .now = now};
    m->client = net_mqtt_client_new(setup->kernel, setup->stream, &calls, m);
    if (m->client != NULL) return m;
    sim_free(m);
    return NULL;
}

static void mqtt_free(void *client) {
    mqtt *m = client;
    if (m == NULL) return;
    net_mqtt_client_free(m->client);
    while (m->count > 0) drop(m, &m->exchanges[0]);
    sim_free(m->exchanges);
    sim_free(m->name);
    sim_free(m);
}

static uint8_t qos_of(net_assurance assurance) {
    static const uint8_t numbers[] = {
        [NET_AT_MOST_ONCE] = 0, [NET_AT_LEAST_ONCE] = 1, [NET_EXACTLY_ONCE] = 2};
    return numbers[assurance];
}

/* "topic/NAME". SIM_ERANGE: too long. */
static int own_topic(const mqtt *m, const char *topic, char out[TOPIC_MAX]) {
    int n = snprintf(out, TOPIC_MAX, "%s/%s", topic, m->name);
    return n >= 0 && n < TOPIC_MAX ? 0 : SIM_ERANGE;
}

static uint16_t keep_alive_of(sim_time every) {
    if (every == SIM_NEVER) return 0;
    if (every == 0) return KEEP_ALIVE_USUAL_S;
    return (uint16_t)sim_time_min(every / SIM_SECOND, UINT16_MAX);
}

static int register_device(mqtt *m, const net_ask *ask) {
    static const char gone[] = "offline";
    const net_protocol_settings *s = m->settings;
    if (m->name != NULL) return SIM_ESTATE;
    m->name = sim_strdup(ask->name);
    if (m->name == NULL) return SIM_ENOMEM;
    char will[TOPIC_MAX];
    net_mqtt_connect connect = {.version = 5,
                                .client_id = m->name,
                                .keep_alive_s = keep_alive_of(s->alive_every),
                                .clean_start = s->remembered == 0,
                                .session_expiry_s = (uint32_t)(s->remembered / SIM_SECOND)};
    if (s->absence_topic != NULL) {
        if (own_topic(m, s->absence_topic, will) != 0) return SIM_ERANGE;
        connect.will_topic = will;
        connect.will = (const uint8_t *)gone;
        connect.will_size = sizeof gone - 1;
        connect.will_qos = 1;
        connect.will_retain = true;
    }
    return net_mqtt_client_connect(m->client, m->now, &connect);
}

static int publish(mqtt *m, const net_ask *ask, net_mqtt_publish p, uint16_t *id) {
    if (ask->size > NET_BODY_MAX) return SIM_ERANGE;
    p.payload = ask->body;
    p.size = ask->size;
    return net_mqtt_client_publish(m->client, m->now, &p, id);
}

static int report(mqtt *m, const net_ask *ask, uint16_t *id) {
    char topic[TOPIC_MAX];
    if (m->name == NULL) return SIM_ESTATE;
    if (own_topic(m, ask->topic, topic) != 0) return SIM_ERANGE;
    const net_mqtt_publish p = {.topic = topic,
                                .qos = qos_of(m->settings->assurance),
                                .retain = m->settings->report_replaces};
    return publish(m, ask, p, id);
}

static int carry_out(mqtt *m, const net_ask *ask, uint16_t *id) {
    switch (ask->kind) {
        case NET_ASK_REGISTER:
            return register_device(m, ask);
        case NET_ASK_REPORT:
            return report(m, ask, id);
        case NET_ASK_FOLLOW:
            return net_mqtt_client_subscribe(m->client, m->now, ask->topic, 1, id);
        case NET_ASK_CHANGE:
            if (ask->edition != 0) return SIM_ELIBRARY;
            return publish(m, ask,
                           (net_mqtt_publish){.topic = ask->topic, .qos = 1, .retain = true}, id);
        default:
            return SIM_ELIBRARY;
    }
}

static int mqtt_ask(void *client, const net_protocol_settings *settings, sim_time now,
                    const net_ask *ask) {
    mqtt *m = client;
    m->now = now;
    bool sent_is_all = ask->kind == NET_ASK_REPORT && settings->assurance == NET_AT_MOST_ONCE;
    const exchange like = {
        /* said in a later instant than it is asked in */
        .due = sent_is_all ? now + 1 : now + ANSWER_LIMIT,
        .filter = ask->kind == NET_ASK_FOLLOW ? (char *)(uintptr_t)ask->topic : NULL,
        .tag = ask->tag,
        .state = sent_is_all ? SENT : WAITING};
    exchange *e = append(m, &like);
    if (e == NULL) return SIM_ENOMEM;
    uint16_t id = 0;
    size_t at = (size_t)(e - m->exchanges);
    e->state = SENT; /* nothing is acknowledged before it has its number */
    e->due = SIM_NEVER;
    int error = carry_out(m, ask, &id);
    e = &m->exchanges[at];
    if (error != 0) {
        drop(m, e);
        return error;
    }
    e->id = id;
    e->due = like.due;
    e->state = like.state;
    return 0;
}

static void mqtt_input(void *client, sim_time now, const uint8_t *bytes, size_t n) {
    mqtt *m = client;
    m->now = now;
    net_mqtt_client_input(m->client, now, bytes, n);
}

/* A stream is refused before it is open. */
static void mqtt_refused(void *client, sim_time now) {
    mqtt *m = client;
    (void)now;
    net_link_over(m->link, NET_END_REFUSED);
}

static void mqtt_wake(void *client, sim_time now) {
    mqtt *m = client;
    m->now = now;
    net_mqtt_client_wake(m->client, now);
    for (exchange *e = due_at(m, now); e != NULL && !m->ended; e = due_at(m, now)) {
        if (e->state == WAITING) {
            answer(m, e, (net_answer){.kind = NET_UNANSWERED, .error = SIM_ETIMEOUT});
        } else {
            answer(m, e, (net_answer){.kind = NET_TAKEN});
        }
    }
}

static sim_time mqtt_deadline(const void *client) {
    const mqtt *m = client;
    sim_time due = net_mqtt_client_deadline(m->client);
    for (size_t i = 0; i < m->count; i++) {
        if (m->exchanges[i].state != FOLLOWING) due = sim_time_min(due, m->exchanges[i].due);
    }
    return due;
}

static const char *const plain[] = {"MQTT", NULL};
static const char *const secured[] = {"MQTT", "TLS", NULL};

static const net_security *const securities[] = {&net_security_tls, &net_security_tls_psk, NULL};

const net_protocol net_protocol_mqtt = {.name = "mqtt",
                                        .plain = plain,
                                        .secured = secured,
                                        .transport = NET_STREAM,
                                        .port = 1883, /* MQTT 5 4.2 */
                                        .secured_port = 8883,
                                        .alive_usual = KEEP_ALIVE_USUAL_S * SIM_SECOND,
                                        .answer_limit = ANSWER_LIMIT,
                                        .opens_by_registering = true,
                                        .securities = securities,
                                        .usual_security = &net_security_tls,
                                        .open = mqtt_open,
                                        .ask = mqtt_ask,
                                        .input = mqtt_input,
                                        .refused = mqtt_refused,
                                        .wake = mqtt_wake,
                                        .deadline = mqtt_deadline,
                                        .free = mqtt_free};
