/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real sockets of devices and server, against each other and against plain ones, all on
 * loopback. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "net/real_fleet.h"
#include "net/real_loop.h"
#include "net/real_server.h"
#include "net/real_socket.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

static net_address address_of(const char *text) {
    net_address a;
    assert_int_equal(net_address_parse(text, "127.0.0.1", &a), 0);
    return a;
}

/* ---- addresses ---- */

static void test_addresses(void **state) {
    (void)state;
    static const char *const texts[] = {"127.0.0.1:5683", "0.0.0.0:1", "255.255.255.255:65535",
                                        "[::1]:5683", "[2001:db8::1]:1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct sockaddr_storage name;
        net_address a = address_of(texts[i]);
        socklen_t length = net_real_to_kernel(&a, &name);
        bool ipv4 = texts[i][0] != '[';
        assert_int_equal(net_real_is_ipv4(&a), ipv4);
        assert_int_equal(length, ipv4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
        net_address b = net_real_from_kernel(&name);
        assert_true(net_address_equal(&a, &b));
    }
    struct sockaddr_storage other = {.ss_family = AF_UNIX};
    net_address none = net_real_from_kernel(&other);
    assert_int_equal(none.port, 0);
}

/* A plain socket of the test's own; *at gets its address. */
static int plain_socket(const char *bind_to, net_address *at) {
    struct sockaddr_storage name;
    net_address a = address_of(bind_to);
    socklen_t length = net_real_to_kernel(&a, &name);
    int fd = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const struct timeval patience = {.tv_sec = 2};
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, length), 0);
    length = sizeof name;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &length), 0);
    *at = net_real_from_kernel(&name);
    return fd;
}

static void send_plain(int fd, const net_address *to, const void *bytes, size_t n) {
    struct sockaddr_storage name;
    socklen_t length = net_real_to_kernel(to, &name);
    assert_int_equal(sendto(fd, bytes, n, 0, (struct sockaddr *)&name, length), (ssize_t)n);
}

static ssize_t receive_plain(int fd, void *bytes, size_t room, net_address *from) {
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    ssize_t n = recvfrom(fd, bytes, room, 0, (struct sockaddr *)&name, &length);
    *from = net_real_from_kernel(&name);
    return n;
}

/* ---- socket ---- */

static void test_socket(void **state) {
    (void)state;
    static net_real_batch batch;
    static uint8_t large[4000];
    net_address ours, theirs;
    uint64_t lost = 0;
    int peer = plain_socket("127.0.0.1:0", &theirs);
    const net_address any = address_of("127.0.0.1:0");
    int fd = net_real_open(&any);
    assert_true(fd >= 0);
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &length), 0);
    ours = net_real_from_kernel(&name);
    assert_int_equal(net_real_receive(fd, &batch), SIM_EAGAIN);
    send_plain(peer, &ours, "abc", 3);
    send_plain(peer, &ours, "", 0);
    send_plain(peer, &ours, large, sizeof large); /* longer than anything we speak */
    send_plain(peer, &ours, large, NET_REAL_DATAGRAM_MAX);
    assert_int_equal(net_real_receive(fd, &batch), 0);
    assert_int_equal(batch.count, 4);
    assert_int_equal(batch.items[0].size, 3);
    assert_memory_equal(batch.items[0].data, "abc", 3);
    assert_true(net_address_equal(&batch.items[0].remote, &theirs));
    assert_memory_equal(batch.items[0].local.ip, ours.ip, 16);
    assert_int_equal(batch.items[1].size, 0);
    assert_int_equal(batch.items[2].size, 0);
    assert_int_equal(batch.items[3].size, NET_REAL_DATAGRAM_MAX);
    /* Back, seeming to come from another address of loopback. */
    batch.count = 2;
    for (int i = 0; i < 2; i++) {
        batch.items[i].remote = theirs;
        batch.items[i].local = (net_address){0};
        batch.items[i].size = 1;
    }
    assert_int_equal(net_real_send(fd, &batch, &lost), 0);
    assert_int_equal(batch.count, 0);
    assert_int_equal(lost, 0);
    assert_int_equal(receive_plain(peer, large, sizeof large, &theirs), 1);
    assert_true(net_address_equal(&theirs, &ours));
    assert_int_equal(net_real_open(&ours), -EADDRINUSE);
    (void)close(fd);
    (void)close(peer);
}

/* What lies in a socket is late by how long it lay there, and what its buffer had no room for is
 * counted. */
