/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_coap_stream.c - CoAP over a stream (RFC 8323): its messages byte by byte, a server's end of
 * a connection, and a device's link against a peer made by hand. */
#include "net/coap_stream.h"

#include <string.h>

#include "net/coap_client.h"
#include "net/protocol.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

#define BYTES(text) ((const uint8_t *)(text)), (sizeof(text) - 1)
#define CSM "\x00\xe1"                     /* one that says nothing */
#define OWN_CSM "\x40\xe1\x22\x04\x80\x20" /* 1152 bytes, and blocks */

/* ---- messages ---- */

static const struct {
    const char *bytes;
    size_t n;
    int known;
    size_t size;
} sizes[] = {
    {"", 0, 0, 0},
    {"\x00", 1, 1, 2},
    {"\x08", 1, 1, 10},
    {"\x09", 1, SIM_EPARSE, 0}, /* a token of 9 bytes */
    {"\xc4", 1, 1, 2 + 4 + 12},
    {"\xd0", 1, 0, 0},
    {"\xd0\x00", 2, 1, 3 + 13},
    {"\xd0\xff", 2, 1, 3 + 13 + 255},
    {"\xe1\x00", 2, 0, 0},
    {"\xe1\xff\xff", 3, 1, 4 + 1 + 269 + 65535},
    {"\xf0\x00\x00\x00", 4, 0, 0},
    {"\xf0\xff\xff\xff\xff", 5, 1, 6 + (size_t)65805 + 0xffffffff},
};

static void test_sizes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t size = 0;
        int known = net_coap_message_size((const uint8_t *)sizes[i].bytes, sizes[i].n, &size);
        if (known != sizes[i].known || (known == 1 && size != sizes[i].size))
            fail_msg("row %zu: %d, %zu bytes", i, known, size);
    }
}

/* What is written is read again, for lengths on both sides of each step. */
static void test_written_and_read(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 12, 13, 268, 269, 1100, 65804, 65805, 70000};
    static uint8_t rest[70000], bytes[70020];
    for (size_t i = 0; i < sizeof rest; i++) rest[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (size_t token = 0; token <= 8; token += 4) {
            const net_coap_message m = {
                .code = 0x45, .token = {rest + 1, token}, .rest = {rest, lengths[i]}};
            net_coap_message read;
            size_t n = net_coap_message_write(&m, bytes);
            assert_true(net_coap_message_read((net_span){bytes, n}, &read));
            assert_int_equal(read.code, 0x45);
            assert_int_equal(read.token.n, token);
            assert_int_equal(read.rest.n, lengths[i]);
            if (lengths[i] > 0) assert_memory_equal(read.rest.bytes, rest, lengths[i]);
            assert_false(net_coap_message_read((net_span){bytes, n - 1}, &read));
            assert_false(net_coap_message_read((net_span){bytes, n + 1}, &read));
        }
    }
}

static void test_options(void **state) {
    (void)state;
    static const uint8_t rest[] = "\x11z\xd2\x00hi\xff\x41q"; /* 1: z; 1 + 13: hi; a payload */
    net_span value;
    assert_true(net_coap_message_option((net_span){rest, sizeof rest - 1}, 1, &value));
    assert_int_equal(value.bytes[0], 'z');
    assert_true(net_coap_message_option((net_span){rest, sizeof rest - 1}, 14, &value));
    assert_memory_equal(value.bytes, "hi", 2);
    assert_false(net_coap_message_option((net_span){rest, sizeof rest - 1}, 18, &value));
    assert_false(net_coap_message_option((net_span){rest, 5}, 14, &value)); /* cut off */
    assert_false(net_coap_message_option((net_span){BYTES("\xf0")}, 15, &value));
}

/* ---- a server's end ---- */

typedef struct heard {
    uint8_t sent[256], datagram[256];
    size_t sent_n, datagram_n;
    uint32_t datagrams, ends;
    net_end why;
} heard;

static void put(uint8_t *out, size_t *at, const uint8_t *bytes, size_t n) {
    assert_true(*at + n <= 256);
    memcpy(out + *at, bytes, n);
    *at += n;
}

