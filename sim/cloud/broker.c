/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections, packets to their handlers, timers. */
#include "sim/cloud/broker_private.h"
#include "sim/core/fingerprint.h"
#include "sim/core/heap.h"

enum { EVENT_CONNECTION, EVENT_SESSION };

const cloud_broker_settings cloud_broker_settings_default = {
    .sessions_maximum = 100000,
    .subscriptions_maximum = 256,
    .queue_maximum = 1000,
    .retained_maximum = 100000,
    .packet_maximum = 262144,
    .receive_maximum = 100,
    .inflight_maximum = 100,
    .topic_alias_maximum = 16,
    .session_expiry_maximum_s = 86400,
    .connect_limit = 10 * SIM_SECOND,
};

/* ---- tables ---- */

uint64_t cloud_broker_hash(const cloud_broker *b, net_mqtt_span a, net_mqtt_span c) {
    sim_fingerprint f;
    sim_fingerprint_init(&f);
    sim_fingerprint_word(&f, b->settings.secret);
    sim_fingerprint_bytes(&f, a.bytes, a.n);
    sim_fingerprint_bytes(&f, c.bytes, c.n);
    return f.value;
}

int cloud_broker_table_put(cloud_broker_table *t, void *item, sim_id *id) {
    int error = sim_slots_take(&t->slots, id);
    if (error != 0) return error;
    if (id->slot >= t->room) {
        size_t room = 2 * (size_t)id->slot + 16;
        void **items = sim_realloc(t->items, room * sizeof *items);
        if (items == NULL) {
            SIM_PROMISE(sim_slots_give_back(&t->slots, *id) == 0);
            return SIM_ENOMEM;
        }
        for (size_t i = t->room; i < room; i++) items[i] = NULL;
        t->items = items;
        t->room = room;
    }
    t->items[id->slot] = item;
    return 0;
}

void *cloud_broker_table_at(const cloud_broker_table *t, uint32_t slot) {
    return slot < t->room ? t->items[slot] : NULL;
}

void cloud_broker_table_remove(cloud_broker_table *t, sim_id id) {
    t->items[id.slot] = NULL;
    SIM_PROMISE(sim_slots_give_back(&t->slots, id) == 0);
}

static void table_deinit(cloud_broker_table *t) {
    sim_slots_deinit(&t->slots);
    sim_free(t->items);
}

/* ---- sending ---- */

uint8_t *cloud_broker_room(cloud_broker *b, size_t n) {
    if (n <= b->scratch_room) return b->scratch;
    uint8_t *scratch = sim_realloc(b->scratch, n + n / 2);
    if (scratch == NULL) return NULL;
    b->scratch = scratch;
    b->scratch_room = n + n / 2;
    return scratch;
}

bool cloud_broker_send(cloud_broker *b, cloud_broker_connection *c, const net_mqtt_packet *p) {
    size_t n = net_mqtt_size(c->version, p);
    if (c->closing || (b->withheld >> p->type & 1) != 0) return true;
    if (n == 0 || n > c->packet_maximum) return false;
    uint8_t *bytes = cloud_broker_room(b, n);
    if (bytes == NULL) return false;
    b->calls->send(c->owner, bytes, net_mqtt_write(c->version, p, bytes));
    return true;
}

void cloud_broker_close(cloud_broker *b, cloud_broker_connection *c) {
    if (c->closing) return;
    c->closing = true;
    b->calls->close(c->owner);
}

/* Before a CONNECT was accepted there is nobody whom a DISCONNECT could be for. */
static void tell_why(cloud_broker *b, cloud_broker_connection *c, uint8_t reason) {
    const net_mqtt_packet p = {.type = NET_MQTT_DISCONNECT, .reason = reason};
    if (c->session != NULL && c->version == NET_MQTT_5) (void)cloud_broker_send(b, c, &p);
}

static void end_connection(cloud_broker *b, cloud_broker_connection *c, uint8_t reason) {
    if (c->closing) return;
    tell_why(b, c, reason);
    cloud_broker_close(b, c);
    if (c->session != NULL) cloud_broker_session_detach(b, c->session, true);
}

