/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_broker.c - what MQTT says that a server must do, one normative statement after another. */
#include <string.h>

#include "tests/support/mqtt_room.h"
#include "tests/unit/every_allocation.h"

static mqtt_room room;

static net_mqtt_span text(const char *s) {
    return mqtt_room_text(s);
}

static int setup(void **state) {
    (void)state;
    return mqtt_room_init(&room, NULL) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    mqtt_room_deinit(&room);
    return 0;
}

/* ---- steps ---- */

static net_mqtt_packet expect(int i, net_mqtt_type type) {
    net_mqtt_packet p = {0};
    assert_true(mqtt_room_next(&room, i, &p));
    assert_int_equal(p.type, type);
    return p;
}

static void expect_nothing(int i) {
    net_mqtt_packet p;
    assert_false(mqtt_room_next(&room, i, &p));
}

static net_mqtt_packet a_connect(const char *id, bool clean) {
    return (net_mqtt_packet){.type = NET_MQTT_CONNECT, .clean_start = clean, .client_id = text(id)};
}

/* Connects as that, and is answered. */
static net_mqtt_packet connect_with(int i, net_mqtt_level version, const net_mqtt_packet *p) {
    assert_true(mqtt_room_open(&room, i, version));
    mqtt_room_send(&room, i, p);
    return expect(i, NET_MQTT_CONNACK);
}

static net_mqtt_packet connect_as(int i, net_mqtt_level version, const char *id, bool clean) {
    net_mqtt_packet p = a_connect(id, clean);
    if (version == NET_MQTT_5)
        net_mqtt_set_number(&p.properties, NET_MQTT_SESSION_EXPIRY_INTERVAL, clean ? 0 : 100);
    net_mqtt_packet answer = connect_with(i, version, &p);
    assert_int_equal(answer.reason, 0);
    return answer;
}

/* Follows `filter` with the options; the code that came back. */
static uint8_t subscribe(int i, const char *filter, uint8_t options) {
    uint8_t list[80];
    uint8_t *end = net_mqtt_put_number(net_mqtt_put_data(list, text(filter)), 1, options);
    net_mqtt_packet p = {.type = NET_MQTT_SUBSCRIBE, .id = 1, .list = {list, (size_t)(end - list)}};
    mqtt_room_send(&room, i, &p);
    p = expect(i, NET_MQTT_SUBACK);
    assert_int_equal(p.list.n, 1);
    return p.list.bytes[0];
}

static void publish(int i, const char *topic, const char *payload, uint8_t qos, bool retain) {
    const net_mqtt_packet p = {.type = NET_MQTT_PUBLISH,
                               .id = qos > 0 ? 77 : 0,
                               .qos = qos,
                               .retain = retain,
                               .topic = text(topic),
                               .payload = text(payload)};
    mqtt_room_send(&room, i, &p);
}

static void acknowledge(int i, net_mqtt_type type, uint16_t id, uint8_t reason) {
    const net_mqtt_packet p = {.type = type, .id = id, .reason = reason};
    mqtt_room_send(&room, i, &p);
}

static net_mqtt_packet expect_message(int i, const char *payload, uint8_t qos) {
    net_mqtt_packet p = expect(i, NET_MQTT_PUBLISH);
    assert_int_equal(p.payload.n, strlen(payload));
    assert_memory_equal(p.payload.bytes, payload, p.payload.n);
    assert_int_equal(p.qos, qos);
    return p;
}

/* ---- CONNECT ---- */

static void first_packet_is_connect(void **state) { /* 3.1.0-1 */
    (void)state;
    assert_true(mqtt_room_open(&room, 0, NET_MQTT_5));
    acknowledge(0, NET_MQTT_PINGREQ, 0, 0);
    assert_true(room.clients[0].closed);
    expect_nothing(0);
}

static void only_one_connect(void **state) { /* 3.1.0-2 */
    (void)state;
    net_mqtt_packet p = a_connect("a", true);
    connect_as(0, NET_MQTT_5, "a", true);
    mqtt_room_send(&room, 0, &p);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_PROTOCOL_ERROR);
    assert_true(room.clients[0].closed);
    assert_int_equal(room.clients[0].came, 1);
    assert_int_equal(room.clients[0].went, 1);
}

static void other_versions(void **state) { /* 3.1.2-2 */
    (void)state;
    static const uint8_t old[] = {0x10, 15, 0, 6, 'M', 'Q', 'I', 's', 'd',
                                  'p',  3,  2, 0, 9,   0,   1,   'a'};
    static const uint8_t later[] = {0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 9, 2, 0, 9, 0, 0, 1, 'a'};
    assert_true(mqtt_room_open(&room, 0, NET_MQTT_3_1_1));
    mqtt_room_bytes(&room, 0, old, sizeof old);
    assert_int_equal(expect(0, NET_MQTT_CONNACK).reason, 1);
    assert_true(room.clients[0].closed);
    assert_true(mqtt_room_open(&room, 1, NET_MQTT_5));
    mqtt_room_bytes(&room, 1, later, sizeof later);
    assert_int_equal(expect(1, NET_MQTT_CONNACK).reason, 0x84);
    assert_true(room.clients[1].closed);
}

static void client_identifiers(void **state) { /* 3.1.3-6 to 3.1.3-8 */
    (void)state;
    net_mqtt_packet p = a_connect("", false);
    assert_int_equal(connect_with(0, NET_MQTT_3_1_1, &p).reason, 2);
    p.clean_start = true;
    assert_int_equal(connect_with(1, NET_MQTT_3_1_1, &p).reason, 0);
    net_mqtt_packet answer = connect_with(2, NET_MQTT_5, &p);
    assert_int_equal(answer.reason, 0);
    assert_true(answer.properties.text[NET_MQTT_ASSIGNED_CLIENT_IDENTIFIER].n > 0);
    answer = connect_with(3, NET_MQTT_5, &p);
    assert_int_equal(cloud_broker_count(room.broker)->sessions, 3);
}

