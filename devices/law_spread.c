/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/law_row.h"

static sim_time next(const dev_law *law, uint32_t retry, sim_time *memory, sim_stream *stream) {
    (void)memory;
    sim_time drawn =
        dev_law_scaled(dev_law_jittered(law, retry), dev_law_random_factor(law, stream));
    return dev_law_cut(law, drawn);
}

static void text(const dev_law *law, dev_law_writer *w) {
    dev_law_put(w, "jitter ", "", "");
    dev_law_put_growth(w, law, true);
    dev_law_put_factors(w, ", each times ", law);
}

static const dev_law_field fields[] = {
    DEV_LAW_FIELD_BASE, DEV_LAW_FIELD_CAP,        DEV_LAW_FIELD_FACTOR, DEV_LAW_FIELD_LOW,
    DEV_LAW_FIELD_HIGH, DEV_LAW_FIELD_BEFORE_CAP, DEV_LAW_FIELDS_END};

const dev_law_row dev_law_spread = {
    .word = "spread",
    .help = "a doubling pause times a random factor",
    .formula = "v times a random factor from low to high",
    .usual = {.base = SIM_SECOND, .cap = SIM_MINUTE, .factor = 2, .low = 0.5, .high = 1.5},
    .fields = fields,
    .next = next,
    .wrong = dev_law_factors_wrong,
    .text = text,
};
