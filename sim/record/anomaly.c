/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/anomaly.h"

#include <string.h>

static const struct {
    const char *word;
    bool rate;
} anomalies[RECORD_ANOMALIES] = {
#define RECORD_ANOMALY_ROW(name, word, rate, title) {word, rate},
    RECORD_ANOMALY_MAP(RECORD_ANOMALY_ROW)
#undef RECORD_ANOMALY_ROW
};

const char *record_anomaly_word(record_anomaly a) {
    return anomalies[a].word;
}

bool record_anomaly_shows_in_rates(record_anomaly a) {
    return anomalies[a].rate;
}

int record_anomaly_named(const char *word, record_anomaly *out) {
    for (int i = 0; i < RECORD_ANOMALIES; i++) {
        if (strcmp(anomalies[i].word, word) != 0) continue;
        *out = (record_anomaly)i;
        return 0;
    }
    return SIM_EPARSE;
}
