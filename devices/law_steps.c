/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/law_row.h"

/* A step of 0 is a try at once; one millisecond passes all the same. */
static sim_time next(const dev_law *law, uint32_t retry, sim_time *memory, sim_stream *stream) {
    (void)memory;
    uint32_t step = retry < law->pauses.count ? retry : law->pauses.count;
    sim_time pause = dev_law_scaled(law->pauses.each[step - 1], dev_law_random_factor(law, stream));
    return sim_time_max(pause, SIM_MILLISECOND);
}

static const char *wrong(const dev_law *law) {
    bool waits = false;
    if (law->pauses.count == 0 || law->pauses.count > SIM_PAUSES_MAX)
        return "there are not from 1 to 32 steps";
    for (uint32_t i = 0; i < law->pauses.count; i++) {
        if (law->pauses.each[i] < 0) return "a step is negative";
        if (law->pauses.each[i] == SIM_NEVER)
            return "a step has no end, so nobody would ever try again";
        waits = waits || law->pauses.each[i] > 0;
    }
    if (!waits) return "no step is above 0: that law is called immediate";
    return dev_law_factor_range_wrong(law);
}

static void put_step(dev_law_writer *w, const char *before, sim_time step) {
    if (step == 0)
        dev_law_put(w, before, "0s", "");
    else
        dev_law_put_time(w, before, step, "");
}

/* Long tables are cut: the last step says where they end. */
static void text(const dev_law *law, dev_law_writer *w) {
    enum { SHOWN = 8 };
    uint32_t count = law->pauses.count;
    if (count == 0) return;
    for (uint32_t i = 0; i + 1 < count && i < SHOWN; i++)
        put_step(w, i > 0 ? ", " : "steps of ", law->pauses.each[i]);
    if (count > SHOWN + 1) dev_law_put(w, ", ...", "", "");
    put_step(w, count > 1 ? " and then " : "steps of ", law->pauses.each[count - 1]);
    dev_law_put(w, " each", "", "");
    if (law->low != 1 || law->high != 1) dev_law_put_factors(w, ", times ", law);
}

static const dev_law_field fields[] = {
    {DEV_LAW_FIELD("pauses", PAUSES, pauses, "the steps; the last one repeats")},
    DEV_LAW_FIELD_LOW,
    DEV_LAW_FIELD_HIGH,
    DEV_LAW_FIELDS_END,
};

const dev_law_row dev_law_steps = {
    .word = "steps",
    .help = "pauses from a table, the last one again and again",
    .formula = "pauses[k] times a random factor from low to high; the last one repeats",
    .usual = {.pauses = {{SIM_SECOND, 2 * SIM_SECOND, 5 * SIM_SECOND, 10 * SIM_SECOND,
                          30 * SIM_SECOND, SIM_MINUTE},
                         6},
              .cap = SIM_NEVER,
              .low = 1,
              .high = 1},
    .fields = fields,
    .next = next,
    .wrong = wrong,
    .text = text,
};
