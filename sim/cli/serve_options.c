/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/serve_options.h"

#include <string.h>

#include "sim/core/units.h"
#include "sim/fleet/fault_orders.h"

static cli_exit take_coap(void *into, const char *value, cli_trouble *t) {
    return cli_take_address("coap", value, &((cli_serve_options *)into)->coap, t);
}

static cli_exit take_coaps(void *into, const char *value, cli_trouble *t) {
    return cli_take_address("coaps", value, &((cli_serve_options *)into)->coaps, t);
}

static cli_exit take_coap_tcp(void *into, const char *value, cli_trouble *t) {
    return cli_take_address("coap-tcp", value, &((cli_serve_options *)into)->coap_tcp, t);
}

static cli_exit take_coaps_tcp(void *into, const char *value, cli_trouble *t) {
    return cli_take_address("coaps-tcp", value, &((cli_serve_options *)into)->coaps_tcp, t);
}

static cli_exit take_mqtt(void *into, const char *value, cli_trouble *t) {
    return cli_take_address("mqtt", value, &((cli_serve_options *)into)->mqtt, t);
}

static cli_exit take_mqtts(void *into, const char *value, cli_trouble *t) {
    return cli_take_address("mqtts", value, &((cli_serve_options *)into)->mqtts, t);
}

static cli_exit take_ws(void *into, const char *value, cli_trouble *t) {
    return cli_take_address("ws", value, &((cli_serve_options *)into)->ws, t);
}

static cli_exit take_wss(void *into, const char *value, cli_trouble *t) {
    return cli_take_address("wss", value, &((cli_serve_options *)into)->wss, t);
}

static cli_exit take_metrics(void *into, const char *value, cli_trouble *t) {
    return cli_take_address("metrics", value, &((cli_serve_options *)into)->metrics, t);
}

static cli_exit take_totals(void *into, const char *value, cli_trouble *t) {
    if (strcmp(value, "text") != 0 && strcmp(value, "json") != 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no way to write totals: %.80s (--totals): say text or json", value);
    ((cli_serve_options *)into)->json = *value == 'j';
    return CLI_EXIT_PASS;
}

static cli_exit take_cert(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_serve_options *)into)->cert = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_key(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_serve_options *)into)->key = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_client_ca(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_serve_options *)into)->client_ca = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_psk(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_serve_options *)into)->psk = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_psk_file(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_serve_options *)into)->psk_file = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_seed(void *into, const char *value, cli_trouble *t) {
    return cli_take_seed(value, &((cli_serve_options *)into)->seed, t);
}

/* Queues of one second each, as the defaults have them. */
static cli_exit take_rate(const char *option, const char *value, double *rate, uint32_t *queue,
                          cli_trouble *t) {
    double number;
    if (sim_units_number(value, &number) != 0 || !(number > 0) || number > 1e9)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no rate: %.80s (--%s): give how many a second, above 0, such as 500 or 20k", value,
            option);
    *rate = number;
    *queue = number < 1 ? 1 : (uint32_t)number;
    return CLI_EXIT_PASS;
}

static cli_exit take_connections(void *into, const char *value, cli_trouble *t) {
    cloud_limits *l = &((cli_serve_options *)into)->limits;
    return take_rate("connections", value, &l->connections_per_s, &l->connection_queue, t);
}

static cli_exit take_requests(void *into, const char *value, cli_trouble *t) {
    cloud_limits *l = &((cli_serve_options *)into)->limits;
    return take_rate("requests", value, &l->requests_per_s, &l->request_queue, t);
}

