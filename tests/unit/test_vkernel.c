/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_vkernel.c - the calls that the protocol libraries make, made by hand. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "net/vkernel.h"
#include "net/vkernel_calls.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

typedef struct heard {
    uint32_t count, peer;
    size_t n;
    uint8_t data[64];
} heard;

static void hear(void *owner, uint32_t peer, const uint8_t *data, size_t n) {
    heard *h = owner;
    h->count++;
    h->peer = peer;
    h->n = n;
    memcpy(h->data, data, n);
}

typedef struct machine {
    net_vkernel *k;
    net_node node;
    heard heard;
    sim_stream stream;
    net_vkernel_scope outside;
} machine;

static void machine_open(machine *m, sim_time now) {
    *m = (machine){.stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, 1)};
    m->k = net_vkernel_new();
    assert_int_equal(net_vkernel_open(m->k, &m->heard, hear, &m->node), 0);
    m->outside = net_vkernel_enter(m->k, m->node, now, &m->stream);
}

static void machine_close(machine *m) {
    net_vkernel_leave(m->outside);
    net_vkernel_close(m->k, m->node);
    net_vkernel_free(m->k);
}

/* The scope anew at another time. */
static void machine_at(machine *m, sim_time now) {
    net_vkernel_leave(m->outside);
    m->outside = net_vkernel_enter(m->k, m->node, now, &m->stream);
}

static void fails_with(long result, int error) {
    assert_int_equal(result, -1);
    assert_int_equal(errno, error);
}

/* ---- Clock ---- */

