/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics against SciPy's figures (statistics_vectors.py), against each other's definitions, and
 * against their stated power. test-timeout: 300 */
#include "sim/judge/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/presets.h"
#include "sim/core/heap.h"
#include "tests/unit/statistics_vectors.h"
#include "tests/unit/with_cmocka.h"

static bool near(double a, double b, double within) {
    return fabs(a - b) <= within;
}

static double draw(sim_stream *s, double lo, double hi) {
    return lo + (hi - lo) * sim_stream_unit(s);
}

static int by_value(const void *left, const void *right) {
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* ---- against SciPy ---- */

static bool delays_as_wanted(const judge_delays *d, const double wanted[5]) {
    judge_variation v = judge_delays_variation(d, 0);
    return near(v.cv, wanted[0], 1e-9) && near(v.lower, wanted[1], 1e-9) &&
           near(v.upper, wanted[2], 1e-9) && near(judge_delays_trend(d, 0), wanted[3], 1e-9) &&
           near(judge_delays_growth(d), wanted[4], 1e-9);
}

static void test_delays_against_scipy(void **state) {
    (void)state;
    assert_true(delays_as_wanted(&full_jitter, full_jitter_wanted));
    assert_true(delays_as_wanted(&narrow_fixed, narrow_fixed_wanted));
    assert_true(delays_as_wanted(&shrinking, shrinking_wanted));
    assert_false(delays_as_wanted(&shrinking, narrow_fixed_wanted));
    assert_int_equal(judge_delays_variation(&full_jitter, 0).freedom, 45);
    /* the first column is too short */
    assert_int_equal(judge_delays_variation(&full_jitter, 1).freedom, 36);
}

static void test_series_against_numpy(void **state) {
    (void)state;
    enum { POISSON = sizeof poisson_counts / 4, WAVES = sizeof waves_counts / 4 };
    assert_true(near(judge_fano(poisson_counts, POISSON), poisson_wanted[0], 1e-9));
    assert_true(near(judge_autocorrelation(poisson_counts, POISSON, 5), poisson_wanted[1], 1e-9));
    assert_true(near(judge_fano(waves_counts, WAVES), waves_wanted[0], 1e-9));
    assert_true(near(judge_autocorrelation(waves_counts, WAVES, 10), waves_wanted[1], 1e-9));
    /* periodic waves, as 4.4 has it */
    assert_true(judge_autocorrelation(waves_counts, WAVES, 10) > 0.5);
    assert_true(judge_autocorrelation(waves_counts, WAVES, 7) < 0.1);
    assert_true(judge_fano(waves_counts, WAVES) > 5 && judge_fano(poisson_counts, POISSON) < 2);
    assert_true(isnan(judge_fano(poisson_counts, 1)) && isnan(judge_fano((uint32_t[]){0, 0}, 2)));
    assert_true(isnan(judge_autocorrelation(poisson_counts, POISSON, POISSON)));
    assert_true(isnan(judge_autocorrelation((uint32_t[]){3, 3, 3}, 3, 1)));
}

static void test_distance_against_scipy(void **state) {
    (void)state;
    double d = judge_distance(same_a, sizeof same_a / 8, same_b, sizeof same_b / 8);
    assert_true(near(d, same_wanted[0], 1e-9));
    assert_true(
        near(judge_distance_chance(d, sizeof same_a / 8, sizeof same_b / 8), same_wanted[1], 0.05));
    d = judge_distance(narrower_a, sizeof narrower_a / 8, narrower_b, sizeof narrower_b / 8);
    assert_true(near(d, narrower_wanted[0], 1e-9));
    double p = judge_distance_chance(d, sizeof narrower_a / 8, sizeof narrower_b / 8);
    assert_true(p > narrower_wanted[1] / 2 && p < narrower_wanted[1] * 2);
    assert_true(isnan(judge_distance(same_a, 0, same_b, 5)) &&
                isnan(judge_distance_chance(NAN, 5, 5)));
    assert_true(judge_distance_chance(0, 5, 5) == 1 && judge_distance_chance(1, 500, 500) < 1e-100);
}

/* Where a and b are small, one more or less of them shows. */
static void test_chance_of_small_samples_against_scipy(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof small_chances / sizeof *small_chances; i++) {
        double chance = judge_distance_chance(small_chances[i].distance, small_chances[i].a,
                                              small_chances[i].b);
        assert_true(near(chance, small_chances[i].wanted, 1e-9));
    }
}

/* ---- borders ---- */

