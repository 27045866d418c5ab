/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_door_mqtt.c - devices that speak MQTT with the built-in cloud: who they are, what they say
 * and are told, and what becomes of them when the cloud is over its capacity. */
#include <stdio.h>
#include <string.h>

#include "net/dialect.h"
#include "net/manifest.h"
#include "net/mqtt_packet.h"
#include "sim/cli/dialect.h"
#include "sim/cloud/door.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

enum { CLIENTS = 4, OUT = 8192 };

typedef struct client {
    uint8_t out[OUT];
    size_t n, read;
    bool closed, reset;
    uint32_t online, busy, refused; /* outcomes of its attempt */
} client;

typedef struct world {
    cloud_door *door;
    cloud_service service;
    client clients[CLIENTS];
    sim_time now, due[8]; /* by slot of the timer */
    uint32_t generation[8];
    cloud_fate fate;
    bool up[CLIENTS];
    uint32_t reports, records, refused; /* `refused`: device number + 1 */
    size_t bytes;
    double desired;
    const cloud_update *update; /* offered to all */
    uint32_t changes[2];        /* overtaken, made */
} world;

static world w;
static const uint8_t own_key[] = "0123456789abcdef";

static net_mqtt_span text(const char *s) {
    return (net_mqtt_span){(const uint8_t *)s, strlen(s)};
}

static net_address address_of(int i) {
    net_address a = {.port = (uint16_t)(1000 + i)};
    a.ip[15] = (uint8_t)i;
    return a;
}

/* ---- what the door asks ---- */

static void on_send(void *context, const net_address *to, const uint8_t *bytes, size_t n) {
    client *c = &w.clients[to->ip[15]];
    (void)context;
    assert_true(c->n + n <= OUT && !c->closed);
    memcpy(c->out + c->n, bytes, n);
    c->n += n;
}

static void on_wake_at(void *context, sim_id timer, sim_time due) {
    (void)context;
    uint32_t place = timer.generation == 0 ? 7 : timer.slot;
    w.due[place] = due;
    w.generation[place] = timer.generation;
}

static size_t on_who(void *context, const char *identity, uint32_t *device,
                     uint8_t key[NET_SECURE_KEY_MAX]) {
    unsigned number;
    char end;
    (void)context;
    if (sscanf(identity, "bs-%u%c", &number, &end) != 1 || number >= CLIENTS) return 0;
    *device = number;
    memcpy(key, own_key, 16);
    return 16;
}

static void on_close(void *context, const net_address *to, bool reset) {
    client *c = &w.clients[to->ip[15]];
    (void)context;
    assert_false(c->closed);
    c->closed = true;
    c->reset = reset;
}

static void on_outcome(void *context, const net_address *from, record_outcome outcome) {
    client *c = &w.clients[from->ip[15]];
    (void)context;
    if (outcome == RECORD_OUTCOME_ONLINE) c->online++;
    if (outcome == RECORD_OUTCOME_BUSY) c->busy++;
    if (outcome == RECORD_OUTCOME_REFUSED) c->refused++;
}

static void on_session(void *context, uint32_t device, const net_address *from, bool up,
                       sim_time heard) {
    (void)context;
    (void)from;
    (void)heard;
    assert_int_not_equal(w.up[device], up);
    w.up[device] = up;
}

static void on_refused(void *context, uint32_t device) {
    (void)context;
    w.refused = device + 1;
}

static void on_report(void *context, uint32_t device, const net_senml_pack *pack, size_t bytes) {
    (void)context;
    (void)device;
    w.reports++;
    w.records += pack == NULL ? 0 : (uint32_t)pack->count;
    w.bytes = bytes;
}

static double on_desired(void *context, uint32_t device) {
    (void)context;
    return w.desired + device;
}

static const cloud_update *on_update(void *context, uint32_t device) {
    (void)context;
    (void)device;
    return w.update;
}

static void on_change(void *context, uint32_t device, bool made) {
    (void)context;
    (void)device;
    w.changes[made]++;
}

static const cloud_door_calls calls = {on_send, on_wake_at, on_who, on_close};
static const cloud_service_calls service_calls = {.desired = on_desired, .update = on_update};
static const cloud_observer observer = {.outcome = on_outcome,
                                        .session = on_session,
                                        .refused = on_refused,
                                        .report = on_report,
                                        .change = on_change};

/* ---- steps ---- */

/* In the place of a backend whose dialect that is. */
static net_backend backend;

