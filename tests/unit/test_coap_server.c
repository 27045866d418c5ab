/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_coap_server.c - the cloud's CoAP side: with our clients over a wire that the test may cut,
 * and with messages written by hand as others send them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/coap_server.h"
#include "sim/core/heap.h"
#include "tests/support/coap_world.h"
#include "tests/unit/with_cmocka.h"

#define BYTES(text) (text), sizeof(text) - 1

/* ---- A server alone: the test writes messages and reads what comes back ---- */

typedef struct desk {
    net_vkernel *kernel;
    net_coap_server *server;
    sim_stream stream;
    sim_time now;
    sim_time due; /* of the member that reported last */
    uint32_t member;
    uint32_t asked, sent;
    net_coap_peer asked_by, sent_to;
    uint8_t method;
    bool observe;
    char path[300], query[300];
    size_t payload_size;
    net_coap_reply reply;
    sim_time sent_at[16];
    size_t size;
    uint8_t last[1500];
} desk;

static void desk_sends(void *owner, net_coap_peer peer, const uint8_t *datagram, size_t n) {
    desk *d = owner;
    if (d->sent < 16) d->sent_at[d->sent] = d->now;
    d->sent++;
    d->sent_to = peer;
    d->size = n;
    memcpy(d->last, datagram, n);
}

static void desk_is_asked(void *owner, net_coap_peer peer, const net_coap_request *request,
                          net_coap_reply *reply) {
    desk *d = owner;
    d->asked++;
    d->asked_by = peer;
    d->method = request->method;
    d->observe = request->observe;
    d->payload_size = request->payload_size;
    snprintf(d->path, sizeof d->path, "%s", request->path);
    snprintf(d->query, sizeof d->query, "%s", request->query == NULL ? "(none)" : request->query);
    if (d->reply.code != 0) *reply = d->reply;
}

static void desk_is_due(void *owner, uint32_t member, sim_time due) {
    desk *d = owner;
    d->member = member;
    d->due = due;
}

static const net_coap_server_calls desk_calls = {desk_sends, desk_is_asked, desk_is_due};

static void desk_open(desk *d) {
    *d = (desk){.due = SIM_NEVER};
    d->stream = sim_stream_for(1, SIM_PURPOSE_SERVER, 1);
    d->kernel = net_vkernel_new();
    d->server = net_coap_server_new(d->kernel, &desk_calls, d);
    assert_non_null(d->server);
}

static void desk_close(desk *d) {
    net_coap_server_free(d->server);
    net_vkernel_free(d->kernel);
}

static net_coap_peer desk_admit(desk *d) {
    net_coap_peer peer = 0;
    assert_int_equal(net_coap_server_admit(d->server, d->now, &d->stream, &peer), 0);
    assert_int_not_equal(peer, 0);
    return peer;
}

static void desk_input(desk *d, net_coap_peer peer, const char *message, size_t n) {
    net_coap_server_input(d->server, d->now, peer, (const uint8_t *)message, n);
}

/* Lets the timers of the one member ring until `until`. */
static void desk_run(desk *d, sim_time until) {
    while (d->due <= until) {
        d->now = d->due;
        net_coap_server_wake(d->server, d->now, d->member);
    }
    d->now = until;
}

static uint8_t last_type(const desk *d) {
    return d->last[0] >> 4 & 3;
}

/* The message ID of the last message. */
static uint16_t last_mid(const desk *d) {
    return (uint16_t)(d->last[2] << 8 | d->last[3]);
}

static void desk_answer(desk *d, net_coap_peer peer, uint8_t first, uint16_t mid) {
    char message[4] = {(char)first, 0, (char)(mid >> 8), (char)mid};
    desk_input(d, peer, message, sizeof message);
}

#define CON_0 "\x40" /* version 1, confirmable, no token */
#define CON_1 "\x41"
#define NON_1 "\x51"
#define GET "\x01"
#define POST "\x02"
#define PATH(byte, text) byte text /* option 11 first in the message: 0xb0 + length */

/* ---- What reaches the owner ---- */

typedef struct request_case {
    const char *what;
    const char *message;
    size_t size;
    int asked;        /* times */
    const char *path; /* as asked */
    const char *query;
    uint8_t code; /* of the answer when the owner answers 2.05 "0123456789abcdefghij" */
} request_case;

