/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/packet.h"
#include "sim/read/payload.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/judge_logs.h"

/* --- captures made here, packet by packet --- */

enum { RAW = 101 };

typedef struct capture {
    uint8_t bytes[16384];
    size_t n;
    uint64_t us; /* time of the next packet */
} capture;

static void put(capture *c, const void *bytes, size_t n) {
    assert_true(c->n + n <= sizeof c->bytes);
    memcpy(c->bytes + c->n, bytes, n);
    c->n += n;
}

static void put32(capture *c, uint32_t value) {
    put(c, &value, 4);
}

static void begin(capture *c, uint32_t link) {
    *c = (capture){.us = UINT64_C(1700000000) * 1000000};
    put32(c, 0xa1b2c3d4);
    put32(c, 2 | 4 << 16);
    put32(c, 0);
    put32(c, 0);
    put32(c, 65535);
    put32(c, link);
}

static void put_packet(capture *c, const uint8_t *bytes, size_t n) {
    put32(c, (uint32_t)(c->us / 1000000));
    put32(c, (uint32_t)(c->us % 1000000));
    put32(c, (uint32_t)n);
    put32(c, (uint32_t)n);
    put(c, bytes, n);
    c->us += 1000;
}

typedef struct way {
    uint8_t from, to; /* 10.0.0.N */
    uint16_t source, target;
} way;

static size_t ip4(uint8_t *p, uint8_t protocol, way w, size_t payload) {
    const uint8_t head[20] = {0x45,
                              0,
                              (uint8_t)((20 + payload) >> 8),
                              (uint8_t)(20 + payload),
                              0,
                              0,
                              0,
                              0,
                              64,
                              protocol,
                              0,
                              0,
                              10,
                              0,
                              0,
                              w.from,
                              10,
                              0,
                              0,
                              w.to};
    memcpy(p, head, 20);
    return 20;
}

static void tcp(capture *c, way w, uint8_t flags, uint32_t sequence, const void *data, size_t n) {
    uint8_t p[2048], *t = p + ip4(p, READ_TCP, w, 20 + n);
    memset(t, 0, 20);
    t[0] = (uint8_t)(w.source >> 8), t[1] = (uint8_t)w.source, t[2] = (uint8_t)(w.target >> 8),
    t[3] = (uint8_t)w.target;
    for (int i = 0; i < 4; i++) t[4 + i] = (uint8_t)(sequence >> (24 - 8 * i));
    t[12] = 5 << 4;
    t[13] = flags;
    if (n > 0) memcpy(t + 20, data, n);
    put_packet(c, p, 40 + n);
}

static void udp(capture *c, way w, const void *data, size_t n) {
    uint8_t p[2048], *u = p + ip4(p, READ_UDP, w, 8 + n);
    const uint8_t head[8] = {(uint8_t)(w.source >> 8), (uint8_t)w.source,
                             (uint8_t)(w.target >> 8), (uint8_t)w.target,
                             (uint8_t)((8 + n) >> 8),  (uint8_t)(8 + n)};
    memcpy(u, head, 8);
    memcpy(u + 8, data, n);
    put_packet(c, p, 28 + n);
}

static const way there = {1, 9, 50000, 1883}, back = {9, 1, 1883, 50000};
static const way again = {1, 9, 50001, 1883}, again_back = {9, 1, 1883, 50001};

#define BYTES(text) (text), sizeof(text) - 1
#define CONNECT                                    \
    "\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02" \
    "ab"
#define CONNECT_5                                                          \
    "\x10\x14\x00\x04MQTT\x05\x02\x00\x3c\x05\x11\x00\x00\x00\x0a\x00\x02" \
    "xy"

static void mqtt(capture *c, const char *connect, size_t n, uint8_t code) {
    const uint8_t connack[] = {0x20, 2, 0, code};
    tcp(c, there, READ_SYN, 100, NULL, 0);
    tcp(c, back, READ_SYN | READ_ACK, 1, NULL, 0);
    tcp(c, there, READ_ACK, 101, connect, n);
    tcp(c, back, READ_ACK, 2, connack, sizeof connack);
}

