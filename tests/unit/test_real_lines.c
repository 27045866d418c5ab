/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_real_lines.c - devices on streams against plain sockets on loopback: a device's own TCP
 * (net/tcp.h) on one side of a line, the kernel's on the other. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "net/real_fleet.h"
#include "net/real_loop.h"
#include "net/real_socket.h"
#include "net/tcp.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

enum { DEVICES = 64, PORT = 5000 };

typedef struct room room;

typedef struct thing { /* a device */
    net_tcp tcp;
    room *room;
    uint32_t number;
    uint32_t opened, ended;
    net_end why;
    char text[256];
    size_t n;
} thing;

struct room {
    net_real_loop *loop;
    net_real_fleet *fleet;
    int listener;
    net_address target;
    thing things[DEVICES];
    size_t received; /* bytes, of all */
};

static sim_time now_of(void *context) {
    const room *r = context;
    return net_real_loop_now(r->loop);
}

static void on_segment(void *owner, const uint8_t *segment, size_t n) {
    thing *t = owner;
    int error = net_real_fleet_send(t->room->fleet, t->number, segment, n);
    assert_true(error == 0 || error == SIM_ESTATE);
}

static void on_opened(void *owner) {
    ((thing *)owner)->opened++;
}

static void on_bytes(void *owner, const uint8_t *bytes, size_t n) {
    thing *t = owner;
    t->room->received += n;
    if (t->n + n <= sizeof t->text) memcpy(t->text + t->n, bytes, n);
    t->n += n;
}

static void on_room(void *owner) {
    (void)owner;
}

static void on_ended(void *owner, net_end why) {
    thing *t = owner;
    t->ended++;
    t->why = why;
}

static const net_tcp_calls calls = {on_segment, on_opened, on_bytes, on_room, on_ended};

static void at_device(void *context, uint32_t device, const uint8_t *segment, size_t n,
                      sim_time waited) {
    room *r = context;
    assert_int_equal(waited, 0);
    net_tcp_input(&r->things[device].tcp, now_of(r), segment, n);
}

static int listen_on(net_address *at, int backlog) {
    struct sockaddr_storage name;
    socklen_t length = net_real_to_kernel(at, &name);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, length), 0);
    if (backlog > 0) assert_int_equal(listen(fd, backlog), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &length), 0);
    *at = net_real_from_kernel(&name);
    return fd;
}

static void enter(room *r, bool listens, const char *prefix) {
    char why[256];
    memset(r, 0, sizeof *r);
    r->loop = net_real_loop_new();
    assert_non_null(r->loop);
    assert_int_equal(net_address_parse("127.0.0.1:0", "127.0.0.1", &r->target), 0);
    r->listener = listen_on(&r->target, listens ? 64 : 0);
    net_real_fleet_config config = {.loop = net_real_loop_uv(r->loop),
                                    .target = r->target,
                                    .devices = DEVICES,
                                    .streams = true,
                                    .received = at_device,
                                    .now = now_of,
                                    .context = r};
    if (prefix != NULL) {
        net_address from;
        assert_int_equal(net_address_parse(prefix, "127.0.0.1", &from), 0);
        memcpy(config.source_prefix, from.ip, sizeof from.ip);
        config.source_bits = 112;
    }
    r->fleet = net_real_fleet_new(&config, why, sizeof why);
    if (r->fleet == NULL) fail_msg("%s", why);
    for (uint32_t i = 0; i < DEVICES; i++) r->things[i] = (thing){.room = r, .number = i};
}

static void leave(room *r) {
    for (uint32_t i = 0; i < DEVICES; i++) net_tcp_free(&r->things[i].tcp);
    net_real_fleet_free(r->fleet);
    net_real_loop_free(r->loop);
    if (r->listener >= 0) (void)close(r->listener);
}

static void turn(room *r, int times) {
    for (int i = 0; i < times; i++) {
        net_real_fleet_flush(r->fleet);
        net_real_loop_turn(r->loop, net_real_loop_now(r->loop) + 10 * SIM_MILLISECOND);
    }
    net_real_fleet_flush(r->fleet);
}

