/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/assess/provisions.h - the provisions of EN 303 645 as data, an edition each: what a statement
 * of implementation (Table B.1) has rows for, and which units of TS 103 701 are known.
 *
 * Nothing else in the program knows a provision by its number. Titles are our own paraphrase; the
 * standards are ETSI's and are to be read there. */
#ifndef SIM_ASSESS_PROVISIONS_H
#define SIM_ASSESS_PROVISIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ASSESS_PROVISIONS_MAX = 96, ASSESS_FACTS_MAX = 40 };

/* A set of facts about a product: bit i is fact i of the edition. */
typedef uint64_t assess_facts;

typedef enum assess_level { ASSESS_MANDATORY, ASSESS_RECOMMENDED } assess_level;

/* How far a scenario can test a provision: our own judgement, not the standard's. UNKNOWN: nobody
 * has looked yet. */
typedef enum assess_testable {
    ASSESS_TESTABLE_UNKNOWN,
    ASSESS_TESTABLE_SCENARIO, /* a scenario gives an objective verdict */
    /* a scenario finds some failures; a full verdict needs documents or hardware */
    ASSESS_TESTABLE_PARTLY,
    ASSESS_TESTABLE_DECLARATION /* the statement can be read, nothing can be tried */
} assess_testable;

typedef struct assess_fact {
    const char *name;    /* "c4", "w": as Table B.1 letters them; or a word of ours */
    const char *meaning; /* completes "In this product ..." */
    bool optional;       /* helps a rule along, and is not a row of the table */
} assess_fact;

typedef struct assess_provision {
    const char *id;     /* "5.9-3" */
    const char *status; /* as Table B.1 prints it: "M C (9,12)" */
    assess_level level;
    assess_facts conditions;  /* all must hold for it to apply; none: always applies */
    assess_testable testable; /* in our scenarios */
    bool real;                /* the same probe can be pointed at a real device or service */
    const char *title;
    const char *printed;  /* how Table B.1 writes the number where that differs ("6.1"), or NULL */
    const char *formerly; /* the number in the edition before, where that differs, or NULL */
    bool absent;          /* it has no row in Table B.1 and follows from the others */
} assess_provision;

/* A rule on the facts alone: it speaks when all of `when_true` are true and all of `when_false`
 * false. */
typedef struct assess_fact_rule {
    const char *id; /* "F1" */
    bool warning;   /* else an error */
    assess_facts when_true, when_false;
    const char *provision; /* that it concerns, or NULL */
    const char *what, *why, *remedy;
} assess_fact_rule;

/* A test case of TS 103 701 as far as it is known to us. */
typedef struct assess_test_case {
    const char *id;        /* "5.9-3-1" */
    const char *provision; /* its test group */
    const char *units;     /* the letters of its units: "ab" */
    bool functional;       /* else conceptual */
    const char *purpose;   /* our own words */
    /* the tables it reads: "23-ResMech"; NULL: those of the edition's connections */
    const char *ixit;
} assess_test_case;

/* Of clauses 5.9 and 5.10, the same in both editions. */
enum { ASSESS_OUTAGE_CASES = 7 };
extern const assess_test_case assess_outage_cases[];

/* What another rule book asks for that the provision bears on: for information, and never a verdict
 * by that book. */
typedef struct assess_reference {
    const char *provision; /* "5.9-3" */
    const char *act;       /* "Regulation (EU) 2024/2847 (Cyber Resilience Act)" */
    const char *clause;    /* "Annex I, part I, (2)(i)" */
    const char *about;     /* in our own words */
} assess_reference;

enum { ASSESS_REFERENCES = 3 };
extern const assess_reference assess_references[];

typedef struct assess_edition {
    const char *name;          /* of EN 303 645: "V3.1.3" */
    const char *year;          /* "2024-09" */
    const char *specification; /* of TS 103 701 that goes with it: "V2.1.1" */
    const char *source;        /* where our data comes from, and what it does not hold */
    /* the provision by which a recommendation not met is to be justified: "5.0-1" */
    const char *reporting;
    /* IXIT table with the resilience measures of connections: "28-LogIntf" */
    const char *interfaces;
    /* IXIT tables in which a maker declares how the product connects: "28-LogIntf, 23-ResMech" */
    const char *connections;
    const assess_provision *provisions;
    size_t provision_count;
    const assess_fact *facts;
    size_t fact_count;
    const assess_fact_rule *rules;
    size_t rule_count;
    const assess_test_case *cases;
    size_t case_count;
} assess_edition;

extern const assess_edition assess_edition_2_1_1, assess_edition_3_1_3;
/* NULL ends the list; the first is the one to take when none is named */
extern const assess_edition *const assess_editions[];

/* "V3.1.3" or "3.1.3"; NULL: there is no such edition here. */
const assess_edition *assess_edition_named(const char *name);
/* By number, or as Table B.1 writes it; NULL: none. */
const assess_provision *assess_provision_named(const assess_edition *e, const char *id);
/* The provision that `formerly` had this number, NULL: none. The first of several. */
const assess_provision *assess_provision_formerly(const assess_edition *e, const char *id);
/* Index of a fact, or -1. */
int assess_fact_named(const assess_edition *e, const char *name);
/* The case of a unit ("5.9-3-1 b" belongs to 5.9-3-1), NULL: not known here. */
const assess_test_case *assess_case_of_unit(const assess_edition *e, const char *unit);
/* The IXIT tables that the case reads in this edition. */
const char *assess_case_ixit(const assess_edition *e, const assess_test_case *c);
/* "scenario", "partly", "declaration", "unknown" */
const char *assess_testable_word(assess_testable t);

#endif
