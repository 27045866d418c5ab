/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/core/heap.h"
#include "sim/record/dtls_record.h"
#include "sim/record/dtls_wire.h"
#include "tests/unit/with_cmocka.h"

/* A ClientHello with one suite, as a lean client sends it. */
enum {
    VERSION = 13 + 12, /* offsets in a datagram */
    RANDOM = VERSION + 2,
    SESSION = RANDOM + 32,
    COOKIE = SESSION + 1,
    MESSAGE_LENGTH = 13 + 3, /* its last byte */
    FRAGMENT_OFFSET = 13 + 8,
    FRAGMENT_LENGTH = 13 + 11,
    RECORD_LENGTH = 12,
    SIZE_MAX_HERE = 400
};

typedef struct datagram {
    uint8_t bytes[SIZE_MAX_HERE];
    size_t n;
} datagram;

static void add(datagram *d, const void *bytes, size_t n) {
    memcpy(d->bytes + d->n, bytes, n);
    d->n += n;
}

static void set_lengths(datagram *d) {
    const uint8_t message = (uint8_t)(d->n - VERSION);
    d->bytes[RECORD_LENGTH] = (uint8_t)(d->n - 13);
    d->bytes[MESSAGE_LENGTH] = message;
    d->bytes[FRAGMENT_LENGTH] = message;
}

static datagram hello_of(uint8_t session_size, uint8_t cookie_size, uint8_t suites_size,
                         bool with_extensions) {
    static const uint8_t head[VERSION + 2] = {
        22, 0xfe, 0xff, [13] = 1, [VERSION] = 0xfe, [VERSION + 1] = 0xfd};
    static const uint8_t suites[] = {0xc0, 0xa8, 0xc0, 0xac}, rest[] = {1, 0, 0, 4, 0, 0x17, 0, 0};
    uint8_t bytes[64];
    datagram d = {.n = 0};
    add(&d, head, sizeof head);
    for (uint8_t i = 0; i < 32; i++) bytes[i] = i;
    add(&d, bytes, 32);
    memset(bytes, 0xcc, sizeof bytes);
    add(&d, &session_size, 1);
    add(&d, bytes, session_size);
    add(&d, &cookie_size, 1);
    add(&d, bytes, cookie_size);
    add(&d, "", 1);
    add(&d, &suites_size, 1);
    add(&d, suites, suites_size);
    add(&d, rest, with_extensions ? sizeof rest : 2);
    set_lengths(&d);
    return d;
}

static datagram hello(uint8_t cookie_size, bool with_extensions) {
    return hello_of(0, cookie_size, 2, with_extensions);
}

/* Looks at a copy that ends where the datagram ends, so that a sanitizer sees a look beyond. */
static int look(const datagram *d, size_t n, record_dtls_glance *sight) {
    uint8_t *copy = sim_malloc(n + 1);
    assert_non_null(copy);
    memcpy(copy + 1, d->bytes, n);
    const int error = record_dtls_look(copy + 1, n, sight);
    sim_free(copy);
    return error;
}

static void test_sees_a_client_hello(void **state) {
    (void)state;
    record_dtls_glance s;
    for (int with = 0; with < 2; with++) {
        const datagram d = hello(0, with == 1);
        assert_int_equal(look(&d, d.n, &s), 0);
        assert_int_equal(s.content_type, RECORD_DTLS_HANDSHAKE);
        assert_int_equal(s.epoch, 0);
        assert_true(s.client_hello);
        assert_false(s.has_cookie);
        for (uint8_t i = 0; i < 32; i++) assert_int_equal(s.random[i], i);
    }
}

static void test_sees_a_cookie(void **state) {
    (void)state;
    record_dtls_glance s;
    for (uint8_t size = 1; size <= 64; size += 31) {
        const datagram d = hello(size, true);
        assert_int_equal(look(&d, d.n, &s), 0);
        assert_true(s.client_hello && s.has_cookie);
        assert_int_equal(s.random[31], 31);
    }
}

/* One byte of the datagram is another: what is seen then. */
typedef struct change {
    const char *what;
    size_t at;
    uint8_t value;
    int error;
    bool client_hello;
} change;

