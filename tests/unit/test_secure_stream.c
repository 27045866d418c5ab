/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_secure_stream.c - a client and a server of TLS over a wire in memory: they understand each
 * other, and each reason not to has its name. */
#include "net/secure_stream.h"

#include <stdlib.h>
#include <string.h>

#include "net/secure.h"
#include "net/vkernel.h"
#include "sim/core/heap.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/papers.h"
#include "tests/unit/with_cmocka.h"

enum { WIRE = 1 << 19 };
#define LATER (10 * 365 * SIM_DAY) /* when all papers are valid; at 0 none is yet */

typedef struct side {
    net_secure_stream_domain *domain;
    net_secure_stream *stream;
    uint8_t *wire; /* from here to the other side */
    size_t n, heard;
    uint64_t sum; /* of the bytes that were heard */
    bool opened, ended;
    net_end why;
    sim_stream random;
} side;

static side client, server;

static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    side *s = owner;
    assert_true(s->n + n <= WIRE);
    memcpy(s->wire + s->n, bytes, n);
    s->n += n;
}

static void on_opened(void *owner) {
    ((side *)owner)->opened = true;
}

static void on_received(void *owner, const uint8_t *data, size_t n) {
    side *s = owner;
    s->heard += n;
    for (size_t i = 0; i < n; i++) s->sum = 31 * s->sum + data[i];
}

static void on_ended(void *owner, net_end why) {
    side *s = owner;
    assert_false(s->ended); /* once */
    s->ended = true;
    s->why = why;
}

static const net_secure_stream_calls calls = {on_send, on_opened, on_received, on_ended};

/* ---- steps ---- */

static int begin_as(const net_secure_stream_papers *of_client,
                    const net_secure_stream_papers *of_server, const net_secure_stream_client *as) {
    const char *wrong;
    client = (side){.random = sim_stream_for(1, SIM_PURPOSE_KEY, 1)};
    server = (side){.random = sim_stream_for(1, SIM_PURPOSE_KEY, 2)};
    client.wire = malloc(WIRE);
    server.wire = malloc(WIRE);
    client.domain = net_secure_stream_client_domain(of_client, &calls, &wrong);
    server.domain = net_secure_stream_server_domain(of_server, &calls, &wrong);
    if (client.domain == NULL || server.domain == NULL) return SIM_ENOMEM;
    client.stream = net_secure_stream_connect(client.domain, as, &client.random, &client);
    server.stream = net_secure_stream_accept(server.domain, &server.random, &server);
    if (client.stream == NULL || server.stream == NULL) return SIM_ENOMEM;
    net_secure_stream_start(client.stream, 0);
    return 0;
}

static int begin(const net_secure_stream_papers *of_client,
                 const net_secure_stream_papers *of_server, const char *host) {
    return begin_as(of_client, of_server, &(net_secure_stream_client){.host = host});
}

/* Carries what one side sent to the other, in parts of that many bytes. */
static bool carry(side *from, side *to, size_t part) {
    size_t n = from->n;
    if (n == 0) return false;
    uint8_t *bytes = malloc(n);
    memcpy(bytes, from->wire, n);
    from->n = 0;
    for (size_t at = 0; at < n; at += part)
        net_secure_stream_input(to->stream, 0, bytes + at, n - at < part ? n - at : part);
    free(bytes);
    return true;
}

static void talk(size_t part) {
    while (carry(&client, &server, part) || carry(&server, &client, part)) continue;
}

static void end(void) {
    net_secure_stream_free(client.stream);
    net_secure_stream_free(server.stream);
    net_secure_stream_domain_free(client.domain);
    net_secure_stream_domain_free(server.domain);
    free(client.wire);
    free(server.wire);
}

static net_secure_stream_papers trusting(void) {
    return (net_secure_stream_papers){.authorities = papers_ours, .offset = LATER};
}

static net_secure_stream_papers serving(void) {
    return (net_secure_stream_papers){
        .chain = papers_server, .key = papers_server_key, .offset = LATER};
}

