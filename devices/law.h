/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/law.h - back-off laws: when a device that lost its service tries again. Pure functions of
 * (law, state, stream).
 *
 * With v = min(cap, base * factor^(k-1)) before retry k: exponential waits v; full jitter U(0, v);
 * equal jitter v/2 + U(0, v/2); decorrelated jitter min(cap, U(base, 3 * previous)) with base for
 * the first previous (Brooker, "Exponential backoff and jitter", AWS 2015); spread v * U(low,
 * high); one draw base * U(low, high) for the first retry, and that same pause grown by the factor
 * for the others, as the retransmissions of RFC 7252 4.2 are. Any of them may begin with an
 * initial window: the first attempt of an episode waits U(0, window), which is what EN 303 645
 * 5.9-3 example 1 asks for. An episode begins when the device boots or loses its session, and ends
 * when it has been online for `reset_after`.
 *
 * What goes wrong in the field is a property of a law as well: a back-off that begins anew with
 * every connection, however short; a generator that every device seeds alike; attempts that wait
 * for the clock. */
#ifndef DEV_LAW_H
#define DEV_LAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/field.h"
#include "sim/core/random.h"
#include "sim/core/time.h"

/* The list of laws; devices/law_NAME.c holds the row of each (devices/law_row.h). Append only: laws
 * are drawn by number in tests. */
#define DEV_LAW_MAP(X)                          \
    X(IMMEDIATE, immediate)                     \
    X(FIXED, fixed)                             \
    X(EXPONENTIAL, exponential)                 \
    X(FULL_JITTER, full_jitter)                 \
    X(EQUAL_JITTER, equal_jitter)               \
    X(DECORRELATED_JITTER, decorrelated_jitter) \
    X(SPREAD, spread)                           \
    X(ONE_DRAW, one_draw)                       \
    X(STEPS, steps)                             \
    /* the next one */

typedef enum dev_law_kind {
#define DEV_LAW_ENUM(name, row) DEV_LAW_##name,
    DEV_LAW_MAP(DEV_LAW_ENUM)
#undef DEV_LAW_ENUM
        DEV_LAWS
} dev_law_kind;

/* What the device seeds the generator of its pauses with, by its word: entropy of its own; the same
 * in every device and at every boot; the clock at boot, in whole seconds; its serial number, so
 * that it draws the same pauses at every boot, but others than its neighbours: not random, yet a
 * fleet of them spreads ("orderly by assignment"). Append only. */
#define DEV_LAW_SEED_MAP(X)   \
    X(OWN, "own")             \
    X(CONSTANT, "constant")   \
    X(BOOT_TIME, "boot-time") \
    X(SERIAL, "serial")

typedef enum dev_law_seed {
#define DEV_LAW_SEED_ENUM(name, word) DEV_LAW_SEED_##name,
    DEV_LAW_SEED_MAP(DEV_LAW_SEED_ENUM)
#undef DEV_LAW_SEED_ENUM
        DEV_LAW_SEEDS
} dev_law_seed;
extern const char *const dev_law_seed_words[]; /* by number; NULL behind the last */

typedef struct dev_law {
    dev_law_kind kind;
    sim_time initial_window; /* 0: the first attempt of an episode is immediate */
    sim_time base;           /* > 0 (not for IMMEDIATE): FIXED's pause, else the first pause */
    sim_time cap;            /* >= base; SIM_NEVER: none */
    double factor;           /* growth, >= 1; 2 by default */
    /* of the random factor of SPREAD, ONE_DRAW and STEPS; 0 <= low <= high */
    double low, high;
    /* The cap cuts what the jitter made, so that the spread ends where the cap begins (FULL_JITTER,
     * EQUAL_JITTER, SPREAD); false: the jitter is of the capped pause. */
    bool jitter_before_cap;
    sim_pauses pauses; /* of STEPS: before each retry; the last one repeats */
    /* Attempts in a series; 0: it has no end. After the last one the growth begins anew, */
    uint32_t tries;
    /* with this pause in between; 0: the law's own next one; SIM_NEVER: it gives up */
    sim_time rest;
    sim_time reset_after; /* time online until the next episode begins anew; 0: at once */
    sim_time on_the;      /* > 0: attempts wait for the next multiple of this ("on the hour") */
    dev_law_seed seed;
} dev_law;