void cloud_broker_fail(cloud_broker *b, cloud_broker_connection *c, uint8_t reason) {
    if (!c->closing) b->counts.broken++;
    end_connection(b, c, reason);
}

/* ---- timers ---- */

/* Without memory for an event a deadline is missed: the connection stays until it ends itself. */
static void set(cloud_broker *b, sim_timer *timer, uint16_t kind, sim_id id, sim_time due) {
    const sim_event like = {
        .key = {.lane = SIM_LANE_TIMER}, .kind = kind, .target = id.slot, .payload = id.generation};
    (void)!sim_timer_set(timer, &b->queue, due, &like, &b->sequence);
}

void cloud_broker_set_connection_timer(cloud_broker *b, cloud_broker_connection *c, sim_time due) {
    set(b, &c->timer, EVENT_CONNECTION, c->id, due);
}

void cloud_broker_set_session_timer(cloud_broker *b, cloud_broker_session *s, sim_time due) {
    set(b, &s->timer, EVENT_SESSION, s->id, due);
}

/* The end of every verb. */
static void settle(cloud_broker *b) {
    const sim_event *head = sim_queue_head(&b->queue);
    sim_time due = head == NULL ? SIM_NEVER : head->key.at;
    if (due == b->told) return;
    b->told = due;
    b->calls->wake_at(b->context, due);
}

static void ring(cloud_broker *b, const sim_event *e) {
    const sim_id id = {e->target, (uint32_t)e->payload};
    bool connection = e->kind == EVENT_CONNECTION;
    const cloud_broker_table *t = connection ? &b->connections : &b->sessions;
    int error;
    if (!sim_slots_valid(&t->slots, id)) return;
    void *item = t->items[id.slot];
    sim_timer *timer = connection ? &((cloud_broker_connection *)item)->timer
                                  : &((cloud_broker_session *)item)->timer;
    if (!sim_timer_rings(timer, &b->queue, e, &b->sequence, &error)) return;
    if (connection)
        cloud_broker_fail(b, item, NET_MQTT_KEEP_ALIVE_TIMEOUT);
    else
        cloud_broker_session_wake(b, item);
}

void cloud_broker_wake(cloud_broker *b, sim_time now) {
    sim_event e;
    const sim_event *head;
    b->now = now;
    while ((head = sim_queue_head(&b->queue)) != NULL && head->key.at <= now) {
        if (sim_queue_pop(&b->queue, &e)) ring(b, &e);
    }
    settle(b);
}

/* ---- packets to their handlers ---- */

static void on_pingreq(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    const net_mqtt_packet answer = {.type = NET_MQTT_PINGRESP};
    (void)p;
    (void)cloud_broker_send(b, c, &answer);
}

/* What only a server sends, or what was not agreed upon (4.12). */
static void on_wrong(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    (void)p;
    cloud_broker_fail(b, c, NET_MQTT_PROTOCOL_ERROR);
}

static void (*const handlers[NET_MQTT_TYPES])(cloud_broker *b, cloud_broker_connection *c,
                                              net_mqtt_packet *p) = {
    [NET_MQTT_WILL] = on_wrong,
    [NET_MQTT_CONNECT] = on_wrong, /* a second one */
    [NET_MQTT_CONNACK] = on_wrong,
    [NET_MQTT_PUBLISH] = cloud_broker_on_publish,
    [NET_MQTT_PUBACK] = cloud_broker_on_puback,
    [NET_MQTT_PUBREC] = cloud_broker_on_pubrec,
    [NET_MQTT_PUBREL] = cloud_broker_on_pubrel,
    [NET_MQTT_PUBCOMP] = cloud_broker_on_pubcomp,
    [NET_MQTT_SUBSCRIBE] = cloud_broker_on_subscribe,
    [NET_MQTT_SUBACK] = on_wrong,
    [NET_MQTT_UNSUBSCRIBE] = cloud_broker_on_unsubscribe,
    [NET_MQTT_UNSUBACK] = on_wrong,
    [NET_MQTT_PINGREQ] = on_pingreq,
    [NET_MQTT_PINGRESP] = on_wrong,
    [NET_MQTT_DISCONNECT] = cloud_broker_on_disconnect,
    [NET_MQTT_AUTH] = on_wrong,
};

