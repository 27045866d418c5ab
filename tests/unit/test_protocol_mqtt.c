/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_protocol_mqtt.c - a device's link over MQTT: stock libmosquitto over a virtual TCP, against
 * a broker whose packets are written here by hand (MQTT 5, chapter 3). */
#include <stdio.h>
#include <string.h>

#include "net/mqtt_client.h"
#include "net/protocol.h"
#include "sim/core/heap.h"
#include "tests/support/test_wire.h"
#include "tests/unit/with_cmocka.h"

enum { GOT = 64, PACKET = 1400 };

enum {
    CONNECT = 1,
    CONNACK,
    PUBLISH,
    PUBACK,
    PUBREC,
    PUBREL,
    PUBCOMP,
    SUBSCRIBE,
    SUBACK,
    PINGREQ = 12,
    PINGRESP,
    DISCONNECT
};

typedef struct got_packet {
    sim_time at;
    size_t n;
    uint8_t bytes[PACKET];
} got_packet;

/* What the broker answers. */
typedef struct script {
    uint8_t connack, puback, suback;
    const char *retained; /* NULL: none */
    bool mute;            /* it takes everything and says nothing */
    const char *greeting; /* instead of a CONNACK, `greeting_size` bytes */
    size_t greeting_size;
} script;

typedef struct house {
    net_vkernel *kernel;
    net_link *link;
    net_protocol_settings settings;
    sim_stream stream;
    script script;
    test_wire wire;
    bool nobody, no_tcp;
    /* the broker */
    net_tcp tcp;
    uint32_t gots, broker_ends;
    net_end broker_why;
    got_packet got[GOT];
    uint8_t in[PACKET * 2];
    size_t in_size;
    /* the device */
    uint32_t ready, answered, ended;
    net_answer answer;
    char body[80];
    sim_time answered_at, ended_at;
    net_end why;
} house;

/* ---- the wire ---- */

static void put(house *h, bool to_broker, const uint8_t *bytes, size_t n) {
    (void)test_wire_put(&h->wire, to_broker, 0, 0, bytes, n);
}

/* ---- the broker ---- */

static void say(house *h, const void *bytes, size_t n) {
    const uint8_t *from = bytes;
    if (h->no_tcp) {
        put(h, false, from, n);
        return;
    }
    size_t taken = net_tcp_write(&h->tcp, h->wire.now, from, n);
    assert_true(taken == n || h->tcp.state == NET_TCP_CLOSED); /* it may have found no memory */
}
#define SAY(h, text) say(h, text, sizeof(text) - 1)

static void say_with_reason(house *h, uint8_t type, const uint8_t *id, uint8_t reason) {
    const uint8_t packet[] = {(uint8_t)(type << 4), 4, id[0], id[1], reason, 0};
    say(h, packet, sizeof packet);
}

static void publish(house *h, const char *topic, const char *text, bool retain) {
    uint8_t packet[256];
    size_t topic_size = strlen(topic), size = strlen(text);
    packet[0] = (uint8_t)(PUBLISH << 4 | (retain ? 1 : 0));
    packet[1] = (uint8_t)(2 + topic_size + 1 + size);
    packet[2] = 0;
    packet[3] = (uint8_t)topic_size;
    memcpy(packet + 4, topic, topic_size);
    packet[4 + topic_size] = 0; /* no properties */
    memcpy(packet + 5 + topic_size, text, size);
    say(h, packet, 5 + topic_size + size);
}

static void answer_connect(house *h) {
    if (h->script.greeting != NULL) {
        say(h, h->script.greeting, h->script.greeting_size);
        return;
    }
    const uint8_t packet[] = {CONNACK << 4, 3, 0, h->script.connack, 0};
    say(h, packet, sizeof packet);
}

static void answer_subscribe(house *h, const uint8_t *p) {
    const uint8_t *id = p + 2;
    const uint8_t packet[] = {SUBACK << 4, 4, id[0], id[1], 0, h->script.suback};
    say(h, packet, sizeof packet);
    char topic[64] = {0};
    memcpy(topic, p + 7, p[6]);
    if (h->script.retained != NULL) publish(h, topic, h->script.retained, true);
}

static void broker_got(house *h, const uint8_t *p, size_t n) {
    assert_true(h->gots < GOT && n <= PACKET);
    got_packet *g = &h->got[h->gots++];
    g->at = h->wire.now;
    g->n = n;
    memcpy(g->bytes, p, n);
    if (h->script.mute) return;
    int qos = p[0] >> 1 & 3;
    switch (p[0] >> 4) {
        case CONNECT:
            answer_connect(h);
            break;
        case PUBLISH: {
            size_t at = p[1] >= 0x80 ? 3 : 2;
            const uint8_t *id = p + at + 2 + p[at + 1];
            if (qos > 0) say_with_reason(h, qos == 1 ? PUBACK : PUBREC, id, h->script.puback);
            break;
        }
        case PUBREL:
            say_with_reason(h, PUBCOMP, p + 2, 0);
            break;
        case SUBSCRIBE:
            answer_subscribe(h, p);
            break;
        case PINGREQ:
            SAY(h, "\xD0\0");
            break;
        default:
            break;
    }
}

