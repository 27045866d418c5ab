/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/check.h - a check is a row (design D16) and has its bad twin in it (design D9).
 *
 * From the rows come: the words judge.NAME{ ... } of the script language with their fields and
 * complaints, `blackstart list checks`, the table of docs/verdicts.md (a test holds it against
 * them) and the walk of tests/determinism/test_bad_twins.py over all bad twins. A check is known by
 * its unit in its row and nowhere else. docs/add/check.md tells how to add one. */
#ifndef SIM_JUDGE_CHECK_H
#define SIM_JUDGE_CHECK_H

#include "sim/core/error.h"
#include "sim/core/field.h"
#include "sim/core/time.h"
#include "sim/judge/evidence.h"
#include "sim/judge/finding.h"

/* What a check cannot do without: X(name, word, what is said when it is missing). */
#define JUDGE_NEED_MAP(X)                                                                         \
    X(ATTEMPTS, "attempts", "Not one attempt to connect was seen, so nothing can be said.")       \
    X(TRIGGER, "a trigger", "No stimulus happened, so there was nothing to come back from.")      \
    X(CAPACITY, "the cloud's capacity", "No capacity was declared to hold the attempts against.") \
    X(LAW, "one declared law", "No single law was declared, so there is nothing to examine.")     \
    X(IXIT, "declared interfaces", "No interface was declared, so there is none to examine.")     \
    X(SOMEBODY, "a device that came online", "No device ever came online.")                       \
    X(REQUESTS, "requests that were due", "No request was due, so there is nothing to judge.")    \
    X(VALUES, "two devices that change a value", "No two devices wanted to change a value.")      \
    X(TRUTH, "something done to a device", "Nothing was done to any device.")                     \
    X(SILENCE, "a cloud that fell silent", "The cloud never fell silent for a device.")           \
    X(MECHANISMS, "declared mechanisms", "No mechanism against outages was declared.")            \
    X(LOST, "a household's outage", "No device with a household lost its session.")               \
    X(BOOTS, "a household's loss of power", "No device with a household lost its power.")         \
    X(HANDS, "hands in an outage", "Nobody asked for a local function in an outage.")             \
    X(CHAINS, "a boot chain", "No device asked for an address, a name or the time.")              \
    X(NON_ASSOCIATED, "an outage of another service",                                             \
      "No device talked to a service that is not its maker's.")                                   \
    X(PUNCTUAL, "a punctual generator", "The generator was late, so times say little.")

typedef enum judge_need_bit {
#define JUDGE_NEED_BIT(name, word, text) JUDGE_NEED_BIT_##name,
    JUDGE_NEED_MAP(JUDGE_NEED_BIT)
#undef JUDGE_NEED_BIT
        JUDGE_NEED_BITS
} judge_need_bit;

typedef enum judge_need {
#define JUDGE_NEED(name, word, text) JUDGE_NEED_##name = 1 << JUDGE_NEED_BIT_##name,
    JUDGE_NEED_MAP(JUDGE_NEED)
#undef JUDGE_NEED
        JUDGE_NEED_NOTHING = 0
} judge_need;
const char *judge_need_word(judge_need_bit need); /* "attempts" */

enum {
    JUDGE_WANTED_MAX = 256, /* bytes of a check's fields */
    JUDGE_FIELDS_MAX = 16,
    JUDGE_DEVICES_MAX = 4000000 /* of a fleet, the most that a field can name */
};

/* A run that must FAIL the check: `blackstart run SCENARIO --set SETTING ...`. */
typedef struct judge_bad_twin {
    const char *scenario;
    /* "law=fixed homes=60", blanks between them; "": as the scenario is */
    const char *settings;
} judge_bad_twin;

typedef struct judge_check {
    const char *word;      /* "reconnect": judge.reconnect{ ... }; several units may share it */
    const char *unit;      /* of TS 103 701 ("5.9-3-2 a"), or a name of ours */
    const char *provision; /* "5.9-3", or "" */
    const char *title;     /* the question that it answers */
    uint32_t needs;        /* judge_need: what is missing makes it INCONCLUSIVE */
    /* what can be said to it, into `size` bytes that begin as `defaults` */
    const sim_field *fields;
    size_t size;
    const void *defaults;
    /* Measures, verdict and sentence into *out, which begins with unit, provision and INCONCLUSIVE.
     * It may say in its own words what is missing; if it does not, judge_check_run does. 0, or
     * SIM_ENOMEM. */
    int (*judge)(const judge_evidence *e, const void *wanted, judge_finding *out);
    judge_bad_twin bad_twin;
} judge_check;

/* All of them, in the order of their units; NULL ends them. A new one is a line in checks.c. */
extern const judge_check *const judge_checks[];

/* An empty finding of the check: unit, provision, INCONCLUSIVE. */
void judge_check_begin(const judge_check *check, judge_finding *out);
/* INCONCLUSIVE, for want of that. */
void judge_check_miss(const judge_check *check, judge_need_bit need, judge_finding *out);
/* Judges. `wanted`: `check->size` bytes, or NULL for the defaults. Whatever the check itself found:
 * what it needs and is not there, or a record that cannot be trusted, makes it INCONCLUSIVE. 0, or
 * SIM_ENOMEM. */
SIM_MUST_USE int judge_check_run(const judge_check *check, const judge_evidence *e,
                                 const void *wanted, judge_finding *out);
/* A record that cannot be trusted decides nothing. */
void judge_check_distrust(const judge_evidence *e, judge_finding *out);

#endif