static void refusals_are_told(void **state) {
    (void)state;
    static const struct {
        uint8_t reason, return_code;
    } rows[] = {{NET_MQTT_BAD_USER_NAME_OR_PASSWORD, 4},
                {NET_MQTT_NOT_AUTHORIZED, 5},
                {NET_MQTT_SERVER_BUSY, 3},
                {NET_MQTT_QUOTA_EXCEEDED, 3},
                {NET_MQTT_CONNECTION_RATE_EXCEEDED, 3},
                {NET_MQTT_SERVER_UNAVAILABLE, 3}};
    net_mqtt_packet p = a_connect("a", true);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        room.connect_reason = rows[i].reason;
        assert_int_equal(connect_with(0, NET_MQTT_5, &p).reason, rows[i].reason);
        assert_int_equal(connect_with(1, NET_MQTT_3_1_1, &p).reason, rows[i].return_code);
        assert_true(room.clients[0].closed && room.clients[1].closed);
    }
    assert_int_equal(cloud_broker_count(room.broker)->sessions, 0);
    room.connect_reason = CLOUD_BROKER_UNHEARD;
    assert_true(mqtt_room_open(&room, 0, NET_MQTT_5));
    mqtt_room_send(&room, 0, &p);
    expect_nothing(0);
    assert_false(room.clients[0].closed);
}

static void no_enhanced_authentication(void **state) {
    (void)state;
    net_mqtt_packet p = a_connect("a", true);
    net_mqtt_set_text(&p.properties, NET_MQTT_AUTHENTICATION_METHOD, text("SCRAM"));
    assert_int_equal(connect_with(0, NET_MQTT_5, &p).reason, NET_MQTT_BAD_AUTHENTICATION_METHOD);
}

static void sessions_are_resumed(void **state) { /* 3.1.2-4 to 3.1.2-6, 3.2.2-2, 3.2.2-3 */
    (void)state;
    for (int v = NET_MQTT_3_1_1; v <= NET_MQTT_5; v++) {
        net_mqtt_level version = (net_mqtt_level)v;
        assert_false(connect_as(0, version, "a", false).session_present);
        assert_int_equal(subscribe(0, "x", 1), 1);
        mqtt_room_lose(&room, 0);
        assert_true(connect_as(0, version, "a", false).session_present);
        connect_as(1, version, "b", true);
        publish(1, "x", "1", 1, false);
        (void)expect_message(0, "1", 1);
        mqtt_room_lose(&room, 0);
        assert_false(connect_as(0, version, "a", true).session_present);
        mqtt_room_lose(&room, 0);
        assert_false(connect_as(0, version, "a", false).session_present);
        mqtt_room_lose(&room, 0);
        assert_false(connect_as(0, version, "a", true).session_present);
        mqtt_room_lose(&room, 0);
    }
}

static void sessions_expire(void **state) { /* 3.1.2.11.2 */
    (void)state;
    connect_as(0, NET_MQTT_5, "a", false); /* 100 s */
    mqtt_room_lose(&room, 0);
    mqtt_room_pass(&room, 99 * SIM_SECOND);
    assert_true(connect_as(0, NET_MQTT_5, "a", false).session_present);
    mqtt_room_lose(&room, 0);
    mqtt_room_pass(&room, 101 * SIM_SECOND);
    assert_int_equal(cloud_broker_count(room.broker)->sessions, 0);
    assert_false(connect_as(0, NET_MQTT_5, "a", false).session_present);
}

static void expiry_changes_with_disconnect(void **state) { /* 3.14.2.2.2 */
    (void)state;
    net_mqtt_packet bye = {.type = NET_MQTT_DISCONNECT};
    net_mqtt_set_number(&bye.properties, NET_MQTT_SESSION_EXPIRY_INTERVAL, 0);
    connect_as(0, NET_MQTT_5, "a", false);
    mqtt_room_send(&room, 0, &bye);
    assert_int_equal(cloud_broker_count(room.broker)->sessions, 0);
    bye.properties.number[NET_MQTT_SESSION_EXPIRY_INTERVAL] = 5;
    connect_as(1, NET_MQTT_5, "b", true);
    mqtt_room_send(&room, 1, &bye);
    assert_int_equal(expect(1, NET_MQTT_DISCONNECT).reason, NET_MQTT_PROTOCOL_ERROR);
}

static void expiry_is_limited(void **state) {
    (void)state;
    net_mqtt_packet p = a_connect("a", true);
    net_mqtt_set_number(&p.properties, NET_MQTT_SESSION_EXPIRY_INTERVAL, UINT32_MAX);
    net_mqtt_packet answer = connect_with(0, NET_MQTT_5, &p);
    assert_int_equal(answer.properties.number[NET_MQTT_SESSION_EXPIRY_INTERVAL], 86400);
}

static void take_over(void **state) { /* 3.1.4-3 */
    (void)state;
    connect_as(0, NET_MQTT_5, "a", false);
    assert_int_equal(subscribe(0, "x", 0), 0);
    assert_true(connect_as(1, NET_MQTT_5, "a", false).session_present);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_SESSION_TAKEN_OVER);
    assert_true(room.clients[0].closed);
    mqtt_room_lose(&room, 0); /* hears of it later, and nothing comes of it */
    connect_as(2, NET_MQTT_3_1_1, "b", true);
    publish(2, "x", "1", 0, false);
    (void)expect_message(1, "1", 0);
    assert_false(connect_as(3, NET_MQTT_3_1_1, "b", true).session_present);
    expect_nothing(2);
    assert_true(room.clients[2].closed);
    assert_int_equal(cloud_broker_count(room.broker)->taken_over, 2);
}