static void begin(bool required, uint32_t peers, sim_time close_after) {
    const cloud_door_settings settings = {.peers_maximum = peers,
                                          .backend = backend.dialect == NULL ? NULL : &backend,
                                          .identities_required = required,
                                          .report_topics = {"example_data"},
                                          .seed = 1};
    w = (world){.desired = 20};
    for (int i = 0; i < 8; i++) w.due[i] = SIM_NEVER;
    cloud_service_init(&w.service, 30, close_after, &service_calls, &observer, &w);
    w.door = cloud_door_mqtt.make(&settings, NULL, &w.service, &calls, &w);
    assert_non_null(w.door);
}

static int usual(void **state) {
    (void)state;
    begin(false, CLIENTS, 0);
    return 0;
}

static void begin_in(const char *dialect) {
    char why[256] = "";
    backend = (net_backend){.host = "cloud", .built_in = true};
    backend.dialect = cli_dialect_parse(dialect, strlen(dialect), why, sizeof why);
    if (backend.dialect == NULL) fail_msg("%s", why);
    begin(false, CLIENTS, 0);
}

static int strict(void **state) {
    (void)state;
    begin(true, CLIENTS, 0);
    return 0;
}

static int end(void **state) {
    (void)state;
    cloud_door_free(w.door);
    cli_dialect_free(backend.dialect);
    backend = (net_backend){0};
    for (int i = 0; i < CLIENTS; i++) assert_false(w.up[i]); /* told of every session's end */
    return 0;
}

static void pass(sim_time span) {
    sim_time until = w.now + span;
    for (bool more = true; more;) {
        uint32_t first = 0;
        for (uint32_t i = 1; i < 8; i++) first = w.due[i] < w.due[first] ? i : first;
        more = w.due[first] <= until;
        if (!more) break;
        w.now = sim_time_max(w.now, w.due[first]);
        w.due[first] = SIM_NEVER;
        cloud_door_mqtt.wake(w.door, w.now, (sim_id){first == 7 ? 0 : first, w.generation[first]});
    }
    w.now = until;
}

static void open_connection(int i) {
    const net_address from = address_of(i);
    w.clients[i] = (client){0};
    assert_int_equal(cloud_door_mqtt.input(w.door, w.now, &from, NULL, 0, w.fate), 0);
}

static void send(int i, net_mqtt_level version, const net_mqtt_packet *p) {
    const net_address from = address_of(i);
    uint8_t bytes[1024];
    size_t n = net_mqtt_write(version, p, bytes);
    assert_int_equal(cloud_door_mqtt.input(w.door, w.now, &from, bytes, n, w.fate), 0);
}

static void lose(int i) {
    const net_address from = address_of(i);
    cloud_door_mqtt.ended(w.door, w.now, &from);
}

static bool next(int i, net_mqtt_level version, net_mqtt_packet *p) {
    client *c = &w.clients[i];
    net_mqtt_stream stream = {0};
    net_mqtt_span left = {c->out + c->read, c->n - c->read}, packet;
    if (left.n == 0) return false;
    assert_int_equal(net_mqtt_stream_next(&stream, &left, OUT, &packet), 1);
    assert_int_equal(net_mqtt_read(version, packet, p), 0);
    c->read += packet.n;
    return true;
}

static net_mqtt_packet expect(int i, net_mqtt_type type) {
    net_mqtt_packet p = {0};
    assert_true(next(i, NET_MQTT_5, &p));
    assert_int_equal(p.type, type);
    return p;
}

static void expect_nothing(int i) {
    net_mqtt_packet p;
    assert_false(next(i, NET_MQTT_5, &p));
}

static uint8_t connect_as(int i, const char *id, const char *user, const char *password) {
    net_mqtt_packet p = {.type = NET_MQTT_CONNECT, .clean_start = true, .client_id = text(id)};
    p.has_user_name = user != NULL;
    if (user != NULL) p.user_name = text(user);
    p.has_password = password != NULL;
    if (password != NULL) p.password = text(password);
    open_connection(i);
    send(i, NET_MQTT_5, &p);
    return expect(i, NET_MQTT_CONNACK).reason;
}

static uint8_t publish(int i, const char *topic, net_mqtt_span payload) {
    const net_mqtt_packet p = {
        .type = NET_MQTT_PUBLISH, .id = 5, .qos = 1, .topic = text(topic), .payload = payload};
    send(i, NET_MQTT_5, &p);
    return expect(i, NET_MQTT_PUBACK).reason;
}

static uint8_t subscribe(int i, const char *filter) {
    uint8_t list[80];
    uint8_t *at = net_mqtt_put_number(net_mqtt_put_data(list, text(filter)), 1, 1);
    net_mqtt_packet p = {.type = NET_MQTT_SUBSCRIBE, .id = 1, .list = {list, (size_t)(at - list)}};
    send(i, NET_MQTT_5, &p);
    return expect(i, NET_MQTT_SUBACK).list.bytes[0];
}

