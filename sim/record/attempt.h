/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/attempt.h - what the cloud edge sees of a connection attempt (design D5): the first
 * packet of a new try, retransmissions collapsed into it.
 *
 * The observer writes these, judges read them; a pcap or a broker's log can be turned into the same
 * record. */
#ifndef SIM_RECORD_ATTEMPT_H
#define SIM_RECORD_ATTEMPT_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/time.h"

/* How an attempt ended, with its word in attempts.csv. */
#define RECORD_OUTCOME_MAP(X)                                                           \
    /* nothing came of it that the edge could see: the device gave up or was cut off */ \
    X(NONE, "none")                                                                     \
    X(ONLINE, "online")   /* connected and its registration answered 2.xx */            \
    X(DROPPED, "dropped") /* over capacity: the cloud let every packet of it fall */    \
    X(BUSY, "busy")       /* over capacity: answered 5.03 with Max-Age */               \
    /* over capacity: told so at once; or identity unknown, key wrong, answered 4.xx */ \
    X(REFUSED, "refused")

typedef enum record_outcome {
#define RECORD_OUTCOME_ENUM(name, word) RECORD_OUTCOME_##name,
    RECORD_OUTCOME_MAP(RECORD_OUTCOME_ENUM)
#undef RECORD_OUTCOME_ENUM
        RECORD_OUTCOMES
} record_outcome;
const char *record_outcome_word(record_outcome outcome);

typedef struct record_attempt {
    sim_time at;      /* first packet at the edge */
    sim_time latency; /* to the outcome; SIM_NEVER while it is NONE or DROPPED */
    uint32_t device;  /* 0-based */
    uint32_t home;    /* 0-based */
    uint32_t number;  /* 1, 2, ... per device since its trigger */
    uint8_t trigger;  /* index into the run's table of triggers; 0: start of the run */
    uint8_t outcome;  /* enum record_outcome */
} record_attempt;

/* A growing list; attempts are addressed by index and keep it until the list is sorted. */
typedef struct record_attempts {
    record_attempt *items;
    size_t count;
    size_t capacity;
} record_attempts;

void record_attempts_init(record_attempts *a);
void record_attempts_deinit(record_attempts *a);
SIM_MUST_USE int record_attempts_add(record_attempts *a, const record_attempt *attempt,
                                     size_t *index); /* SIM_ENOMEM */
/* SIM_ENOMEM */
SIM_MUST_USE int record_attempts_append(record_attempts *into, const record_attempts *from);
/* by time, then device, then number: the order of attempts.csv */
void record_attempts_sort(record_attempts *a);

#endif
