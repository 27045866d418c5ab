/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart run`: options, script, fleet, drill, verdicts, results, in this order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blackstart_version.h"
#include "devices/model.h"
#include "net/security.h"
#include "sim/cli/cli.h"
#include "sim/cli/clock.h"
#include "sim/cli/credentials_import.h"
#include "sim/cli/data.h"
#include "sim/cli/dialect.h"
#include "sim/cli/dialects.h"
#include "sim/cli/folder.h"
#include "sim/cli/huge_pages.h"
#include "sim/cli/live.h"
#include "sim/cli/metrics.h"
#include "sim/cli/pack_json.h"
#include "sim/cli/pem.h"
#include "sim/cli/product_json.h"
#include "sim/cli/progress.h"
#include "sim/cli/psk.h"
#include "sim/cli/run_options.h"
#include "sim/cli/scenarios.h"
#include "sim/cli/stop.h"
#include "sim/cli/target.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text.h"
#include "sim/core/heap.h"
#include "sim/fleet/spec.h"
#include "sim/report/prometheus.h"
#include "sim/report/terminal.h"
#include "sim/run/clock.h"
#include "sim/run/finish.h"
#include "sim/run/guard.h"
#include "sim/run/judging.h"
#include "sim/run/metrics.h"
#include "sim/run/options.h"
#include "sim/run/outlet.h"
#include "sim/run/run.h"
#include "sim/run/tapes.h"

/* Everything that has to be undone, in any order of success. */
typedef struct session {
    cli_words words;
    cli_run_options options;
    cli_psk psk;
    run_target target;         /* with options.target */
    char host[256], path[256]; /* of the target */
    cli_pem_files papers;
    cli_data *data; /* of its dialect; NULL: none */
    cli_dialects dialects;
    char *authority; /* the file of the folder of credentials; owned; NULL: none */
    run_outlet outlet;
    cli_folder folder;
    cli_product product;
    script *script;
    fleet_spec *spec; /* borrowed from the script */
    run *run;
    FILE *capture, *trace;
    cli_live live;
    cli_metrics metrics;
    report_moment moment;          /* what its page is made from */
    char trace_path[CLI_TEXT_MAX]; /* "": none is written */
    cli_progress progress;
    const volatile sig_atomic_t *stop;
    cli_pack pack;
    judge_finding findings[SCRIPT_FINDINGS_MAX + 1]; /* the last may be the pack's */
    size_t finding_count;
    char verdict_error[CLI_LINE_MAX]; /* what is wrong with verdict(p); "": nothing */
    char repeat[CLI_REPEAT_MAX];
} session;

static bool is_stopped(const session *s) {
    return *s->stop != 0;
}

static cli_exit interrupted_early(cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_INTERRUPTED,
                    "interrupted (before the run began): nothing was written");
}

/* The script, its parameters and its set-up: whatever is wrong here is the user's to mend. */
static cli_exit load(session *s, cli_trouble *t) {
    const cli_run_options *o = &s->options;
    char why[SCRIPT_WHY];
    char *path;
    cli_exit trouble = cli_scenarios_meant(o->scenario, &path, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    s->script = script_load(path, o->sets.items, o->sets.count, o->seed, o->target != NULL, why,
                            sizeof why);
    sim_free(path);
    if (s->script == NULL) return cli_fail(t, CLI_EXIT_USAGE, "%s", why);
    if (o->product != NULL) {
        trouble = cli_product_json(o->product, &s->product, t);
        if (trouble != CLI_EXIT_PASS) return trouble;
        if (script_take_product(s->script, &s->product.product) != 0)
            return cli_fail(t, CLI_EXIT_USAGE, "%s", script_why(s->script));
    }
    if (script_setup(s->script, &s->spec) != 0)
        return cli_fail(t, CLI_EXIT_USAGE, "%s", script_why(s->script));
    cli_huge_pages(fleet_spec_devices(s->spec));
    return CLI_EXIT_PASS;
}

/* The target's name as it was given, for backends that want to hear it. */
static cli_exit name_host(session *s, cli_trouble *t) {
    cli_target target;
    cli_exit trouble = cli_target_parse(s->options.target, &target, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    snprintf(s->host, sizeof s->host, "%s", target.host);
    snprintf(s->path, sizeof s->path, "%s", target.path);
    s->target.backend.path = target.websocket ? s->path : NULL;
    return trouble;
}

/* The papers of devices that speak TLS with the target, tried before the run is. */
static cli_exit read_papers(session *s, cli_trouble *t) {
    const cli_run_options *o = &s->options;
    cli_exit trouble =
        cli_pem_files_read(&s->papers, (cli_pem_name){"client-cert", o->client_cert},
                           (cli_pem_name){"client-key", o->client_key},
                           (cli_pem_name){"ca", o->ca != NULL ? o->ca : s->authority}, t);
    s->target.papers = (run_papers){.authorities = s->papers.authorities,
                                    .host = s->host,
                                    .chain = s->papers.chain,
                                    .key = s->papers.key,
                                    .imported = o->credentials != NULL};
    if (trouble != CLI_EXIT_PASS) return trouble;
    return cli_pem_files_try(
        &s->papers, s->papers.chain != NULL ? "--ca, --client-cert, --client-key" : "--ca", t);
}

/* Who the devices are, from elsewhere, and whom the folder says that they believe. */
static cli_exit import(session *s, cli_trouble *t) {
    const cli_run_options *o = &s->options;
    if (o->credentials == NULL) return CLI_EXIT_PASS;
    cli_exit trouble = cli_credentials_import(&s->psk, o->credentials, t);
    s->target.papers.imported = true; /* also where nobody shows papers */
    bool wants = s->target.secure && s->target.protocol->transport == NET_STREAM && !o->insecure;
    if (trouble != CLI_EXIT_PASS || !wants || o->ca != NULL) return trouble;
    s->authority = cli_credentials_authority(o->credentials);
    if (s->authority != NULL) return trouble;
    return cli_fail(
        t, CLI_EXIT_USAGE,
        "TLS without an authority (--credentials): there is no " CLI_CREDENTIALS_AUTHORITY
        " in %.200s; add --ca FILE, or --insecure",
        o->credentials);
}

static cli_exit check_passwords(const session *s, cli_trouble *t) {
    char where[sizeof s->psk.items->identity + sizeof "--credentials, "];
    const net_dialect *d = s->target.backend.dialect;
    cli_exit trouble = cli_dialect_takes(d, s->options.password, "--password", t);
    for (size_t i = 0; i < s->psk.count && trouble == CLI_EXIT_PASS; i++) {
        (void)snprintf(where, sizeof where, "--credentials, %s", s->psk.items[i].identity);
        trouble = cli_dialect_takes(d, s->psk.items[i].password, where, t);
    }
    return trouble;
}

/* Some kinds may have nothing to say. */
static bool anybody_speaks(const fleet_spec *spec, const net_dialect *d) {
    bool any = false;
    for (uint32_t z = 0; z < spec->zone_count; z++)
        for (uint32_t g = 0; g < spec->zones[z].group_count; g++)
            any |= cli_dialect_knows(d, spec->zones[z].groups[g].profile.model->name);
    return any;
}

static cli_exit read_dialect(session *s, cli_trouble *t) {
    const cli_run_options *o = &s->options;
    const net_dialect **d = &s->target.backend.dialect;
    const bool per_request = o->data_per != NULL && strcmp(o->data_per, "request") == 0;
    cli_exit trouble = cli_dialect_read(o->dialect, d, t);
    if (trouble == CLI_EXIT_PASS) trouble = cli_dialect_fits(*d, s->target.protocol, o->dialect, t);
    if (trouble == CLI_EXIT_PASS && !anybody_speaks(s->spec, *d))
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no word for any device of the fleet (--dialect %.200s): add a message "
                        "without a model to report, or one of theirs",
                        o->dialect);
    if (trouble == CLI_EXIT_PASS && o->data != NULL)
        trouble = cli_data_read(o->data, per_request, &s->data, t);
    if (trouble == CLI_EXIT_PASS) cli_dialect_use(*d, s->data);
    return trouble;
}

static cli_exit find_target(session *s, cli_trouble *t) {
    const cli_run_options *o = &s->options;
    cli_exit trouble = CLI_EXIT_PASS;
    if (o->target != NULL) trouble = cli_target_resolve(o->target, o->source, &s->target, t);
    if (trouble == CLI_EXIT_PASS && o->psk != NULL) trouble = cli_psk_shared(&s->psk, o->psk, t);
    if (trouble == CLI_EXIT_PASS && o->psk_file != NULL)
        trouble = cli_psk_file(&s->psk, o->psk_file, t);
    s->target.backend.user_name = o->user_name;
    s->target.backend.password = o->password;
    s->target.backend.host = s->host;
    if (trouble == CLI_EXIT_PASS && o->target != NULL) trouble = name_host(s, t);
    if (trouble == CLI_EXIT_PASS) trouble = import(s, t);
    bool papers = o->ca != NULL || s->authority != NULL || o->client_cert != NULL || o->insecure;
    if (trouble == CLI_EXIT_PASS && papers) trouble = read_papers(s, t);
    if (trouble == CLI_EXIT_PASS && o->target != NULL && o->dialect != NULL)
        trouble = read_dialect(s, t);
    return trouble == CLI_EXIT_PASS ? check_passwords(s, t) : trouble;
}

/* Those of the scenario; and without a target that of the command line is the fleet's. */
static cli_exit find_dialects(session *s, cli_trouble *t) {
    const cli_run_options *o = &s->options;
    return cli_dialects_meet(&s->dialects, s->spec, o->target == NULL ? o->dialect : NULL, t);
}

static cli_exit find_folder(session *s, cli_trouble *t) {
    const cli_run_options *o = &s->options;
    if (o->out != NULL) return CLI_EXIT_PASS; /* looked at with the options */
    return cli_folder_reserve(&s->folder, "results", o->scenario, o->seed, cli_clock_utc(), t);
}

static int deliver(void *context, const run_alert *alarm, double *took_s) {
    return cli_outlets_deliver(context, alarm->line, took_s);
}

/* Each second of the run, for those who look on. */
static void on_second(void *context, const report_second *row) {
    session *s = context;
    cli_live_second(&s->live, row);
    report_moment *m = &s->moment;
    if (s->metrics.page == NULL) return;
    cli_metrics_hold(&s->metrics);
    report_second_add(&m->totals, row);
    m->latency_count = run_latencies_sum(s->run, &m->latency_sum_s);
    cli_metrics_release(&s->metrics);
}

static int put_page(FILE *file, const void *what) {
    return report_prometheus_run(file, what);
}

static cli_exit build(session *s, cli_trouble *t) {
    char why[CLI_LINE_MAX];
    int code = CLI_EXIT_INTERNAL;
    const bool real = s->options.target != NULL;
    s->outlet = (run_outlet){.context = &s->options.outlets, .deliver = deliver};
    const run_options options = {
        .seed = s->options.seed,
        .threads = real ? 1 : s->options.threads,
        .target = real ? &s->target : NULL,
        .credentials = s->psk.items,
        .credential_count = s->psk.count,
        .outlet = s->options.outlets.count > 0 ? &s->outlet : NULL,
        .folder = s->folder.path,
        .stop = s->stop,
        .progress = s->options.quiet ? NULL : cli_progress_show,
        .progress_context = &s->progress,
        .second = on_second,
        .second_context = s,
    };
    if (is_stopped(s)) return interrupted_early(t);
    s->run = run_new(s->spec, &options, why, sizeof why, &code);
    if (s->run == NULL)
        return cli_fail(t, code == CLI_EXIT_PASS ? CLI_EXIT_INTERNAL : (cli_exit)code, "%s", why);
    return CLI_EXIT_PASS;
}

/* Opened once nothing else can be wrong with the command: what the file held is lost then. */
static cli_exit open_capture(session *s, cli_trouble *t) {
    const char *path = s->options.pcap;
    if (path == NULL) return CLI_EXIT_PASS;
    s->capture = fopen(path, "wbe");
    if (s->capture == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "cannot write the capture: %s (%.200s): choose another "
                        "place",
                        strerror(errno), path);
    run_capture_to(s->run, s->capture);
    return CLI_EXIT_PASS;
}

/* A trace that does not fit its run leaves no file. */
static cli_exit open_trace(session *s, cli_trouble *t) {
    char why[CLI_LINE_MAX];
    const cli_run_options *o = &s->options;
    if (!fleet_traced_any(&o->traced)) return CLI_EXIT_PASS;
    if (o->trace_to != NULL)
        snprintf(s->trace_path, sizeof s->trace_path, "%s", o->trace_to);
    else
        snprintf(s->trace_path, sizeof s->trace_path, "%s.trace.jsonl", s->folder.path);
    FILE *file = fopen(s->trace_path, "wbe");
    if (file == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "cannot write the trace: %s (%.200s): choose another place with --trace-to",
                        strerror(errno), s->trace_path);
    s->trace = file;
    if (run_trace_to(s->run, &o->traced, file, why, sizeof why) == 0) return CLI_EXIT_PASS;
    (void)unlink(s->trace_path);
    return cli_fail(t, CLI_EXIT_USAGE, "%s", why);
}

static cli_exit open_live(session *s, cli_trouble *t) {
    return cli_live_open(&s->live, s->options.live, t);
}

/* Thresholds that may end the run. */
static cli_exit set_guards(session *s, cli_trouble *t) {
    const run_guard *guards;
    size_t count;
    const bool all = s->options.abort_on_fail != NULL;
    int error = script_guards(s->script, s->run, s->options.abort_after, &guards, &count);
    if (error == SIM_ENOMEM) return cli_fail(t, CLI_EXIT_INTERNAL, "%s", script_why(s->script));
    if (error != 0)
        return cli_fail(t, CLI_EXIT_USAGE, "what ends the run cannot be known before it: %.800s",
                        script_why(s->script));
    if (all && count == 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "nothing can end the run (--abort-on-fail): verdict(p) of %.200s has no "
                        "threshold that is counted while it goes on; add one",
                        s->options.scenario);
    run_guard_by(s->run, guards, count);
    return CLI_EXIT_PASS;
}

static cli_exit open_metrics(session *s, cli_trouble *t) {
    return cli_metrics_open(&s->metrics, &s->options.metrics, put_page, &s->moment, t);
}

/* The script keeps its own words about an error of its own; anything else that ends a run early is
 * ours or the machine's. */
static cli_exit drive(session *s, cli_trouble *t) {
    int error = run_drive(s->run, script_drill(s->script));
    cli_progress_end(&s->progress);
    if (error == 0) return CLI_EXIT_PASS;
    cli_exit code = error == SIM_ENOMEM ? CLI_EXIT_INTERNAL : CLI_EXIT_USAGE;
    if (script_why(s->script)[0] != '\0') return cli_fail(t, code, "%s", script_why(s->script));
    return cli_fail(t, CLI_EXIT_INTERNAL, "%s", run_why(s->run));
}

/* Half a drill proves nothing either way: the measures stay, the verdicts do not. */
static void withdraw(judge_finding *f, sim_time at) {
    char sentence[JUDGE_SENTENCE_MAX], when[32];
    int n = snprintf(
        sentence, sizeof sentence,
        "The run was interrupted at %s, before its drill had ended. Until then it was %s: %s",
        sim_time_text(at, when, sizeof when), judge_verdict_word(f->verdict), f->sentence);
    if (n >= (int)sizeof sentence) { /* cut at a word, with an ellipsis that fits */
        static const char ellipsis[] = " \xe2\x80\xa6";
        sentence[sizeof sentence - sizeof ellipsis] = '\0';
        char *last_word = strrchr(sentence, ' ');
        if (last_word != NULL) memcpy(last_word, ellipsis, sizeof ellipsis);
    }
    memcpy(f->sentence, sentence, sizeof sentence);
    f->verdict = JUDGE_INCONCLUSIVE;
}

static cli_exit judge(session *s, cli_trouble *t) {
    const judge_finding *findings = NULL;
    size_t count = 0;
    bool cut = run_interrupted(s->run);
    int error = script_verdict(s->script, s->run, &findings, &count);
    if (error == SIM_ENOMEM) return cli_fail(t, CLI_EXIT_INTERNAL, "%s", script_why(s->script));
    if (error != 0 && cut) /* it may need what the rest of the drill would have brought */
        return CLI_EXIT_PASS;
    /* A mistake in the last lines of a script must not cost what the run has measured. */
    if (error != 0)
        snprintf(s->verdict_error, sizeof s->verdict_error, "%s", script_why(s->script));
    SIM_PROMISE(count <= SCRIPT_FINDINGS_MAX);
    for (size_t i = 0; i < count; i++) {
        s->findings[i] = findings[i];
        if (cut) withdraw(&s->findings[i], run_now(s->run));
    }
    s->finding_count = count;
    return CLI_EXIT_PASS;
}

static cli_exit read_pack(session *s, cli_trouble *t) {
    cli_exit trouble =
        s->options.by != NULL ? cli_pack_read(&s->pack, s->options.by, t) : CLI_EXIT_PASS;
    if (trouble != CLI_EXIT_PASS || s->options.by == NULL || s->pack.pack.rule_count > 0)
        return trouble;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "the pack %.80s has thresholds alone (--by): a scenario has its own, in "
                    "verdict(p); give a pack with rules",
                    s->options.by);
}

static cli_exit judge_by(session *s, cli_trouble *t) {
    if (s->options.by == NULL) return CLI_EXIT_PASS;
    judge_finding *f = &s->findings[s->finding_count];
    if (run_judge_by(s->run, &s->pack.pack, f) != 0)
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "out of memory while the run was judged (--by): use fewer devices");
    if (run_interrupted(s->run)) withdraw(f, run_now(s->run));
    s->finding_count++;
    return CLI_EXIT_PASS;
}

static cli_exit finish(session *s, cli_trouble *t) {
    char why[CLI_LINE_MAX];
    report_run record = {0};
    run_caption words = {
        .scenario = s->options.scenario,
        .title = script_title(s->script),
        .version = BLACKSTART_VERSION,
        .repeat = s->repeat,
        .repeatable = s->options.repeatable,
        .error = s->verdict_error[0] != '\0' ? s->verdict_error : NULL,
    };
    words.parameters = script_parameters(s->script, &words.parameter_count);
    if (run_finish(s->run, &words, s->findings, s->finding_count, &record, why, sizeof why) != 0)
        return cli_fail(t, CLI_EXIT_INTERNAL, "%s", why);
    cli_terminal terminal = cli_terminal_look(STDOUT_FILENO, s->options.no_colour, getenv);
    const report_style style = {.colour = terminal.colour,
                                .marks = terminal.interactive && terminal.marks,
                                .columns = terminal.columns};
    bool said = !cli_live_is_output(&s->live);
    if (said) report_terminal(&record, s->folder.path, &style, stdout);
    if (said && s->trace_path[0] != '\0') printf("trace: %s\n", s->trace_path);
    cli_outlets_tell(&s->options.outlets);
    cli_dialect_tell(s->target.backend.dialect);
    if (said) report_terminal_last(&record, &style, stdout);
    return CLI_EXIT_PASS;
}

/* The line for findings that did not pass: how many, which, and what the first one says. */
static cli_exit tell(const session *s, cli_exit code, judge_verdict verdict, const char *what,
                     cli_trouble *t) {
    char units[200] = "";
    const judge_finding *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < s->finding_count; i++) {
        const judge_finding *f = &s->findings[i];
        if (f->verdict != verdict) continue;
        size_t used = strlen(units);
        snprintf(units + used, sizeof units - used, "%s%s", count == 0 ? "" : ", ", f->unit);
        first = first == NULL ? f : first;
        count++;
    }
    if (first == NULL)
        return cli_fail(t, code, "%s (%s): see %s", what, s->options.scenario, s->folder.path);
    /* when something is wrong, it may well be wrong there */
    const char *target = s->options.target;
    return cli_fail(t, code, "%s (%s%s%.200s): %s", what, units, target == NULL ? "" : ", ",
                    target == NULL ? "" : target, first->sentence);
}

static cli_exit conclude(const session *s, cli_trouble *t) {
    char when[32];
    if (run_capture_why(s->run) != NULL)
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "the capture is not whole: %s (%.200s): make room and run again; the run's "
                        "results are whole, in %s",
                        run_capture_why(s->run), s->options.pcap, s->folder.path);
    if (run_trace_why(s->run) != NULL)
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "the trace is not whole: %s (%.200s): make room and run again; the run's "
                        "results are whole, in %s",
                        run_trace_why(s->run), s->trace_path, s->folder.path);
    if (run_interrupted(s->run))
        return cli_fail(t, CLI_EXIT_INTERRUPTED,
                        "interrupted (at %s of the run): what was seen until then is in %s",
                        sim_time_text(run_now(s->run), when, sizeof when), s->folder.path);
    if (s->verdict_error[0] != '\0')
        return cli_fail(t, CLI_EXIT_USAGE, "%.900s; what the run measured is in %s",
                        s->verdict_error, s->folder.path);
    if (s->options.strict && s->finding_count == 0)
        return cli_fail(t, CLI_EXIT_INCONCLUSIVE,
                        "nothing was judged (%s, --strict): say judge, threshold or expect in "
                        "function verdict(p); what the run measured is in %s",
                        s->options.scenario, s->folder.path);
    switch (judge_exit_code(s->findings, s->finding_count)) {
        case CLI_EXIT_PASS:
            return CLI_EXIT_PASS;
        case CLI_EXIT_FAILED:
            return tell(s, CLI_EXIT_FAILED, JUDGE_FAIL, "a check failed", t);
        default:
            return tell(s, CLI_EXIT_INCONCLUSIVE, JUDGE_INCONCLUSIVE, "inconclusive", t);
    }
}

typedef cli_exit step(session *s, cli_trouble *t);
static step *const steps[] = {read_pack, load,       find_target,  find_dialects, find_folder,
                              build,     set_guards, open_metrics, open_capture,  open_trace,
                              open_live, drive,      judge,        judge_by,      finish};

static void clean_up(session *s) {
    cli_progress_end(&s->progress);
    /* both were flushed when the drive was over */
    cli_live_close(&s->live);
    cli_metrics_close(&s->metrics);
    if (s->capture != NULL) (void)fclose(s->capture);
    if (s->trace != NULL) (void)fclose(s->trace);
    run_leave(s->run); /* abandons results that were not finished */
    script_free(s->script);
    cli_product_deinit(&s->product);
    cli_psk_deinit(&s->psk);
    cli_dialect_free(s->target.backend.dialect);
    cli_data_free(s->data);
    cli_dialects_deinit(&s->dialects);
    cli_pem_files_deinit(&s->papers);
    sim_free(s->authority);
    cli_pack_deinit(&s->pack);
    cli_folder_give_back(&s->folder);
    cli_run_options_deinit(&s->options);
    cli_words_deinit(&s->words);
}

static cli_exit run_session(session *s, cli_trouble *t) {
    cli_exit trouble = CLI_EXIT_PASS;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && trouble == CLI_EXIT_PASS; i++)
        trouble = steps[i](s, t);
    return trouble == CLI_EXIT_PASS ? conclude(s, t) : trouble;
}

cli_exit cli_run(const char *program, int argc, char **argv, cli_trouble *t) {
    session *s = sim_calloc(1, sizeof *s);
    if (s == NULL)
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "out of memory (blackstart run): free some and try again");
    s->stop = cli_stop_flag();
    cli_exit trouble = cli_run_options_parse(&s->options, argc, argv, &s->words, t);
    if (trouble == CLI_EXIT_PASS && s->words.help) {
        cli_help_for(&cli_run_command);
    } else if (trouble == CLI_EXIT_PASS) {
        if (s->options.out != NULL) trouble = cli_folder_given(&s->folder, s->options.out, t);
        cli_run_repeat(&s->options, s->options.repeatable ? "blackstart" : program, s->repeat);
        cli_stop_repeat(s->repeat);
        cli_progress_init(&s->progress, stderr,
                          cli_terminal_look(STDERR_FILENO, true, getenv).interactive);
        if (trouble == CLI_EXIT_PASS) trouble = run_session(s, t);
        cli_stop_repeat(NULL);
    }
    clean_up(s);
    sim_free(s);
    return trouble;
}