static void say_and_hear(size_t n) {
    uint8_t *much = malloc(n);
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) much[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < n; i++) sum = 31 * sum + much[i];
    assert_int_equal(net_secure_stream_write(client.stream, 0, much, n), 0);
    assert_int_equal(net_secure_stream_write(server.stream, 0, much, n), 0);
    free(much);
    talk(1460);
    assert_true(client.heard == n && server.heard == n);
    assert_true(client.sum == sum && server.sum == sum);
}

/* ---- tests ---- */

static void both_ways(void **state) {
    (void)state;
    static const size_t parts[] = {1, 7, 1460, WIRE};
    net_secure_stream_papers us = trusting(), them = serving();
    for (size_t i = 0; i < 4; i++) {
        const sim_heap_use before = sim_heap_in_use();
        assert_int_equal(begin(&us, &them, "localhost"), 0);
        assert_int_equal(net_secure_stream_write(client.stream, 0, (const uint8_t *)"x", 1),
                         SIM_ESTATE);
        talk(parts[i]);
        assert_true(client.opened && server.opened);
        say_and_hear(100000);
        net_secure_stream_close(client.stream, 0);
        talk(parts[i]);
        assert_true(server.ended && server.why == NET_END_CLOSED && !client.ended);
        end();
        assert_int_equal(sim_heap_in_use().blocks, before.blocks);
    }
}

static void client_certificates(void **state) {
    (void)state;
    net_secure_stream_papers us = trusting(), them = serving();
    them.authorities = papers_ours;
    assert_int_equal(begin(&us, &them, "localhost"), 0);
    talk(WIRE);
    assert_true(server.ended && server.why == NET_END_NO_CERTIFICATE && !server.opened);
    assert_true(client.ended);
    end();
    us.chain = papers_client;
    us.key = papers_client_key;
    assert_int_equal(begin(&us, &them, "localhost"), 0);
    talk(WIRE);
    assert_true(client.opened && server.opened);
    assert_string_equal(net_secure_stream_identity(server.stream), "bs-00000001");
    say_and_hear(10);
    end();
    them.authorities = papers_theirs;
    assert_int_equal(begin(&us, &them, "localhost"), 0);
    talk(WIRE);
    assert_true(server.ended && server.why == NET_END_UNKNOWN_AUTHORITY && !server.opened);
    end();
}