static void test_nothing_to_say(void **state) {
    (void)state;
    const judge_delays none = {NULL, 0, 5}, one_row = {full_jitter_seconds, 1, 5},
                       one_column = {full_jitter_seconds, 9, 1};
    assert_true(isnan(judge_delays_variation(&none, 0).cv) &&
                isnan(judge_delays_variation(&one_row, 0).cv));
    assert_true(isnan(judge_delays_variation(&full_jitter, 1e6).cv));
    assert_true(isnan(judge_delays_trend(&one_column, 0)) &&
                isnan(judge_delays_growth(&one_column)));
    assert_true(isnan(judge_delays_repeated(&one_row, 1)) &&
                isnan(judge_delays_twins(&one_row, 1)));
    assert_true(isnan(judge_synchrony(full_jitter_seconds, 0, 1)) &&
                isnan(judge_synchrony(full_jitter_seconds, 5, 0)));
    assert_int_equal(judge_scan(NULL, 0, SIM_SECOND), 0);
    sim_heap_fail(0, true);
    assert_true(isnan(judge_delays_growth(&full_jitter)));
    assert_true(sim_heap_fail_never());
}

static void test_ties_are_no_trend(void **state) {
    (void)state;
    double creeping[40];
    /* within the clock's resolution */
    for (int i = 0; i < 40; i++) creeping[i] = 10 + 0.01 * (i % 4);
    const judge_delays d = {creeping, 10, 4};
    assert_true(judge_delays_trend(&d, 0.05) == 0);
    assert_true(judge_delays_trend(&d, 0) > 2.33);
}

static void test_repeated_and_twins(void **state) {
    (void)state;
    const double rows[] = {1, 2, 4, 1.04, 2.04, 3.96, 1.2, 2, 4, 7, 7, 7};
    const judge_delays d = {rows, 4, 3};
    assert_true(near(judge_delays_repeated(&d, 0.05), 1.0 / 6, 1e-9));
    assert_true(near(judge_delays_repeated(&d, 0.25), 3.0 / 6, 1e-9));
    assert_true(near(judge_delays_twins(&d, 0.08), 2.0 / 4, 1e-9));
    assert_true(near(judge_delays_twins(&d, 0.05), 0, 1e-9));
    assert_true(near(judge_delays_twins(&d, 20), 1, 1e-9));
}

static void test_scan_is_half_open(void **state) {
    (void)state;
    const sim_time times[] = {0, SIM_SECOND - 1, SIM_SECOND, 2 * SIM_SECOND - 1, 5 * SIM_SECOND};
    assert_int_equal(judge_scan(times, 5, SIM_SECOND), 2);
    assert_int_equal(judge_scan(times, 5, SIM_SECOND + 1), 3);
    assert_int_equal(judge_scan(times, 5, 10 * SIM_SECOND), 5);
}

/* ---- stated power ---- */

static const dev_law minute_window = {
    .kind = DEV_LAW_FIXED, .initial_window = SIM_MINUTE, .base = SIM_SECOND};
static const judge_declared over_a_minute = {&minute_window, dev_law_draw};

enum { RUNS = 999, FLEETS = 200, MOST = 1000 };

/* First attempts over a minute; a share of the devices in lock-step, each by chance. */
static size_t make_fleet(sim_time *times, size_t n, double lock_step, sim_stream *s) {
    double instant = draw(s, 0, 59);
    for (size_t i = 0; i < n; i++)
        times[i] = sim_time_from_seconds(draw(s, 0, 1) < lock_step ? instant + draw(s, 0, 0.3)
                                                                   : draw(s, 0, 60));
    for (size_t i = 1; i < n; i++) /* insertion: short, and no comparison function */
        for (size_t j = i; j > 0 && times[j] < times[j - 1]; j--) {
            sim_time t = times[j];
            times[j] = times[j - 1];
            times[j - 1] = t;
        }
    return judge_scan(times, n, SIM_SECOND);
}

static double busy_chance(size_t devices, size_t busiest, sim_time *scratch) {
    static const sim_time declared[] = {0, SIM_MINUTE};
    const judge_first_wave seen = {devices, busiest, 1, 0, declared, 2};
    judge_first_chance chance = judge_first_wave_chance(&over_a_minute, &seen, 1, RUNS, scratch);
    assert_true(chance.narrow == 1); /* everything is as narrow as that */
    return chance.busy;
}

static void test_narrower(void **state) {
    (void)state;
    const sim_time declared[] = {10, 20, 30, 40}, same[] = {110, 120, 130, 140},
                   half[] = {5, 10, 15, 20}, wide[] = {0, 100, 200, 300}, once[] = {7, 7, 7, 7};
    assert_true(judge_narrower(same, 4, declared, 4) == 0);
    /* all within 15, declared only half */
    assert_true(judge_narrower(half, 4, declared, 4) == 0.5);
    assert_true(judge_narrower(wide, 4, declared, 4) == 0);
    assert_true(judge_narrower(once, 4, declared, 4) == 0.75);
    assert_true(judge_narrower(declared, 4, once, 4) == 0);
    assert_true(isnan(judge_narrower(once, 0, declared, 4)) &&
                isnan(judge_narrower(once, 4, declared, 0)));
    sim_time times[] = {1, 2, 3, 4, 5};
    assert_int_equal(judge_thin_out(times, 5, 2), 3);
    assert_true(times[1] == 3 && times[2] == 5);
}