static void accepted(capture *c) {
    mqtt(c, BYTES(CONNECT), 0);
    tcp(c, back, READ_FIN | READ_ACK, 6, NULL, 0);
}
static void accepted_5(capture *c) {
    mqtt(c, BYTES(CONNECT_5), 0);
}
static void too_busy(capture *c) {
    mqtt(c, BYTES(CONNECT_5), 0x97);
}
static void bad_password(capture *c) {
    mqtt(c, BYTES(CONNECT), 4);
}
static void retransmitted(capture *c) {
    tcp(c, there, READ_SYN, 100, NULL, 0);
    c->us += 1000000;
    tcp(c, there, READ_SYN, 100, NULL, 0);
    c->us += 2000000;
    tcp(c, there, READ_SYN, 100, NULL, 0);
}
static void same_port_again(capture *c) {
    tcp(c, there, READ_SYN, 100, NULL, 0);
    tcp(c, there, READ_SYN, 900, NULL, 0);
}
static void reset(capture *c) {
    tcp(c, there, READ_SYN, 100, NULL, 0);
    tcp(c, back, READ_RST | READ_ACK, 0, NULL, 0);
    tcp(c, again, READ_SYN, 100, NULL, 0);
    tcp(c, again_back, READ_RST | READ_ACK, 0, NULL, 0);
}
static void accept_then_close(capture *c) {
    tcp(c, there, READ_SYN, 100, NULL, 0);
    tcp(c, back, READ_SYN | READ_ACK, 1, NULL, 0);
    tcp(c, there, READ_ACK, 101, BYTES(CONNECT));
    tcp(c, back, READ_FIN | READ_ACK, 2, NULL, 0);
}
static void two_services(capture *c) {
    static const way other = {1, 9, 50002, 22};
    tcp(c, there, READ_SYN, 100, NULL, 0);
    tcp(c, again, READ_SYN, 100, NULL, 0);
    tcp(c, other, READ_SYN, 100, NULL, 0);
}