static void test_clock(void **state) {
    (void)state;
    const struct {
        sim_time now;
        int64_t s;
        long ns;
    } cases[] = {
        {0, NET_VKERNEL_EPOCH_S, 0},
        {1, NET_VKERNEL_EPOCH_S, 1},
        {SIM_SECOND - 1, NET_VKERNEL_EPOCH_S, 999999999},
        {SIM_DAY + SIM_MILLISECOND, NET_VKERNEL_EPOCH_S + 86400, 1000000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        net_vkernel_scope outside = net_vkernel_enter(NULL, 0, cases[i].now, NULL);
        struct timespec t;
        struct timeval v;
        time_t kept = 0;
        assert_int_equal(vk_clock_gettime(CLOCK_REALTIME, &t), 0);
        assert_int_equal(t.tv_sec, cases[i].s);
        assert_int_equal(t.tv_nsec, cases[i].ns);
        assert_int_equal(vk_clock_gettime(CLOCK_MONOTONIC, &t), 0);
        assert_int_equal(t.tv_sec, cases[i].s);
        assert_int_equal(vk_gettimeofday(&v, NULL), 0);
        assert_int_equal(v.tv_sec, cases[i].s);
        assert_int_equal(v.tv_usec, cases[i].ns / 1000);
        assert_int_equal(vk_time(NULL), cases[i].s);
        assert_int_equal(vk_time(&kept), cases[i].s);
        assert_int_equal(kept, cases[i].s);
        assert_int_equal(net_vkernel_now(), cases[i].now);
        net_vkernel_leave(outside);
        assert_int_equal(net_vkernel_now(), 0);
    }
}

static void test_scopes_nest(void **state) {
    (void)state;
    sim_stream one = sim_stream_for(1, 1, 1), two = sim_stream_for(1, 1, 2);
    uint8_t bytes[8], expected[8];
    net_vkernel_scope outside = net_vkernel_enter(NULL, 0, 1, &one);
    net_vkernel_scope first = net_vkernel_enter(NULL, 0, 2, &two);
    assert_int_equal(net_vkernel_now(), 2);
    net_vkernel_leave(first);
    assert_int_equal(net_vkernel_now(), 1);
    sim_stream copy = one;
    sim_stream_bytes(&copy, expected, sizeof expected);
    assert_int_equal(net_vkernel_random(bytes, sizeof bytes), 0);
    assert_memory_equal(bytes, expected, sizeof bytes);
    sim_stream_bytes(&copy, expected, sizeof expected);
    assert_int_equal(vk_getrandom(bytes, sizeof bytes, 0), sizeof bytes);
    assert_memory_equal(bytes, expected, sizeof bytes);
    net_vkernel_leave(outside);
}

/* ---- Sockets ---- */

static int open_socket(machine *m) {
    (void)m;
    int fd = vk_socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(fd >= 0);
    return fd;
}

static void test_a_connected_socket(void **state) {
    (void)state;
    machine m;
    machine_open(&m, 0);
    int fd = open_socket(&m);
    int on = 1;
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t size = sizeof in;
    uint8_t bytes[4];
    fails_with(vk_send(fd, "x", 1, 0), EDESTADDRREQ);
    fails_with(vk_getpeername(fd, (struct sockaddr *)&in, &size), ENOTCONN);
    assert_int_equal(vk_ioctl(fd, FIONBIO, &on), 0);
    assert_int_equal(vk_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    assert_int_equal(vk_connect(fd, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(vk_getpeername(fd, (struct sockaddr *)&in, &size), 0);
    assert_int_equal(ntohl(in.sin_addr.s_addr), NET_VKERNEL_NETWORK);
    assert_int_equal(ntohs(in.sin_port), NET_VKERNEL_PORT);
    assert_int_equal(vk_getsockname(fd, (struct sockaddr *)&in, &size), 0);
    assert_int_equal(ntohl(in.sin_addr.s_addr), INADDR_LOOPBACK);
    assert_int_equal(vk_send(fd, "abc", 3, 0), 3);
    assert_int_equal(m.heard.count, 1);
    assert_int_equal(m.heard.peer, 0);
    assert_memory_equal(m.heard.data, "abc", 3);
    fails_with(vk_recv(fd, bytes, sizeof bytes, 0), EAGAIN);
    net_vkernel_arrive(0, (const uint8_t *)"abcdef", 6);
    net_vkernel_refused();
    /* told once, and before the datagram */
    fails_with(vk_recv(fd, bytes, sizeof bytes, 0), ECONNREFUSED);
    /* the rest of a datagram is lost */
    assert_int_equal(vk_recv(fd, bytes, sizeof bytes, 0), 4);
    assert_memory_equal(bytes, "abcd", 4);
    fails_with(vk_recv(fd, bytes, sizeof bytes, 0), EAGAIN);
    machine_close(&m);
}

static ssize_t send_to(int fd, uint32_t peer, const char *data, size_t n) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(NET_VKERNEL_NETWORK + peer)};
    struct iovec part = {(void *)(uintptr_t)data, n};
    struct msghdr message = {
        .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1};
    return vk_sendmsg(fd, &message, 0);
}

static void test_a_socket_with_many_peers(void **state) {
    (void)state;
    machine m;
    machine_open(&m, 0);
    int fd = open_socket(&m);
    struct sockaddr_in from;
    uint8_t bytes[16], control[64];
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof from,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    assert_int_equal(vk_bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    const uint32_t peers[] = {0, 1, 31, 32, 0xFFFFFF};
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        assert_int_equal(send_to(fd, peers[i], "hello", 5), 5);
        assert_int_equal(m.heard.peer, peers[i]);
        net_vkernel_arrive(peers[i], (const uint8_t *)"hi", 2);
        assert_int_equal(vk_recvmsg(fd, &message, 0), 2);
        assert_int_equal(ntohl(from.sin_addr.s_addr) - NET_VKERNEL_NETWORK, peers[i]);
        assert_int_equal(message.msg_namelen, sizeof from);
        assert_int_equal(message.msg_controllen, 0);
    }
    message.msg_iovlen = 2;
    fails_with(vk_recvmsg(fd, &message, 0), EINVAL);
    fails_with(vk_sendmsg(fd, &message, 0), EINVAL);
    message.msg_iovlen = 1;
    message.msg_name = NULL;
    fails_with(vk_sendmsg(fd, &message, 0), EINVAL);
    struct sockaddr_in six = {.sin_family = AF_INET6};
    message.msg_name = &six;
    fails_with(vk_sendmsg(fd, &message, 0), EAFNOSUPPORT);
    machine_close(&m);
}

static void test_an_unread_datagram_ends_with_the_scope(void **state) {
    (void)state;
    machine m;
    machine_open(&m, 0);
    int fd = open_socket(&m);
    uint8_t bytes[4];
    net_vkernel_arrive(0, (const uint8_t *)"abc", 3);
    machine_at(&m, 1);
    fails_with(vk_recv(fd, bytes, sizeof bytes, 0), EAGAIN);
    machine_close(&m);
}

/* As libmosquitto opens one, and reads it byte by byte. */
static void test_a_stream(void **state) {
    (void)state;
    machine m;
    machine_open(&m, 0);
    struct addrinfo like = {.ai_socktype = SOCK_STREAM}, *found;
    assert_int_equal(vk_getaddrinfo("cloud.example", NULL, &like, &found), 0);
    assert_null(found->ai_next);
    int fd = vk_socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    assert_true(fd >= 0);
    assert_int_equal(vk_fcntl(fd, F_GETFL, 0), O_RDWR | O_NONBLOCK);
    assert_int_equal(vk_fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK), 0);
    assert_int_equal(vk_connect(fd, found->ai_addr, found->ai_addrlen), 0);
    vk_freeaddrinfo(found);
    assert_int_equal(vk_send(fd, "abc", 3, MSG_NOSIGNAL), 3);
    assert_int_equal(vk_write(fd, "de", 2), 2);
    assert_int_equal(m.heard.count, 2);
    assert_memory_equal(m.heard.data, "de", 2);
    uint8_t bytes[8];
    fails_with(vk_read(fd, bytes, 1), EAGAIN);
    net_vkernel_arrive(0, (const uint8_t *)"abcdef", 6);
    assert_int_equal(vk_read(fd, bytes, 1), 1);
    assert_int_equal(net_vkernel_unread(), 5);
    assert_int_equal(vk_recv(fd, bytes + 1, 3, 0), 3);
    assert_int_equal(vk_read(fd, bytes + 4, 4), 2);
    assert_memory_equal(bytes, "abcdef", 6);
    assert_int_equal(net_vkernel_unread(), 0);
    fails_with(vk_read(fd, bytes, 1), EAGAIN);
    assert_int_equal(vk_close(fd), 0);
    fails_with(vk_read(fd, bytes, 1), EBADF);
    fails_with(vk_write(fd, bytes, 1), EBADF);
    fails_with(vk_fcntl(fd, F_GETFL, 0), EBADF);
    fd = open_socket(&m); /* the next one is for datagrams again: what is not read of one is lost */
    net_vkernel_arrive(0, (const uint8_t *)"abcdef", 6);
    assert_int_equal(vk_recv(fd, bytes, 4, 0), 4);
    fails_with(vk_recv(fd, bytes, 4, 0), EAGAIN);
    machine_close(&m);
}

static void test_no_memory_for_an_address(void **state) {
    (void)state;
    struct addrinfo like = {.ai_socktype = SOCK_STREAM}, *found;
    sim_heap_fail(0, true);
    assert_int_equal(vk_getaddrinfo("cloud.example", NULL, &like, &found), EAI_MEMORY);
    assert_null(vk_strdup("text"));
    assert_true(sim_heap_fail_never());
    char *copy = vk_strdup("text");
    assert_string_equal(copy, "text");
    vk_free(copy);
}

static void test_descriptors_are_the_nodes_own(void **state) {
    (void)state;
    machine m;
    machine_open(&m, 0);
    net_node other;
    heard deaf = {0};
    assert_int_equal(net_vkernel_open(m.k, &deaf, hear, &other), 0);
    int fd = open_socket(&m);
    int set = vk_epoll_create1(0);
    int timer = vk_timerfd_create(CLOCK_REALTIME, 0);
    assert_true(fd > 2 && set > 2 && timer > 2 && fd != set && set != timer && timer != fd);
    fails_with(vk_socket(AF_INET, SOCK_DGRAM, 0), EMFILE); /* one of a kind */
    fails_with(vk_socket(AF_INET6, SOCK_DGRAM, 0), EAFNOSUPPORT);
    fails_with(vk_socket(AF_INET, SOCK_RAW, 0), EAFNOSUPPORT);
    fails_with(vk_send(timer, "x", 1, 0), EBADF); /* of another kind */
    fails_with(vk_send(-1, "x", 1, 0), EBADF);
    net_vkernel_scope inside = net_vkernel_enter(m.k, other, 0, &m.stream);
    fails_with(vk_close(fd), EBADF); /* another node's */
    fails_with(vk_send(fd, "x", 1, 0), EBADF);
    net_vkernel_leave(inside);
    net_vkernel_scope nowhere = net_vkernel_enter(NULL, 0, 0, &m.stream);
    fails_with(vk_socket(AF_INET, SOCK_DGRAM, 0), EPERM); /* nobody's */
    fails_with(vk_send(fd, "x", 1, 0), EBADF);
    net_vkernel_leave(nowhere);
    assert_int_equal(vk_close(fd), 0);
    fails_with(vk_close(fd), EBADF);
    fails_with(vk_send(fd, "x", 1, 0), EBADF);
    assert_int_equal(open_socket(&m), fd);
    net_vkernel_close(m.k, other);
    machine_close(&m);
}

static void test_what_there_is_not(void **state) {
    (void)state;
    machine m;
    machine_open(&m, 0);
    int fd = open_socket(&m);
    int value = 7;
    socklen_t size = sizeof value;
    fails_with(vk_listen(fd, 1), EOPNOTSUPP);
    fails_with(vk_accept(fd, NULL, NULL), EOPNOTSUPP);
    int pair[2];
    fails_with(vk_socketpair(AF_UNIX, SOCK_STREAM, 0, pair), EOPNOTSUPP);
    assert_int_equal(vk_if_nametoindex("eth0"), 0);
    assert_int_equal(vk_getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size), 0);
    assert_int_equal(value, 0); /* no error is pending */
    machine_close(&m);
}

