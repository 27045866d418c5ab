/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/law_row.h"

/* The draw is remembered, and grows; a nanosecond keeps it from being none. */
static sim_time next(const dev_law *law, uint32_t retry, sim_time *memory, sim_stream *stream) {
    if (*memory <= 0) *memory = dev_law_scaled(law->base, dev_law_random_factor(law, stream)) + 1;
    return dev_law_grown_from(law, *memory, retry);
}

static void text(const dev_law *law, dev_law_writer *w) {
    dev_law_put(w, "one random pause ", "", "");
    dev_law_put_growth(w, law, true);
    dev_law_put_factors(w, ", the first times ", law);
}

const dev_law_row dev_law_one_draw = {
    .word = "one-draw",
    .help = "a random first pause, doubled without another draw",
    .formula =
        "base times a random factor from low to high, drawn once, then grown by the factor "
        "(CoAP's retransmission, RFC 7252 4.2)",
    .usual = {.base = 2 * SIM_SECOND, .cap = SIM_NEVER, .factor = 2, .low = 1, .high = 1.5},
    .fields = dev_law_fields_drawn,
    .next = next,
    .wrong = dev_law_factors_wrong,
    .text = text,
};
