/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_mqtt_packet.c - packets of MQTT, written, cut anywhere, read again; and what must be refused
 * with which reason. */
#include <stdlib.h>
#include <string.h>

#include "net/mqtt_filter.h"
#include "net/mqtt_packet.h"
#include "sim/core/heap.h"
#include "tests/unit/every_allocation.h"

enum { LARGEST = 4096 };

static net_mqtt_span text(const char *s) {
    return (net_mqtt_span){(const uint8_t *)s, strlen(s)};
}

static bool same(net_mqtt_span a, net_mqtt_span b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.bytes, b.bytes, a.n) == 0);
}

/* ---- what is written is what is read ---- */

static const uint8_t user_properties[] = {38, 0, 1, 'a', 0, 1, 'b', 38, 0, 1, 'a', 0, 1, 'c'};
static const uint8_t filters[] = {0, 1, 'a', 1, 0, 3, 'b', '/', '#', 2};
static const uint8_t names[] = {0, 1, 'a', 0, 3, 'b', '/', '#'};
static const uint8_t codes[] = {0, 2, 0x87};

static net_mqtt_properties some(net_mqtt_property number, uint32_t value, net_mqtt_property word,
                                const char *said) {
    net_mqtt_properties p = {.repeated = {{user_properties, sizeof user_properties}}};
    net_mqtt_set_number(&p, number, value);
    net_mqtt_set_text(&p, word, text(said));
    return p;
}

static size_t make_packets(net_mqtt_packet *p) {
    net_mqtt_properties ack = {.repeated = {{user_properties, sizeof user_properties}}};
    net_mqtt_set_text(&ack, NET_MQTT_REASON_STRING, text("why"));
    size_t n = 0;
    p[n++] = (net_mqtt_packet){
        .type = NET_MQTT_CONNECT,
        .properties = some(NET_MQTT_SESSION_EXPIRY_INTERVAL, 4000000000U,
                           NET_MQTT_AUTHENTICATION_METHOD, "m"),
        .clean_start = true,
        .has_user_name = true,
        .has_password = true,
        .keep_alive = 61,
        .client_id = text("bs-00000000"),
        .user_name = text("me"),
        .password = text("secret"),
        .will = {true, true, 2, text("gone"), text("it is"),
                 some(NET_MQTT_WILL_DELAY_INTERVAL, 7, NET_MQTT_CONTENT_TYPE, "text/plain")}};
    p[n++] = (net_mqtt_packet){.type = NET_MQTT_CONNECT};
    p[n++] = (net_mqtt_packet){
        .type = NET_MQTT_CONNACK,
        .session_present = true,
        .properties = some(NET_MQTT_SERVER_KEEP_ALIVE, 65535, NET_MQTT_SERVER_REFERENCE, "there")};
    p[n++] = (net_mqtt_packet){
        .type = NET_MQTT_PUBLISH,
        .id = 65535,
        .dup = true,
        .qos = 2,
        .retain = true,
        .topic = text("a/b"),
        .payload = text("21.5"),
        .properties = some(NET_MQTT_TOPIC_ALIAS, 300, NET_MQTT_CORRELATION_DATA, "tag")};
    p[n++] = (net_mqtt_packet){.type = NET_MQTT_PUBLISH, .topic = text("a")};
    for (int type = NET_MQTT_PUBACK; type <= NET_MQTT_PUBCOMP; type++) {
        p[n++] = (net_mqtt_packet){.type = (net_mqtt_type)type, .id = 1};
        p[n++] = (net_mqtt_packet){
            .type = (net_mqtt_type)type, .id = 2, .reason = 0x97, .properties = ack};
    }
    net_mqtt_properties identified = {.repeated = {{user_properties, sizeof user_properties}}};
    net_mqtt_set_number(&identified, NET_MQTT_SUBSCRIPTION_IDENTIFIER, 268435455);
    p[n++] = (net_mqtt_packet){.type = NET_MQTT_SUBSCRIBE,
                               .id = 3,
                               .list = {filters, sizeof filters},
                               .properties = identified};
    p[n++] = (net_mqtt_packet){
        .type = NET_MQTT_SUBACK, .id = 3, .list = {codes, sizeof codes}, .properties = ack};
    p[n++] =
        (net_mqtt_packet){.type = NET_MQTT_UNSUBSCRIBE, .id = 4, .list = {names, sizeof names}};
    p[n++] = (net_mqtt_packet){
        .type = NET_MQTT_UNSUBACK, .id = 4, .list = {codes, sizeof codes}, .properties = ack};
    p[n++] = (net_mqtt_packet){.type = NET_MQTT_PINGREQ};
    p[n++] = (net_mqtt_packet){.type = NET_MQTT_PINGRESP};
    p[n++] = (net_mqtt_packet){.type = NET_MQTT_DISCONNECT};
    p[n++] = (net_mqtt_packet){.type = NET_MQTT_DISCONNECT, .reason = 0x8E, .properties = ack};
    return n;
}