static const way ask = {1, 9, 50000, 5683}, answer = {9, 1, 5683, 50000};
static void coap(capture *c) {
    udp(c, ask, BYTES("\x41\x01\x00\x07\xaa\xb4time"));
    c->us += 2500000;
    udp(c, ask, BYTES("\x41\x01\x00\x07\xaa\xb4time")); /* a retransmission */
    udp(c, answer, BYTES("\x61\x45\x00\x07\xaa\xff!"));
    udp(c, ask, BYTES("\x41\x01\x00\x08\xab\xb4time")); /* online: only a request */
    udp(c, ask, BYTES("\x41\x02\x00\x09\xac\xb2rd"));   /* registers anew */
    udp(c, answer, BYTES("\x61\xa3\x00\x09\xac"));      /* 5.03 */
    udp(c, ask, BYTES("\x41\x02\x00\x0a\xad\xb2rd"));
    udp(c, answer, BYTES("\x61\x84\x00\x0a\xad")); /* 4.04 */
}
/* RFC 8323: both introduce themselves, the client registers, and the server says something. */
static void over_tcp(capture *c, const char *csm, size_t n, const char *said, size_t m) {
    tcp(c, there, READ_SYN, 100, NULL, 0);
    tcp(c, back, READ_SYN | READ_ACK, 1, NULL, 0);
    tcp(c, there, READ_ACK, 101, csm, n);
    tcp(c, back, READ_ACK, 2, BYTES("\x40\xe1\x22\x04\x80\x20"));
    tcp(c, there, READ_ACK, 101 + (uint32_t)n, BYTES("\x31\x02\xaa\xb2rd"));
    tcp(c, back, READ_ACK, 8, said, m);
}
static void coap_created(capture *c) {
    over_tcp(c, BYTES("\x00\xe1"), BYTES("\x01\x41\xaa"));
}
/* Its length is the type of a CONNECT. */
static void coap_like_mqtt(capture *c) {
    over_tcp(c, BYTES("\x10\xe1\x40"), BYTES("\x01\x41\xaa"));
}
/* A Pong and half a message before it, and another answer after it. */
static void coap_busy(capture *c) {
    over_tcp(c, BYTES("\x00\xe1"), BYTES("\x00\xe3\xd1"));
    tcp(c, back, READ_ACK, 11,
        BYTES("\x00\xa3\xaa\xff"
              "come later!!"
              "\x01\x44\xab"));
}
static void coap_forbidden(capture *c) {
    over_tcp(c, BYTES("\x00\xe1"), BYTES("\x01\x83\xaa"));
}
static void coap_abort(capture *c) {
    over_tcp(c, BYTES("\x00\xe1"), BYTES("\x00\xe5"));
}
static void coap_unanswered(capture *c) {
    over_tcp(c, BYTES("\x00\xe1"), BYTES("\x00\x00"));
}
static void unreachable(capture *c) {
    static const uint8_t error[8] = {3, 3}, head[8] = {0xc3, 0x50, 0x16, 0x33, 0, 16};
    uint8_t p[64], *q = p + ip4(p, 1, (way){9, 1, 0, 0}, 36);
    udp(c, ask, BYTES("\x41\x01\x00\x07\xaa\xb4time"));
    memcpy(q, error, sizeof error);
    ip4(q + 8, READ_UDP, (way){1, 9, 0, 0}, 16);
    memcpy(q + 28, head, sizeof head);
    put_packet(c, p, 56);
}

static void hello(uint8_t out[120], size_t *n, uint8_t random, uint8_t cookie) {
    static const uint8_t suites[] = {0, 2, 0xc0, 0xa8, 1, 0}; /* and one compression: none */
    uint8_t *b = out + 25;
    memset(out, 0, 120);
    b[0] = 0xfe, b[1] = 0xfd;
    memset(b + 2, random, 32);
    size_t at = 35;
    b[at++] = cookie;
    memset(b + at, 7, cookie);
    at += cookie;
    memcpy(b + at, suites, sizeof suites);
    at += sizeof suites;
    const uint8_t head[25] = {
        22, 0xfe, 0xfd, 0,           0, 0, 0, 0, 0, 0, 0, 0,          (uint8_t)(at + 12),
        1,  0,    0,    (uint8_t)at, 0, 0, 0, 0, 0, 0, 0, (uint8_t)at};
    memcpy(out, head, 25);
    *n = 25 + at;
}
static void dtls(capture *c) {
    static const way to = {1, 9, 50000, 5684}, from = {9, 1, 5684, 50000};
    static const uint8_t change[] = {20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 5, 0, 1, 1};
    static const uint8_t identity[] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 3, 0, 17,  16,  0,
                                       0,  5,    0,    2, 0, 0, 0, 0, 0, 5, 0, 3, 'd', 'e', 'v'};
    uint8_t h[120];
    size_t n;
    hello(h, &n, 1, 0);
    udp(c, to, h, n);
    hello(h, &n, 1, 8); /* the cookie round */
    udp(c, to, h, n);
    udp(c, to, h, n); /* a retransmission */
    udp(c, to, identity, sizeof identity);
    udp(c, from, change, sizeof change);
    hello(h, &n, 2, 0); /* the same port, a new association */
    udp(c, to, h, n);
}