static void broker_receives(void *owner, const uint8_t *bytes, size_t n) {
    house *h = owner;
    assert_true(h->in_size + n <= sizeof h->in);
    memcpy(h->in + h->in_size, bytes, n);
    h->in_size += n;
    while (h->in_size >= 2) {
        size_t header = h->in[1] < 0x80 ? 2 : 3;
        if (h->in_size < header) return;
        size_t size = header + (h->in[1] & 0x7FU) + (header == 3 ? (size_t)h->in[2] << 7 : 0);
        if (h->in_size < size) return;
        uint8_t packet[PACKET];
        assert_true(size <= sizeof packet);
        memcpy(packet, h->in, size);
        h->in_size -= size;
        memmove(h->in, h->in + size, h->in_size);
        broker_got(h, packet, size);
    }
}

static void broker_sends(void *owner, const uint8_t *bytes, size_t n) {
    put(owner, false, bytes, n);
}

static void broker_nothing(void *owner) {
    (void)owner;
}

static void broker_ended(void *owner, net_end why) {
    house *h = owner;
    h->broker_ends++;
    h->broker_why = why;
}

static const net_tcp_calls broker_calls = {broker_sends, broker_nothing, broker_receives,
                                           broker_nothing, broker_ended};

static void broker_input(house *h, const test_packet *s) {
    uint8_t reset[NET_TCP_HEADER];
    if (h->no_tcp) {
        broker_receives(h, s->bytes, s->n);
    } else if (h->tcp.state != NET_TCP_CLOSED) {
        net_tcp_input(&h->tcp, h->wire.now, s->bytes, s->n);
    } else if (h->nobody || !net_tcp_accept(&h->tcp, &net_tcp_linux, &broker_calls, h, s->bytes,
                                            s->n, 99, h->wire.now)) {
        if (net_tcp_segment_reset(s->bytes, s->n, reset)) put(h, false, reset, sizeof reset);
    }
}

/* ---- the device ---- */

static void device_sends(void *owner, const uint8_t *bytes, size_t n) {
    put(owner, true, bytes, n);
}

static void device_is_ready(void *owner) {
    house *h = owner;
    h->ready++;
}

static void device_is_answered(void *owner, const net_answer *answer) {
    house *h = owner;
    assert_int_equal(h->ended, 0);
    h->answered++;
    h->answered_at = h->wire.now;
    h->answer = *answer;
    assert_true(answer->size < sizeof h->body);
    if (answer->size > 0) memcpy(h->body, answer->body, answer->size);
    h->body[answer->size] = 0;
}

static void device_is_cut_off(void *owner, net_end why) {
    house *h = owner;
    h->ended++;
    h->ended_at = h->wire.now;
    h->why = why;
}

static const net_link_calls device_calls = {device_sends, device_is_ready, device_is_answered,
                                            device_is_cut_off};

/* False: no memory. */
static bool open_link(house *h) {
    h->settings.protocol = &net_protocol_mqtt;
    h->stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, 1);
    h->kernel = net_vkernel_new();
    if (h->kernel == NULL) return false;
    const net_link_setup setup = {.settings = &h->settings,
                                  .kernel = h->kernel,
                                  .stream = &h->stream,
                                  .who = &(net_credentials){.identity = "plug-1"},
                                  .tcp = h->no_tcp ? NULL : &net_tcp_linux,
                                  .port = 50000};
    h->link = net_link_new(&setup, 0, &device_calls, h);
    return h->link != NULL;
}

static void close_link(house *h) {
    net_link_free(h->link);
    h->link = NULL;
    net_tcp_free(&h->tcp);
    net_vkernel_free(h->kernel);
    h->kernel = NULL;
}

static void run(house *h, sim_time until) {
    for (;;) {
        sim_time next = test_wire_due(&h->wire);
        if (h->tcp.state != NET_TCP_CLOSED) next = sim_time_min(next, net_tcp_deadline(&h->tcp));
        if (h->link != NULL) next = sim_time_min(next, net_link_deadline(h->link));
        if (next > until) break;
        test_wire_advance(&h->wire, next);
        test_packet s;
        if (test_wire_take(&h->wire, &s)) {
            if (s.up) {
                broker_input(h, &s);
            } else if (h->link != NULL) {
                net_link_input(h->link, h->wire.now, s.bytes, s.n);
            }
            continue;
        }
        if (h->link != NULL && net_link_deadline(h->link) <= h->wire.now)
            net_link_wake(h->link, h->wire.now);
        if (h->tcp.state != NET_TCP_CLOSED && net_tcp_deadline(&h->tcp) <= h->wire.now)
            net_tcp_wake(&h->tcp, h->wire.now);
    }
    h->wire.now = until;
}

static int ask(house *h, net_ask_kind kind, const char *topic, const char *body, uint32_t tag) {
    const net_ask what = {.kind = kind,
                          .tag = tag,
                          .topic = topic,
                          .name = "plug-1",
                          .body = (const uint8_t *)body,
                          .size = body == NULL ? 0 : strlen(body)};
    return net_link_ask(h->link, h->wire.now, &what);
}

/* A link over which the device has registered. */
static void go_online(house *h) {
    assert_true(open_link(h));
    net_link_start(h->link, 0);
    run(h, 100 * SIM_MILLISECOND);
    assert_int_equal(h->ready, 1);
    assert_int_equal(ask(h, NET_ASK_REGISTER, "rd", NULL, 1), 0);
    run(h, SIM_SECOND);
}

static void go_online_well(house *h) {
    go_online(h);
    assert_int_equal(h->answered, 1);
    assert_int_equal(h->answer.kind, NET_TAKEN);
    assert_int_equal(h->answer.tag, 1);
    assert_int_equal(h->ended, 0);
}

