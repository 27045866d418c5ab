/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/law.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const law_words[DEV_LAWS] = {
#define LAW_WORD(name, word, text) [DEV_LAW_##name] = word,
    DEV_LAW_MAP(LAW_WORD)
#undef LAW_WORD
};

const char *const dev_law_seed_words[] = {
#define LAW_SEED_WORD(name, word) [DEV_LAW_SEED_##name] = word,
    DEV_LAW_SEED_MAP(LAW_SEED_WORD)
#undef LAW_SEED_WORD
        NULL,
};

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

/* v = min(cap, base * factor^(retry - 1)); `retry` >= 1. */
static sim_time grown_from(const dev_law *law, sim_time base, uint32_t retry) {
    double v = (double)base * power_of(law->factor, retry - 1);
    return v < (double)law->cap ? (sim_time)v : law->cap; /* also when v is infinite */
}

static sim_time grown(const dev_law *law, uint32_t retry) {
    return grown_from(law, law->base, retry);
}

static sim_time decorrelated(const dev_law *law, sim_time previous, sim_stream *stream) {
    if (previous < law->base) previous = law->base; /* the first retry */
    sim_time most = previous > SIM_NEVER / 3 ? SIM_NEVER : 3 * previous;
    return sim_time_min(law->cap, sim_stream_between(stream, law->base, most));
}

static sim_time scaled(sim_time pause, double by) {
    double ns = (double)pause * by;
    return ns < 0x1p62 ? (sim_time)ns : SIM_NEVER;
}

static double random_factor(const dev_law *law, sim_stream *stream) {
    return law->low + (law->high - law->low) * sim_stream_unit(stream);
}

/* Before retry `retry` of a series, from 1; of ONE_DRAW the draw from which the pauses grow. */
static sim_time retry_pause(const dev_law *law, uint32_t retry, sim_time previous,
                            sim_stream *stream) {
    switch (law->kind) {
        case DEV_LAW_FIXED:
            return law->base;
        case DEV_LAW_EXPONENTIAL:
            return grown(law, retry);
        case DEV_LAW_FULL_JITTER:
            return sim_stream_between(stream, 0, grown(law, retry));
        case DEV_LAW_EQUAL_JITTER: {
            sim_time half = grown(law, retry) / 2;
            return half + sim_stream_between(stream, 0, half);
        }
        case DEV_LAW_DECORRELATED_JITTER:
            return decorrelated(law, previous, stream);
        case DEV_LAW_SPREAD:
            return scaled(grown(law, retry), random_factor(law, stream));
        case DEV_LAW_ONE_DRAW:
            return previous > 0 ? previous : scaled(law->base, random_factor(law, stream)) + 1;
        case DEV_LAW_IMMEDIATE:
        case DEV_LAWS:
            break;
    }
    return SIM_MILLISECOND;
}

