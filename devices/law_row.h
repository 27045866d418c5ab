/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/law_row.h - a back-off law as a row: its word, its fields, its next pause, what is wrong
 * with it, and its sentence (design D16). One file devices/law_NAME.c holds one row, and its name
 * stands in DEV_LAW_MAP (devices/law.h); docs/add/law.md tells how to add one. For those files and
 * devices/law.c alone. */
#ifndef DEV_LAW_ROW_H
#define DEV_LAW_ROW_H

#include "devices/law.h"

/* Where dev_law_text writes; bounded, and what does not fit is a broken promise. */
typedef struct dev_law_writer {
    char *text;
    size_t size;
} dev_law_writer;

struct dev_law_row {
    const char *word;    /* "full-jitter" */
    const char *help;    /* "a random part of a doubling pause" */
    const char *formula; /* the pause before retry k, for the table of the documents */
    dev_law usual;       /* what a scenario does not say; a file begins with base 1 s and no cap */
    const dev_law_field *fields; /* its own, besides dev_law_habits; ends with DEV_LAW_FIELDS_END */
    /* The pause before retry `retry` of a series, from 1. *memory is the law's own: 0 when the
     * series begins, then what it left there. Draws from the stream as often at every call of the
     * same retry. */
    sim_time (*next)(const dev_law *law, uint32_t retry, sim_time *memory, sim_stream *stream);
    /* NULL when its own fields make sense, else a static sentence. NULL function: always. */
    const char *(*wrong)(const dev_law *law);
    /* Its retries in words: "full jitter from 1s doubling up to 1m00s". */
    void (*text)(const dev_law *law, dev_law_writer *w);
};

#define DEV_LAW_ROW(name, row) extern const dev_law_row dev_law_##row;
DEV_LAW_MAP(DEV_LAW_ROW)
#undef DEV_LAW_ROW

/* Fields that several laws have; DEV_LAW_FIELDS_END ends a table. */
#define DEV_LAW_FIELD(word, of, member, tells) \
    .field = {                                 \
        .name = word, .kind = SIM_FIELD_##of, .offset = offsetof(dev_law, member), .help = tells}
#define DEV_LAW_FIELDS_END       \
    {                            \
        .field = {.name = NULL } \
    }
#define DEV_LAW_FIELD_BASE \
    { DEV_LAW_FIELD("base", DURATION, base, "the first pause") }
#define DEV_LAW_FIELD_CAP \
    { DEV_LAW_FIELD("cap", DURATION, cap, "no pause grows further"), .never = true }
#define DEV_LAW_FIELD_FACTOR \
    { DEV_LAW_FIELD("factor", NUMBER, factor, "by which pauses grow") }
#define DEV_LAW_FIELD_LOW \
    { DEV_LAW_FIELD("low", NUMBER, low, "the least random factor") }
#define DEV_LAW_FIELD_HIGH \
    { DEV_LAW_FIELD("high", NUMBER, high, "the largest random factor") }
#define DEV_LAW_FIELD_BEFORE_CAP                                       \
    {                                                                  \
        DEV_LAW_FIELD("jitter_before_cap", BOOLEAN, jitter_before_cap, \
                      "the cap cuts the jitter: no spread at the cap") \
    }
extern const dev_law_field dev_law_fields_growing[];  /* base, cap, factor */
extern const dev_law_field dev_law_fields_jittered[]; /* those, jitter_before_cap */
extern const dev_law_field dev_law_fields_drawn[];    /* those, low, high */

/* v = min(cap, base * factor^(retry - 1)), and the same from another base. */
sim_time dev_law_grown(const dev_law *law, uint32_t retry);
sim_time dev_law_grown_from(const dev_law *law, sim_time base, uint32_t retry);
/* The pause of which a law with `jitter_before_cap` draws: v, or what v would be without a cap; and
 * a drawn pause, cut by the cap where the law says so. */
sim_time dev_law_jittered(const dev_law *law, uint32_t retry);
sim_time dev_law_cut(const dev_law *law, sim_time drawn);
/* `pause` times a factor, at most SIM_NEVER; and a random factor from low to high. */
sim_time dev_law_scaled(sim_time pause, double by);
double dev_law_random_factor(const dev_law *law, sim_stream *stream);

/* What is wrong with base; with base and cap; with base, cap and factor; and with low and high. */
const char *dev_law_base_wrong(const dev_law *law);
const char *dev_law_cap_wrong(const dev_law *law);
const char *dev_law_growth_wrong(const dev_law *law);
const char *dev_law_factor_range_wrong(const dev_law *law); /* of low and high alone */
const char *dev_law_factors_wrong(const dev_law *law);

void dev_law_put(dev_law_writer *w, const char *before, const char *what, const char *after);
void dev_law_put_time(dev_law_writer *w, const char *before, sim_time t, const char *after);
void dev_law_put_number(dev_law_writer *w, const char *before, double value, int digits,
                        const char *after);
/* "from 1s doubling up to 1m00s" */
void dev_law_put_growth(dev_law_writer *w, const dev_law *law, bool has_factor);
/* ", each times 0.5 to 1.5" */
void dev_law_put_factors(dev_law_writer *w, const char *before, const dev_law *law);

#endif