static void assert_got(const house *h, uint32_t number, const void *bytes, size_t n) {
    assert_true(number < h->gots);
    assert_int_equal(h->got[number].n, n);
    assert_memory_equal(h->got[number].bytes, bytes, n);
}
#define GOT_IS(h, number, text) assert_got(h, number, text, sizeof(text) - 1)

/* ---- what goes out ---- */

static void test_a_day_at_work(void **state) {
    (void)state;
    house h = {.script.retained = "21.50"};
    go_online_well(&h);
    /* MQTT, 5, clean start, 60 s, libmosquitto's receive maximum 20, plug-1 */
    GOT_IS(&h, 0, "\x10\x16\0\4MQTT\5\2\0\x3C\3\x21\0\x14\0\6plug-1");
    assert_int_equal(ask(&h, NET_ASK_FOLLOW, "s/plug-1", NULL, 2), 0);
    run(&h, 2 * SIM_SECOND);
    GOT_IS(&h, 1, "\x82\x0E\0\1\0\0\x08s/plug-1\1");
    assert_int_equal(h.answered, 2);
    assert_int_equal(h.answer.kind, NET_TAKEN);
    assert_int_equal(h.answer.tag, 2);
    assert_false(h.answer.unasked);
    assert_string_equal(h.body, "21.50");
    publish(&h, "s/plug-1", "18.00", false);
    run(&h, 3 * SIM_SECOND);
    assert_int_equal(h.answered, 3);
    assert_int_equal(h.answer.tag, 2);
    assert_true(h.answer.unasked);
    assert_string_equal(h.body, "18.00");
    publish(&h, "s/plug-2", "1.00", false); /* not what it follows */
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "12 W", 3), 0);
    run(&h, 4 * SIM_SECOND);
    GOT_IS(&h, 2,
           "\x32\x11\0\x08t/plug-1\0\2\0"
           "12 W");
    assert_int_equal(h.answered, 4);
    assert_int_equal(h.answer.kind, NET_TAKEN);
    assert_int_equal(h.answer.tag, 3);
    assert_int_equal(h.gots, 3);
    close_link(&h);
}

static void test_settings(void **state) {
    (void)state;
    house h = {.settings = {.assurance = NET_EXACTLY_ONCE,
                            .report_replaces = true,
                            .alive_every = 300 * SIM_SECOND,
                            .remembered = SIM_HOUR,
                            .absence_topic = "here"}};
    go_online_well(&h);
    /* will at QoS 1, retained, no clean start, 300 s; session expiry 3600 s; the will */
    GOT_IS(&h, 0,
           "\x10\x32\0\4MQTT\5\x2C\1\x2C\x08\x21\0\x14\x11\0\0\x0E\x10\0\6plug-1\0\0\x0Bhere/"
           "plug-1\0\7offline");
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), 0);
    run(&h, 2 * SIM_SECOND);
    GOT_IS(&h, 1, "\x35\x0E\0\x08t/plug-1\0\1\0x");
    assert_int_equal(h.got[2].bytes[0], PUBREL << 4 | 2);
    assert_int_equal(h.answered, 2);
    assert_int_equal(h.answer.kind, NET_TAKEN);
    close_link(&h);

    h = (house){.settings.alive_every = SIM_NEVER}; /* one that sleeps: no pings */
    go_online_well(&h);
    GOT_IS(&h, 0, "\x10\x16\0\4MQTT\5\2\0\0\3\x21\0\x14\0\6plug-1");
    run(&h, SIM_DAY);
    assert_int_equal(h.gots, 1);
    assert_int_equal(h.ended, 0);
    close_link(&h);

    h = (house){.settings.assurance = NET_AT_MOST_ONCE};
    go_online_well(&h);
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), 0);
    assert_int_equal(h.answered, 1); /* not within the ask */
    run(&h, 2 * SIM_SECOND);
    GOT_IS(&h, 1, "\x30\x0C\0\x08t/plug-1\0x");
    assert_int_equal(h.answered, 2);
    assert_int_equal(h.answer.kind, NET_TAKEN);
    assert_int_equal(h.answer.tag, 2);
    close_link(&h);
}

static void test_a_change(void **state) {
    (void)state;
    house h = {0};
    go_online_well(&h);
    assert_int_equal(ask(&h, NET_ASK_CHANGE, "v", "7", 2), 0);
    run(&h, 2 * SIM_SECOND);
    GOT_IS(&h, 1,
           "\x33\x07\0\1v\0\1\0"
           "7");
    assert_int_equal(h.answer.kind, NET_TAKEN);
    close_link(&h);
}

