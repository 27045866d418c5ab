/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/metric.h"

#include <string.h>

static const struct {
    const char *word;
    sim_metric_kind kind;
    sim_metric_side side;
} metrics[SIM_METRICS] = {
#define SIM_METRIC_ROW(name, word, kind, side, title) {word, SIM_METRIC_##kind, SIM_METRIC_##side},
    SIM_METRIC_MAP(SIM_METRIC_ROW)
#undef SIM_METRIC_ROW
};

const char *sim_metric_word(sim_metric m) {
    return metrics[m].word;
}

sim_metric_kind sim_metric_kind_of(sim_metric m) {
    return metrics[m].kind;
}

sim_metric_side sim_metric_side_of(sim_metric m) {
    return metrics[m].side;
}

int sim_metric_named(const char *word, sim_metric *out) {
    for (int i = 0; i < SIM_METRICS; i++) {
        if (strcmp(metrics[i].word, word) != 0) continue;
        *out = (sim_metric)i;
        return 0;
    }
    return SIM_EPARSE;
}
