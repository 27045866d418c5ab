/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_nab.c - the examiner on the Numenta Anomaly Benchmark (31 series of tests/data/nab),
 * official rules; and that our scorer follows them: it reproduces published figures of another
 * detector.
 *
 * test-timeout: 600 test-cost: 20
 *
 * Published figures on exactly these series, each detector with its best threshold; ours has one
 * frozen setting, does not look ahead and is not told a file's minimum and maximum. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"
#include "tests/support/nab_settings.h"
#include "tests/unit/with_cmocka.h"

enum { SPLITS = 20, SETTINGS = 48 };
static const double floor_standard = 66;

#define assert_near(a, b, within) assert_true(fabs((a) - (b)) <= (within))

static nab_corpus corpus;

static int load(void **state) {
    (void)state;
    return nab_corpus_load(&corpus, BLACKSTART_SOURCE_DIR "/tests/data/nab");
}

static int unload(void **state) {
    (void)state;
    nab_corpus_deinit(&corpus);
    return 0;
}

static double best(const nab_profile *p, double *threshold) {
    bool all[NAB_SERIES_MAX];
    double figure;
    memset(all, 1, sizeof all);
    assert_int_equal(nab_best_of(&corpus, all, p, threshold, &figure), 0);
    return figure;
}

static nab_series *series_named(const char *name) {
    for (size_t i = 0; i < corpus.count; i++)
        if (strcmp(corpus.series[i].name, name) == 0) return &corpus.series[i];
    fail_msg("no series %s", name);
    return NULL;
}

static void the_corpus_is_the_one_we_know(void **state) {
    (void)state;
    size_t windows = 0, points = 0;
    for (size_t i = 0; i < corpus.count; i++) {
        windows += corpus.series[i].window_count;
        points += corpus.series[i].count;
    }
    assert_int_equal(corpus.count, 31);
    assert_int_equal(windows, 53);
    assert_int_equal(points, 139187);
}

static void probation_is_15_percent_or_750(void **state) {
    (void)state;
    assert_int_equal(nab_probation(1127), 169);
    assert_int_equal(nab_probation(4032), 604);
    assert_int_equal(nab_probation(5000), 750);
    assert_int_equal(nab_probation(22695), 750);
}

/* 100 points, a window at 50..59; by hand from the rules. */
static void rewards_are_those_of_the_rules(void **state) {
    (void)state;
    double scores[100] = {0};
    nab_series s = {
        .name = "", .count = 100, .scores = scores, .windows = {{50, 59}}, .window_count = 1};
    const nab_profile *p = &nab_profiles[0];
    const double top = 2 / (1 + exp(-5.0)) - 1;
    assert_near(nab_reward(&s, 50, p), 1, 1e-12);                               /* left edge */
    assert_near(nab_reward(&s, 59, p), (2 / (1 + exp(-0.5)) - 1) / top, 1e-12); /* right edge */
    /* no window before */
    assert_near(nab_reward(&s, 20, p), -0.11, 1e-12);
    assert_near(nab_reward(&s, 60, p), 0.11 * (2 / (1 + exp(5.0 / 9)) - 1), 1e-12);
    assert_near(nab_reward(&s, 99, p), -0.11, 1e-12); /* far behind */
    assert_near(nab_reward(&s, 20, &nab_profiles[1]), -0.22, 1e-12);

    scores[10] = scores[20] = scores[54] = scores[57] =
        1; /* in probation; false; true; its window is paid already */
    const nab_tally t = nab_series_tally(&s, p, 0.5);
    assert_near(t.raw, nab_reward(&s, 54, p) - 0.11, 1e-12);
    assert_int_equal(t.fp, 1);
    assert_int_equal(t.tp, 2);
    assert_int_equal(t.fn, 8);
    assert_int_equal(t.tn, 74);
    assert_near(nab_series_tally(&s, &nab_profiles[2], 2).raw, -2, 1e-12);
    const nab_series *one = &s;
    double threshold, figure;
    assert_int_equal(nab_best(&one, 1, p, &threshold, &figure), 0);
    assert_near(threshold, 1, 0);
    assert_near(figure, 100 * (1 + t.raw) / 2, 1e-9);
    scores[20] = 0; /* the window is now all that counts, and the threshold above 0 */
    scores[50] = 1;
    assert_int_equal(nab_best(&one, 1, p, &threshold, &figure), 0);
    assert_near(figure, 100, 1e-9);
}

static void silence_is_0_and_perfection_100(void **state) {
    (void)state;
    double threshold;
    for (int k = 0; k < NAB_PROFILES; k++) {
        for (size_t i = 0; i < corpus.count; i++)
            memset(corpus.series[i].scores, 0, corpus.series[i].count * sizeof(double));
        assert_near(best(&nab_profiles[k], &threshold), 0, 0);
        assert_near(threshold, 1.1, 0);
        for (size_t i = 0; i < corpus.count; i++)
            for (size_t w = 0; w < corpus.series[i].window_count; w++)
                corpus.series[i].scores[corpus.series[i].windows[w].first] = 1;
        assert_near(best(&nab_profiles[k], &threshold), 100, 1e-9);
    }
}