/* ---- Timer and readiness ---- */

static int set_timer(int fd, time_t s, long ns) {
    struct itimerspec value = {.it_value = {s, ns}};
    return vk_timerfd_settime(fd, 0, &value, NULL);
}

static void test_timer(void **state) {
    (void)state;
    machine m;
    machine_open(&m, 5 * SIM_SECOND);
    uint64_t expirations = 0;
    int fd = vk_timerfd_create(CLOCK_REALTIME, 0);
    assert_int_equal(net_vkernel_deadline(m.k, m.node), SIM_NEVER);
    assert_int_equal(set_timer(fd, 2, 500000000), 0);
    assert_int_equal(net_vkernel_deadline(m.k, m.node), 7 * SIM_SECOND + SIM_SECOND / 2);
    fails_with(vk_read(fd, &expirations, sizeof expirations), EAGAIN);
    machine_at(&m, 8 * SIM_SECOND);
    fails_with(vk_read(fd, &expirations, 4), EINVAL);
    assert_int_equal(vk_read(fd, &expirations, sizeof expirations), sizeof expirations);
    assert_int_equal(expirations, 1);
    assert_int_equal(net_vkernel_deadline(m.k, m.node), SIM_NEVER);
    assert_int_equal(set_timer(fd, 0, 1), 0);
    assert_int_equal(net_vkernel_deadline(m.k, m.node), 8 * SIM_SECOND + 1);
    assert_int_equal(set_timer(fd, 0, 0), 0); /* disarms */
    assert_int_equal(net_vkernel_deadline(m.k, m.node), SIM_NEVER);
    assert_int_equal(set_timer(fd, INT64_MAX, 999999999), 0);
    assert_int_equal(net_vkernel_deadline(m.k, m.node), SIM_NEVER);
    struct itimerspec periodic = {.it_interval = {1, 0}, .it_value = {1, 0}};
    fails_with(vk_timerfd_settime(fd, 0, &periodic, NULL), EINVAL);
    assert_int_equal(set_timer(fd, 1, 0), 0);
    assert_int_equal(vk_close(fd), 0);
    assert_int_equal(net_vkernel_deadline(m.k, m.node), SIM_NEVER);
    machine_close(&m);
}