/* A request of MQTT 5 (4.10): its answer is found by what it brings back of it. */
static void test_what_is_asked_once(void **state) {
    (void)state;
    house h = {0};
    go_online_well(&h);
    assert_int_equal(ask(&h, NET_ASK_READ, "v", NULL, 2), 0);
    run(&h, 2 * SIM_SECOND);
    GOT_IS(&h, 1,
           "\x82\x0E\0\1\0\0\x08"
           "a/plug-1\0");
    GOT_IS(&h, 2,
           "\x32\x18\0\1v\0\2\x12\x08\0\x08"
           "a/plug-1\x09\0\4\0\0\0\1");
    assert_int_equal(h.answered, 1); /* acknowledged is not answered */
    SAY(&h,
        "\x30\x1B\0\x08"
        "a/plug-1\7\x09\0\4\0\0\0\x09"
        "of others"); /* somebody else's number */
    SAY(&h,
        "\x30\x23\0\x08"
        "a/plug-1\x15\x09\0\4\0\0\0\1\x26\0\7edition\0\2"
        "12"
        "345");
    run(&h, 3 * SIM_SECOND);
    assert_int_equal(h.answered, 2);
    assert_int_equal(h.answer.kind, NET_TAKEN);
    assert_int_equal(h.answer.tag, 2);
    assert_int_equal(h.answer.edition, 12);
    assert_false(h.answer.unasked);
    assert_string_equal(h.body, "345");
    close_link(&h);
}

static void test_a_block(void **state) {
    (void)state;
    house h = {0};
    go_online_well(&h);
    const net_ask block = {
        .kind = NET_ASK_BLOCK, .tag = 2, .topic = "fw/plug", .version = 2, .number = 7};
    assert_int_equal(net_link_ask(h.link, h.wire.now, &block), 0);
    run(&h, 2 * SIM_SECOND);
    GOT_IS(&h, 2,
           "\x32\x29\0\7fw/plug\0\2\x12\x08\0\x08"
           "a/plug-1\x09\0\4\0\0\0\1"
           "v=2&block=7");
    assert_int_equal(net_link_ask(h.link, h.wire.now, &block), 0); /* it has subscribed already */
    run(&h, 3 * SIM_SECOND);
    assert_int_equal(h.gots, 4);
    run(&h, SIM_MINUTE); /* nothing comes */
    assert_int_equal(h.answered, 3);
    assert_int_equal(h.answer.kind, NET_UNANSWERED);
    assert_int_equal(h.answer.error, SIM_ETIMEOUT);
    SAY(&h,
        "\x30\x15\0\x08"
        "a/plug-1\7\x09\0\4\0\0\0\1"
        "old"); /* too late */
    run(&h, SIM_MINUTE + SIM_SECOND);
    assert_int_equal(h.answered, 3);
    close_link(&h);
}

/* What a request and a change come to, by their acknowledgement. */
static void test_what_is_asked_and_refused(void **state) {
    (void)state;
    static const struct {
        uint8_t reason;
        net_answer_kind read, change;
    } rows[] = {{0x10, NET_REFUSED, NET_TAKEN},
                {0x83, NET_REFUSED, NET_OVERTAKEN},
                {0x87, NET_REFUSED, NET_REFUSED},
                {0x90, NET_REFUSED, NET_REFUSED},
                {0x97, NET_BUSY, NET_BUSY}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        house h = {.script.puback = rows[i].reason};
        go_online_well(&h);
        assert_int_equal(ask(&h, NET_ASK_READ, "v", NULL, 2), 0);
        run(&h, 2 * SIM_SECOND);
        assert_int_equal(h.answered, 2);
        assert_int_equal(h.answer.kind, rows[i].read);
        const net_ask change = {.kind = NET_ASK_CHANGE, .tag = 3, .topic = "v", .edition = 12};
        assert_int_equal(net_link_ask(h.link, h.wire.now, &change), 0);
        run(&h, 3 * SIM_SECOND);
        GOT_IS(&h, 3,
               "\x32\x14\0\1v\0\3\x0E\x26\0\7edition\0\2"
               "12");
        assert_int_equal(h.answered, 3);
        assert_int_equal(h.answer.kind, rows[i].change);
        close_link(&h);
    }
}

static void test_what_cannot_be_asked(void **state) {
    (void)state;
    house h = {0};
    static char long_topic[300], fat[NET_BODY_MAX + 2];
    memset(long_topic, 'x', sizeof long_topic - 1);
    memset(fat, 'x', sizeof fat - 1);
    assert_true(open_link(&h));
    net_link_start(h.link, 0);
    assert_int_equal(ask(&h, NET_ASK_REGISTER, "rd", NULL, 1), SIM_ESTATE); /* not open yet */
    run(&h, SIM_SECOND);
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), SIM_ESTATE); /* nor registered */
    assert_int_equal(ask(&h, NET_ASK_FOLLOW, "s", NULL, 2), SIM_ESTATE);
    assert_int_equal(ask(&h, NET_ASK_READ, "v", NULL, 2), SIM_ESTATE);
    assert_int_equal(ask(&h, NET_ASK_REGISTER, "rd", NULL, 1), 0);
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), SIM_ESTATE); /* no CONNACK yet */
    run(&h, 2 * SIM_SECOND);
    assert_int_equal(ask(&h, NET_ASK_REGISTER, "rd", NULL, 1), SIM_ESTATE);
    assert_int_equal(ask(&h, NET_ASK_REPORT, long_topic, "x", 2), SIM_ERANGE);
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", fat, 2), SIM_ERANGE);
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t/#", "x", 2), SIM_ERANGE);
    assert_int_equal(ask(&h, NET_ASK_FOLLOW, "a/#/b", NULL, 2), SIM_ERANGE);
    run(&h, SIM_MINUTE);
    assert_int_equal(h.answered, 1); /* none of them */
    assert_int_equal(h.gots, 1);
    close_link(&h);
}

/* ---- what comes back ---- */

typedef struct refusal {
    uint8_t reason;
    net_answer_kind kind;
    bool unknown;
    net_end end; /* of the connection, when it comes with a CONNACK */
} refusal;

