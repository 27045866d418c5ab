/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/pack.h - rules of others as data: a pack names its source and asks for some of the
 * facts below, each against a number of its own. What may be asked for is a row (design D16);
 * docs/packs.md has the table, a test holds it against the rows, and each rule of a shipped pack
 * has its bad twin (design D9) beside it. Pure. */
#ifndef SIM_JUDGE_PACK_H
#define SIM_JUDGE_PACK_H

#include "sim/judge/evidence.h"
#include "sim/judge/finding.h"

enum {
    JUDGE_PACK_RULES_MAX = 64,
    JUDGE_PACK_PARTS_MAX = 8,
    JUDGE_PACK_PORTS_MAX = 4,
    JUDGE_PACK_RETRIES_MAX = 32 /* retries of an outage that are told apart */
};

/* How the pauses grow from one retry to the next: also what `growth` is compared by. */
#define JUDGE_GROWTH_MAP(X) \
    X(CONSTANT, "constant") \
    X(LINEAR, "linear")     \
    X(EXPONENTIAL, "exponential")

typedef enum judge_growth {
#define JUDGE_GROWTH_ENUM(name, word) JUDGE_GROWTH_##name,
    JUDGE_GROWTH_MAP(JUDGE_GROWTH_ENUM)
#undef JUDGE_GROWTH_ENUM
        JUDGE_GROWTHS
} judge_growth;
const char *judge_growth_word(judge_growth g);
/* JUDGE_GROWTHS: there is none of that name. */
judge_growth judge_growth_named(const char *word);

/* What attempts say that a rule may ask for. An outage here is one of one device: its attempts
 * after one trigger until it comes online. NAN: cannot be said. */
typedef struct judge_pack_facts {
    uint64_t devices, attempts, successes, outages, retries;
    uint64_t most_retries; /* in one outage */
    uint64_t gave_up;      /* outages in which the device stopped trying before it was online */
    double shortest_s, longest_s;            /* pause before a retry */
    double median_s[JUDGE_PACK_RETRIES_MAX]; /* before each retry */
    uint64_t counted[JUDGE_PACK_RETRIES_MAX];
    /* coefficient of variation of the pauses about the mean before their retry; in a single outage
     * about the curve of their growth */
    double variation;
    double growth;      /* judge_growth; NAN: the kinds cannot be told apart */
    double factor;      /* judge_pack_curve */
    double over_budget; /* retries over the budget of Finagle, in the worst ten seconds */
} judge_pack_facts;
/* `ended`: as judge_device_case has it; NULL: what outcomes and latencies tell is all there is.
 * SIM_ENOMEM. */
SIM_MUST_USE int judge_pack_look(const judge_evidence *e, const sim_time *ended,
                                 judge_pack_facts *out);
/* How pauses grow; a function of its own for tests. */
typedef struct judge_pack_curve {
    double growth; /* judge_growth; NAN: the kinds cannot be told apart */
    double factor; /* from one to the next: up to its plateau where they are exponential */
    double off;    /* coefficient of variation about the nearest curve */
} judge_pack_curve;
/* All NAN of fewer than four retries. */
judge_pack_curve judge_pack_growth(const double *median_s, size_t n);

/* A fact that a rule may ask for. */
typedef struct judge_pack_row {
    const char *word; /* "pause-shortest" */
    const char *unit;
    const char *help;
    double (*value)(const judge_pack_facts *f);
    uint64_t (*samples)(const judge_pack_facts *f);
} judge_pack_row;
extern const judge_pack_row judge_pack_rows[];                /* a NULL word ends them */
const judge_pack_row *judge_pack_row_named(const char *word); /* NULL: there is none */

/* Texts are borrowed from whoever made the pack. */
typedef struct judge_rule {
    const judge_pack_row *row;
    judge_relation relation;
    double number;
    uint64_t samples;        /* with fewer it says nothing */
    judge_verdict otherwise; /* FAIL, WARN or INCONCLUSIVE */
    const char *clause;
    const char *says;
    int part; /* of which it is a rule; -1: of the whole */
} judge_rule;

typedef struct judge_pack_part {
    const char *name;
    uint16_t ports[JUDGE_PACK_PORTS_MAX];
    size_t port_count;
} judge_pack_part;

typedef struct judge_pack {
    const char *id, *title, *source, *edition, *silent_about;
    judge_rule rules[JUDGE_PACK_RULES_MAX];
    size_t rule_count;
    judge_pack_part parts[JUDGE_PACK_PARTS_MAX];
    size_t part_count;
    int part; /* that is judged by; -1: none was chosen */
} judge_pack;

/* Chooses the part that a service at that port belongs to, where none was chosen. */
void judge_pack_serve(judge_pack *pack, uint16_t port);
/* Judges by the pack: the unit of *out is its id. FAIL, WARN or PASS by the worst rule that does
 * not hold; INCONCLUSIVE where nothing failed, and some rule could not be tried. SIM_ENOMEM. */
SIM_MUST_USE int judge_pack_run(const judge_pack *pack, const judge_evidence *e,
                                const sim_time *ended, judge_finding *out);

#endif
