/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "sim/core/random.h"
#include "tests/unit/random_vectors.h"
#include "tests/unit/with_cmocka.h"

static void test_vectors(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof stream_vectors / sizeof stream_vectors[0]; i++) {
        const sim_stream start =
            sim_stream_for(stream_vectors[i].seed, stream_vectors[i].purpose, stream_vectors[i].id);
        sim_stream s = start;
        for (int k = 0; k < 4; k++)
            assert_int_equal(sim_stream_next(&s), stream_vectors[i].next[k]);
        s = start;
        assert_true(sim_stream_unit(&s) == stream_vectors[i].unit);
        s = start;
        assert_int_equal(sim_stream_below(&s, 10), stream_vectors[i].below_10);
        s = start;
        assert_int_equal(sim_stream_below(&s, 3ull << 62), stream_vectors[i].below_3_2_62);
        s = start;
        const double normal = stream_vectors[i].normal;
        assert_true(fabs(sim_stream_normal(&s) - normal) <= 1e-15 * fabs(normal));
    }
    for (size_t i = 0; i < sizeof hash_vectors / sizeof hash_vectors[0]; i++)
        assert_int_equal(sim_hash64(hash_vectors[i].word), hash_vectors[i].hash);
}

/* What the authors' own generator gives from the state {1, 2}. */
static void test_reference_generator(void **state) {
    (void)state;
    static const uint64_t expected[] = {393217u, 669327710093319u, 1732421326133921491u,
                                        11394790081659126983u, 9555452776773192676u};
    sim_stream s = {{1, 2}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(sim_stream_next(&s), expected[i]);
}

static void test_bytes(void **state) {
    (void)state;
    sim_stream words = sim_stream_for(5, 6, 7), bytes = words;
    uint64_t w[3];
    uint8_t b[18];
    for (int i = 0; i < 3; i++) w[i] = sim_stream_next(&words);
    memset(b, 0xee, sizeof b);
    sim_stream_bytes(&bytes, b, 17);
    for (int i = 0; i < 17; i++) assert_int_equal(b[i], w[i / 8] >> (8 * (i % 8)) & 0xff);
    assert_int_equal(b[17], 0xee);
    assert_memory_equal(&words, &bytes, sizeof words);
    sim_stream_bytes(&bytes, b, 0);
    assert_memory_equal(&words, &bytes, sizeof words);
}

static void test_ranges(void **state) {
    (void)state;
    sim_stream s = sim_stream_for(1, 0, 3);
    bool seen[3] = {false, false, false};
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(sim_stream_below(&s, 1), 0);
        const int64_t v = sim_stream_between(&s, -1, 1);
        assert_true(v >= -1 && v <= 1);
        seen[v + 1] = true;
        assert_int_equal(sim_stream_between(&s, INT64_MIN, INT64_MIN), INT64_MIN);
        assert_int_equal(sim_stream_between(&s, INT64_MAX, INT64_MAX), INT64_MAX);
        assert_true(sim_stream_between(&s, INT64_MAX - 1, INT64_MAX) >= INT64_MAX - 1);
        assert_true(sim_stream_below(&s, UINT64_MAX) < UINT64_MAX);
        const double u = sim_stream_unit(&s);
        assert_true(u >= 0 && u < 1);
    }
    assert_true(seen[0] && seen[1] && seen[2]);
    int negative = 0;
    for (int i = 0; i < 1000; i++) negative += sim_stream_between(&s, INT64_MIN, INT64_MAX) < 0;
    assert_in_range(negative, 400, 600);
    /* the largest unit there is stays below 1 */
    assert_true((double)(UINT64_MAX >> 11) * 0x1p-53 < 1);
}

/* Uniformity. A source draws numbers 0 .. 255; chi-square with 255 degrees of freedom has mean 255
 * and standard deviation 22.6. Accepted is what lies within 5.3 of them on either side (too even is
 * as wrong as too uneven): a sound source is refused about once in 10^6. */
typedef struct source {
    sim_stream stream;
    uint64_t calls;
} source;
typedef uint64_t draw(source *s);

static double chi_square(draw *from) {
    enum { BINS = 256, DRAWS = 1 << 20 };
    static uint32_t count[BINS];
    source s = {sim_stream_for(20, 0, 5), 0};
    memset(count, 0, sizeof count);
    for (int i = 0; i < DRAWS; i++) count[from(&s)]++;
    double sum = 0;
    for (int i = 0; i < BINS; i++) {
        const double off = (double)count[i] - (double)DRAWS / BINS;
        sum += off * off / ((double)DRAWS / BINS);
    }
    return sum;
}

static bool looks_uniform(draw *from) {
    const double chi = chi_square(from);
    return chi > 255 - 5.3 * 22.6 && chi < 255 + 5.3 * 22.6;
}

static uint64_t top_bits(source *s) {
    return sim_stream_next(&s->stream) >> 56;
}

static uint64_t low_bits(source *s) {
    return sim_stream_next(&s->stream) & 255;
}

static uint64_t middle_bits(source *s) {
    return sim_stream_next(&s->stream) >> 28 & 255;
}

static uint64_t from_unit(source *s) {
    return (uint64_t)(sim_stream_unit(&s->stream) * 256);
}

static uint64_t from_below(source *s) {
    return sim_stream_below(&s->stream, 256);
}

static uint64_t from_between(source *s) {
    return (uint64_t)(sim_stream_between(&s->stream, -128, 127) + 128);
}

static uint64_t from_bytes(source *s) {
    uint8_t b[3];
    sim_stream_bytes(&s->stream, b, sizeof b);
    return b[2];
}

