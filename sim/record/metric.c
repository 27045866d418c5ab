/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/metric.h"

#include <string.h>

static const struct {
    const char *word;
    record_metric_kind kind;
    record_metric_side side;
} metrics[RECORD_METRICS] = {
#define RECORD_METRIC_ROW(name, word, kind, side, title) \
    {word, RECORD_METRIC_##kind, RECORD_METRIC_##side},
    RECORD_METRIC_MAP(RECORD_METRIC_ROW)
#undef RECORD_METRIC_ROW
};

const char *record_metric_word(record_metric m) {
    return metrics[m].word;
}

record_metric_kind record_metric_kind_of(record_metric m) {
    return metrics[m].kind;
}

record_metric_side record_metric_side_of(record_metric m) {
    return metrics[m].side;
}

int record_metric_named(const char *word, record_metric *out) {
    for (int i = 0; i < RECORD_METRICS; i++) {
        if (strcmp(metrics[i].word, word) != 0) continue;
        *out = (record_metric)i;
        return 0;
    }
    return SIM_EPARSE;
}
