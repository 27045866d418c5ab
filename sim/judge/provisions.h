/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/provisions.h - the provisions of EN 303 645 as data, an edition each: what a statement of implementation (Table B.1) has rows for, and which units of TS 103 701 are known.
 *
 * Nothing else in the program knows a provision by its number. Titles are our own paraphrase; the standards are ETSI's and are to be read there. */
#ifndef SIM_JUDGE_PROVISIONS_H
#define SIM_JUDGE_PROVISIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JUDGE_PROVISIONS_MAX = 96, JUDGE_FACTS_MAX = 40 };

/* A set of facts about a product: bit i is fact i of the edition. */
typedef uint64_t judge_facts;

typedef enum judge_level { JUDGE_MANDATORY, JUDGE_RECOMMENDED } judge_level;

/* How far a scenario can test a provision: our own judgement, not the standard's. UNKNOWN: nobody has looked yet. */
typedef enum judge_testable {
    JUDGE_TESTABLE_UNKNOWN,
    JUDGE_TESTABLE_SCENARIO, /* a scenario gives an objective verdict */
    JUDGE_TESTABLE_PARTLY,   /* a scenario finds some failures; a full verdict needs documents or hardware */
    JUDGE_TESTABLE_DECLARATION /* the statement can be read, nothing can be tried */
} judge_testable;

typedef struct judge_fact {
    const char *name;    /* "c4", "w": as Table B.1 letters them; or a word of ours */
    const char *meaning; /* completes "In this product ..." */
    bool optional;       /* helps a rule along, and is not a row of the table */
} judge_fact;

typedef struct judge_provision {
    const char *id;     /* "5.9-3" */
    const char *status; /* as Table B.1 prints it: "M C (9,12)" */
    judge_level level;
    judge_facts conditions;  /* all must hold for it to apply; none: always applies */
    judge_testable testable; /* in our scenarios */
    bool real;               /* the same probe can be pointed at a real device or service */
    const char *title;
    const char *printed;  /* how Table B.1 writes the number where that differs ("6.1"), or NULL */
    const char *formerly; /* the number in the edition before, where that differs, or NULL */
    bool absent;          /* it has no row in Table B.1 and follows from the others */
} judge_provision;

/* A rule on the facts alone: it speaks when all of `when_true` are true and all of `when_false` false. */
typedef struct judge_fact_rule {
    const char *id; /* "F1" */
    bool warning;   /* else an error */
    judge_facts when_true, when_false;
    const char *provision; /* that it concerns, or NULL */
    const char *what, *why, *remedy;
} judge_fact_rule;

/* A test case of TS 103 701 as far as it is known to us. */
typedef struct judge_test_case {
    const char *id;        /* "5.9-3-1" */
    const char *provision; /* its test group */
    const char *units;     /* the letters of its units: "ab" */
    bool functional;       /* else conceptual */
    const char *purpose;   /* our own words */
    const char *ixit;      /* the tables it reads: "23-ResMech"; NULL: those of the edition's connections */
} judge_test_case;

/* Of clauses 5.9 and 5.10, the same in both editions. */
enum { JUDGE_OUTAGE_CASES = 7 };
extern const judge_test_case judge_outage_cases[];

typedef struct judge_edition {
    const char *name;          /* of EN 303 645: "V3.1.3" */
    const char *year;          /* "2024-09" */
    const char *specification; /* of TS 103 701 that goes with it: "V2.1.1" */
    const char *source;        /* where our data comes from, and what it does not hold */
    const char *reporting;  /* the provision by which a recommendation not met is to be justified: "5.0-1" */
    const char *interfaces; /* IXIT table with the resilience measures of connections: "28-LogIntf" */
    const char *
        connections; /* IXIT tables in which a maker declares how the product connects: "28-LogIntf, 23-ResMech" */
    const judge_provision *provisions;
    size_t provision_count;
    const judge_fact *facts;
    size_t fact_count;
    const judge_fact_rule *rules;
    size_t rule_count;
    const judge_test_case *cases;
    size_t case_count;
} judge_edition;

extern const judge_edition judge_edition_2_1_1, judge_edition_3_1_3;
extern const judge_edition
    *const judge_editions[]; /* NULL ends the list; the first is the one to take when none is named */

/* "V3.1.3" or "3.1.3"; NULL: there is no such edition here. */
const judge_edition *judge_edition_named(const char *name);
/* By number, or as Table B.1 writes it; NULL: none. */
const judge_provision *judge_provision_named(const judge_edition *e, const char *id);
/* The provision that `formerly` had this number, NULL: none. The first of several. */
const judge_provision *judge_provision_formerly(const judge_edition *e, const char *id);
/* Index of a fact, or -1. */
int judge_fact_named(const judge_edition *e, const char *name);
/* The case of a unit ("5.9-3-1 b" belongs to 5.9-3-1), NULL: not known here. */
const judge_test_case *judge_case_of_unit(const judge_edition *e, const char *unit);
/* The IXIT tables that the case reads in this edition. */
const char *judge_case_ixit(const judge_edition *e, const judge_test_case *c);
const char *judge_testable_word(judge_testable t); /* "scenario", "partly", "declaration", "unknown" */

#endif