static const request_case requests[] = {
    {"GET of any path", BYTES(CON_0 GET "\0\1" PATH("\xb1", "t")), 1, "t", "(none)", 0x45},
    {"GET of the root", BYTES(CON_0 GET "\0\1"), 1, "", "(none)", 0x45},
    {"POST",
     BYTES(CON_0 POST "\0\1" PATH("\xb1", "t") "\1"
                                               "u"
                                               "\xff"
                                               "x"),
     1, "t/u", "(none)", 0x45},
    {"PUT",
     BYTES(CON_0 "\x03"
                 "\0\1" PATH("\xb1", "t")),
     1, "t", "(none)", 0x45},
    {"DELETE",
     BYTES(CON_0 "\x04"
                 "\0\1" PATH("\xb1", "t")),
     1, "t", "(none)", 0x45},
    {"query",
     BYTES(CON_0 GET "\0\1" PATH("\xb1", "t") "\x43"
                                              "a=1"
                                              "\1"
                                              "b"),
     1, "t", "a=1&b", 0x45},
    {"discovery: EN 303 645 5.6-2, the owner decides",
     BYTES(CON_0 GET "\0\1" PATH("\xbb", ".well-known") "\4"
                                                        "core"),
     1, ".well-known/core", "(none)", 0x45},
    {"slash and percent inside a segment", BYTES(CON_0 GET "\0\1" PATH("\xb3", "a/%")), 1,
     "a%2F%25", "(none)", 0x45},
    {"zero and control bytes", BYTES(CON_0 GET "\0\1" PATH("\xb3", "a\0\x1f")), 1, "a%00%1F",
     "(none)", 0x45},
    {"Uri-Host and Uri-Port",
     BYTES(CON_0 GET "\0\1"
                     "\x35"
                     "cloud"
                     "\x42\x16\x33"
                     "\x41"
                     "t"),
     1, "t", "(none)", 0x45},
    {"ETag",
     BYTES(CON_0 GET "\0\1"
                     "\x42"
                     "ab"
                     "\x71"
                     "t"),
     1, "t", "(none)", 0x45},
    {"Accept", BYTES(CON_0 GET "\0\1" PATH("\xb1", "t") "\x60"), 1, "t", "(none)", 0x45},
    {"Block2 0/0/16", BYTES(CON_0 GET "\0\1" PATH("\xb1", "t") "\xc0"), 1, "t", "(none)", 0x45},
    {"Block2 1/0/16", BYTES(CON_0 GET "\0\1" PATH("\xb1", "t") "\xc1\x10"), 1, "t", "(none)", 0x45},
    {"Block2 beyond the end", BYTES(CON_0 GET "\0\1" PATH("\xb1", "t") "\xc1\x20"), 1, "t",
     "(none)", 0x80},
    {"Block2 far beyond the end", BYTES(CON_0 GET "\0\1" PATH("\xb1", "t") "\xc3\xff\xff\xf6"), 1,
     "t", "(none)", 0x80},
    {"Block1, all in one",
     BYTES(CON_0 "\x03"
                 "\0\1" PATH("\xb1", "t") "\xd1\x03\x06"
                                          "\xff"
                                          "x"),
     1, "t", "(none)", 0x45},
    {"Block1, a first one of another size: 4.00",
     BYTES(CON_0 "\x03"
                 "\0\1" PATH("\xb1", "t") "\xd1\x03\x0e"
                                          "\xff"
                                          "x"),
     0, "", "", 0x80},
    {"Block1, a first one: 2.31",
     BYTES(CON_0 "\x03"
                 "\0\1" PATH("\xb1", "t") "\xd1\x03\x08"
                                          "\xff"
                                          "0123456789abcdef"),
     0, "", "", 0x5f},
    {"Block1, a later one alone: 4.08",
     BYTES(CON_0 "\x03"
                 "\0\1" PATH("\xb1", "t") "\xd1\x03\x16"
                                          "\xff"
                                          "x"),
     0, "", "", 0x88},
    {"Block1 of the reserved size: 4.00",
     BYTES(CON_0 "\x03"
                 "\0\1" PATH("\xb1", "t") "\xd1\x03\x07"
                                          "\xff"
                                          "x"),
     0, "", "", 0x80},
    {"Block2 of the reserved size: 4.00", BYTES(CON_0 GET "\0\1" PATH("\xb1", "t") "\xc1\x07"), 0,
     "", "", 0x80},
    {"two Accept: 4.02",
     BYTES(CON_0 GET "\0\1" PATH("\xb1", "t") "\x60"
                                              "\x01"
                                              "("),
     0, "", "", 0x82},
    {"Accept that is not served: 4.06", BYTES(CON_0 GET "\0\1" PATH("\xb1", "t") "\x61("), 1, "t",
     "(none)", 0x86},
    {"unknown critical option 29: 4.02", BYTES(CON_0 GET "\0\1" PATH("\xb1", "t") "\xd0\x05"), 0,
     "", "", 0x82},
    {"unknown elective option 30", BYTES(CON_0 GET "\0\1" PATH("\xb1", "t") "\xd0\x06"), 1, "t",
     "(none)", 0x45},
    {"Proxy-Uri: 5.05",
     BYTES(CON_0 GET "\0\1"
                     "\xd7\x16"
                     "coap://"),
     0, "", "", 0xa5},
    {"FETCH: 4.05",
     BYTES(CON_0 "\x05"
                 "\0\1" PATH("\xb1", "t")),
     0, "", "", 0x85},
    {"iPATCH: 4.05",
     BYTES(CON_0 "\x07"
                 "\0\1" PATH("\xb1", "t")),
     0, "", "", 0x85},
    {"a method of the future: 4.05",
     BYTES(CON_0 "\x1f"
                 "\0\1" PATH("\xb1", "t")),
     0, "", "", 0x85},
};

