/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/law.h - back-off laws: when a device that lost its service tries again. Pure functions of (law,
 * state, stream).
 *
 * With v = min(cap, base * factor^(k-1)) before retry k: exponential waits v; full jitter U(0, v); equal
 * jitter v/2 + U(0, v/2); decorrelated jitter min(cap, U(base, 3 * previous)) with base for the first
 * previous (Brooker, "Exponential backoff and jitter", AWS 2015). Any of them may begin with an initial
 * window: the first attempt of an episode waits U(0, window), which is what EN 303 645 5.9-3 example 1
 * asks for. An episode begins when the device boots or loses its session, and ends when it is online. */
#ifndef DEV_LAW_H
#define DEV_LAW_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/random.h"
#include "sim/core/time.h"

#define DEV_LAW_MAP(X)                                                          \
    X(IMMEDIATE, "immediate", "at once, without a pause")                       \
    X(FIXED, "fixed", "after the same pause each time")                         \
    X(EXPONENTIAL, "exponential", "doubling pauses without jitter")             \
    X(FULL_JITTER, "full-jitter", "a random part of a doubling pause")          \
    X(EQUAL_JITTER, "equal-jitter", "half a doubling pause plus a random half") \
    X(DECORRELATED_JITTER, "decorrelated-jitter", "a random pause up to three times the last one")

typedef enum dev_law_kind {
#define DEV_LAW_ENUM(name, word, text) DEV_LAW_##name,
    DEV_LAW_MAP(DEV_LAW_ENUM)
#undef DEV_LAW_ENUM
        DEV_LAWS
} dev_law_kind;

typedef struct dev_law {
    dev_law_kind kind;
    sim_time initial_window; /* 0: the first attempt of an episode is immediate */
    sim_time base;           /* > 0 (not for IMMEDIATE): FIXED's pause, else the first pause */
    sim_time cap;            /* >= base; SIM_NEVER: none */
    double factor;           /* growth, >= 1; 2 by default */
} dev_law;

typedef struct dev_law_state {
    uint32_t tries;    /* delays handed out in this episode */
    sim_time previous; /* the last retry delay (decorrelated jitter) */
} dev_law_state;

/* A new episode: also what a power loss does, since the counter lives in RAM. */
void dev_law_begin(dev_law_state *s);
/* The pause before the next attempt, >= 0. IMMEDIATE still waits 1 ms between attempts so that time
 * passes. */
sim_time dev_law_next(const dev_law *law, dev_law_state *s, sim_stream *stream);
/* The attempt that the last pause led to did not take place (the link went down first), so it does not
 * count: the next pause is one of the same kind. */
void dev_law_take_back(dev_law_state *s);
/* NULL when the law makes sense, else a static sentence that says what does not. */
const char *dev_law_wrong(const dev_law *law);
/* Finds a kind by its word ("full-jitter"); SIM_EPARSE. */
SIM_MUST_USE int dev_law_kind_named(const char *word, dev_law_kind *out);
const char *dev_law_word(dev_law_kind kind);
const char *dev_law_title(dev_law_kind kind); /* half a sentence, for lists */
/* The declared form in words, for people: "first attempt within 2m26s at random, then full jitter from 1s
 * doubling up to 1m00s". Returns `text`. `size` >= 160. */
char *dev_law_text(const dev_law *law, char *text, size_t size);

#endif
