/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "sim/core/fingerprint.h"
#include "tests/unit/random_vectors.h"
#include "tests/unit/with_cmocka.h"

static uint64_t of_words(const uint64_t *words, size_t n) {
    sim_fingerprint f;
    sim_fingerprint_init(&f);
    for (size_t i = 0; i < n; i++) sim_fingerprint_word(&f, words[i]);
    return f.value;
}

static uint64_t of_bytes(const void *data, size_t n) {
    sim_fingerprint f;
    sim_fingerprint_init(&f);
    sim_fingerprint_bytes(&f, data, n);
    return f.value;
}

static void test_order_and_number_matter(void **state) {
    (void)state;
    assert_int_not_equal(of_words((uint64_t[]){1, 2}, 2), of_words((uint64_t[]){2, 1}, 2));
    assert_int_not_equal(of_words((uint64_t[]){0}, 1), of_words(NULL, 0));
    assert_int_not_equal(of_words((uint64_t[]){0}, 1), of_words((uint64_t[]){0, 0}, 2));
    assert_int_equal(of_words((uint64_t[]){1, 2, 3}, 3), of_words((uint64_t[]){1, 2, 3}, 3));
}

static void test_bytes(void **state) {
    (void)state;
    assert_int_equal(of_bytes("0123456789", 10), of_bytes("0123456789", 10));
    assert_int_not_equal(of_bytes("0123456789", 10), of_bytes("0123456798", 10));
    /* a tail is not its zero padding */
    assert_int_not_equal(of_bytes("ab", 2), of_bytes("ab\0", 3));
    assert_int_not_equal(of_bytes("", 0), of_words(NULL, 0));
    sim_fingerprint a, b;
    sim_fingerprint_init(&a);
    sim_fingerprint_init(&b);
    sim_fingerprint_bytes(&a, "ab", 2);
    sim_fingerprint_bytes(&a, "c", 1);
    sim_fingerprint_bytes(&b, "a", 1);
    sim_fingerprint_bytes(&b, "bc", 2);
    assert_int_not_equal(a.value, b.value);
    /* bytes are little-endian words after their number, on every machine */
    assert_int_equal(of_bytes("\1\2\3\4\5\6\7\10\11", 9),
                     of_words((uint64_t[]){9, 0x0807060504030201, 9}, 3));
}

/* Any one bit of any word changes about half of the bits, also when only one more word follows. */
static void test_every_bit_counts(void **state) {
    (void)state;
    uint64_t words[8] = {0};
    const uint64_t plain = of_words(words, 8);
    for (size_t w = 0; w < 7; w++) {
        for (int bit = 0; bit < 64; bit++) {
            words[w] = 1ull << bit;
            int changed = __builtin_popcountll(of_words(words, 8) ^ plain);
            words[w] = 0;
            assert_in_range(changed, 8, 56);
        }
    }
}

static int by_value(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* 10^6 runs that differ a little in the way runs do (a device's number, a time, an exchange of two
 * events) collide nowhere: chance would have it so with 3 * 10^-8. */
static void test_no_collisions(void **state) {
    (void)state;
    enum { N = 1000 };
    static uint64_t values[N * N];
    for (uint64_t i = 0; i < N; i++)
        for (uint64_t k = 0; k < N; k++)
            values[i * N + k] = of_words((uint64_t[]){i * 1000000000, k << 32, i << 32 | k, 7}, 4);
    qsort(values, N * N, sizeof values[0], by_value);
    for (size_t i = 1; i < N * N; i++) assert_true(values[i - 1] != values[i]);
}

/* The definition in numbers, from an independent computation: python3 tests/unit/random_vectors.py
 */
static void test_fixed_value(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof fingerprint_vectors / sizeof fingerprint_vectors[0]; i++)
        assert_int_equal(of_words(fingerprint_vectors[i].words, 3), fingerprint_vectors[i].value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_number_matter),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_every_bit_counts),
        cmocka_unit_test(test_no_collisions),
        cmocka_unit_test(test_fixed_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
