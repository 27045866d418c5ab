/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart sweep`: options, a look at every setting, runs as processes of their own, table,
 * results. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blackstart_version.h"
#include "lua/names.h"
#include "sim/cli/children.h"
#include "sim/cli/cli.h"
#include "sim/cli/clock.h"
#include "sim/cli/folder.h"
#include "sim/cli/scenarios.h"
#include "sim/cli/stop.h"
#include "sim/cli/sweep_estimate.h"
#include "sim/cli/sweep_options.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text.h"
#include "sim/cli/write_file.h"
#include "sim/core/heap.h"
#include "sim/core/wall.h"
#include "sim/judge/words.h"
#include "sim/record/text.h"
#include "sim/report/folder.h"
#include "sim/report/summary_read.h"
#include "sim/report/sweep_write.h"

enum {
    WORDS_MAX = 32 + 2 * (CLI_SETS_MAX + CLI_SWEEP_AXES_MAX),
    WORD_MAX = CLI_TEXT_MAX + 8,
    SENTENCE_MAX = 1000,
    NAMES_MAX = 64,  /* measures that a run without a wanted one is told of */
    LINE_EVERY_S = 5 /* seconds between lines of progress where there is no terminal */
};

/* Columns where nobody asks for others: the measures of a wave of reconnections, then those of
 * contention. Those that a scenario does not have leave the table. */
static const char *const usual[] = {"busiest second",      "attempts per device",
                                    "time to 95 % online", "time to 100 % online",
                                    "back online",         "calls",
                                    "time to 95 %",        "time to 100 %"};
enum { USUAL = sizeof usual / sizeof usual[0] };
_Static_assert((int)USUAL <= (int)CLI_SWEEP_COLUMNS_MAX - (int)CLI_SWEEP_MEETS_MAX,
               "room for --meet");

static const char all_back[] = "back online";

typedef struct session {
    cli_words words;
    cli_sweep_options options;
    cli_folder folder;
    char *scenario; /* owned: where it is */
    report_folder *results;
    cli_children children;
    const volatile sig_atomic_t *stop;
    bool rewrite; /* progress rewrites its line */
    time_t line_due;

    report_sweep sweep; /* points into what follows */
    char title[CLI_LINE_MAX];
    report_parameter set[CLI_SETS_MAX];
    report_sweep_axis axes[CLI_SWEEP_AXES_MAX];
    report_sweep_column columns[CLI_SWEEP_COLUMNS_MAX];
    char units[CLI_SWEEP_COLUMNS_MAX][REPORT_READ_NAME];
    report_sweep_target targets[CLI_SWEEP_MEETS_MAX];
    report_sweep_run *runs; /* owned, as are the values */
    double *values;
    double *took; /* owned: wall seconds of each run; NAN: not done */
    double *began;
    size_t started, done;
    char sentence[SENTENCE_MAX];
    char reason[CLI_LINE_MAX]; /* why the first inconclusive run was */
    char repeat[CLI_REPEAT_MAX];
    bool drawn;
} session;

static size_t run_count(const session *s) {
    return s->sweep.points * s->sweep.seeds;
}

static bool is_stopped(const session *s) {
    return *s->stop != 0;
}

static cli_exit no_memory(cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_INTERNAL,
                    "out of memory (blackstart sweep): free some, vary less, or give fewer --jobs");
}

/* --- the grid --- */

static size_t column_named(session *s, const char *name) {
    report_sweep *w = &s->sweep;
    for (size_t i = 0; i < w->column_count; i++)
        if (strcmp(w->columns[i].name, name) == 0) return i;
    SIM_PROMISE(w->column_count < CLI_SWEEP_COLUMNS_MAX);
    s->columns[w->column_count] =
        (report_sweep_column){.name = name, .unit = s->units[w->column_count]};
    return w->column_count++;
}

static void choose_columns(session *s) {
    const cli_sweep_options *o = &s->options;
    for (size_t i = 0; i < o->column_count; i++) (void)column_named(s, o->columns[i]);
    for (size_t i = 0; i < USUAL && o->column_count == 0; i++) (void)column_named(s, usual[i]);
    for (size_t i = 0; i < o->meet_count; i++) {
        const cli_sweep_meet *m = &o->meets[i];
        s->targets[i] = (report_sweep_target){
            .column = m->measure == NULL ? SIZE_MAX : column_named(s, m->measure),
            .relation = m->relation,
            .bound = m->bound,
            .text = m->text,
        };
    }
    s->sweep.target_count = o->meet_count;
    if (o->meet_count > 0) return;
    s->targets[0] = (report_sweep_target){.column = SIZE_MAX, .text = "pass"};
    s->sweep.target_count = 1;
}

/* The axis of --cheapest, else the first that has numbers. */
static size_t cost_of(const session *s) {
    const char *wanted = s->options.cheapest;
    for (size_t i = 0; i < s->sweep.axis_count; i++)
        if (wanted == NULL ? report_sweep_numeric(&s->axes[i])
                           : strcmp(wanted, s->axes[i].name) == 0)
            return i;
    return SIZE_MAX;
}

static cli_exit lay_out(session *s, cli_trouble *t) {
    const cli_sweep_options *o = &s->options;
    report_sweep *w = &s->sweep;
    *w = (report_sweep){.scenario = o->scenario,
                        .title = s->title,
                        .version = BLACKSTART_VERSION,
                        .repeat = s->repeat,
                        .set = s->set,
                        .set_count = o->sets.count,
                        .axes = s->axes,
                        .axis_count = o->vary_count,
                        .points = 1,
                        .first_seed = o->seed,
                        .seeds = o->seeds,
                        .columns = s->columns,
                        .targets = s->targets};
    for (size_t i = 0; i < o->sets.count; i++)
        s->set[i] = (report_parameter){o->sets.items[i].name, o->sets.items[i].value, true};
    for (size_t i = 0; i < o->vary_count; i++) {
        const cli_sweep_vary *v = &o->varies[i];
        s->axes[i] =
            (report_sweep_axis){v->name, (const char *const *)v->values.items, v->values.count};
        w->points *= v->values.count;
    }
    choose_columns(s);
    w->cost = cost_of(s);
    w->runs = s->runs = sim_calloc(run_count(s), sizeof *s->runs);
    w->values = s->values = sim_calloc(run_count(s) * w->column_count, sizeof *s->values);
    w->took = s->took = sim_calloc(run_count(s), sizeof *s->took);
    s->began = sim_calloc(run_count(s), sizeof *s->began);
    if (s->runs == NULL || s->values == NULL || s->took == NULL || s->began == NULL)
        return no_memory(t);
    for (size_t i = 0; i < run_count(s) * w->column_count; i++) s->values[i] = NAN;
    for (size_t i = 0; i < run_count(s); i++) s->took[i] = NAN;
    return CLI_EXIT_PASS;
}

/* --- before the first run --- */

/* "5-10" is how a range is written elsewhere. */
static bool is_range_elsewhere(const char *value) {
    static const char digits[] = "0123456789.";
    const char *dash = strchr(value, '-');
    return dash != NULL && dash > value && strspn(value, digits) > 0 &&
           strspn(dash + 1, digits) > 0 && strchr(dash + 1, '-') == NULL;
}

/* The scenario speaks of --set; what was typed was --vary. */
static cli_exit refuse_setting(const session *s, size_t point, const char *why, cli_trouble *t) {
    static const char set[] = "--set ";
    for (size_t i = 0; i < s->sweep.axis_count; i++) {
        const char *name = s->axes[i].name, *value = report_sweep_value(&s->sweep, point, i);
        size_t n = strlen(name);
        bool blamed = strncmp(why, set, sizeof set - 1) == 0 &&
                      strncmp(why + sizeof set - 1, name, n) == 0 && why[sizeof set - 1 + n] == '=';
        if (blamed && is_range_elsewhere(value))
            return cli_fail(
                t, CLI_EXIT_USAGE,
                "%.80s=%.80s is no range (--vary): write two dots, as in %.80s=%.*s..%s", name,
                value, name, (int)strcspn(value, "-"), value, strchr(value, '-') + 1);
        if (blamed) return cli_fail(t, CLI_EXIT_USAGE, "--vary %s", why + sizeof set - 1);
        char quoted[CLI_TEXT_MAX + 4];
        snprintf(quoted, sizeof quoted, " '%s'", name);
        if (strncmp(why, "--set: ", 7) == 0 && strstr(why, quoted) != NULL)
            return cli_fail(t, CLI_EXIT_USAGE, "--vary: %s", why + 7);
    }
    return cli_fail(t, CLI_EXIT_USAGE, "%s", why);
}

/* Every setting is one that the scenario takes: better said now than after an hour. */
static cli_exit look_at(session *s, size_t point, cli_trouble *t) {
    const cli_sweep_options *o = &s->options;
    script_set sets[CLI_SETS_MAX + CLI_SWEEP_AXES_MAX];
    char why[SCRIPT_WHY];
    memcpy(sets, o->sets.items, o->sets.count * sizeof *sets);
    for (size_t i = 0; i < o->vary_count; i++)
        sets[o->sets.count + i] =
            (script_set){s->axes[i].name, report_sweep_value(&s->sweep, point, i)};
    script *one = script_load(s->scenario, sets, o->sets.count + o->vary_count, o->seed, false, why,
                              sizeof why);
    if (one == NULL) return refuse_setting(s, point, why, t);
    record_text_line(script_title(one), s->title, sizeof s->title);
    script_free(one);
    return CLI_EXIT_PASS;
}

static cli_exit look(session *s, cli_trouble *t) {
    cli_exit trouble = cli_scenarios_meant(s->options.scenario, &s->scenario, t);
    for (size_t i = 0; i < s->sweep.points && trouble == CLI_EXIT_PASS && !is_stopped(s); i++)
        trouble = look_at(s, i, t);
    if (trouble == CLI_EXIT_PASS && is_stopped(s))
        return cli_fail(t, CLI_EXIT_INTERRUPTED,
                        "interrupted (before the first run): nothing was written");
    return trouble;
}

static cli_exit find_folder(session *s, cli_trouble *t) {
    char name[64], sweep[96], why[CLI_LINE_MAX];
    const cli_sweep_options *o = &s->options;
    cli_exit trouble = CLI_EXIT_PASS;
    if (o->out == NULL) {
        snprintf(sweep, sizeof sweep, "%s-sweep", cli_folder_name(o->scenario, name));
        trouble = cli_folder_reserve(&s->folder, "results", sweep, o->seed, cli_clock_utc(), t);
    }
    if (trouble != CLI_EXIT_PASS) return trouble;
    if (report_folder_open_sweep(s->folder.path, &s->results, why, sizeof why) != 0)
        return cli_fail(t, CLI_EXIT_USAGE, "%s", why);
    return cli_children_init(&s->children, t);
}

static void announce(const session *s) {
    const report_sweep *w = &s->sweep;
    char runs[JUDGE_WORD_MAX], line[CLI_LINE_MAX];
    printf("%s\n%s run%s: ", record_text_line(s->title, line, sizeof line),
           judge_words_count(run_count(s), runs, sizeof runs), run_count(s) == 1 ? "" : "s");
    for (size_t i = 0; i < w->axis_count; i++)
        printf("%s%zu of %s", i > 0 ? " x " : "", w->axes[i].count, w->axes[i].name);
    if (w->seeds == 1)
        printf(", seed %" PRIu64 "\n", w->first_seed);
    else
        printf(", seeds %" PRIu64 " to %" PRIu64 "\n", w->first_seed, w->first_seed + w->seeds - 1);
    fflush(stdout);
}

/* --- one run --- */

/* The words of a command line, in room of their own. */
typedef struct command {
    const char *words[WORDS_MAX];
    size_t count;
    char *room; /* owned */
    size_t used;
} command;

static void add_word(command *c, const char *word) {
    c->words[c->count++] = word;
}

__attribute__((format(printf, 2, 3))) static void add_made(command *c, const char *format, ...) {
    char *word = c->room + c->used;
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(word, WORD_MAX, format, arguments);
    va_end(arguments);
    SIM_PROMISE(n >= 0 && n < WORD_MAX);
    c->used += (size_t)n + 1;
    add_word(c, word);
}

static void write_command(const session *s, size_t task, command *c) {
    static const char *const fixed[] = {"--threads", "1",          "--repeatable",
                                        "--quiet",   "--no-color", "--out"};
    const cli_sweep_options *o = &s->options;
    char folder[CLI_CHILD_PATH];
    add_word(c, "blackstart");
    add_word(c, "run");
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) add_word(c, fixed[i]);
    add_made(c, "%s", cli_children_folder(&s->children, task, folder));
    add_word(c, "--seed");
    add_made(c, "%" PRIu64, s->sweep.first_seed + task % s->sweep.seeds);
    for (size_t i = 0; i < o->sets.count; i++) {
        add_word(c, "--set");
        add_made(c, "%s=%s", o->sets.items[i].name, o->sets.items[i].value);
    }
    for (size_t i = 0; i < s->sweep.axis_count; i++) {
        add_word(c, "--set");
        add_made(c, "%s=%s", s->axes[i].name,
                 report_sweep_value(&s->sweep, task / s->sweep.seeds, i));
    }
    if (o->product != NULL) {
        add_word(c, "--product");
        add_word(c, o->product);
    }
    add_word(c, "--");
    add_word(c, o->scenario);
    c->words[c->count] = NULL;
}

static cli_exit start_one(session *s, cli_trouble *t) {
    command c = {.room = sim_malloc((size_t)WORDS_MAX * WORD_MAX)};
    if (c.room == NULL) return no_memory(t);
    size_t task = cli_sweep_task(s->started, s->sweep.points, s->sweep.seeds);
    write_command(s, task, &c);
    s->began[task] = sim_wall();
    cli_exit trouble = cli_children_start(&s->children, task, c.words, t);
    if (trouble == CLI_EXIT_PASS) s->started++;
    sim_free(c.room);
    return trouble;
}

static cli_exit failed(const session *s, size_t task, int status, cli_trouble *t) {
    char setting[REPORT_SWEEP_SETTING], line[CLI_LINE_MAX];
    uint64_t seed = s->sweep.first_seed + task % s->sweep.seeds;
    report_sweep_setting(&s->sweep, task / s->sweep.seeds, SIZE_MAX, ", ", setting);
    if (WIFSIGNALED(status))
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "a run was ended by signal %d (%s, seed %" PRIu64
                        "): free memory, or give fewer --jobs",
                        WTERMSIG(status), setting, seed);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : CLI_EXIT_INTERNAL;
    if (code == CLI_EXIT_INTERRUPTED)
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "a run was interrupted by somebody else (%s, seed %" PRIu64 "): try again",
                        setting, seed);
    cli_children_last_words(&s->children, task, line);
    return cli_fail(t, code == CLI_EXIT_USAGE ? CLI_EXIT_USAGE : CLI_EXIT_INTERNAL,
                    "%.700s (this stopped the sweep: %s, seed %" PRIu64 ")", line, setting, seed);
}

static void take(session *s, size_t task, const report_values *found) {
    report_sweep_run *r = &s->runs[task];
    *r = (report_sweep_run){.state = REPORT_SWEEP_DONE, .verdict = found->verdict};
    for (size_t i = 0; i < s->sweep.column_count; i++) {
        const report_value *v = report_values_find(found, s->columns[i].name);
        if (v == NULL) continue;
        s->values[task * s->sweep.column_count + i] = v->value;
        memcpy(s->units[i], v->unit, sizeof v->unit);
    }
    const report_value *back = report_values_find(found, all_back);
    r->drained_known = back != NULL && !isnan(back->value);
    r->drained = r->drained_known && back->value >= 1;
    s->took[task] = sim_wall() - s->began[task];
}

/* The option that named a column; NULL: nobody did. */
static const char *option_of(const session *s, size_t column) {
    for (size_t i = 0; i < s->sweep.target_count; i++)
        if (s->targets[i].column == column) return "--meet";
    return column < s->options.column_count ? "--column" : NULL;
}

/* "; did you mean 'busiest second'?", or what the verdicts of that run measured. */
static const char *measures_hint(const report_values *found, const char *word, char *text,
                                 size_t size) {
    static const char metrics[] = "metrics";
    const char *all[REPORT_READ_VALUES_MAX], *judged[NAMES_MAX];
    size_t count = 0, n = 0;
    for (size_t i = 0; i < found->count; i++) {
        all[count++] = found->items[i].name;
        if (n < NAMES_MAX && strcmp(found->items[i].check, metrics) != 0)
            judged[n++] = found->items[i].name;
    }
    const char *near = script_names_near(word, all, count);
    if (near == NULL && n > 0) return script_names_hint(word, judged, n, text, size);
    if (near == NULL) return script_names_hint(word, all, count, text, size);
    snprintf(text, size, "; did you mean '%s'?", near);
    return text;
}

/* A measure that was asked for and that a judged run does not have is a misspelt one: said at once,
 * as wrong use, since a pipeline would take "no setting is good enough" for a finding. A run that
 * is INCONCLUSIVE may lack what others have. */
static cli_exit check_names(const session *s, size_t task, const report_values *found,
                            cli_trouble *t) {
    char setting[REPORT_SWEEP_SETTING], hint[CLI_LINE_MAX];
    for (size_t i = 0; i < s->sweep.column_count; i++) {
        const char *option = option_of(s, i), *name = s->columns[i].name;
        if (option == NULL || s->units[i][0] != '\0' || found->verdict == JUDGE_INCONCLUSIVE ||
            report_values_find(found, name) != NULL)
            continue;
        report_sweep_setting(&s->sweep, task / s->sweep.seeds, SIZE_MAX, ", ", setting);
        return cli_fail(t, CLI_EXIT_USAGE, "the runs have no measure '%.80s' (%s; seen with %s)%s",
                        name, option, setting, measures_hint(found, name, hint, sizeof hint));
    }
    return CLI_EXIT_PASS;
}

static void keep_reason(session *s, const json_t *summary) {
    const char *said = report_summary_reason(summary, JUDGE_INCONCLUSIVE);
    if (said != NULL && s->reason[0] == '\0') record_text_line(said, s->reason, sizeof s->reason);
}

static int read_values(session *s, const char *folder, report_values *out, char *why) {
    json_t *summary = NULL;
    FILE *file = report_results_open(folder, "summary.json", why);
    if (file == NULL) return SIM_EIO;
    int error = report_summary_read(file, &summary, why);
    if (error == 0) error = report_values_of(summary, out, why);
    if (error == 0) keep_reason(s, summary);
    json_decref(summary);
    fclose(file);
    return error;
}

static cli_exit read_result(session *s, size_t task, cli_trouble *t) {
    char folder[CLI_CHILD_PATH], why[RECORD_JSON_WHY_MAX];
    report_values found = {0};
    int error = read_values(s, cli_children_folder(&s->children, task, folder), &found, why);
    if (error == SIM_ENOMEM) return no_memory(t);
    if (error != 0)
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "cannot read the result of a run: %.300s (%s): try again", why, folder);
    cli_exit trouble = check_names(s, task, &found, t);
    if (trouble == CLI_EXIT_PASS) take(s, task, &found);
    if (trouble == CLI_EXIT_PASS) s->done++;
    report_values_deinit(&found);
    return trouble;
}

static cli_exit finish_one(session *s, size_t task, int status, cli_trouble *t) {
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    bool result = code == CLI_EXIT_PASS || code == CLI_EXIT_FAILED || code == CLI_EXIT_INCONCLUSIVE;
    if (!result && is_stopped(s)) return CLI_EXIT_PASS; /* it was stopped as well */
    cli_exit trouble = result ? read_result(s, task, t) : failed(s, task, status, t);
    cli_children_forget(&s->children, task);
    return trouble;
}

/* --- all runs --- */

static void show_progress(session *s) {
    char line[160], left[32];
    time_t now = cli_clock_utc();
    if (s->options.quiet || (!s->rewrite && now < s->line_due)) return;
    int n = snprintf(line, sizeof line, "%zu of %zu runs", s->done, run_count(s));
    double rest = cli_sweep_rest(s->took, s->sweep.points, s->sweep.seeds, s->options.jobs);
    if (rest > 0) {
        snprintf(line + n, sizeof line - (size_t)n, "   about %s to go",
                 sim_time_text(sim_time_from_seconds(ceil(rest)), left, sizeof left));
    }
    fprintf(stderr, s->rewrite ? "\r\033[K%s" : "%s\n", line);
    fflush(stderr);
    s->line_due = now + LINE_EVERY_S;
}

static void end_progress(const session *s) {
    if (s->rewrite && !s->options.quiet) fputs("\r\033[K", stderr);
}

static cli_exit step_runs(session *s, cli_trouble *t) {
    size_t task;
    int status;
    while (s->children.running < s->options.jobs && s->started < run_count(s)) {
        cli_exit trouble = start_one(s, t);
        if (trouble != CLI_EXIT_PASS) return trouble;
    }
    show_progress(s);
    return cli_children_wait(&s->children, &task, &status) ? finish_one(s, task, status, t)
                                                           : CLI_EXIT_PASS;
}

static cli_exit drive(session *s, cli_trouble *t) {
    cli_exit trouble = CLI_EXIT_PASS;
    announce(s);
    s->line_due = cli_clock_utc() + LINE_EVERY_S;
    while (s->done < run_count(s) && trouble == CLI_EXIT_PASS && !is_stopped(s))
        trouble = step_runs(s, t);
    cli_children_stop(&s->children);
    end_progress(s);
    s->sweep.interrupted = trouble == CLI_EXIT_PASS && s->done < run_count(s);
    return trouble;
}

/* --- what came of it --- */

static bool is_known(const session *s, size_t column) {
    for (size_t i = 0; i < run_count(s); i++)
        if (!isnan(s->values[i * s->sweep.column_count + column])) return true;
    return s->units[column][0] != '\0';
}

/* Usual columns that this scenario does not have leave the table; their values are moved together.
 */
static void drop_columns(session *s) {
    report_sweep *w = &s->sweep;
    size_t map[CLI_SWEEP_COLUMNS_MAX], kept = 0;
    for (size_t i = 0; i < w->column_count; i++) {
        map[i] = option_of(s, i) != NULL || is_known(s, i) ? kept++ : SIZE_MAX;
    }
    for (size_t task = 0; task < run_count(s); task++)
        for (size_t i = 0; i < w->column_count; i++)
            if (map[i] != SIZE_MAX)
                s->values[task * kept + map[i]] = s->values[task * w->column_count + i];
    for (size_t i = 0; i < w->column_count; i++) {
        if (map[i] == SIZE_MAX || map[i] == i) continue;
        s->columns[map[i]].name = s->columns[i].name;
        memcpy(s->units[map[i]], s->units[i], sizeof s->units[i]);
    }
    for (size_t i = 0; i < w->target_count; i++)
        if (s->targets[i].column != SIZE_MAX) s->targets[i].column = map[s->targets[i].column];
    w->column_count = kept;
}

static void seek_cheapest(session *s) {
    if (s->sweep.interrupted) return;
    s->sweep.sentence = report_sweep_sentence(&s->sweep, s->sentence, sizeof s->sentence);
}

static bool draw(void *context, FILE *file) {
    session *s = context;
    char path[CLI_CHILD_PATH + 16];
    snprintf(path, sizeof path, "%s/picture", s->children.scratch);
    FILE *recipe = fopen(path, "w");
    bool good = recipe != NULL && report_sweep_gnuplot(recipe, &s->sweep) == 0;
    if (recipe != NULL) good = fclose(recipe) == 0 && good;
    const char *const words[] = {"gnuplot", path, NULL};
    s->drawn = good && cli_child_run(words, fileno(file));
    return s->drawn;
}

static int write_junit(FILE *file, const void *context) {
    return report_sweep_junit(file, context);
}

static cli_exit write_results(session *s, cli_trouble *t) {
    char why[CLI_LINE_MAX];
    report_folder *results = s->results;
    s->results = NULL;
    if (report_folder_finish_sweep(results, &s->sweep, draw, s, why, sizeof why) != 0)
        return cli_fail(t, CLI_EXIT_INTERNAL, "%s", why);
    if (s->options.junit == NULL) return CLI_EXIT_PASS;
    return cli_write_file(s->options.junit, write_junit, &s->sweep, t);
}

static cli_exit finish(session *s, cli_trouble *t) {
    cli_terminal terminal = cli_terminal_look(STDOUT_FILENO, s->options.no_colour, getenv);
    drop_columns(s);
    seek_cheapest(s);
    cli_exit trouble = write_results(s, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    fputc('\n', stdout);
    if (report_sweep_table(stdout, &s->sweep,
                           terminal.interactive ? terminal.columns : UINT32_MAX) != 0)
        return no_memory(t);
    fputc('\n', stdout);
    if (s->sentence[0] != '\0') printf("%s\n", s->sentence);
    if (!s->drawn)
        printf(
            "No sweep.svg: it takes gnuplot, which is not installed or could not draw "
            "it; " REPORT_SWEEP_PAGE_FILE " has the pictures.\n");
    printf("Results: %s\nRepeat:  %s\n", s->folder.path, s->repeat);
    return CLI_EXIT_PASS;
}

/* Whether nothing failed: then it is only that too little happened. */
static bool none_failed(const session *s) {
    for (size_t i = 0; i < s->sweep.target_count; i++)
        if (s->targets[i].column != SIZE_MAX) return false;
    for (size_t i = 0; i < run_count(s); i++)
        if (s->runs[i].verdict == JUDGE_FAIL) return false;
    return true;
}

/* A column that was asked for and that no run has; NULL: there is none. */
static const char *unknown_name(const session *s) {
    for (size_t i = 0; i < s->sweep.column_count; i++)
        if (!is_known(s, i)) return s->columns[i].name;
    return NULL;
}

static cli_exit conclude(const session *s, cli_trouble *t) {
    if (s->sweep.interrupted)
        return cli_fail(t, CLI_EXIT_INTERRUPTED,
                        "interrupted (after %zu of %zu runs): what was seen until then is in %s",
                        s->done, run_count(s), s->folder.path);
    if (report_sweep_cheapest(&s->sweep) != SIZE_MAX) return CLI_EXIT_PASS;
    const char *unknown = unknown_name(s);
    if (unknown != NULL)
        return cli_fail(t, CLI_EXIT_INCONCLUSIVE,
                        "inconclusive (%s): every setting has a run that is, and no run has a "
                        "measure '%.80s'; see %s",
                        s->options.scenario, unknown, s->folder.path);
    if (none_failed(s))
        return cli_fail(t, CLI_EXIT_INCONCLUSIVE,
                        "inconclusive (%s): every setting has a run that is (%.500s); see %s",
                        s->options.scenario, s->reason, s->folder.path);
    return cli_fail(t, CLI_EXIT_FAILED, "no setting is good enough (%s): %s; see %s",
                    s->options.scenario, s->sentence, s->folder.path);
}

typedef cli_exit step(session *s, cli_trouble *t);
static step *const steps[] = {lay_out, look, find_folder, drive, finish};

static void clean_up(session *s) {
    sim_free(s->scenario);
    cli_children_deinit(&s->children);
    report_folder_abandon(s->results);
    cli_folder_give_back(&s->folder);
    sim_free(s->runs);
    sim_free(s->values);
    sim_free(s->took);
    sim_free(s->began);
    cli_sweep_options_deinit(&s->options);
    cli_words_deinit(&s->words);
}

static cli_exit run_session(session *s, cli_trouble *t) {
    cli_exit trouble = CLI_EXIT_PASS;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && trouble == CLI_EXIT_PASS; i++)
        trouble = steps[i](s, t);
    return trouble == CLI_EXIT_PASS ? conclude(s, t) : trouble;
}

cli_exit cli_sweep(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program; /* the children are this very program, wherever it was found */
    session *s = sim_calloc(1, sizeof *s);
    if (s == NULL) return no_memory(t);
    s->stop = cli_stop_flag();
    s->rewrite = cli_terminal_look(STDERR_FILENO, true, getenv).interactive;
    cli_exit trouble = cli_sweep_options_parse(&s->options, argc, argv, &s->words, t);
    if (trouble == CLI_EXIT_PASS && s->words.help) {
        cli_help_for(&cli_sweep_command);
    } else if (trouble == CLI_EXIT_PASS) {
        if (s->options.out != NULL) trouble = cli_folder_given(&s->folder, s->options.out, t);
        cli_sweep_repeat(&s->options, s->repeat);
        if (trouble == CLI_EXIT_PASS) trouble = run_session(s, t);
    }
    clean_up(s);
    sim_free(s);
    return trouble;
}
