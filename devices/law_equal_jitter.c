/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/law_row.h"

static sim_time next(const dev_law *law, uint32_t retry, sim_time *memory, sim_stream *stream) {
    (void)memory;
    sim_time half = dev_law_jittered(law, retry) / 2;
    return dev_law_cut(law, half + sim_stream_between(stream, 0, half));
}

static void text(const dev_law *law, dev_law_writer *w) {
    dev_law_put(w, "equal jitter ", "", "");
    dev_law_put_growth(w, law, true);
}

const dev_law_row dev_law_equal_jitter = {
    .word = "equal-jitter",
    .help = "half a doubling pause plus a random half",
    .formula = "v/2 and from 0 to v/2",
    .usual = {.base = SIM_SECOND, .cap = SIM_MINUTE, .factor = 2},
    .fields = dev_law_fields_jittered,
    .next = next,
    .wrong = dev_law_growth_wrong,
    .text = text,
};