static void test_epoll(void **state) {
    (void)state;
    machine m;
    machine_open(&m, 0);
    int fd = open_socket(&m), timer = vk_timerfd_create(CLOCK_REALTIME, 0),
        set = vk_epoll_create1(0);
    struct epoll_event watch = {.events = EPOLLIN, .data.ptr = &m}, out[4],
                       silent = {.events = EPOLLIN};
    /* no room for a timer's data */
    fails_with(vk_epoll_ctl(set, EPOLL_CTL_ADD, timer, &watch), EINVAL);
    assert_int_equal(vk_epoll_ctl(set, EPOLL_CTL_ADD, timer, &silent), 0);
    net_vkernel_arrive(0, (const uint8_t *)"abc", 3);
    assert_int_equal(vk_epoll_wait(set, out, 4, 0), 0); /* not watched yet */
    assert_int_equal(vk_epoll_ctl(set, EPOLL_CTL_ADD, fd, &watch), 0);
    assert_int_equal(vk_epoll_wait(set, out, 4, 0), 1);
    assert_ptr_equal(out[0].data.ptr, &m);
    assert_int_equal(out[0].events, EPOLLIN);
    assert_int_equal(set_timer(timer, 1, 0), 0);
    machine_at(&m, SIM_SECOND);
    net_vkernel_arrive(0, (const uint8_t *)"abc", 3);
    assert_int_equal(vk_epoll_wait(set, out, 4, 0), 2);
    assert_null(out[1].data.ptr);
    assert_int_equal(vk_epoll_wait(set, out, 1, 0), 1);
    assert_int_equal(vk_epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL), 0);
    assert_int_equal(vk_epoll_wait(set, out, 4, 0), 1);
    fails_with(vk_epoll_ctl(set, EPOLL_CTL_ADD, 4711, &watch), EBADF);
    fails_with(vk_epoll_ctl(fd, EPOLL_CTL_ADD, fd, &watch), EBADF);
    fails_with(vk_epoll_wait(fd, out, 4, 0), EBADF);
    machine_close(&m);
}

