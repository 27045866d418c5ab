/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_real_stream.c - a listening TCP socket and plain clients, all on loopback: what comes in,
 * how it ends, and who is not waited for. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "net/real_loop.h"
#include "net/real_socket.h"
#include "net/real_stream.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

typedef struct server {
    net_real_loop *loop;
    net_real_stream *stream;
    uint32_t made, ended, parts;
    net_address last;
    char text[64];
    size_t n;
} server;

static void on_received(void *context, const net_address *from, const uint8_t *bytes, size_t n) {
    server *s = context;
    s->last = *from;
    if (n == 0) {
        s->made++;
        return;
    }
    s->parts++;
    if (s->n + n <= sizeof s->text) memcpy(s->text + s->n, bytes, n);
    s->n += n;
}

static void on_ended(void *context, const net_address *from) {
    server *s = context;
    s->last = *from;
    s->ended++;
}

static const net_real_stream_calls calls = {on_received, on_ended};

static void begin(server *s, uint32_t maximum) {
    char why[200];
    net_address any;
    assert_int_equal(net_address_parse("127.0.0.1:0", "127.0.0.1", &any), 0);
    *s = (server){.loop = net_real_loop_new()};
    assert_non_null(s->loop);
    s->stream =
        net_real_stream_new(net_real_loop_uv(s->loop), &any, maximum, &calls, s, why, sizeof why);
    assert_non_null(s->stream);
}

static void end(server *s) {
    net_real_stream_free(s->stream);
    net_real_loop_free(s->loop);
}

/* Turns until the counter has that value; gives up long after any machine would have. */
static void turn_until(server *s, const uint32_t *counter, uint32_t value) {
    for (int i = 0; i < 600 && *counter < value; i++)
        net_real_loop_turn(s->loop, net_real_loop_now(s->loop) + SIM_SECOND);
    assert_int_equal(*counter, value);
}

static void turn(server *s) {
    for (int i = 0; i < 20; i++) net_real_loop_turn(s->loop, net_real_loop_now(s->loop));
}

static int client(const server *s) {
    struct sockaddr_storage name;
    net_address to = net_real_stream_address(s->stream);
    socklen_t length = net_real_to_kernel(&to, &name);
    const struct timeval patience = {.tv_sec = 30};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&name, length), 0);
    return fd;
}

static void both_ways(void **state) {
    (void)state;
    server s;
    char got[8];
    begin(&s, 4);
    int fd = client(&s);
    turn_until(&s, &s.made, 1);
    assert_int_equal(send(fd, "hello", 5, 0), 5);
    turn_until(&s, &s.parts, 1);
    assert_memory_equal(s.text, "hello", 5);
    net_address from = s.last;
    net_real_stream_send(s.stream, &from, (const uint8_t *)"yes", 3);
    assert_int_equal(recv(fd, got, sizeof got, 0), 3);
    (void)close(fd);
    turn_until(&s, &s.ended, 1);
    assert_true(net_address_equal(&s.last, &from));
    net_real_stream_send(s.stream, &from, (const uint8_t *)"no", 2); /* nobody is there */
    net_real_stream_close(s.stream, &from, true);
    end(&s);
}

/* Its client gets all that was sent, though it goes on sending; nobody is told. */
static void closed_in_order(void **state) {
    (void)state;
    server s;
    char got[8];
    begin(&s, 4);
    int fd = client(&s);
    turn_until(&s, &s.made, 1);
    assert_int_equal(send(fd, "unread", 6, 0), 6);
    net_real_stream_send(s.stream, &s.last, (const uint8_t *)"bye", 3);
    net_real_stream_close(s.stream, &s.last, false);
    turn(&s);
    assert_int_equal(recv(fd, got, sizeof got, 0), 3);
    assert_int_equal(recv(fd, got, sizeof got, 0), 0);
    (void)close(fd);
    turn(&s);
    assert_int_equal(s.parts + s.ended, 0);
    end(&s);
}

static void closed_by_reset(void **state) {
    (void)state;
    server s;
    char got[8];
    begin(&s, 4);
    int fd = client(&s);
    turn_until(&s, &s.made, 1);
    net_real_stream_close(s.stream, &s.last, true);
    turn(&s);
    assert_int_equal(recv(fd, got, sizeof got, 0), -1);
    assert_int_equal(errno, ECONNRESET);
    (void)close(fd);
    assert_int_equal(s.ended, 0);
    end(&s);
}

static void a_place_for_each(void **state) {
    (void)state;
    server s;
    begin(&s, 2);
    int one = client(&s), two = client(&s), three = client(&s);
    turn_until(&s, &s.made, 2);
    turn(&s);
    assert_int_equal(s.made, 2);
    (void)close(one);
    turn_until(&s, &s.made, 3); /* it has waited with the kernel */
    (void)close(two);
    (void)close(three);
    turn_until(&s, &s.ended, 3);
    end(&s);
}

/* A client that takes nothing does not fill our memory. */
static void takes_nothing(void **state) {
    (void)state;
    enum { MUCH = 1 << 20 };
    server s;
    begin(&s, 2);
    int fd = client(&s);
    turn_until(&s, &s.made, 1);
    uint8_t *much = sim_calloc(1, MUCH);
    assert_non_null(much);
    const sim_heap_use before = sim_heap_in_use();
    for (int i = 0; i < 64; i++) {
        net_real_stream_send(s.stream, &s.last, much, MUCH);
        assert_true(sim_heap_in_use().bytes - before.bytes < NET_REAL_STREAM_BACKLOG + MUCH);
    }
    turn_until(&s, &s.ended, 1);
    sim_free(much);
    (void)close(fd);
    end(&s);
}

static void no_such_address(void **state) {
    (void)state;
    char why[200];
    server s;
    begin(&s, 1);
    net_address taken = net_real_stream_address(s.stream);
    assert_null(
        net_real_stream_new(net_real_loop_uv(s.loop), &taken, 1, &calls, &s, why, sizeof why));
    assert_non_null(strstr(why, "address already in use"));
    end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),       cmocka_unit_test(closed_in_order),
        cmocka_unit_test(closed_by_reset), cmocka_unit_test(a_place_for_each),
        cmocka_unit_test(takes_nothing),   cmocka_unit_test(no_such_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
