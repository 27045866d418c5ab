# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/unit/statistics_vectors.h: what sim/judge/statistics must give, computed by SciPy
and NumPy.

    apt-get install python3-scipy; /usr/bin/python3 tests/unit/statistics_vectors.py >
    tests/unit/statistics_vectors.h; clang-format -i tests/unit/statistics_vectors.h

Jonckheere-Terpstra is the sum of SciPy's Mann-Whitney statistics over all pairs of columns, its
deviate from the textbook's moments.
"""

import sys

import numpy
import scipy
from scipy import special, stats

generator = numpy.random.Generator(numpy.random.PCG64(20120421))


def c_array(kind, name, values):
    print(f"static const {kind} {name}[] = {{{', '.join(repr(v) for v in values)}}};")


def trend(d):
    m, k = d.shape
    pairs = sum(
        stats.mannwhitneyu(d[:, late], d[:, early]).statistic
        for early in range(k)
        for late in range(early + 1, k)
    )
    n = m * k
    return (pairs - (n * n - k * m * m) / 4) / (
        (n * n * (2 * n + 3) - k * m * m * (2 * m + 3)) / 72
    ) ** 0.5


def delays(name, d):
    d = numpy.round(d, 4)
    m, k = d.shape
    freedom = (m - 1) * k
    cv = float((((d / d.mean(axis=0) - 1) ** 2).sum() / freedom) ** 0.5)
    medians = numpy.median(d, axis=0)
    growth = float(numpy.median(medians[1:] / medians[:-1]))
    bound = lambda p: cv * float(freedom / stats.chi2.ppf(p, freedom)) ** 0.5
    c_array("double", f"{name}_seconds", [float(x) for x in d.flatten()])
    print(f"static const judge_delays {name} = {{{name}_seconds, {m}, {k}}};")
    c_array("double", f"{name}_wanted", [cv, bound(0.95), bound(0.05), float(trend(d)), growth])


def series(name, counts, lag):
    x = counts - counts.mean()
    c_array("uint32_t", f"{name}_counts", [int(c) for c in counts])
    c_array(
        "double",
        f"{name}_wanted",
        [
            float(counts.var(ddof=1) / counts.mean()),
            float((x[lag:] * x[:-lag]).sum() / (x * x).sum()),
        ],
    )


def samples(name, a, b):
    a, b = numpy.sort(numpy.round(a, 3)), numpy.sort(numpy.round(b, 3))
    result = stats.ks_2samp(a, b, mode="exact")
    c_array("double", f"{name}_a", [float(x) for x in a])
    c_array("double", f"{name}_b", [float(x) for x in b])
    c_array("double", f"{name}_wanted", [float(result.statistic), float(result.pvalue)])


def small_chances(sizes):
    """Of samples that are small: the series at Stephens's argument, for distances that matter."""
    print("static const struct {\n    double distance;\n    size_t a, b;\n    double wanted;")
    print("} small_chances[] = {")
    for a, b in sizes:
        root = (a * b / (a + b)) ** 0.5
        for distance in (0.3, 0.6):
            chance = float(special.kolmogorov(distance * (root + 0.12 + 0.11 / root)))
            print(f"    {{{distance}, {a}, {b}, {chance!r}}},")
    print("};")


print("/* SPDX-License-Identifier: GPL-3.0-or-later */")
print(
    "/* Made by statistics_vectors.py with SciPy %s, NumPy %s, Python %s. */"
    % (scipy.__version__, numpy.__version__, sys.version.split()[0])
)
print("#ifndef TESTS_UNIT_STATISTICS_VECTORS_H\n#define TESTS_UNIT_STATISTICS_VECTORS_H\n")
print('#include "sim/judge/statistics.h"\n')
delays("full_jitter", generator.uniform(0.05, 1, (10, 5)) * 2.0 ** numpy.arange(5))
delays("narrow_fixed", generator.normal(10, 0.2, (7, 4)))
delays("shrinking", generator.uniform(1, 2, (4, 6)) / 1.5 ** numpy.arange(6))
series("poisson", generator.poisson(7, 60), 5)
series("waves", generator.poisson(3 + 2 * (numpy.arange(90) % 10 == 0) * 20), 10)
samples("same", generator.uniform(0, 60, 40), generator.uniform(0, 60, 55))
samples("narrower", generator.uniform(0, 45, 60), generator.uniform(0, 60, 70))
small_chances([(5, 5), (5, 8), (12, 7)])
print("\n#endif")