static void expect_text(int i, const char *payload, bool retain) {
    net_mqtt_packet p = expect(i, NET_MQTT_PUBLISH);
    assert_int_equal(p.payload.n, strlen(payload));
    assert_memory_equal(p.payload.bytes, payload, p.payload.n);
    assert_int_equal(p.retain, retain);
    net_mqtt_packet ack = {.type = NET_MQTT_PUBACK, .id = p.id};
    send(i, NET_MQTT_5, &ack);
}

/* ---- tests ---- */

static void devices_register(void **state) {
    (void)state;
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), 0);
    assert_true(w.up[0]);
    assert_int_equal(w.clients[0].online, 1);
    assert_int_equal(connect_as(1, "any", "bs-1", "0123456789abcdef"), 0);
    assert_true(w.up[1]);
    assert_int_equal(connect_as(2, "viewer", NULL, NULL), 0);
    assert_int_equal(w.clients[2].online, 0);
    assert_int_equal(w.service.counts.registrations, 2);
    assert_int_equal(connect_as(3, "any", "bs-3", "wrong"), NET_MQTT_BAD_USER_NAME_OR_PASSWORD);
    assert_int_equal(w.refused, 4);
    assert_true(w.clients[3].closed && !w.up[3]);
    lose(0);
    assert_false(w.up[0]);
}

static void proof_is_required(void **state) {
    (void)state;
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), NET_MQTT_BAD_USER_NAME_OR_PASSWORD);
    assert_int_equal(connect_as(0, "x", "nobody", "y"), NET_MQTT_BAD_USER_NAME_OR_PASSWORD);
    assert_int_equal(connect_as(0, "x", "bs-0", "0123456789abcdeF"),
                     NET_MQTT_BAD_USER_NAME_OR_PASSWORD);
    assert_int_equal(w.clients[0].refused, 1);
    assert_int_equal(connect_as(0, "x", "bs-0", "0123456789abcdef"), 0);
    assert_int_equal(connect_as(1, "x1", "bs-1", "30313233343536373839616263646566"), 0);
    assert_int_equal(connect_as(2, "x2", "bs-2", "30313233343536373839616263646567"),
                     NET_MQTT_BAD_USER_NAME_OR_PASSWORD);
    const cloud_door_counts *counts = cloud_door_mqtt.count(w.door);
    assert_int_equal(counts->unknown_identity, 1);
    assert_int_equal(counts->wrong_key, 3);
    assert_int_equal(counts->peers, 2);
}

static void telemetry(void **state) {
    (void)state;
    net_senml_pack pack = {.records = {{.name = "temp", .unit = "Cel", .value = 21.5}}, .count = 1};
    uint8_t cbor[128];
    size_t n;
    assert_int_equal(net_senml_write(&pack, cbor, sizeof cbor, &n), 0);
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), 0);
    assert_int_equal(connect_as(1, "viewer", NULL, NULL), 0);
    assert_int_equal(subscribe(1, "t/#"), 1);
    assert_int_equal(publish(0, "t/bs-0", (net_mqtt_span){cbor, n}), 0);
    assert_true(w.reports == 1 && w.records == 1 && w.bytes == n);
    assert_int_equal(expect(1, NET_MQTT_PUBLISH).payload.n, n);
    assert_int_equal(publish(0, "example_data", text("21.5")), NET_MQTT_NO_MATCHING_SUBSCRIBERS);
    assert_true(w.reports == 2 && w.records == 1);
    assert_int_equal(publish(0, "t", (net_mqtt_span){cbor, n - 1}),
                     NET_MQTT_PAYLOAD_FORMAT_INVALID);
    assert_int_equal(publish(0, "t/bs-1", text("x")), NET_MQTT_NOT_AUTHORIZED);
    assert_int_equal(publish(0, "c/bs-0", text("x")), NET_MQTT_NOT_AUTHORIZED);
    assert_int_equal(publish(0, "free", text("x")), NET_MQTT_NO_MATCHING_SUBSCRIBERS);
    assert_int_equal(publish(0, "tea", text("x")), NET_MQTT_NO_MATCHING_SUBSCRIBERS);
    assert_int_equal(w.reports, 2);
    assert_int_equal(w.service.counts.forbidden, 2);
}