static void keep_alive(void **state) { /* 3.1.2-22 */
    (void)state;
    net_mqtt_packet p = a_connect("a", true);
    p.keep_alive = 10;
    (void)connect_with(0, NET_MQTT_5, &p);
    mqtt_room_pass(&room, 14 * SIM_SECOND);
    acknowledge(0, NET_MQTT_PINGREQ, 0, 0);
    (void)expect(0, NET_MQTT_PINGRESP);
    mqtt_room_pass(&room, 14 * SIM_SECOND);
    assert_false(room.clients[0].closed);
    mqtt_room_pass(&room, 2 * SIM_SECOND);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_KEEP_ALIVE_TIMEOUT);
    assert_true(room.clients[0].closed);
    p.keep_alive = 0;
    (void)connect_with(1, NET_MQTT_5, &p);
    mqtt_room_pass(&room, 10 * SIM_DAY);
    assert_false(room.clients[1].closed);
}

static void connections_that_say_nothing(void **state) {
    (void)state;
    assert_true(mqtt_room_open(&room, 0, NET_MQTT_5));
    mqtt_room_pass(&room, 9 * SIM_SECOND);
    assert_false(room.clients[0].closed);
    mqtt_room_pass(&room, 2 * SIM_SECOND);
    assert_true(room.clients[0].closed);
}

/* ---- wills ---- */

static net_mqtt_packet connect_with_will(int i, const char *id, uint32_t delay_s,
                                         uint32_t expiry_s) {
    net_mqtt_packet p = a_connect(id, true);
    p.keep_alive = 10;
    p.will = (net_mqtt_will){.present = true, .qos = 1, .topic = text("will"), .payload = text(id)};
    if (delay_s > 0) net_mqtt_set_number(&p.will.properties, NET_MQTT_WILL_DELAY_INTERVAL, delay_s);
    net_mqtt_set_number(&p.properties, NET_MQTT_SESSION_EXPIRY_INTERVAL, expiry_s);
    (void)connect_with(i, NET_MQTT_5, &p);
    return p;
}

static void wills_are_published(void **state) { /* 3.1.2-8, 3.1.2-10, 3.14.4-3 */
    (void)state;
    connect_as(0, NET_MQTT_5, "watcher", true);
    assert_int_equal(subscribe(0, "will", 1), 1);
    (void)connect_with_will(1, "broken", 0, 0);
    mqtt_room_lose(&room, 1);
    (void)expect_message(0, "broken", 1);
    (void)connect_with_will(1, "silent", 0, 0);
    mqtt_room_pass(&room, 16 * SIM_SECOND);
    (void)expect_message(0, "silent", 1);
    (void)connect_with_will(2, "wished", 0, 0);
    acknowledge(2, NET_MQTT_DISCONNECT, 0, NET_MQTT_DISCONNECT_WITH_WILL);
    (void)expect_message(0, "wished", 1);
    (void)connect_with_will(3, "fault", 0, 0);
    acknowledge(3, NET_MQTT_SUBACK, 1, 0);
    (void)expect_message(0, "fault", 1);
    (void)connect_with_will(4, "orderly", 0, 0);
    acknowledge(4, NET_MQTT_DISCONNECT, 0, 0);
    expect_nothing(0);
    (void)connect_with_will(5, "replaced", 0, 50);
    (void)connect_with_will(6, "replaced", 0, 50);
    (void)expect_message(0, "replaced", 1);
    expect_nothing(0);
}

static void wills_wait(void **state) { /* 3.1.3.2.2 */
    (void)state;
    net_mqtt_packet p;
    connect_as(0, NET_MQTT_5, "watcher", true);
    assert_int_equal(subscribe(0, "will", 0), 0);
    (void)connect_with_will(1, "back", 5, 60);
    mqtt_room_lose(&room, 1);
    mqtt_room_pass(&room, 4 * SIM_SECOND);
    connect_as(1, NET_MQTT_5, "back", false);
    mqtt_room_pass(&room, 10 * SIM_SECOND);
    expect_nothing(0);
    (void)connect_with_will(2, "late", 5, 60);
    mqtt_room_lose(&room, 2);
    mqtt_room_pass(&room, 4 * SIM_SECOND);
    expect_nothing(0);
    mqtt_room_pass(&room, 2 * SIM_SECOND);
    (void)expect_message(0, "late", 0);
    (void)connect_with_will(3, "ended", 50, 10); /* the session's end is sooner */
    mqtt_room_lose(&room, 3);
    mqtt_room_pass(&room, 11 * SIM_SECOND);
    (void)expect_message(0, "ended", 0);
    p = connect_with_will(4, "anew", 50, 60); /* a clean start ends the session before */
    mqtt_room_lose(&room, 4);
    (void)connect_with(4, NET_MQTT_5, &p);
    (void)expect_message(0, "anew", 0);
}

/* ---- messages ---- */

static void quality_of_service(void **state) { /* 3.8.4-8, 4.3 */
    (void)state;
    connect_as(0, NET_MQTT_5, "from", true);
    connect_as(1, NET_MQTT_3_1_1, "to", true);
    for (uint8_t granted = 0; granted <= 2; granted++) {
        assert_int_equal(subscribe(1, "x", granted), granted);
        for (uint8_t qos = 0; qos <= 2; qos++) {
            uint8_t least = qos < granted ? qos : granted;
            publish(0, "x", "m", qos, false);
            if (qos == 1) assert_int_equal(expect(0, NET_MQTT_PUBACK).id, 77);
            if (qos == 2) {
                assert_int_equal(expect(0, NET_MQTT_PUBREC).id, 77);
                acknowledge(0, NET_MQTT_PUBREL, 77, 0);
                assert_int_equal(expect(0, NET_MQTT_PUBCOMP).reason, 0);
            }
            net_mqtt_packet p = expect_message(1, "m", least);
            if (least == 1) acknowledge(1, NET_MQTT_PUBACK, p.id, 0);
            if (least == 2) {
                acknowledge(1, NET_MQTT_PUBREC, p.id, 0);
                assert_int_equal(expect(1, NET_MQTT_PUBREL).id, p.id);
                acknowledge(1, NET_MQTT_PUBCOMP, p.id, 0);
            }
            expect_nothing(0);
            expect_nothing(1);
        }
    }
}