/* Null quantiles and power of the scan test as found elsewhere: a tenth of the fleet in lock-step.
 * The count is discrete, so a test that fires above the quantile has a size near 1 %. */
static void test_scan_null_and_power(void **state) {
    (void)state;
    static const struct {
        size_t devices, quantile;
        double power;
    } rows[] = {{50, 6, 0.42}, {100, 9, 0.82}, {200, 13, 1}, {500, 23, 1}, {1000, 36, 1}};
    static sim_time times[MOST];
    printf(
        "scan test: devices, 99 %% null, chance of more, power against a tenth in lock-step, false "
        "alarms\n");
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        size_t n = rows[r].devices, found = 0, false_alarms = 0;
        size_t as_busy[2] = {0, 0}; /* as the quantile, and more */
        for (uint64_t run = 0; run < RUNS; run++) {
            size_t most = judge_scan_draw(&over_a_minute, n, SIM_SECOND, 1, run, times);
            as_busy[0] += most >= rows[r].quantile;
            as_busy[1] += most > rows[r].quantile;
        }
        for (uint64_t seed = 0; seed < FLEETS; seed++) {
            sim_stream s = sim_stream_for(seed, SIM_PURPOSE_SELECTION, n);
            found += make_fleet(times, n, 0.1, &s) > rows[r].quantile;
            false_alarms += make_fleet(times, n, 0, &s) > rows[r].quantile;
        }
        double more = (1.0 + (double)as_busy[1]) / (1 + RUNS), power = (double)found / FLEETS;
        printf("  %4zu  %2zu  %.3f  %.2f  %.3f\n", n, rows[r].quantile, more, power,
               (double)false_alarms / FLEETS);
        assert_true(more <= 0.02 && (double)as_busy[0] / RUNS > 0.01);
        /* and the same told by the test itself, which stops early where nothing is rare */
        assert_true(near(busy_chance(n, rows[r].quantile + 1, times), more, 0.01));
        assert_true(busy_chance(n, 2, times) == 1);
        assert_true(busy_chance(n, n, times) == 1.0 / (1 + RUNS));
        assert_true(near(power, rows[r].power, 0.1));
        assert_true((double)false_alarms / FLEETS <= 0.03);
    }
}

/* A window of 80 % of the declared one: half of the fleets of 50 are found, all of 100 (alpha
 * 0.01). */
static void test_distance_power(void **state) {
    (void)state;
    enum { SAMPLE = 20000 };
    static double declared[SAMPLE], seen[MOST];
    sim_stream s = sim_stream_for(2, SIM_PURPOSE_CALIBRATION, 0);
    for (int i = 0; i < SAMPLE; i++) declared[i] = draw(&s, 0, 60);
    qsort(declared, SAMPLE, sizeof declared[0], by_value);
    static const struct {
        size_t devices;
        double window, power;
    } rows[] = {{50, 48, 0.5}, {100, 48, 1}, {50, 60, 0.01}, {1000, 60, 0.01}};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        size_t found = 0, n = rows[r].devices;
        for (int fleet = 0; fleet < FLEETS; fleet++) {
            for (size_t i = 0; i < n; i++) seen[i] = draw(&s, 0, rows[r].window);
            qsort(seen, n, sizeof seen[0], by_value);
            found +=
                judge_distance_chance(judge_distance(seen, n, declared, SAMPLE), n, SAMPLE) <= 0.01;
        }
        printf("Kolmogorov-Smirnov: %zu devices over %.0f of 60 s: found %.2f\n", n, rows[r].window,
               (double)found / FLEETS);
        assert_true(near((double)found / FLEETS, rows[r].power, rows[r].power > 0.1 ? 0.15 : 0.02));
    }
}

/* The index of a fleet of 1,000 that lost its service in one instant, for attempts 1 to 6. */
static void synchrony_of(const char *name, double index[6]) {
    const dev_preset *preset = dev_preset_named(name);
    static double at[MOST], delays[MOST];
    static sim_time pauses[MOST][7];
    assert_non_null(preset);
    for (size_t i = 0; i < MOST; i++) {
        sim_stream s = sim_stream_for(3, SIM_PURPOSE_LAW, i);
        dev_law_draw(&preset->law, i, &s, pauses[i], 7);
        at[i] = 0;
    }
    for (int k = 1; k <= 6; k++) {
        for (size_t i = 0; i < MOST; i++) {
            delays[i] = sim_time_seconds(pauses[i][k]);
            at[i] += delays[i];
        }
        qsort(delays, MOST, sizeof delays[0], by_value);
        index[k - 1] = judge_synchrony(at, MOST, delays[MOST / 2]);
    }
}