/* ---- Table ---- */

static void test_rows_are_reused(void **state) {
    (void)state;
    enum { NODES = 3000 };
    static net_node nodes[NODES];
    net_vkernel *k = net_vkernel_new();
    heard h = {0};
    for (size_t i = 0; i < NODES; i++) {
        assert_int_equal(net_vkernel_open(k, &h, hear, &nodes[i]), 0);
        assert_int_equal(nodes[i], i + 1);
        assert_int_equal(net_vkernel_deadline(k, nodes[i]), SIM_NEVER);
    }
    for (size_t i = 0; i < NODES; i += 2) net_vkernel_close(k, nodes[i]);
    sim_heap_use before = sim_heap_in_use();
    for (size_t i = 0; i < NODES; i += 2) {
        assert_int_equal(net_vkernel_open(k, &h, hear, &nodes[i]), 0);
        assert_in_range(nodes[i], 1, NODES);
    }
    sim_heap_use after = sim_heap_in_use();
    assert_int_equal(after.blocks, before.blocks);
    for (size_t i = 0; i < NODES; i++) net_vkernel_close(k, nodes[i]);
    net_vkernel_free(k);
    net_vkernel_free(NULL);
}

static void test_a_row_is_small(void **state) {
    (void)state;
    enum { NODES = 4096 };
    net_vkernel *k = net_vkernel_new();
    heard h = {0};
    net_node node;
    sim_heap_use before = sim_heap_in_use();
    for (size_t i = 0; i < NODES; i++) assert_int_equal(net_vkernel_open(k, &h, hear, &node), 0);
    sim_heap_use after = sim_heap_in_use();
    double bytes = (double)(after.bytes - before.bytes) / NODES;
    printf("vkernel_row %.1f bytes\n", bytes);
    assert_true(bytes < 41);
    for (net_node i = 1; i <= NODES; i++) net_vkernel_close(k, i);
    net_vkernel_free(k);
}