static const change changes[] = {
    {"DTLS 1.2 record", 2, 0xfd, 0, true},
    {"no such version", 2, 0xfe, SIM_EPARSE, false},
    {"a TLS record", 1, 0x03, SIM_EPARSE, false},
    {"no such content type", 0, 19, SIM_EPARSE, false},
    {"no such content type", 0, 24, SIM_EPARSE, false},
    {"an alert", 0, 21, 0, false},
    {"application data", 0, 23, 0, false},
    {"sealed", 4, 1, 0, false},
    {"record number", 10, 9, 0, true},
    {"record longer than the datagram", RECORD_LENGTH, 200, SIM_EPARSE, false},
    {"record much longer", RECORD_LENGTH - 1, 1, SIM_EPARSE, false},
    {"record shorter than its message", RECORD_LENGTH, 20, 0, false},
    {"record shorter than a message header", RECORD_LENGTH, 11, 0, false},
    {"empty record", RECORD_LENGTH, 0, 0, false},
    {"a ServerHello", 13, 2, 0, false},
    {"message_seq", 18, 1, 0, true},
    {"a first fragment", MESSAGE_LENGTH, 200, 0, true},
    {"a later fragment", FRAGMENT_OFFSET, 1, 0, false},
    {"a fragment that passes the end", FRAGMENT_LENGTH, 200, 0, false},
    {"a fragment that is too short", FRAGMENT_LENGTH, 20, 0, false},
    {"DTLS 1.0 client", VERSION + 1, 0xff, 0, true},
    {"a TLS hello", VERSION, 0x03, 0, false},
    {"session of 33 bytes", SESSION, 33, 0, false},
    {"session that passes the end", SESSION, 255, 0, false},
    {"cookie that passes the end", COOKIE, 255, 0, false},
    {"no suite", COOKIE + 2, 0, 0, false},
    {"half a suite", COOKIE + 2, 1, 0, false},
    {"suites that pass the end", COOKIE + 1, 1, 0, false},
    {"no compression method", COOKIE + 5, 0, 0, false},
    {"compression methods that pass the end", COOKIE + 5, 50, 0, false},
    {"extensions that pass the end", COOKIE + 8, 5, 0, false},
    {"extensions that end early", COOKIE + 8, 3, 0, false},
};

static void test_every_field_has_its_bounds(void **state) {
    const change *c = *state;
    record_dtls_glance s;
    datagram d = hello(0, true);
    d.bytes[c->at] = c->value;
    const int error = look(&d, d.n, &s);
    if (error != c->error || s.client_hello != c->client_hello)
        fail_msg("%s: error %d, client_hello %d", c->what, error, s.client_hello);
    static const record_dtls_glance none;
    if (c->error != 0) assert_memory_equal(&s, &none, sizeof s);
}

/* Well formed in all but one rule. */
static void test_sizes_that_the_protocol_forbids(void **state) {
    (void)state;
    static const struct {
        uint8_t session, suites;
        bool good;
    } cases[] = {{32, 2, true}, {33, 2, false}, {0, 4, true}, {0, 3, false}, {0, 0, false}};
    record_dtls_glance s;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const datagram d = hello_of(cases[i].session, 0, cases[i].suites, true);
        assert_int_equal(look(&d, d.n, &s), 0);
        assert_int_equal(s.client_hello, cases[i].good);
    }
}

/* Cut anywhere it is no record; with a record that fits what is left it is no ClientHello. */
static void test_cut_anywhere(void **state) {
    (void)state;
    const datagram d = hello(32, true);
    record_dtls_glance s;
    for (size_t n = 0; n < d.n; n++) {
        assert_int_equal(look(&d, n, &s), SIM_EPARSE);
        assert_false(s.client_hello);
        if (n < 13) continue;
        datagram shorter = d;
        shorter.bytes[RECORD_LENGTH] = (uint8_t)(n - 13);
        assert_int_equal(look(&shorter, n, &s), 0);
        assert_false(s.client_hello);
    }
}

/* The first record is looked at; what follows may be anything, for a receiver takes the first
 * before it sees the rest. */
