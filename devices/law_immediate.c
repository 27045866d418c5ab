/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/law_row.h"

/* One millisecond, so that time passes. */
static sim_time next(const dev_law *law, uint32_t retry, sim_time *memory, sim_stream *stream) {
    (void)law, (void)retry, (void)memory, (void)stream;
    return SIM_MILLISECOND;
}

static void text(const dev_law *law, dev_law_writer *w) {
    (void)law;
    dev_law_put(w, "again without a pause", "", "");
}

static const dev_law_field fields[] = {DEV_LAW_FIELDS_END};

const dev_law_row dev_law_immediate = {
    .word = "immediate",
    .help = "at once, without a pause",
    .formula = "none",
    .usual = {.base = SIM_SECOND, .cap = SIM_SECOND, .factor = 2},
    .fields = fields,
    .next = next,
    .text = text,
};