static void exactly_once(void **state) { /* 4.3.3 */
    (void)state;
    net_mqtt_packet again = {
        .type = NET_MQTT_PUBLISH, .id = 9, .qos = 2, .topic = text("x"), .payload = text("m")};
    connect_as(0, NET_MQTT_5, "from", false);
    connect_as(1, NET_MQTT_5, "to", true);
    assert_int_equal(subscribe(1, "x", 0), 0);
    mqtt_room_send(&room, 0, &again);
    (void)expect(0, NET_MQTT_PUBREC);
    mqtt_room_lose(&room, 0);
    assert_true(connect_as(0, NET_MQTT_5, "from", false).session_present);
    again.dup = true;
    mqtt_room_send(&room, 0, &again);
    assert_int_equal(expect(0, NET_MQTT_PUBREC).reason, 0);
    (void)expect_message(1, "m", 0);
    expect_nothing(1); /* once */
    acknowledge(0, NET_MQTT_PUBREL, 9, 0);
    (void)expect(0, NET_MQTT_PUBCOMP);
    acknowledge(0, NET_MQTT_PUBREL, 9, 0);
    assert_int_equal(expect(0, NET_MQTT_PUBCOMP).reason, NET_MQTT_PACKET_IDENTIFIER_NOT_FOUND);
    again.dup = false;
    mqtt_room_send(&room, 0, &again); /* the identifier is free: another message */
    (void)expect(0, NET_MQTT_PUBREC);
    (void)expect_message(1, "m", 0);
}

static void redelivery(void **state) { /* 4.4.0-1 */
    (void)state;
    connect_as(0, NET_MQTT_5, "from", true);
    connect_as(1, NET_MQTT_5, "to", false);
    assert_int_equal(subscribe(1, "x", 2), 2);
    publish(0, "x", "1", 1, false);
    publish(0, "x", "2", 2, false);
    acknowledge(0, NET_MQTT_PUBREL, 77, 0);
    publish(0, "x", "3", 2, false);
    uint16_t one = expect_message(1, "1", 1).id, two = expect_message(1, "2", 2).id;
    assert_false(expect_message(1, "3", 2).dup);
    acknowledge(1, NET_MQTT_PUBREC, two, 0);
    (void)expect(1, NET_MQTT_PUBREL);
    mqtt_room_lose(&room, 1);
    publish(0, "x", "4", 1, false);
    publish(0, "x", "not kept", 0, false);
    connect_as(1, NET_MQTT_5, "to", false);
    net_mqtt_packet p = expect_message(1, "1", 1);
    assert_true(p.dup && p.id == one);
    assert_int_equal(expect(1, NET_MQTT_PUBREL).id, two);
    assert_true(expect_message(1, "3", 2).dup);
    assert_false(expect_message(1, "4", 1).dup);
    expect_nothing(1);
}

static void receive_maximum_of_the_client(void **state) { /* 3.3.4-9 */
    (void)state;
    net_mqtt_packet p = a_connect("to", true);
    net_mqtt_set_number(&p.properties, NET_MQTT_RECEIVE_MAXIMUM, 2);
    (void)connect_with(1, NET_MQTT_5, &p);
    connect_as(0, NET_MQTT_5, "from", true);
    assert_int_equal(subscribe(1, "x", 1), 1);
    for (int i = 0; i < 4; i++) publish(0, "x", i % 2 == 0 ? "even" : "odd", 1, false);
    uint16_t first = expect_message(1, "even", 1).id;
    (void)expect_message(1, "odd", 1);
    expect_nothing(1);
    acknowledge(1, NET_MQTT_PUBACK, first, 0);
    (void)expect_message(1, "even", 1);
    expect_nothing(1);
}

static void receive_maximum_of_ours(void **state) { /* 3.3.4-7 */
    (void)state;
    connect_as(0, NET_MQTT_5, "a", true);
    net_mqtt_packet p = {.type = NET_MQTT_PUBLISH, .qos = 2, .topic = text("x")};
    for (p.id = 1; p.id <= 100; p.id++) mqtt_room_send(&room, 0, &p);
    for (int i = 0; i < 100; i++) (void)expect(0, NET_MQTT_PUBREC);
    mqtt_room_send(&room, 0, &p);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_RECEIVE_MAXIMUM_EXCEEDED);
}

static void messages_expire(void **state) { /* 3.3.2.3.3 */
    (void)state;
    net_mqtt_packet p = {.type = NET_MQTT_PUBLISH, .id = 1, .qos = 1, .topic = text("x")};
    net_mqtt_set_number(&p.properties, NET_MQTT_MESSAGE_EXPIRY_INTERVAL, 10);
    connect_as(0, NET_MQTT_5, "from", true);
    connect_as(1, NET_MQTT_5, "to", false);
    assert_int_equal(subscribe(1, "x", 1), 1);
    mqtt_room_lose(&room, 1);
    mqtt_room_send(&room, 0, &p);
    mqtt_room_pass(&room, 4 * SIM_SECOND);
    connect_as(1, NET_MQTT_5, "to", false);
    net_mqtt_packet got = expect_message(1, "", 1);
    assert_int_equal(got.properties.number[NET_MQTT_MESSAGE_EXPIRY_INTERVAL], 6);
    acknowledge(1, NET_MQTT_PUBACK, got.id, 0);
    mqtt_room_lose(&room, 1);
    mqtt_room_send(&room, 0, &p);
    mqtt_room_pass(&room, 11 * SIM_SECOND);
    connect_as(1, NET_MQTT_5, "to", false);
    expect_nothing(1);
}

