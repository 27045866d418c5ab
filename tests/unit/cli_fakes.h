/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/cli_fakes.h - the layers under the command line, made of one struct that a test sets:
 * what each call says, and which calls were made in which order. Included by one .c of a test
 * program, whose symbols then stand in for those of the libraries.
 *
 * test-program: own */
#ifndef CLI_FAKES_H
#define CLI_FAKES_H

#include <stdio.h>
#include <string.h>

#include "lua/annotations.h"
#include "lua/language.h"
#include "lua/script.h"
#include "sim/report/terminal.h"
#include "sim/run/clock.h"
#include "sim/run/drill.h"
#include "sim/run/finish.h"
#include "sim/run/guard.h"
#include "sim/run/judging.h"
#include "sim/run/metrics.h"
#include "sim/run/options.h"
#include "sim/run/progress.h"
#include "sim/run/run.h"
#include "sim/run/tapes.h"
#include "sim/run/target.h"
#include "sim/serve/serve.h"

static struct {
    const char *load_why, *setup_why, *new_why, *drill_why, *drive_why, *verdict_why, *finish_why;
    int new_code;
    bool interrupted;
    judge_finding findings[4];
    size_t finding_count;
    char calls[400]; /* "load setup new drive ..." */
    run_options options;
    run_target target; /* a copy */
    char folder[1024], repeat[16384];
    bool real;
    size_t set_count;
    sim_time expected_end;
    judge_finding recorded[4];
    report_style style;
    const char *script_error;
} fake;

static void fake_call(const char *name) {
    strcat(fake.calls, name);
    strcat(fake.calls, " ");
}

static int fake_fails(const char *name, const char *why) {
    fake_call(name);
    if (why != NULL) fake.script_error = why;
    return why == NULL ? 0 : SIM_EPARSE;
}

/* A language without words. */
const script_part script_parts[] = {{.name = NULL}};
const script_word script_words[] = {{.name = NULL}}, script_methods[] = {{.name = NULL}};
const script_table script_tables[] = {{.name = NULL}};
void script_word_names(const script_word *w, FILE *out) {
    (void)w, (void)out;
}

static int fake_thing;

script *script_load(const char *path, const script_set *sets, size_t set_count, uint64_t seed,
                    bool real, char *why, size_t size) {
    (void)path, (void)sets, (void)seed;
    fake.real = real;
    fake.set_count = set_count;
    fake_call("load");
    if (fake.load_why != NULL) snprintf(why, size, "%s", fake.load_why);
    return fake.load_why == NULL ? (script *)(void *)&fake_thing : NULL;
}
void script_free(script *s) {
    if (s != NULL) fake_call("script_free");
}
const char *script_title(const script *s) {
    (void)s;
    return "A title";
}
const report_parameter *script_parameters(const script *s, size_t *count) {
    (void)s;
    *count = 0;
    return NULL;
}
const script_declared *script_declarations(const script *s) {
    (void)s;
    return NULL;
}
void script_annotations(FILE *out) {
    fputs("---@meta of the test\n", out);
}
int script_setup(script *s, fleet_spec **spec) {
    static fleet_spec empty;
    (void)s;
    *spec = &empty;
    return fake_fails("setup", fake.setup_why);
}
const run_drill *script_drill(script *s) {
    (void)s;
    return NULL;
}
int script_verdict(script *s, run *r, const judge_finding **findings, size_t *count) {
    (void)s, (void)r;
    *findings = fake.findings;
    *count = fake.finding_count;
    return fake_fails("verdict", fake.verdict_why);
}
int script_guards(script *s, run *r, sim_time all_after, const run_guard **guards, size_t *count) {
    (void)s, (void)r, (void)all_after;
    *guards = NULL;
    *count = 0;
    return 0;
}
uint64_t run_latencies_sum(const run *r, double *sum_s) {
    (void)r;
    *sum_s = 0;
    return 0;
}
void run_guard_by(run *r, const run_guard *guards, size_t count) {
    (void)r, (void)guards, (void)count;
}
const char *script_why(const script *s) {
    (void)s;
    return fake.script_error == NULL ? "" : fake.script_error;
}
int script_take_product(script *s, const script_product *product) {
    (void)s, (void)product;
    return 0;
}
bool script_lacks_product(const script *s) {
    (void)s;
    return false;
}
const char *script_missed_trigger(const script *s) {
    (void)s;
    return "";
}
const char *script_unjudged(const script *s) {
    (void)s;
    return NULL;
}
const char *script_lua_version(void) {
    return "Lua of the test";
}

