/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_websocket.c - a client's WebSocket against bytes as a server would send them: the example
 * of RFC 6455 1.3, frames in pieces, and servers that are none. */
#include <stdio.h>
#include <string.h>

#include "net/websocket.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

typedef struct room {
    net_websocket *socket;
    uint8_t sent[4096];
    size_t sent_size;
    char got[256];
    size_t got_size;
    unsigned opened, ended;
    net_end why;
    const char *echo; /* written from inside `received` */
} room;

static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    room *r = owner;
    assert_true(r->sent_size + n <= sizeof r->sent);
    memcpy(r->sent + r->sent_size, bytes, n);
    r->sent_size += n;
}

static void on_opened(void *owner) {
    ((room *)owner)->opened++;
}

static void on_received(void *owner, const uint8_t *bytes, size_t n) {
    room *r = owner;
    assert_true(r->got_size + n <= sizeof r->got);
    memcpy(r->got + r->got_size, bytes, n);
    r->got_size += n;
    if (r->echo != NULL)
        assert_int_equal(net_websocket_write(r->socket, (const uint8_t *)r->echo, strlen(r->echo)),
                         0);
}

static void on_ended(void *owner, net_end why) {
    room *r = owner;
    r->ended++;
    r->why = why;
}

/* "the sample nonce", of RFC 6455 1.3 */
static int on_random(void *owner, uint8_t *out, size_t n) {
    (void)owner;
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t) "the sample nonce"[i % 16];
    return 0;
}

static const net_websocket_calls calls = {on_send, on_opened, on_received, on_ended, on_random};
static const char yes[] =
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt \r\n\r\n";

static void feed(room *r, const void *bytes, size_t n) {
    net_websocket_input(r->socket, bytes, n);
}

