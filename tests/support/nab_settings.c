/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/nab_settings.h"

#include <math.h>

static double between(sim_stream *random, double low, double high) {
    return low * exp(sim_stream_unit(random) * log(high / low));
}

static uint32_t whole_between(sim_stream *random, double low, double high) {
    return (uint32_t)(between(random, low, high) + 0.5);
}

examine_detector_settings nab_settings_draw(sim_stream *random) {
    examine_detector_settings s = examine_detector_default;
    s.warm_up = whole_between(random, 120, 250);
    s.rest = whole_between(random, 70, 160);
    s.gain = (float)between(random, 0.7, 2.5);
    s.novelty.short_block = whole_between(random, 4, 24);
    s.novelty.long_block = whole_between(random, 16, 120);
    s.novelty.lag[0] = whole_between(random, 2, 24);
    s.novelty.lag[1] = whole_between(random, 24, 72);
    s.novelty.lag[2] = whole_between(random, 72, 192);
    s.novelty.range = (float)between(random, 8, 12);
    s.novelty.fade = (float)between(random, 0.7, 6);
    s.novelty.memory = (float)between(random, 1000, 6000);
    for (int i = 0; i < EXAMINE_VIEWS; i++)
        s.novelty.weight[i] = sim_stream_unit(random) < 0.1 ? 0 : 1;
    s.tail.step = (float)between(random, 0.01, 0.08);
    s.tail.slack = (float)between(random, 0.25, 1);
    s.weight_z = (float)between(random, 0.1, 1);
    s.weight_cusum = (float)between(random, 0.1, 1);
    s.novelty.column_prior = (float)between(random, 5, 45);
    s.usual = (float)between(random, 1.5, 10);
    s.usual_share = 1 - (float)between(random, 0.002, 0.04);
    s.usual_least = (float)between(random, 0.04, 0.25);
    s.usual_step = (float)between(random, 0.003, 0.04);
    return s;
}

size_t nab_examine(nab_series *s, const examine_detector_settings *settings) {
    examine_detector d;
    size_t alarms = 0;
    examine_detector_init(&d, settings);
    for (size_t i = 0; i < s->count; i++) {
        const examine_verdict v = examine_detector_step(&d, s->times[i], s->values[i]);
        s->scores[i] = (double)v.score;
        alarms += v.alarm;
    }
    return alarms;
}

static size_t choose(const nab_corpus *c, const bool *chosen, const nab_series **out) {
    size_t n = 0;
    for (size_t i = 0; i < c->count; i++)
        if (chosen[i]) out[n++] = &c->series[i];
    return n;
}

int nab_best_of(const nab_corpus *c, const bool *chosen, const nab_profile *p, double *threshold,
                double *figure) {
    const nab_series *some[NAB_SERIES_MAX];
    return nab_best(some, choose(c, chosen, some), p, threshold, figure);
}

double nab_score_of(const nab_corpus *c, const bool *chosen, const nab_profile *p,
                    double threshold) {
    const nab_series *some[NAB_SERIES_MAX];
    return nab_score_at(some, choose(c, chosen, some), p, threshold);
}