static void test_requests_reach_the_owner(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const request_case *r = &requests[i];
        desk d;
        desk_open(&d);
        d.reply = (net_coap_reply){.code = NET_COAP_CONTENT,
                                   .format = NET_COAP_FORMAT_TEXT,
                                   .max_age_s = 60,
                                   .payload = "0123456789abcdefghij",
                                   .payload_size = 20};
        net_coap_peer peer = desk_admit(&d);
        desk_input(&d, peer, r->message, r->size);
        if (d.asked != (uint32_t)r->asked || d.sent != 1 || d.last[1] != r->code)
            print_message("case: %s\n", r->what);
        assert_int_equal(d.asked, r->asked);
        assert_string_equal(d.path, r->path);
        assert_string_equal(d.query, r->query);
        assert_int_equal(d.sent, 1);
        assert_int_equal(d.sent_to, peer);
        assert_int_equal(d.last[0] >> 4, 6); /* acknowledgement with the answer in it */
        assert_int_equal(d.last[1], r->code);
        assert_int_equal(last_mid(&d), 1);
        assert_int_equal(d.due, SIM_NEVER);
        desk_close(&d);
    }
}

static void test_blocks_of_an_answer(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    d.reply = (net_coap_reply){.code = NET_COAP_CONTENT,
                               .format = NET_COAP_FORMAT_TEXT,
                               .max_age_s = 60,
                               .payload = "0123456789abcdefghij",
                               .payload_size = 20};
    net_coap_peer peer = desk_admit(&d);
    desk_input(&d, peer, BYTES(CON_0 GET "\0\1" PATH("\xb1", "t") "\xc0"));
    assert_memory_equal(d.last + d.size - 17,
                        "\xff"
                        "0123456789abcdef",
                        17);
    assert_int_equal(d.last[d.size - 18], 0x08); /* Block2 0, more, 16 bytes */
    desk_input(&d, peer, BYTES(CON_0 GET "\0\2" PATH("\xb1", "t") "\xc1\x10"));
    assert_memory_equal(d.last + d.size - 5,
                        "\xff"
                        "ghij",
                        5);
    assert_int_equal(d.last[d.size - 6], 0x10); /* Block2 1, last, 16 bytes */
    desk_close(&d);
}

static void test_messages_that_are_no_requests(void **state) {
    (void)state;
    const struct {
        const char *what;
        const char *message;
        size_t size;
        int answer; /* first byte; -1: none */
    } cases[] = {
        {"ping: Reset",
         BYTES(CON_0 "\0"
                     "\0\1"),
         0x70},
        {"empty acknowledgement",
         BYTES("\x60"
               "\0"
               "\0\1"),
         -1},
        {"Reset",
         BYTES("\x70"
               "\0"
               "\0\1"),
         -1},
        {"a response nobody asked for is acknowledged",
         BYTES(CON_0 "\x45"
                     "\0\1"),
         0x60},
        {"signalling is for TCP",
         BYTES(CON_0 "\xe1"
                     "\0\1"),
         -1},
        {"three bytes", BYTES(CON_0 GET "\0"), -1},
        {"no byte", BYTES(""), -1},
        {"non-confirmable GET", BYTES("\x50" GET "\0\1" PATH("\xb1", "t")), 0x50},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        desk d;
        desk_open(&d);
        /* libcoap answers no more than one ping in 250 ms, and counts from time 0 */
        d.now = SIM_SECOND;
        net_coap_peer peer = desk_admit(&d);
        desk_input(&d, peer, cases[i].message, cases[i].size);
        if (d.sent != (cases[i].answer >= 0)) print_message("case: %s\n", cases[i].what);
        assert_int_equal(d.sent, cases[i].answer >= 0);
        if (d.sent > 0) assert_int_equal(d.last[0], cases[i].answer);
        desk_close(&d);
    }
}

static void test_a_long_path_is_not_found(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    net_coap_peer peer = desk_admit(&d);
    char message[400];
    /* segments of 200 and the rest, joined by a slash */
    for (int length = 254; length <= 257; length++) {
        memcpy(message,
               CON_0 GET
               "\0\1"
               "\xbd\xbb",
               6);
        memset(message + 6, 'a', 200);
        message[206] = 0x0d;
        message[207] = (char)(length - 201 - 13);
        memset(message + 208, 'b', (size_t)length - 201);
        uint32_t before = d.asked;
        desk_input(&d, peer, message, 208 + (size_t)length - 201);
        assert_int_equal(d.asked - before, length <= 252 ? 1 : 0);
        assert_int_equal(d.last[1], 0x84);
    }
    desk_close(&d);
}

static void test_a_repeated_request_is_asked_again(void **state) {
    (void)state;
    /* libcoap 4.3.1 does not recognise duplicates (RFC 7252 4.5); whoever counts readings must
     * know. */
    desk d;
    desk_open(&d);
    net_coap_peer peer = desk_admit(&d);
    for (uint32_t i = 1; i <= 3; i++) {
        desk_input(&d, peer, BYTES(CON_0 POST "\0\1" PATH("\xb1", "t")));
        assert_int_equal(d.asked, i);
        assert_int_equal(d.sent, i);
    }
    desk_close(&d);
}

static void test_an_answer_by_default_is_not_found(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    net_coap_peer peer = desk_admit(&d);
    desk_input(&d, peer,
               BYTES(CON_0 GET "\0\1" PATH("\xbb", ".well-known") "\4"
                                                                  "core"));
    assert_int_equal(d.size, 4); /* lists nothing */
    assert_int_equal(d.last[1], 0x84);
    desk_close(&d);
}

/* ---- Observation ---- */

#define REGISTER(token)     \
    "\x41" GET "\0\1" token \
    "\x60"                  \
    "\x51"                  \
    "s" /* Observe 0, Uri-Path s */