static void server_sends(void *owner, const uint8_t *bytes, size_t n) {
    heard *h = owner;
    put(h->sent, &h->sent_n, bytes, n);
}

static void server_receives(void *owner, const uint8_t *datagram, size_t n) {
    heard *h = owner;
    h->datagrams++;
    h->datagram_n = 0;
    put(h->datagram, &h->datagram_n, datagram, n);
}

static void server_ends(void *owner, net_end why) {
    heard *h = owner;
    h->ends++;
    h->why = why;
}

static const net_coap_stream_calls server_calls = {server_sends, server_receives, server_ends};

/* What a client says after its connection is made, what it is sent after our CSM, how many requests
 * go up, and how it ends. */
static const struct {
    const char *about, *said;
    size_t said_n;
    const char *answered;
    size_t answered_n;
    uint32_t datagrams;
    net_end why;
} talks[] = {
#define ROW(about, said, answered, datagrams, why) \
    { about, said, sizeof(said) - 1, answered, sizeof(answered) - 1, datagrams, why }
    ROW("a CSM alone", CSM, "", 0, NET_END_NONE),
    ROW("a request", CSM "\x21\x01\x77\xb1t", "", 1, NET_END_NONE),
    ROW("two requests", CSM "\x21\x01\x77\xb1t\x21\x01\x78\xb1t", "", 2, NET_END_NONE),
    ROW("Empty messages", CSM "\x00\x00\x00\x00", "", 0, NET_END_NONE),
    ROW("a Ping", CSM "\x02\xe2zz", "\x02\xe3zz", 0, NET_END_NONE),
    ROW("a Ping with Custody", CSM "\x11\xe2z\x20", "\x11\xe3z\x20", 0, NET_END_NONE),
    ROW("a Pong, and a signal that nobody knows", CSM "\x00\xe3\x00\xef", "", 0, NET_END_NONE),
    ROW("a Release", CSM "\x00\xe4", "", 0, NET_END_CLOSED),
    ROW("an Abort", CSM "\x00\xe5", "", 0, NET_END_CLOSED),
    ROW("nothing after a Release counts", CSM "\x00\xe4\x21\x01\x77\xb1t", "", 0, NET_END_CLOSED),
    ROW("a request before a CSM", "\x21\x01\x77\xb1t",
        "\xd0\x0f\xe5\xffthe first message is no CSM", 0, NET_END_PROTOCOL),
    ROW("HTTP", "GET / HTTP/1.1\r\n", "\xd0\x0f\xe5\xffthe first message is no CSM", 0,
        NET_END_PROTOCOL),
    ROW("a long token", CSM "\x0f",
        "\xd0\x0f\xe5\xff"
        "a token longer than 8 bytes",
        0, NET_END_PROTOCOL),
    ROW("4 GB", CSM "\xf0\xff\xff\xff\xff\x02",
        "\xd0\x1a\xe5\xff"
        "a message larger than Max-Message-Size",
        0, NET_END_PROTOCOL),
    ROW("a critical option in a CSM", "\x10\xe1\x90", "\x30\xe5\x22\x00\x09", 0, NET_END_PROTOCOL),
    ROW("a size of 5 bytes",
        "\x60\xe1\x25"
        "12345",
        "\x30\xe5\x22\x00\x02", 0, NET_END_PROTOCOL),
    ROW("a CSM that is cut off", "\x10\xe1\x24",
        "\xd0\x16\xe5\xff"
        "a CSM whose options cannot be read",
        0, NET_END_PROTOCOL),
    ROW("half a message", CSM "\xd1\x10\x01\x77", "", 0, NET_END_NONE),
#undef ROW
};