static void reasons_to_refuse(void **state) {
    (void)state;
    const struct {
        const char *host, *authority;
        sim_time offset;
        net_end why; /* NONE: a good twin */
    } rows[] = {
        {"localhost", papers_ours, LATER, NET_END_NONE},
        {"elsewhere", papers_ours, LATER, NET_END_WRONG_HOST},
        {"localhost", papers_theirs, LATER, NET_END_UNKNOWN_AUTHORITY},
        {"localhost", papers_ours, 0, NET_END_EXPIRED}, /* a clock that is years behind */
        {NULL, NULL, LATER, NET_END_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        net_secure_stream_papers us = {.authorities = rows[i].authority, .offset = rows[i].offset};
        net_secure_stream_papers them = serving();
        assert_int_equal(begin(&us, &them, rows[i].host), 0);
        talk(WIRE);
        assert_int_equal(client.why, rows[i].why);
        assert_int_equal(client.opened, rows[i].why == NET_END_NONE);
        assert_int_equal(server.ended, rows[i].why != NET_END_NONE);
        end();
    }
}

/* The same client comes again, with what it kept. */
static void come_again(const net_secure_stream_client *as) {
    net_secure_stream_free(client.stream);
    net_secure_stream_free(server.stream);
    client.n = server.n = client.heard = server.heard = 0;
    client.sum = server.sum = 0;
    client.opened = server.opened = client.ended = server.ended = false;
    client.stream = net_secure_stream_connect(client.domain, as, &client.random, &client);
    server.stream = net_secure_stream_accept(server.domain, &server.random, &server);
    net_secure_stream_start(client.stream, 0);
    talk(1460);
}

/* With a ticket no certificate travels, and the server knows all the same who it is; without its
 * key of tickets it wants the whole handshake. */
static void tickets(void **state) {
    (void)state;
    const sim_heap_use before = sim_heap_in_use();
    for (int old = 0; old < 2; old++) {
        net_secure_stream_papers us = trusting(), them = serving();
        them.authorities = papers_ours;
        us.chain = papers_client;
        us.key = papers_client_key;
        us.version = old != 0 ? NET_SECURE_12 : NET_SECURE_ANY;
        net_secure_stream_client as = {.host = "localhost", .application = "mqtt"};
        assert_int_equal(begin_as(&us, &them, &as), 0);
        talk(1460);
        assert_true(server.opened && !net_secure_stream_resumed(server.stream));
        say_and_hear(10);
        net_secure_stream_close(server.stream, 0);
        talk(1460);
        assert_true(client.ended);
        as.kept = net_secure_stream_keep(client.stream);
        assert_non_null(as.kept);
        assert_null(net_secure_stream_keep(client.stream)); /* once */
        come_again(&as);
        assert_true(client.opened && net_secure_stream_resumed(client.stream));
        assert_true(server.opened && net_secure_stream_resumed(server.stream));
        assert_string_equal(net_secure_stream_identity(server.stream), "bs-00000001");
        say_and_hear(10);
        net_secure_kept_free(as.kept);
        as.kept = net_secure_stream_keep(client.stream);
        net_secure_stream_domain_forget(server.domain, &server.random);
        come_again(&as);
        assert_true(server.opened && !net_secure_stream_resumed(server.stream));
        assert_string_equal(net_secure_stream_identity(server.stream), "bs-00000001");
        net_secure_kept_free(as.kept);
        end();
    }
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

static size_t find_key(void *context, const char *identity, uint8_t key[NET_SECURE_KEY_MAX]) {
    (void)context;
    if (strcmp(identity, "plug") != 0) return 0;
    memset(key, 0x5A, 16);
    return 16;
}

static void shared_keys(void **state) {
    (void)state;
    const struct {
        const char *identity;
        uint8_t key;
        net_end at_server; /* and at the client; NONE: a good twin */
    } rows[] = {{"plug", 0x5A, NET_END_NONE},
                {"plug", 0x5B, NET_END_WRONG_KEY},
                {"pluck", 0x5A, NET_END_UNKNOWN_IDENTITY}};
    for (size_t i = 0; i < 6; i++) {
        net_secure_stream_papers us = {.version = i < 3 ? NET_SECURE_ANY : NET_SECURE_12};
        net_secure_stream_papers them = {.find = find_key};
        uint8_t key[16];
        memset(key, rows[i % 3].key, sizeof key);
        const net_secure_stream_client as = {
            .identity = rows[i % 3].identity, .key = key, .key_size = sizeof key};
        assert_int_equal(begin_as(&us, &them, &as), 0);
        talk(1460);
        assert_int_equal(server.why, rows[i % 3].at_server);
        assert_int_equal(client.why, rows[i % 3].at_server); /* each end has the same name */
        bool good = rows[i % 3].at_server == NET_END_NONE;
        assert_true(client.opened == good && server.opened == good);
        if (good) assert_string_equal(net_secure_stream_identity(server.stream), "plug");
        if (good) say_and_hear(10);
        end();
    }
}

static void a_clock_of_1970(void **state) {
    (void)state;
    net_secure_stream_papers us = trusting(), them = serving();
    const net_secure_stream_client as = {.host = "localhost",
                                         .offset = -LATER - NET_VKERNEL_EPOCH_S * SIM_SECOND};
    assert_int_equal(begin_as(&us, &them, &as), 0);
    talk(WIRE);
    assert_true(client.ended && client.why == NET_END_EXPIRED && !client.opened);
    end();
}

/* What an authority of ours signs is what others believe, and the same each time. */
static void certificates_of_ours(void **state) {
    (void)state;
    const sim_heap_use before = sim_heap_in_use();
    char *texts[2][3];
    for (int i = 0; i < 2; i++) {
        sim_stream stream = sim_stream_for(1, SIM_PURPOSE_CERTIFICATE, 7);
        net_certificate_order order = {.kind = NET_CERTIFICATE_AUTHORITY,
                                       .name = "ours",
                                       .from_s = 1577836800,
                                       .until_s = 2524607999};
        net_certificate *root = net_certificate_new(&order, &stream);
        order.issuer = root;
        order.kind = NET_CERTIFICATE_SERVER;
        order.name = "cloud.example";
        net_certificate *cloud = net_certificate_new(&order, &stream);
        order.kind = NET_CERTIFICATE_CLIENT;
        order.name = "plug";
        net_certificate *plug = net_certificate_new(&order, &stream);
        assert_true(root != NULL && cloud != NULL && plug != NULL);
        texts[i][0] = net_certificate_text(root);
        texts[i][1] = net_certificate_text(cloud);
        texts[i][2] = net_certificate_key_text(cloud);
        const net_secure_stream_papers us = {.authorities = texts[i][0]};
        const net_secure_stream_papers them = {
            .chain = texts[i][1], .key = texts[i][2], .authorities = texts[i][0]};
        const net_secure_stream_client as = {.host = "cloud.example", .certificate = plug};
        assert_int_equal(begin_as(&us, &them, &as), 0);
        talk(1460);
        assert_true(client.opened && server.opened);
        assert_string_equal(net_secure_stream_identity(server.stream), "plug");
        end();
        net_certificate_free(root);
        net_certificate_free(cloud);
        net_certificate_free(plug);
    }
    for (int t = 0; t < 3; t++) {
        assert_string_equal(texts[0][t], texts[1][t]);
        sim_free(texts[0][t]);
        sim_free(texts[1][t]);
    }
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

static void garbage(void **state) {
    (void)state;
    static const uint8_t http[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    net_secure_stream_papers us = trusting(), them = serving();
    assert_int_equal(begin(&us, &them, "localhost"), 0);
    net_secure_stream_input(server.stream, 0, http, sizeof http - 1);
    assert_true(server.ended && server.why == NET_END_PROTOCOL);
    end();
    assert_int_equal(begin(&us, &them, "localhost"), 0);
    talk(WIRE);
    client.n = 0;
    assert_int_equal(net_secure_stream_write(client.stream, 0, (const uint8_t *)"hello", 5), 0);
    client.wire[client.n - 1] ^= 1; /* on the way */
    talk(WIRE);
    assert_true(server.ended && server.heard == 0);
    end();
}

static void wrong_papers(void **state) {
    (void)state;
    const char *wrong;
    const struct {
        net_secure_stream_papers papers;
        const char *said;
    } rows[] = {
        {{.chain = "no", .key = papers_server_key}, "no certificate"},
        {{.chain = papers_server, .key = "no"}, "no private key"},
        {{.chain = papers_server, .key = papers_client_key}, "not that of"},
        {{.chain = papers_server, .key = papers_server_key, .authorities = "no"}, "authority"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        net_secure_stream_papers p = rows[i].papers;
        p.offset = LATER;
        assert_null(net_secure_stream_server_domain(&p, &calls, &wrong));
        assert_non_null(strstr(wrong, rows[i].said));
    }
}

/* Papers that are right, and each time no memory for one thing more: 0, SIM_ENOMEM, or SIM_EPARSE
 * when the papers are blamed. */
static int try_papers(void *papers) {
    const char *wrong;
    net_secure_stream_domain *d = net_secure_stream_server_domain(papers, &calls, &wrong);
    net_secure_stream_domain_free(d);
    if (d != NULL) return 0;
    return wrong == NULL ? SIM_ENOMEM : SIM_EPARSE;
}

static void no_memory_is_nobodys_fault(void **state) {
    (void)state;
    net_secure_stream_papers p = {.chain = papers_server,
                                  .key = papers_server_key,
                                  .authorities = papers_ours,
                                  .offset = LATER};
    assert_true(fail_every_allocation(try_papers, &p) > 3);
}

static int setup(void **state) {
    (void)state;
    return net_secure_startup();
}

static int teardown(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),         cmocka_unit_test(client_certificates),
        cmocka_unit_test(reasons_to_refuse), cmocka_unit_test(garbage),
        cmocka_unit_test(wrong_papers),      cmocka_unit_test(no_memory_is_nobodys_fault),
        cmocka_unit_test(tickets),           cmocka_unit_test(shared_keys),
        cmocka_unit_test(a_clock_of_1970),   cmocka_unit_test(certificates_of_ours),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