#define CANCEL(token)       \
    "\x41" GET "\0\2" token \
    "\x61\x01"              \
    "\x51"                  \
    "s"

static const net_coap_reply content = {.code = NET_COAP_CONTENT,
                                       .format = NET_COAP_FORMAT_TEXT,
                                       .max_age_s = 60,
                                       .payload = "21",
                                       .payload_size = 2};

static net_coap_peer desk_observed(desk *d) {
    desk_open(d);
    d->reply = content;
    net_coap_peer peer = desk_admit(d);
    assert_int_equal(net_coap_server_observable(d->server, d->now, peer, "s"), 0);
    desk_input(d, peer, BYTES(REGISTER("A")));
    assert_int_equal(d->sent, 1);
    assert_true(d->observe);
    assert_int_equal(d->last[5] >> 4, 6); /* Observe is the first option of the answer */
    return peer;
}

static void test_a_notification(void **state) {
    (void)state;
    desk d;
    net_coap_peer peer = desk_observed(&d);
    net_coap_server_notify(d.server, d.now, peer);
    assert_int_equal(d.asked, 2);
    assert_int_equal(d.method, NET_COAP_GET);
    assert_string_equal(d.path, "s");
    assert_int_equal(d.sent, 2);
    assert_int_equal(last_type(&d), 0); /* confirmable */
    assert_int_equal(d.last[1], 0x45);
    assert_int_equal(d.last[4], 'A');
    uint16_t mid = last_mid(&d);
    assert_in_range(d.due, 2 * SIM_SECOND, 3 * SIM_SECOND);
    /* While it is on its way, changes add up to one further notification. */
    for (int i = 0; i < 5; i++) net_coap_server_notify(d.server, d.now, peer);
    assert_int_equal(d.sent, 2);
    desk_answer(&d, peer, 0x60, mid);
    assert_int_equal(d.sent, 3);
    desk_answer(&d, peer, 0x60, last_mid(&d));
    assert_int_equal(d.due, SIM_NEVER);
    desk_run(&d, SIM_DAY);
    assert_int_equal(d.sent, 3);
    desk_close(&d);
}

static void test_an_observation_ends(void **state) {
    (void)state;
    enum { RESET, CANCELLED, SILENCE, ENDS };
    for (int how = 0; how < ENDS; how++) {
        desk d;
        net_coap_peer peer = desk_observed(&d);
        net_coap_server_notify(d.server, d.now, peer);
        if (how == RESET) desk_answer(&d, peer, 0x70, last_mid(&d));
        if (how == CANCELLED) {
            desk_answer(&d, peer, 0x60, last_mid(&d));
            desk_input(&d, peer, BYTES(CANCEL("A")));
        }
        if (how == SILENCE) {
            desk_run(&d, 100 * SIM_SECOND);
            assert_int_equal(d.sent, 2 + 4);
        }
        uint32_t sent = d.sent;
        net_coap_server_notify(d.server, d.now, peer);
        desk_run(&d, d.now + 1000 * SIM_SECOND);
        assert_int_equal(d.sent, sent);
        assert_int_equal(d.due, SIM_NEVER);
        /* It may begin again. */
        desk_input(&d, peer, BYTES(REGISTER("B")));
        net_coap_server_notify(d.server, d.now, peer);
        assert_int_equal(d.sent, sent + 2);
        desk_close(&d);
    }
}

static void test_an_error_ends_an_observation(void **state) {
    (void)state;
    for (int on_its_way = 0; on_its_way <= 1; on_its_way++) {
        desk d;
        net_coap_peer peer = desk_observed(&d);
        if (on_its_way) net_coap_server_notify(d.server, d.now, peer);
        uint16_t mid = last_mid(&d);
        uint32_t sent = d.sent;
        d.reply = (net_coap_reply){
            .code = NET_COAP_SERVICE_UNAVAILABLE, .format = NET_COAP_FORMAT_NONE, .max_age_s = 60};
        net_coap_server_notify(d.server, d.now, peer);
        if (on_its_way) {
            assert_int_equal(d.sent, sent);
            desk_answer(&d, peer, 0x60, mid);
        }
        assert_int_equal(d.sent, sent + 1);
        /* libcoap's word for the end of a resource, RFC 7641 4.2 */
        assert_int_equal(d.last[1], 0x84);
        assert_int_equal(d.last[4], 'A');
        assert_int_equal(d.due, SIM_NEVER);
        net_coap_server_notify(d.server, d.now, peer);
        desk_run(&d, 1000 * SIM_SECOND);
        assert_int_equal(d.sent, sent + 1);
        d.reply = content;
        desk_input(&d, peer, BYTES(REGISTER("B")));
        net_coap_server_notify(d.server, d.now, peer);
        assert_int_equal(d.sent, sent + 3);
        desk_close(&d);
    }
}

static void test_no_peer_sets_our_mtu(void **state) {
    (void)state;
    desk d;
    net_coap_peer peer = desk_observed(&d);
    memset(d.reply.payload, 'x', sizeof d.reply.payload);
    d.reply.payload_size = sizeof d.reply.payload;
    /* Capabilities and Settings: Max-Message-Size 64 */
    desk_input(&d, peer, BYTES("\x40\xe1\0\2\x21\x40"));
    net_coap_server_notify(d.server, d.now, peer);
    assert_int_equal(d.last[1], 0x45);
    assert_true(d.size > 128);
    desk_close(&d);
}

