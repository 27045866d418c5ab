/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/law.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const law_words[DEV_LAWS] = {
#define LAW_WORD(name, word, text) [DEV_LAW_##name] = word,
    DEV_LAW_MAP(LAW_WORD)
#undef LAW_WORD
};

static const char *const law_titles[DEV_LAWS] = {
#define LAW_TITLE(name, word, text) [DEV_LAW_##name] = text,
    DEV_LAW_MAP(LAW_TITLE)
#undef LAW_TITLE
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
static sim_time grown(const dev_law *law, uint32_t retry) {
    double v = (double)law->base * power_of(law->factor, retry - 1);
    return v < (double)law->cap ? (sim_time)v : law->cap; /* also when v is infinite */
}

static sim_time decorrelated(const dev_law *law, sim_time previous, sim_stream *stream) {
    if (previous < law->base) previous = law->base; /* the first retry */
    sim_time most = previous > SIM_NEVER / 3 ? SIM_NEVER : 3 * previous;
    return sim_time_min(law->cap, sim_stream_between(stream, law->base, most));
}

static sim_time retry_pause(const dev_law *law, const dev_law_state *s, sim_stream *stream) {
    switch (law->kind) {
        case DEV_LAW_FIXED:
            return law->base;
        case DEV_LAW_EXPONENTIAL:
            return grown(law, s->tries);
        case DEV_LAW_FULL_JITTER:
            return sim_stream_between(stream, 0, grown(law, s->tries));
        case DEV_LAW_EQUAL_JITTER: {
            sim_time half = grown(law, s->tries) / 2;
            return half + sim_stream_between(stream, 0, half);
        }
        case DEV_LAW_DECORRELATED_JITTER:
            return decorrelated(law, s->previous, stream);
        case DEV_LAW_IMMEDIATE:
        case DEV_LAWS:
            break;
    }
    return SIM_MILLISECOND;
}

sim_time dev_law_next(const dev_law *law, dev_law_state *s, sim_stream *stream) {
    sim_time pause;
    if (s->tries == 0) {
        pause = law->initial_window > 0 ? sim_stream_between(stream, 0, law->initial_window) : 0;
    } else {
        pause = retry_pause(law, s, stream);
        s->previous = pause;
    }
    if (s->tries < UINT32_MAX) s->tries++;
    return pause;
}

void dev_law_take_back(dev_law_state *s) {
    if (s->tries > 0) s->tries--;
    if (s->tries <= 1) s->previous = 0; /* no retry has been made */
}

const char *dev_law_wrong(const dev_law *law) {
    if (law->kind < 0 || law->kind >= DEV_LAWS) return "the law is of no known kind";
    if (law->initial_window < 0) return "the initial window is negative";
    if (law->initial_window == SIM_NEVER)
        return "the initial window has no end, so nobody would ever connect";
    if (law->kind == DEV_LAW_IMMEDIATE) return NULL;
    if (law->base <= 0) return "the base pause is not above 0";
    if (law->base == SIM_NEVER) return "the base pause has no end, so nobody would ever try again";
    if (law->kind == DEV_LAW_FIXED) return NULL;
    if (law->cap < law->base) return "the cap is below the base pause";
    if (law->kind == DEV_LAW_DECORRELATED_JITTER) return NULL;
    if (!(law->factor >= 1.0 && law->factor <= 1e9)) return "the factor is not between 1 and 1e9";
    return NULL;
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

const char *dev_law_title(dev_law_kind kind) {
    return kind >= 0 && kind < DEV_LAWS ? law_titles[kind] : "?";
}

/* "from 1s doubling up to 1m00s" */
static void growth_text(const dev_law *law, bool has_factor, char *text, size_t size) {
    char base[24];
    char cap[24];
    char factor[32] = "";
    if (has_factor && law->factor == 2.0) {
        snprintf(factor, sizeof factor, " doubling");
    } else if (has_factor && law->factor != 1.0) {
        snprintf(factor, sizeof factor, " growing by %.6g", law->factor);
    }
    sim_time_text(law->base, base, sizeof base);
    if (law->cap == SIM_NEVER) {
        snprintf(text, size, "from %s%s without a limit", base, factor);
    } else {
        snprintf(text, size, "from %s%s up to %s", base, factor, sim_time_text(law->cap, cap, sizeof cap));
    }
}

static void retry_text(const dev_law *law, char *text, size_t size) {
    char growth[96];
    growth_text(law, law->kind != DEV_LAW_DECORRELATED_JITTER, growth, sizeof growth);
    switch (law->kind) {
        case DEV_LAW_FIXED:
            snprintf(text, size, "every ");
            sim_time_text(law->base, text + strlen(text), size - strlen(text));
            return;
        case DEV_LAW_EXPONENTIAL:
            snprintf(text, size, "without jitter %s", growth);
            return;
        case DEV_LAW_FULL_JITTER:
            snprintf(text, size, "full jitter %s", growth);
            return;
        case DEV_LAW_EQUAL_JITTER:
            snprintf(text, size, "equal jitter %s", growth);
            return;
        case DEV_LAW_DECORRELATED_JITTER:
            snprintf(text, size, "decorrelated jitter %s", growth);
            return;
        case DEV_LAW_IMMEDIATE:
        case DEV_LAWS:
            break;
    }
    snprintf(text, size, "again without a pause");
}

char *dev_law_text(const dev_law *law, char *text, size_t size) {
    char window[24];
    char retry[120];
    retry_text(law, retry, sizeof retry);
    if (law->initial_window > 0) {
        sim_time_text(law->initial_window, window, sizeof window);
        snprintf(text, size, "first attempt within %s at random, then %s", window, retry);
    } else {
        snprintf(text, size, "first attempt at once, then %s", retry);
    }
    return text;
}
