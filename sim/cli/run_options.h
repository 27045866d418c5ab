/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/run_options.h - what `blackstart run` was asked to do, and the line that asks for it
 * again. */
#ifndef CLI_RUN_OPTIONS_H
#define CLI_RUN_OPTIONS_H

#include "lua/script.h"
#include "sim/cli/options.h"
#include "sim/cli/outlets.h"
#include "sim/fleet/trace.h"

enum { CLI_SETS_MAX = 64, CLI_REPEAT_MAX = 16384 };

/* What --set has given. All 0 is empty. Values are borrowed from the cli_words of the same parse.
 */
typedef struct cli_sets {
    script_set items[CLI_SETS_MAX];
    char *names[CLI_SETS_MAX]; /* owned: where items[i].name lives */
    size_t count;
} cli_sets;

/* Takes one --set NAME=VALUE. */
cli_exit cli_sets_take(cli_sets *sets, const char *text, cli_trouble *t);
void cli_sets_deinit(cli_sets *sets);

/* Parts "NAME=VALUE" of `option` ("--set"): *name is the caller's to free, NULL after an error;
 * *value lies in `text`. */
cli_exit cli_take_assignment(const char *option, const char *text, char **name, const char **value,
                             cli_trouble *t);

/* How many processors this process may use, 1 to 256. */
uint32_t cli_processors(void);

/* Strings are borrowed from the cli_words of the same parse; NULL: not given. */
typedef struct cli_run_options {
    const char *scenario;
    const char *product; /* file of a product */
    cli_sets sets;
    uint64_t seed;
    uint32_t threads;
    const char *out;
    const char *target, *source, *psk, *psk_file, *credentials;
    const char *user_name, *password, *dialect;
    const char *ca, *client_cert, *client_key; /* files */
    bool insecure;                             /* any server is believed */
    bool strict;                               /* no verdict is no pass */
    cli_outlets outlets;                       /* owned */
    const char *pcap;                          /* file for a capture */
    const char *live;                          /* file for a line a second; "-" */
    const char *data, *data_per;               /* a table for its dialect; NULL: not given */
    const char *abort_on_fail;
    sim_time abort_after; /* the same; SIM_NEVER: not given */
    net_address metrics;  /* for Prometheus; port 0: none */
    const char *by;       /* a pack of rules; NULL: none */
    fleet_traced traced;  /* what a trace is wanted of */
    const char *trace_to; /* its file; NULL: beside the results */
    bool repeatable, quiet, no_colour;
} cli_run_options;

extern const cli_command cli_run_command;

/* Parses and checks `argv` (argv[0] is "run"). With w->help set nothing else is filled. Both are
 * the caller's to deinit in any case. */
cli_exit cli_run_options_parse(cli_run_options *o, int argc, char *const *argv, cli_words *w,
                               cli_trouble *t);
void cli_run_options_deinit(cli_run_options *o);

/* The command line that repeats the run: everything given that has a say in its result, and the
 * seed, quoted for a shell. What has none (--threads, --out, --pcap, --repeatable, --quiet,
 * --no-color) is left out, and a key given with --psk stands as KEY: results are passed around.
 * Returns `line` (CLI_REPEAT_MAX bytes), "" when it does not fit. */
char *cli_run_repeat(const cli_run_options *o, const char *program, char *line);

#endif
