/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_tcp_kernel.c - the virtual TCP against this machine's own, over a tunnel in a network
 * namespace: they understand each other both ways, and repeat SYNs and data at the same times.
 * Needs root and /dev/net/tun; skipped without.
 *
 * test-labels: once waits */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/tcp.h"
#include "sim/core/wall.h"
#include "tests/unit/with_cmocka.h"

enum { IP_HEADER = 20, PACKET_MAX = 2048, PORT = 1883, TIMES = 8 };
#define KERNEL "10.9.0.1"
#define OURS "10.9.0.2"

static int tun = -1;

static sim_time wall_now(void) {
    return sim_time_from_seconds(sim_wall());
}

/* ---- a namespace with one interface, whose other side is the test ---- */

static bool set_address(const char *text, unsigned long request, struct ifreq *r, int s) {
    struct sockaddr_in in = {.sin_family = AF_INET};
    inet_pton(AF_INET, text, &in.sin_addr);
    memcpy(&r->ifr_addr, &in, sizeof in);
    return ioctl(s, request, r) == 0;
}

/* NULL, or what is missing. */
static const char *open_namespace(void) {
    if (unshare(CLONE_NEWNET) != 0) return "no network namespace of its own (needs root)";
    tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tun < 0) return "no /dev/net/tun";
    struct ifreq r = {.ifr_name = "tun0", .ifr_flags = IFF_TUN | IFF_NO_PI};
    if (ioctl(tun, TUNSETIFF, &r) != 0) return "no tunnel";
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = set_address(KERNEL, SIOCSIFADDR, &r, s) &&
              set_address("255.255.255.0", SIOCSIFNETMASK, &r, s);
    r.ifr_flags = IFF_UP | IFF_RUNNING;
    up = up && ioctl(s, SIOCSIFFLAGS, &r) == 0;
    close(s);
    return up ? NULL : "the tunnel does not come up";
}

static void set_sysctl(const char *name, const char *value) {
    char path[128];
    snprintf(path, sizeof path, "/proc/sys/net/ipv4/%s", name);
    FILE *f = fopen(path, "w");
    if (f == NULL) return; /* an older kernel does as the value says */
    fputs(value, f);
    fclose(f);
}

static uint32_t sum16(const uint8_t *bytes, size_t n, uint32_t sum) {
    for (size_t i = 0; i < n; i++) sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    return sum;
}

static void put_checksum(uint8_t *at, uint32_t sum) {
    while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
    at[0] = (uint8_t)(~sum >> 8);
    at[1] = (uint8_t)~sum;
}

static void send_ip(const uint8_t *segment, size_t n) {
    uint8_t ip[PACKET_MAX] = {[0] = 0x45, [8] = 64, [9] = IPPROTO_TCP};
    ip[2] = (uint8_t)((IP_HEADER + n) >> 8);
    ip[3] = (uint8_t)(IP_HEADER + n);
    inet_pton(AF_INET, OURS, ip + 12);
    inet_pton(AF_INET, KERNEL, ip + 16);
    put_checksum(ip + 10, sum16(ip, IP_HEADER, 0));
    memcpy(ip + IP_HEADER, segment, n);
    uint32_t pseudo = sum16(ip + 12, 8, IPPROTO_TCP + (uint32_t)n);
    put_checksum(ip + IP_HEADER + 16, sum16(segment, n, pseudo));
    assert_int_equal(write(tun, ip, IP_HEADER + n), IP_HEADER + n);
}

/* ---- our end ---- */

typedef struct our_end {
    net_tcp tcp;
    const net_tcp_settings *settings; /* with which it accepts */
    bool accepts, deaf, echoes;
    uint32_t opened, ends;
    net_end why;
    uint64_t bytes, sum;
    /* of the kernel's segments since it went deaf */
    uint32_t seen;
    sim_time at[TIMES];
} our_end;

static void on_send(void *owner, const uint8_t *segment, size_t n) {
    (void)owner;
    send_ip(segment, n);
}

static void on_opened(void *owner) {
    our_end *e = owner;
    e->opened++;
}

static void on_received(void *owner, const uint8_t *bytes, size_t n) {
    our_end *e = owner;
    for (size_t i = 0; i < n; i++) e->sum = e->sum * 31 + bytes[i];
    e->bytes += n;
    if (e->echoes) assert_int_equal(net_tcp_write(&e->tcp, wall_now(), bytes, n), n);
}

