# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/unit/random_vectors.h: what sim/core/random and sim/core/fingerprint must give.

    python3 tests/unit/random_vectors.py > tests/unit/random_vectors.h
    clang-format -i tests/unit/random_vectors.h

Written from the papers, not from the C code: exact integers of Python, logarithm of Python's
decimal module.
"""

from decimal import Decimal, getcontext

MASK = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C15


def split_mix(x):
    """The first output of SplitMix64 that starts at x."""
    z = (x + STEP) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def rotl(x, k):
    return ((x << k) & MASK) | (x >> (64 - k))


class Stream:
    """xoroshiro128++ 1.0, shifts 49, 21, 28, output rotation 17."""

    def __init__(self, seed, purpose, ident):
        h = 0
        for part in (seed, purpose, ident):
            h = split_mix(h ^ part)
        self.a, self.b = split_mix(h), split_mix((h + STEP) & MASK)

    def next(self):
        a, b = self.a, self.b
        out = (rotl((a + b) & MASK, 17) + a) & MASK
        b ^= a
        self.a = rotl(a, 49) ^ b ^ ((b << 21) & MASK)
        self.b = rotl(b, 28)
        return out

    def unit(self):
        return (self.next() >> 11) / 2**53

    def below(self, bound):
        while True:  # the definition of fairness: keep only a multiple of bound of the 2^64 values
            product = self.next() * bound
            if product % 2**64 >= 2**64 % bound:
                return product >> 64

    def normal(self):
        getcontext().prec = 50
        while True:
            u, v = 2 * self.unit() - 1, 2 * self.unit() - 1
            r = u * u + v * v
            if 0 < r < 1:
                return float(Decimal(u) * (-2 * Decimal(r).ln() / Decimal(r)).sqrt())


def fingerprint(words):
    value = int.from_bytes(b"blacksta", "big")
    for word in words:
        value = ((value ^ split_mix(word)) * 0x9FB21C651E98DF25) & MASK
        value ^= value >> 32
    return value


def row(*cells):
    print("    {" + ", ".join(cells) + "},")


def hexes(values):
    return "{" + ", ".join("0x%016xu" % v for v in values) + "}"


print("/* SPDX-License-Identifier: GPL-3.0-or-later */")
print("/* Made by: python3 tests/unit/random_vectors.py > tests/unit/random_vectors.h */")

TRIPLES = [(0, 0, 0), (1, 1, 0), (1, 1, 1), (1, 2, 0), (42, 7, 999999), (MASK, 2**32 - 1, MASK)]
print(
    "static const struct {\n    uint64_t seed;\n    uint32_t purpose;\n    uint64_t id;\n    "
    "uint64_t next[4];"
)
print(
    "    double unit;\n    uint64_t below_10, below_3_2_62;\n    double normal;\n} "
    "stream_vectors[] __attribute__((unused)) = {"
)
for t in TRIPLES:
    s = Stream(*t)
    row(
        "0x%xu" % t[0],
        "0x%xu" % t[1],
        "0x%xu" % t[2],
        hexes([s.next() for _ in range(4)]),
        Stream(*t).unit().hex(),
        "%du" % Stream(*t).below(10),
        "%du" % Stream(*t).below(3 << 62),
        Stream(*t).normal().hex(),
    )
print("};")

print(
    "static const struct {\n    uint64_t word, hash;\n} hash_vectors[] __attribute__((unused)) = {"
)
for w in (0, 1, STEP, MASK):
    row("0x%016xu" % w, "0x%016xu" % split_mix(w))
print("};")

print(
    "static const struct {\n    uint64_t words[3], value;\n} fingerprint_vectors[] "
    "__attribute__((unused)) = {"
)
for words in ((0, 0, 0), (1, 2, 3), (MASK, 0, 10**18)):
    row(hexes(words), "0x%016xu" % fingerprint(words))
print("};")