/* First numbers of neighbouring streams: what a fleet's devices draw when the power returns. */
static uint64_t first_of_next_device(source *s) {
    sim_stream one = sim_stream_for(1, SIM_PURPOSE_LAW, s->calls++);
    return sim_stream_next(&one) >> 56;
}

static uint64_t first_of_next_purpose(source *s) {
    sim_stream one = sim_stream_for(1, (uint32_t)s->calls++, 77);
    return sim_stream_next(&one) & 255;
}

static uint64_t first_of_next_seed(source *s) {
    sim_stream one = sim_stream_for(s->calls++, SIM_PURPOSE_LAW, 77);
    return sim_stream_next(&one) >> 56;
}

/* Difference of neighbours: devices that draw alike would make a peak. */
static uint64_t neighbours_apart(source *s) {
    sim_stream a = sim_stream_for(1, SIM_PURPOSE_LAW, 2 * s->calls);
    sim_stream b = sim_stream_for(1, SIM_PURPOSE_LAW, 2 * s->calls++ + 1);
    return ((sim_stream_next(&a) >> 56) - (sim_stream_next(&b) >> 56)) & 255;
}

static uint64_t from_hash(source *s) {
    return sim_hash64(s->calls++) >> 32 & 255;
}

/* Of normal numbers, by the distribution function. */
static uint64_t from_normal(source *s) {
    const double p = 0.5 * erfc(-sim_stream_normal(&s->stream) * 0.70710678118654752);
    return p >= 1 ? 255 : (uint64_t)(p * 256);
}

/* Bad twins: each must be refused by the same check. */
static uint64_t twin_two_percent_too_often(source *s) {
    return sim_stream_below(&s->stream, 50) == 0 ? 0 : sim_stream_next(&s->stream) >> 56;
}

static uint64_t twin_modulo(source *s) { /* the classic: remainder of a range that is no multiple */
    return (sim_stream_next(&s->stream) >> 54) % 1000 % 256;
}

static uint64_t twin_counter(source *s) { /* too even */
    return s->calls++ & 255;
}

static uint64_t twin_low_bits_of_lcg(source *s) {
    s->calls = s->calls * 6364136223846793005u + 1442695040888963407u;
    return s->calls & 255;
}

/* streams that start at neighbouring raw states */
static uint64_t twin_seed_plus_number(source *s) {
    sim_stream one = {{1, s->calls++}};
    return sim_stream_next(&one) >> 56;
}

/* a poor man's normal distribution, judged like ours */
static uint64_t twin_sum_of_four(source *s) {
    double sum = 0;
    for (int i = 0; i < 4; i++) sum += sim_stream_unit(&s->stream) - 0.5;
    const double p = 0.5 * erfc(-sum * sqrt(3.0) * 0.70710678118654752);
    return p >= 1 ? 255 : (uint64_t)(p * 256);
}

static void test_uniform(void **state) {
    (void)state;
    static const struct {
        const char *name;
        draw *from;
        bool uniform;
    } rows[] = {
        {"top bits", top_bits, true},
        {"low bits", low_bits, true},
        {"middle bits", middle_bits, true},
        {"unit", from_unit, true},
        {"below", from_below, true},
        {"between", from_between, true},
        {"bytes", from_bytes, true},
        {"first of next device", first_of_next_device, true},
        {"first of next purpose", first_of_next_purpose, true},
        {"first of next seed", first_of_next_seed, true},
        {"neighbours apart", neighbours_apart, true},
        {"hash", from_hash, true},
        {"normal", from_normal, true},
        {"twin: two percent too often", twin_two_percent_too_often, false},
        {"twin: modulo", twin_modulo, false},
        {"twin: counter", twin_counter, false},
        {"twin: low bits of an LCG", twin_low_bits_of_lcg, false},
        {"twin: neighbouring states", twin_seed_plus_number, false},
        {"twin: sum of four", twin_sum_of_four, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (looks_uniform(rows[i].from) != rows[i].uniform)
            fail_msg("%s: chi-square %g", rows[i].name, chi_square(rows[i].from));
}

/* With a bound of 3/4 of 2^64 the plain product sends two of four neighbouring words to the same
 * value: every third value would come twice as often as the others. */
static void test_large_bounds_are_fair(void **state) {
    (void)state;
    enum { N = 300000 };
    const uint64_t bound = 3ull << 62;
    sim_stream s = sim_stream_for(4, 0, 0);
    int ours = 0, twin = 0;
    for (int i = 0; i < N; i++) {
        ours += sim_stream_below(&s, bound) % 3 == 0;
        const uint64_t word = sim_stream_next(&s);
        twin += (word - word / 4 - (word % 4 != 0)) % 3 == 0; /* word * 3/4, rounded down */
    }
    assert_in_range(ours, N / 3 - 1300, N / 3 + 1300); /* five standard deviations of 258 */
    assert_in_range(twin, N / 2 - 1400, N / 2 + 1400);
}

/* Moments, and tails as often as they should be: beyond 4 standard deviations 63 of 10^6. */
static void test_normal(void **state) {
    (void)state;
    enum { N = 1000000 };
    sim_stream s = sim_stream_for(3, 0, 0);
    double sum = 0, squares = 0;
    int far = 0;
    for (int i = 0; i < N; i++) {
        const double x = sim_stream_normal(&s);
        assert_true(isfinite(x));
        sum += x;
        squares += x * x;
        far += fabs(x) > 4;
    }
    assert_true(fabs(sum / N) < 5e-3);
    assert_true(fabs(squares / N - 1) < 7e-3);
    assert_in_range(far, 25, 105);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_reference_generator),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_large_bounds_are_fair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
