/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_address.c - addresses as text and back, and those of virtual devices. */
#include <stdlib.h>

#include "net/address.h"
#include "tests/unit/with_cmocka.h"

static void test_parse(void **state) {
    (void)state;
    const struct {
        const char *text, *default_host, *again; /* NULL: SIM_EPARSE */
    } cases[] = {
        {"127.0.0.1:5683", NULL, "127.0.0.1:5683"},
        {"localhost:5684", NULL, "127.0.0.1:5684"},
        {"[::1]:5683", NULL, "[::1]:5683"},
        {"[fe80::1:2]:1", NULL, "[fe80::1:2]:1"},
        {"[::ffff:10.1.2.3]:7", NULL, "10.1.2.3:7"},
        {"[FFFF:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535", NULL,
         "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
        {"5683", "127.0.0.1", "127.0.0.1:5683"},
        {"5683", "::1", "[::1]:5683"},
        {"0", "localhost", "127.0.0.1:0"},
        {"65535", "0.0.0.0", "0.0.0.0:65535"},
        {"5683", NULL, NULL},
        {"65536", "127.0.0.1", NULL},
        {"99999999999999999999", "127.0.0.1", NULL},
        {"", "127.0.0.1", NULL},
        {":", "127.0.0.1", NULL},
        {":5683", "127.0.0.1", NULL},
        {"127.0.0.1", NULL, NULL},
        {"127.0.0.1", "127.0.0.1", NULL},
        {"127.0.0.1:", NULL, NULL},
        {"127.0.0.1:x", NULL, NULL},
        {"127.0.0.1:-1", NULL, NULL},
        {"127.0.0.1:+1", NULL, NULL},
        {"127.0.0.1: 1", NULL, NULL},
        {"127.0.0.1:1 ", NULL, NULL},
        {"127.0.0.1:65536", NULL, NULL},
        {"127.0.0.256:1", NULL, NULL},
        {"127.1:1", NULL, NULL},
        {"::1:5683", NULL, NULL},
        {"[::1]", NULL, NULL},
        {"[::1]5683", NULL, NULL},
        {"[::1:5683", NULL, NULL},
        {"[127.0.0.1]:1", NULL, NULL},
        {"[localhost]:1", NULL, NULL},
        {"[]:1", NULL, NULL},
        {"[::1]:", NULL, NULL},
        {"example.com:5683", NULL, NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:"
         "1",
         NULL, NULL},
        {"5683", "nonsense", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        net_address a = {.port = 4711};
        char text[56];
        int error = net_address_parse(cases[i].text, cases[i].default_host, &a);
        if ((error == 0) != (cases[i].again != NULL)) print_message("case: '%s'\n", cases[i].text);
        assert_int_equal(error, cases[i].again == NULL ? SIM_EPARSE : 0);
        if (error != 0) assert_int_equal(a.port, 4711); /* untouched */
        if (error == 0)
            assert_string_equal(net_address_text(&a, text, sizeof text), cases[i].again);
    }
}

static int compare(const void *a, const void *b) {
    return memcmp(a, b, sizeof(net_address));
}

static void test_virtual_addresses_are_unique(void **state) {
    (void)state;
    enum { DEVICES = 40, CONNECTIONS = 300, ALL = DEVICES * CONNECTIONS };
    static net_address all[ALL];
    static const uint16_t some[] = {0, 1, 16383, 16384, 65535};
    for (uint32_t d = 0; d < DEVICES; d++) {
        for (uint32_t c = 0; c < CONNECTIONS; c++) {
            net_address *a = &all[d * CONNECTIONS + c];
            memset(a, 0, sizeof *a);
            *a = net_address_virtual(d * 107374183u, c < 5 ? some[c] : (uint16_t)(c * 200));
        }
    }
    qsort(all, ALL, sizeof *all, compare);
    for (size_t i = 1; i < ALL; i++) assert_false(net_address_equal(&all[i - 1], &all[i]));
    net_address first = net_address_virtual(1, 0);
    assert_int_equal(first.ip[0], 0xFD); /* unique local, RFC 4193: never a real peer's */
    assert_int_equal(first.port, 49152);
}

static void test_equal_and_hash(void **state) {
    (void)state;
    net_address a = net_address_virtual(7, 3), b = a;
    assert_true(net_address_equal(&a, &b));
    assert_true(net_address_hash(&a) == net_address_hash(&b));
    for (int i = 0; i < 16; i++) {
        b = a;
        b.ip[i] ^= 1;
        assert_false(net_address_equal(&a, &b));
        assert_true(net_address_hash(&a) != net_address_hash(&b));
    }
    b = a;
    b.port ^= 1;
    assert_false(net_address_equal(&a, &b));
    assert_true(net_address_hash(&a) != net_address_hash(&b));
}

static void test_hashes_spread(void **state) {
    (void)state;
    enum { BUCKETS = 256, DEVICES = 65536 };
    uint32_t count[BUCKETS] = {0};
    for (uint32_t d = 0; d < DEVICES; d++) {
        net_address a = net_address_virtual(d, 0);
        count[net_address_hash(&a) % BUCKETS]++;
    }
    for (size_t i = 0; i < BUCKETS; i++)
        assert_in_range(count[i], 256 - 96, 256 + 96); /* six standard deviations */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_virtual_addresses_are_unique),
        cmocka_unit_test(test_equal_and_hash),
        cmocka_unit_test(test_hashes_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
