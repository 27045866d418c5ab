/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/core/random.h"
#include "sim/core/time_sort.h"
#include "tests/unit/with_cmocka.h"

enum { MOST = 3000 };

static int by_time(const void *left, const void *right) {
    const sim_time *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* One time of each kind of crowd. */
static sim_time drawn(int kind, sim_stream *s) {
    switch (kind) {
        case 0:
            return (sim_time)(sim_stream_next(s) >> 1); /* anything, SIM_NEVER among it */
        case 1:
            return SIM_DAY + (sim_time)sim_stream_between(s, 0, 20) * SIM_SECOND; /* many alike */
        case 2:
            return SIM_HOUR + (sim_time)(sim_stream_next(s) % (20 * SIM_SECOND)); /* a window */
        case 3:
            return (sim_time)(sim_stream_next(s) >> sim_stream_between(s, 1, 63)); /* skewed */
        default:
            return SIM_MINUTE; /* all at once */
    }
}

/* As the C library's qsort has it, for each length about the limits and each kind of crowd. */
static void test_as_qsort_sorts(void **state) {
    (void)state;
    static const size_t counts[] = {0, 1, 2, 23, 24, 25, 26, 255, 256, 257, 1000, MOST};
    static sim_time times[MOST + 1], wanted[MOST + 1];
    sim_stream s = sim_stream_for(1, 0, 0);
    for (int kind = 0; kind < 5; kind++)
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
            size_t n = counts[c];
            for (size_t i = 0; i < n; i++) times[i] = drawn(kind, &s);
            times[n] = -1; /* what lies behind them stays as it is */
            memcpy(wanted, times, sizeof times);
            qsort(wanted, n, sizeof wanted[0], by_time);
            sim_time_sort(times, n);
            assert_memory_equal(times, wanted, (n + 1) * sizeof times[0]);
        }
}

/* The widest range there is, from either end and in either order. */
static void test_all_of_time(void **state) {
    (void)state;
    static sim_time times[1000];
    for (int i = 0; i < 1000; i++) times[i] = i % 2 == 0 ? SIM_NEVER - i : 999 - i;
    sim_time_sort(times, 1000);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(times[i], 2 * i);
        assert_int_equal(times[500 + i], SIM_NEVER - 998 + 2 * i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_qsort_sorts),
        cmocka_unit_test(test_all_of_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
