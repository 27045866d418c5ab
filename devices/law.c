/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/law_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const dev_law_row *const law_rows[DEV_LAWS] = {
#define LAW_ROW(name, row) [DEV_LAW_##name] = &dev_law_##row,
    DEV_LAW_MAP(LAW_ROW)
#undef LAW_ROW
};

const dev_law_row *dev_law_row_of(int kind) {
    return kind >= 0 && kind < DEV_LAWS ? law_rows[kind] : NULL;
}

const dev_law_field *dev_law_fields(dev_law_kind kind) {
    return law_rows[kind]->fields;
}

dev_law dev_law_usual(dev_law_kind kind) {
    dev_law law = law_rows[kind]->usual;
    law.kind = kind;
    return law;
}

const char *dev_law_help(dev_law_kind kind) {
    return law_rows[kind]->help;
}

const char *const dev_law_seed_words[] = {
#define LAW_SEED_WORD(name, word) [DEV_LAW_SEED_##name] = word,
    DEV_LAW_SEED_MAP(LAW_SEED_WORD)
#undef LAW_SEED_WORD
        NULL,
};

const dev_law_field dev_law_habits[] = {
    {DEV_LAW_FIELD("initial_window", DURATION, initial_window,
                   "the first attempt is at random within it"),
     .script = "window"},
    {.field = {.name = "tries",
               .kind = SIM_FIELD_COUNT32,
               .offset = offsetof(dev_law, tries),
               .maximum = 1e6,
               .help = "attempts in a series; 0: no end"}},
    {DEV_LAW_FIELD("rest", DURATION, rest, "the pause after a series; 0: the law's own"),
     .never = true},
    {DEV_LAW_FIELD("reset_after", DURATION, reset_after, "time online until it begins anew")},
    {DEV_LAW_FIELD("on_the", DURATION, on_the, "attempts wait for full multiples of it")},
    {.field = {.name = "seed",
               .kind = SIM_FIELD_CHOICE,
               .offset = offsetof(dev_law, seed),
               .choices = dev_law_seed_words,
               .help = "what the pauses are drawn from"}},
    DEV_LAW_FIELDS_END,
};

const dev_law_field dev_law_fields_growing[] = {DEV_LAW_FIELD_BASE, DEV_LAW_FIELD_CAP,
                                                DEV_LAW_FIELD_FACTOR, DEV_LAW_FIELDS_END};
const dev_law_field dev_law_fields_jittered[] = {DEV_LAW_FIELD_BASE, DEV_LAW_FIELD_CAP,
                                                 DEV_LAW_FIELD_FACTOR, DEV_LAW_FIELD_BEFORE_CAP,
                                                 DEV_LAW_FIELDS_END};
const dev_law_field dev_law_fields_drawn[] = {DEV_LAW_FIELD_BASE,   DEV_LAW_FIELD_CAP,
                                              DEV_LAW_FIELD_FACTOR, DEV_LAW_FIELD_LOW,
                                              DEV_LAW_FIELD_HIGH,   DEV_LAW_FIELDS_END};

void dev_law_begin(dev_law_state *s) {
    *s = (dev_law_state){0};
}

/* factor^n by squaring: the same bits on every machine, which pow() does not promise. */
static double power_of(double factor, uint32_t n) {
    double result = 1.0;
    for (double square = factor; n > 0; n >>= 1, square *= square) {
        if (n & 1) result *= square;
    }
    return result;
}

sim_time dev_law_grown_from(const dev_law *law, sim_time base, uint32_t retry) {
    double v = (double)base * power_of(law->factor, retry - 1);
    return v < (double)law->cap ? (sim_time)v : law->cap; /* also when v is infinite */
}

sim_time dev_law_grown(const dev_law *law, uint32_t retry) {
    return dev_law_grown_from(law, law->base, retry);
}

sim_time dev_law_jittered(const dev_law *law, uint32_t retry) {
    dev_law endless = *law;
    if (law->jitter_before_cap) endless.cap = SIM_NEVER;
    return dev_law_grown(&endless, retry);
}

sim_time dev_law_cut(const dev_law *law, sim_time drawn) {
    return law->jitter_before_cap ? sim_time_min(law->cap, drawn) : drawn;
}

sim_time dev_law_scaled(sim_time pause, double by) {
    double ns = (double)pause * by;
    return ns < 0x1p62 ? (sim_time)ns : SIM_NEVER;
}

double dev_law_random_factor(const dev_law *law, sim_stream *stream) {
    return law->low + (law->high - law->low) * sim_stream_unit(stream);
}

