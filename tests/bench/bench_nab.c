/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/bench_nab.c - how much the examiner's figure depends on its setting: draws settings
 * from the box of tests/support/nab_settings and prints, for each, the figure with the best
 * threshold and then the setting; last the mean and spread. About a fifth of a second a setting.
 *
 *     bench_nab [SETTINGS [SEED]]     100 settings, seed 1 unless told */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/core/units.h"
#include "tests/support/nab_settings.h"

static double figure_of(nab_corpus *c, const examine_detector_settings *s) {
    bool all[NAB_SERIES_MAX];
    double threshold, figure;
    for (size_t i = 0; i < c->count; i++) {
        all[i] = true;
        nab_examine(&c->series[i], s);
    }
    if (nab_best_of(c, all, &nab_profiles[0], &threshold, &figure) != 0) exit(3);
    return figure;
}

static void print_setting(const examine_detector_settings *s) {
    printf(
        " warm_up %u rest %u gain %.2f short %u long %u lag %u %u %u range %.1f fade %.2f memory "
        "%.0f",
        s->warm_up, s->rest, (double)s->gain, s->novelty.short_block, s->novelty.long_block,
        s->novelty.lag[0], s->novelty.lag[1], s->novelty.lag[2], (double)s->novelty.range,
        (double)s->novelty.fade, (double)s->novelty.memory);
    printf(" z %.2f cusum %.2f step %.3f slack %.2f usual %.2f share %.3f learn %.4f views ",
           (double)s->weight_z, (double)s->weight_cusum, (double)s->tail.step,
           (double)s->tail.slack, (double)s->usual, (double)s->usual_share, (double)s->usual_step);
    for (int i = 0; i < EXAMINE_VIEWS; i++) putchar(s->novelty.weight[i] > 0 ? '1' : '0');
    putchar('\n');
}

int main(int argc, char **argv) {
    uint64_t count = 100;
    sim_stream random =
        sim_stream_for(argc > 2 ? strtoull(argv[2], NULL, 10) : 1, SIM_PURPOSE_CALIBRATION, 0);
    nab_corpus c;
    double sum = 0, squares = 0;
    if (argc > 1 && sim_units_count(argv[1], 0, UINT32_MAX, &count) != 0) return 4;
    if (nab_corpus_load(&c, BLACKSTART_SOURCE_DIR "/tests/data/nab") != 0) return 4;
    printf("%.2f shipped\n", figure_of(&c, &examine_detector_default));
    for (uint64_t i = 0; i < count; i++) {
        const examine_detector_settings s = nab_settings_draw(&random);
        const double figure = figure_of(&c, &s);
        sum += figure;
        squares += figure * figure;
        printf("%.2f", figure);
        print_setting(&s);
    }
    if (count > 0)
        printf(
            "mean %.2f, standard deviation %.2f\n", sum / (double)count,
            sqrt(fmax(0, squares / (double)count - sum / (double)count * (sum / (double)count))));
    nab_corpus_deinit(&c);
    return 0;
}
