/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "sim/cli/target.h"
#include "tests/unit/with_cmocka.h"

#define HOST260                                                                                    \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaaaaa"                                                                                   \
    "aa"                                                                                           \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaaaaa"                                                                                   \
    "aa"                                                                                           \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *text, *host, *port;
    bool secure, bracketed;
    const char *trouble;
} rows[] = {
    {"coap://localhost", "localhost", "5683", false, false, NULL},
    {"coaps://cloud.example", "cloud.example", "5684", true, false, NULL},
    {"coap://127.0.0.1:7000/", "127.0.0.1", "7000", false, false, NULL},
    {"coaps://[2001:db8::1]", "2001:db8::1", "5684", true, true, NULL},
    {"coap://[::1]:1", "::1", "1", false, true, NULL},
    {"coap://h:65535", "h", "65535", false, false, NULL},
    {"", NULL, NULL, false, false,
     "begins with none of coap://, coaps://, coap+tcp://, coaps+tcp://, mqtt://, mqtts://, ws:// "
     "and wss://"},
    {"localhost:5683", NULL, NULL, false, false,
     "begins with none of coap://, coaps://, coap+tcp://, coaps+tcp://, mqtt://, mqtts://, ws:// "
     "and wss://: localhost:5683 "
     "(--target): write "
     "coap://HOST:PORT, coaps://HOST:PORT, coap+tcp://HOST:PORT, coaps+tcp://HOST:PORT, "
     "mqtt://HOST:PORT, mqtts://HOST:PORT, ws://HOST:PORT/PATH or wss://HOST:PORT/PATH"},
    {"http://h", NULL, NULL, false, false,
     "begins with none of coap://, coaps://, coap+tcp://, coaps+tcp://, mqtt://, mqtts://, ws:// "
     "and wss://"},
    {"coap+tcp://h", "h", "5683", false, false, NULL},
    {"coaps+tcp://[::1]", "::1", "5684", true, true, NULL},
    {"coap+udp://h", NULL, NULL, false, false, "begins with none of coap://"},
    {"mqtt://h", "h", "1883", false, false, NULL},
    {"ws://h", "h", "80", false, false, NULL},
    {"ws://h:8080/a/b?c", "h", "8080", false, false, NULL},
    {"wss://h", "h", "443", true, false, NULL},
    {"wss://h:8443/a", "h", "8443", true, false, NULL},
    {"ws://h/a b", NULL, NULL, false, false, "the target's path cannot be read"},
    {"ws://h/a#b", NULL, NULL, false, false, "the target's path cannot be read"},
    {"mqtt:/h", NULL, NULL, false, false,
     "begins with none of coap://, coaps://, coap+tcp://, coaps+tcp://, mqtt://, mqtts://, ws:// "
     "and wss://"},
    {"COAP://h", NULL, NULL, false, false,
     "begins with none of coap://, coaps://, coap+tcp://, coaps+tcp://, mqtt://, mqtts://, ws:// "
     "and wss://"},
    {"coap://", NULL, NULL, false, false, "the target has no host"},
    {"coap:///x", NULL, NULL, false, false, "the target has a path"},
    {"coap://:5683", NULL, NULL, false, false, "the target has no host that can be read"},
    {"coap://h/sensors", NULL, NULL, false, false,
     "the target has a path: coap://h/sensors (--target): leave it out; a scenario takes its path "
     "with --set "
     "path=NAME"},
    {"coap://h?a", NULL, NULL, false, false, "the target has a path"},
    {"coap://me@h", NULL, NULL, false, false, "the target holds a user"},
    {"coap://::1", NULL, NULL, false, false,
     "more than one colon: coap://::1 (--target): write an IPv6 address in brackets"},
    {"coap://h:1:2", NULL, NULL, false, false, "more than one colon"},
    {"coap://[::1", NULL, NULL, false, false, "no host that can be read"},
    {"coap://[]:1", NULL, NULL, false, false, "no host that can be read"},
    {"coap://[::1]x", NULL, NULL, false, false, "cannot be read after ]"},
    {"coap://[fe80::1%eth0]", NULL, NULL, false, false, "names an interface"},
    {"coap://h:", NULL, NULL, false, false, "port is not a number from 1 to 65535"},
    {"coap://h:0", NULL, NULL, false, false, "port is not a number"},
    {"coap://h:65536", NULL, NULL, false, false, "port is not a number"},
    {"coap://h:1k", NULL, NULL, false, false, "port is not a number"},
    {"coap://h:-1", NULL, NULL, false, false, "port is not a number"},
    {"coap://h:99999999999999999999", NULL, NULL, false, false, "port is not a number"},
    {"coap://" HOST260, NULL, NULL, false, false, "no host that can be read"},
    {"coap://" HOST260 HOST260, NULL, NULL, false, false, "no host, or a very long one"},
};