static void test_synchrony_of_laws(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double least, most;
    } rows[] = {{"esp-mqtt", 1, 1},     {"dtls", 1, 1},         {"azure-dotnet", 0.96, 1},
                {"paho-c", 0.72, 0.83}, {"hivemq", 0.50, 0.66}, {"coap", 0.28, 0.82},
                {"aws-crt", 0, 0.12}};
    printf("synchronisation index of attempts 1 to 6\n");
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        double index[6];
        synchrony_of(rows[r].name, index);
        printf("  %-14s", rows[r].name);
        for (int k = 0; k < 6; k++) printf(" %.2f", index[k]);
        printf("\n");
        int last = strcmp(rows[r].name, "coap") == 0 ? 5 : 6; /* its sixth begins a new message */
        for (int k = 0; k < last; k++)
            assert_true(index[k] >= rows[r].least - 1e-9 && index[k] <= rows[r].most + 1e-9);
    }
}

/* 200 devices whose generators have so many different seeds: share that has a twin. */
static double twins_of(uint64_t seeds) {
    enum { DEVICES = 200, DELAYS = 5 };
    static double seconds[DEVICES * DELAYS];
    sim_stream pick = sim_stream_for(4, SIM_PURPOSE_SELECTION, 0);
    for (size_t i = 0; i < DEVICES; i++) {
        sim_time pauses[DELAYS + 1];
        sim_stream s =
            sim_stream_for(4, SIM_PURPOSE_LAW, seeds == 0 ? i : sim_stream_below(&pick, seeds));
        dev_law_draw(&dev_preset_named("aws-crt")->law, i, &s, pauses, DELAYS + 1);
        for (size_t k = 0; k < DELAYS; k++)
            seconds[i * DELAYS + k] =
                sim_time_seconds(pauses[k + 1]) + 0.02 * sim_stream_normal(&pick);
    }
    return judge_delays_twins(&(judge_delays){seconds, DEVICES, DELAYS}, 0.08);
}

static void test_shared_seeds_are_found(void **state) {
    (void)state;
    printf("twins among 200 devices: one seed %.2f, 256 seeds %.2f, a seed each %.2f\n",
           twins_of(1), twins_of(256), twins_of(0));
    assert_true(twins_of(1) > 0.95);
    assert_true(near(twins_of(256), 0.54, 0.1));
    assert_true(twins_of(0) <= 0.05);
}

static void test_plateau(void **state) {
    (void)state;
    static const struct {
        double medians[6];
        size_t columns, plateau;
    } rows[] = {
        {{1, 2, 4, 8, 8, 8}, 6, 3},     {{1, 2, 4, 8, 16, 32}, 6, 6}, /* none but the last */
        {{5, 5, 5, 5, 5, 5}, 6, 0},     {{1, 2, 8, 8, 2, 8}, 6, 6},   /* not all behind it */
        {{1, 2, 7.5, 10, 9, 10}, 6, 2}, {{1, 2, 7.4, 10, 9, 10}, 6, 3}, {{3}, 1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double seconds[3 * 6];
        for (size_t r = 0; r < 3; r++)
            for (size_t k = 0; k < rows[i].columns; k++)
                seconds[r * rows[i].columns + k] = rows[i].medians[k] * (r == 0   ? 0.5
                                                                         : r == 1 ? 1
                                                                                  : 1.5);
        const judge_delays d = {seconds, 3, rows[i].columns};
        assert_int_equal(judge_delays_plateau(&d), rows[i].plateau);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plateau),
        cmocka_unit_test(test_delays_against_scipy),
        cmocka_unit_test(test_series_against_numpy),
        cmocka_unit_test(test_distance_against_scipy),
        cmocka_unit_test(test_chance_of_small_samples_against_scipy),
        cmocka_unit_test(test_nothing_to_say),
        cmocka_unit_test(test_ties_are_no_trend),
        cmocka_unit_test(test_repeated_and_twins),
        cmocka_unit_test(test_scan_is_half_open),
        cmocka_unit_test(test_scan_null_and_power),
        cmocka_unit_test(test_narrower),
        cmocka_unit_test(test_distance_power),
        cmocka_unit_test(test_synchrony_of_laws),
        cmocka_unit_test(test_shared_seeds_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