static void what_is_wanted(void **state) {
    (void)state;
    assert_int_equal(connect_as(1, "bs-1", NULL, NULL), 0);
    assert_int_equal(connect_as(2, "viewer", NULL, NULL), 0);
    assert_int_equal(subscribe(2, "#"), 1);
    assert_int_equal(subscribe(1, "s/bs-1"), 1);
    expect_text(1, "21.00", true);
    w.desired = 22;
    cloud_door_mqtt.notify(w.door, w.now, 1);
    expect_text(1, "23.00", false);
    assert_int_equal(subscribe(1, "c/bs-1"), 1);
    expect_text(1, "set-point 23.00", true);
    assert_int_equal(subscribe(1, "s/bs-0"), NET_MQTT_NOT_AUTHORIZED);
    assert_int_equal(subscribe(1, "c/#"), NET_MQTT_NOT_AUTHORIZED);
    assert_int_equal(subscribe(2, "c/viewer"), NET_MQTT_NOT_AUTHORIZED);
    cloud_door_mqtt.notify(w.door, w.now, 0); /* is not there */
    expect_nothing(1);
    expect_nothing(2); /* a wildcard does not show it */
}

/* A request of MQTT 5 (4.10), or with an edition a change: its reason, and what was answered. */
static uint8_t request(int i, const char *topic, const char *payload, const char *answer_topic,
                       const char *number, uint32_t edition, net_mqtt_packet *answer) {
    uint8_t pair[NET_MQTT_EDITION_MAX];
    net_mqtt_packet p = {.type = NET_MQTT_PUBLISH,
                         .id = 5,
                         .qos = 1,
                         .topic = text(topic),
                         .payload = text(payload)};
    if (answer_topic != NULL)
        net_mqtt_set_text(&p.properties, NET_MQTT_RESPONSE_TOPIC, text(answer_topic));
    if (number != NULL) net_mqtt_set_text(&p.properties, NET_MQTT_CORRELATION_DATA, text(number));
    if (edition != 0)
        p.properties.repeated[0] = (net_mqtt_span){pair, net_mqtt_edition_write(edition, pair)};
    *answer = (net_mqtt_packet){0};
    send(i, NET_MQTT_5, &p);
    net_mqtt_packet got;
    assert_true(next(i, NET_MQTT_5, &got));
    if (got.type == NET_MQTT_PUBLISH) {
        *answer = got;
        got = expect(i, NET_MQTT_PUBACK);
    }
    assert_int_equal(got.type, NET_MQTT_PUBACK);
    return got.reason;
}

static const cloud_update *an_update(void) {
    static union {
        cloud_update update;
        uint8_t room[sizeof(cloud_update) + 1500];
    } u;
    u.update = (cloud_update){.model = "plug", .announced = 2, .version = 2, .size = 1500};
    memset(u.update.manifest, 'M', sizeof u.update.manifest);
    memset(u.room + sizeof u.update, 'I', 1500);
    return &u.update;
}

static void updates_are_asked_for(void **state) {
    (void)state;
    net_mqtt_packet answer;
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), 0);
    assert_int_equal(subscribe(0, "a/bs-0"), 1);
    assert_int_equal(request(0, "fw/plug", "", "a/bs-0", "77", 0, &answer),
                     NET_MQTT_TOPIC_NAME_INVALID); /* none is offered */
    w.update = an_update();
    assert_true(request(0, "fw/plug", "", "a/bs-0", "78", 0, &answer) < 0x80);
    assert_true(answer.qos == 0 && answer.payload.n == NET_MANIFEST_SIZE);
    assert_int_equal(answer.payload.bytes[0], 'M');
    assert_memory_equal(answer.properties.text[NET_MQTT_CORRELATION_DATA].bytes, "78", 2);
    assert_true(request(0, "fw/plug", "v=2&block=1", "a/bs-0", NULL, 0, &answer) < 0x80);
    assert_int_equal(answer.payload.n, 1500 - NET_MANIFEST_BLOCK);
    assert_int_equal(answer.payload.bytes[0], 'I');
    assert_false(net_mqtt_has(&answer.properties, NET_MQTT_CORRELATION_DATA));
    static const struct {
        const char *topic, *payload, *answer_topic;
        uint8_t reason;
    } wrong[] = {
        {"fw/plug", "v=2&block=9", "a/bs-0", NET_MQTT_TOPIC_NAME_INVALID},
        {"fw/plug", "v=3&block=0", "a/bs-0", NET_MQTT_TOPIC_NAME_INVALID},
        {"fw/plug", "block=0", "a/bs-0", NET_MQTT_PAYLOAD_FORMAT_INVALID},
        {"fw/plug", "v=2&block=1, and some more words than fit", "a/bs-0",
         NET_MQTT_PAYLOAD_FORMAT_INVALID},
        {"fw/other", "", "a/bs-0", NET_MQTT_TOPIC_NAME_INVALID},
        {"fw/a-model-with-a-name-longer-than-any", "", "a/bs-0", NET_MQTT_TOPIC_NAME_INVALID},
        {"fw/plug", "", "a/bs-1", NET_MQTT_IMPLEMENTATION_SPECIFIC_ERROR},
        {"fw/plug", "", NULL, NET_MQTT_NO_MATCHING_SUBSCRIBERS}, /* a message like any */
        {"fw", "", "a/bs-0", NET_MQTT_NO_MATCHING_SUBSCRIBERS}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(
            request(0, wrong[i].topic, wrong[i].payload, wrong[i].answer_topic, "1", 0, &answer),
            wrong[i].reason);
        assert_int_equal(answer.type, 0);
    }
    assert_int_equal(connect_as(2, "viewer", NULL, NULL), 0); /* no device: nothing is offered */
    assert_int_equal(subscribe(2, "a/viewer"), 1);
    assert_int_equal(request(2, "fw/plug", "", "a/viewer", "1", 0, &answer),
                     NET_MQTT_TOPIC_NAME_INVALID);
    w.fate = CLOUD_FATE_BUSY;
    assert_int_equal(request(0, "fw/plug", "", "a/bs-0", "1", 0, &answer), NET_MQTT_QUOTA_EXCEEDED);
}