static void test_captures(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*fill)(capture *c);
        const char *attempts;
        size_t ends;
    } rows[] = {
        {"accepted", accepted, "ab online 0.000 0.003", 1},
        {"accepted, MQTT 5", accepted_5, "xy online 0.000 0.003", 0},
        {"quota exceeded", too_busy, "xy busy 0.000 0.003", 0},
        {"bad password", bad_password, "ab refused 0.000 0.003", 0},
        {"retransmitted", retransmitted, "10.0.0.1 none 0.000 -", 0},
        {"port used again", same_port_again, "10.0.0.1 none 0.000 -; 10.0.0.1 none 0.001 -", 0},
        {"reset", reset, "10.0.0.1 refused 0.000 0.001; 10.0.0.1 refused 0.002 0.001", 2},
        {"accepted, then closed", accept_then_close, "ab refused 0.000 0.003", 1},
        {"two services", two_services, "10.0.0.1 none 0.000 -; 10.0.0.1 none 0.001 -", 0},
        {"CoAP", coap,
         "10.0.0.1 online 0.000 2.502; 10.0.0.1 busy 2.504 0.001; 10.0.0.1 refused 2.506 0.001", 1},
        {"CoAP over TCP", coap_created, "10.0.0.1 online 0.000 0.005", 0},
        {"CoAP over TCP, like MQTT", coap_like_mqtt, "10.0.0.1 online 0.000 0.005", 0},
        {"CoAP over TCP, 5.03", coap_busy, "10.0.0.1 busy 0.000 0.006", 0},
        {"CoAP over TCP, 4.03", coap_forbidden, "10.0.0.1 refused 0.000 0.005", 0},
        {"CoAP over TCP, Abort", coap_abort, "10.0.0.1 refused 0.000 0.005", 0},
        {"CoAP over TCP, no response", coap_unanswered, "10.0.0.1 none 0.000 -", 0},
        {"unreachable", unreachable, "10.0.0.1 refused 0.000 0.001", 1},
        {"DTLS", dtls, "dev online 0.000 0.004; dev none 0.005 -", 1},
    };
    const read_options o = {.by = READ_BY_CLIENT_ID};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static capture c;
        char why[READ_WHY_MAX];
        read_log log = {0};
        begin(&c, RAW);
        rows[i].fill(&c);
        if (read_bytes(c.bytes, c.n, &o, &log, why) != 0) fail_msg("%s: %s", rows[i].name, why);
        assert_int_equal(read_log_finish(&log, &o), 0);
        if (strcmp(attempts_text(&log), rows[i].attempts) != 0)
            fail_msg("%s: %s, not %s", rows[i].name, attempts_text(&log), rows[i].attempts);
        assert_int_equal(log.end_count, rows[i].ends);
        read_log_deinit(&log);
    }
}

/* Who ended an MQTT session: the client, when it said DISCONNECT, or closed with nothing that it
 * waits for; and a server of an unknown protocol after its answer. */
