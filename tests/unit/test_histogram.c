/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "sim/core/histogram.h"
#include "sim/core/random.h"
#include "sim/core/rough.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/with_cmocka.h"

static const sim_time range_end = (sim_time)1 << 47;

/* What one value comes back as: the upper edge of its bucket, shown by a larger value that lifts
 * the maximum out of the way. */
static sim_time bucket_edge(sim_time value) {
    sim_histogram h;
    sim_histogram_init(&h);
    assert_int_equal(sim_histogram_add(&h, value), 0);
    assert_int_equal(sim_histogram_add(&h, SIM_NEVER - 1), 0);
    const sim_time edge = sim_histogram_quantile(&h, 0.5);
    sim_histogram_deinit(&h);
    return edge;
}

static void test_buckets(void **state) {
    (void)state;
    static const struct {
        sim_time value, edge;
    } rows[] = {
        {0, 0},
        {1, 1},
        {1023, 1023},
        {1024, 1024},
        {2047, 2047},
        {2048, 2049}, /* from here on two to a bucket */
        {2049, 2049},
        {2050, 2051},
        {4095, 4095},
        {4096, 4099},
        {1000000, 1000447},
        {((sim_time)1 << 47) - 1, ((sim_time)1 << 47) - 1},
        {-5, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(bucket_edge(rows[i].value), rows[i].edge);
}

/* Every value of the range comes back within 0.1 %, never smaller, and buckets follow each other
 * without gap. */
static void test_resolution(void **state) {
    (void)state;
    sim_stream s = sim_stream_for(1, 0, 0);
    for (int i = 0; i < 20000; i++) {
        const sim_time value = (sim_time)(sim_stream_next(&s) >> sim_stream_between(&s, 17, 63));
        const sim_time edge = bucket_edge(value);
        assert_true(edge >= value && edge - value <= value / 1024);
        if (edge + 1 < range_end) assert_true(bucket_edge(edge + 1) > edge);
        assert_int_equal(bucket_edge(edge), edge);
    }
}

static void test_empty(void **state) {
    (void)state;
    sim_histogram h, other;
    sim_histogram_init(&h);
    sim_histogram_init(&other);
    assert_int_equal(sim_histogram_quantile(&h, 0.5), 0);
    assert_true(sim_histogram_mean(&h) == 0);
    assert_int_equal(sim_histogram_merge(&h, &other), 0);
    assert_int_equal(h.count, 0);
    sim_histogram_deinit(&h);
    sim_histogram_deinit(&h);
}

static void test_over_the_range(void **state) {
    (void)state;
    sim_histogram h;
    sim_histogram_init(&h);
    assert_int_equal(sim_histogram_add(&h, 5), 0);
    assert_int_equal(sim_histogram_add(&h, range_end), 0);
    assert_int_equal(sim_histogram_add(&h, 3 * range_end), 0);
    assert_int_equal(h.count, 3);
    assert_int_equal(h.over, 2);
    assert_int_equal(sim_histogram_quantile(&h, 0.33), 5);
    assert_int_equal(sim_histogram_quantile(&h, 0.34), 3 * range_end);
    assert_int_equal(h.minimum, 5);
    assert_int_equal(h.maximum, 3 * range_end);
    sim_histogram_deinit(&h);
}

/* Ranks: of 1 .. 100 (one nanosecond per bucket) the fraction p is the value 100 p, without a slip
 * for what binary cannot hold. */
static void test_ranks(void **state) {
    (void)state;
    sim_histogram h;
    sim_histogram_init(&h);
    for (sim_time v = 100; v >= 1; v--) assert_int_equal(sim_histogram_add(&h, v), 0);
    for (int p = 1; p <= 100; p++) {
        assert_int_equal(sim_histogram_quantile(&h, p / 100.0), p);
        assert_int_equal(sim_histogram_quantile(&h, p / 100.0 - 0.004), p);
    }
    assert_int_equal(sim_histogram_quantile(&h, 0), 1);
    assert_int_equal(sim_histogram_quantile(&h, -3), 1);
    assert_int_equal(sim_histogram_quantile(&h, NAN), 1);
    assert_int_equal(sim_histogram_quantile(&h, 1e-300), 1);
    assert_int_equal(sim_histogram_quantile(&h, 7), 100);
    assert_true(sim_histogram_mean(&h) == 50.5);
    sim_histogram_deinit(&h);
}

static int by_value(const void *a, const void *b) {
    const sim_time x = *(const sim_time *)a, y = *(const sim_time *)b;
    return (x > y) - (x < y);
}

/* Quantiles against the sorted values themselves; log-normal, as latencies are. */
static void test_quantiles_against_sorting(void **state) {
    (void)state;
    enum { N = 20000 };
    static sim_time values[N];
    sim_stream s = sim_stream_for(2, 0, 0);
    sim_histogram h;
    sim_histogram_init(&h);
    double sum = 0;
    for (int i = 0; i < N; i++) {
        values[i] = (sim_time)(exp(2 * sim_stream_normal(&s)) * 1e8);
        sum += (double)values[i];
        assert_int_equal(sim_histogram_add(&h, values[i]), 0);
    }
    qsort(values, N, sizeof values[0], by_value);
    for (int k = 1; k <= 1000; k++) {
        const sim_time exact = values[k * (N / 1000) - 1],
                       ours = sim_histogram_quantile(&h, k / 1000.0);
        assert_true(ours >= exact && ours - exact <= exact / 1024);
    }
    assert_int_equal(sim_histogram_quantile(&h, 1), values[N - 1]);
    assert_int_equal(h.minimum, values[0]);
    assert_true(fabs(sim_histogram_mean(&h) - sum / N) <= 1e-9 * sum / N);
    sim_histogram_deinit(&h);
}

/* A merge of parts is the histogram of the whole, whatever the parts. */
static void test_merge(void **state) {
    (void)state;
    sim_stream s = sim_stream_for(3, 0, 0);
    sim_histogram whole, part[3], sum;
    sim_histogram_init(&whole);
    sim_histogram_init(&sum);
    for (int p = 0; p < 3; p++) sim_histogram_init(&part[p]);
    for (int i = 0; i < 30000; i++) {
        const sim_time value = (sim_time)(sim_stream_next(&s) >> sim_stream_between(&s, 15, 60));
        assert_int_equal(sim_histogram_add(&whole, value), 0);
        assert_int_equal(sim_histogram_add(&part[sim_stream_below(&s, 2)], value),
                         0); /* the third stays empty */
    }
    for (int p = 0; p < 3; p++) assert_int_equal(sim_histogram_merge(&sum, &part[p]), 0);
    assert_int_equal(sum.count, whole.count);
    assert_int_equal(sum.over, whole.over);
    assert_int_equal(sum.minimum, whole.minimum);
    assert_int_equal(sum.maximum, whole.maximum);
    for (int b = 0; b < SIM_HISTOGRAM_BANDS; b++) {
        assert_int_equal(sum.band[b] == NULL, whole.band[b] == NULL);
        if (whole.band[b] != NULL)
            assert_memory_equal(sum.band[b], whole.band[b], 1024 * sizeof(uint64_t));
    }
    sim_histogram_deinit(&whole);
    sim_histogram_deinit(&sum);
    for (int p = 0; p < 3; p++) sim_histogram_deinit(&part[p]);
}

static int add_and_merge(void *context) {
    (void)context;
    sim_histogram a, b;
    sim_histogram_init(&a);
    sim_histogram_init(&b);
    uint64_t added = 0;
    int error = 0;
    for (sim_time v = 1; v < range_end && error == 0; v *= 1000, added += error == 0)
        error = sim_histogram_add(&a, v);
    assert_int_equal(a.count, added);
    if (error == 0) error = sim_histogram_add(&b, 7);
    const uint64_t had = b.count;
    if (error == 0) {
        error = sim_histogram_merge(&b, &a);
        assert_int_equal(b.count, error == 0 ? had + added : had);
        assert_int_equal(b.maximum, error == 0 ? a.maximum : 7);
        assert_int_equal(sim_histogram_quantile(&b, 1), b.maximum);
    }
    sim_histogram_deinit(&a);
    sim_histogram_deinit(&b);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    /* bands of 1 and 10^3, 10^6, 10^9, 10^12; of 7; and three more in the merge */
    assert_int_equal(fail_every_allocation(add_and_merge, NULL), 8);
}

/* Waits that had no end, from when they began: at the end of the observation each is at least as
 * long, and none is told as longer than it was. */
static void test_since(void **state) {
    (void)state;
    sim_histogram began;
    sim_histogram waits;
    sim_histogram_init(&began);
    sim_histogram_init(&waits);
    const sim_time end = 100 * SIM_SECOND;
    for (int i = 0; i < 10; i++) assert_int_equal(sim_histogram_add(&began, i * SIM_SECOND), 0);
    assert_int_equal(sim_histogram_add(&began, 2 * end), 0);
    assert_int_equal(sim_histogram_add(&began, (sim_time)1 << 50), 0); /* over the range */
    assert_int_equal(sim_histogram_add_since(&waits, &began, end), 0);
    assert_int_equal(waits.count, 12);
    assert_int_equal(waits.minimum, 0);
    assert_int_equal(waits.maximum, end);
    sim_time half = sim_histogram_quantile(&waits, 0.5); /* of 0 0 91 92 93 94 ... */
    assert_in_range(half, 93.8 * SIM_SECOND, 94.1 * SIM_SECOND);
    sim_histogram_deinit(&began);
    sim_histogram_deinit(&waits);
}

/* ---- rough ones ---- */

static void test_rough(void **state) {
    (void)state;
    sim_rough a = {.count = 0};
    sim_rough b = {.count = 0};
    assert_int_equal(sim_rough_quantile(&a, 0.5), 0);
    for (int i = 1; i <= 1000; i++) sim_rough_add(i % 2 == 0 ? &a : &b, i * SIM_MILLISECOND);
    sim_rough_merge(&a, &b);
    assert_int_equal(a.count, 1000);
    for (int i = 1; i <= 1000; i++) {
        sim_time q = sim_rough_quantile(&a, i / 1000.0);
        assert_true(q >= i * SIM_MILLISECOND - SIM_MICROSECOND);
        assert_true((double)q <= (double)i * SIM_MILLISECOND * 17 / 16);
    }
    /* every doubling, and both ends of the range */
    for (int bit = 0; bit < 63; bit++) {
        sim_rough one = {.count = 0};
        sim_time value = (sim_time)1 << bit;
        sim_rough_add(&one, value);
        sim_time q = sim_rough_quantile(&one, 1);
        assert_true(bit > 50 || q >= value / SIM_MICROSECOND * SIM_MICROSECOND);
        assert_true((double)q <= (double)value * 17 / 16);
    }
    sim_rough early = {.count = 0};
    sim_rough_add(&early, -SIM_SECOND);
    assert_int_equal(early.buckets[0], 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buckets), cmocka_unit_test(test_resolution),
        cmocka_unit_test(test_empty),   cmocka_unit_test(test_over_the_range),
        cmocka_unit_test(test_ranks),   cmocka_unit_test(test_quantiles_against_sorting),
        cmocka_unit_test(test_merge),   cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_since),   cmocka_unit_test(test_rough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
