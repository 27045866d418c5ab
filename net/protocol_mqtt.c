/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MQTT as a protocol of links: how each ask becomes a packet, and what its acknowledgement means.
 * Its client is stock libmosquitto (net/mqtt_client.h), in version 5.
 *
 * To register is to connect, and the device's name is the client identifier. A report is published
 * on the device's own topic, "t/NAME", because a topic belongs to no connection. What is followed
 * is subscribed to; the value that the broker retained is the answer. What is read once is a
 * request (MQTT 5 4.10): published on its topic, answered on "a/NAME"; the body of one for a block
 * says which. Editions are a user property.
 *
 * Before a backend with a dialect (net/dialect.h) topics and bodies are that one's: a report is all
 * the messages that it makes of it, and answered by the acknowledgement of the last. */
#include <stdio.h>
#include <string.h>

#include "net/dialect.h"
#include "net/manifest.h"
#include "net/mqtt_client.h"
#include "net/protocol.h"
#include "net/websocket.h"
#include "sim/core/heap.h"

enum { TOPIC_MAX = 256, KEEP_ALIVE_USUAL_S = 60 };
/* MQTT 5 2.4; OVERTAKEN is the one that is implementation specific. */
enum { REASON_NOBODY_THERE = 0x10, REASON_FAILURE = 0x80, REASON_OVERTAKEN = 0x83 };

/* MQTT leaves it open how long to wait for a CONNACK, a PUBACK or a SUBACK. */
#define ANSWER_LIMIT (30 * SIM_SECOND)
/* A retained message follows the SUBACK at once, if there is one. */
#define VALUE_LIMIT (5 * SIM_SECOND)

enum exchange_state {
    WAITING,  /* until `due`, for its acknowledgement */
    ASKED,    /* acknowledged; its answer comes until `due` */
    SENT,     /* with QoS 0 that is all; said at `due` */
    GRANTED,  /* subscribed; the value comes until `due`, or there is none */
    FOLLOWING /* answered; what comes is unasked */
};

typedef struct exchange {
    sim_time due;
    char *filter; /* of a FOLLOW */
    uint32_t tag;
    uint32_t correlation; /* of a request; 0: it is none */
    uint16_t id;          /* of its packet; 0: CONNECT */
    uint8_t state, kind;  /* net_ask_kind */
} exchange;

