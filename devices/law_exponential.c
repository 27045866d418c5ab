/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/law_row.h"

static sim_time next(const dev_law *law, uint32_t retry, sim_time *memory, sim_stream *stream) {
    (void)memory, (void)stream;
    return dev_law_grown(law, retry);
}

static void text(const dev_law *law, dev_law_writer *w) {
    dev_law_put(w, "without jitter ", "", "");
    dev_law_put_growth(w, law, true);
}

const dev_law_row dev_law_exponential = {
    .word = "exponential",
    .help = "doubling pauses without jitter",
    .formula = "v",
    .usual = {.base = SIM_SECOND, .cap = SIM_MINUTE, .factor = 2},
    .fields = dev_law_fields_growing,
    .next = next,
    .wrong = dev_law_growth_wrong,
    .text = text,
};
