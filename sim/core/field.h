/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/field.h - what somebody can say by name: a field's word, kind, range and choices, and
 * where its C value goes. Whatever takes named values (a fault, a check, a law, a hop) describes
 * them so once; the script language reads by it, lists and documentation are printed from it, a
 * fuzzer draws by it. */
#ifndef SIM_CORE_FIELD_H
#define SIM_CORE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/time.h"

/* X(name, word, C type, what is wanted, example). Durations are texts with units; other numbers are
 * numbers or texts ("100k", "25%"). */
#define SIM_FIELD_MAP(X)                                                                         \
    X(COUNT, count, uint64_t, "a count", ", such as 250 or \"10k\"") /* 0 .. 2^53 by default */  \
    X(COUNT32, count32, uint32_t, "a count", ", such as 250 or \"10k\"") /* needs a maximum */   \
    X(NUMBER, number, double, "a number", "")                            /* finite */            \
    X(DURATION, duration, sim_time, "a duration", ", such as \"30m\"")                           \
    /* from least to most */                                                                     \
    X(SPAN, span, sim_time[2], "a duration", " or two, such as \"30s\" or {\"60s\", \"90s\"}")   \
    X(FRACTION, fraction, double, "a fraction", ", such as 0.25 or \"25%\"")                     \
    /* lives as long as what read it */                                                          \
    X(TEXT, text, const char *, "a text", "")                                                    \
    X(BOOLEAN, boolean, bool, "true or false", "")                                               \
    X(CHOICE, choice, int, "", "") /* an index in `choices` */                                   \
    /* bits per second; 0: no limit */                                                           \
    X(RATE, rate, uint64_t, "a rate", ", such as \"20Mbit\" (per second)")                       \
    X(BYTES, bytes, uint32_t, "a number of bytes", ", such as \"64k\"") /* 0: no limit */        \
    X(LAW, law, dev_law, "a law", ", such as law.full_jitter{ base = \"1s\", cap = \"60s\" }")   \
    /* a list of durations, from the first to the last */                                        \
    X(PAUSES, pauses, sim_pauses, "a list of durations", ", such as {\"3s\", \"12s\", \"30s\"}") \
    /* changes what the table names */                                                           \
    X(HOP, hop, net_hop_settings, "a table", ", such as { latency = \"8ms\", loss = \"1%\" }")   \
    /* a bit for each kind of anomaly */                                                         \
    X(KINDS, kinds, uint64_t, "a list of kinds of anomaly", ", such as { \"exfiltration\" }")    \
    X(LATER, later, void, "something else", "") /* nothing: the caller reads it on its own */

typedef enum sim_field_kind {
#define SIM_FIELD_KIND(name, word, type, wanted, example) SIM_FIELD_##name,
    SIM_FIELD_MAP(SIM_FIELD_KIND)
#undef SIM_FIELD_KIND
        SIM_FIELD_KINDS_COUNT
} sim_field_kind;

/* What a field of kind PAUSES fills. */
enum { SIM_PAUSES_MAX = 32 };
typedef struct sim_pauses {
    sim_time each[SIM_PAUSES_MAX];
    uint32_t count;
} sim_pauses;

typedef struct sim_field {
    const char *name; /* NULL ends a table of fields */
    sim_field_kind kind;
    size_t offset;              /* of the C value in the struct that is filled */
    double minimum, maximum;    /* both 0: what the kind allows; durations in ns */
    const char *const *choices; /* NULL ends the list */
    bool required;
    const char *help; /* what it means and, where it has one, its default; NULL: not said */
} sim_field;

/* It has a range of its own. */
bool sim_field_is_bounded(const sim_field *f);
/* It has none, or `value` is within it. */
bool sim_field_holds(const sim_field *f, double value);
/* "a count from 1 to 1000000, such as ...": what the field takes, in words; `example` false:
 * without the example. Returns `text`; what does not fit is cut. */
char *sim_field_wanted(const sim_field *f, bool example, char *text, size_t size);

#endif
