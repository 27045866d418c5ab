/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart serve`: the built-in cloud on real sockets, for clients that are not ours. */
#include <inttypes.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/metrics.h"
#include "sim/cli/pem.h"
#include "sim/cli/psk.h"
#include "sim/cli/serve_options.h"
#include "sim/cli/stop.h"
#include "sim/core/heap.h"
#include "sim/report/prometheus.h"
#include "sim/serve/serve.h"

typedef struct serving {
    cli_serve_options options;
    cli_metrics metrics;
    serve_totals totals; /* the latest; the page is made from them */
    bool examined;
    sim_time line_due;
} serving;

static void say_address(const serving *s, const char *scheme, const net_address *a) {
    char text[64];
    if (a->port == 0) return;
    (void)net_address_text(a, text, sizeof text);
    printf(s->options.json ? "{\"serving\": \"%s://%s\"}\n" : "serving %s://%s\n", scheme, text);
}

static void on_ready(void *context) {
    const serving *s = context;
    const cli_serve_options *o = &s->options;
    say_address(s, "coap", &o->coap);
    say_address(s, "coaps", &o->coaps);
    say_address(s, "coap+tcp", &o->coap_tcp);
    say_address(s, "coaps+tcp", &o->coaps_tcp);
    say_address(s, "mqtt", &o->mqtt);
    say_address(s, "mqtts", &o->mqtts);
    say_address(s, "ws", &o->ws);
    say_address(s, "wss", &o->wss);
    fflush(stdout);
}

/* ---- totals ---- */

static const sim_time line_every = 10 * SIM_SECOND;

static void put_text(const serving *s) {
    const char *before = "";
#define WORDS(member, kind, name, words, help)                \
    printf("%s" words " %" PRIu64, before, s->totals.member); \
    before = ", ";
    SERVE_TOTALS_MAP(WORDS)
    if (s->examined) {
        SERVE_EXAMINED_MAP(WORDS)
    }
#undef WORDS
    putchar('\n');
}

static void put_json(const serving *s) {
    printf("{\"time_s\": %.3f", sim_time_seconds(s->totals.now));
#define MEMBER(member, kind, name, words, help) \
    printf(", \"" name "\": %" PRIu64, s->totals.member);
    SERVE_TOTALS_MAP(MEMBER)
    if (s->examined) {
        SERVE_EXAMINED_MAP(MEMBER)
    }
#undef MEMBER
    printf(", \"last\": %s}\n", s->totals.last ? "true" : "false");
}

static int put_page(FILE *file, const void *what) {
    const serving *s = what;
#define COUNTER(name) "blackstart_" name "_total", "counter"
#define GAUGE(name) "blackstart_" name, "gauge"
#define SAMPLE(member, kind, name, words, help) \
    {kind(name), help, NULL, (double)s->totals.member, NULL},
    const report_sample samples[] = {{GAUGE("serve_seconds"), "How long it has served.", NULL,
                                      sim_time_seconds(s->totals.now), NULL},
                                     SERVE_TOTALS_MAP(SAMPLE)};
    const report_sample examined[] = {SERVE_EXAMINED_MAP(SAMPLE)};
#undef SAMPLE
#undef GAUGE
#undef COUNTER
    int error = report_prometheus(file, samples, sizeof samples / sizeof *samples);
    if (error != 0 || !s->examined) return error;
    return report_prometheus(file, examined, sizeof examined / sizeof *examined);
}

static void on_totals(void *context, const serve_totals *t) {
    serving *s = context;
    cli_metrics_hold(&s->metrics);
    s->totals = *t;
    cli_metrics_release(&s->metrics);
    if (t->now < s->line_due && !t->last) return;
    s->line_due = sim_time_add(t->now, line_every);
    if (s->options.json)
        put_json(s);
    else
        put_text(s);
    fflush(stdout);
}

static void on_alarm(void *context, const char *line) {
    cli_serve_options *o = &((serving *)context)->options;
    double took_s;
    puts(line);
    fflush(stdout);
    if (o->outlets.count > 0) (void)!cli_outlets_deliver(&o->outlets, line, &took_s);
}

static cli_exit serve(serving *s, const cli_psk *psk, const cli_pem_files *papers, cli_trouble *t) {
    char why[CLI_LINE_MAX];
    cli_serve_options *o = &s->options;
    const serve_options service = {
        .coap = o->coap,
        .coaps = o->coaps,
        .coap_tcp = o->coap_tcp,
        .coaps_tcp = o->coaps_tcp,
        .mqtt = o->mqtt,
        .mqtts = o->mqtts,
        .ws = o->ws,
        .wss = o->wss,
        .papers = {.chain = papers->chain, .key = papers->key, .authorities = papers->authorities},
        .limits = o->limits,
        .keep_alive_maximum_s = o->keep_alive_maximum_s,
        .close_after = o->close_after,
        .resets = o->resets,
        .credentials = psk->items,
        .credential_count = psk->count,
        .accept_derived = psk->count == 0,
        .seed = o->seed,
        .examination = o->examine ? &o->examination : NULL,
        .alarm = on_alarm,
        .stop = cli_stop_flag(),
        .ready = on_ready,
        .totals = on_totals,
        .context = s,
    };
    s->examined = o->examine;
    s->line_due = line_every;
    cli_exit trouble = cli_metrics_open(&s->metrics, &o->metrics, put_page, s, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    int error = serve_for_real(&service, why, sizeof why);
    cli_metrics_close(&s->metrics);
    if (error == 0) return CLI_EXIT_PASS;
    return cli_fail(t,
                    error == SIM_EPARSE || error == SIM_ERANGE ? CLI_EXIT_USAGE : CLI_EXIT_INTERNAL,
                    "%s", why);
}

cli_exit cli_serve(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    serving s = {.examined = false};
    cli_words words = {0};
    cli_psk psk = {0};
    cli_pem_files files = {0};
    cli_exit trouble = cli_serve_options_parse(&s.options, argc, argv, &words, t);
    if (trouble == CLI_EXIT_PASS && words.help) {
        cli_help_for(&cli_serve_command);
    } else if (trouble == CLI_EXIT_PASS) {
        if (s.options.psk != NULL) trouble = cli_psk_shared(&psk, s.options.psk, t);
        if (s.options.psk_file != NULL) trouble = cli_psk_file(&psk, s.options.psk_file, t);
        if (trouble == CLI_EXIT_PASS && s.options.examine && psk.count == 1)
            trouble = cli_fail(
                t, CLI_EXIT_USAGE,
                "one identity for all devices, and --examine (blackstart serve): it cannot "
                "tell them apart; give --psk-file with an identity for each");
        if (trouble == CLI_EXIT_PASS)
            trouble = cli_pem_files_read(&files, (cli_pem_name){"cert", s.options.cert},
                                         (cli_pem_name){"key", s.options.key},
                                         (cli_pem_name){"client-ca", s.options.client_ca}, t);
        if (trouble == CLI_EXIT_PASS) trouble = serve(&s, &psk, &files, t);
    }
    cli_outlets_tell(&s.options.outlets);
    cli_outlets_deinit(&s.options.outlets);
    cli_psk_deinit(&psk);
    cli_pem_files_deinit(&files);
    cli_words_deinit(&words);
    return trouble;
}