static void properties_go_on(void **state) { /* 3.3.2-4, 3.3.2-17, 3.3.2-18 */
    (void)state;
    static const uint8_t pairs[] = {38, 0, 1, 'a', 0, 1, '1', 38, 0, 1, 'a', 0, 1, '2'};
    net_mqtt_packet p = {.type = NET_MQTT_PUBLISH, .topic = text("x"), .payload = text("m")};
    net_mqtt_set_text(&p.properties, NET_MQTT_RESPONSE_TOPIC, text("back"));
    net_mqtt_set_text(&p.properties, NET_MQTT_CORRELATION_DATA, text("tag"));
    net_mqtt_set_text(&p.properties, NET_MQTT_CONTENT_TYPE, text("t"));
    net_mqtt_set_number(&p.properties, NET_MQTT_PAYLOAD_FORMAT_INDICATOR, 1);
    net_mqtt_set_number(&p.properties, NET_MQTT_TOPIC_ALIAS, 3);
    p.properties.repeated[0] = (net_mqtt_span){pairs, sizeof pairs};
    connect_as(0, NET_MQTT_5, "from", true);
    connect_as(1, NET_MQTT_5, "to", true);
    assert_int_equal(subscribe(1, "x", 1), 1);
    mqtt_room_send(&room, 0, &p);
    net_mqtt_packet got = expect_message(1, "m", 0);
    uint8_t picked[64];
    assert_int_equal(
        net_mqtt_properties_pick(got.properties.raw, 1U << NET_MQTT_USER_PROPERTY, picked),
        sizeof pairs);
    assert_memory_equal(picked, pairs, sizeof pairs);
    assert_int_equal(got.properties.number[NET_MQTT_PAYLOAD_FORMAT_INDICATOR], 1);
    assert_memory_equal(got.properties.text[NET_MQTT_RESPONSE_TOPIC].bytes, "back", 4);
    assert_memory_equal(got.properties.text[NET_MQTT_CORRELATION_DATA].bytes, "tag", 3);
    assert_false(net_mqtt_has(&got.properties, NET_MQTT_TOPIC_ALIAS)); /* it was for us */
}

static void topic_aliases(void **state) { /* 3.3.2.3.4 */
    (void)state;
    net_mqtt_packet p = {.type = NET_MQTT_PUBLISH, .topic = text("x"), .payload = text("m")};
    net_mqtt_set_number(&p.properties, NET_MQTT_TOPIC_ALIAS, 16);
    connect_as(0, NET_MQTT_5, "from", true);
    connect_as(1, NET_MQTT_5, "to", true);
    assert_int_equal(subscribe(1, "#", 0), 0);
    mqtt_room_send(&room, 0, &p);
    p.topic.n = 0;
    mqtt_room_send(&room, 0, &p);
    assert_string_equal(room.topic, "x");
    p.topic = text("y");
    mqtt_room_send(&room, 0, &p);
    p.topic.n = 0;
    mqtt_room_send(&room, 0, &p);
    assert_string_equal(room.topic, "y");
    for (int i = 0; i < 4; i++) {
        net_mqtt_packet got = expect_message(1, "m", 0);
        assert_int_equal(got.topic.bytes[0], i < 2 ? 'x' : 'y');
    }
    p.properties.number[NET_MQTT_TOPIC_ALIAS] = 1; /* never said what it is */
    mqtt_room_send(&room, 0, &p);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_PROTOCOL_ERROR);
    connect_as(0, NET_MQTT_5, "from", true);
    p.properties.number[NET_MQTT_TOPIC_ALIAS] = 17;
    mqtt_room_send(&room, 0, &p);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_TOPIC_ALIAS_INVALID);
}

/* The message that comes next, and the number that stands for its topic, or goes with it. */
static void expect_named(int i, const char *topic, uint32_t number) {
    net_mqtt_packet got = expect(i, NET_MQTT_PUBLISH);
    assert_int_equal(got.topic.n, strlen(topic));
    assert_memory_equal(got.topic.bytes, topic, got.topic.n);
    assert_int_equal(net_mqtt_number(&got.properties, NET_MQTT_TOPIC_ALIAS, 0), number);
}

static void topic_aliases_to_a_client(void **state) { /* 3.1.2.11.5 */
    (void)state;
    connect_as(0, NET_MQTT_5, "from", true);
    net_mqtt_packet p = a_connect("to", true);
    net_mqtt_set_number(&p.properties, NET_MQTT_TOPIC_ALIAS_MAXIMUM, 2);
    net_mqtt_set_number(&p.properties, NET_MQTT_MAXIMUM_PACKET_SIZE, 40);
    (void)connect_with(1, NET_MQTT_5, &p);
    assert_int_equal(subscribe(1, "#", 1), 1);
    publish(0, "large", "a packet of 41 bytes, once it has a number", 0, false);
    publish(0, "x", "with its number this one has 41 b", 0, false);
    expect_named(1, "x", 0);
    for (int i = 0; i < 2; i++) {
        publish(0, "x", "m", 0, false);
        publish(0, "y", "m", 0, false);
        publish(0, "z", "m", 0, false);
        expect_named(1, i == 0 ? "x" : "", 1);
        expect_named(1, i == 0 ? "y" : "", 2);
        expect_named(1, "z", 0); /* no number is left */
    }
    (void)connect_with(1, NET_MQTT_5, &p); /* another connection begins anew */
    assert_int_equal(subscribe(1, "#", 1), 1);
    publish(0, "y", "m", 0, false);
    expect_named(1, "y", 1);
}

