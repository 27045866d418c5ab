/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua/script.h - a scenario: Lua 5.4 text with the phases params, setup, drill, verdict. Sandboxed,
 * bounded, repeatable; every error has file and line. */
#ifndef SCRIPT_SCRIPT_H
#define SCRIPT_SCRIPT_H

#include "sim/fleet/spec.h"

typedef struct run run;
typedef struct run_guard run_guard;
typedef struct run_drill run_drill;
typedef struct judge_finding judge_finding;
typedef struct report_parameter report_parameter;
typedef struct script script;

const char *script_lua_version(void); /* "Lua 5.4.4"; static */

typedef struct script_set { /* --set NAME=VALUE */
    const char *name;
    const char *value;
} script_set;

enum { SCRIPT_FINDINGS_MAX = 32, SCRIPT_WHY = 512 };

/* Loads and runs the chunk, checks parameters. NULL: `why` (size >= SCRIPT_WHY) holds one line with
 * file, line and what exists instead. `real`: a target is given. */
script *script_load(const char *path, const script_set *sets, size_t set_count, uint64_t seed,
                    bool real, char *why, size_t size);
void script_free(script *s);
const char *script_title(const script *s);
/* Parameters with their values as text, in the order of declaration; borrowed. */
const report_parameter *script_parameters(const script *s, size_t *count);

/* What was declared of a parameter; texts are borrowed. */
typedef struct script_declared {
    const char *wanted;  /* "a count from 1 to 100" */
    const char *help;    /* "": none */
    const char *choices; /* each followed by a newline; "": none */
} script_declared;
/* In the order and number of script_parameters. */
const script_declared *script_declarations(const script *s);

/* One product of a maker, for every scenario: what it says stands in the place of what the scenario
 * says of its devices. Texts borrowed. */
typedef struct script_product {
    const char *name;       /* as it is sold */
    const dev_model *model; /* whose devices it is; NULL: all */
    bool has_law, has_boot, has_connect_limit, has_report_every;
    dev_law law;
    sim_time boot[2]; /* shortest, longest */
    sim_time connect_limit, report_every;
    bool declares; /* ixit stands in the place of the scenario's declarations */
    judge_ixit ixit;
} script_product;

/* Before script_setup: its devices are that product (borrowed until the script is freed).
 * SIM_EPARSE with script_why when a parameter that was set is the product's to say. */
SIM_MUST_USE int script_take_product(script *s, const script_product *product);

/* After a script_setup that failed: only because none of its devices is of the product's model. */
bool script_lacks_product(const script *s);

/* Runs `setup`: *spec is what it said, borrowed from s, and may be changed by who asked. 0 or
 * SIM_EPARSE with script_why. */
SIM_MUST_USE int script_setup(script *s, fleet_spec **spec);
/* The drill for run_drive; borrowed. A scenario without `drill` waits for its parameter or field
 * `duration`, else it is an error at load. */
const run_drill *script_drill(script *s);
/* Runs `verdict`; findings are borrowed from s. 0, SIM_EPARSE with script_why, or SIM_ENOMEM
 * likewise. */
SIM_MUST_USE int script_verdict(script *s, run *r, const judge_finding **findings, size_t *count);
/* Before run_drive: the thresholds of `verdict` that end the run when they are broken, those with
 * `abort`; with `all_after` (SIM_NEVER: not) all that can, after that. Asks `verdict` with judges
 * that know nothing yet. Borrowed from s. SIM_ENOMEM, or SIM_EPARSE with
 * script_why, unless nothing had wanted to end the run by then. */
SIM_MUST_USE int script_guards(script *s, run *r, sim_time all_after, const run_guard **guards,
                               size_t *count);
const char *script_why(const script *s);
/* After script_verdict: what a judge asked for that this scenario's drill never names, a misspelt
 * trigger most of the time, with file and line; "": nothing. */
const char *script_missed_trigger(const script *s);
/* A unit that scenario{ units = ... } names and the verdict did not judge; NULL: none. */
const char *script_unjudged(const script *s);

/* One line about a scenario without running it (title and provision), for `blackstart list`.
 * SIM_EPARSE. */
typedef struct script_about {
    char title[120];
    char provision[32];
} script_about;
SIM_MUST_USE int script_describe(const char *path, script_about *out, char *why, size_t size);

#endif