static cli_exit take_over(void *into, const char *value, cli_trouble *t) {
    cloud_limits *l = &((cli_serve_options *)into)->limits;
    if (strcmp(value, "refuse") == 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no way to be over capacity on real sockets: refuse (--over): a program "
                        "cannot send the "
                        "ICMP error, a firewall in front of it can; say drop or busy");
    if (strcmp(value, "drop") != 0 && strcmp(value, "busy") != 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no way to be over capacity: %.80s (--over): say drop or busy", value);
    l->over = *value == 'd' ? CLOUD_OVER_DROP : CLOUD_OVER_BUSY;
    return CLI_EXIT_PASS;
}

static cli_exit take_says(void *into, const char *value, cli_trouble *t) {
    cloud_limits *l = &((cli_serve_options *)into)->limits;
    for (int i = 0; cloud_busy_words[i] != NULL; i++) {
        if (strcmp(value, cloud_busy_words[i]) != 0) continue;
        l->busy = (cloud_busy)i;
        return CLI_EXIT_PASS;
    }
    return cli_fail(t, CLI_EXIT_USAGE,
                    "no word of a busy cloud: %.80s (--says): say busy, unavailable, quota or rate",
                    value);
}

static cli_exit take_max_age(void *into, const char *value, cli_trouble *t) {
    cloud_limits *l = &((cli_serve_options *)into)->limits;
    sim_time age;
    if (sim_units_duration(value, &age) != 0 || age < SIM_SECOND || age > SIM_DAY ||
        age % SIM_SECOND != 0)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no Max-Age: %.80s (--max-age): give whole seconds with a unit, 1s to 1d, such as 30s",
            value);
    l->max_age_s = (uint32_t)(age / SIM_SECOND);
    return CLI_EXIT_PASS;
}

static cli_exit take_keep_alive(void *into, const char *value, cli_trouble *t) {
    sim_time most;
    if (sim_units_duration(value, &most) != 0 || most < SIM_SECOND ||
        most > UINT16_MAX * SIM_SECOND || most % SIM_SECOND != 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no keep-alive: %.80s (--keep-alive): give whole seconds with a unit, 1s "
                        "to 18h, such as 60s",
                        value);
    ((cli_serve_options *)into)->keep_alive_maximum_s = (uint16_t)(most / SIM_SECOND);
    return CLI_EXIT_PASS;
}

static cli_exit take_close_after(void *into, const char *value, cli_trouble *t) {
    sim_time after;
    if (sim_units_duration(value, &after) != 0 || after < SIM_MILLISECOND || after > SIM_DAY)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no time to close a session after: %.80s (--close-after): give 1ms to 1d, "
                        "such as 10s",
                        value);
    ((cli_serve_options *)into)->close_after = after;
    return CLI_EXIT_PASS;
}

static cli_exit take_closes(void *into, const char *value, cli_trouble *t) {
    cli_serve_options *o = into;
    o->closes_said = true;
    for (int i = 0; fleet_close_words[i] != NULL; i++) {
        if (strcmp(value, fleet_close_words[i]) != 0) continue;
        o->resets = i == FLEET_RESETS;
        return CLI_EXIT_PASS;
    }
    return cli_fail(t, CLI_EXIT_USAGE,
                    "no way to close a session: %.80s (--closes): say in-order or reset", value);
}

static cli_exit take_examine(void *into, const char *value, cli_trouble *t) {
    (void)value;
    (void)t;
    ((cli_serve_options *)into)->examine = true;
    return CLI_EXIT_PASS;
}

static cli_exit take_alarm_to(void *into, const char *value, cli_trouble *t) {
    return cli_outlets_take(&((cli_serve_options *)into)->outlets, value, t);
}

static cli_exit take_span(const char *option, const char *value, sim_time most, sim_time *span,
                          cli_trouble *t) {
    if (sim_units_duration(value, span) != 0 || *span < SIM_SECOND || *span > most)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no such span: %.80s (--%s): give a duration with a unit, 1s to %s, such as 30s", value,
            option, most == SIM_HOUR ? "1h" : "7d");
    return CLI_EXIT_PASS;
}

static cli_exit take_window(void *into, const char *value, cli_trouble *t) {
    return take_span("window", value, SIM_HOUR, &((cli_serve_options *)into)->examination.window,
                     t);
}

static cli_exit take_learn(void *into, const char *value, cli_trouble *t) {
    return take_span("learn", value, 7 * SIM_DAY, &((cli_serve_options *)into)->examination.learn,
                     t);
}