typedef struct mqtt {
    net_mqtt_client *client;
    net_link *link;
    const net_protocol_settings *settings;
    sim_time now;                     /* of the verb that runs */
    char *name;                       /* NULL before it registers */
    const char *user_name, *password; /* of the device; NULL: the backend's */
    uint32_t number;                  /* likewise */
    net_websocket *socket;            /* NULL: the stream itself carries the packets */
    sim_stream *stream;               /* of the device; for its masks */
    uint8_t *held;                    /* what is to be sent once the socket is open */
    size_t held_size;
    exchange *exchanges;
    uint32_t count, room;
    uint32_t requests; /* so far; the correlation of the last */
    bool hears;        /* it has subscribed to its answers */
    bool ended;        /* and its open exchanges with it */
    bool unwaited;     /* nothing will acknowledge what the ask in hand has sent */
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

static exchange *asking(mqtt *m, uint32_t correlation) {
    for (size_t i = 0; i < m->count && correlation != 0; i++) {
        if (m->exchanges[i].correlation == correlation) return &m->exchanges[i];
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

/* Of what an exchange has sent. No reason code says that a value is of another edition by now: the
 * one that is left to implementations does, where a change was asked for. */
static net_answer said_of(const exchange *e, uint8_t reason) {
    net_answer said = said_by(reason);
    if (e->kind == NET_ASK_CHANGE && reason == REASON_OVERTAKEN) said.kind = NET_OVERTAKEN;
    if (e->correlation != 0 && reason == REASON_NOBODY_THERE) said.kind = NET_REFUSED;
    return said;
}

/* ---- dialects ---- */

static const net_dialect *dialect_of(const mqtt *m) {
    return m->settings->backend != NULL ? m->settings->backend->dialect : NULL;
}

static net_dialect_words words_of(const mqtt *m) {
    const net_backend *b = m->settings->backend;
    return (net_dialect_words){.device = m->name,
                               .number = m->number,
                               .model = m->settings->model,
                               .host = b->host,
                               .user_name = m->user_name != NULL ? m->user_name : b->user_name,
                               .password = m->user_name != NULL ? m->password : b->password,
                               .time_ms = (m->now + b->epoch) / SIM_MILLISECOND};
}

typedef struct saying {
    mqtt *m;
    uint16_t id; /* of the last */
} saying;

static int say(void *context, const net_dialect_message *message) {
    saying *s = context;
    const net_mqtt_publish p = {.topic = message->topic,
                                .payload = message->payload,
                                .size = message->size,
                                .qos = message->qos,
                                .retain = message->retain};
    s->m->unwaited = p.qos == 0;
    return net_mqtt_client_publish(s->m->client, s->m->now, &p, &s->id);
}

/* What cannot be said is left unsaid: the device has connected all the same. */
static void announce(mqtt *m) {
    const net_dialect_words w = words_of(m);
    saying s = {.m = m};
    (void)!dialect_of(m)->calls->speak(dialect_of(m), NET_DIALECT_ANNOUNCES, &w, say, &s);
}

/* Subscriptions first: what announcing brings back is wanted. */
static int follow_all(mqtt *m, uint16_t *id) {
    char topics[NET_DIALECT_TOPICS_MAX][NET_DIALECT_TEXT_MAX];
    const net_dialect_words w = words_of(m);
    size_t count = dialect_of(m)->calls->topics(dialect_of(m), &w, topics);
    int error = 0;
    for (size_t i = 0; i < count && error == 0; i++)
        error = net_mqtt_client_subscribe(m->client, m->now, topics[i], 1, id);
    return error;
}

static exchange *any_follow(mqtt *m) {
    for (size_t i = 0; i < m->count; i++) {
        if (m->exchanges[i].filter != NULL) return &m->exchanges[i];
    }
    return NULL;
}

static void answer(mqtt *m, exchange *e, net_answer said);

/* A command of the dialect's becomes the value of what the device follows: on its channel of
 * set-points that is the number alone. */
static void hear(mqtt *m, const net_mqtt_publish *message) {
    char line[NET_DIALECT_LINE_MAX];
    const net_dialect *d = dialect_of(m);
    const net_dialect_words w = words_of(m);
    if (d->calls->wakes(d, &w, message->topic, message->payload, message->size)) {
        announce(m);
        return;
    }
    exchange *e = any_follow(m);
    if (e == NULL || !d->calls->hears(d, &w, message->topic, message->payload, message->size, line))
        return;
    const char *text = strncmp(e->filter, "s/", 2) == 0 ? strchr(line, ' ') + 1 : line;
    answer(m, e,
           (net_answer){.kind = NET_TAKEN,
                        .unasked = e->state == FOLLOWING,
                        .format = NET_FORMAT_TEXT,
                        .body = (const uint8_t *)text,
                        .size = strlen(text)});
}

/* What was measured at the time of the record at `from`, and nothing else. */
static void measured_with(const net_senml_pack *all, size_t from, net_senml_pack *out) {
    out->count = 0;
    for (size_t i = from; i < all->count && all->records[i].time_s == all->records[from].time_s;)
        out->records[out->count++] = all->records[i++];
}

/* When it was measured; a device's clock counts from NET_VKERNEL_EPOCH_S. */
static int64_t time_of(const mqtt *m, const net_senml_record *r) {
    sim_time since = r->time_s == 0
                         ? m->now
                         : (sim_time)((r->time_s - (double)NET_VKERNEL_EPOCH_S) * SIM_SECOND);
    return (since + m->settings->backend->epoch) / SIM_MILLISECOND;
}

/* What was measured at one time, as the backend hears it; names are whole, and begin with `base`.
 */
static int say_sample(mqtt *m, net_senml_pack *pack, const char *base, saying *s) {
    uint8_t body[2 * NET_BODY_MAX]; /* names and times stand in each record now */
    net_dialect_words w = words_of(m);
    pack->base_name[0] = '\0';
    int error = net_senml_write(pack, body, sizeof body, &w.body_size);
    if (error != 0) return error;
    (void)snprintf(pack->base_name, sizeof pack->base_name, "%s", base);
    w.body = body;
    w.readings = pack;
    w.time_ms = time_of(m, &pack->records[0]);
    return dialect_of(m)->calls->speak(dialect_of(m), NET_DIALECT_REPORTS, &w, say, s);
}

/* Samples of several times are as many reports to a backend. */
static int report_in_dialect(mqtt *m, const net_ask *ask, uint16_t *id) {
    net_senml_pack all, pack = {0};
    saying s = {.m = m};
    int error = net_senml_read(ask->body, ask->size, &all);
    for (size_t from = 0; error == 0 && from < all.count; from += pack.count) {
        measured_with(&all, from, &pack);
        error = say_sample(m, &pack, all.base_name, &s);
    }
    *id = s.id;
    return error == 0 && s.id == 0 ? SIM_ELIBRARY : error; /* it has no word for this device */
}

/* ---- a WebSocket below ---- */

static void hold(mqtt *m, const uint8_t *bytes, size_t n) {
    uint8_t *held = sim_realloc(m->held, m->held_size + n);
    if (held == NULL) return; /* the answer to it will not come, and that ends it */
    memcpy(held + m->held_size, bytes, n);
    m->held = held;
    m->held_size += n;
}

static void on_socket_send(void *owner, const uint8_t *bytes, size_t n) {
    const mqtt *m = owner;
    net_link_output(m->link, bytes, n);
}

static void on_socket_opened(void *owner) {
    mqtt *m = owner;
    (void)!net_websocket_write(m->socket, m->held, m->held_size);
    sim_free(m->held);
    m->held = NULL;
    m->held_size = 0;
}

static void on_socket_received(void *owner, const uint8_t *bytes, size_t n) {
    mqtt *m = owner;
    net_mqtt_client_input(m->client, m->now, bytes, n);
}

static void on_socket_ended(void *owner, net_end why) {
    mqtt *m = owner;
    m->ended = true;
    net_link_over(m->link, why);
}

static int on_socket_random(void *owner, uint8_t *out, size_t n) {
    const mqtt *m = owner;
    net_vkernel_scope previous = net_vkernel_enter(NULL, 0, m->now, m->stream);
    int error = net_vkernel_random(out, n);
    net_vkernel_leave(previous);
    return error;
}

static const net_websocket_calls socket_calls = {
    on_socket_send, on_socket_opened, on_socket_received, on_socket_ended, on_socket_random};

/* Before a backend its user says whether there is one, and where; else the row of the protocol. */
static int open_socket(mqtt *m) {
    const net_backend *b = m->settings->backend;
    if (b != NULL && b->built_in) b = NULL;
    bool framed = b != NULL ? b->path != NULL : m->settings->protocol == &net_protocol_mqtt_ws;
    if (!framed) return 0;
    m->socket = net_websocket_new(&socket_calls, m);
    if (m->socket == NULL) return SIM_ENOMEM;
    return net_websocket_start(m->socket, b != NULL ? b->host : "cloud",
                               b != NULL ? b->path : NET_WEBSOCKET_MQTT_PATH);
}

static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    mqtt *m = owner;
    if (m->socket == NULL)
        net_link_output(m->link, bytes, n);
    else if (net_websocket_write(m->socket, bytes, n) == SIM_ESTATE)
        hold(m, bytes, n);
}

static void on_connected(void *owner, uint8_t reason, bool session_present) {
    mqtt *m = owner;
    (void)session_present;
    exchange *e = waiting_for(m, 0);
    if (e != NULL) answer(m, e, said_by(reason));
    if (reason == 0 && dialect_of(m) != NULL) {
        uint16_t id;
        (void)!follow_all(m, &id);
        announce(m);
    }
}

static void on_acknowledged(void *owner, uint16_t id, uint8_t reason) {
    mqtt *m = owner;
    exchange *e = waiting_for(m, id);
    if (e == NULL) return; /* given up, or of QoS 0 */
    if (e->filter != NULL && reason < REASON_FAILURE) {
        e->state = GRANTED;
        e->due = m->now + VALUE_LIMIT;
    } else if (e->correlation != 0 && said_of(e, reason).kind == NET_TAKEN) {
        e->state = ASKED;
    } else {
        answer(m, e, said_of(e, reason));
    }
}

static void on_received(void *owner, const net_mqtt_publish *message) {
    mqtt *m = owner;
    if (dialect_of(m) != NULL) {
        hear(m, message);
        return;
    }
    exchange *e = asking(m, message->correlation);
    if (e == NULL) e = following(m, message->topic);
    if (e == NULL) return;
    answer(m, e,
           (net_answer){.kind = NET_TAKEN,
                        .unasked = e->state == FOLLOWING,
                        .edition = message->edition,
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
    *m = (mqtt){.link = link,
                .settings = setup->settings,
                .stream = setup->stream,
                .number = setup->who->number,
                .user_name = setup->who->user_name,
                .password = setup->who->password,
                .now = now};
    m->client = net_mqtt_client_new(setup->kernel, setup->stream, &calls, m);
    if (m->client != NULL) return m;
    sim_free(m);
    return NULL;
}

static void mqtt_free(void *client) {
    mqtt *m = client;
    if (m == NULL) return;
    net_mqtt_client_free(m->client);
    net_websocket_free(m->socket);
    sim_free(m->held);
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

static int log_in(mqtt *m, net_mqtt_connect *connect) {
    const net_backend *b = m->settings->backend;
    if (b == NULL || b->dialect == NULL) {
        bool own = m->user_name != NULL || b == NULL;
        connect->user_name = own ? m->user_name : b->user_name;
        connect->password = own ? m->password : b->password;
        return net_mqtt_client_connect(m->client, m->now, connect);
    }
    const net_dialect_words w = words_of(m);
    net_dialect_login *l = sim_malloc(sizeof *l);
    if (l == NULL) return SIM_ENOMEM;
    int error = b->dialect->calls->log_in(b->dialect, &w, l);
    connect->version = l->version;
    connect->client_id = l->client_id;
    connect->user_name = l->user_name[0] != '\0' ? l->user_name : NULL;
    connect->password = l->password[0] != '\0' ? l->password : NULL;
    connect->will_topic = l->has_will ? l->will.topic : NULL;
    connect->will = l->will.payload;
    connect->will_size = l->will.size;
    connect->will_qos = l->will.qos;
    connect->will_retain = l->will.retain;
    if (error == 0) error = net_mqtt_client_connect(m->client, m->now, connect);
    sim_free(l);
    return error;
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
    int error = open_socket(m);
    return error == 0 ? log_in(m, &connect) : error;
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
    if (dialect_of(m) != NULL) return report_in_dialect(m, ask, id);
    if (own_topic(m, ask->topic, topic) != 0) return SIM_ERANGE;
    const net_mqtt_publish p = {.topic = topic,
                                .qos = qos_of(m->settings->assurance),
                                .retain = m->settings->report_replaces};
    return publish(m, ask, p, id);
}

/* A dialect has subscribed to its commands already; doing it again brings a retained one. */
static int follow(mqtt *m, const net_ask *ask, uint16_t *id) {
    if (dialect_of(m) == NULL)
        return net_mqtt_client_subscribe(m->client, m->now, ask->topic, 1, id);
    *id = 0;
    int error = follow_all(m, id);
    m->unwaited = *id == 0; /* there are none */
    return error;
}

/* Its answer may come before its acknowledgement. Subscribed first: packets are taken in order. */
static int request(mqtt *m, const net_ask *ask, exchange *e, uint16_t *id) {
    char topic[TOPIC_MAX], block[NET_MANIFEST_BLOCK_NAME_MAX] = "";
    uint16_t subscription;
    if (m->name == NULL) return SIM_ESTATE;
    e->correlation = ++m->requests;
    m->unwaited = dialect_of(m) != NULL; /* nobody is there who knows what is asked for */
    if (m->unwaited) return 0;
    if (own_topic(m, "a", topic) != 0) return SIM_ERANGE;
    int error =
        m->hears ? 0 : net_mqtt_client_subscribe(m->client, m->now, topic, 0, &subscription);
    if (error != 0) return error;
    m->hears = true;
    if (ask->kind == NET_ASK_BLOCK) net_manifest_block_name(ask->version, ask->number, block);
    const net_mqtt_publish p = {.topic = ask->topic,
                                .payload = (const uint8_t *)block,
                                .size = strlen(block),
                                .qos = 1,
                                .answer_topic = topic,
                                .correlation = e->correlation};
    return net_mqtt_client_publish(m->client, m->now, &p, id);
}

/* Where it has no editions, the value is the topic's retained message. */
static int change(mqtt *m, const net_ask *ask, uint16_t *id) {
    const net_mqtt_publish p = {
        .topic = ask->topic, .qos = 1, .retain = ask->edition == 0, .edition = ask->edition};
    return publish(m, ask, p, id);
}

static int carry_out(mqtt *m, const net_ask *ask, exchange *e, uint16_t *id) {
    switch (ask->kind) {
        case NET_ASK_REGISTER:
            return register_device(m, ask);
        case NET_ASK_REPORT:
            return report(m, ask, id);
        case NET_ASK_FOLLOW:
            return follow(m, ask, id);
        case NET_ASK_CHANGE:
            return change(m, ask, id);
        case NET_ASK_READ:
        case NET_ASK_BLOCK:
            return request(m, ask, e, id);
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
        .kind = (uint8_t)ask->kind,
        .state = sent_is_all ? SENT : WAITING};
    exchange *e = append(m, &like);
    if (e == NULL) return SIM_ENOMEM;
    uint16_t id = 0;
    size_t at = (size_t)(e - m->exchanges);
    e->state = SENT; /* nothing is acknowledged before it has its number */
    e->due = SIM_NEVER;
    m->unwaited = false;
    int error = carry_out(m, ask, e, &id);
    e = &m->exchanges[at];
    if (error != 0) {
        drop(m, e);
        return error;
    }
    e->id = id;
    e->due = m->unwaited ? now + 1 : like.due; /* later, too */
    e->state = m->unwaited ? SENT : like.state;
    return 0;
}

static void mqtt_input(void *client, sim_time now, const uint8_t *bytes, size_t n) {
    mqtt *m = client;
    m->now = now;
    if (m->socket != NULL)
        net_websocket_input(m->socket, bytes, n);
    else
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
        if (e->state == WAITING || e->state == ASKED) {
            answer(m, e, (net_answer){.kind = NET_UNANSWERED, .error = SIM_ETIMEOUT});
        } else {
            answer(m, e, (net_answer){.kind = e->correlation != 0 ? NET_REFUSED : NET_TAKEN});
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

/* MQTT 5 2.4; what says yes has no name. */
static const char *answer_text(uint16_t detail) {
    static const char *const names[] = {
        [0x80] = "0x80 Unspecified error",
        [0x81] = "0x81 Malformed Packet",
        [0x82] = "0x82 Protocol Error",
        [0x83] = "0x83 Implementation specific error",
        [0x84] = "0x84 Unsupported Protocol Version",
        [0x85] = "0x85 Client Identifier not valid",
        [0x86] = "0x86 Bad User Name or Password",
        [0x87] = "0x87 Not authorized",
        [0x88] = "0x88 Server unavailable",
        [0x89] = "0x89 Server busy",
        [0x8A] = "0x8A Banned",
        [0x8C] = "0x8C Bad authentication method",
        [0x8F] = "0x8F Topic Filter invalid",
        [0x90] = "0x90 Topic Name invalid",
        [0x91] = "0x91 Packet Identifier in use",
        [0x95] = "0x95 Packet too large",
        [0x97] = "0x97 Quota exceeded",
        [0x99] = "0x99 Payload format invalid",
        [0x9A] = "0x9A Retain not supported",
        [0x9B] = "0x9B QoS not supported",
        [0x9C] = "0x9C Use another server",
        [0x9D] = "0x9D Server moved",
        [0x9E] = "0x9E Shared Subscriptions not supported",
        [0x9F] = "0x9F Connection rate exceeded",
        [0xA2] = "0xA2 Wildcard Subscriptions not supported",
    };
    return detail < sizeof names / sizeof *names ? names[detail] : NULL;
}

static const char *const plain[] = {"MQTT", NULL};
static const char *const secured[] = {"MQTT", "TLS", NULL};

static const net_security *const securities[] = {&net_security_tls, &net_security_tls_psk, NULL};

static const char *const plain_framed[] = {"MQTT", "WebSocket", NULL};
static const char *const secured_framed[] = {"MQTT", "WebSocket", "TLS", NULL};

static const char *const answers[] = {"connack", "puback", "pingresp", NULL};

/* Ports: MQTT 5 4.2; RFC 6455 3. What TLS calls a WebSocket: RFC 7301 6. */
#define MQTT(word, inside, over_tls, interfaces, number, secured_number)                     \
    {                                                                                        \
        .name = word, .application = over_tls, .wraps = inside, .plain = plain##interfaces,  \
        .secured = secured##interfaces, .transport = NET_STREAM, .port = number,             \
        .secured_port = secured_number, .alive_usual = KEEP_ALIVE_USUAL_S * SIM_SECOND,      \
        .answer_limit = ANSWER_LIMIT, .opens_by_registering = true, .answers = answers,      \
        .has_dialects = true, .securities = securities, .usual_security = &net_security_tls, \
        .open = mqtt_open, .ask = mqtt_ask, .input = mqtt_input, .refused = mqtt_refused,    \
        .wake = mqtt_wake, .deadline = mqtt_deadline, .free = mqtt_free,                     \
        .answer_text = answer_text                                                           \
    }

const net_protocol net_protocol_mqtt = MQTT("mqtt", NULL, "mqtt", , 1883, 8883);
const net_protocol net_protocol_mqtt_ws =
    MQTT("mqtt-ws", &net_protocol_mqtt, "http/1.1", _framed, 80, 443);
