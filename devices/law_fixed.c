/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/law_row.h"

static sim_time next(const dev_law *law, uint32_t retry, sim_time *memory, sim_stream *stream) {
    (void)retry, (void)memory, (void)stream;
    return law->base;
}

/* A factor or a cap of 0 is one that nobody gave. */
static const char *wrong(const dev_law *law) {
    const char *base = dev_law_base_wrong(law);
    if (base != NULL) return base;
    if (law->factor != 0 && law->factor != 1) return "a fixed pause does not grow by a factor";
    if (law->cap != 0 && law->cap != SIM_NEVER && law->cap != law->base)
        return "a fixed pause has no cap but itself";
    return NULL;
}

static void text(const dev_law *law, dev_law_writer *w) {
    dev_law_put_time(w, "every ", law->base, "");
}

static const dev_law_field fields[] = {
    {DEV_LAW_FIELD("base", DURATION, base, "the pause")},
    {DEV_LAW_FIELD("cap", DURATION, cap, "the same"), .never = true, .file_only = true},
    {DEV_LAW_FIELD("factor", NUMBER, factor, "1"), .file_only = true},
    DEV_LAW_FIELDS_END,
};

const dev_law_row dev_law_fixed = {
    .word = "fixed",
    .help = "after the same pause each time",
    .formula = "base",
    .usual = {.base = 10 * SIM_SECOND, .cap = SIM_NEVER, .factor = 1},
    .fields = fields,
    .next = next,
    .wrong = wrong,
    .text = text,
};