static const refusal refusals[] = {
    {0x80, NET_REFUSED, false, NET_END_REFUSED},
    {0x81, NET_REFUSED, false, NET_END_PROTOCOL},
    {0x84, NET_REFUSED, false, NET_END_REFUSED},
    {0x85, NET_REFUSED, true, NET_END_UNKNOWN_IDENTITY},
    {0x86, NET_REFUSED, true, NET_END_UNKNOWN_IDENTITY},
    {0x87, NET_REFUSED, true, NET_END_UNKNOWN_IDENTITY},
    {0x88, NET_BUSY, false, NET_END_BUSY},
    {0x89, NET_BUSY, false, NET_END_BUSY},
    {0x8A, NET_REFUSED, true, NET_END_UNKNOWN_IDENTITY},
    {0x97, NET_BUSY, false, NET_END_BUSY},
    {0x9C, NET_REFUSED, false, NET_END_ELSEWHERE},
    {0x9D, NET_REFUSED, false, NET_END_ELSEWHERE},
    {0x9F, NET_BUSY, false, NET_END_BUSY},
};

static void test_a_connection_that_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const refusal *r = &refusals[i];
        house h = {.script.connack = r->reason};
        go_online(&h);
        assert_int_equal(h.answered, 1);
        assert_int_equal(h.answer.tag, 1);
        assert_int_equal(h.answer.kind, r->kind);
        assert_int_equal(h.answer.unknown, r->unknown);
        assert_int_equal(h.answer.detail, r->reason);
        assert_int_equal(h.ended, 1);
        assert_int_equal(h.why, r->end);
        assert_int_equal(h.broker_why, NET_END_CLOSED); /* it says good bye as TCP does */
        close_link(&h);
    }
}

/* The reasons that MQTT has for a PUBACK (3.4.2.1); libmosquitto takes others for a mistake. */
static void test_a_report_that_is_refused(void **state) {
    (void)state;
    static const struct {
        uint8_t reason;
        net_answer_kind kind;
        bool unknown;
    } rows[] = {{0x80, NET_REFUSED, false}, {0x83, NET_REFUSED, false}, {0x87, NET_REFUSED, true},
                {0x90, NET_REFUSED, false}, {0x91, NET_REFUSED, false}, {0x97, NET_BUSY, false},
                {0x99, NET_REFUSED, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        house h = {.script.puback = rows[i].reason};
        go_online_well(&h);
        assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), 0);
        run(&h, 2 * SIM_SECOND);
        assert_int_equal(h.answered, 2);
        assert_int_equal(h.answer.kind, rows[i].kind);
        assert_int_equal(h.answer.unknown, rows[i].unknown);
        assert_int_equal(h.answer.detail, rows[i].reason);
        assert_int_equal(h.ended, 0);
        close_link(&h);
    }
    house h = {.script.puback = 0x10}; /* no matching subscribers: that is no refusal */
    go_online_well(&h);
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), 0);
    run(&h, 2 * SIM_SECOND);
    assert_int_equal(h.answer.kind, NET_TAKEN);
    close_link(&h);
}

static void test_a_disconnect(void **state) {
    (void)state;
    static const struct {
        const char *packet;
        size_t size;
        net_end end;
    } rows[] = {{"\xE0\0", 2, NET_END_PROTOCOL}, /* libmosquitto wants a reason */
                {"\xE0\1\0", 3, NET_END_CLOSED},
                {"\xE0\1\x04", 3, NET_END_CLOSED},
                {"\xE0\2\x8B\0", 4, NET_END_CLOSED},
                {"\xE0\1\x8D", 3, NET_END_LOST},
                {"\xE0\1\x8E", 3, NET_END_REPLACED},
                {"\xE0\1\x89", 3, NET_END_BUSY},
                {"\xE0\1\x97", 3, NET_END_BUSY},
                {"\xE0\1\x9F", 3, NET_END_BUSY},
                {"\xE0\1\x93", 3, NET_END_PROTOCOL},
                {"\xE0\1\x9D", 3, NET_END_ELSEWHERE},
                {"\xE0\x08\x9C\6\x1C\0\3abc", 10, NET_END_ELSEWHERE}}; /* with a Server Reference */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        house h = {0};
        go_online_well(&h);
        h.script.mute = true;
        assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), 0);
        say(&h, rows[i].packet, rows[i].size);
        run(&h, SIM_HOUR);
        assert_int_equal(h.ended, 1);
        assert_int_equal(h.why, rows[i].end);
        assert_int_equal(h.answered, 1); /* the report ended with the link */
        assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), SIM_ESTATE);
        close_link(&h);
    }
}

static void test_a_follow_without_a_value(void **state) {
    (void)state;
    house h = {0};
    go_online_well(&h);
    assert_int_equal(ask(&h, NET_ASK_FOLLOW, "s/plug-1", NULL, 2), 0);
    run(&h, SIM_MINUTE);
    assert_int_equal(h.answered, 2);
    assert_int_equal(h.answer.kind, NET_TAKEN);
    assert_int_equal(h.answer.size, 0);
    assert_in_range(h.answered_at, 6 * SIM_SECOND, 6100 * SIM_MILLISECOND);
    publish(&h, "s/plug-1", "18.00", false);
    run(&h, 2 * SIM_MINUTE);
    assert_true(h.answer.unasked);
    assert_string_equal(h.body, "18.00");
    close_link(&h);

    h = (house){.script.suback = 0x87};
    go_online_well(&h);
    assert_int_equal(ask(&h, NET_ASK_FOLLOW, "s/plug-1", NULL, 2), 0);
    run(&h, 2 * SIM_SECOND);
    assert_int_equal(h.answer.kind, NET_REFUSED);
    assert_true(h.answer.unknown);
    publish(&h, "s/plug-1", "18.00", false); /* it follows nothing */
    run(&h, 3 * SIM_SECOND);
    assert_int_equal(h.answered, 2);
    close_link(&h);
}