static void keep_alives_that_are_too_long(void **state) { /* 3.2.2.3.14 */
    (void)state;
    cloud_broker_settings settings = cloud_broker_settings_default;
    settings.keep_alive_maximum_s = 60;
    mqtt_room_deinit(&room);
    assert_true(mqtt_room_init(&room, &settings));
    net_mqtt_packet p = a_connect("a", true);
    for (uint16_t wanted = 0; wanted <= 120; wanted += 60) {
        p.keep_alive = wanted;
        net_mqtt_packet answer = connect_with(0, NET_MQTT_5, &p);
        uint32_t told = net_mqtt_number(&answer.properties, NET_MQTT_SERVER_KEEP_ALIVE, 0);
        assert_int_equal(told, wanted == 120 ? 60 : 0);
    }
    mqtt_room_pass(&room, 89 * SIM_SECOND);
    expect_nothing(0);
    mqtt_room_pass(&room, 2 * SIM_SECOND);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_KEEP_ALIVE_TIMEOUT);
    (void)connect_with(1, NET_MQTT_3_1_1, &p); /* cannot be told */
    mqtt_room_pass(&room, 179 * SIM_SECOND);
    assert_false(room.clients[1].closed);
}

static void packets_too_large_for_it(void **state) { /* 3.1.2-24, 3.2.2-15 */
    (void)state;
    static const uint8_t huge[] = {0x30, 0xff, 0xff, 0xff, 0x7f};
    net_mqtt_packet p = a_connect("to", true);
    net_mqtt_set_number(&p.properties, NET_MQTT_MAXIMUM_PACKET_SIZE, 30);
    (void)connect_with(1, NET_MQTT_5, &p);
    connect_as(0, NET_MQTT_5, "from", true);
    assert_int_equal(subscribe(1, "x", 1), 1);
    publish(0, "x", "this is longer than thirty bytes", 1, false);
    publish(0, "x", "short", 1, false);
    (void)expect_message(1, "short", 1);
    (void)expect(0, NET_MQTT_PUBACK);
    (void)expect(0, NET_MQTT_PUBACK);
    mqtt_room_bytes(&room, 0, huge, sizeof huge);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_PACKET_TOO_LARGE);
}

static void refused_publications(void **state) {
    (void)state;
    connect_as(0, NET_MQTT_5, "a", true);
    room.publish_reason = NET_MQTT_QUOTA_EXCEEDED;
    publish(0, "x", "m", 0, false);
    expect_nothing(0);
    publish(0, "x", "m", 1, false);
    assert_int_equal(expect(0, NET_MQTT_PUBACK).reason, NET_MQTT_QUOTA_EXCEEDED);
    publish(0, "x", "m", 2, false);
    assert_int_equal(expect(0, NET_MQTT_PUBREC).reason, NET_MQTT_QUOTA_EXCEEDED);
    acknowledge(0, NET_MQTT_PUBREL, 77, 0);
    assert_int_equal(expect(0, NET_MQTT_PUBCOMP).reason, NET_MQTT_PACKET_IDENTIFIER_NOT_FOUND);
    room.publish_reason = CLOUD_BROKER_UNHEARD;
    publish(0, "x", "m", 1, false);
    expect_nothing(0);
    room.publish_reason = NET_MQTT_NOT_AUTHORIZED;
    connect_as(1, NET_MQTT_3_1_1, "b", true);
    publish(1, "x", "m", 0, false);
    assert_false(room.clients[1].closed);
    publish(1, "x", "m", 1, false);
    expect_nothing(1);
    assert_true(room.clients[1].closed); /* 3.1.1 has no other word for it */
}

/* ---- retained ---- */

static void retained_messages(void **state) { /* 3.3.1-5 to 3.3.1-12 */
    (void)state;
    connect_as(0, NET_MQTT_5, "from", true);
    connect_as(1, NET_MQTT_5, "to", true);
    publish(0, "a/x", "1", 1, true);
    publish(0, "a/y", "2", 1, true);
    assert_int_equal(subscribe(1, "a/+", 1), 1);
    net_mqtt_packet p = expect_message(1, "1", 1);
    assert_true(p.retain);
    (void)expect_message(1, "2", 1);
    publish(0, "a/x", "3", 0, true);
    assert_false(expect_message(1, "3", 0).retain); /* who follows already hears of it as new */
    publish(0, "a/x", "", 0, true);
    (void)expect_message(1, "", 0);
    assert_int_equal(subscribe(1, "a/x", 1), 1);
    expect_nothing(1);
    assert_int_equal(subscribe(1, "a/y", 0x11), 1); /* if new, and it is */
    (void)expect_message(1, "2", 1);
    assert_int_equal(subscribe(1, "a/y", 0x11), 1); /* no more */
    expect_nothing(1);
    assert_int_equal(subscribe(1, "a/y", 0x21), 1); /* never */
    expect_nothing(1);
    assert_int_equal(subscribe(1, "a/y", 0x09), 1); /* as published */
    (void)expect_message(1, "2", 1);
    publish(0, "a/y", "4", 0, true);
    assert_true(expect_message(1, "4", 0).retain);
    assert_int_equal(subscribe(1, "$share/g/a/y", 1), 1);
    expect_nothing(1);
}

/* ---- subscriptions ---- */