static void compare_properties(const net_mqtt_properties *wrote, const net_mqtt_properties *read) {
    uint8_t picked[LARGEST];
    size_t n = net_mqtt_properties_pick(read->raw, 1U << NET_MQTT_USER_PROPERTY, picked);
    assert_true(same(wrote->repeated[0], (net_mqtt_span){picked, n}));
    for (int i = 0; i < NET_MQTT_PROPERTIES; i++) {
        if (i == NET_MQTT_USER_PROPERTY) continue;
        net_mqtt_property which = (net_mqtt_property)i;
        assert_int_equal(net_mqtt_has(wrote, which), net_mqtt_has(read, which));
        assert_int_equal(wrote->number[i], read->number[i]);
        assert_true(same(wrote->text[i], read->text[i]));
    }
}

static void compare(net_mqtt_level version, const net_mqtt_packet *a, const net_mqtt_packet *b) {
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->id, b->id);
    assert_true(a->session_present == b->session_present && a->clean_start == b->clean_start);
    assert_int_equal(a->keep_alive, b->keep_alive);
    assert_true(same(a->client_id, b->client_id) && same(a->user_name, b->user_name));
    assert_true(same(a->password, b->password) && same(a->will.topic, b->will.topic));
    assert_true(same(a->will.payload, b->will.payload) && a->will.qos == b->will.qos);
    assert_true(a->will.present == b->will.present && a->will.retain == b->will.retain);
    assert_true(a->dup == b->dup && a->retain == b->retain && a->qos == b->qos);
    assert_true(same(a->topic, b->topic) && same(a->payload, b->payload));
    bool has_list = version == NET_MQTT_5 || a->type != NET_MQTT_UNSUBACK;
    assert_true(same(has_list ? a->list : (net_mqtt_span){0}, b->list));
    if (version != NET_MQTT_5) return;
    assert_int_equal(a->reason, b->reason);
    compare_properties(&a->properties, &b->properties);
    compare_properties(&a->will.properties, &b->will.properties);
}

/* A copy of exactly its size, so that a sanitizer sees a read behind its end. */
static uint8_t read_exactly(net_mqtt_level version, const uint8_t *bytes, size_t n,
                            net_mqtt_packet *out) {
    uint8_t *copy = malloc(n == 0 ? 1 : n);
    if (n > 0) memcpy(copy, bytes, n);
    uint8_t wrong = net_mqtt_read(version, (net_mqtt_span){copy, n}, out);
    free(copy);
    return wrong;
}

static void round_trips(void **state) {
    (void)state;
    net_mqtt_packet packets[32], read;
    size_t count = make_packets(packets);
    static const net_mqtt_level versions[] = {NET_MQTT_3_1_1, NET_MQTT_5};
    for (size_t v = 0; v < 2; v++) {
        for (size_t i = 0; i < count; i++) {
            uint8_t bytes[LARGEST];
            size_t n = net_mqtt_write(versions[v], &packets[i], bytes);
            assert_int_equal(n, net_mqtt_size(versions[v], &packets[i]));
            assert_int_equal(net_mqtt_read(versions[v], (net_mqtt_span){bytes, n}, &read), 0);
            compare(versions[v], &packets[i], &read);
            for (size_t cut = 0; cut < n; cut++) /* with its announced length, and with a shorter */
                assert_int_not_equal(read_exactly(versions[v], bytes, cut, &read), 0);
        }
    }
}

/* A packet whose end is missing, with a length that says so: either it is refused, or what is
 * missing could be left out. */