static void test_a_path_is_one_peers(void **state) {
    (void)state;
    desk d;
    net_coap_peer first = desk_observed(&d);
    net_coap_peer second = desk_admit(&d);
    desk_input(&d, second,
               BYTES("\x41" GET "\0\1"
                     "B" PATH("\xb1", "s"))); /* it may ask, if the owner lets it ... */
    assert_int_equal(d.asked_by, second);
    assert_false(d.observe);
    assert_int_equal(d.last[1], 0x45);
    uint32_t asked = d.asked;
    desk_input(&d, second, BYTES(REGISTER("B"))); /* ... but not observe */
    assert_int_equal(d.asked, asked);
    assert_int_equal(d.last[1], 0x83);
    uint32_t sent = d.sent;
    net_coap_server_notify(d.server, d.now, second);
    assert_int_equal(d.sent, sent);
    net_coap_server_notify(d.server, d.now, first);
    assert_int_equal(d.sent, sent + 1);
    assert_int_equal(d.sent_to, first);
    desk_close(&d);
}

static void test_only_get_registers(void **state) {
    (void)state;
    for (char method = NET_COAP_GET; method <= 7; method++) {
        desk d;
        desk_open(&d);
        d.reply = content;
        net_coap_peer peer = desk_admit(&d);
        assert_int_equal(net_coap_server_observable(d.server, d.now, peer, "s"), 0);
        char message[] = {0x41, method, 0, 1, 'A', 0x60, 0x51, 's'};
        desk_input(&d, peer, message, sizeof message);
        assert_int_equal(d.observe, method == NET_COAP_GET);
        net_coap_server_notify(d.server, d.now, peer);
        assert_int_equal(d.sent, method == NET_COAP_GET ? 2 : 1);
        desk_close(&d);
    }
}

static void test_a_path_goes_to_who_comes_last(void **state) {
    (void)state;
    desk d;
    net_coap_peer first = desk_observed(&d);
    net_coap_peer second = desk_admit(&d);
    assert_int_equal(net_coap_server_observable(d.server, d.now, second, "s"), 0);
    assert_int_equal(d.sent_to, first); /* its observation has ended, and it is told */
    assert_int_equal(d.last[1], 0x84);
    desk_input(&d, second, BYTES(REGISTER("B")));
    uint32_t sent = d.sent;
    net_coap_server_notify(d.server, d.now, first);
    assert_int_equal(d.sent, sent);
    net_coap_server_notify(d.server, d.now, second);
    assert_int_equal(d.sent_to, second);
    assert_int_equal(d.sent, sent + 1);
    desk_close(&d);
}

static void test_a_peer_has_one_path(void **state) {
    (void)state;
    desk d;
    net_coap_peer peer = desk_observed(&d);
    assert_int_equal(net_coap_server_observable(d.server, d.now, peer, "s"), 0); /* as it was */
    assert_int_equal(d.sent, 1);
    net_coap_server_notify(d.server, d.now, peer);
    assert_int_equal(d.sent, 2);
    desk_answer(&d, peer, 0x60, last_mid(&d));
    assert_int_equal(net_coap_server_observable(d.server, d.now, peer, "other"), 0);
    assert_int_equal(d.sent, 3);
    assert_int_equal(d.last[1], 0x84); /* the first one's end */
    net_coap_server_notify(d.server, d.now, peer);
    assert_int_equal(d.sent, 3);
    desk_input(&d, peer, BYTES(REGISTER("B"))); /* answered, not registered */
    assert_false(d.observe);
    net_coap_server_notify(d.server, d.now, peer);
    assert_int_equal(d.sent, 4);
    desk_close(&d);
}

static void test_observable_paths_have_bounds(void **state) {
    (void)state;
    char path[300];
    desk d;
    desk_open(&d);
    net_coap_peer peer = desk_admit(&d);
    memset(path, 'a', sizeof path);
    path[255] = '\0';
    assert_int_equal(net_coap_server_observable(d.server, d.now, peer, path), 0);
    path[255] = 'a';
    path[256] = '\0';
    assert_int_equal(net_coap_server_observable(d.server, d.now, peer, path), SIM_ERANGE);
    assert_int_equal(net_coap_server_observable(d.server, d.now, peer, ".well-known/core"),
                     SIM_ERANGE);
    desk_close(&d);
}

static void test_registrations_do_not_fill_the_memory(void **state) {
    (void)state;
    desk d;
    net_coap_peer peer = desk_observed(&d);
    sim_heap_use early = {0, 0};
    uint32_t refused = 0;
    for (uint32_t i = 0; i < 10000; i++) {
        /* Ever another token and query: for libcoap each is an observation of its own. */
        char message[] = {0x44, 1,    0,    1,   (char)(i >> 8), (char)i,        'x',
                          'y',  0x60, 0x51, 's', 0x42,           (char)(i >> 8), (char)i};
        desk_input(&d, peer, message, sizeof message);
        refused += d.last[1] == 0xa3 || d.last[1] == 0x84;
        if (i == 100) early = sim_heap_in_use();
    }
    sim_heap_use late = sim_heap_in_use();
    assert_true(late.bytes < early.bytes + 8000);
    assert_true(refused > 100);
    /* The same token again and again is one observation, and welcome for ever. */
    desk_input(&d, peer, BYTES(REGISTER("Z")));
    for (uint32_t i = 0; i < 100; i++) {
        desk_input(&d, peer, BYTES(REGISTER("Z")));
        assert_int_equal(d.last[1], 0x45);
    }
    desk_close(&d);
}