/* The pause after attempt s->tries of the episode. */
static sim_time next_retry(const dev_law *law, dev_law_state *s, sim_stream *stream) {
    uint32_t series = law->tries > 0 ? law->tries : UINT32_MAX;
    uint32_t made = (s->tries - 1) % series + 1; /* attempts made in this series */
    if (made == 1) s->previous = 0;
    if (made == series && law->tries > 0 && law->rest > 0) return law->rest;
    s->previous = retry_pause(law, made, s->previous, stream);
    return law->kind == DEV_LAW_ONE_DRAW ? grown_from(law, s->previous, made) : s->previous;
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

static const char *growth_wrong(const dev_law *law) {
    if (law->kind == DEV_LAW_IMMEDIATE) return NULL;
    if (law->base <= 0) return "the base pause is not above 0";
    if (law->base == SIM_NEVER) return "the base pause has no end, so nobody would ever try again";
    if (law->kind == DEV_LAW_FIXED) return NULL;
    if (law->cap < law->base) return "the cap is below the base pause";
    if (law->kind == DEV_LAW_DECORRELATED_JITTER) return NULL;
    if (!(law->factor >= 1.0 && law->factor <= 1e9)) return "the factor is not between 1 and 1e9";
    if (law->kind != DEV_LAW_SPREAD && law->kind != DEV_LAW_ONE_DRAW) return NULL;
    if (!(law->low >= 0 && law->high >= law->low && law->high > 0 && law->high <= 1e3))
        return "the random factor does not go from a low of at least 0 to a high of at most 1000";
    return NULL;
}

const char *dev_law_wrong(const dev_law *law) {
    if (law->kind < 0 || law->kind >= DEV_LAWS) return "the law is of no known kind";
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
    return growth_wrong(law);
}

int dev_law_kind_named(const char *word, dev_law_kind *out) {
    for (int kind = 0; kind < DEV_LAWS; kind++) {
        if (strcmp(word, law_words[kind]) == 0) {
            *out = (dev_law_kind)kind;
            return 0;
        }
    }
    return SIM_EPARSE;
}

const char *dev_law_word(dev_law_kind kind) {
    return kind >= 0 && kind < DEV_LAWS ? law_words[kind] : "?";
}

/* ---- the declared form in words ---- */

typedef struct writer {
    char *text;
    size_t size;
} writer;

static void put(writer *w, const char *before, const char *what, const char *after) {
    int n = snprintf(w->text, w->size, "%s%s%s", before, what, after);
    SIM_PROMISE(n >= 0 && (size_t)n < w->size);
    w->text += n;
    w->size -= (size_t)n;
}

static void put_time(writer *w, const char *before, sim_time t, const char *after) {
    char text[24];
    put(w, before, sim_time_text(t, text, sizeof text), after);
}

static void put_number(writer *w, const char *before, double value, int digits, const char *after) {
    char text[32];
    snprintf(text, sizeof text, "%.*g", digits, value);
    put(w, before, text, after);
}

static void put_tries(writer *w, const char *before, uint32_t tries, const char *after) {
    char text[16];
    snprintf(text, sizeof text, "%" PRIu32, tries);
    put(w, before, text, after);
}

/* "from 1s doubling up to 1m00s" */
static void put_growth(writer *w, const dev_law *law, bool has_factor) {
    put_time(w, "from ", law->base, "");
    if (has_factor && law->factor == 2.0)
        put(w, " doubling", "", "");
    else if (has_factor && law->factor != 1.0)
        put_number(w, " growing by ", law->factor, 6, "");
    if (law->cap == SIM_NEVER)
        put(w, " without a limit", "", "");
    else
        put_time(w, " up to ", law->cap, "");
}

static void put_retries(writer *w, const dev_law *law) {
    static const char *const openings[DEV_LAWS] = {
        [DEV_LAW_EXPONENTIAL] = "without jitter ",
        [DEV_LAW_FULL_JITTER] = "full jitter ",
        [DEV_LAW_EQUAL_JITTER] = "equal jitter ",
        [DEV_LAW_DECORRELATED_JITTER] = "decorrelated jitter ",
        [DEV_LAW_SPREAD] = "jitter ",
        [DEV_LAW_ONE_DRAW] = "one random pause "};
    const char *opening = law->kind >= 0 && law->kind < DEV_LAWS ? openings[law->kind] : NULL;
    if (law->kind == DEV_LAW_FIXED) {
        put_time(w, "every ", law->base, "");
    } else if (opening == NULL) {
        put(w, "again without a pause", "", "");
    } else {
        put(w, opening, "", "");
        put_growth(w, law, law->kind != DEV_LAW_DECORRELATED_JITTER);
    }
    const char *times = law->kind == DEV_LAW_SPREAD     ? ", each times "
                        : law->kind == DEV_LAW_ONE_DRAW ? ", the first times "
                                                        : NULL;
    if (times == NULL) return;
    put_number(w, times, law->low, 4, " to ");
    put_number(w, "", law->high, 4, "");
}

static void put_habits(writer *w, const dev_law *law) {
    if (law->tries > 0 && law->rest == SIM_NEVER)
        put_tries(w, ", giving up after ", law->tries, " tries");
    else if (law->tries > 0 && law->rest == 0)
        put_tries(w, ", anew after ", law->tries, " tries");
    else if (law->tries > 0) {
        put_tries(w, ", ", law->tries, " tries and then a rest of ");
        put_time(w, "", law->rest, "");
    }
    if (law->reset_after > 0) put_time(w, ", reset after ", law->reset_after, " online");
    if (law->on_the > 0) put_time(w, ", only at full multiples of ", law->on_the, "");
    if (law->seed == DEV_LAW_SEED_CONSTANT) put(w, ", every device with the same seed", "", "");
    if (law->seed == DEV_LAW_SEED_BOOT_TIME) put(w, ", seeded with the time of boot", "", "");
    if (law->seed == DEV_LAW_SEED_SERIAL) put(w, ", seeded with its serial number", "", "");
}

char *dev_law_text(const dev_law *law, char *text, size_t size) {
    writer w = {text, size};
    if (law->initial_window > 0)
        put_time(&w, "first attempt within ", law->initial_window, " at random, then ");
    else
        put(&w, "first attempt at once, then ", "", "");
    put_retries(&w, law);
    put_habits(&w, law);
    return text;
}