static void test_parse(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cli_target target;
        cli_trouble t = {0};
        cli_exit code = cli_target_parse(rows[i].text, &target, &t);
        if (rows[i].trouble != NULL) {
            assert_int_equal(code, CLI_EXIT_USAGE);
            if (strstr(t.line, rows[i].trouble) == NULL) fail_msg("row %zu says: %s", i, t.line);
            continue;
        }
        assert_int_equal(code, CLI_EXIT_PASS);
        assert_string_equal(target.host, rows[i].host);
        assert_string_equal(target.port, rows[i].port);
        assert_int_equal(target.secure, rows[i].secure);
        assert_int_equal(target.bracketed, rows[i].bracketed);
    }
}

static const struct {
    const char *text;
    int bits; /* within 128; -1: refused */
    const char *trouble;
} source_rows[] = {
    {"127.1.0.0/16", 112, NULL},
    {"127.0.0.1/32", 128, NULL},
    {"0.0.0.0/0", 96, NULL},
    {"fd00::/64", 64, NULL},
    {"::1/128", 128, NULL},
    {"127.1.0.0", -1,
     "no prefix of addresses: 127.1.0.0 (--source): write PREFIX/BITS such as 127.1.0.0/16"},
    {"", -1, "no prefix of addresses"},
    {"/8", -1, "no prefix of addresses"},
    {"localhost/8", -1, "no prefix of addresses"},
    {"127.0.0.0/", -1, "no prefix length"},
    {"127.0.0.0/33", -1, "no prefix length"},
    {"::/0", -1, "no prefix length"},
    {"::/129", -1, "no prefix length"},
    {"127.0.0.0/8.0", -1, "no prefix length"},
    {"127.0.0.0/-8", -1, "no prefix length"},
    {"127.1.2.3/16", -1, "bits set beyond its prefix length: 127.1.2.3/16"},
    {"fd00::1/64", -1, "bits set beyond"},
};

static void test_source(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof source_rows / sizeof source_rows[0]; i++) {
        run_target target = {0};
        cli_trouble t = {0};
        cli_exit code = cli_target_source(source_rows[i].text, &target, &t);
        assert_int_equal(code, source_rows[i].trouble == NULL ? CLI_EXIT_PASS : CLI_EXIT_USAGE);
        if (source_rows[i].trouble == NULL)
            assert_int_equal(target.source_bits, source_rows[i].bits);
        else if (strstr(t.line, source_rows[i].trouble) == NULL)
            fail_msg("row %zu says: %s", i, t.line);
    }
}

static void test_resolve(void **state) {
    (void)state;
    static const uint8_t four[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1},
                         six[16] = {[15] = 1};
    run_target target;
    cli_trouble t = {0};
    assert_int_equal(cli_target_resolve("coap://127.0.0.1", NULL, &target, &t), CLI_EXIT_PASS);
    assert_true(!target.secure && target.source_bits == 0);
    assert_memory_equal(target.address.ip, four, 16);
    assert_int_equal(target.address.port, 5683);
    assert_string_equal(target.text, "coap://127.0.0.1");
    assert_int_equal(cli_target_resolve("coaps://[::1]:9", NULL, &target, &t), CLI_EXIT_PASS);
    assert_true(target.secure);
    assert_memory_equal(target.address.ip, six, 16);
    assert_int_equal(target.address.port, 9);
    /* Of a name's addresses, one that the source can send to. */
    assert_int_equal(cli_target_resolve("coap://localhost", "127.0.0.0/8", &target, &t),
                     CLI_EXIT_PASS);
    assert_memory_equal(target.address.ip, four, 16);
    assert_int_equal(target.source_bits, 104);
}

static void test_resolve_refuses(void **state) {
    (void)state;
    run_target target;
    cli_trouble t = {0};
    assert_int_equal(cli_target_resolve("coap://[::g]", NULL, &target, &t), CLI_EXIT_USAGE);
    assert_int_equal(cli_target_resolve("coap://[::1]", "127.0.0.0/8", &target, &t),
                     CLI_EXIT_USAGE);
    assert_int_equal(cli_target_resolve("coap://127.0.0.1", "fd00::/64", &target, &t),
                     CLI_EXIT_INCONCLUSIVE);
    assert_non_null(strstr(t.line, "no IPv6 address for 127.0.0.1"));
    assert_int_equal(cli_target_resolve("coap://no-such-host.invalid", NULL, &target, &t),
                     CLI_EXIT_INCONCLUSIVE);
    assert_non_null(strstr(t.line, "(--target): check the name and the resolver"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_source),
        cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_resolve_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
