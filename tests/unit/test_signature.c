/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests and signatures against figures of others: FIPS 180-2 B.1 for SHA-256, RFC 6979 A.2.5 for
 * ECDSA; every bit that flips is noticed; every allocation fails. */
#include "net/signature.h"

#include <stdio.h>
#include <string.h>

#include "net/secure.h"
#include "tests/unit/every_allocation.h"

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

static void from_hex(const char *hex, uint8_t *out) {
    for (; hex[0] != '\0'; hex += 2) {
        unsigned byte;
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        *out++ = (uint8_t)byte;
    }
}

static void test_sha256(void **state) {
    uint8_t wanted[NET_DIGEST_SIZE], found[NET_DIGEST_SIZE];
    (void)state;
    from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", wanted);
    assert_int_equal(net_digest_of((const uint8_t *)"abc", 3, found), 0);
    assert_memory_equal(found, wanted, sizeof wanted);
    net_digest *d = net_digest_new();
    assert_non_null(d);
    for (int turn = 0; turn < 2; turn++) { /* it begins anew */
        net_digest_add(d, (const uint8_t *)"a", 1);
        net_digest_add(d, (const uint8_t *)"", 0);
        net_digest_add(d, (const uint8_t *)"bc", 2);
        net_digest_finish(d, found);
        assert_memory_equal(found, wanted, sizeof wanted);
    }
    net_digest_free(d);
    net_digest_free(NULL);
}

/* RFC 6979 A.2.5, SHA-256, message "sample". */
static void published(uint8_t public[NET_PUBLIC_KEY_SIZE], uint8_t digest[NET_DIGEST_SIZE],
                      uint8_t signature[NET_SIGNATURE_SIZE]) {
    from_hex(
        "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
        "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
        public);
    from_hex(
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
        signature);
    assert_int_equal(net_digest_of((const uint8_t *)"sample", 6, digest), 0);
}

static void test_a_published_signature(void **state) {
    uint8_t public[NET_PUBLIC_KEY_SIZE], digest[NET_DIGEST_SIZE], signature[NET_SIGNATURE_SIZE];
    (void)state;
    published(public, digest, signature);
    assert_int_equal(net_signature_check(public, digest, signature), 0);
    for (size_t bit = 0; bit < 8 * sizeof signature; bit += 7) {
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(net_signature_check(public, digest, signature), SIM_EAUTH);
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * sizeof digest; bit += 7) {
        digest[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(net_signature_check(public, digest, signature), SIM_EAUTH);
        digest[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(net_signature_check(public, digest, signature), 0);
}

/* Numbers that are no numbers of the curve: nothing, everything, the order itself. */
static void test_numbers_out_of_range(void **state) {
    static const char *const numbers[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
        "0000000000000000000000000000000000000000000000000000000000000001"};
    uint8_t public[NET_PUBLIC_KEY_SIZE], digest[NET_DIGEST_SIZE], signature[NET_SIGNATURE_SIZE];
    uint8_t nothing[NET_PUBLIC_KEY_SIZE] = {0};
    (void)state;
    published(public, digest, signature);
    assert_int_equal(net_signature_check(nothing, digest, signature), SIM_EAUTH);
    for (size_t r = 0; r < 4; r++) {
        for (size_t s = 0; s < 4; s++) {
            from_hex(numbers[r], signature);
            from_hex(numbers[s], signature + 32);
            assert_int_equal(net_signature_check(public, digest, signature), SIM_EAUTH);
        }
    }
}

static void test_keys_follow_from_their_stream(void **state) {
    net_signing_key first, again, other;
    sim_stream a = sim_stream_for(1, SIM_PURPOSE_FIRMWARE, 7), b = a,
               c = sim_stream_for(2, SIM_PURPOSE_FIRMWARE, 7);
    uint8_t digest[NET_DIGEST_SIZE] = {5}, signature[NET_SIGNATURE_SIZE], twin[NET_SIGNATURE_SIZE];
    (void)state;
    assert_int_equal(net_signing_key_draw(&first, &a), 0);
    assert_int_equal(net_signing_key_draw(&again, &b), 0);
    assert_int_equal(net_signing_key_draw(&other, &c), 0);
    assert_memory_equal(&first, &again, sizeof first);
    assert_memory_not_equal(&first, &other, sizeof first);
    for (int i = 0; i < 300; i++) { /* numbers with leading zeros among them */
        digest[1] = (uint8_t)i;
        digest[2] = (uint8_t)(i >> 8);
        assert_int_equal(net_signature_make(&first, digest, &a, signature), 0);
        assert_int_equal(net_signature_make(&again, digest, &b, twin), 0);
        assert_memory_equal(signature, twin, sizeof twin);
        assert_int_equal(net_signature_check(first.public, digest, signature), 0);
        assert_int_equal(net_signature_check(other.public, digest, signature), SIM_EAUTH);
    }
}

static int begin_to_end(void *context) {
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_FIRMWARE, 7);
    uint8_t digest[NET_DIGEST_SIZE], signature[NET_SIGNATURE_SIZE];
    net_signing_key key;
    (void)context;
    int error = net_signing_key_draw(&key, &stream);
    if (error == 0) error = net_digest_of((const uint8_t *)"x", 1, digest);
    if (error == 0) error = net_signature_make(&key, digest, &stream, signature);
    return error == 0 ? net_signature_check(key.public, digest, signature) : error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    assert_true(fail_every_allocation(begin_to_end, NULL) >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_a_published_signature),
        cmocka_unit_test(test_numbers_out_of_range),
        cmocka_unit_test(test_keys_follow_from_their_stream),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