static void test_waiting_in_a_socket(void **state) {
    (void)state;
    enum { MORE_THAN_FIT = 1000 };
    static net_real_batch batch;
    static uint8_t large[1000];
    net_address ours, theirs;
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    const struct timespec pause = {.tv_nsec = 30 * SIM_MILLISECOND};
    const net_address any = address_of("127.0.0.1:0");
    int peer = plain_socket("127.0.0.1:0", &theirs);
    int fd = net_real_open(&any);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){4096}, sizeof(int)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &length), 0);
    ours = net_real_from_kernel(&name);
    sim_time waited = 0;
    for (int tries = 0; tries < 20 && waited < pause.tv_nsec;
         tries++) { /* stamps are of the wall's clock, and somebody may set that meanwhile */
        send_plain(peer, &ours, "late", 4);
        assert_int_equal(nanosleep(&pause, NULL), 0);
        assert_int_equal(net_real_receive(fd, &batch), 0);
        assert_int_equal(batch.count, 1);
        waited = net_real_waited(&batch.items[0]);
    }
    assert_true(waited >= pause.tv_nsec);
    assert_true(net_real_waited(&batch.items[0]) >= waited);
    const net_real_datagram unknown = {.size = 1};
    assert_int_equal(net_real_waited(&unknown), 0);
    assert_int_equal(net_real_dropped(fd), 0);
    for (int i = 0; i < MORE_THAN_FIT; i++) send_plain(peer, &ours, large, sizeof large);
    uint64_t dropped = net_real_dropped(fd);
    uint64_t kept = 0;
    while (net_real_receive(fd, &batch) == 0) kept += batch.count;
    assert_true(dropped > 0);
    assert_int_equal(dropped + kept, MORE_THAN_FIT);
    assert_int_equal(net_real_dropped(-1), 0);
    (void)close(fd);
    (void)close(peer);
}

/* ---- loop ---- */