static void on_room(void *owner) {
    (void)owner;
}

static void on_ended(void *owner, net_end why) {
    our_end *e = owner;
    e->ends++;
    e->why = why;
}

/* Its buffer takes all that is echoed. */
static const net_tcp_settings roomy = {.buffer = 1 << 20,
                                       .mss = NET_TCP_DATA_MAX,
                                       .window = 64240,
                                       .syn_retries = 6,
                                       .syn_ack_retries = 5,
                                       .retries = 15,
                                       .probes = true};

static const net_tcp_calls calls = {on_send, on_opened, on_received, on_room, on_ended};

static void take_packet(our_end *e, const uint8_t *ip, size_t n) {
    if (n < IP_HEADER + NET_TCP_HEADER || ip[0] != 0x45 || ip[9] != IPPROTO_TCP) return;
    const uint8_t *segment = ip + IP_HEADER;
    sim_time now = wall_now();
    if (e->deaf) {
        if (e->seen < TIMES) e->at[e->seen] = now;
        e->seen++;
    } else if (e->tcp.state != NET_TCP_CLOSED) {
        net_tcp_input(&e->tcp, now, segment, n - IP_HEADER);
    } else if (e->accepts) {
        e->accepts =
            !net_tcp_accept(&e->tcp, e->settings, &calls, e, segment, n - IP_HEADER, 4711, now);
    }
}

/* What there is for our end, until `until` at the latest; returns soon after each packet. */
static void turn(our_end *e, sim_time until) {
    sim_time now = wall_now(), due = sim_time_min(net_tcp_deadline(&e->tcp), until);
    struct pollfd p = {.fd = tun, .events = POLLIN};
    sim_time wait = due > now ? (due - now) / SIM_MILLISECOND + 1 : 0;
    poll(&p, 1, (int)sim_time_min(wait, 50));
    uint8_t packet[PACKET_MAX];
    ssize_t n = read(tun, packet, sizeof packet);
    if (n > 0) take_packet(e, packet, (size_t)n);
    net_tcp_wake(&e->tcp, wall_now());
}

static struct sockaddr_in address_of(const char *host) {
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    inet_pton(AF_INET, host, &in.sin_addr);
    return in;
}

static int kernel_connects(void) {
    struct sockaddr_in to = address_of(OURS);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(s >= 0);
    assert_int_equal(connect(s, (struct sockaddr *)&to, sizeof to), -1);
    assert_int_equal(errno, EINPROGRESS);
    return s;
}

enum { SIZE = 300000 };

static uint8_t pattern(size_t i) {
    return (uint8_t)(i * 7 + i / 251);
}

/* Writes the pattern into the kernel's socket and reads it back. */
static void exchange(our_end *e, int s) {
    static uint8_t bytes[SIZE];
    for (size_t i = 0; i < SIZE; i++) bytes[i] = pattern(i);
    size_t written = 0, back = 0;
    sim_time until = wall_now() + 60 * SIM_SECOND;
    while (back < SIZE && wall_now() < until) {
        ssize_t n = written < SIZE ? send(s, bytes + written, SIZE - written, MSG_NOSIGNAL) : 0;
        if (n > 0) written += (size_t)n;
        uint8_t got[4096];
        n = recv(s, got, sizeof got, 0);
        for (ssize_t i = 0; i < n; i++) assert_int_equal(got[i], pattern(back++));
        turn(e, until);
    }
    assert_int_equal(back, SIZE);
    assert_int_equal(e->bytes, SIZE);
}

static void test_the_kernel_calls(void **state) {
    (void)state;
    if (tun < 0) skip();
    our_end e = {.accepts = true, .settings = &roomy, .echoes = true};
    int s = kernel_connects();
    exchange(&e, s);
    assert_int_equal(e.opened, 1);
    shutdown(s, SHUT_WR);
    sim_time until = wall_now() + 60 * SIM_SECOND;
    while (e.ends == 0 && wall_now() < until) turn(&e, until);
    assert_int_equal(e.why, NET_END_CLOSED);
    close(s);
}