/* ---- Forgetting ---- */

static void test_forgetting_an_observer_is_silent(void **state) {
    (void)state;
    desk d;
    net_coap_peer peer = desk_observed(&d);
    net_coap_server_forget(d.server, d.now, peer);
    assert_int_equal(d.sent, 1);
    assert_int_equal(d.due, SIM_NEVER);
    desk_close(&d);
}

static void test_forgetting_is_silent_and_complete(void **state) {
    (void)state;
    desk d;
    net_coap_peer peer = desk_observed(&d);
    net_coap_peer other = desk_admit(&d);
    net_coap_server_notify(d.server, d.now, peer);
    net_coap_server_notify(d.server, d.now, peer); /* one on its way, one behind it */
    uint32_t sent = d.sent;
    assert_true(d.due < SIM_NEVER);
    net_coap_server_forget(d.server, d.now, peer);
    assert_int_equal(d.sent, sent);
    assert_int_equal(d.due, SIM_NEVER);
    assert_int_equal(desk_admit(&d), peer); /* its number is free */
    net_coap_server_notify(d.server, d.now, peer);
    assert_int_equal(d.sent, sent);
    desk_input(&d, other, BYTES(CON_0 GET "\0\1" PATH("\xb1", "s")));
    assert_int_equal(d.sent, sent + 1);
    desk_close(&d);
}

/* Two peers of one context, each with a notification on its way; when does the second one's go out
 * again? */
static void notifications_of_two(sim_time *times, bool forget_first) {
    desk d;
    net_coap_peer first = desk_observed(&d);
    sim_stream own = sim_stream_for(2, SIM_PURPOSE_SERVER, 2);
    net_coap_peer second = 0;
    assert_int_equal(net_coap_server_admit(d.server, 0, &own, &second), 0);
    assert_int_equal(net_coap_server_observable(d.server, 0, second, "s2"), 0);
    desk_input(&d, second,
               BYTES("\x41" GET "\0\1"
                     "B"
                     "\x60"
                     "\x52"
                     "s2"));
    net_coap_server_notify(d.server, d.now, first);
    d.now = SIM_SECOND;
    net_coap_server_notify(d.server, d.now, second);
    d.now = SIM_SECOND + SIM_SECOND / 2;
    if (forget_first) net_coap_server_forget(d.server, d.now, first);
    uint32_t count = 0;
    while (d.due != SIM_NEVER) {
        uint32_t sent = d.sent;
        d.now = d.due;
        net_coap_server_wake(d.server, d.now, d.member);
        if (d.sent > sent && d.sent_to == second) times[count++] = d.now;
    }
    assert_int_equal(count, 4);
    desk_close(&d);
}

static void test_forgetting_moves_no_other_clock(void **state) {
    (void)state;
    sim_time with[4], without[4];
    notifications_of_two(without, false);
    notifications_of_two(with, true);
    assert_memory_equal(with, without, sizeof with);
}

static void test_ten_thousand_come_and_go(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    d.reply = content;
    sim_heap_use before = {0, 0};
    for (uint32_t i = 0; i < 10000; i++) {
        net_coap_peer peer = desk_admit(&d);
        assert_int_equal(net_coap_server_observable(d.server, d.now, peer, "s"), 0);
        desk_input(&d, peer, BYTES(REGISTER("A")));
        if (i % 3 != 0) net_coap_server_notify(d.server, d.now, peer);
        if (i % 3 == 1) desk_answer(&d, peer, 0x60, last_mid(&d));
        net_coap_server_forget(d.server, d.now, peer);
        if (i == 0) before = sim_heap_in_use();
    }
    sim_heap_use after = sim_heap_in_use();
    assert_int_equal(after.bytes, before.bytes);
    assert_int_equal(after.blocks, before.blocks);
    assert_int_equal(d.due, SIM_NEVER);
    desk_close(&d);
}

static void test_contexts_go_with_their_peers(void **state) {
    (void)state;
    enum { PEERS = 10 * NET_COAP_SERVER_PEERS };
    static net_coap_peer peers[PEERS];
    desk d;
    desk_open(&d);
    net_coap_peer one = desk_admit(&d);
    net_coap_server_forget(d.server, 0, one);
    sim_heap_use idle = sim_heap_in_use();
    for (uint32_t i = 0; i < PEERS; i++) peers[i] = desk_admit(&d);
    for (uint32_t i = 0; i < PEERS; i++) {
        for (uint32_t k = 0; k < i; k++) assert_int_not_equal(peers[i], peers[k]);
        desk_input(&d, peers[i], BYTES(CON_0 GET "\0\1" PATH("\xb1", "t")));
        assert_int_equal(d.asked_by, peers[i]);
        assert_int_equal(d.sent_to, peers[i]);
    }
    for (uint32_t i = 0; i < PEERS; i++) net_coap_server_forget(d.server, 0, peers[i * 7 % PEERS]);
    sim_heap_use after = sim_heap_in_use();
    /* one context is kept; the table of contexts has grown */
    assert_true(after.bytes < idle.bytes + 1024);
    for (uint32_t i = 0; i < PEERS; i++)
        net_coap_server_wake(d.server, SIM_SECOND, i); /* late alarms of contexts that are gone */
    desk_close(&d);
}