/* Each byte in a segment of its own gives what the whole packets give. */
static void test_packets_in_pieces(void **state) {
    (void)state;
    house h = {.no_tcp = true};
    go_online_well(&h);
    static const uint8_t packets[] =
        "\xD0\0"
        "\x30\x12\0\x08s/plug-1\0"
        "1234567"
        "\xD0\0";
    h.script.mute = true;
    assert_int_equal(ask(&h, NET_ASK_FOLLOW, "s/plug-1", NULL, 2), 0);
    run(&h, 2 * SIM_SECOND);
    for (size_t i = 0; i < sizeof packets - 1; i++) {
        assert_int_equal(h.answered, 1 + (i >= sizeof packets - 3));
        net_link_input(h.link, h.wire.now, packets + i, 1);
    }
    assert_string_equal(h.body, "1234567");
    assert_int_equal(h.answer.tag, 2);
    assert_int_equal(h.ended, 0);
    close_link(&h);
}

/* A value larger than one read of anything. */
static void test_a_large_value(void **state) {
    (void)state;
    static uint8_t packet[5 + 3 + 1 + 12000];
    house h = {.no_tcp = true};
    go_online_well(&h);
    memcpy(packet, "\x30\xE4\x5D\0\1x\0", 7); /* 2 + 1 + 1 + 12000 */
    net_link_input(h.link, h.wire.now, packet, 7 + 6000);
    net_link_input(h.link, h.wire.now, packet, 6000);
    assert_int_equal(h.ended, 0);
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), 0); /* the stream is in step */
    run(&h, 2 * SIM_SECOND);
    assert_int_equal(h.answered, 2);
    close_link(&h);
}

/* ---- silence ---- */

static void test_a_link_shows_that_it_lives(void **state) {
    (void)state;
    house h = {0};
    go_online_well(&h);
    run(&h, SIM_HOUR);
    assert_int_equal(h.ended, 0);
    assert_int_equal(h.gots, 1 + 59);
    for (uint32_t i = 1; i < h.gots; i++) {
        assert_int_equal(h.got[i].bytes[0], PINGREQ << 4);
        assert_in_range(h.got[i].at - h.got[i - 1].at, 59 * SIM_SECOND, 61 * SIM_SECOND);
    }
    close_link(&h);
}

/* The server's word goes before the client's (3.2.2.3.14). */
static void test_a_server_that_wants_it_more_often(void **state) {
    (void)state;
    house h = {.script = {.greeting = "\x20\6\0\0\3\x13\0\x0A", .greeting_size = 8}};
    go_online_well(&h);
    run(&h, 101 * SIM_SECOND);
    assert_int_equal(h.gots, 1 + 10);
    close_link(&h);
}

/* A broker that takes everything and says nothing: libmosquitto asks after a keep-alive, and the
 * client gives up after a quarter of another. */
static void test_a_frozen_broker_is_noticed(void **state) {
    (void)state;
    house h = {0};
    go_online_well(&h);
    h.script.mute = true;
    run(&h, SIM_HOUR);
    assert_int_equal(h.ended, 1);
    assert_int_equal(h.why, NET_END_LOST);
    assert_in_range(h.ended_at, 74 * SIM_SECOND, 76 * SIM_SECOND);
    assert_int_equal(h.broker_why, NET_END_CLOSED);
    close_link(&h);

    h = (house){0}; /* with a report open: that is not answered, long before */
    go_online_well(&h);
    h.script.mute = true;
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), 0);
    run(&h, 35 * SIM_SECOND);
    assert_int_equal(h.answered, 2);
    assert_int_equal(h.answer.kind, NET_UNANSWERED);
    assert_int_equal(h.answer.error, SIM_ETIMEOUT);
    assert_int_equal(h.answered_at, 31 * SIM_SECOND);
    close_link(&h);

    h = (house){.script.mute = true}; /* from the start */
    go_online(&h);
    run(&h, 40 * SIM_SECOND);
    assert_int_equal(h.answered, 1);
    assert_int_equal(h.answer.kind, NET_UNANSWERED);
    close_link(&h);
}

static void test_a_way_that_is_cut(void **state) {
    (void)state;
    house h = {.wire.cut = true};
    assert_true(open_link(&h));
    net_link_start(h.link, 0);
    run(&h, SIM_HOUR);
    assert_int_equal(h.ready, 0);
    assert_int_equal(h.why, NET_END_TIMEOUT);
    assert_int_equal(h.ended_at, 127 * SIM_SECOND);
    close_link(&h);

    h = (house){0};
    go_online_well(&h);
    h.wire.cut = true;
    run(&h, SIM_HOUR);
    assert_int_equal(h.why, NET_END_LOST);
    close_link(&h);
}

