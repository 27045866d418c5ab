/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart serve`: the built-in cloud on real sockets, for clients that are not ours. */
#include <inttypes.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/pem.h"
#include "sim/cli/psk.h"
#include "sim/cli/serve_options.h"
#include "sim/cli/stop.h"
#include "sim/core/heap.h"
#include "sim/serve/serve.h"

static void say_address(const char *scheme, const net_address *a) {
    char text[64];
    if (a->port != 0) printf("serving %s://%s\n", scheme, net_address_text(a, text, sizeof text));
}

static void on_ready(void *context) {
    const cli_serve_options *o = context;
    say_address("coap", &o->coap);
    say_address("coaps", &o->coaps);
    say_address("coap+tcp", &o->coap_tcp);
    say_address("coaps+tcp", &o->coaps_tcp);
    say_address("mqtt", &o->mqtt);
    say_address("mqtts", &o->mqtts);
    say_address("ws", &o->ws);
    say_address("wss", &o->wss);
    fflush(stdout);
}

static void on_totals(void *context, const serve_totals *t) {
    const cli_serve_options *o = context;
    printf("attempts %" PRIu64 ", sessions open %" PRIu64 ", registered %" PRIu64
           ", requests %" PRIu64 ", reports %" PRIu64 ", over capacity %" PRIu64
           ", malformed %" PRIu64 ", discarded datagrams %" PRIu64 ", no suite in common %" PRIu64,
           t->attempts, t->sessions_open, t->registered, t->requests, t->reports, t->over_capacity,
           t->malformed, t->discarded_datagrams, t->no_suite);
    if (o->examine)
        printf(", alarms %" PRIu64 ", reports not examined %" PRIu64, t->alarms, t->unexamined);
    putchar('\n');
    fflush(stdout);
}

static void on_alarm(void *context, const char *line) {
    cli_serve_options *o = context;
    double took_s;
    puts(line);
    fflush(stdout);
    if (o->outlets.count > 0) (void)!cli_outlets_deliver(&o->outlets, line, &took_s);
}

static cli_exit serve(cli_serve_options *o, const cli_psk *psk, const cli_pem_files *papers,
                      cli_trouble *t) {
    char why[CLI_LINE_MAX];
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
        .context = o,
    };
    int error = serve_for_real(&service, why, sizeof why);
    if (error == 0) return CLI_EXIT_PASS;
    return cli_fail(t,
                    error == SIM_EPARSE || error == SIM_ERANGE ? CLI_EXIT_USAGE : CLI_EXIT_INTERNAL,
                    "%s", why);
}

cli_exit cli_serve(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    cli_serve_options o;
    cli_words words = {0};
    cli_psk psk = {0};
    cli_pem_files files = {0};
    cli_exit trouble = cli_serve_options_parse(&o, argc, argv, &words, t);
    if (trouble == CLI_EXIT_PASS && words.help) {
        cli_help_for(&cli_serve_command);
    } else if (trouble == CLI_EXIT_PASS) {
        if (o.psk != NULL) trouble = cli_psk_shared(&psk, o.psk, t);
        if (o.psk_file != NULL) trouble = cli_psk_file(&psk, o.psk_file, t);
        if (trouble == CLI_EXIT_PASS && o.examine && psk.count == 1)
            trouble = cli_fail(
                t, CLI_EXIT_USAGE,
                "one identity for all devices, and --examine (blackstart serve): it cannot "
                "tell them apart; give --psk-file with an identity for each");
        if (trouble == CLI_EXIT_PASS)
            trouble = cli_pem_files_read(&files, (cli_pem_name){"cert", o.cert},
                                         (cli_pem_name){"key", o.key},
                                         (cli_pem_name){"client-ca", o.client_ca}, t);
        if (trouble == CLI_EXIT_PASS) trouble = serve(&o, &psk, &files, t);
    }
    cli_outlets_tell(&o.outlets);
    cli_outlets_deinit(&o.outlets);
    cli_psk_deinit(&psk);
    cli_pem_files_deinit(&files);
    cli_words_deinit(&words);
    return trouble;
}