/* ---- Heap ---- */

static void test_the_reserve_serves_hash_tables_only(void **state) {
    (void)state;
    machine m;
    machine_open(&m, 0);
    sim_heap_fail(0, true);
    assert_null(vk_malloc(63));
    assert_null(vk_calloc(16, 16));
    assert_null(vk_calloc(SIZE_MAX, 2));
    void *blocks[4] = {vk_malloc(64), vk_malloc(512), vk_calloc(1, 64), vk_calloc(32, 16)};
    void *none = vk_malloc(64);
    sim_heap_fail_never();
    assert_null(none); /* two tables, no more */
    for (size_t i = 0; i < 4; i++) assert_non_null(blocks[i]);
    for (size_t i = 0; i < 512; i++) assert_int_equal(((uint8_t *)blocks[3])[i], 0);
    for (size_t i = 0; i < 4; i++) vk_free(blocks[i]);
    /* The next node fills it again, or is not opened. */
    net_node node;
    sim_heap_fail(3, false);
    assert_int_equal(net_vkernel_open(m.k, &m.heard, hear, &node), SIM_ENOMEM);
    sim_heap_fail_never();
    assert_int_equal(net_vkernel_open(m.k, &m.heard, hear, &node), 0);
    net_vkernel_close(m.k, node);
    char *grown = vk_realloc(vk_malloc(10), 20);
    assert_non_null(grown);
    vk_free(grown);
    machine_close(&m);
}

static void test_no_memory_for_the_table(void **state) {
    (void)state;
    long n = 0;
    for (bool happened = true; happened; n++) {
        sim_heap_use before = sim_heap_in_use();
        heard h = {0};
        net_node nodes[600];
        uint32_t count = 0;
        sim_heap_fail(n, false);
        net_vkernel *k = net_vkernel_new();
        for (size_t i = 0; k != NULL && i < 600; i++) {
            int error = net_vkernel_open(k, &h, hear, &nodes[count]);
            assert_true(error == 0 || error == SIM_ENOMEM);
            count += error == 0;
        }
        happened = sim_heap_fail_never();
        assert_true(k == NULL || count >= 599); /* the failed one may just be tried again */
        for (uint32_t i = 0; i < count; i++) net_vkernel_close(k, nodes[i]);
        net_vkernel_free(k);
        sim_heap_use after = sim_heap_in_use();
        assert_int_equal(after.blocks, before.blocks);
    }
    assert_true(n > 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_scopes_nest),
        cmocka_unit_test(test_a_connected_socket),
        cmocka_unit_test(test_a_socket_with_many_peers),
        cmocka_unit_test(test_an_unread_datagram_ends_with_the_scope),
        cmocka_unit_test(test_a_stream),
        cmocka_unit_test(test_no_memory_for_an_address),
        cmocka_unit_test(test_descriptors_are_the_nodes_own),
        cmocka_unit_test(test_what_there_is_not),
        cmocka_unit_test(test_timer),
        cmocka_unit_test(test_epoll),
        cmocka_unit_test(test_rows_are_reused),
        cmocka_unit_test(test_a_row_is_small),
        cmocka_unit_test(test_the_reserve_serves_hash_tables_only),
        cmocka_unit_test(test_no_memory_for_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