/* In pieces of so many bytes. */
static void talk(size_t row, size_t piece) {
    heard h = {0};
    net_coap_stream *s = net_coap_stream_new(&server_calls, &h);
    assert_non_null(s);
    assert_int_equal(h.sent_n, sizeof OWN_CSM - 1);
    assert_memory_equal(h.sent, OWN_CSM, h.sent_n);
    h.sent_n = 0;
    for (size_t at = 0; at < talks[row].said_n; at += piece) {
        size_t n = talks[row].said_n - at < piece ? talks[row].said_n - at : piece;
        net_coap_stream_input(s, (const uint8_t *)talks[row].said + at, n);
    }
    bool as_it_should = h.sent_n == talks[row].answered_n &&
                        memcmp(h.sent, talks[row].answered, h.sent_n) == 0 &&
                        h.datagrams == talks[row].datagrams && h.why == talks[row].why &&
                        h.ends == (talks[row].why != NET_END_NONE);
    if (!as_it_should)
        fail_msg("%s, by %zu: %zu bytes, %u requests, %s", talks[row].about, piece, h.sent_n,
                 h.datagrams, net_end_text(h.why));
    net_coap_stream_free(s);
}

static void test_what_clients_say(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
        talk(i, 1);
        talk(i, 3);
        talk(i, 4096);
    }
}

static void test_requests_and_answers(void **state) {
    (void)state;
    heard h = {0};
    net_coap_stream *s = net_coap_stream_new(&server_calls, &h);
    assert_non_null(s);
    net_coap_stream_input(s, BYTES(CSM "\x21\x01\x77\xb1t"));
    assert_int_equal(h.datagram_n, 7);
    assert_memory_equal(h.datagram, "\x41\x01\x00\x01\x77\xb1t", 7); /* confirmable, number 1 */
    h.sent_n = 0;
    net_coap_stream_write(s, BYTES("\x61\x45\x00\x01\x77\xff"
                                   "21.5"));
    net_coap_stream_write(s, BYTES("\x60\x00\x00\x01")); /* acknowledges, and says no more */
    net_coap_stream_write(s, BYTES("\x70\x00\x00\x01"));
    assert_int_equal(h.sent_n, 8);
    assert_memory_equal(h.sent,
                        "\x51\x45\x77\xff"
                        "21.5",
                        8);
    h.sent_n = 0;
    net_coap_stream_close(s);
    net_coap_stream_write(s, BYTES("\x61\x45\x00\x01\x77\xff"
                                   "21.5"));
    assert_int_equal(h.sent_n, 2);
    assert_memory_equal(h.sent, "\x00\xe4", 2);
    assert_int_equal(h.ends, 0);
    net_coap_stream_free(s);
}

/* A client that takes less than it asks for is told so. */
static void test_a_client_that_takes_little(void **state) {
    (void)state;
    heard h = {0};
    net_coap_stream *s = net_coap_stream_new(&server_calls, &h);
    assert_non_null(s);
    net_coap_stream_input(s, BYTES("\x20\xe1\x21\x07"));
    h.sent_n = 0;
    net_coap_stream_write(s, BYTES("\x61\x45\x00\x01\x77\xff"
                                   "abc"));
    assert_int_equal(h.sent_n, 7);
    assert_int_equal(h.ends, 0);
    net_coap_stream_write(s, BYTES("\x61\x45\x00\x01\x77\xff"
                                   "abcd"));
    assert_int_equal(h.why, NET_END_PROTOCOL);
    net_coap_stream_free(s);
}

/* ---- a device's link ---- */

enum { SAID = 4096 };

typedef struct house {
    net_vkernel *kernel;
    net_protocol_settings settings;
    net_link *link;
    sim_stream stream;
    sim_time now;
    uint8_t said[SAID];
    size_t n;
    uint32_t ready, answered, ended;
    net_answer answer;
    char body[32];
    net_end why;
} house;

static void link_sends(void *owner, const uint8_t *bytes, size_t n) {
    house *h = owner;
    assert_true(h->n + n <= SAID);
    memcpy(h->said + h->n, bytes, n);
    h->n += n;
}

static void link_is_ready(void *owner) {
    ((house *)owner)->ready++;
}

static void link_is_answered(void *owner, const net_answer *answer) {
    house *h = owner;
    h->answered++;
    h->answer = *answer;
    assert_true(answer->size < sizeof h->body);
    if (answer->size > 0) memcpy(h->body, answer->body, answer->size);
    h->body[answer->size] = '\0';
}

static void link_ends(void *owner, net_end why) {
    house *h = owner;
    h->ended++;
    h->why = why;
}