static void test_who_ended(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bool mqtt;
        const char *words; /* of the client at the end; NULL: none */
        uint64_t later;    /* us, between these and the end */
        bool by_server;
        uint8_t flags;
        bool own;
    } rows[] = {
        {"DISCONNECT, server closes", true, "\xe0\x01", 1000, true, READ_FIN | READ_ACK, true},
        {"server closes", true, NULL, 1000, true, READ_FIN | READ_ACK, false},
        {"other words, server closes", true, "\xc0\x01", 1000, true, READ_FIN | READ_ACK, false},
        {"client closes", true, NULL, 1000, false, READ_FIN | READ_ACK, true},
        {"last words, and the client closes", true, "\x30\x01", 1000, false, READ_FIN | READ_ACK,
         true},
        {"a PINGREQ waits in vain", true, "\xc0\x01", 20000000, false, READ_FIN | READ_ACK, false},
        {"client aborts", true, NULL, 1000, false, READ_RST | READ_ACK, true},
        {"client aborts, and a PINGREQ waits", true, "\xc0\x01", 20000000, false,
         READ_RST | READ_ACK, false},
        {"client knows of nothing", true, NULL, 1000, false, READ_RST, false},
        {"an answer, and the server closes", false, NULL, 1000, true, READ_FIN | READ_ACK, true},
        {"an answer, and the server resets", false, NULL, 1000, true, READ_RST | READ_ACK, false},
    };
    const read_options o = {.by = READ_BY_ADDRESS};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static capture c;
        char why[READ_WHY_MAX];
        read_log log = {0};
        begin(&c, RAW);
        if (rows[i].mqtt) {
            mqtt(&c, BYTES(CONNECT), 0);
        } else {
            tcp(&c, there, READ_SYN, 100, NULL, 0);
            tcp(&c, there, READ_ACK, 101, BYTES("GET /"));
            tcp(&c, back, READ_ACK, 2, BYTES("200"));
        }
        if (rows[i].words != NULL) tcp(&c, there, READ_ACK, 117, rows[i].words, 2);
        c.us += rows[i].later;
        tcp(&c, rows[i].by_server ? back : there, rows[i].flags, 6, NULL, 0);
        if (read_bytes(c.bytes, c.n, &o, &log, why) != 0) fail_msg("%s: %s", rows[i].name, why);
        assert_int_equal(read_log_finish(&log, &o), 0);
        assert_int_equal(log.end_count, 1);
        assert_true(log.ends[0].was_online);
        if (log.ends[0].by_client != rows[i].own) fail_msg("%s", rows[i].name);
        read_log_deinit(&log);
    }
}

static void test_ports(void **state) {
    (void)state;
    static capture c;
    char why[READ_WHY_MAX];
    read_options o = {.port_count = 0};
    read_log log = {0};
    begin(&c, RAW);
    two_services(&c);
    assert_int_equal(read_bytes(c.bytes, c.n, &o, &log, why), 0);
    assert_int_equal(read_log_finish(&log, &o), 0);
    assert_string_equal(read_names_text(&log.services, log.service), "tcp port 1883");
    assert_int_equal(log.warnings[READ_WARNING_OTHER_SERVICE].count, 1);
    read_log_deinit(&log);
    o.ports[o.port_count++] = 22;
    assert_int_equal(read_bytes(c.bytes, c.n, &o, &log, why), 0);
    assert_int_equal(read_log_finish(&log, &o), 0);
    assert_string_equal(read_names_text(&log.services, log.service), "tcp port 22");
    assert_int_equal(log.attempts.count, 1);
    read_log_deinit(&log);
}

/* Recorded from Debian's programs; tests/data/judge/README.md tells how. */
static void test_recorded(void **state) {
    (void)state;
    static const struct {
        const char *name, *attempts;
    } rows[] = {
        {"mqtt6.pcap", "six online 0.000 0.001; six4 online 1.004 0.001"},
        {"tls.pcap",
         "127.0.0.1 online 0.000 0.006; 127.0.0.1 online 0.998 0.005; 127.0.0.1 refused 2.007 "
         "0.044"},
        {"coap.pcap", "127.0.0.1 online 0.000 0.000; 127.0.0.1 refused 2.231 0.000"},
        {"coap.pcapng", "127.0.0.1 online 0.000 0.000; 127.0.0.1 refused 2.231 0.000"},
        {"dtls.pcap", "dev-7 online 0.000 0.002; dev-8 none 0.013 -"},
    };
    const read_options o = {.by = READ_BY_CLIENT_ID};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_log log;
        read_data(rows[i].name, &o, &log);
        assert_string_equal(attempts_text(&log), rows[i].attempts);
        read_log_deinit(&log);
    }
}