static void a_value_is_shared(void **state) {
    (void)state;
    net_mqtt_packet answer;
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), 0);
    assert_int_equal(subscribe(0, "a/bs-0"), 1);
    assert_true(request(0, "v", "", "a/bs-0", "1", 0, &answer) < 0x80);
    assert_int_equal(net_mqtt_edition_read(&answer.properties), 1);
    assert_memory_equal(answer.payload.bytes, "0", 1);
    assert_true(request(0, "v", "5", NULL, NULL, 1, &answer) < 0x80);
    assert_int_equal(request(0, "v", "6", NULL, NULL, 1, &answer),
                     NET_MQTT_IMPLEMENTATION_SPECIFIC_ERROR); /* overtaken */
    assert_int_equal(request(0, "v", "six", NULL, NULL, 2, &answer),
                     NET_MQTT_PAYLOAD_FORMAT_INVALID);
    assert_true(request(0, "v", "", "a/bs-0", "2", 0, &answer) < 0x80);
    assert_int_equal(net_mqtt_edition_read(&answer.properties), 2);
    assert_memory_equal(answer.payload.bytes, "5", 1);
    assert_true(w.changes[0] == 1 && w.changes[1] == 1);
    assert_int_equal(connect_as(2, "viewer", NULL, NULL), 0); /* has not registered */
    assert_int_equal(subscribe(2, "a/viewer"), 1);
    assert_int_equal(request(2, "v", "", "a/viewer", "1", 0, &answer), NET_MQTT_NOT_AUTHORIZED);
    assert_int_equal(publish(0, "v", text("9")), NET_MQTT_NO_MATCHING_SUBSCRIBERS);
}

static void what_is_an_edition(void **state) {
    (void)state;
    static const struct {
        const char *digits;
        uint32_t edition;
    } rows[] = {{"1", 1},           {"4294967295", UINT32_MAX},
                {"4294967296", 0},  {"", 0},
                {"99999999999", 0}, {"-1", 0},
                {"7 ", 0},          {"0", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(net_mqtt_edition_of(text(rows[i].digits)), rows[i].edition);
    net_mqtt_properties p = {0}; /* another pair, then ours */
    p.raw = (net_mqtt_span){(const uint8_t *)"\x26\0\1a\0\1" "7" "\x26\0\7edition\0\1" "3", 20};
    assert_int_equal(net_mqtt_edition_read(&p), 3);
    p.raw.n = 7;
    assert_int_equal(net_mqtt_edition_read(&p), 0);
}

static void sessions_go_on(void **state) {
    (void)state;
    net_mqtt_packet p = {.type = NET_MQTT_CONNECT, .client_id = text("bs-1")};
    net_mqtt_set_number(&p.properties, NET_MQTT_SESSION_EXPIRY_INTERVAL, 60);
    open_connection(1);
    send(1, NET_MQTT_5, &p);
    assert_false(expect(1, NET_MQTT_CONNACK).session_present);
    assert_int_equal(subscribe(1, "s/bs-1"), 1);
    expect_text(1, "21.00", true);
    lose(1);
    w.desired = 25;
    cloud_door_mqtt.notify(w.door, w.now, 1);
    open_connection(1);
    send(1, NET_MQTT_5, &p);
    assert_true(expect(1, NET_MQTT_CONNACK).session_present);
    expect_text(1, "26.00", true);
}

static void over_capacity(void **state) {
    (void)state;
    w.fate = CLOUD_FATE_BUSY;
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), NET_MQTT_SERVER_BUSY);
    assert_true(w.clients[0].closed && w.clients[0].busy == 1);
    w.fate = CLOUD_FATE_ADMIT;
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), 0);
    w.fate = CLOUD_FATE_BUSY;
    assert_int_equal(publish(0, "t", text("x")), NET_MQTT_QUOTA_EXCEEDED);
    assert_int_equal(publish(0, "free", text("x")), NET_MQTT_QUOTA_EXCEEDED);
    assert_int_equal(subscribe(0, "x"), NET_MQTT_QUOTA_EXCEEDED);
    w.fate = CLOUD_FATE_DROP;
    const net_mqtt_packet p = {
        .type = NET_MQTT_PUBLISH, .id = 5, .qos = 1, .topic = text("t"), .payload = text("x")};
    send(0, NET_MQTT_5, &p);
    expect_nothing(0);
    assert_int_equal(w.reports, 0);
    static const uint8_t words[] = {[CLOUD_BUSY_USUAL] = 0x89,
                                    [CLOUD_BUSY_UNAVAILABLE] = 0x88,
                                    [CLOUD_BUSY_QUOTA] = 0x97,
                                    [CLOUD_BUSY_RATE] = 0x9F};
    for (size_t i = 0; i < sizeof words; i++) {
        w.fate = CLOUD_FATE_BUSY;
        w.service.busy = (cloud_busy)i;
        assert_int_equal(connect_as(3, "bs-3", NULL, NULL), words[i]);
    }
    w.fate = CLOUD_FATE_RESTART;
    send(0, NET_MQTT_5, &p);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_SERVER_BUSY);
    assert_true(w.clients[0].closed && !w.up[0]);
}