/* The pause after attempt s->tries of the episode. */
static sim_time next_retry(const dev_law *law, dev_law_state *s, sim_stream *stream) {
    uint32_t series = law->tries > 0 ? law->tries : UINT32_MAX;
    uint32_t made = (s->tries - 1) % series + 1; /* attempts made in this series */
    if (made == 1) s->previous = 0;
    if (made == series && law->tries > 0 && law->rest > 0) return law->rest;
    return law_rows[law->kind]->next(law, made, &s->previous, stream);
}

sim_time dev_law_next(const dev_law *law, dev_law_state *s, sim_stream *stream) {
    sim_time pause = s->tries > 0              ? next_retry(law, s, stream)
                     : law->initial_window > 0 ? sim_stream_between(stream, 0, law->initial_window)
                                               : 0;
    if (s->tries < UINT32_MAX) s->tries++;
    return pause;
}

void dev_law_draw(const void *law, uint64_t device, sim_stream *stream, sim_time *pauses,
                  size_t count) {
    dev_law_state s;
    (void)device;
    dev_law_begin(&s);
    for (size_t i = 0; i < count; i++) pauses[i] = dev_law_next(law, &s, stream);
}

bool dev_law_same_again(const dev_law *law) {
    return law->seed == DEV_LAW_SEED_CONSTANT || law->seed == DEV_LAW_SEED_SERIAL;
}

sim_time dev_law_due(const dev_law *law, sim_time due) {
    if (law->on_the <= 0 || due == SIM_NEVER || due % law->on_the == 0) return due;
    return sim_time_add(due, law->on_the - due % law->on_the);
}

void dev_law_online(const dev_law *law, dev_law_state *s, sim_time now) {
    if (law->reset_after <= 0) dev_law_begin(s);
    s->online_since = now;
}

void dev_law_lost(const dev_law *law, dev_law_state *s, sim_time now) {
    if (now - s->online_since >= law->reset_after) dev_law_begin(s);
}

void dev_law_boot(const dev_law *law, sim_stream *stream, uint64_t serial, sim_time now) {
    switch (law->seed) {
        case DEV_LAW_SEED_CONSTANT:
            *stream = sim_stream_for(0, SIM_PURPOSE_LAW, 0);
            break;
        case DEV_LAW_SEED_BOOT_TIME:
            *stream = sim_stream_for(1, SIM_PURPOSE_LAW, (uint64_t)(now / SIM_SECOND));
            break;
        case DEV_LAW_SEED_SERIAL:
            *stream = sim_stream_for(2, SIM_PURPOSE_LAW, serial);
            break;
        case DEV_LAW_SEED_OWN:
        case DEV_LAW_SEEDS:
            break;
    }
}

void dev_law_take_back(dev_law_state *s) {
    if (s->tries > 0) s->tries--;
    if (s->tries <= 1) s->previous = 0; /* no retry has been made */
}

const char *dev_law_base_wrong(const dev_law *law) {
    if (law->base <= 0) return "the base pause is not above 0";
    if (law->base == SIM_NEVER) return "the base pause has no end, so nobody would ever try again";
    return NULL;
}

const char *dev_law_cap_wrong(const dev_law *law) {
    const char *base = dev_law_base_wrong(law);
    if (base != NULL) return base;
    return law->cap < law->base ? "the cap is below the base pause" : NULL;
}

const char *dev_law_growth_wrong(const dev_law *law) {
    const char *cap = dev_law_cap_wrong(law);
    if (cap != NULL) return cap;
    if (!(law->factor >= 1.0 && law->factor <= 1e9)) return "the factor is not between 1 and 1e9";
    return NULL;
}

const char *dev_law_factor_range_wrong(const dev_law *law) {
    if (!(law->low >= 0 && law->high >= law->low && law->high > 0 && law->high <= 1e3))
        return "the random factor does not go from a low of at least 0 to a high of at most 1000";
    return NULL;
}

const char *dev_law_factors_wrong(const dev_law *law) {
    const char *growth = dev_law_growth_wrong(law);
    return growth != NULL ? growth : dev_law_factor_range_wrong(law);
}

const char *dev_law_wrong(const dev_law *law) {
    const dev_law_row *row = dev_law_row_of((int)law->kind);
    if (row == NULL) return "the law is of no known kind";
    if (law->seed < 0 || law->seed >= DEV_LAW_SEEDS) return "the seed is of no known kind";
    if (law->initial_window < 0) return "the initial window is negative";
    if (law->initial_window == SIM_NEVER)
        return "the initial window has no end, so nobody would ever connect";
    if (law->rest < 0) return "the rest is negative";
    if (law->rest > 0 && law->tries == 0)
        return "there is a rest, but no number of tries before it";
    if (law->reset_after < 0) return "the time online until the back-off begins anew is negative";
    if (law->on_the < 0 || law->on_the > 366 * SIM_DAY)
        return "the period of the clock that attempts wait for is not from 0 to a year";
    return row->wrong != NULL ? row->wrong(law) : NULL;
}