/* Gives up long after any machine would have. */
static void turn_until(room *r, const uint32_t *counter) {
    for (int i = 0; i < 6000 && *counter == 0; i++) turn(r, 1);
    assert_true(*counter > 0);
}

static void call(room *r, uint32_t device) {
    thing *t = &r->things[device];
    assert_int_equal(net_real_fleet_open(r->fleet, device), 0);
    net_tcp_connect(&t->tcp, &net_tcp_linux, &calls, t, (uint16_t)(PORT + device), 1883, 77,
                    now_of(r));
}

static int answer(room *r) {
    const struct timeval patience = {.tv_sec = 30};
    int fd = accept(r->listener, NULL, NULL);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    return fd;
}

static int connected(room *r, uint32_t device) {
    call(r, device);
    turn_until(r, &r->things[device].opened);
    return answer(r);
}

static void write_to(room *r, uint32_t device, const char *text) {
    assert_int_equal(
        net_tcp_write(&r->things[device].tcp, now_of(r), (const uint8_t *)text, strlen(text)),
        strlen(text));
}

static room r;

static void both_ways(void **state) {
    (void)state;
    char got[16];
    const sim_heap_use before = sim_heap_in_use();
    enter(&r, true, NULL);
    int fd = connected(&r, 3);
    write_to(&r, 3, "hello");
    assert_int_equal(recv(fd, got, sizeof got, 0), 5);
    assert_memory_equal(got, "hello", 5);
    assert_int_equal(send(fd, "yes", 3, 0), 3);
    for (int i = 0; i < 6000 && r.received < 3; i++) turn(&r, 1);
    assert_memory_equal(r.things[3].text, "yes", 3);
    const net_real_fleet_counts *c = net_real_fleet_count(r.fleet);
    assert_int_equal(c->sent, 2); /* a connection and a piece, each way */
    assert_int_equal(c->received, 2);
    (void)close(fd);
    turn_until(&r, &r.things[3].ended);
    assert_int_equal(r.things[3].why, NET_END_CLOSED);
    leave(&r);
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

/* What comes before the device's own handshake is through waits for it (a server of RFC 8323 does
 * not wait for its client). */
static void speaks_first(void **state) {
    (void)state;
    enter(&r, true, NULL);
    call(&r, 2);
    int fd = answer(&r);
    assert_int_equal(send(fd, "welcome", 7, 0), 7);
    while (net_real_fleet_count(r.fleet)->received < 2) /* and nothing reaches the device */
        net_real_loop_turn(r.loop, net_real_loop_now(r.loop) + SIM_MILLISECOND);
    assert_int_equal(r.things[2].opened, 0);
    turn_until(&r, &r.things[2].opened);
    for (int i = 0; i < 6000 && r.received < 7; i++) turn(&r, 1);
    assert_memory_equal(r.things[2].text, "welcome", 7);
    assert_int_equal(send(fd, "again", 5, 0), 5);
    for (int i = 0; i < 6000 && r.received < 12; i++) turn(&r, 1);
    assert_memory_equal(r.things[2].text, "welcomeagain", 12);
    (void)close(fd);
    leave(&r);
}

/* More than the buffer of a device's TCP holds comes whole: the kernel waits. */
static void much_at_once(void **state) {
    (void)state;
    enum { MUCH = 1 << 20 };
    static char block[4096];
    enter(&r, true, NULL);
    int fd = connected(&r, 0);
    size_t sent = 0;
    while (r.received < MUCH) {
        ssize_t n = sent < MUCH ? send(fd, block, sizeof block, MSG_DONTWAIT) : 0;
        if (n > 0) sent += (size_t)n;
        turn(&r, 1);
    }
    assert_int_equal(r.received, MUCH);
    (void)close(fd);
    leave(&r);
}

/* A device that closes takes its leave; one without power leaves its connection open. */
static void leaving(void **state) {
    (void)state;
    char got[16];
    enter(&r, true, NULL);
    int orderly = connected(&r, 0);
    int deserted = connected(&r, 1);
    net_real_fleet_close(r.fleet, 0);
    net_real_fleet_desert(r.fleet, 1);
    turn(&r, 3);
    assert_int_equal(recv(orderly, got, sizeof got, 0), 0);
    assert_int_equal(recv(deserted, got, sizeof got, MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(send(deserted, "still there?", 12, 0), 12);
    turn(&r, 3);
    assert_int_equal(r.things[1].n, 0);
    assert_int_equal(net_real_fleet_count(r.fleet)->half_open, 1);
    (void)close(deserted); /* it has found out */
    int again = connected(&r, 1);
    turn(&r, 3);
    leave(&r);
    assert_int_equal(recv(again, got, sizeof got, 0), 0);
    (void)close(again);
    (void)close(orderly);
}

static void refused(void **state) {
    (void)state;
    enter(&r, false, NULL);
    for (uint32_t i = 0; i < DEVICES; i++) call(&r, i);
    for (uint32_t i = 0; i < DEVICES; i++) {
        turn_until(&r, &r.things[i].ended);
        assert_int_equal(r.things[i].why, NET_END_REFUSED);
    }
    assert_int_equal(net_real_fleet_count(r.fleet)->refused, DEVICES);
    assert_int_equal(net_real_fleet_count(r.fleet)->received, 0);
    leave(&r);
}

static void reset(void **state) {
    (void)state;
    const struct linger at_once = {.l_onoff = 1};
    enter(&r, true, NULL);
    int fd = connected(&r, 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    (void)close(fd);
    turn_until(&r, &r.things[0].ended);
    assert_int_equal(r.things[0].why, NET_END_RESET);
    leave(&r);
}

/* Without a descriptor the device's SYN has no answer, and the next one is tried again. What was
 * left open makes room. */
static void no_descriptors(void **state) {
    (void)state;
    struct rlimit before, none;
    enter(&r, true, NULL);
    int old = connected(&r, 0);
    net_real_fleet_desert(r.fleet, 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    call(&r, 1); /* closing the old one gives no room here: the limit is below all there are */
    assert_int_equal(net_real_fleet_count(r.fleet)->half_open_cut, 1);
    assert_int_equal(net_real_fleet_count(r.fleet)->starved, 1);
    turn(&r, 3);
    assert_int_equal(r.things[1].opened + r.things[1].ended, 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    net_tcp_wake(&r.things[1].tcp, net_tcp_deadline(&r.things[1].tcp));
    turn_until(&r, &r.things[1].opened);
    (void)close(old);
    leave(&r);
}

static void source_of_its_own(void **state) {
    (void)state;
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    enter(&r, true, "127.18.0.0:0");
    call(&r, 6);
    turn_until(&r, &r.things[6].opened);
    int fd = accept(r.listener, (struct sockaddr *)&name, &length);
    assert_true(fd >= 0);
    net_address from = net_real_from_kernel(&name);
    assert_int_equal(from.ip[13], 18);
    assert_int_equal(from.ip[15], 7);
    (void)close(fd);
    leave(&r);
}

/* A segment of no connection is answered as a host without one does. */
static void strange_segments(void **state) {
    (void)state;
    uint8_t out[NET_TCP_SEGMENT_MAX];
    const net_tcp_segment data = {.sequence = 5,
                                  .source_port = PORT,
                                  .destination_port = 1883,
                                  .flags = NET_TCP_ACK,
                                  .data = (const uint8_t *)"x",
                                  .size = 1};
    enter(&r, true, NULL);
    size_t n = net_tcp_segment_write(&data, out);
    assert_int_equal(net_real_fleet_send(r.fleet, 0, out, n), SIM_ESTATE);
    assert_int_equal(net_real_fleet_open(r.fleet, 0), 0);
    assert_int_equal(net_real_fleet_send(r.fleet, 0, out, n), 0);
    assert_int_equal(net_real_fleet_send(r.fleet, 0, out, 3), SIM_EPARSE);
    turn(&r, 2);
    assert_int_equal(net_real_fleet_count(r.fleet)->sent, 0);
    leave(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),        cmocka_unit_test(speaks_first),
        cmocka_unit_test(much_at_once),     cmocka_unit_test(leaving),
        cmocka_unit_test(refused),          cmocka_unit_test(reset),
        cmocka_unit_test(no_descriptors),   cmocka_unit_test(source_of_its_own),
        cmocka_unit_test(strange_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