static void overlapping_subscriptions(void **state) { /* 3.3.4-2, 3.3.4-3 */
    (void)state;
    uint8_t list[] = {0, 1, 'x', 2};
    net_mqtt_packet p = {.type = NET_MQTT_SUBSCRIBE, .id = 5, .list = {list, sizeof list}};
    connect_as(0, NET_MQTT_5, "from", true);
    connect_as(1, NET_MQTT_5, "to", true);
    net_mqtt_set_number(&p.properties, NET_MQTT_SUBSCRIPTION_IDENTIFIER, 1000);
    mqtt_room_send(&room, 1, &p);
    (void)expect(1, NET_MQTT_SUBACK);
    list[2] = '#';
    list[3] = 1;
    p.properties.number[NET_MQTT_SUBSCRIPTION_IDENTIFIER] = 7;
    mqtt_room_send(&room, 1, &p);
    (void)expect(1, NET_MQTT_SUBACK);
    publish(0, "x", "m", 2, false);
    net_mqtt_packet got = expect_message(1, "m", 2);
    uint8_t picked[16];
    size_t n = net_mqtt_properties_pick(got.properties.raw, 1U << NET_MQTT_SUBSCRIPTION_IDENTIFIER,
                                        picked);
    assert_int_equal(n, 5); /* 7 in one byte, 1000 in two */
    expect_nothing(1);
}

static void no_local(void **state) { /* 3.8.3-3 */
    (void)state;
    connect_as(0, NET_MQTT_5, "a", true);
    assert_int_equal(subscribe(0, "x", 4), 0);
    publish(0, "x", "m", 0, false);
    expect_nothing(0);
    assert_int_equal(subscribe(0, "x", 0), 0);
    publish(0, "x", "m", 0, false);
    (void)expect_message(0, "m", 0);
}

static void shared_subscriptions(void **state) { /* 4.8.2 */
    (void)state;
    connect_as(0, NET_MQTT_5, "from", true);
    for (int i = 1; i <= 3; i++) {
        connect_as(i, NET_MQTT_5, i == 1 ? "a" : i == 2 ? "b" : "c", false);
        assert_int_equal(subscribe(i, "$share/g/x", 1), 1);
    }
    for (int i = 0; i < 6; i++) publish(0, "x", "m", 0, false);
    for (int i = 1; i <= 3; i++) {
        (void)expect_message(i, "m", 0);
        (void)expect_message(i, "m", 0);
        expect_nothing(i);
    }
    mqtt_room_lose(&room, 2);
    for (int i = 0; i < 4; i++) publish(0, "x", "m", 1, false);
    for (int i = 1; i <= 3; i += 2) { /* who is there */
        (void)expect_message(i, "m", 1);
        (void)expect_message(i, "m", 1);
        expect_nothing(i);
    }
}

/* Of what a member of a group did not acknowledge: its session ends, and another has the rest. */
static void shared_and_left_behind(void **state) { /* 4.8.2 */
    (void)state;
    connect_as(0, NET_MQTT_5, "from", true);
    connect_as(1, NET_MQTT_5, "a", true);
    assert_int_equal(subscribe(1, "$share/g/x", 2), 2);
    assert_int_equal(subscribe(1, "x", 2), 2);
    publish(0, "x", "one", 1, false);
    publish(0, "x", "two", 2, false);
    connect_as(2, NET_MQTT_5, "b", true);
    assert_int_equal(subscribe(2, "$share/g/x", 2), 2);
    mqtt_room_lose(&room, 1);
    (void)expect_message(2, "one", 1);
    expect_nothing(2);
    mqtt_room_lose(&room, 2); /* and with the last of them it goes */
    connect_as(2, NET_MQTT_5, "b", true);
    assert_int_equal(subscribe(2, "$share/g/x", 2), 2);
    expect_nothing(2);
}

static void bad_filters(void **state) { /* 4.7.1 */
    (void)state;
    connect_as(0, NET_MQTT_5, "a", true);
    connect_as(1, NET_MQTT_3_1_1, "b", true);
    static const char *const bad[] = {"a#", "a/#/b", "+a", "$share/g", "$share//x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(subscribe(0, bad[i], 0), NET_MQTT_TOPIC_FILTER_INVALID);
        assert_int_equal(subscribe(1, bad[i], 0), 0x80);
    }
    room.subscribe_reason = NET_MQTT_NOT_AUTHORIZED;
    assert_int_equal(subscribe(0, "x", 0), NET_MQTT_NOT_AUTHORIZED);
    assert_int_equal(subscribe(1, "x", 0), 0x80);
}

static void unsubscribing(void **state) { /* 3.10.4 */
    (void)state;
    static const uint8_t list[] = {0, 1, 'x', 0, 1, 'y', 0, 2, '#', 'a'};
    const net_mqtt_packet p = {.type = NET_MQTT_UNSUBSCRIBE, .id = 8, .list = {list, sizeof list}};
    connect_as(0, NET_MQTT_5, "a", true);
    assert_int_equal(subscribe(0, "x", 0), 0);
    mqtt_room_send(&room, 0, &p);
    net_mqtt_packet got = expect(0, NET_MQTT_UNSUBACK);
    assert_int_equal(got.id, 8);
    assert_int_equal(got.list.n, 3);
    assert_int_equal(got.list.bytes[0], NET_MQTT_SUCCESS);
    assert_int_equal(got.list.bytes[1], NET_MQTT_NO_SUBSCRIPTION_EXISTED);
    assert_int_equal(got.list.bytes[2], NET_MQTT_TOPIC_FILTER_INVALID);
    publish(0, "x", "m", 1, false);
    assert_int_equal(expect(0, NET_MQTT_PUBACK).reason, NET_MQTT_NO_MATCHING_SUBSCRIBERS);
    expect_nothing(0);
}

