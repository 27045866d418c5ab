/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row for each form that the first words of a datagram can have. */
#include <string.h>

#include "sim/read/payload.h"
#include "tests/unit/with_cmocka.h"

#define BYTES(text) (text), sizeof(text) - 1
#define IDS "\x02\xaa\xbb\x01\xcc"
#define V1 "\0\0\0\1"
#define V2 "\x6b\x33\x43\xcf"
#define INITIAL "\xc0" V1 IDS "\x01\x77\x04\1\2\3\4"
#define HANDSHAKE "\xe0" V1 IDS "\x05\1\2\3\4\5"
#define SEALED "0123456789abcdef" /* as long as a seal */

typedef struct row {
    const char *bytes;
    size_t n;
    bool good, initial, handshake, negotiation, one_rtt, sound;
} row;

static const row rows[] = {
    {BYTES(INITIAL), .good = true, .initial = true, .sound = true},
    {BYTES(HANDSHAKE), .good = true, .handshake = true, .sound = true},
    {BYTES(INITIAL HANDSHAKE), .good = true, .initial = true, .handshake = true, .sound = true},
    {BYTES(INITIAL "\x40." SEALED), .good = true, .initial = true, .one_rtt = true, .sound = true},
    {BYTES(INITIAL HANDSHAKE "\x40." SEALED), true, true, true, false, true, true},
    /* a length of two bytes; one that is cut off; one that no packet has; none */
    {BYTES("\xc0" V1 IDS "\0\x40\x04\1\2\3\4"), .good = true, .initial = true, .sound = true},
    {BYTES("\xc0" V1 IDS "\0\x44\0\1\2\3\4"), .good = true, .initial = true, .sound = true},
    {BYTES("\xc0" V1 IDS "\0\x03\1\2\3\4"), .good = true, .initial = true},
    {BYTES("\xc0" V1 IDS "\x09\1\2"), .good = true, .initial = true},
    {BYTES("\xc0" V1 IDS), .good = true, .initial = true},
    {BYTES("\xd0" V1 IDS "\x04\1\2\3\4"), .good = true, .sound = true},  /* 0-RTT has no token */
    {BYTES("\xf0" V1 IDS "token" SEALED), .good = true, .sound = false}, /* Retry */
    {BYTES("\xd0" V2 IDS "\0\x04\1\2\3\4"), .good = true, .initial = true, .sound = true},
    {BYTES("\xf0" V2 IDS "\x04\1\2\3\4"), .good = true, .handshake = true, .sound = true},
    {BYTES("\x80\0\0\0\0" IDS V1 V2), .good = true, .negotiation = true},
    {BYTES("\xc0\xff\0\0\x1d" IDS "\0\x04\1\2\3\4"), .good = true, .initial = true, .sound = true},
    {BYTES("\xc0\x1a\x2a\x3a\x4a" IDS "\0\x04\1\2\3\4"), .good = true, .initial = true,
     .sound = true},
    /* one that is none: its version, its fixed bit, a short header, an id of 21, an end too soon */
    {BYTES("\xc0\0\0\0\2" IDS "\0\x04\1\2\3\4"), .good = false},
    {BYTES("\x80" V1 IDS "\0\x04\1\2\3\4"), .good = false},
    {BYTES("\x40" V1 IDS "\0\x04\1\2\3\4"), .good = false},
    {BYTES("\xc0" V1 "\x15"
           "012345678901234567890"
           "\0\0\x04\1\2\3\4"),
     .good = false},
    {BYTES("\xc0" V1 "\x02\xaa"), .good = false},
    {BYTES("\xc0\0\0"), .good = false},
};

static record_dtls_span span_of(const char *bytes, size_t n) {
    return (record_dtls_span){(const uint8_t *)bytes, n};
}

static void test_quic(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row *r = &rows[i];
        read_quic q;
        if (read_quic_parse(span_of(r->bytes, r->n), &q) != r->good) fail_msg("row %zu", i);
        if (!r->good) continue;
        if (q.initial != r->initial || q.handshake != r->handshake ||
            q.negotiation != r->negotiation || q.one_rtt != r->one_rtt || q.sound != r->sound)
            fail_msg("row %zu: initial %d, handshake %d, negotiation %d, 1-RTT %d, sound %d", i,
                     q.initial, q.handshake, q.negotiation, q.one_rtt, q.sound);
        assert_true(q.target.n == 2 && memcmp(q.target.at, "\xaa\xbb", 2) == 0);
        assert_true(q.source.n == 1 && q.source.at[0] == 0xcc);
    }
    read_quic longest;
    assert_true(read_quic_parse(span_of(BYTES("\xc0" V1 "\x14"
                                              "01234567890123456789"
                                              "\0\0\x04\1\2\3\4")),
                                &longest));
    assert_int_equal(longest.target.n, 20);
    assert_int_equal(longest.source.n, 0);
}

/* The shortest that a seal fits into, and each value of the two bits that say what it is. */
static void test_quic_short(void **state) {
    (void)state;
    assert_true(read_quic_is_short(span_of(BYTES("\x40." SEALED))));
    assert_true(read_quic_is_short(span_of(BYTES("\x7f." SEALED))));
    assert_false(read_quic_is_short(span_of(BYTES("\x40" SEALED))));
    assert_false(read_quic_is_short(span_of(BYTES("\x3f." SEALED))));
    assert_false(read_quic_is_short(span_of(BYTES("\x80." SEALED))));
    assert_false(read_quic_is_short(span_of(BYTES("\xc0." SEALED))));
}

static void test_ports_of_coap(void **state) {
    (void)state;
    static const struct {
        uint16_t port;
        bool may_be, own;
    } ports[] = {{53, false, false},   {54, true, false},   {443, false, false},
                 {5355, false, false}, {5681, true, false}, {5682, true, true},
                 {5683, true, true},   {5688, true, true},  {5689, true, false},
                 {49152, true, false}};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        assert_int_equal(read_coap_port(ports[i].port), ports[i].may_be);
        assert_int_equal(read_coap_is_own_port(ports[i].port), ports[i].own);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quic),
        cmocka_unit_test(test_quic_short),
        cmocka_unit_test(test_ports_of_coap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