int dev_law_kind_named(const char *word, dev_law_kind *out) {
    for (int kind = 0; kind < DEV_LAWS; kind++) {
        if (strcmp(word, law_rows[kind]->word) == 0) {
            *out = (dev_law_kind)kind;
            return 0;
        }
    }
    return SIM_EPARSE;
}

const char *dev_law_word(dev_law_kind kind) {
    const dev_law_row *row = dev_law_row_of((int)kind);
    return row != NULL ? row->word : "?";
}

/* ---- the declared form in words ---- */

void dev_law_put(dev_law_writer *w, const char *before, const char *what, const char *after) {
    int n = snprintf(w->text, w->size, "%s%s%s", before, what, after);
    SIM_PROMISE(n >= 0 && (size_t)n < w->size);
    w->text += n;
    w->size -= (size_t)n;
}

void dev_law_put_time(dev_law_writer *w, const char *before, sim_time t, const char *after) {
    char text[24];
    dev_law_put(w, before, sim_time_text(t, text, sizeof text), after);
}

void dev_law_put_number(dev_law_writer *w, const char *before, double value, int digits,
                        const char *after) {
    char text[32];
    snprintf(text, sizeof text, "%.*g", digits, value);
    dev_law_put(w, before, text, after);
}

static void put_tries(dev_law_writer *w, const char *before, uint32_t tries, const char *after) {
    char text[16];
    snprintf(text, sizeof text, "%" PRIu32, tries);
    dev_law_put(w, before, text, after);
}

/* "from 1s doubling up to 1m00s" */
void dev_law_put_growth(dev_law_writer *w, const dev_law *law, bool has_factor) {
    dev_law_put_time(w, "from ", law->base, "");
    if (has_factor && law->factor == 2.0)
        dev_law_put(w, " doubling", "", "");
    else if (has_factor && law->factor != 1.0)
        dev_law_put_number(w, " growing by ", law->factor, 6, "");
    if (law->cap == SIM_NEVER)
        dev_law_put(w, " without a limit", "", "");
    else
        dev_law_put_time(w, " up to ", law->cap, "");
}

void dev_law_put_factors(dev_law_writer *w, const char *before, const dev_law *law) {
    dev_law_put_number(w, before, law->low, 4, " to ");
    dev_law_put_number(w, "", law->high, 4, "");
}

static void put_habits(dev_law_writer *w, const dev_law *law) {
    if (law->tries > 0 && law->rest == SIM_NEVER)
        put_tries(w, ", giving up after ", law->tries, " tries");
    else if (law->tries > 0 && law->rest == 0)
        put_tries(w, ", anew after ", law->tries, " tries");
    else if (law->tries > 0) {
        put_tries(w, ", ", law->tries, " tries and then a rest of ");
        dev_law_put_time(w, "", law->rest, "");
    }
    if (law->jitter_before_cap) dev_law_put(w, ", the jitter cut by the cap", "", "");
    if (law->reset_after > 0) dev_law_put_time(w, ", reset after ", law->reset_after, " online");
    if (law->on_the > 0) dev_law_put_time(w, ", only at full multiples of ", law->on_the, "");
    if (law->seed == DEV_LAW_SEED_CONSTANT)
        dev_law_put(w, ", every device with the same seed", "", "");
    if (law->seed == DEV_LAW_SEED_BOOT_TIME)
        dev_law_put(w, ", seeded with the time of boot", "", "");
    if (law->seed == DEV_LAW_SEED_SERIAL) dev_law_put(w, ", seeded with its serial number", "", "");
}

static bool same_pauses(const sim_pauses *a, const sim_pauses *b) {
    for (uint32_t i = 0; i < a->count && a->count == b->count; i++)
        if (a->each[i] != b->each[i]) return false;
    return a->count == b->count;
}

static bool same_number(double a, double b) {
    return !(a < b) && !(b < a);
}

bool dev_law_same(const dev_law *a, const dev_law *b) {
    return a->kind == b->kind && a->initial_window == b->initial_window && a->base == b->base &&
           a->cap == b->cap && same_number(a->factor, b->factor) && same_number(a->low, b->low) &&
           same_number(a->high, b->high) && a->jitter_before_cap == b->jitter_before_cap &&
           same_pauses(&a->pauses, &b->pauses) && a->tries == b->tries && a->rest == b->rest &&
           a->reset_after == b->reset_after && a->on_the == b->on_the && a->seed == b->seed;
}

char *dev_law_text(const dev_law *law, char *text, size_t size) {
    dev_law_writer w = {text, size};
    if (law->initial_window > 0)
        dev_law_put_time(&w, "first attempt within ", law->initial_window, " at random, then ");
    else
        dev_law_put(&w, "first attempt at once, then ", "", "");
    dev_law_row_of((int)law->kind)->text(law, &w);
    put_habits(&w, law);
    return text;
}