/* Cut off anywhere: what is whole is read, the rest is a warning; never more than there is. */
static void test_truncated(void **state) {
    (void)state;
    static capture c;
    const read_options o = {.format = READ_FORMAT_PCAP};
    begin(&c, RAW);
    accepted(&c);
    for (size_t n = 1; n < c.n; n++) {
        read_log log = {0};
        char why[READ_WHY_MAX];
        int error = read_bytes(c.bytes, n, &o, &log, why);
        assert_int_equal(error, n == 24 ? SIM_ESTATE : n < 24 + 16 + 40 ? SIM_EPARSE : 0);
        if (error != 0) assert_true(why[0] != '\0');
        if (error == 0) assert_int_equal(read_log_finish(&log, &o), 0);
        if (error == 0) assert_int_equal(log.attempts.count, 1);
        read_log_deinit(&log);
    }
    read_log log = {0};
    char why[READ_WHY_MAX];
    assert_int_equal(read_bytes(c.bytes, c.n - 1, &o, &log, why), 0);
    assert_int_equal(log.warnings[READ_WARNING_TRUNCATED].count, 1);
    read_log_deinit(&log);
}

static void test_clock_back(void **state) {
    (void)state;
    static capture c;
    const read_options o = {.format = READ_FORMAT_ANY};
    read_log log = {0};
    char why[READ_WHY_MAX];
    begin(&c, RAW);
    tcp(&c, there, READ_SYN, 100, NULL, 0);
    c.us -= 5000000;
    tcp(&c, again, READ_SYN, 100, NULL, 0);
    assert_int_equal(read_bytes(c.bytes, c.n, &o, &log, why), 0);
    assert_int_equal(log.warnings[READ_WARNING_CLOCK_BACK].count, 1);
    assert_int_equal(log.warnings[READ_WARNING_CLOCK_BACK].first, 2);
    read_log_deinit(&log);
}

static void test_link_unknown(void **state) {
    (void)state;
    static capture c;
    const read_options o = {.format = READ_FORMAT_ANY};
    read_log log = {0};
    char why[READ_WHY_MAX];
    begin(&c, 105); /* IEEE 802.11 */
    tcp(&c, there, READ_SYN, 100, NULL, 0);
    assert_int_equal(read_bytes(c.bytes, c.n, &o, &log, why), SIM_EPARSE);
    assert_non_null(strstr(why, "link type"));
    read_log_deinit(&log);
}

/* --- packets --- */

/* The same TCP SYN behind each kind of link. */
static void test_links(void **state) {
    (void)state;
    static const struct {
        int link;
        const char *head;
        size_t n;
        read_result sight;
    } rows[] = {
        {1, BYTES("abcdefABCDEF\x08\x00"), READ_RESULT_WHOLE},
        {1, BYTES("abcdefABCDEF\x81\x00\x00\x05\x08\x00"), READ_RESULT_WHOLE},
        {1, BYTES("abcdefABCDEF\x88\xa8\x00\x05\x81\x00\x00\x06\x08\x00"), READ_RESULT_WHOLE},
        {1, BYTES("abcdefABCDEF\x08\x06"), READ_RESULT_NONE},
        {1, BYTES("abcdefABCDEF\x86\xdd"), READ_RESULT_SHORT},
        {0, BYTES("\2\0\0\0"), READ_RESULT_WHOLE},
        {108, BYTES("\0\0\0\2"), READ_RESULT_WHOLE},
        {12, BYTES(""), READ_RESULT_WHOLE},
        {228, BYTES(""), READ_RESULT_WHOLE},
        {113, BYTES("\0\0\0\1\0\6abcdefgh\x08\x00"), READ_RESULT_WHOLE},
        {276, BYTES("\x08\x00\0\0\0\0\0\1\0\1\0\6abcdefgh"), READ_RESULT_WHOLE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[128];
        read_packet p;
        memcpy(bytes, rows[i].head, rows[i].n);
        uint8_t *t = bytes + rows[i].n + ip4(bytes + rows[i].n, READ_TCP, there, 20);
        memcpy(t, "\xc3\x50\x07\x5b\0\0\0\x64\0\0\0\0\x50\x02\0\0\0\0\0\0", 20);
        size_t n = rows[i].n + 40;
        assert_true(read_link_known(rows[i].link));
        assert_int_equal(
            read_packet_parse(rows[i].link, (record_dtls_span){bytes, n + 6}, n + 6, NULL, &p),
            rows[i].sight);
        if (rows[i].sight != READ_RESULT_WHOLE) continue;
        assert_int_equal(p.source.port, 50000);
        assert_int_equal(p.target.port, 1883);
        assert_int_equal(p.sequence, 100);
        assert_int_equal(p.flags, READ_SYN);
        assert_int_equal(p.payload.n, 0); /* what fills up the frame is none */
        for (size_t cut = 0; cut < n; cut++)
            assert_int_not_equal(
                read_packet_parse(rows[i].link, (record_dtls_span){bytes, cut}, cut, NULL, &p),
                READ_RESULT_WHOLE);
    }
    assert_false(read_link_known(105));
}

static void test_addresses(void **state) {
    (void)state;
    static const struct {
        uint8_t address[16];
        const char *text;
    } rows[] = {
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}, "192.0.2.1"},
        {{0}, "::"},
        {{[15] = 1}, "::1"},
        {{0x20, 1, 0xd, 0xb8, [15] = 5}, "2001:db8::5"},
        {{0x20, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3}, "2001:0:1::2:3"},
        {{0xfe, 0x80, [15] = 0}, "fe80::"},
        {{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}, "1:2:3:4:5:6:7:8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[READ_ADDRESS_MAX];
        read_endpoint e = {.port = 1};
        memcpy(e.address, rows[i].address, 16);
        assert_int_equal(read_address_text(&e, text), strlen(rows[i].text));
        assert_string_equal(text, rows[i].text);
    }
}