typedef struct dev_law_state {
    uint32_t tries; /* delays handed out in this episode */
    /* the last retry delay of the series (decorrelated jitter), or its draw (one draw) */
    sim_time previous;
    sim_time online_since; /* with reset_after: when the session began */
} dev_law_state;

/* A new episode: also what a power loss does, since the counter lives in RAM. */
void dev_law_begin(dev_law_state *s);
/* The pause before the next attempt, >= 0; SIM_NEVER when the device has given up. IMMEDIATE still
 * waits 1 ms between attempts so that time passes. */
sim_time dev_law_next(const dev_law *law, dev_law_state *s, sim_stream *stream);
/* When an attempt that the pause puts at `due` is made: there, or when the clock says so. */
sim_time dev_law_due(const dev_law *law, sim_time due);
/* The device came online, or lost its session: a new episode begins when `reset_after` has passed
 * in between. */
void dev_law_online(const dev_law *law, dev_law_state *s, sim_time now);
void dev_law_lost(const dev_law *law, dev_law_state *s, sim_time now);
/* What a boot that ends at `now` does to the stream of the device with that serial number: nothing
 * when it has entropy of its own. */
void dev_law_boot(const dev_law *law, sim_stream *stream, uint64_t serial, sim_time now);
/* The pauses of one episode from its beginning: before the first attempt, then before each retry.
 * `law` is a dev_law; the device does not matter to it (the shape is that of judge_declared.draw).
 */
void dev_law_draw(const void *law, uint64_t device, sim_stream *stream, sim_time *pauses,
                  size_t count);
/* Whether a device has the same pauses in each of its episodes, whatever it boots for. */
bool dev_law_same_again(const dev_law *law);
/* The attempt that the last pause led to did not take place (the link went down first), so it does
 * not count: the next pause is one of the same kind. */
void dev_law_take_back(dev_law_state *s);
/* NULL when the law makes sense, else a static sentence that says what does not. */
const char *dev_law_wrong(const dev_law *law);

/* One field of a law: the script language, the file of a declared law and the tables of the
 * documents are made from it. Its range is what dev_law_wrong says. */
typedef struct dev_law_field {
    sim_field field;    /* as the file of a declared law has it: "initial_window" */
    const char *script; /* "window": its word in the script language; NULL: the same */
    bool never;         /* a file may say "never": SIM_NEVER */
    bool file_only;     /* a file may say it, though it goes without saying */
} dev_law_field;

typedef struct dev_law_row dev_law_row;
/* The row of a kind; NULL: there is none. */
const dev_law_row *dev_law_row_of(int kind);
/* The fields of a kind alone, and those of every law; they end with a NULL name. */
const dev_law_field *dev_law_fields(dev_law_kind kind);
extern const dev_law_field dev_law_habits[];
/* A law of that kind with its usual numbers: what law.NAME() means in the script language. */
dev_law dev_law_usual(dev_law_kind kind);
/* What `blackstart list laws` says of a kind. */
const char *dev_law_help(dev_law_kind kind);

/* Finds a kind by its word ("full-jitter"); SIM_EPARSE. */
SIM_MUST_USE int dev_law_kind_named(const char *word, dev_law_kind *out);
const char *dev_law_word(dev_law_kind kind);
enum { DEV_LAW_TEXT_MAX = 520 };
/* The declared form in words, for people: "first attempt within 2m26s at random, then full jitter
 * from 1s doubling up to 1m00s". Returns `text`. `size` >= DEV_LAW_TEXT_MAX. */
char *dev_law_text(const dev_law *law, char *text, size_t size);

#endif