/* A refused CONNECT is answered when it says a version whose answers are known; version 3, whose
 * CONNACK is that of 3.1.1, among them. MQTT 3.1.1 has no code for what is malformed. */
static void refuse_connect(cloud_broker *b, cloud_broker_connection *c, const net_mqtt_packet *p,
                           uint8_t reason) {
    const net_mqtt_packet answer = {.type = NET_MQTT_CONNACK, .reason = reason};
    bool understood = p->version == NET_MQTT_5 || reason == NET_MQTT_UNSUPPORTED_PROTOCOL_VERSION;
    if (p->version != 0) c->version = p->version < NET_MQTT_5 ? NET_MQTT_3_1_1 : NET_MQTT_5;
    if (p->type == NET_MQTT_CONNECT && p->version != 0 && understood)
        (void)cloud_broker_send(b, c, &answer);
    cloud_broker_fail(b, c, reason);
}

static void handle(cloud_broker *b, cloud_broker_connection *c, net_mqtt_span bytes) {
    net_mqtt_packet p;
    uint8_t wrong = net_mqtt_read(c->version, bytes, &p);
    if (c->session == NULL) {
        if (wrong != 0 || p.type != NET_MQTT_CONNECT)
            refuse_connect(b, c, &p, wrong != 0 ? wrong : (uint8_t)NET_MQTT_PROTOCOL_ERROR);
        else
            cloud_broker_on_connect(b, c, &p);
        return;
    }
    if (c->keep_alive_s > 0)
        cloud_broker_set_connection_timer(
            b, c, sim_time_add(b->now, c->keep_alive_s * SIM_SECOND * 3 / 2));
    if (wrong != 0)
        cloud_broker_fail(b, c, wrong);
    else
        handlers[p.type](b, c, &p);
}

/* 3.1.0: it is not a CONNECT that comes first. Whatever length it says is not waited for. */
static bool begins_otherwise(const cloud_broker_connection *c, const uint8_t *bytes, size_t n) {
    return c->session == NULL && c->stream.n == 0 && n > 0 && bytes[0] != NET_MQTT_CONNECT << 4;
}

void cloud_broker_input(cloud_broker *b, sim_time now, cloud_broker_connection *c,
                        const uint8_t *bytes, size_t n) {
    net_mqtt_span left = {bytes, n}, packet;
    int more = begins_otherwise(c, bytes, n) ? SIM_EPARSE : 1;
    b->now = now;
    while (more == 1 && !c->closing) {
        more = net_mqtt_stream_next(&c->stream, &left, b->settings.packet_maximum, &packet);
        if (more == 1) handle(b, c, packet);
    }
    if (more == SIM_ERANGE) cloud_broker_fail(b, c, NET_MQTT_PACKET_TOO_LARGE);
    if (more == SIM_EPARSE) cloud_broker_fail(b, c, NET_MQTT_MALFORMED_PACKET);
    if (more == SIM_ENOMEM) end_connection(b, c, NET_MQTT_SERVER_BUSY);
    settle(b);
}

/* ---- connections ---- */

cloud_broker_connection *cloud_broker_open(cloud_broker *b, sim_time now, void *owner) {
    cloud_broker_connection *c = sim_calloc(1, sizeof *c);
    if (c == NULL) return NULL;
    c->broker = b;
    c->owner = owner;
    c->version = NET_MQTT_3_1_1;
    c->packet_maximum = UINT32_MAX;
    sim_timer_init(&c->timer);
    if (cloud_broker_table_put(&b->connections, c, &c->id) != 0) {
        sim_free(c);
        return NULL;
    }
    b->now = now;
    cloud_broker_set_connection_timer(b, c, sim_time_add(now, b->settings.connect_limit));
    settle(b);
    return c;
}