static void test_coap_messages(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        bool good, registers;
    } rows[] = {
        {BYTES("\x40\x01\x00\x01"), true, false},
        {BYTES("\x40\x02\x00\x01\xb2rd\x11\x28"), true, true},
        {BYTES("\x40\x02\x00\x01\xb2rd\x02xy"), true, true},
        {BYTES("\x40\x01\x00\x01\xb2rd"), true, false},      /* GET */
        {BYTES("\x40\x02\x00\x01\xb1x\x02rd"), true, false}, /* x/rd */
        {BYTES("\x80\x01\x00\x01"), false, false},           /* version 2 */
        {BYTES("\x49\x01\x00\x01"
               "123456789"),
         false, false},                                    /* token of nine bytes */
        {BYTES("\x40\x01\x00\x01\xb5time"), false, false}, /* an option cut off */
        {BYTES("\x40\x01\x00\x01\xff"), false, false},     /* marker without payload */
        {BYTES("\x40\x01\x00\x01\xf0"), false, false},     /* reserved delta */
        {BYTES("\x40\x20\x00\x01"), false, false},         /* class 1 */
        {BYTES("\x41\x00\x00\x01x"), false, false},        /* Empty with a token */
        {BYTES("\x40\x01\x00"), false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_coap m;
        bool good =
            read_coap_parse((record_dtls_span){(const uint8_t *)rows[i].bytes, rows[i].n}, &m);
        if (good != rows[i].good || (good && m.registers != rows[i].registers))
            fail_msg("row %zu", i);
    }
}

static int read_capture(void *context) {
    const capture *c = context;
    const read_options o = {.by = READ_BY_CLIENT_ID};
    read_log log = {0};
    char why[READ_WHY_MAX];
    int error = read_bytes(c->bytes, c->n, &o, &log, why);
    if (error == 0) error = read_log_finish(&log, &o);
    read_log_deinit(&log);
    return error;
}

static void test_every_allocation(void **state) {
    (void)state;
    static capture c;
    begin(&c, RAW);
    accepted(&c);
    assert_true(fail_every_allocation(read_capture, &c) > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_captures),
        cmocka_unit_test(test_who_ended),
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_clock_back),
        cmocka_unit_test(test_link_unknown),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_coap_messages),
        cmocka_unit_test(test_every_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