static void the_cloud_speaks(void **state) {
    (void)state;
    const net_mqtt_packet p = {
        .type = NET_MQTT_PUBLISH, .qos = 1, .topic = text("c/a"), .payload = text("set-point 21")};
    connect_as(0, NET_MQTT_5, "a", true);
    cloud_broker_publish(room.broker, room.now, &p);
    expect_nothing(0);
    assert_int_equal(subscribe(0, "c/a", 1), 1);
    assert_int_equal(room.clients[0].subscribed, 1);
    cloud_broker_publish(room.broker, room.now, &p);
    (void)expect_message(0, "set-point 21", 1);
    cloud_broker_end(room.broker, room.now, room.clients[0].connection, NET_MQTT_SERVER_BUSY);
    assert_int_equal(expect(0, NET_MQTT_DISCONNECT).reason, NET_MQTT_SERVER_BUSY);
    assert_true(room.clients[0].closed);
}

/* ---- bounds ---- */

static void limits(void **state) {
    (void)state;
    cloud_broker_settings few = cloud_broker_settings_default;
    few.sessions_maximum = 2;
    few.subscriptions_maximum = 2;
    few.queue_maximum = 3;
    few.retained_maximum = 1;
    mqtt_room_deinit(&room);
    assert_true(mqtt_room_init(&room, &few));
    connect_as(0, NET_MQTT_5, "a", false);
    connect_as(1, NET_MQTT_5, "b", false);
    net_mqtt_packet p = a_connect("c", true);
    assert_int_equal(connect_with(2, NET_MQTT_5, &p).reason, NET_MQTT_QUOTA_EXCEEDED);
    assert_int_equal(subscribe(1, "x", 1), 1);
    assert_int_equal(subscribe(1, "y", 1), 1);
    assert_int_equal(subscribe(1, "z", 1), NET_MQTT_QUOTA_EXCEEDED);
    mqtt_room_lose(&room, 1);
    for (int i = 0; i < 5; i++) publish(0, "x", "m", 1, false);
    assert_int_equal(cloud_broker_count(room.broker)->lost, 2);
    for (int i = 0; i < 5; i++) (void)expect(0, NET_MQTT_PUBACK);
    publish(0, "r/1", "m", 1, true);
    (void)expect(0, NET_MQTT_PUBACK);
    publish(0, "r/2", "m", 1, true);
    assert_int_equal(expect(0, NET_MQTT_PUBACK).reason, NET_MQTT_QUOTA_EXCEEDED);
    assert_int_equal(connect_with(2, NET_MQTT_5, &p).reason, 0); /* "b" makes room */
    assert_false(connect_as(0, NET_MQTT_5, "a", true).session_present);
}

/* Whatever allocation fails, the broker stands, and nothing is left over. */
static int story(void *context) {
    static const uint8_t list[] = {0, 3, 'a', '/', '#', 2, 0, 1, 'x', 1};
    mqtt_room r;
    (void)context;
    int error = mqtt_room_init(&r, NULL) ? 0 : SIM_ENOMEM;
    for (int i = 0; error == 0 && i < 3; i++) {
        net_mqtt_packet connect = a_connect(i == 0 ? "a" : "b", i == 0);
        connect.will = (net_mqtt_will){
            .present = true, .retain = true, .topic = text("a/w"), .payload = text("w")};
        if (!mqtt_room_open(&r, i, NET_MQTT_5)) error = SIM_ENOMEM;
        if (error != 0) break;
        mqtt_room_send(&r, i, &connect);
        net_mqtt_packet p = {.type = NET_MQTT_SUBSCRIBE, .id = 1, .list = {list, sizeof list}};
        mqtt_room_send(&r, i, &p);
        p = (net_mqtt_packet){.type = NET_MQTT_PUBLISH,
                              .id = 2,
                              .qos = 2,
                              .retain = true,
                              .topic = text("a/b"),
                              .payload = text("m")};
        net_mqtt_set_number(&p.properties, NET_MQTT_TOPIC_ALIAS, 1);
        mqtt_room_send(&r, i, &p);
        mqtt_room_lose(&r, i == 2 ? 1 : 0);
    }
    if (r.broker != NULL) mqtt_room_deinit(&r);
    return error;
}

static void without_memory(void **state) {
    (void)state;
    for (int for_good = 0; for_good <= 1; for_good++) {
        bool happened = true;
        for (long n = 0; happened; n++) {
            const sim_heap_use before = sim_heap_in_use();
            sim_heap_fail(n, for_good == 1);
            (void)story(NULL);
            happened = sim_heap_fail_never();
            assert_int_equal(sim_heap_in_use().blocks, before.blocks);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(first_packet_is_connect),
        TEST(only_one_connect),
        TEST(other_versions),
        TEST(client_identifiers),
        TEST(refusals_are_told),
        TEST(no_enhanced_authentication),
        TEST(sessions_are_resumed),
        TEST(sessions_expire),
        TEST(expiry_changes_with_disconnect),
        TEST(expiry_is_limited),
        TEST(take_over),
        TEST(keep_alive),
        TEST(connections_that_say_nothing),
        TEST(wills_are_published),
        TEST(wills_wait),
        TEST(quality_of_service),
        TEST(exactly_once),
        TEST(redelivery),
        TEST(receive_maximum_of_the_client),
        TEST(receive_maximum_of_ours),
        TEST(messages_expire),
        TEST(properties_go_on),
        TEST(topic_aliases),
        TEST(topic_aliases_to_a_client),
        TEST(keep_alives_that_are_too_long),
        TEST(packets_too_large_for_it),
        TEST(refused_publications),
        TEST(retained_messages),
        TEST(overlapping_subscriptions),
        TEST(no_local),
        TEST(shared_subscriptions),
        TEST(shared_and_left_behind),
        TEST(bad_filters),
        TEST(unsubscribing),
        TEST(the_cloud_speaks),
        TEST(limits),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
