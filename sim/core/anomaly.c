/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/anomaly.h"

#include <string.h>

static const struct {
    const char *word;
    bool rate;
} anomalies[SIM_ANOMALIES] = {
#define SIM_ANOMALY_ROW(name, word, rate, title) {word, rate},
    SIM_ANOMALY_MAP(SIM_ANOMALY_ROW)
#undef SIM_ANOMALY_ROW
};

const char *sim_anomaly_word(sim_anomaly a) {
    return anomalies[a].word;
}

bool sim_anomaly_shows_in_rates(sim_anomaly a) {
    return anomalies[a].rate;
}

int sim_anomaly_named(const char *word, sim_anomaly *out) {
    for (int i = 0; i < SIM_ANOMALIES; i++) {
        if (strcmp(anomalies[i].word, word) != 0) continue;
        *out = (sim_anomaly)i;
        return 0;
    }
    return SIM_EPARSE;
}