/* The benchmark's own "windowed Gaussian": two-sided tail of a normal distribution fitted to the
 * last 6,400 points, moved on by 100 points at a time; 1.4142 for the square root of 2, as
 * published. */
static void windowed_gaussian(nab_series *s) {
    enum { WINDOW = 6400, STEP = 100 };
    double mean = 0, deviation = 1;
    size_t from = 0, length = 0, waiting = 0;
    for (size_t i = 0; i < s->count; i++) {
        s->scores[i] =
            length == 0 ? 0 : 1 - 0.5 * erfc(fabs(s->values[i] - mean) / deviation / 1.4142);
        if (length < WINDOW) {
            length++;
        } else if (++waiting == STEP) {
            from += STEP;
            waiting = 0;
        } else {
            continue;
        }
        double sum = 0, squares = 0;
        for (size_t k = from; k < from + length; k++) sum += s->values[k];
        mean = sum / (double)length;
        for (size_t k = from; k < from + length; k++)
            squares += (s->values[k] - mean) * (s->values[k] - mean);
        deviation = squares > 0 ? sqrt(squares / (double)length) : 0.000001;
    }
}

/* Published with the benchmark for that detector at threshold 1: raw score and counts of a series.
 */
static const struct {
    const char *name;
    double raw;
    size_t tp, tn, fp, fn;
} published[] = {
    {"realAdExchange/exchange-3_cpc_results.csv", 2.5026632611866138, 5, 1154, 1, 148},
    {"realAdExchange/exchange-3_cpm_results.csv", 0.862098587352162, 1, 1155, 0, 152},
    {"realAdExchange/exchange-4_cpc_results.csv", 0.2922884634276035, 3, 1228, 4, 162},
    {"realAdExchange/exchange-4_cpm_results.csv", 1.274710362684976, 4, 1230, 3, 160},
    {"realTraffic/TravelTime_387.csv", -1.7959813307852819, 1, 1870, 6, 248},
    {"realKnownCause/rogue_agent_key_hold.csv", -2.44, 0, 1406, 4, 190},
    {"realKnownCause/cpu_utilization_asg_misconfiguration.csv", -1.11, 0, 15800, 1, 1499},
};

static void the_scorer_reproduces_published_figures(void **state) {
    (void)state;
    double threshold;
    for (size_t i = 0; i < corpus.count; i++) windowed_gaussian(&corpus.series[i]);
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        const nab_tally t =
            nab_series_tally(series_named(published[i].name), &nab_profiles[0], 1.0);
        assert_near(t.raw, published[i].raw, 1e-12);
        assert_int_equal(t.tp, published[i].tp);
        assert_int_equal(t.tn, published[i].tn);
        assert_int_equal(t.fp, published[i].fp);
        assert_int_equal(t.fn, published[i].fn);
    }
    /* 37.7 is published for these series */
    assert_near(best(&nab_profiles[0], &threshold), 37.70, 0.005);
}

static void print_published(void) {
    printf(
        "                                  standard\n"
        "  ARTime                            73.6\n"
        "  Numenta HTM                       69.5\n"
        "  CAD OSE                           66.1\n"
        "  Random Cut Forest                 61.3\n"
        "  Windowed Gaussian                 37.7\n");
}

static void the_shipped_setting_reaches_the_floor(void **state) {
    (void)state;
    size_t alarms = 0;
    double threshold, figure[NAB_PROFILES];
    for (size_t i = 0; i < corpus.count; i++)
        alarms += nab_examine(&corpus.series[i], &examine_detector_default);
    for (int k = 0; k < NAB_PROFILES; k++) figure[k] = best(&nab_profiles[k], &threshold);
    const nab_series *all[NAB_SERIES_MAX];
    for (size_t i = 0; i < corpus.count; i++) all[i] = &corpus.series[i];
    const double as_shipped = nab_score_at(all, corpus.count, &nab_profiles[0],
                                           (double)examine_detector_default.threshold);
    printf("Anomaly benchmark, 31 series, no look-ahead, one frozen setting\n");
    printf("  blackstart examine                %.2f   low-FP %.2f   low-FN %.2f\n", figure[0],
           figure[1], figure[2]);
    printf("  the same at its own threshold     %.2f   (%zu alarms)\n", as_shipped, alarms);
    print_published();
    assert_true(figure[0] >= floor_standard);
    assert_true(as_shipped >= floor_standard);
}

/* Bad twins: what says nothing, what says anything, and what looks at the clock alone must not
 * reach the floor. */