void cloud_broker_lost(cloud_broker *b, sim_time now, cloud_broker_connection *c) {
    b->now = now;
    c->closing = true; /* nothing is sent to who is gone */
    if (c->session != NULL) cloud_broker_session_detach(b, c->session, true);
    cloud_broker_forget_aliases(b, c);
    cloud_broker_forget_named(c);
    net_parts_deinit(&c->stream);
    cloud_broker_table_remove(&b->connections, c->id);
    sim_free(c);
    settle(b);
}

void cloud_broker_end(cloud_broker *b, sim_time now, cloud_broker_connection *c, uint8_t reason) {
    b->now = now;
    end_connection(b, c, reason);
    settle(b);
}

/* ---- begin, end ---- */

cloud_broker *cloud_broker_new(const cloud_broker_settings *settings,
                               const cloud_broker_calls *calls, void *context) {
    cloud_broker *b = sim_calloc(1, sizeof *b);
    if (b == NULL) return NULL;
    b->settings = *settings;
    b->calls = calls;
    b->context = context;
    b->told = SIM_NEVER;
    sim_slots_init(&b->connections.slots, UINT32_MAX - 1);
    sim_slots_init(&b->sessions.slots, settings->sessions_maximum);
    sim_slots_init(&b->topics.slots, UINT32_MAX - 1);
    sim_slots_init(&b->retained.slots, settings->retained_maximum);
    sim_map_init(&b->session_by_id);
    sim_map_init(&b->topic_by_filter);
    sim_map_init(&b->retained_by_topic);
    sim_queue_init(&b->queue);
    return b;
}

void cloud_broker_withhold(cloud_broker *b, uint32_t types) {
    b->withheld = types;
}

void cloud_broker_forget(cloud_broker *b) {
    SIM_PROMISE(b->connections.slots.live == 0);
    for (uint32_t i = 0; i < b->sessions.room; i++) {
        if (b->sessions.items[i] != NULL) cloud_broker_session_free(b, b->sessions.items[i]);
    }
    cloud_broker_retained_drop(b);
}

void cloud_broker_free(cloud_broker *b) {
    if (b == NULL) return;
    cloud_broker_forget(b);
    table_deinit(&b->connections);
    table_deinit(&b->sessions);
    table_deinit(&b->topics);
    table_deinit(&b->retained);
    sim_map_deinit(&b->session_by_id);
    sim_map_deinit(&b->topic_by_filter);
    sim_map_deinit(&b->retained_by_topic);
    sim_queue_deinit(&b->queue);
    sim_free(b->scanned);
    sim_free(b->scratch);
    sim_free(b);
}

/* ---- the cloud's own messages ---- */

void cloud_broker_publish(cloud_broker *b, sim_time now, const net_mqtt_packet *p) {
    b->now = now;
    cloud_broker_message *m =
        cloud_broker_message_new(b, p->topic, p->payload, p->qos, &p->properties);
    if (m == NULL) {
        b->counts.lost++;
        return;
    }
    if (p->retain) (void)cloud_broker_retain(b, m);
    (void)cloud_broker_route(b, m, NULL, p->retain);
    cloud_broker_message_release(m);
}

void cloud_broker_tell(cloud_broker *b, sim_time now, cloud_broker_connection *c,
                       const net_mqtt_packet *p) {
    const cloud_broker_terms terms = {.qos = p->qos, .retain = p->retain};
    b->now = now;
    if (c->session == NULL) return;
    cloud_broker_message *m =
        cloud_broker_message_new(b, p->topic, p->payload, p->qos, &p->properties);
    if (m == NULL) {
        b->counts.lost++;
        return;
    }
    cloud_broker_deliver(b, c->session, m, &terms);
    cloud_broker_message_release(m);
}

const cloud_broker_counts *cloud_broker_count(const cloud_broker *b) {
    cloud_broker_counts *counts = &((cloud_broker *)(uintptr_t)b)->counts;
    counts->sessions = b->sessions.slots.live;
    counts->connections = b->connections.slots.live;
    return counts;
}
