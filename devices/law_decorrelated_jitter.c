/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/law_row.h"

/* The last pause of the series is remembered; before the first retry it is the base. */
static sim_time next(const dev_law *law, uint32_t retry, sim_time *memory, sim_stream *stream) {
    (void)retry;
    sim_time previous = *memory < law->base ? law->base : *memory;
    sim_time most = previous > SIM_NEVER / 3 ? SIM_NEVER : 3 * previous;
    *memory = sim_time_min(law->cap, sim_stream_between(stream, law->base, most));
    return *memory;
}

static void text(const dev_law *law, dev_law_writer *w) {
    dev_law_put(w, "decorrelated jitter ", "", "");
    dev_law_put_growth(w, law, false);
}

static const dev_law_field fields[] = {DEV_LAW_FIELD_BASE, DEV_LAW_FIELD_CAP, DEV_LAW_FIELDS_END};

const dev_law_row dev_law_decorrelated_jitter = {
    .word = "decorrelated-jitter",
    .help = "a random pause up to three times the last one",
    .formula = "min(cap, from base to three times the last pause)",
    .usual = {.base = SIM_SECOND, .cap = SIM_MINUTE, .factor = 2},
    .fields = fields,
    .next = next,
    .wrong = dev_law_cap_wrong,
    .text = text,
};