static void test_an_idle_server_sleeps(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    net_coap_peer peer = desk_admit(&d);
    desk_input(&d, peer, BYTES(CON_0 GET "\0\1" PATH("\xb1", "t")));
    /* libcoap would like to look after idle sessions every 300 s */
    assert_int_equal(d.due, SIM_NEVER);
    d.now = 300 * SIM_DAY;
    sim_heap_use before = sim_heap_in_use();
    net_coap_server_wake(d.server, d.now, 0);
    sim_heap_use after = sim_heap_in_use();
    assert_int_equal(after.blocks, before.blocks); /* and nobody's session has gone */
    desk_input(&d, peer, BYTES(CON_0 GET "\0\2" PATH("\xb1", "t")));
    assert_int_equal(d.sent, 2);
    desk_close(&d);
}

static void test_the_end_is_silent(void **state) {
    (void)state;
    enum { PEERS = 70 };
    desk d;
    desk_open(&d);
    d.reply = content;
    for (uint32_t i = 0; i < PEERS; i++) {
        net_coap_peer peer = desk_admit(&d);
        assert_int_equal(net_coap_server_observable(d.server, d.now, peer, "s"),
                         0); /* the same path: taken over and over in each context */
        desk_input(&d, peer, BYTES(REGISTER("A")));
        net_coap_server_notify(d.server, d.now, peer);
        net_coap_server_notify(d.server, d.now, peer);
    }
    uint32_t sent = d.sent, asked = d.asked;
    desk_close(&d);
    assert_int_equal(d.sent, sent);
    assert_int_equal(d.asked, asked);
    net_coap_server_free(NULL);
}

/* ---- With our clients ---- */

static void test_a_device_observes(void **state) {
    (void)state;
    world *w = world_new(40, 1); /* two contexts */
    assert_non_null(w);
    for (uint32_t i = 0; i < 40; i++) {
        char path[16];
        snprintf(path, sizeof path, "s/%u", i);
        assert_int_equal(
            net_coap_server_observable(w->server, w->wire.now, w->devices[i].peer, path), 0);
        assert_int_equal(world_get(w, i, path, true, i), 0);
        world_run(w, w->wire.now + 100 * SIM_MILLISECOND);
    }
    net_coap_server_notify(w->server, w->wire.now, w->devices[17].peer);
    world_run(w, w->wire.now + SIM_SECOND);
    for (uint32_t i = 0; i < 40; i++) {
        assert_int_equal(w->devices[i].record_count, i == 17 ? 2 : 1);
        assert_int_equal(w->devices[i].records[0].code, NET_COAP_CONTENT);
    }
    assert_true(world_last(w, 17)->notification);
    assert_int_equal(world_next(w), SIM_NEVER); /* the acknowledgement came back */
    world_forget_peer(w, 17);
    world_free(w);
}

static void test_a_device_that_lost_its_memory_is_found_out(void **state) {
    (void)state;
    world *w = world_new(1, 1);
    assert_non_null(w);
    assert_int_equal(net_coap_server_observable(w->server, w->wire.now, w->devices[0].peer, "s"),
                     0);
    assert_int_equal(world_get(w, 0, "s", true, 1), 0);
    world_run(w, SIM_SECOND);
    world_cut_client(w, 0);
    assert_int_equal(world_connect(w, 0),
                     0); /* the same peer for the server: plain CoAP behind the same port */
    net_coap_server_notify(w->server, w->wire.now, w->devices[0].peer);
    world_run(w, 2 * SIM_SECOND);
    uint64_t sent = w->wire.sent[0];
    net_coap_server_notify(w->server, w->wire.now, w->devices[0].peer); /* the Reset ended it */
    world_run(w, 200 * SIM_SECOND);
    assert_int_equal(w->wire.sent[0], sent);
    world_free(w);
}

/* ---- Memory ---- */

static void test_a_peer_is_small(void **state) {
    (void)state;
    enum {
        PEERS = 32 * NET_COAP_SERVER_PEERS,
        BUDGET = 2048
    }; /* of the 20 KB of both ends; fewer peers a context cost memory and save cache misses */
    desk d;
    desk_open(&d);
    d.reply = content;
    net_coap_server_forget(d.server, 0, desk_admit(&d));
    sim_heap_use before = sim_heap_in_use();
    for (uint32_t i = 0; i < PEERS; i++) {
        char path[16];
        snprintf(path, sizeof path, "s/%u", 100000 + i);
        net_coap_peer peer = desk_admit(&d);
        assert_int_equal(net_coap_server_observable(d.server, 0, peer, path), 0);
        char message[] = "\x41" GET
                         "\0\1"
                         "A"
                         "\x60"
                         "\x51"
                         "s"
                         "\x06"
                         "......";
        memcpy(message + sizeof message - 7, path + 2, 6);
        desk_input(&d, peer, message, sizeof message - 1);
        assert_true(d.observe);
    }
    sim_heap_use after = sim_heap_in_use();
    double bytes = (double)(after.bytes - before.bytes) / PEERS;
    printf("coap_server_peer %.0f bytes, %.2f blocks, observation included\n", bytes,
           (double)(after.blocks - before.blocks) / PEERS);
    assert_true(bytes <= BUDGET);
    desk_close(&d);
}