/* What TLS needs, and only TLS. CoAP can have its clients' keys, without a certificate. */
static cli_exit check_papers(const cli_serve_options *o, cli_trouble *t) {
    bool any = o->cert != NULL || o->key != NULL || o->client_ca != NULL;
    bool must = o->mqtts.port != 0 || o->wss.port != 0;
    if (!must && o->coaps_tcp.port == 0 && any)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "--cert, --key or --client-ca, and nothing that needs them (blackstart "
                        "serve): add --mqtts PORT, --wss PORT or --coaps-tcp PORT");
    if ((must || any) && (o->cert == NULL || o->key == NULL))
        return cli_fail(t, CLI_EXIT_USAGE,
                        "--%s without a certificate (blackstart serve): add --cert FILE and "
                        "--key FILE",
                        o->mqtts.port != 0 ? "mqtts"
                        : must             ? "wss"
                                           : "coaps-tcp, --cert, --key or --client-ca");
    return CLI_EXIT_PASS;
}

/* What only an examiner can do. */
static cli_exit check_examination(const cli_serve_options *o, cli_trouble *t) {
    const examine_watch_settings *x = &o->examination;
    bool asked = o->outlets.count > 0 || x->learn != examine_watch_default.learn ||
                 x->window != examine_watch_default.window;
    if (o->examine || !asked) return CLI_EXIT_PASS;
    return cli_fail(
        t, CLI_EXIT_USAGE,
        "--alarm-to, --learn or --window, and nobody examines (blackstart serve): add --examine");
}

static const cli_option options[] = {
    {"coap", "[HOST:]PORT",
     "serve CoAP over UDP there; without a host on 127.0.0.1, so that nothing is opened to a "
     "network by "
     "accident",
     take_coap, false},
    {"coaps", "[HOST:]PORT",
     "serve CoAP over DTLS there, likewise. With no address at all: CoAP on 5683 and 5684",
     take_coaps, false},
    {"coap-tcp", "[HOST:]PORT", "serve CoAP over TCP there (RFC 8323), likewise", take_coap_tcp,
     false},
    {"coaps-tcp", "[HOST:]PORT",
     "serve CoAP over TLS 1.2 and 1.3 there: with the clients' keys, and with a certificate where "
     "--cert and --key are given",
     take_coaps_tcp, false},
    {"mqtt", "[HOST:]PORT", "serve MQTT 3.1.1 and 5 over TCP there, likewise", take_mqtt, false},
    {"mqtts", "[HOST:]PORT", "serve MQTT over TLS 1.2 and 1.3 there; needs --cert and --key",
     take_mqtts, false},
    {"ws", "[HOST:]PORT", "serve MQTT in WebSockets there, at the path /mqtt", take_ws, false},
    {"wss", "[HOST:]PORT", "the same over TLS; needs --cert and --key", take_wss, false},
    {"cert", "FILE", "the server's certificate in PEM, with those between it and its authority",
     take_cert, false},
    {"key", "FILE", "the key of that certificate, in PEM and without a password", take_key, false},
    {"client-ca", "FILE",
     "authorities in PEM: clients of --mqtts, --wss and --coaps-tcp must have a certificate that "
     "one of them has signed (or, with CoAP, a key)",
     take_client_ca, false},
    {"psk", "ID:KEY", "the one identity that is known, KEY in hex or as text:LETTERS", take_psk,
     false},
    {"psk-file", "FILE",
     "the identities that are known: a line identity,KEY for each. With neither: bs-00000000, "
     "bs-00000001, "
     "... with keys derived from the seed, "
     "as a simulated fleet has them",
     take_psk_file, false},
    {"seed", "N", "seed of the derived keys, 0 to 2^63-1; default 1", take_seed, false},
    {"connections", "N", "new connections admitted per second, as many may wait; default 500",
     take_connections, false},
    {"requests", "N", "requests answered per second, as many may wait; default 20k", take_requests,
     false},
    {"over", "drop|busy",
     "what is over capacity is dropped, or answered 5.03 with Max-Age; default drop", take_over,
     false},
    {"says", "busy|unavailable|quota|rate",
     "with --over busy: the reason code of MQTT's CONNACK, 0x89, 0x88, 0x97 or 0x9F; default busy",
     take_says, false},
    {"max-age", "DURATION", "Max-Age of a 5.03, 1s to 1d; default 30s", take_max_age, false},
    {"close-after", "DURATION",
     "accept, then close: each session ends so long after its registration, 1ms to 1d; never",
     take_close_after, false},
    {"closes", "in-order|reset",
     "with --close-after: how it ends, in order, or by RST (of datagrams: without a word); default "
     "in-order",
     take_closes, false},
    {"keep-alive", "DURATION",
     "the longest keep-alive of a client of MQTT 5 that has one, 1s to 18h: who wants a longer one "
     "is told (Server Keep Alive); default 60s",
     take_keep_alive, false},
    {"totals", "text|json",
     "how the totals of every ten seconds, and those at the end, are written: a line of words, or "
     "one of JSON with names as in summary.json; default text",
     take_totals, false},
    {"metrics", "[HOST:]PORT",
     "serve a page at /metrics there besides, for Prometheus; without a host on 127.0.0.1",
     take_metrics, false},
    {"examine", NULL,
     "examine the telemetry of devices that have an identity; each alarm is a line of JSON on "
     "standard "
     "output",
     take_examine, false},
    {"alarm-to", "URL",
     "with --examine: where alarms go besides, a webhook http://HOST/PATH or https://HOST/PATH, or "
     "a topic "
     "mqtt://HOST/TOPIC; once for each",
     take_alarm_to, true},
    {"learn", "DURATION",
     "with --examine: what is younger is learnt, not judged by its past, 1s to 7d; default 1d. "
     "Less is for a "
     "workshop: it knows no daily rhythm, and errs more",
     take_learn, false},
    {"window", "DURATION", "with --examine: examine so often, 1s to 1h; default 1m", take_window,
     false},
};

