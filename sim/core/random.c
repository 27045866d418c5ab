/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/random.h"

#include <math.h>

#include "sim/core/error.h"

__extension__ typedef unsigned __int128 wide;

static uint64_t rotate(uint64_t x, int by) {
    return (x << by) | (x >> (64 - by));
}

sim_stream sim_stream_for(uint64_t seed, uint32_t purpose, uint64_t id) {
    uint64_t h = sim_hash64(sim_hash64(sim_hash64(seed) ^ purpose) ^ id);
    /* Two different words hashed by a bijection: never both zero, the one state that xoroshiro
     * cannot leave. */
    return (sim_stream){{sim_hash64(h), sim_hash64(h + SIM_HASH_STEP)}};
}

uint64_t sim_stream_next(sim_stream *s) {
    uint64_t s0 = s->s[0], s1 = s->s[1];
    uint64_t result = rotate(s0 + s1, 17) + s0;
    s1 ^= s0;
    s->s[0] = rotate(s0, 49) ^ s1 ^ (s1 << 21);
    s->s[1] = rotate(s1, 28);
    return result;
}

double sim_stream_unit(sim_stream *s) {
    return (double)(sim_stream_next(s) >> 11) * 0x1p-53;
}

/* Lemire, "Fast random integer generation in an interval" (2019): the high half of a product is
 * uniform once the few low halves that would favour some results are thrown away. */
uint64_t sim_stream_below(sim_stream *s, uint64_t bound) {
    SIM_PROMISE(bound >= 1);
    wide product = (wide)sim_stream_next(s) * bound;
    if ((uint64_t)product < bound) {
        uint64_t unfair = (0 - bound) % bound;
        while ((uint64_t)product < unfair) product = (wide)sim_stream_next(s) * bound;
    }
    return (uint64_t)(product >> 64);
}

int64_t sim_stream_between(sim_stream *s, int64_t lo, int64_t hi) {
    SIM_PROMISE(lo <= hi);
    uint64_t span = (uint64_t)hi - (uint64_t)lo;
    uint64_t offset = span == UINT64_MAX ? sim_stream_next(s) : sim_stream_below(s, span + 1);
    return (int64_t)((uint64_t)lo + offset);
}

/* Natural logarithm from additions, multiplications and divisions only. These are exact to the last
 * bit by IEEE 754, while the C library's log differs from one version and processor to the next,
 * and with it would our results. log(m 2^e) = e log 2 + 2 artanh((m - 1) / (m + 1)), m in [0.7,
 * 1.42): |z| < 0.172, so 11 terms leave 1e-19. */
static double log_everywhere(double x) {
    int exponent;
    double m = frexp(x, &exponent);
    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    double z = (m - 1) / (m + 1), zz = z * z, sum = 0;
    for (int k = 21; k >= 1; k -= 2) sum = sum * zz + 1.0 / k;
    return exponent * 0.69314718055994531 + 2 * z * sum;
}

double sim_stream_normal(sim_stream *s) {
    double u, v, r;
    do {
        u = 2 * sim_stream_unit(s) - 1;
        v = 2 * sim_stream_unit(s) - 1;
        r = u * u + v * v;
    } while (r >= 1 || r == 0);
    return u * sqrt(-2 * log_everywhere(r) / r); /* sqrt is exact by IEEE 754, too */
}

void sim_stream_bytes(sim_stream *s, void *out, size_t n) {
    uint8_t *to = out;
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word = sim_stream_next(s);
        for (size_t k = 0; k < 8 && i + k < n; k++, word >>= 8) to[i + k] = (uint8_t)word;
    }
}