static bool move_in(house *h) {
    static const net_link_calls calls = {link_sends, link_is_ready, link_is_answered, link_ends};
    h->settings.protocol = &net_protocol_coap_tcp;
    h->settings.report_topic = "t";
    h->stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, 1);
    h->kernel = net_vkernel_new();
    if (h->kernel == NULL) return false;
    const net_link_setup setup = {.settings = &h->settings,
                                  .kernel = h->kernel,
                                  .stream = &h->stream,
                                  .who = &(net_credentials){.identity = "me"}};
    h->link = net_link_new(&setup, h->now, &calls, h);
    if (h->link == NULL) return false;
    assert_int_equal(h->n, 0);
    net_link_start(h->link, h->now);
    return true;
}

static void move_out(house *h) {
    net_link_free(h->link);
    net_vkernel_free(h->kernel);
}

static void pass(house *h, sim_time span) {
    sim_time until = h->now + span;
    while (!h->ended && net_link_deadline(h->link) <= until) {
        h->now = net_link_deadline(h->link);
        net_link_wake(h->link, h->now);
    }
    h->now = until;
}

static void hear(house *h, const uint8_t *bytes, size_t n) {
    net_link_input(h->link, h->now, bytes, n);
}

static int ask(house *h, net_ask_kind kind, const char *topic, uint32_t tag) {
    const net_ask what = {.kind = kind,
                          .tag = tag,
                          .topic = topic,
                          .name = "me",
                          .body = (const uint8_t *)"x",
                          .size = kind == NET_ASK_REPORT ? 1 : 0};
    return net_link_ask(h->link, h->now, &what);
}

/* The last message that the device said. */
static net_coap_message last(const house *h) {
    net_span left = {h->said, h->n}, part = {0};
    net_coap_message m;
    size_t size;
    while (left.n > 0) {
        assert_int_equal(net_coap_message_size(left.bytes, left.n, &size), 1);
        assert_true(net_span_take(&left, size, &part));
    }
    assert_true(net_coap_message_read(part, &m));
    return m;
}

/* The peer answers the device's last message. */
static void answer(house *h, uint8_t code, const uint8_t *rest, size_t n) {
    uint8_t bytes[64];
    const net_coap_message asked = last(h), m = {code, asked.token, {rest, n}};
    hear(h, bytes, net_coap_message_write(&m, bytes));
}

static void test_a_link_asks_once_both_are_there(void **state) {
    (void)state;
    house h = {0};
    assert_true(move_in(&h));
    assert_int_equal(last(&h).code, NET_COAP_CSM);
    assert_int_equal(h.ready, 0);
    assert_int_equal(ask(&h, NET_ASK_REGISTER, "rd", 1), SIM_ESTATE);
    hear(&h, BYTES(CSM));
    assert_int_equal(h.ready, 1);
    assert_int_equal(ask(&h, NET_ASK_REGISTER, "rd", 1), 0);
    assert_int_equal(last(&h).code, 2);
    answer(&h, 0x41, NULL, 0);
    assert_int_equal(h.answer.kind, NET_TAKEN);
    assert_int_equal(ask(&h, NET_ASK_FOLLOW, "s/me", 2), 0);
    answer(&h, 0x45,
           BYTES("\x61\x01\xff"
                 "20"));
    assert_string_equal(h.body, "20");
    assert_false(h.answer.unasked);
    answer(&h, 0x45,
           BYTES("\x61\x02\xff"
                 "21")); /* RFC 8323 7: notifications keep their order */
    assert_string_equal(h.body, "21");
    assert_true(h.answer.unasked);
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", 3), 0);
    answer(&h, 0xa3, BYTES("\xd1\x01\x07")); /* 5.03, Max-Age 7 */
    assert_int_equal(h.answer.kind, NET_BUSY);
    assert_int_equal(h.answer.hold, 7 * SIM_SECOND);
    assert_int_equal(h.ended, 0);
    move_out(&h);
}