static void test_nobody_listens(void **state) {
    (void)state;
    house h = {.nobody = true};
    assert_true(open_link(&h));
    net_link_start(h.link, 0);
    run(&h, SIM_HOUR);
    assert_int_equal(h.why, NET_END_REFUSED);
    assert_int_equal(h.ended, 1);
    close_link(&h);

    for (int no_tcp = 0; no_tcp <= 1; no_tcp++) { /* the transport itself says so */
        h = (house){.wire.cut = true, .no_tcp = no_tcp == 1};
        assert_true(open_link(&h));
        net_link_start(h.link, 0);
        net_link_refused(h.link, 0);
        net_link_refused(h.link, 0);
        run(&h, SIM_HOUR);
        assert_int_equal(h.why, NET_END_REFUSED);
        assert_int_equal(h.ended, 1);
        close_link(&h);
    }
}

static void test_a_broker_that_goes_away(void **state) {
    (void)state;
    for (int reset = 0; reset <= 1; reset++) {
        house h = {0};
        go_online_well(&h);
        if (reset) {
            net_tcp_abort(&h.tcp);
        } else {
            net_tcp_close(&h.tcp, h.wire.now);
        }
        run(&h, SIM_HOUR);
        assert_int_equal(h.ended, 1);
        assert_int_equal(h.why, reset ? NET_END_RESET : NET_END_CLOSED);
        assert_in_range(h.ended_at, SIM_SECOND, SIM_SECOND + 100 * SIM_MILLISECOND);
        close_link(&h);
    }
}

/* Power comes back: the broker's machine rebooted meanwhile and knows nothing of the connection. */
static void test_a_broker_that_forgot(void **state) {
    (void)state;
    house h = {0};
    go_online_well(&h);
    net_tcp_free(&h.tcp);
    h.nobody = true;
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), 0);
    run(&h, SIM_HOUR);
    assert_int_equal(h.why, NET_END_RESET);
    assert_int_equal(h.ended_at, SIM_SECOND + 2 * TEST_WIRE_LATENCY);
    close_link(&h);
}

/* ---- a hostile broker ---- */

static void test_garbage(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        {"\0\0", 2},
        {"\x20\xFF\xFF\xFF\x7F", 5},     /* 256 MB */
        {"\x20\x81\x80\x01", 4},         /* a byte more than is taken: 16,385 */
        {"\x20\xFF\xFF\xFF\xFF\x7F", 6}, /* a length of five bytes */
        {"\x20\x02\0\0", 4},             /* of 3.1.1, without properties */
        {"\x20\x00", 2},
        {"\x20\x03\0\0\x7F", 5}, /* properties longer than the packet */
        {"\x20\x04\0\0\1\xFF", 6},
        {"\x20\x05\0\0\2\x27\0", 7},
        {"\x10\x00", 2}, /* a client's packet */
        {"\xF0\x00", 2}, /* AUTH that nobody began */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        house h = {.script = {.greeting = rows[i].bytes, .greeting_size = rows[i].size}};
        go_online(&h);
        print_message("garbage %zu\n", i);
        assert_int_equal(h.ended, 1);
        assert_int_equal(h.why, NET_END_PROTOCOL);
        assert_int_equal(h.answered, 0);
        close_link(&h);
    }
}

/* Half a packet is no reason to wait for ever. */
static void test_half_a_packet(void **state) {
    (void)state;
    house h = {.script = {.greeting = "\x20\x03\0", .greeting_size = 3}};
    go_online(&h);
    run(&h, 40 * SIM_SECOND);
    assert_int_equal(h.answered, 1);
    assert_int_equal(h.answer.kind, NET_UNANSWERED);
    run(&h, SIM_HOUR);
    assert_int_equal(h.why, NET_END_LOST);
    close_link(&h);
}

/* Acknowledgements of what was never sent, and twice. */
static void test_acknowledgements_of_nothing(void **state) {
    (void)state;
    house h = {0};
    go_online_well(&h);
    SAY(&h, "\x40\4\0\x63\0\0");
    SAY(&h, "\x90\4\0\x63\0\0");
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), 0);
    run(&h, 2 * SIM_SECOND);
    SAY(&h, "\x40\4\0\1\0\0");
    run(&h, 3 * SIM_SECOND);
    assert_int_equal(h.answered, 2);
    assert_int_equal(h.ended, 0);
    close_link(&h);
}

/* A peer that acknowledges no byte: what does not fit into the buffer ends the link. */
static void test_a_buffer_that_is_full(void **state) {
    (void)state;
    static char fat[NET_BODY_MAX + 1];
    memset(fat, 'x', NET_BODY_MAX);
    house h = {.settings.assurance = NET_AT_MOST_ONCE};
    go_online_well(&h);
    h.wire.cut = true;
    for (int i = 0; i < 100 && h.ended == 0; i++) {
        int error = ask(&h, NET_ASK_REPORT, "t", fat, 2);
        assert_true(error == 0 || h.ended == 1);
    }
    assert_int_equal(h.ended, 1);
    assert_int_equal(h.why, NET_END_LOST);
    close_link(&h);
}

/* ---- power, memory, and once more ---- */

