/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/law_row.h"

static sim_time next(const dev_law *law, uint32_t retry, sim_time *memory, sim_stream *stream) {
    (void)memory;
    return dev_law_cut(law, sim_stream_between(stream, 0, dev_law_jittered(law, retry)));
}

static void text(const dev_law *law, dev_law_writer *w) {
    dev_law_put(w, "full jitter ", "", "");
    dev_law_put_growth(w, law, true);
}

const dev_law_row dev_law_full_jitter = {
    .word = "full-jitter",
    .help = "a random part of a doubling pause",
    .formula = "from 0 to v, uniformly",
    .usual = {.base = SIM_SECOND, .cap = SIM_MINUTE, .factor = 2},
    .fields = dev_law_fields_jittered,
    .next = next,
    .wrong = dev_law_growth_wrong,
    .text = text,
};