static void test_an_answer_that_does_not_come(void **state) {
    (void)state;
    house h = {.settings.alive_every = SIM_NEVER};
    assert_true(move_in(&h));
    hear(&h, BYTES(CSM));
    assert_int_equal(ask(&h, NET_ASK_REPORT, "t", 3), 0);
    size_t said = h.n;
    pass(&h, NET_COAP_STREAM_ANSWER_LIMIT - 1);
    assert_int_equal(h.answered, 0);
    pass(&h, 1);
    assert_int_equal(h.answer.kind, NET_UNANSWERED);
    assert_int_equal(h.answer.error, SIM_ETIMEOUT);
    assert_int_equal(h.n, said); /* nothing is repeated on a stream */
    pass(&h, SIM_HOUR);
    assert_int_equal(h.n, said);
    assert_int_equal(h.ended, 0);
    move_out(&h);
}

/* The device asks for a sign of life, and waits for it a quarter as long as it kept silent. */
static void test_a_peer_that_falls_silent(void **state) {
    (void)state;
    house h = {.settings.alive_every = 10 * SIM_SECOND};
    assert_true(move_in(&h));
    hear(&h, BYTES(CSM));
    pass(&h, 11 * SIM_SECOND);
    assert_int_equal(last(&h).code, NET_COAP_PING);
    answer(&h, NET_COAP_PONG, NULL, 0);
    pass(&h, 8 * SIM_SECOND);
    assert_int_equal(h.ended, 0);
    sim_time pong_at = h.now - 8 * SIM_SECOND;
    pass(&h, SIM_MINUTE);
    assert_int_equal(h.why, NET_END_LOST);
    assert_true(h.now - SIM_MINUTE < pong_at + 13 * SIM_SECOND);
    move_out(&h);
}

/* What ends a connection has a name. */
static const struct {
    const char *about, *said;
    size_t n;
    net_end why;
    bool established;
} ends[] = {
#define ROW(about, said, why, established) \
    { about, said, sizeof(said) - 1, why, established }
    ROW("nothing at all", "", NET_END_TIMEOUT, false),
    ROW("half a CSM", "\x20\xe1", NET_END_TIMEOUT, false),
    ROW("an answer first", "\x00\x45", NET_END_PROTOCOL, false),
    ROW("garbage", "\xff\xfe\xfd\xfc\xfb\xfa", NET_END_PROTOCOL, false),
    ROW("HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", NET_END_PROTOCOL, false),
    ROW("4 GB", CSM "\xf0\xff\xff\xff\xff\x45", NET_END_PROTOCOL, true),
    ROW("an Abort", CSM "\x00\xe5", NET_END_ABORTED, true),
    ROW("an Abort with a diagnostic",
        CSM "\x40\xe5\xff"
            "bad",
        NET_END_ABORTED, true),
    ROW("a Release", CSM "\x00\xe4", NET_END_CLOSED, true),
    ROW("a Release with Alternative-Address", CSM "\x20\xe4\x21x", NET_END_ELSEWHERE, true),
    ROW("a Release with Hold-Off", CSM "\x20\xe4\x41\x05", NET_END_BUSY, true),
#undef ROW
};

static void test_ends(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        for (int whole = 0; whole < 2; whole++) {
            house h = {.settings.alive_every = SIM_NEVER};
            assert_true(move_in(&h));
            for (size_t at = 0; at < ends[i].n && !whole && h.ended == 0; at++)
                hear(&h, (const uint8_t *)ends[i].said + at, 1);
            if (whole) hear(&h, (const uint8_t *)ends[i].said, ends[i].n);
            pass(&h, SIM_MINUTE);
            if (h.why != ends[i].why || h.ended != 1 || h.ready != ends[i].established)
                fail_msg("%s: %s, %u times, ready %u", ends[i].about, net_end_text(h.why), h.ended,
                         h.ready);
            move_out(&h);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_written_and_read),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_what_clients_say),
        cmocka_unit_test(test_requests_and_answers),
        cmocka_unit_test(test_a_client_that_takes_little),
        cmocka_unit_test(test_a_link_asks_once_both_are_there),
        cmocka_unit_test(test_an_answer_that_does_not_come),
        cmocka_unit_test(test_a_peer_that_falls_silent),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