static void test_the_kernel_is_called(void **state) {
    (void)state;
    if (tun < 0) skip();
    our_end e = {.echoes = true};
    struct sockaddr_in here = address_of(KERNEL);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(listen(listener, 1), 0);
    net_tcp_connect(&e.tcp, &roomy, &calls, &e, 50000, PORT, 0xFFFFFFF0, wall_now());
    sim_time until = wall_now() + 60 * SIM_SECOND;
    int s = -1;
    while (s < 0 && wall_now() < until) {
        turn(&e, until);
        s = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    }
    assert_true(s >= 0);
    exchange(&e, s);
    net_tcp_close(&e.tcp, wall_now());
    uint8_t byte;
    while (recv(s, &byte, 1, 0) < 0 && wall_now() < until) turn(&e, until);
    close(s);
    while (e.ends == 0 && wall_now() < until) turn(&e, until);
    assert_int_equal(e.why, NET_END_NONE);
    close(listener);
}

static void test_the_kernel_refuses(void **state) {
    (void)state;
    if (tun < 0) skip();
    our_end e = {0};
    net_tcp_connect(&e.tcp, &roomy, &calls, &e, 50001, PORT + 1, 1, wall_now());
    sim_time until = wall_now() + 60 * SIM_SECOND;
    while (e.ends == 0 && wall_now() < until) turn(&e, until);
    assert_int_equal(e.why, NET_END_REFUSED);
}

/* ---- the same times ---- */

typedef struct virtual_end { /* of ours alone, in virtual time */
    net_tcp tcp;
    sim_time now, at[TIMES];
    uint32_t seen;
    bool deaf;
} virtual_end;

static void virtual_send(void *owner, const uint8_t *segment, size_t n) {
    virtual_end *e = owner;
    (void)segment;
    (void)n;
    if (e->deaf && e->seen < TIMES) e->at[e->seen++] = e->now;
}

static void virtual_opened(void *owner) {
    (void)owner;
}

static void virtual_received(void *owner, const uint8_t *bytes, size_t n) {
    (void)owner;
    (void)bytes;
    (void)n;
}

static void virtual_ended(void *owner, net_end why) {
    (void)owner;
    (void)why;
}

static const net_tcp_calls virtual_calls = {virtual_send, virtual_opened, virtual_received,
                                            virtual_opened, virtual_ended};

static void run_virtually(virtual_end *e, uint32_t count) {
    while (e->seen < count) {
        e->now = net_tcp_deadline(&e->tcp);
        net_tcp_wake(&e->tcp, e->now);
    }
    net_tcp_free(&e->tcp);
}

static void virtual_syns(uint8_t linear, uint32_t count, virtual_end *e) {
    net_tcp_settings settings = net_tcp_linux;
    settings.syn_linear = linear;
    *e = (virtual_end){.deaf = true};
    net_tcp_connect(&e->tcp, &settings, &virtual_calls, e, 1, 2, 3, 0);
    run_virtually(e, count);
}

/* Data after a handshake of a millisecond, which is about what a tunnel takes. */
static void virtual_data(const net_tcp_settings *settings, uint32_t count, virtual_end *e) {
    uint8_t bytes[NET_TCP_SEGMENT_MAX];
    *e = (virtual_end){0};
    net_tcp_connect(&e->tcp, settings, &virtual_calls, e, 1, 2, 3, 0);
    const net_tcp_segment answer = {.source_port = 2,
                                    .destination_port = 1,
                                    .acknowledgment = 4,
                                    .window = 64240,
                                    .flags = NET_TCP_SYN | NET_TCP_ACK,
                                    .sack_permitted = true};
    e->now = SIM_MILLISECOND;
    net_tcp_input(&e->tcp, e->now, bytes, net_tcp_segment_write(&answer, bytes));
    e->deaf = true;
    assert_int_equal(net_tcp_write(&e->tcp, e->now, (const uint8_t *)"hello", 5), 5);
    run_virtually(e, count);
}

/* A kernel's timer is never early, and on a machine that has other things to do it is late. */
static bool same_times(const sim_time *kernel, const virtual_end *ours, uint32_t count) {
    const sim_time grain = 10 * SIM_MILLISECOND; /* of its clock */
    for (uint32_t i = 1; i < count; i++) {
        sim_time wanted = ours->at[i] - ours->at[i - 1], got = kernel[i] - kernel[i - 1];
        print_message("%u: %.3f s here, %.3f s of the kernel\n", i, sim_time_seconds(wanted),
                      sim_time_seconds(got));
        if (got < wanted - wanted / 20 - grain || got > wanted + wanted / 2 + grain) return false;
    }
    return true;
}