static void bad_twins_do_not(void **state) {
    (void)state;
    double threshold;
    for (size_t i = 0; i < corpus.count; i++)
        memset(corpus.series[i].scores, 0, corpus.series[i].count * sizeof(double));
    assert_true(best(&nab_profiles[0], &threshold) < floor_standard);
    sim_stream random = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 1);
    for (size_t i = 0; i < corpus.count; i++)
        for (size_t k = 0; k < corpus.series[i].count; k++)
            corpus.series[i].scores[k] = sim_stream_unit(&random);
    assert_true(best(&nab_profiles[0], &threshold) < floor_standard);
    for (size_t i = 0; i < corpus.count; i++)
        for (size_t k = 0; k < corpus.series[i].count; k++)
            corpus.series[i].scores[k] = k % 200 == 0;
    assert_true(best(&nab_profiles[0], &threshold) < floor_standard);
    examine_detector_settings deaf = examine_detector_default;
    deaf.weight_z = deaf.weight_cusum = 0;
    for (int i = 1; i < EXAMINE_VIEWS; i++) deaf.novelty.weight[i] = 0;
    for (size_t i = 0; i < corpus.count; i++) nab_examine(&corpus.series[i], &deaf);
    assert_true(best(&nab_profiles[0], &threshold) < floor_standard);
}

typedef struct mean {
    double sum, squares;
    int n;
} mean;

static void add(mean *m, double x) {
    m->sum += x;
    m->squares += x * x;
    m->n++;
}

static void print_mean(const char *what, const mean *m) {
    const double middle = m->sum / m->n;
    printf("  %-34s%.1f +- %.1f\n", what, middle,
           sqrt(fmax(0, m->squares / m->n - middle * middle)));
}

static void split(sim_stream *random, bool *one, bool *other) {
    for (size_t i = 0; i < corpus.count; i++) {
        one[i] = sim_stream_unit(random) < 0.5;
        other[i] = !one[i];
    }
}

/* Scores of many settings, so that a split can choose among them: [setting][series]. */
static double *scores_of[SETTINGS][NAB_SERIES_MAX];

static void examine_with(int setting, const examine_detector_settings *s) {
    for (size_t i = 0; i < corpus.count; i++) {
        double *scores = sim_malloc(corpus.series[i].count * sizeof *scores);
        assert_non_null(scores);
        nab_examine(&corpus.series[i], s);
        memcpy(scores, corpus.series[i].scores, corpus.series[i].count * sizeof *scores);
        scores_of[setting][i] = scores;
    }
}

static void use_scores(int setting) {
    for (size_t i = 0; i < corpus.count; i++)
        memcpy(corpus.series[i].scores, scores_of[setting][i],
               corpus.series[i].count * sizeof(double));
}

/* Setting and threshold are chosen on `one`; the figure is that of `other`. */
static double held_out(const bool *one, const bool *other) {
    double best_figure = -INFINITY, result = 0;
    for (int k = 0; k < SETTINGS; k++) {
        double threshold, figure;
        use_scores(k);
        assert_int_equal(nab_best_of(&corpus, one, &nab_profiles[0], &threshold, &figure), 0);
        if (figure <= best_figure) continue;
        best_figure = figure;
        result = nab_score_of(&corpus, other, &nab_profiles[0], threshold);
    }
    return result;
}

static void print_held_out_figures(void **state) {
    (void)state;
    sim_stream random = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 2);
    bool one[NAB_SERIES_MAX] = {false}, other[NAB_SERIES_MAX] = {false};
    mean threshold_only = {0}, both = {0};
    for (size_t i = 0; i < corpus.count; i++)
        nab_examine(&corpus.series[i], &examine_detector_default);
    for (int k = 0; k < SPLITS; k++) {
        double threshold, figure;
        split(&random, one, other);
        assert_int_equal(nab_best_of(&corpus, one, &nab_profiles[0], &threshold, &figure), 0);
        add(&threshold_only, nab_score_of(&corpus, other, &nab_profiles[0], threshold));
    }
    for (int k = 0; k < SETTINGS; k++) {
        const examine_detector_settings s = nab_settings_draw(&random);
        examine_with(k, &s);
    }
    for (int k = 0; k < SPLITS; k++) {
        split(&random, one, other);
        add(&both, held_out(one, other));
    }
    for (int k = 0; k < SETTINGS; k++)
        for (size_t i = 0; i < corpus.count; i++) sim_free(scores_of[k][i]);
    printf("Held out: chosen on one random half of the series, scored on the other, %d times\n",
           SPLITS);
    print_mean("threshold chosen", &threshold_only);
    print_mean("threshold and setting chosen", &both);
    assert_true(both.sum / both.n > 60);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_corpus_is_the_one_we_know),
        cmocka_unit_test(probation_is_15_percent_or_750),
        cmocka_unit_test(rewards_are_those_of_the_rules),
        cmocka_unit_test(silence_is_0_and_perfection_100),
        cmocka_unit_test(the_scorer_reproduces_published_figures),
        cmocka_unit_test(the_shipped_setting_reaches_the_floor),
        cmocka_unit_test(bad_twins_do_not),
        cmocka_unit_test(print_held_out_figures),
    };
    return cmocka_run_group_tests_name("nab", tests, load, unload);
}