static void too_many(void **state) {
    (void)state;
    begin(false, 2, 0);
    for (int i = 0; i < 2; i++) assert_int_equal(connect_as(i, i == 0 ? "a" : "b", NULL, NULL), 0);
    open_connection(2);
    assert_true(w.clients[2].closed && w.clients[2].reset);
    assert_int_equal(cloud_door_mqtt.count(w.door)->peers_refused, 1);
    lose(0);
    open_connection(2);
    assert_false(w.clients[2].closed);
}

static void replaced(void **state) {
    (void)state;
    assert_int_equal(connect_as(0, "bs-1", NULL, NULL), 0);
    assert_int_equal(connect_as(1, "bs-1", NULL, NULL), 0);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_SESSION_TAKEN_OVER);
    assert_int_equal(connect_as(2, "else", "bs-1", NULL), 0);
    assert_int_equal(expect(1, NET_MQTT_DISCONNECT).reason, NET_MQTT_SESSION_TAKEN_OVER);
    assert_true(w.clients[0].closed && w.clients[1].closed && !w.clients[2].closed && w.up[1]);
    assert_int_equal(cloud_door_mqtt.count(w.door)->sessions_replaced, 1);
}

static void accept_then_close(void **state) {
    (void)state;
    begin(false, CLIENTS, 20 * SIM_SECOND);
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), 0);
    pass(19 * SIM_SECOND);
    assert_false(w.clients[0].closed);
    pass(2 * SIM_SECOND);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_MAXIMUM_CONNECT_TIME);
    assert_true(w.clients[0].closed);
    assert_int_equal(connect_as(1, "bs-1", NULL, NULL), 0);
    w.service.close_after = SIM_SECOND;
    cloud_door_mqtt.expire(w.door, w.now);
    assert_true(w.clients[1].closed);
}

static void accept_then_reset(void **state) {
    (void)state;
    begin(false, CLIENTS, SIM_SECOND);
    w.service.resets = true;
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), 0);
    pass(2 * SIM_SECOND);
    assert_true(w.clients[0].closed && w.clients[0].reset && !w.up[0]);
    expect_nothing(0); /* nobody said why */
    assert_int_equal(cloud_door_mqtt.count(w.door)->closed, 1);
}

static void the_cloud_forgets(void **state) {
    (void)state;
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), 0);
    assert_int_equal(connect_as(1, "bs-1", NULL, NULL), 0);
    cloud_door_mqtt.forget(w.door, w.now, true);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_SERVER_SHUTTING_DOWN);
    assert_true(w.clients[0].closed && w.clients[1].closed && !w.up[0]);
    net_mqtt_packet will = {.type = NET_MQTT_CONNECT,
                            .client_id = text("bs-2"),
                            .will = {.present = true, .topic = text("gone")}};
    open_connection(2);
    send(2, NET_MQTT_5, &will);
    (void)expect(2, NET_MQTT_CONNACK);
    assert_int_equal(connect_as(3, "viewer", NULL, NULL), 0);
    assert_int_equal(subscribe(3, "gone"), 1);
    cloud_door_mqtt.forget(w.door, w.now, false);
    expect_nothing(3);
    assert_int_equal(cloud_door_mqtt.count(w.door)->peers, 0);
    const net_address from = address_of(3);
    assert_false(cloud_door_mqtt.knows(w.door, &from, NULL));
}