static void see(our_end *e, uint32_t count, sim_time most) {
    sim_time until = wall_now() + most;
    while (e->seen < count && wall_now() < until) turn(e, until);
}

enum { ATTEMPTS = 3 }; /* each of the two may be disturbed */

static void check_syns(const char *linear_text, uint8_t linear, uint32_t count) {
    virtual_end ours;
    virtual_syns(linear, count, &ours);
    set_sysctl("tcp_syn_linear_timeouts", linear_text);
    bool same = false;
    for (int i = 0; i < ATTEMPTS && !same; i++) {
        our_end e = {.deaf = true};
        int s = kernel_connects();
        see(&e, count, 20 * SIM_SECOND);
        same = e.seen >= count && same_times(e.at, &ours, count);
        close(s);
    }
    assert_true(same);
}

static void test_syns_at_the_same_times(void **state) {
    (void)state;
    if (tun < 0) skip();
    check_syns("0", 0, 3); /* 0, 1, 3 s */
    if (access("/proc/sys/net/ipv4/tcp_syn_linear_timeouts", F_OK) == 0) check_syns("2", 2, 4);
}

/* What the kernel sends when nobody answers it any more. `settings` are those of our two ends. */
static bool same_data_times(const net_tcp_settings *settings, uint32_t count,
                            const virtual_end *ours) {
    our_end e = {.accepts = true, .settings = settings};
    int s = kernel_connects();
    sim_time until = wall_now() + 60 * SIM_SECOND;
    while (e.opened == 0 && wall_now() < until) turn(&e, until);
    assert_int_equal(e.opened, 1);
    e.deaf = true;
    assert_int_equal(send(s, "hello", 5, MSG_NOSIGNAL), 5);
    see(&e, count, 20 * SIM_SECOND);
    const struct linger at_once = {.l_onoff = 1};
    setsockopt(s, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(s);
    net_tcp_free(&e.tcp);
    return e.seen >= count && same_times(e.at, ours, count);
}

static void test_data_at_the_same_times(void **state) {
    (void)state;
    if (tun < 0) skip();
    enum { COUNT = 5 }; /* 0, 0.2, 0.4, 0.8, 1.6 s; and without the probe 0, 0.2, 0.6, 1.4, 3 s */
    for (int probes = 0; probes <= 1; probes++) {
        net_tcp_settings settings = roomy;
        settings.probes = probes == 1;
        virtual_end ours;
        virtual_data(&settings, COUNT, &ours);
        bool same = false;
        for (int i = 0; i < ATTEMPTS && !same; i++) same = same_data_times(&settings, COUNT, &ours);
        assert_true(same);
    }
}

/* The comparison itself: what is early, late or of another law is seen. */
static void test_other_times_are_seen(void **state) {
    (void)state;
    virtual_end ours;
    virtual_syns(0, 3, &ours);
    const sim_time same[] = {0, SIM_SECOND + SIM_MILLISECOND,
                             3 * SIM_SECOND + 90 * SIM_MILLISECOND};
    const sim_time linear[] = {0, SIM_SECOND, 2 * SIM_SECOND};
    const sim_time slow[] = {0, 3 * SIM_SECOND, 9 * SIM_SECOND};
    assert_true(same_times(same, &ours, 3));
    assert_false(same_times(linear, &ours, 3));
    assert_false(same_times(slow, &ours, 3));
}

static int set_up(void **state) {
    (void)state;
    const char *missing = open_namespace();
    if (missing == NULL) return 0;
    print_message("skipped: %s\n", missing);
    if (tun >= 0) close(tun);
    tun = -1;
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_kernel_calls),
        cmocka_unit_test(test_the_kernel_is_called),
        cmocka_unit_test(test_the_kernel_refuses),
        cmocka_unit_test(test_syns_at_the_same_times),
        cmocka_unit_test(test_data_at_the_same_times),
        cmocka_unit_test(test_other_times_are_seen),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