static void begin(room *r) {
    memset(r, 0, sizeof *r);
    r->socket = net_websocket_new(&calls, r);
    assert_non_null(r->socket);
    assert_int_equal(net_websocket_start(r->socket, "h", "/mqtt"), 0);
    assert_non_null(strstr((char *)r->sent, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
    assert_memory_equal(r->sent, "GET /mqtt HTTP/1.1\r\nHost: h\r\n", 29);
    r->sent_size = 0;
}

static void both_ways(void **state) {
    (void)state;
    static const uint8_t frames[] = {0x82, 2, 'h', 'e', 0x02, 1, 'l', 0x80, 2, 'l', 'o'};
    static const uint8_t ping[] = {0x89, 1, 'x'};
    const sim_heap_use before = sim_heap_in_use();
    room r;
    begin(&r);
    assert_int_equal(net_websocket_write(r.socket, (const uint8_t *)"x", 1), SIM_ESTATE);
    for (size_t i = 0; i < sizeof yes - 1; i++) feed(&r, yes + i, 1);
    assert_int_equal(r.opened, 1);
    for (size_t i = 0; i < sizeof frames; i++) feed(&r, frames + i, 1);
    assert_int_equal(r.got_size, 5);
    assert_memory_equal(r.got, "hello", 5);
    assert_int_equal(net_websocket_write(r.socket, (const uint8_t *)"abc", 3), 0);
    assert_int_equal(r.sent[0], 0x82);
    assert_int_equal(r.sent[1], 0x80 | 3); /* masked, as a client must */
    assert_int_equal(r.sent[6], 'a' ^ 't');
    r.sent_size = 0;
    feed(&r, ping, sizeof ping);
    assert_int_equal(r.sent[0], 0x8a);
    r.sent_size = 0;
    r.echo = "now";
    feed(&r, frames, 4);
    assert_int_equal(r.sent[0], 0x82);
    assert_int_equal(r.ended, 0);
    net_websocket_free(r.socket);
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

/* What follows the answer in the same piece is frames already. */
static void all_at_once(void **state) {
    (void)state;
    char all[sizeof yes + 8];
    room r;
    begin(&r);
    memcpy(all, yes, sizeof yes - 1);
    memcpy(all + sizeof yes - 1, "\x82\x02ok\x88\x00", 6);
    feed(&r, all, sizeof yes - 1 + 6);
    assert_memory_equal(r.got, "ok", 2);
    assert_int_equal(r.ended, 1);
    assert_int_equal(r.why, NET_END_CLOSED);
    assert_int_equal(net_websocket_write(r.socket, (const uint8_t *)"x", 1), SIM_ESTATE);
    net_websocket_free(r.socket);
}

static void what_is_no_websocket(void **state) {
    (void)state;
    static const struct {
        const char *head;
        net_end why;
    } rows[] = {
        {"HTTP/1.1 404 Not Found\r\n\r\n", NET_END_REFUSED},
        {"HTTP/1.1 1010 What\r\n\r\n", NET_END_REFUSED},
        {"\x10 is no HTTP\r\n\r\n", NET_END_PROTOCOL},
        {"HTTP/1.1 101 Yes\r\n\r\n", NET_END_PROTOCOL},
        {"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
         "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
         NET_END_PROTOCOL}, /* it does not say mqtt */
        {"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
         "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
         NET_END_PROTOCOL}, /* the digest of another nonce */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        room r;
        begin(&r);
        feed(&r, rows[i].head, strlen(rows[i].head));
        if (r.opened != 0 || r.ended != 1 || r.why != rows[i].why) fail_msg("row %zu", i);
        net_websocket_free(r.socket);
    }
}

static void endless_heads(void **state) {
    (void)state;
    room r;
    begin(&r);
    for (int i = 0; i < 2 * NET_WEBSOCKET_HEAD_MAX; i++) feed(&r, "a", 1);
    assert_int_equal(r.ended, 1);
    assert_int_equal(r.why, NET_END_PROTOCOL);
    net_websocket_free(r.socket);
}

static void bad_frames(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } rows[] = {
        {"\x81\x02hi", 4},                                 /* a text: MQTT 5 6.0-1 */
        {"\xf2\x01x", 3},                                  /* reserved bits */
        {"\x82\x81tests", 7},                              /* masked, as a server must not */
        {"\x82\x7f\x00\x00\x00\x00\x10\x00\x00\x00x", 11}, /* of 256 MB */
        {"\x80\x01x", 3},                                  /* goes on with nothing */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        room r;
        begin(&r);
        feed(&r, yes, sizeof yes - 1);
        feed(&r, rows[i].bytes, rows[i].n);
        if (r.ended != 1 || r.got_size != 0) fail_msg("row %zu", i);
        net_websocket_free(r.socket);
    }
}

/* ---- a server's end ---- */

static const char ask[] =
    "GET /mqtt?x=1 HTTP/1.1\r\nHost: h\r\nupgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: mqttv3.1, mqtt\r\n\r\n";

static void wait_for_one(room *r) {
    memset(r, 0, sizeof *r);
    r->socket = net_websocket_accept("/mqtt", &calls, r);
    assert_non_null(r->socket);
}

static void a_server(void **state) {
    (void)state;
    static const uint8_t frame[] = {0x82, 0x83, 1, 2, 3, 4, 'a' ^ 1, 'b' ^ 2, 'c' ^ 3};
    static const uint8_t leave[] = {0x88, 0x80, 1, 2, 3, 4};
    const sim_heap_use before = sim_heap_in_use();
    room r;
    wait_for_one(&r);
    assert_int_equal(net_websocket_write(r.socket, frame, 1), SIM_ESTATE);
    for (size_t i = 0; i < sizeof ask - 1; i++) feed(&r, ask + i, 1);
    assert_int_equal(r.opened, 1);
    assert_memory_equal(r.sent, "HTTP/1.1 101 ", 13);
    assert_non_null(strstr((char *)r.sent, "Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    assert_non_null(strstr((char *)r.sent, "Sec-WebSocket-Protocol: mqtt\r\n"));
    r.sent_size = 0;
    r.echo = "yes";
    for (size_t i = 0; i < sizeof frame; i++) feed(&r, frame + i, 1);
    assert_memory_equal(r.got, "abc", 3);
    assert_memory_equal(r.sent, "\x82\x03yes", 5); /* not masked, as a server must not */
    feed(&r, leave, sizeof leave);
    assert_int_equal(r.ended, 1);
    assert_int_equal(r.why, NET_END_CLOSED);
    net_websocket_free(r.socket);

    wait_for_one(&r); /* it says good-bye itself */
    feed(&r, ask, sizeof ask - 1);
    r.sent_size = 0;
    net_websocket_close(r.socket);
    assert_memory_equal(r.sent, "\x88\x02\x03\xe8", 4);
    feed(&r, frame, sizeof frame);
    assert_true(r.got_size == 0 && r.ended == 0);
    assert_int_equal(net_websocket_write(r.socket, frame, 1), SIM_ESTATE);
    net_websocket_free(r.socket);
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

/* The usual request with one thing changed, and what it is answered; "": nothing at all. */
static void what_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *old, *new, *answer;
        net_end why;
    } rows[] = {
        {"GET /mqtt?x=1", "GET /mqttx", "HTTP/1.1 404", NET_END_REFUSED},
        {"GET /mqtt?x=1", "GET /", "HTTP/1.1 404", NET_END_REFUSED},
        {"GET", "POST", "HTTP/1.1 405", NET_END_REFUSED},
        {"HTTP/1.1", "HTTP/1.0", "HTTP/1.1 404", NET_END_REFUSED},
        {"upgrade: WebSocket\r\n", "", "HTTP/1.1 426", NET_END_REFUSED},
        {"keep-alive, Upgrade", "keep-alive", "HTTP/1.1 426", NET_END_REFUSED},
        {"Version: 13", "Version: 8", "HTTP/1.1 426", NET_END_REFUSED},
        {"mqttv3.1, mqtt", "mqttv3.1", "HTTP/1.1 400", NET_END_REFUSED},
        {"mqttv3.1, mqtt", "", "HTTP/1.1 400", NET_END_REFUSED},
        {"dGhlIHNhbXBsZSBub25jZQ==", "dGhl", "HTTP/1.1 400", NET_END_REFUSED},
        {"Sec-WebSocket-Key", "Sec-WebSocket-Kex", "HTTP/1.1 400", NET_END_REFUSED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[sizeof ask + 32];
        const char *at = strstr(ask, rows[i].old);
        room r;
        assert_non_null(at);
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - ask), ask, rows[i].new,
                       at + strlen(rows[i].old));
        wait_for_one(&r);
        feed(&r, text, strlen(text));
        bool said = strncmp((char *)r.sent, rows[i].answer, strlen(rows[i].answer)) == 0;
        if (r.opened != 0 || r.ended != 1 || r.why != rows[i].why || !said) fail_msg("row %zu", i);
        net_websocket_free(r.socket);
    }
}

static void bad_clients(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } rows[] = {
        {"\x82\x02hi", 4},                                         /* not masked */
        {"\x81\x82\0\0\0\0hi", 8},                                 /* a text */
        {"\x82\xff\x00\x00\x00\x00\x10\x00\x00\x00\0\0\0\0x", 15}, /* of 256 MB */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        room r;
        wait_for_one(&r);
        feed(&r, ask, sizeof ask - 1);
        feed(&r, rows[i].bytes, rows[i].n);
        if (r.ended != 1 || r.got_size != 0) fail_msg("row %zu", i);
        net_websocket_free(r.socket);
    }
    room r;
    wait_for_one(&r);
    for (int i = 0; i < 2 * NET_WEBSOCKET_HEAD_MAX; i++) feed(&r, "a", 1);
    assert_true(r.ended == 1 && r.why == NET_END_PROTOCOL);
    net_websocket_free(r.socket);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),       cmocka_unit_test(all_at_once),
        cmocka_unit_test(bad_frames),      cmocka_unit_test(what_is_no_websocket),
        cmocka_unit_test(endless_heads),   cmocka_unit_test(a_server),
        cmocka_unit_test(what_is_refused), cmocka_unit_test(bad_clients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