static void shortened(void **state) {
    (void)state;
    net_mqtt_packet packets[32], read;
    size_t count = make_packets(packets);
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[LARGEST];
        size_t n = net_mqtt_write(NET_MQTT_5, &packets[i], bytes);
        for (size_t cut = 2; cut < n; cut++) {
            uint8_t shorter[LARGEST] = {bytes[0]};
            size_t body = cut - 2, used = net_mqtt_length_size((uint32_t)body);
            (void)net_mqtt_length_write((uint32_t)body, shorter + 1);
            memcpy(shorter + 1 + used, bytes + (n > 129 ? 3 : 2), body);
            uint8_t wrong = read_exactly(NET_MQTT_5, shorter, 1 + used + body, &read);
            bool optional =
                packets[i].type == NET_MQTT_PUBLISH ||
                (packets[i].type >= NET_MQTT_PUBACK && packets[i].type <= NET_MQTT_UNSUBACK) ||
                packets[i].type == NET_MQTT_DISCONNECT;
            assert_true(wrong != 0 || optional);
        }
    }
}

/* ---- out of a stream, cut anywhere ---- */

static void split_at_each_byte(void **state) {
    (void)state;
    net_mqtt_packet packets[32], read;
    size_t count = make_packets(packets);
    static uint8_t bytes[32 * LARGEST];
    size_t ends[32], n = 0;
    for (size_t i = 0; i < count; i++) {
        n += net_mqtt_write(NET_MQTT_5, &packets[i], bytes + n);
        ends[i] = n;
    }
    for (size_t cut = 0; cut <= n; cut++) {
        net_mqtt_stream stream = {0};
        size_t found = 0;
        for (int part = 0; part < 2; part++) {
            net_mqtt_span left = {part == 0 ? bytes : bytes + cut, part == 0 ? cut : n - cut}, p;
            while (net_mqtt_stream_next(&stream, &left, LARGEST, &p) == 1) {
                size_t begin = found == 0 ? 0 : ends[found - 1];
                assert_true(same(p, (net_mqtt_span){bytes + begin, ends[found] - begin}));
                found++;
            }
            assert_int_equal(left.n, 0);
        }
        assert_int_equal(found, count);
        net_parts_deinit(&stream);
    }
    net_mqtt_stream stream = {0};
    size_t found = 0;
    for (size_t i = 0; i < n; i++) { /* one at a time */
        net_mqtt_span left = {bytes + i, 1}, p;
        if (net_mqtt_stream_next(&stream, &left, LARGEST, &p) != 1) continue;
        assert_int_equal(net_mqtt_read(NET_MQTT_5, p, &read), 0);
        compare(NET_MQTT_5, &packets[found++], &read);
    }
    assert_int_equal(found, count);
    net_parts_deinit(&stream);
}