static void test_exchanges_leave_nothing_behind(void **state) {
    (void)state;
    desk d;
    net_coap_peer peer = desk_observed(&d);
    sim_heap_use early = sim_heap_in_use();
    for (uint32_t i = 0; i < 10000; i++) {
        d.now += SIM_SECOND;
        desk_input(&d, peer,
                   BYTES(CON_0 POST "\0\1" PATH("\xb1", "t") "\xff"
                                                             "21.5"));
        net_coap_server_notify(d.server, d.now, peer);
        desk_answer(&d, peer, 0x60, last_mid(&d));
    }
    sim_heap_use late = sim_heap_in_use();
    assert_int_equal(late.bytes, early.bytes);
    assert_int_equal(late.blocks, early.blocks);
    desk_close(&d);
}

/* All verbs while allocation number `n` (and all later ones) fails: nothing leaks, nothing crashes,
 * and with memory again the server serves again. */
static bool try_all_verbs(long n, bool for_good) {
    sim_heap_use before = sim_heap_in_use();
    desk d;
    sim_heap_fail(n, for_good);
    d = (desk){.due = SIM_NEVER, .reply = content};
    d.stream = sim_stream_for(1, SIM_PURPOSE_SERVER, 1);
    d.kernel = net_vkernel_new();
    d.server = d.kernel == NULL ? NULL : net_coap_server_new(d.kernel, &desk_calls, &d);
    net_coap_peer peer = 0, other = 0;
    if (d.server != NULL && net_coap_server_admit(d.server, 0, &d.stream, &peer) == 0) {
        int observable = net_coap_server_observable(d.server, 0, peer, "s");
        assert_true(observable == 0 || observable == SIM_ENOMEM);
        desk_input(&d, peer, BYTES(REGISTER("A")));
        net_coap_server_notify(d.server, 0, peer);
        desk_answer(&d, peer, 0x60, last_mid(&d));
        if (net_coap_server_admit(d.server, 0, &d.stream, &other) == 0)
            desk_input(&d, other, BYTES(CON_0 GET "\0\1" PATH("\xb1", "t")));
        d.reply.code = NET_COAP_NOT_FOUND;
        net_coap_server_notify(d.server, 0, peer); /* ends the observation */
        d.reply.code = NET_COAP_CONTENT;
        desk_input(&d, peer, BYTES(REGISTER("B")));
        net_coap_server_notify(d.server, 0, peer);
        desk_run(&d, 200 * SIM_SECOND);
        net_coap_server_forget(d.server, d.now, peer);
    }
    bool happened = sim_heap_fail_never();
    if (d.server != NULL) {
        peer = desk_admit(&d);
        uint32_t sent = d.sent;
        desk_input(&d, peer, BYTES(CON_0 GET "\0\1" PATH("\xb1", "t")));
        assert_int_equal(d.sent, sent + 1);
        assert_int_equal(d.last[1], 0x45);
        if (other != 0) {
            desk_input(&d, other, BYTES(CON_0 GET "\0\1" PATH("\xb1", "t")));
            assert_int_equal(d.sent, sent + 2);
        }
    }
    desk_close(&d);
    sim_heap_use after = sim_heap_in_use();
    assert_int_equal(after.blocks, before.blocks);
    assert_int_equal(after.bytes, before.bytes);
    return happened;
}

static void test_no_memory(void **state) {
    (void)state;
    for (int for_good = 0; for_good <= 1; for_good++) {
        long n = 0;
        while (try_all_verbs(n, for_good == 1)) n++;
        assert_true(n > 30);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_reach_the_owner),
        cmocka_unit_test(test_blocks_of_an_answer),
        cmocka_unit_test(test_messages_that_are_no_requests),
        cmocka_unit_test(test_a_long_path_is_not_found),
        cmocka_unit_test(test_a_repeated_request_is_asked_again),
        cmocka_unit_test(test_an_answer_by_default_is_not_found),
        cmocka_unit_test(test_a_notification),
        cmocka_unit_test(test_an_observation_ends),
        cmocka_unit_test(test_an_error_ends_an_observation),
        cmocka_unit_test(test_no_peer_sets_our_mtu),
        cmocka_unit_test(test_a_path_is_one_peers),
        cmocka_unit_test(test_only_get_registers),
        cmocka_unit_test(test_a_path_goes_to_who_comes_last),
        cmocka_unit_test(test_a_peer_has_one_path),
        cmocka_unit_test(test_observable_paths_have_bounds),
        cmocka_unit_test(test_registrations_do_not_fill_the_memory),
        cmocka_unit_test(test_forgetting_an_observer_is_silent),
        cmocka_unit_test(test_forgetting_is_silent_and_complete),
        cmocka_unit_test(test_forgetting_moves_no_other_clock),
        cmocka_unit_test(test_ten_thousand_come_and_go),
        cmocka_unit_test(test_contexts_go_with_their_peers),
        cmocka_unit_test(test_an_idle_server_sleeps),
        cmocka_unit_test(test_the_end_is_silent),
        cmocka_unit_test(test_a_device_observes),
        cmocka_unit_test(test_a_device_that_lost_its_memory_is_found_out),
        cmocka_unit_test(test_a_peer_is_small),
        cmocka_unit_test(test_exchanges_leave_nothing_behind),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