int script_describe(const char *path, script_about *out, char *why, size_t size) {
    snprintf(out->title, sizeof out->title, "What it is about");
    snprintf(out->provision, sizeof out->provision, "5.9-3");
    snprintf(why, size, "no such thing");
    return strstr(path, "broken") == NULL ? 0 : SIM_EPARSE;
}

run *run_new(const fleet_spec *spec, const run_options *options, char *why, size_t size,
             int *exit_code) {
    (void)spec;
    fake_call("new");
    fake.options = *options;
    if (options->target != NULL) fake.target = *options->target;
    snprintf(fake.folder, sizeof fake.folder, "%s", options->folder);
    if (fake.new_why == NULL) return (run *)(void *)&fake_thing;
    snprintf(why, size, "%s", fake.new_why);
    *exit_code = fake.new_code;
    return NULL;
}
void run_free(run *r) {
    if (r != NULL) fake_call("run_free");
}
void run_leave(run *r) {
    if (r != NULL) fake_call("run_leave");
}
int run_drive(run *r, const run_drill *drill) {
    (void)r, (void)drill;
    if (fake.options.progress != NULL) {
        const run_progress p = {.now = SIM_MINUTE,
                                .expected_end = SIM_HOUR,
                                .devices = 1000,
                                .online = 20,
                                .events = 5000000,
                                .wall_s = 6};
        fake.options.progress(fake.options.progress_context, &p);
    }
    if (fake.drive_why != NULL) {
        fake_call("drive");
        return SIM_ENOMEM;
    }
    return fake_fails("drive", fake.drill_why);
}
int run_judge_by(run *r, const judge_pack *pack, judge_finding *out) {
    (void)r, (void)pack, (void)out;
    fake_call("judge_by");
    return 0;
}
const char *run_why(const run *r) {
    (void)r;
    return fake.drive_why;
}

void run_capture_to(run *r, FILE *file) {
    (void)r;
    (void)file;
}

int run_trace_to(run *r, const fleet_traced *traced, FILE *file, char *why, size_t size) {
    (void)r, (void)traced, (void)file, (void)why, (void)size;
    return 0;
}

const char *run_trace_why(const run *r) {
    (void)r;
    return NULL;
}

const char *run_capture_why(const run *r) {
    (void)r;
    return NULL;
}
bool run_interrupted(const run *r) {
    (void)r;
    return fake.interrupted;
}
uint64_t run_events(const run *r) {
    (void)r;
    return 0;
}
sim_time run_now(const run *r) {
    (void)r;
    return 12 * SIM_MINUTE;
}
int run_finish(run *r, const run_caption *words, const judge_finding *findings,
               size_t finding_count, report_run *record, char *why, size_t size) {
    (void)r;
    memset(record, 0, sizeof *record);
    fake_call("finish");
    snprintf(fake.repeat, sizeof fake.repeat, "%s", words->repeat);
    memcpy(fake.recorded, findings, finding_count * sizeof *findings);
    if (fake.finish_why != NULL) snprintf(why, size, "%s", fake.finish_why);
    return fake.finish_why == NULL ? 0 : SIM_EIO;
}
void report_terminal(const report_run *record, const char *folder, const report_style *style,
                     FILE *out) {
    (void)record, (void)out, (void)folder;
    fake.style = *style;
    fake_call("report");
}
void report_terminal_last(const report_run *record, const report_style *style, FILE *out) {
    (void)record, (void)style, (void)out;
}
void report_terminal_log(const report_run *record, const report_fact *facts, size_t count,
                         const report_style *style, FILE *out) {
    (void)record, (void)facts, (void)count, (void)style, (void)out;
}
int serve_for_real(const serve_options *o, char *why, size_t size) {
    (void)why, (void)size;
    o->ready(o->context);
    return 0;
}
#endif