static void hostile_lengths(void **state) {
    (void)state;
    static const struct {
        uint8_t bytes[6];
        size_t n;
        int expected;
    } rows[] = {
        {{0x30, 0xff, 0xff, 0xff, 0x7f, 0}, 5, SIM_ERANGE}, /* 256 MB announced */
        {{0x30, 0xff, 0xff, 0xff, 0xff, 0}, 6, SIM_EPARSE}, /* a fifth byte of length */
        {{0x30, 0xff, 0xff, 0xff}, 4, 0},                   /* nobody knows yet */
        {{0x30, 0xff, 0x1f}, 3, 0},                         /* 4 KB - 1 announced, none arrived */
        {{0x30, 0x80, 0x20}, 3, SIM_ERANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        net_mqtt_stream whole = {0}, bit = {0};
        sim_heap_use before = sim_heap_in_use();
        net_mqtt_span left = {rows[i].bytes, rows[i].n}, p;
        assert_int_equal(net_mqtt_stream_next(&whole, &left, LARGEST + 2, &p), rows[i].expected);
        int said = 0;
        for (size_t b = 0; b < rows[i].n && said == 0; b++) {
            left = (net_mqtt_span){rows[i].bytes + b, 1};
            said = net_mqtt_stream_next(&bit, &left, LARGEST + 2, &p);
        }
        assert_int_equal(said, rows[i].expected);
        assert_true(sim_heap_in_use().bytes - before.bytes < 1000);
        net_parts_deinit(&whole);
        net_parts_deinit(&bit);
    }
}

static int stream_attempt(void *context) {
    static uint8_t bytes[1000] = {0x30, 0xe5, 0x07};
    net_mqtt_stream s = {0};
    net_mqtt_span p;
    int said = 0;
    (void)context;
    for (size_t i = 0; i < sizeof bytes && said == 0; i += 100) {
        net_mqtt_span left = {bytes + i, 100};
        said = net_mqtt_stream_next(&s, &left, sizeof bytes, &p);
    }
    net_parts_deinit(&s);
    return said == 1 ? 0 : said == 0 ? SIM_EIO : said;
}

static void without_memory(void **state) {
    (void)state;
    assert_true(fail_every_allocation(stream_attempt, NULL) > 2);
}

/* ---- what is refused, and what with ---- */

typedef struct hostile {
    const char *what;
    net_mqtt_level version;
    uint8_t reason; /* 0: a good twin */
    size_t n;
    uint8_t bytes[40];
} hostile;

#define BYTES(...)                      \
    sizeof((uint8_t[]){__VA_ARGS__}), { \
        __VA_ARGS__                     \
    }
#define HEAD4 0, 4, 'M', 'Q', 'T', 'T', 4
#define HEAD5 0, 4, 'M', 'Q', 'T', 'T', 5

static const hostile hostiles[] = {
    {"connect", NET_MQTT_3_1_1, 0, BYTES(0x10, 13, HEAD4, 2, 0, 9, 0, 1, 'a')},
    {"reserved bit of the flags", NET_MQTT_3_1_1, 0x81, BYTES(0x10, 13, HEAD4, 3, 0, 9, 0, 1, 'a')},
    {"flags of the fixed header", NET_MQTT_3_1_1, 0x81, BYTES(0x11, 13, HEAD4, 2, 0, 9, 0, 1, 'a')},
    {"a byte too many", NET_MQTT_3_1_1, 0x81, BYTES(0x10, 14, HEAD4, 2, 0, 9, 0, 1, 'a', 0)},
    {"another protocol", NET_MQTT_3_1_1, 0x84,
     BYTES(0x10, 13, 0, 4, 'M', 'Q', 'T', 'X', 4, 2, 0, 9, 0, 1, 'a')},
    {"version 3", NET_MQTT_3_1_1, 0x84,
     BYTES(0x10, 15, 0, 6, 'M', 'Q', 'I', 's', 'd', 'p', 3, 2, 0, 9, 0, 1, 'a')},
    {"version 6", NET_MQTT_3_1_1, 0x84,
     BYTES(0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 6, 2, 0, 9, 0, 1, 'a')},
    {"a will's QoS without a will", NET_MQTT_3_1_1, 0x81,
     BYTES(0x10, 13, HEAD4, 0x0a, 0, 9, 0, 1, 'a')},
    {"a will of QoS 3", NET_MQTT_3_1_1, 0x81,
     BYTES(0x10, 18, HEAD4, 0x1e, 0, 9, 0, 1, 'a', 0, 1, 'w', 0, 0)},
    {"a will", NET_MQTT_3_1_1, 0, BYTES(0x10, 18, HEAD4, 0x16, 0, 9, 0, 1, 'a', 0, 1, 'w', 0, 0)},
    {"a will to a filter", NET_MQTT_3_1_1, 0x90,
     BYTES(0x10, 18, HEAD4, 0x16, 0, 9, 0, 1, 'a', 0, 1, '#', 0, 0)},
    {"a password alone", NET_MQTT_3_1_1, 0x81,
     BYTES(0x10, 16, HEAD4, 0x42, 0, 9, 0, 1, 'a', 0, 1, 'p')},
    {"a password alone, in 5", NET_MQTT_5, 0,
     BYTES(0x10, 17, HEAD5, 0x42, 0, 9, 0, 0, 1, 'a', 0, 1, 'p')},
    {"a client id that is no text", NET_MQTT_3_1_1, 0x81,
     BYTES(0x10, 13, HEAD4, 2, 0, 9, 0, 1, 0xff)},
    {"receive maximum 0", NET_MQTT_5, 0x82,
     BYTES(0x10, 17, HEAD5, 2, 0, 9, 3, 33, 0, 0, 0, 1, 'a')},
    {"receive maximum twice", NET_MQTT_5, 0x82,
     BYTES(0x10, 20, HEAD5, 2, 0, 9, 6, 33, 0, 1, 33, 0, 1, 0, 1, 'a')},
    {"a property of another packet", NET_MQTT_5, 0x82,
     BYTES(0x10, 17, HEAD5, 2, 0, 9, 3, 19, 0, 1, 0, 1, 'a')},
    {"a property that there is not", NET_MQTT_5, 0x81,
     BYTES(0x10, 16, HEAD5, 2, 0, 9, 2, 99, 0, 0, 1, 'a')},
    {"properties longer than the packet", NET_MQTT_5, 0x81,
     BYTES(0x10, 14, HEAD5, 2, 0, 9, 100, 0, 1, 'a')},
    {"a length in two bytes that needs one", NET_MQTT_5, 0x81,
     BYTES(0x10, 15, HEAD5, 2, 0, 9, 0x80, 0, 0, 1, 'a')},
    {"authentication data without a method", NET_MQTT_5, 0x82,
     BYTES(0x10, 18, HEAD5, 2, 0, 9, 4, 22, 0, 1, 'x', 0, 1, 'a')},
    {"request problem information 2", NET_MQTT_5, 0x82,
     BYTES(0x10, 16, HEAD5, 2, 0, 9, 2, 23, 2, 0, 1, 'a')},
    {"publish", NET_MQTT_5, 0, BYTES(0x32, 6, 0, 1, 'a', 0, 1, 0)},
    {"QoS 3", NET_MQTT_5, 0x81, BYTES(0x36, 6, 0, 1, 'a', 0, 1, 0)},
    {"DUP with QoS 0", NET_MQTT_3_1_1, 0x81, BYTES(0x38, 3, 0, 1, 'a')},
    {"identifier 0", NET_MQTT_5, 0x81, BYTES(0x32, 6, 0, 1, 'a', 0, 0, 0)},
    {"no topic", NET_MQTT_5, 0x82, BYTES(0x30, 3, 0, 0, 0)},
    {"no topic, in 3.1.1", NET_MQTT_3_1_1, 0x82, BYTES(0x30, 2, 0, 0)},
    {"an alias for a topic", NET_MQTT_5, 0, BYTES(0x30, 6, 0, 0, 3, 35, 0, 1)},
    {"alias 0", NET_MQTT_5, 0x94, BYTES(0x30, 6, 0, 0, 3, 35, 0, 0)},
    {"a wildcard to publish to", NET_MQTT_5, 0x90, BYTES(0x30, 4, 0, 1, '+', 0)},
    {"U+0000 in a topic", NET_MQTT_5, 0x81, BYTES(0x30, 4, 0, 1, 0, 0)},
    {"a surrogate in a topic", NET_MQTT_5, 0x81, BYTES(0x30, 6, 0, 3, 0xed, 0xa0, 0x80, 0)},
    {"payload format 2", NET_MQTT_5, 0x82, BYTES(0x30, 6, 0, 1, 'a', 2, 1, 2)},
    {"a response topic with a wildcard", NET_MQTT_5, 0x82,
     BYTES(0x30, 8, 0, 1, 'a', 4, 8, 0, 1, '#')},
    {"puback", NET_MQTT_5, 0, BYTES(0x40, 2, 0, 1)},
    {"puback with flags", NET_MQTT_5, 0x81, BYTES(0x42, 2, 0, 1)},
    {"puback without an identifier", NET_MQTT_5, 0x81, BYTES(0x40, 0)},
    {"puback with a reason in 3.1.1", NET_MQTT_3_1_1, 0x81, BYTES(0x40, 3, 0, 1, 0)},
    {"pubrel without its flags", NET_MQTT_5, 0x81, BYTES(0x60, 2, 0, 1)},
    {"subscribe", NET_MQTT_5, 0, BYTES(0x82, 7, 0, 1, 0, 0, 1, 'a', 1)},
    {"subscribe without its flags", NET_MQTT_5, 0x81, BYTES(0x80, 7, 0, 1, 0, 0, 1, 'a', 1)},
    {"subscribe to nothing", NET_MQTT_5, 0x82, BYTES(0x82, 3, 0, 1, 0)},
    {"subscribe with QoS 3", NET_MQTT_5, 0x81, BYTES(0x82, 7, 0, 1, 0, 0, 1, 'a', 3)},
    {"reserved bits of its options", NET_MQTT_5, 0x81, BYTES(0x82, 7, 0, 1, 0, 0, 1, 'a', 0x41)},
    {"retain handling 3", NET_MQTT_5, 0x81, BYTES(0x82, 7, 0, 1, 0, 0, 1, 'a', 0x31)},
    {"options of 5 in 3.1.1", NET_MQTT_3_1_1, 0x81, BYTES(0x82, 6, 0, 1, 0, 1, 'a', 5)},
    {"no local on a shared subscription", NET_MQTT_5, 0x82,
     BYTES(0x82, 16, 0, 1, 0, 0, 10, '$', 's', 'h', 'a', 'r', 'e', '/', 'g', '/', 'a', 4)},
    {"subscription identifier 0", NET_MQTT_5, 0x82, BYTES(0x82, 9, 0, 1, 2, 11, 0, 0, 1, 'a', 1)},
    {"pingreq with a body", NET_MQTT_5, 0x81, BYTES(0xc0, 1, 0)},
    {"auth in 3.1.1", NET_MQTT_3_1_1, 0x82, BYTES(0xf0, 0)},
    {"type 0", NET_MQTT_5, 0x81, BYTES(0x00, 0)},
    {"a disconnect with a reason in 3.1.1", NET_MQTT_3_1_1, 0x81, BYTES(0xe0, 1, 0)},
};

static void refused(void **state) {
    (void)state;
    net_mqtt_packet read;
    for (size_t i = 0; i < sizeof hostiles / sizeof *hostiles; i++) {
        const hostile *h = &hostiles[i];
        uint8_t said = read_exactly(h->version, h->bytes, h->n, &read);
        if (said != h->reason) print_message("%s: 0x%02X, not 0x%02X\n", h->what, said, h->reason);
        assert_int_equal(said, h->reason);
    }
}

/* ---- text and topics ---- */

static void texts(void **state) {
    (void)state;
    static const char *const good[] = {
        "", "a", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x8c\xa1", "\xef\xbb\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xc3",
                                      "\xc0\x80",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf8\x88\x80\x80\x80",
                                      "a\xff",
                                      "\xe2\x82"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(net_mqtt_text_valid(text(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(net_mqtt_text_valid(text(bad[i])));
    assert_false(net_mqtt_text_valid((net_mqtt_span){(const uint8_t *)"a\0b", 3}));
}

static void topics(void **state) {
    (void)state;
    static const struct {
        const char *filter, *name;
        bool matches;
    } rows[] = {
        {"a/b", "a/b", true},       {"a/b", "a/c", false},   {"a/b", "a", false},
        {"a", "a/b", false},        {"a/#", "a/b/c", true},  {"a/#", "a", true},
        {"a/#", "ab", false},       {"#", "a/b", true},      {"+", "a", true},
        {"+", "a/b", false},        {"+/+", "/a", true},     {"/+", "/a", true},
        {"+", "/a", false},         {"a/+/c", "a//c", true}, {"a/+", "a", false},
        {"a/+/#", "a/b", true},     {"#", "$SYS/x", false},  {"+/x", "$SYS/x", false},
        {"$SYS/#", "$SYS/x", true}, {"a/b/", "a/b", false},  {"A", "a", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(net_mqtt_filter_matches(text(rows[i].filter), text(rows[i].name)),
                         rows[i].matches);
    static const char *const good[] = {"a", "/", "+", "#", "a/+/b", "a/#", "+/#"};
    static const char *const bad[] = {"", "a#", "#/a", "a+", "a/+b", "a/#/b"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(net_mqtt_filter_valid(text(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(net_mqtt_filter_valid(text(bad[i])));
}

static void shared_filters(void **state) {
    (void)state;
    net_mqtt_span group, filter;
    assert_true(net_mqtt_filter_shared(text("$share/g/a/b"), &group, &filter));
    assert_true(same(group, text("g")) && same(filter, text("a/b")));
    assert_true(net_mqtt_filter_shared(text("a/b"), &group, &filter));
    assert_true(group.n == 0 && same(filter, text("a/b")));
    static const char *const bad[] = {"$share/", "$share/g", "$share//a", "$share/+/a",
                                      "$share/g/"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(net_mqtt_filter_shared(text(bad[i]), &group, &filter));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(shortened),
        cmocka_unit_test(split_at_each_byte),
        cmocka_unit_test(hostile_lengths),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(refused),
        cmocka_unit_test(texts),
        cmocka_unit_test(topics),
        cmocka_unit_test(shared_filters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