static void test_first_of_many_records(void **state) {
    (void)state;
    static const uint8_t change_cipher_spec[14] = {20, 0xfe, 0xfd, [12] = 1, [13] = 1};
    record_dtls_glance s;
    datagram d = hello(32, true);
    const datagram first = d;
    add(&d, change_cipher_spec, sizeof change_cipher_spec);
    assert_int_equal(look(&d, d.n, &s), 0);
    assert_true(s.client_hello && s.has_cookie);
    add(&d, "garbage", 7);
    assert_int_equal(look(&d, d.n, &s), 0);
    assert_true(s.client_hello && s.has_cookie);

    d.n = 0;
    add(&d, change_cipher_spec, sizeof change_cipher_spec);
    add(&d, first.bytes, first.n);
    assert_int_equal(look(&d, d.n, &s), 0);
    assert_int_equal(s.content_type, RECORD_DTLS_CHANGE_CIPHER_SPEC);
    assert_false(s.client_hello);
}

static void test_epoch_is_seen(void **state) {
    (void)state;
    static const uint8_t sealed[] = {23, 0xfe, 0xfd, 0x01, 0x02, 0, 0, 0, 0, 0, 1, 0, 3, 1, 2, 3};
    datagram d = {.n = 0};
    record_dtls_glance s;
    add(&d, sealed, sizeof sealed);
    assert_int_equal(look(&d, d.n, &s), 0);
    assert_int_equal(s.content_type, RECORD_DTLS_APPLICATION_DATA);
    assert_int_equal(s.epoch, 0x0102);
}

/* The readers below the sight. */
static void test_messages_of_one_record(void **state) {
    (void)state;
    /* ServerHelloDone */
    static const uint8_t body[] = {14, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0,
                                   /* bytes 1 and 2 of 4 */
                                   12, 0, 0, 4, 0, 2, 0, 0, 1, 0, 0, 2, 0xaa, 0xbb, 0, 0};
    record_dtls_span left = {body, sizeof body};
    record_dtls_message m;
    assert_true(record_dtls_take_message(&left, &m));
    assert_true(m.type == RECORD_DTLS_SERVER_HELLO_DONE && m.sequence == 3 &&
                record_dtls_is_whole(&m));
    assert_true(record_dtls_take_message(&left, &m));
    assert_true(m.length == 4 && m.offset == 1 && m.fragment.n == 2 && m.fragment.at[1] == 0xbb);
    assert_false(record_dtls_is_whole(&m));
    assert_false(record_dtls_take_message(&left, &m));
    assert_int_equal(left.n, 2);
}

static void test_fragment_beyond_its_message(void **state) {
    (void)state;
    uint8_t body[] = {12, 0, 0, 4, 0, 2, 0, 0, 2, 0, 0, 2, 0xaa, 0xbb};
    record_dtls_span left = {body, sizeof body};
    record_dtls_message m;
    assert_true(record_dtls_take_message(&left, &m));
    body[8] = 3; /* bytes 3 and 4 of 4 */
    left = (record_dtls_span){body, sizeof body};
    assert_false(record_dtls_take_message(&left, &m));
    body[6] = 0xff; /* far beyond: no sum may wrap */
    assert_false(record_dtls_take_message(&left, &m));
}

static void test_record_number_has_48_bits(void **state) {
    (void)state;
    static const uint8_t bytes[] = {23, 0xfe, 0xfd, 0, 1, 0xf1, 2, 3, 4, 5, 6, 0, 1, 9};
    record_dtls_span left = {bytes, sizeof bytes};
    record_dtls_record r;
    assert_true(record_dtls_take_record(&left, &r));
    assert_true(r.sequence == UINT64_C(0xf10203040506));
    assert_true(r.whole.n == sizeof bytes && r.body.n == 1 && r.body.at[0] == 9);
    assert_int_equal(left.n, 0);
}

enum { SINGLES = 9, CHANGES = sizeof changes / sizeof *changes };

int main(void) {
    struct CMUnitTest tests[SINGLES + CHANGES] = {
        cmocka_unit_test(test_sees_a_client_hello),
        cmocka_unit_test(test_sees_a_cookie),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_first_of_many_records),
        cmocka_unit_test(test_epoch_is_seen),
        cmocka_unit_test(test_messages_of_one_record),
        cmocka_unit_test(test_record_number_has_48_bits),
        cmocka_unit_test(test_sizes_that_the_protocol_forbids),
        cmocka_unit_test(test_fragment_beyond_its_message),
    };
    for (size_t i = 0; i < CHANGES; i++)
        tests[SINGLES + i] = (struct CMUnitTest)cmocka_unit_test_prestate(
            test_every_field_has_its_bounds, (void *)(uintptr_t)&changes[i]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