static void what_bytes_show(void **state) {
    (void)state;
    static const uint8_t connect[] = {0x10, 0}, publication[] = {0x32, 0}, ping[] = {0xc0, 0};
    cloud_glance g = cloud_door_mqtt.look(7, NULL, 0);
    assert_true(g.demand == CLOUD_DEMAND_CONNECTION && g.later == CLOUD_DEMAND_NOTHING);
    assert_true(g.proven && g.port == 7);
    assert_int_not_equal(g.tag, cloud_door_mqtt.look(8, NULL, 0).tag);
    assert_int_equal(cloud_door_mqtt.look(7, connect, 2).demand, CLOUD_DEMAND_REQUEST);
    assert_int_equal(cloud_door_mqtt.look(7, publication, 2).demand, CLOUD_DEMAND_REQUEST);
    assert_int_equal(cloud_door_mqtt.look(7, ping, 2).demand, CLOUD_DEMAND_NOTHING);
}

#define TEST(name, how) cmocka_unit_test_setup_teardown(name, how, end)

/* ---- dialects ---- */

static int shadows(void **state) {
    (void)state;
    begin_in(
        "{\"title\": \"t\", \"client_id\": \"x-${device}\", \"announce\": [{\"topic\": "
        "\"found/${device}\", \"payload\": \"${model}\", \"retain\": true}], \"report\": "
        "[{\"topic\": \"up/${device}\", \"payload\": {\"v\": \"${readings}\"}}], "
        "\"commands\": [{\"topic\": \"down/${device}/#\", \"word\": \"set-point\", \"at\": "
        "\"want.it\"}, {\"topic\": \"again/${device}\", \"word\": \"set-point\", "
        "\"values\": {\"HOT\": 21}}]}");
    return 0;
}

static void a_dialect_says_who_it_is(void **state) {
    (void)state;
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), 0); /* no name in this dialect */
    assert_false(w.up[0]);
    assert_int_equal(connect_as(1, "x-bs-1", "somebody", NULL), 0);
    assert_true(w.up[1] && w.clients[1].online == 1);
    assert_int_equal(publish(1, "up/bs-1", text("{\"v\": {\"a\": 1.5, \"b\": true}}")),
                     NET_MQTT_NO_MATCHING_SUBSCRIBERS);
    assert_true(w.reports == 1 && w.records == 2);
    assert_int_equal(publish(1, "up/bs-2", text("{\"v\": {\"a\": 1}}")), NET_MQTT_NOT_AUTHORIZED);
    assert_int_equal(subscribe(1, "down/bs-2/#"), NET_MQTT_NOT_AUTHORIZED);
    assert_int_equal(w.service.counts.forbidden, 2);
    assert_int_equal(publish(1, "up/bs-1", text("{\"v\": 1}")), NET_MQTT_NO_MATCHING_SUBSCRIBERS);
    assert_int_equal(w.reports, 1); /* nothing of the dialect's: a topic like any other */
}

static void a_topic_says_who_it_is(void **state) {
    (void)state;
    assert_int_equal(connect_as(2, "anybody", NULL, NULL), 0);
    assert_false(w.up[2]);
    assert_int_equal(publish(2, "up/bs-9", text("{\"v\": {\"a\": 1}}")), NET_MQTT_NOT_AUTHORIZED);
    assert_int_equal(publish(2, "up/bs-2", text("{\"v\": {\"a\": 1}}")),
                     NET_MQTT_NO_MATCHING_SUBSCRIBERS);
    assert_true(w.up[2] && w.clients[2].online == 1 && w.reports == 1);
    assert_int_equal(publish(2, "up/bs-1", text("{\"v\": {\"a\": 1}}")), NET_MQTT_NOT_AUTHORIZED);
}

static void a_dialect_has_commands(void **state) {
    (void)state;
    assert_int_equal(connect_as(1, "x-bs-1", NULL, NULL), 0);
    assert_int_equal(w.service.counts.desired_sent, 0); /* it follows nothing yet */
    assert_int_equal(subscribe(1, "down/bs-1/#"), 1);
    expect_text(1, "{\"want\":{\"it\":21}}", true);
    assert_int_equal(subscribe(1, "again/bs-1"), 1);
    expect_text(1, "HOT", true);
    w.desired = 17.5;
    cloud_door_mqtt.notify(w.door, w.now, 1);
    expect_text(1, "{\"want\":{\"it\":18.5}}", false); /* once, whatever it follows */
    expect_nothing(1);
    assert_int_equal(w.service.counts.desired_sent, 3);
}