static void test_power_loss_is_a_free(void **state) {
    (void)state;
    /* not started, in the handshake, ready, registering, with a report and a follow open */
    for (int when = 0; when < 5; when++) {
        house h = {0};
        assert_true(open_link(&h));
        if (when > 0) net_link_start(h.link, 0);
        if (when > 1) run(&h, SIM_SECOND);
        if (when > 2) assert_int_equal(ask(&h, NET_ASK_REGISTER, "rd", NULL, 1), 0);
        if (when > 3) {
            run(&h, 2 * SIM_SECOND);
            assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 2), 0);
            assert_int_equal(ask(&h, NET_ASK_FOLLOW, "s", NULL, 3), 0);
        }
        uint32_t sent = test_wire_sent(&h.wire), told = h.ready + h.answered + h.ended;
        net_link_free(h.link);
        h.link = NULL;
        assert_int_equal(test_wire_sent(&h.wire), sent);
        assert_int_equal(h.ready + h.answered + h.ended, told);
        close_link(&h);
    }
}

static uint64_t hash_of_a_life(void) {
    house h = {.script.retained = "20.00"};
    go_online_well(&h);
    assert_int_equal(ask(&h, NET_ASK_FOLLOW, "s/plug-1", NULL, 2), 0);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(ask(&h, NET_ASK_REPORT, "t", "x", 3), 0);
        h.wire.cut = i == 3;
        run(&h, h.wire.now + 10 * SIM_SECOND);
        h.wire.cut = false;
    }
    uint64_t hash = h.wire.sent_all.value;
    close_link(&h);
    return hash;
}

static void test_a_life_replays(void **state) {
    (void)state;
    uint64_t once = hash_of_a_life();
    void *shift = sim_malloc(4711);
    assert_true(hash_of_a_life() == once);
    sim_free(shift);
}

/* Each allocation fails once, and from then on: the life goes on or ends with a word, and nothing
 * is left over. */
static void test_no_memory(void **state) {
    (void)state;
    for (int for_good = 0; for_good <= 1; for_good++) {
        bool happened = true;
        for (long n = 0; happened; n++) {
            sim_heap_use before = sim_heap_in_use();
            house h = {.script.retained = "20.00"};
            sim_heap_fail(n, for_good == 1);
            int error = open_link(&h) ? 0 : SIM_ENOMEM;
            if (error == 0) {
                net_link_start(h.link, 0);
                run(&h, SIM_SECOND);
                if (h.ready > 0) error = ask(&h, NET_ASK_REGISTER, "rd", NULL, 1);
                run(&h, 2 * SIM_SECOND);
                if (error == 0 && h.ended == 0) error = ask(&h, NET_ASK_FOLLOW, "s/p", NULL, 2);
                if (error == 0 && h.ended == 0) error = ask(&h, NET_ASK_REPORT, "t", "x", 3);
                if (error == 0 && h.ended == 0) error = ask(&h, NET_ASK_READ, "v", NULL, 4);
                run(&h, SIM_MINUTE);
            }
            happened = sim_heap_fail_never();
            if (!happened) {
                assert_int_equal(error, 0);
                assert_int_equal(h.answered, 4);
            }
            close_link(&h);
            sim_heap_use after = sim_heap_in_use();
            assert_int_equal(after.blocks, before.blocks);
            assert_int_equal(after.bytes, before.bytes);
        }
    }
}

static size_t bytes_of_a_kernel(void) {
    sim_heap_use before = sim_heap_in_use();
    net_vkernel *k = net_vkernel_new();
    net_node node;
    assert_int_equal(net_vkernel_open(k, NULL, NULL, &node), 0);
    sim_heap_use after = sim_heap_in_use();
    net_vkernel_close(k, node);
    net_vkernel_free(k);
    return (size_t)(after.bytes - before.bytes);
}

/* Each test house has a kernel, which is a street's in a fleet. */
static void test_a_client_is_small(void **state) {
    (void)state;
    house h = {0};
    sim_heap_use before = sim_heap_in_use();
    go_online_well(&h);
    sim_heap_use after = sim_heap_in_use();
    size_t bytes = (size_t)(after.bytes - before.bytes) - bytes_of_a_kernel();
    print_message("%zu bytes\n", bytes);
    assert_true(bytes < 1280);
    close_link(&h);
}

static void test_the_version(void **state) {
    (void)state;
    assert_string_equal(net_mqtt_version(), "2.0.21");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_day_at_work),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_a_change),
        cmocka_unit_test(test_what_is_asked_once),
        cmocka_unit_test(test_a_block),
        cmocka_unit_test(test_what_is_asked_and_refused),
        cmocka_unit_test(test_what_cannot_be_asked),
        cmocka_unit_test(test_a_connection_that_is_refused),
        cmocka_unit_test(test_a_report_that_is_refused),
        cmocka_unit_test(test_a_disconnect),
        cmocka_unit_test(test_a_follow_without_a_value),
        cmocka_unit_test(test_packets_in_pieces),
        cmocka_unit_test(test_a_large_value),
        cmocka_unit_test(test_a_link_shows_that_it_lives),
        cmocka_unit_test(test_a_server_that_wants_it_more_often),
        cmocka_unit_test(test_a_frozen_broker_is_noticed),
        cmocka_unit_test(test_a_way_that_is_cut),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_a_broker_that_goes_away),
        cmocka_unit_test(test_a_broker_that_forgot),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_half_a_packet),
        cmocka_unit_test(test_acknowledgements_of_nothing),
        cmocka_unit_test(test_a_buffer_that_is_full),
        cmocka_unit_test(test_power_loss_is_a_free),
        cmocka_unit_test(test_a_life_replays),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_a_client_is_small),
        cmocka_unit_test(test_the_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