const cli_command cli_serve_command = {
    .name = "serve",
    .title = "serves the built-in cloud on real sockets, for other clients",
    .usage = "[options]",
    .examples =
        "  blackstart serve\n"
        "  blackstart serve --mqtt 1883\n"
        "  blackstart serve --coaps 5684 --psk me:text:secret --connections 100 --over busy\n"
        "  coap-client-notls -m get coap://127.0.0.1/.well-known/core\n",
    .about =
        "Serves the built-in cloud on real sockets, for CoAP and MQTT clients that are not ours. "
        "It says "
        "where it "
        "serves once it is "
        "ready, how it is doing every ten seconds, and runs until Ctrl-C, which is the ordinary "
        "way to end "
        "it: exit code 0.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

cli_exit cli_serve_options_parse(cli_serve_options *o, int argc, char *const *argv, cli_words *w,
                                 cli_trouble *t) {
    *o = (cli_serve_options){.seed = 1,
                             .limits = cloud_limits_default,
                             .keep_alive_maximum_s = 60,
                             .examination = examine_watch_default};
    cli_exit trouble = cli_options_parse(&cli_serve_command, argc, argv, o, w, t);
    if (trouble != CLI_EXIT_PASS || w->help) return trouble;
    if (o->psk != NULL && o->psk_file != NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "both --psk and --psk-file are given (blackstart serve): give one of them");
    if (o->closes_said && o->close_after == 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "--closes without --close-after (blackstart serve): add --close-after 10s");
    bool keys = o->psk != NULL || o->psk_file != NULL;
    bool broker = o->mqtt.port != 0 || o->mqtts.port != 0 || o->ws.port != 0 || o->wss.port != 0;
    bool open = o->coap.port != 0 || o->coap_tcp.port != 0; /* where names alone are believed */
    bool secured = o->coaps.port != 0 || o->coaps_tcp.port != 0;
    if (keys && open && !secured && !broker)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "keys, but nothing that needs them (blackstart serve): add --coaps PORT");
    trouble = check_papers(o, t);
    if (trouble == CLI_EXIT_PASS) trouble = check_examination(o, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    const char *wrong = cloud_limits_wrong(&o->limits);
    if (wrong != NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "%s (blackstart serve): change --connections, --requests or --max-age",
                        wrong);
    if (!open && !secured && !broker) {
        trouble = take_coap(o, "5683", t);
        if (trouble == CLI_EXIT_PASS) trouble = take_coaps(o, "5684", t);
    }
    return trouble;
}