static void what_is_announced_stays(void **state) {
    (void)state;
    net_mqtt_packet p = {.type = NET_MQTT_PUBLISH,
                         .id = 5,
                         .qos = 1,
                         .retain = true,
                         .topic = text("found/bs-1"),
                         .payload = text("bulb")};
    assert_int_equal(connect_as(1, "x-bs-1", NULL, NULL), 0);
    send(1, NET_MQTT_5, &p);
    assert_int_equal(expect(1, NET_MQTT_PUBACK).reason, NET_MQTT_NO_MATCHING_SUBSCRIBERS);
    assert_int_equal(connect_as(3, "viewer", NULL, NULL), 0);
    assert_int_equal(subscribe(3, "found/#"), 1);
    expect_text(3, "bulb", true);
}

static int in_parts(void **state) {
    (void)state;
    begin_in(
        "{\"title\": \"t\", \"report\": [{\"each\": true, \"topic\": "
        "\"up/${device}/${reading}\", \"payload\": \"${value}\"}]}");
    return 0;
}

static void a_report_in_parts(void **state) {
    (void)state;
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), 0);
    for (int round = 1; round <= 2; round++) {
        (void)publish(0, "up/bs-0/a", text("1"));
        (void)publish(0, "up/bs-0/b", text("true"));
        (void)publish(0, "up/bs-0/c", text("-2.5"));
        assert_int_equal(w.reports, round - 1);
        pass(2 * SIM_SECOND);
        assert_int_equal(w.reports, round);
        assert_int_equal(w.records, 3 * round);
    }
    for (int i = 0; i < 3; i++) (void)publish(0, "up/bs-0/a", text("1")); /* one after another */
    assert_true(w.reports == 4 && w.records == 8);
    lose(0); /* what was answered counts */
    assert_true(w.reports == 5 && w.records == 9);
}

static void parts_are_bounded(void **state) {
    (void)state;
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), 0);
    for (int i = 0; i < 5 * NET_SENML_RECORDS_MAX; i++) {
        char topic[32];
        (void)snprintf(topic, sizeof topic, "up/bs-0/a%d", i);
        (void)publish(0, topic, text("1"));
    }
    assert_int_equal(w.reports, 4);
    pass(SIM_SECOND);
    assert_int_equal(w.reports, 5);
    assert_int_equal(w.records, 5 * NET_SENML_RECORDS_MAX);
}

static int alike(void **state) {
    (void)state;
    begin_in(
        "{\"title\": \"t\", \"report\": [{\"topic\": \"me/up\", \"payload\": "
        "\"${readings}\", \"encoding\": \"json\"}], \"commands\": [{\"topic\": \"me/up\", "
        "\"word\": \"set-point\", \"at\": \"it\"}]}");
    return 0;
}

static void a_topic_of_all_is_private(void **state) {
    (void)state;
    assert_int_equal(connect_as(0, "bs-0", NULL, NULL), 0);
    assert_int_equal(connect_as(1, "bs-1", NULL, NULL), 0);
    assert_int_equal(subscribe(0, "me/up"), 1);
    expect_text(0, "{\"it\":20}", true);
    assert_int_equal(subscribe(1, "me/up"), 1);
    expect_text(1, "{\"it\":21}", true);
    assert_int_equal(publish(0, "me/up", text("{\"a\": 1}")), 0);
    assert_int_equal(w.reports, 1);
    expect_nothing(0);
    expect_nothing(1);
    w.fate = CLOUD_FATE_BUSY;
    assert_int_equal(publish(0, "me/up", text("{\"a\": 1}")), NET_MQTT_QUOTA_EXCEEDED);
    assert_int_equal(w.reports, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(devices_register, usual),
        TEST(proof_is_required, strict),
        TEST(telemetry, usual),
        TEST(what_is_wanted, usual),
        TEST(sessions_go_on, usual),
        TEST(over_capacity, usual),
        TEST(too_many, NULL),
        TEST(replaced, usual),
        TEST(accept_then_close, NULL),
        TEST(accept_then_reset, NULL),
        TEST(the_cloud_forgets, usual),
        TEST(what_bytes_show, usual),
        TEST(updates_are_asked_for, usual),
        TEST(a_dialect_says_who_it_is, shadows),
        TEST(a_topic_says_who_it_is, shadows),
        TEST(a_dialect_has_commands, shadows),
        TEST(what_is_announced_stays, shadows),
        TEST(a_report_in_parts, in_parts),
        TEST(parts_are_bounded, in_parts),
        TEST(a_topic_of_all_is_private, alike),
        TEST(a_value_is_shared, usual),
        cmocka_unit_test(what_is_an_edition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