static void test_loop(void **state) {
    (void)state;
    const sim_heap_use before = sim_heap_in_use();
    net_real_loop *l = net_real_loop_new();
    assert_non_null(l);
    sim_time began, took = SIM_NEVER;
    for (int tries = 0; tries < 20 && took >= NET_REAL_TURN;
         tries++) { /* others may have the processor for a while */
        began = net_real_loop_now(l);
        assert_true(began >= 0);
        net_real_loop_turn(l, began - SIM_SECOND); /* past: at once */
        net_real_loop_turn(l, net_real_loop_now(l));
        took = net_real_loop_now(l) - began;
    }
    assert_true(took < NET_REAL_TURN);
    began = net_real_loop_now(l);
    net_real_loop_turn(l, began + 20 * SIM_MILLISECOND);
    took = net_real_loop_now(l) - began;
    assert_true(took >= 20 * SIM_MILLISECOND);
    began = net_real_loop_now(l);
    net_real_loop_turn(l, SIM_NEVER); /* never longer than a turn */
    assert_true(net_real_loop_now(l) - began >= NET_REAL_TURN / 2);
    net_real_loop_restart(l);
    assert_true(net_real_loop_now(l) < SIM_SECOND);
    net_real_loop_free(l);
    net_real_loop_free(NULL);
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

static sim_time processor_time(void) {
    struct timespec t;
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
    return t.tv_sec * SIM_SECOND + t.tv_nsec;
}

/* A wait of half a millisecond is slept through in one turn, not waited for awake. The processor
 * time of a sleep is some ten microseconds, also beside others, and that of the wait would be all
 * of it. */
static void test_short_waits_sleep(void **state) {
    enum { WAITS = 400 };
    (void)state;
    const sim_time wait = SIM_MILLISECOND / 2;
    net_real_loop *l = net_real_loop_new();
    assert_non_null(l);
    sim_time used = processor_time();
    for (int i = 0; i < WAITS; i++) {
        sim_time until = net_real_loop_now(l) + wait;
        net_real_loop_turn(l, until);
        assert_true(net_real_loop_now(l) >= until); /* a single turn */
    }
    used = processor_time() - used;
    if (used >= WAITS * wait / 3)
        fail_msg("%d waits of %lld ns used %lld ns", WAITS, (long long)wait, (long long)used);
    net_real_loop_free(l);
}

/* ---- fleet and server ---- */

enum { DEVICES = 1000 };

typedef struct pair {
    net_real_loop *loop;
    net_real_server *server;
    net_real_fleet *fleet;
    net_address seen[DEVICES]; /* where the server saw the device last */
    uint32_t arrivals[DEVICES], answers[DEVICES], mixed_up;
    bool mute; /* the server does not answer */
} pair;

static void at_server(void *context, const net_address *from, const uint8_t *bytes, size_t n) {
    pair *p = context;
    uint32_t device;
    if (n != sizeof device) return;
    memcpy(&device, bytes, sizeof device);
    assert_true(device < DEVICES);
    p->arrivals[device]++;
    p->seen[device] = *from;
    if (!p->mute) net_real_server_send(p->server, from, bytes, n);
}

static void at_fleet(void *context, uint32_t device, const uint8_t *bytes, size_t n,
                     sim_time waited) {
    pair *p = context;
    assert_true(waited >= 0);
    p->answers[device]++;
    if (n != sizeof device || memcmp(bytes, &device, n) != 0) p->mixed_up++;
}

static void pair_begin(pair *p, const char *listen, uint32_t devices, const char *prefix,
                       uint8_t bits) {
    char why[256];
    net_real_fleet_config config = {
        .devices = devices, .received = at_fleet, .context = p, .source_bits = bits};
    net_address at = address_of(listen);
    memset(p, 0, sizeof *p);
    p->loop = net_real_loop_new();
    assert_non_null(p->loop);
    config.loop = net_real_loop_uv(p->loop);
    p->server = net_real_server_new(config.loop, &at, at_server, p, why, sizeof why);
    if (p->server == NULL) fail_msg("%s", why);
    config.target = net_real_server_address(p->server);
    assert_true(config.target.port != 0);
    if (bits != 0) memcpy(config.source_prefix, address_of(prefix).ip, 16);
    p->fleet = net_real_fleet_new(&config, why, sizeof why);
    if (p->fleet == NULL) fail_msg("%s", why);
}

static void pair_end(pair *p) {
    net_real_fleet_free(p->fleet);
    net_real_server_free(p->server);
    net_real_loop_free(p->loop);
}

static void say(pair *p, uint32_t device) {
    assert_int_equal(net_real_fleet_send(p->fleet, device, (const uint8_t *)&device, sizeof device),
                     0);
}

/* Turns until `count` datagrams have come back, or two seconds are over. */
static void turn_until(pair *p, uint64_t count) {
    net_real_fleet_flush(p->fleet);
    for (int i = 0; i < 200 && net_real_fleet_count(p->fleet)->received < count; i++)
        net_real_loop_turn(p->loop, net_real_loop_now(p->loop) + 10 * SIM_MILLISECOND);
}

static void turn_a_while(pair *p) {
    net_real_fleet_flush(p->fleet);
    for (int i = 0; i < 5; i++)
        net_real_loop_turn(p->loop, net_real_loop_now(p->loop) + 10 * SIM_MILLISECOND);
}

static pair p;

static void everybody_is_answered(uint32_t devices) {
    for (uint32_t i = 0; i < devices; i++) assert_int_equal(net_real_fleet_open(p.fleet, i), 0);
    for (uint32_t i = 0; i < devices; i += 100) { /* in portions that the buffers hold */
        for (uint32_t k = i; k < i + 100 && k < devices; k++) say(&p, k);
        turn_until(&p, i + 100 < devices ? i + 100 : devices);
    }
    for (uint32_t i = 0; i < devices; i++) {
        assert_int_equal(p.arrivals[i], 1);
        assert_int_equal(p.answers[i], 1);
    }
    assert_int_equal(p.mixed_up, 0);
    const net_real_fleet_counts *c = net_real_fleet_count(p.fleet);
    assert_int_equal(c->sent, devices);
    assert_int_equal(c->received, devices);
    assert_int_equal(c->lost + c->refused + c->strangers, 0);
    for (uint32_t i = 1; i < devices; i++) { /* no two seem to be one */
        for (uint32_t k = 0; k < i; k++) assert_false(net_address_equal(&p.seen[i], &p.seen[k]));
    }
}

static void comes_back_from_elsewhere(uint32_t device) {
    for (int again = 0; again < 7; again++) {
        net_address before = p.seen[device];
        uint32_t answers = p.answers[device];
        assert_int_equal(net_real_fleet_open(p.fleet, device), 0);
        say(&p, device);
        turn_until(&p, net_real_fleet_count(p.fleet)->received + 1);
        assert_int_equal(p.answers[device], answers + 1);
        assert_false(net_address_equal(&before, &p.seen[device]));
    }
}

static void test_prefix(void **state) {
    (void)state;
    const sim_heap_use before = sim_heap_in_use();
    pair_begin(&p, "127.0.0.1:0", DEVICES, "127.16.0.0:0", 108);
    everybody_is_answered(DEVICES);
    assert_int_equal(p.seen[0].ip[13], 16);
    assert_int_equal(p.seen[0].ip[15], 1); /* not the network's own */
    comes_back_from_elsewhere(5);
    pair_end(&p);
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

static void test_socket_per_device(void **state) {
    (void)state;
    const sim_heap_use before = sim_heap_in_use();
    pair_begin(&p, "127.0.0.1:0", 200, NULL, 0);
    everybody_is_answered(200);
    comes_back_from_elsewhere(7);
    pair_end(&p);
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

static void test_ipv6(void **state) {
    (void)state;
    net_address at = address_of("[::1]:0");
    int fd = net_real_open(&at);
    if (fd < 0) skip(); /* a machine without IPv6 */
    (void)close(fd);
    pair_begin(&p, "[::1]:0", 50, NULL, 0);
    everybody_is_answered(50);
    comes_back_from_elsewhere(7);
    pair_end(&p);
}

static void test_closed_devices(void **state) {
    (void)state;
    for (int prefix = 0; prefix < 2; prefix++) {
        uint32_t device = 1;
        pair_begin(&p, "127.0.0.1:0", 2, "127.16.0.0:0", prefix == 1 ? 108 : 0);
        assert_int_equal(net_real_fleet_send(p.fleet, 1, (const uint8_t *)&device, 4), SIM_ESTATE);
        assert_int_equal(net_real_fleet_open(p.fleet, 1), 0);
        say(&p, 1);
        net_real_fleet_flush(p.fleet);
        net_real_fleet_close(p.fleet, 1); /* the answer comes too late */
        net_real_fleet_close(p.fleet, 1);
        turn_a_while(&p);
        assert_int_equal(p.arrivals[1], 1);
        assert_int_equal(p.answers[1], 0);
        assert_int_equal(net_real_fleet_count(p.fleet)->received, 0);
        assert_int_equal(net_real_fleet_count(p.fleet)->strangers, prefix);
        assert_int_equal(net_real_fleet_send(p.fleet, 1, (const uint8_t *)&device, 4), SIM_ESTATE);
        pair_end(&p);
    }
}

/* Datagrams from anybody but the target, to any address of the prefix. */
static void test_strangers(void **state) {
    (void)state;
    net_address from;
    int fd = plain_socket("127.0.0.1:0", &from);
    for (int prefix = 0; prefix < 2; prefix++) {
        pair_begin(&p, "127.0.0.1:0", 3, "127.16.0.0:0", prefix == 1 ? 108 : 0);
        assert_int_equal(net_real_fleet_open(p.fleet, 1), 0);
        say(&p, 1);
        turn_until(&p, 1);
        net_address to = p.seen[1];
        send_plain(fd, &to, "boo", 3);
        if (prefix == 1) {
            to.ip[15] = 200; /* of no device */
            send_plain(fd, &to, "boo", 3);
            to.ip[13] = 77; /* not even of the prefix */
            send_plain(fd, &to, "boo", 3);
        }
        turn_a_while(&p);
        assert_int_equal(p.answers[1], 1);
        assert_int_equal(net_real_fleet_count(p.fleet)->strangers,
                         prefix == 1 ? 3 : 0); /* else the kernel's */
        pair_end(&p);
    }
    (void)close(fd);
}

static void test_a_closed_port(void **state) {
    (void)state;
    pair_begin(&p, "127.0.0.1:0", 10, NULL, 0);
    for (uint32_t i = 0; i < 10; i++) assert_int_equal(net_real_fleet_open(p.fleet, i), 0);
    net_real_server_free(p.server);
    p.server = NULL;
    for (uint32_t i = 0; i < 10; i++) say(&p, i);
    turn_a_while(&p);
    assert_int_equal(net_real_fleet_count(p.fleet)->refused, 10);
    assert_int_equal(net_real_fleet_count(p.fleet)->received, 0);
    for (uint32_t i = 0; i < 10; i++) say(&p, i); /* and they live on */
    turn_a_while(&p);
    assert_int_equal(net_real_fleet_count(p.fleet)->refused, 20);
    pair_end(&p);
}

static void refused_prefix(const char *prefix, uint8_t bits, uint32_t devices, const char *word) {
    char why[256];
    net_real_loop *loop = net_real_loop_new();
    net_real_fleet_config config = {.loop = net_real_loop_uv(loop),
                                    .target = address_of("127.0.0.1:5683"),
                                    .devices = devices,
                                    .received = at_fleet,
                                    .source_bits = bits};
    memcpy(config.source_prefix, address_of(prefix).ip, 16);
    assert_null(net_real_fleet_new(&config, why, sizeof why));
    if (strstr(why, word) == NULL) fail_msg("%s", why);
    net_real_loop_free(loop);
}

static void test_a_prefix_that_will_not_do(void **state) {
    (void)state;
    const sim_heap_use before = sim_heap_in_use();
    refused_prefix("127.16.0.0:0", 126, 10, "too few addresses");
    refused_prefix("127.16.0.0:0", 128, 1, "too few addresses");
    refused_prefix("192.0.2.0:0", 120, 10, "does not own");
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

/* ---- a socket that is closed by what came in ---- */

typedef struct nest {
    net_real_fleet *fleet;
    net_address target;
    int target_fd;
    bool closed;
    uint32_t heard[2];
    uint32_t wrong;
    sim_time waited; /* what came first */
} nest;

/* The first datagram makes device 0 close, and device 1 open, which gets its descriptor; device 0
 * opens again; and for device 1 there is something to read at once. */
static void shuffle(nest *n) {
    char bytes[8];
    net_address from;
    net_real_fleet_close(n->fleet, 0);
    assert_int_equal(net_real_fleet_open(n->fleet, 1), 0);
    assert_int_equal(net_real_fleet_open(n->fleet, 0), 0);
    assert_int_equal(net_real_fleet_send(n->fleet, 1, (const uint8_t *)"one", 3), 0);
    assert_int_equal(receive_plain(n->target_fd, bytes, sizeof bytes, &from), 3);
    send_plain(n->target_fd, &from, "for one", 7);
}

static void at_nest(void *context, uint32_t device, const uint8_t *bytes, size_t n,
                    sim_time waited) {
    nest *s = context;
    if (!s->closed) s->waited = waited;
    s->heard[device]++;
    if ((device == 1) != (n == 7)) s->wrong++;
    (void)bytes;
    if (!s->closed) {
        s->closed = true;
        shuffle(s);
    }
}

/* A fleet of two devices, of which the first has said a word: `from` gets its address. */
static void nest_begin(nest *n, net_real_loop *loop, net_address *from) {
    char why[256], bytes[8];
    *n = (nest){.closed = false};
    n->target_fd = plain_socket("127.0.0.1:0", &n->target);
    const net_real_fleet_config config = {.loop = net_real_loop_uv(loop),
                                          .target = n->target,
                                          .devices = 2,
                                          .received = at_nest,
                                          .context = n};
    n->fleet = net_real_fleet_new(&config, why, sizeof why);
    assert_non_null(n->fleet);
    assert_int_equal(net_real_fleet_open(n->fleet, 0), 0);
    assert_int_equal(net_real_fleet_send(n->fleet, 0, (const uint8_t *)"zero", 4), 0);
    assert_int_equal(receive_plain(n->target_fd, bytes, sizeof bytes, from), 4);
}

static void test_a_descriptor_that_another_gets(void **state) {
    (void)state;
    const struct timespec pause = {.tv_nsec = 20 * SIM_MILLISECOND};
    nest n;
    net_address from;
    net_real_loop *loop = net_real_loop_new();
    nest_begin(&n, loop, &from);
    for (int i = 0; i < 70; i++) send_plain(n.target_fd, &from, "x", 1); /* more than a batch */
    assert_int_equal(nanosleep(&pause, NULL), 0);
    for (int i = 0; i < 5; i++)
        net_real_loop_turn(loop, net_real_loop_now(loop) + 10 * SIM_MILLISECOND);
    assert_int_equal(n.heard[0], 1); /* what came after is late */
    assert_int_equal(n.heard[1], 1);
    assert_int_equal(n.wrong, 0);
    assert_true(net_real_fleet_count(n.fleet)->strangers >= 63);
    assert_true(n.waited >= pause.tv_nsec);
    net_real_fleet_close_all(n.fleet);
    assert_int_equal(net_real_fleet_count(n.fleet)->dropped, 0);
    net_real_fleet_free(n.fleet);
    net_real_loop_free(loop);
    (void)close(n.target_fd);
}

/* More than any buffer holds, and nobody reads it. */
static void test_what_we_were_too_slow_for(void **state) {
    (void)state;
    static const uint8_t large[1400];
    nest n;
    net_address from;
    net_real_loop *loop = net_real_loop_new();
    nest_begin(&n, loop, &from);
    for (int i = 0; i < 20000; i++) send_plain(n.target_fd, &from, large, sizeof large);
    net_real_fleet_close_all(n.fleet);
    assert_true(net_real_fleet_count(n.fleet)->dropped > 0);
    net_real_fleet_free(n.fleet);
    net_real_loop_free(loop);
    (void)close(n.target_fd);
}

/* ---- server ---- */

static void test_server_addresses(void **state) {
    (void)state;
    char why[256];
    net_real_loop *loop = net_real_loop_new();
    struct uv_loop_s *uv = net_real_loop_uv(loop);
    net_address taken;
    int fd = plain_socket("127.0.0.1:0", &taken);
    assert_null(net_real_server_new(uv, &taken, at_server, NULL, why, sizeof why));
    assert_non_null(strstr(why, "127.0.0.1:"));
    const net_address far = address_of("192.0.2.1:5683");
    assert_null(net_real_server_new(uv, &far, at_server, NULL, why, sizeof why));
    assert_non_null(strstr(why, "192.0.2.1:5683"));
    (void)close(fd);
    net_real_server_free(NULL);
    net_real_loop_free(loop);
}

typedef struct put_off {
    net_real_server *server;
    net_address from, asked;
    uint32_t count;
} put_off;

static void keep(void *context, const net_address *from, const uint8_t *bytes, size_t n) {
    put_off *o = context;
    o->from = *from;
    o->asked = net_real_server_asked(o->server);
    o->count++;
    net_real_server_send(o->server, from, bytes, n);
}

static void test_answers_leave_from_where_they_were_asked(void **state) {
    (void)state;
    char why[256], bytes[8];
    put_off o = {0};
    net_real_loop *loop = net_real_loop_new();
    const net_address any = address_of("0.0.0.0:0");
    net_address from, to, mine;
    int fd = plain_socket("127.0.0.1:0", &mine);
    o.server = net_real_server_new(net_real_loop_uv(loop), &any, keep, &o, why, sizeof why);
    assert_non_null(o.server);
    to = address_of("127.0.0.5:1");
    to.port = net_real_server_address(o.server).port;
    send_plain(fd, &to, "abc", 3);
    for (int i = 0; i < 50 && o.count == 0; i++)
        net_real_loop_turn(loop, net_real_loop_now(loop) + 10 * SIM_MILLISECOND);
    assert_int_equal(receive_plain(fd, bytes, sizeof bytes, &from), 3);
    assert_true(net_address_equal(&from, &to));
    assert_memory_equal(o.asked.ip, to.ip, 16);
    const net_address none = net_real_server_asked(o.server), zero = {0};
    assert_true(net_address_equal(&none, &zero));  /* nothing is in hand */
    net_real_server_answer_as(o.server, &o.asked); /* an answer that was put off */
    net_real_server_send(o.server, &o.from, (const uint8_t *)"late", 4);
    net_real_server_flush(o.server);
    assert_int_equal(receive_plain(fd, bytes, sizeof bytes, &from), 4);
    assert_true(net_address_equal(&from, &to));
    net_real_server_answer_as(o.server, &zero); /* bad twin: the kernel's choice is another */
    net_real_server_send(o.server, &o.from, (const uint8_t *)"later", 5);
    net_real_server_flush(o.server);
    assert_int_equal(receive_plain(fd, bytes, sizeof bytes, &from), 5);
    assert_false(net_address_equal(&from, &to));
    for (int i = 0; i < 200; i++) net_real_server_send(o.server, &o.from, (const uint8_t *)"x", 1);
    net_real_server_flush(o.server);
    for (int i = 0; i < 200; i++)
        assert_int_equal(receive_plain(fd, bytes, sizeof bytes, &from), 1);
    net_real_server_free(o.server);
    net_real_loop_free(loop);
    (void)close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_socket),
        cmocka_unit_test(test_waiting_in_a_socket),
        cmocka_unit_test(test_loop),
        cmocka_unit_test(test_short_waits_sleep),
        cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_socket_per_device),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_closed_devices),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_a_closed_port),
        cmocka_unit_test(test_a_prefix_that_will_not_do),
        cmocka_unit_test(test_a_descriptor_that_another_gets),
        cmocka_unit_test(test_what_we_were_too_slow_for),
        cmocka_unit_test(test_server_addresses),
        cmocka_unit_test(test_answers_leave_from_where_they_were_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
