/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* sched_getaffinity */
#include "sim/cli/run_options.h"

#include <inttypes.h>
#include <sched.h>
#include <string.h>

#include "net/protocol.h"
#include "sim/cli/target.h"
#include "sim/cli/text.h"
#include "sim/core/heap.h"
#include "sim/core/units.h"

enum { THREADS_MAX = 256 };

static cli_exit take_scenario(void *into, const char *value, cli_trouble *t) {
    cli_run_options *o = into;
    if (o->scenario != NULL)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "%.80s is one word too many (blackstart run): give one scenario, or blackstart test "
            "all of them; parameters go with --set NAME=VALUE",
            value);
    if (*value == '\0')
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "the scenario's name is empty (blackstart run): blackstart list shows what there is");
    o->scenario = value;
    return CLI_EXIT_PASS;
}

static bool is_name(const char *text, size_t n) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return n > 0 && !(*text >= '0' && *text <= '9') && strspn(text, letters) >= n;
}

cli_exit cli_take_assignment(const char *option, const char *text, char **name, const char **value,
                             cli_trouble *t) {
    const char *equals = strchr(text, '=');
    *name = NULL;
    if (equals == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no value for the parameter %.80s (%s): write %s NAME=VALUE", text, option,
                        option);
    size_t n = (size_t)(equals - text);
    if (!is_name(text, n))
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no parameter's name: %.80s (%s): write %s NAME=VALUE, the name as the scenario has it",
            text, option, option);
    *name = sim_strdup(text);
    if (*name == NULL)
        return cli_fail(t, CLI_EXIT_INTERNAL, "out of memory (%s): free some and try again",
                        option);
    (*name)[n] = '\0';
    *value = equals + 1;
    return CLI_EXIT_PASS;
}

cli_exit cli_sets_take(cli_sets *sets, const char *text, cli_trouble *t) {
    char *name;
    const char *value;
    if (sets->count == CLI_SETS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE, "too many parameters (--set): give at most %d",
                        CLI_SETS_MAX);
    cli_exit trouble = cli_take_assignment("--set", text, &name, &value, t);
    if (name == NULL) return trouble;
    sets->names[sets->count] = name;
    sets->items[sets->count++] = (script_set){.name = name, .value = value};
    for (size_t i = 0; i + 1 < sets->count; i++)
        if (strcmp(sets->items[i].name, name) == 0)
            return cli_fail(t, CLI_EXIT_USAGE,
                            "the parameter %.80s is set twice (--set): set it once", name);
    return CLI_EXIT_PASS;
}

void cli_sets_deinit(cli_sets *sets) {
    for (size_t i = 0; i < sets->count; i++) sim_free(sets->names[i]);
    *sets = (cli_sets){0};
}

static cli_exit take_set(void *into, const char *value, cli_trouble *t) {
    return cli_sets_take(&((cli_run_options *)into)->sets, value, t);
}

static cli_exit take_seed(void *into, const char *value, cli_trouble *t) {
    return cli_take_seed(value, &((cli_run_options *)into)->seed, t);
}

static cli_exit take_threads(void *into, const char *value, cli_trouble *t) {
    cli_run_options *o = into;
    uint64_t threads;
    if (sim_units_count(value, 1, THREADS_MAX, &threads) != 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no number of threads: %.80s (--threads): give a whole number from 1 to %d",
                        value, THREADS_MAX);
    o->threads = (uint32_t)threads;
    return CLI_EXIT_PASS;
}

static cli_exit take_alarm_to(void *into, const char *value, cli_trouble *t) {
    return cli_outlets_take(&((cli_run_options *)into)->outlets, value, t);
}

static cli_exit take_metrics(void *into, const char *value, cli_trouble *t) {
    return cli_take_address("metrics", value, &((cli_run_options *)into)->metrics, t);
}

static cli_exit take_abort_on_fail(void *into, const char *value, cli_trouble *t) {
    cli_run_options *o = into;
    o->abort_on_fail = value;
    if (sim_units_duration(value, &o->abort_after) == 0 && o->abort_after != SIM_NEVER)
        return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "no time to warm up: %.80s (--abort-on-fail): give a duration with a unit, "
                    "such as 30s; 0s is from the start",
                    value);
}

static cli_exit take_data_per(void *into, const char *value, cli_trouble *t) {
    cli_run_options *o = into;
    o->data_per = value;
    if (strcmp(value, "device") == 0 || strcmp(value, "request") == 0) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE, "nobody's rows: %.80s (--data-per): say device or request",
                    value);
}

static cli_exit take_trace(void *into, const char *value, cli_trouble *t) {
    const char *wrong = fleet_traced_add(&((cli_run_options *)into)->traced, value);
    if (wrong == NULL) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE, "cannot be traced (--trace %.80s): %s", value, wrong);
}

/* Options that only keep what they are given. */
#define KEEP(name, type, member, what)                                           \
    static cli_exit take_##name(void *into, const char *value, cli_trouble *t) { \
        (void)t;                                                                 \
        (void)value;                                                             \
        ((cli_run_options *)into)->member = what;                                \
        return CLI_EXIT_PASS;                                                    \
    }
KEEP(out, const char *, out, value)
KEEP(product, const char *, product, value)
KEEP(target, const char *, target, value)
KEEP(source, const char *, source, value)
KEEP(psk, const char *, psk, value)
KEEP(psk_file, const char *, psk_file, value)
KEEP(credentials, const char *, credentials, value)
KEEP(user_name, const char *, user_name, value)
KEEP(password, const char *, password, value)
KEEP(dialect, const char *, dialect, value)
KEEP(data, const char *, data, value)
KEEP(ca, const char *, ca, value)
KEEP(client_cert, const char *, client_cert, value)
KEEP(client_key, const char *, client_key, value)
KEEP(insecure, bool, insecure, true)
KEEP(strict, bool, strict, true)
KEEP(pcap, const char *, pcap, value)
KEEP(live, const char *, live, value)
KEEP(by, const char *, by, value)
KEEP(trace_to, const char *, trace_to, value)
KEEP(repeatable, bool, repeatable, true)
KEEP(quiet, bool, quiet, true)
KEEP(no_colour, bool, no_colour, true)
#undef KEEP

static const cli_option options[] = {
    {"set", "NAME=VALUE",
     "sets a parameter of the scenario (homes=25k, outage=1h, law=fixed); once for each", take_set,
     true},
    {"product", "FILE",
     "its devices are this product: law, boot and declarations from a JSON file instead of the "
     "scenario's (docs/scenarios.md)",
     take_product, false},
    {"seed", "N", "seed of all randomness, a whole number from 0 to 2^63-1; default 1", take_seed,
     false},
    {"threads", "N",
     "threads, 1 to 256; default: as many as there are processors. The result does not depend on "
     "it; the "
     "real world uses one",
     take_threads, false},
    {"out", "DIR", "the folder of this run's results; default results/SCENARIO-seedN-TIME",
     take_out, false},
    {"repeatable", NULL,
     "leave out of the results what this machine adds (wall time, memory, date): same seed, same "
     "bytes",
     take_repeatable, false},
    {"quiet", NULL, "no progress while running", take_quiet, false},
    {"no-color", NULL, "no colours; the environment variable NO_COLOR says the same",
     take_no_colour, false},
    {"target", "URL",
     "talk to a real server in real time instead of the built-in cloud: coap://HOST[:5683], "
     "coaps://HOST[:5684], coap+tcp://HOST[:5683], mqtt://HOST[:1883] or ws://HOST[:80][/mqtt]",
     take_target, false},
    {"psk", "ID:KEY",
     "with coaps: one identity and key for all devices. KEY in hex, or as text:LETTERS", take_psk,
     false},
    {"psk-file", "FILE", "with coaps: a line identity,KEY for each device", take_psk_file, false},
    {"credentials", "DIR|FILE.csv",
     "with a target: who each device is, as `blackstart credentials --out` writes it, or a table "
     "with columns identity, psk, username, password, certificate, private_key",
     take_credentials, false},
    {"username", "NAME", "with mqtt: the user name of all devices", take_user_name, false},
    {"password", "PASSWORD", "with mqtt: their password; it is shown nowhere", take_password,
     false},
    {"ca", "FILE", "with TLS: whom the devices believe, authorities in PEM", take_ca, false},
    {"client-cert", "FILE",
     "with TLS: one certificate for all devices, in PEM; without, each has its own, which "
     "blackstart credentials --out writes for the seed of the run",
     take_client_cert, false},
    {"client-key", "FILE", "the key of that certificate, in PEM and without a password",
     take_client_key, false},
    {"insecure", NULL,
     "with TLS: the devices believe any server, whatever its certificate says; the "
     "results say "
     "so",
     take_insecure, false},
    {"dialect", "NAME|FILE",
     "with a target: topics and payloads of MQTT, or requests of CoAP, as a backend has them: "
     "aws-shadow, azure-iot-hub, home-assistant, plain, thingsboard, thingsboard-coap, or one of "
     "your own (docs/dialects.md)",
     take_dialect, false},
    {"data", "FILE.csv",
     "with --dialect: a table whose columns are placeholders of it, a row for each device in order",
     take_data, false},
    {"data-per", "device|request",
     "whose a row of --data is: each device keeps its own, or each report takes the next one; "
     "default device",
     take_data_per, false},
    {"source", "PREFIX/BITS",
     "with a target: send from the addresses of this local prefix (127.1.0.0/16); default: a port "
     "for each "
     "device",
     take_source, false},
    {"alarm-to", "URL",
     "where alarms of the examiner go besides events.jsonl: a webhook http://HOST/PATH or "
     "https://HOST/PATH, "
     "or a "
     "topic mqtt://HOST/TOPIC; once for each. Delays then count until there",
     take_alarm_to, true},
    {"by", "PACK",
     "a pack of rules to judge by besides the scenario's verdicts, from blackstart list packs or "
     "as FILE.json (docs/packs.md)",
     take_by, false},
    {"strict", NULL,
     "a run whose scenario asks for no verdict is inconclusive (exit code 5), as in blackstart "
     "test",
     take_strict, false},
    {"pcap", "FILE",
     "write what the cloud's edge sees as a capture, which Wireshark and blackstart judge read",
     take_pcap, false},
    {"live", "FILE|-",
     "write each second of the run as it passes, a line of JSON with the columns of series.csv, to "
     "a file, a pipe, or the standard output, which has nothing else then",
     take_live, false},
    {"abort-on-fail", "DURATION",
     "end the run as soon as a threshold of the scenario is broken, but not before it is so old: "
     "it warms up",
     take_abort_on_fail, false},
    {"metrics", "[HOST:]PORT",
     "while it runs, serve a page at /metrics there, for Prometheus; without a host on 127.0.0.1",
     take_metrics, false},
    {"trace", "device=N|street=N|drops",
     "write a line of JSON for each change of state, hop, decision of the edge and end of a "
     "session: of a device (device=4711), a street (street=3), or of every packet that is lost "
     "(drops); once for each",
     take_trace, true},
    {"trace-to", "FILE", "the file of the trace; default DIR.trace.jsonl, beside the results",
     take_trace_to, false},
};

const cli_command cli_run_command = {
    .name = "run",
    .title = "runs a scenario and judges how its fleet came back",
    .usage = "SCENARIO [options]",
    .examples =
        "  blackstart run scenarios/5.9-3/power-restore-street.lua\n"
        "  blackstart run scenarios/5.9-3/power-restore-street.lua --set law=fixed --set homes=1k\n"
        "  blackstart run scenarios/steady.lua --target coaps://127.0.0.1:5684 --psk "
        "me:text:secret\n",
    .about =
        "Builds the scenario's fleet, drives it through its drill in virtual time (in real time "
        "with "
        "--target), judges what the "
        "cloud saw, prints the verdicts and writes a folder of results. Numbers may end in k, M or "
        "G; "
        "durations are written "
        "250ms, 30s, 10m, 1h30m, 2d. Ctrl-C ends a run in order and still writes its results; a "
        "second one "
        "ends it at once. "
        "Exit codes: see blackstart --help.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .take_word = take_scenario,
};

uint32_t cli_processors(void) {
    /* what this process may use: a container or taskset may leave less than the machine has */
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) != 0) return 1;
    int n = CPU_COUNT(&usable);
    return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (uint32_t)n;
}

/* With certificates, which go with streams. */
static bool has_papers(const cli_target *target) {
    return target->secure && target->protocol->transport == NET_STREAM;
}

static bool has_keys(const cli_run_options *o) {
    return o->psk != NULL || o->psk_file != NULL;
}

static cli_exit check_papers(const cli_run_options *o, const cli_target *target, cli_trouble *t) {
    bool tls = has_papers(target);
    bool own = o->client_cert != NULL || o->client_key != NULL;
    const char *given = o->ca != NULL            ? "--ca"
                        : o->client_cert != NULL ? "--client-cert"
                        : o->client_key != NULL  ? "--client-key"
                        : o->insecure            ? "--insecure"
                                                 : NULL;
    if (given != NULL && !tls)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "%s without TLS (blackstart run): add --target mqtts://HOST:PORT, "
                        "wss://HOST:PORT or coaps+tcp://HOST:PORT",
                        given);
    if (own && (o->client_cert == NULL || o->client_key == NULL))
        return cli_fail(t, CLI_EXIT_USAGE,
                        "%s alone (blackstart run): a certificate and its key go together, give "
                        "--client-cert FILE and --client-key FILE",
                        o->client_cert != NULL ? "--client-cert" : "--client-key");
    if (o->ca != NULL && o->insecure)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "both --ca and --insecure are given (blackstart run): devices believe "
                        "either an authority or anybody");
    if (tls && o->ca == NULL && !o->insecure && !has_keys(o) && o->credentials == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "TLS without an authority (--target): add --ca FILE with whom the "
                        "devices are to believe (Debian's are in "
                        "/etc/ssl/certs/ca-certificates.crt), or --insecure");
    return CLI_EXIT_PASS;
}

/* What goes with no target, or with one alone. */
static cli_exit check_places(const cli_run_options *o, cli_trouble *t) {
    if (o->credentials != NULL && o->target == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "--credentials without a target (blackstart run): add --target URL");
    if (o->source != NULL && o->target == NULL)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "--source without a target (blackstart run): add --target coap://HOST:PORT");
    if (o->trace_to != NULL && !fleet_traced_any(&o->traced))
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a file for a trace of nothing (--trace-to): add --trace device=NUMBER, "
                        "--trace street=NUMBER or --trace drops");
    if (o->pcap != NULL && o->target != NULL)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "a capture of a real server (--pcap): it is of the built-in cloud; leave out "
            "--target, or capture with tcpdump");
    return CLI_EXIT_PASS;
}

/* Who the devices are. */
static cli_exit check_identities(const cli_run_options *o, const cli_target *target,
                                 cli_trouble *t) {
    bool named = has_keys(o) || o->user_name != NULL || o->password != NULL ||
                 o->client_cert != NULL || o->client_key != NULL;
    if (o->psk != NULL && o->psk_file != NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "both --psk and --psk-file are given (blackstart run): give one of them");
    if (o->credentials != NULL && named)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "--credentials and another word about who the devices are (blackstart "
                        "run): leave out --psk, --psk-file, --username, --password, --client-cert "
                        "and --client-key");
    if (has_keys(o) && !target->secure)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "keys without a secure target (--psk): add --target coaps://HOST:PORT, or "
                        "leave the keys out");
    if (target->secure && !has_papers(target) && !has_keys(o) && o->credentials == NULL)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "coaps without a key (--target): add --psk identity:hexkey or --psk-file FILE");
    return CLI_EXIT_PASS;
}

/* What is said to a backend: a dialect, and what logs in to a broker or stands in a dialect. */
static cli_exit check_speech(const cli_run_options *o, const cli_target *target, cli_trouble *t) {
    bool logs_in = o->user_name != NULL || o->password != NULL;
    if (logs_in && target->protocol != &net_protocol_mqtt &&
        (o->dialect == NULL || o->target == NULL))
        return cli_fail(t, CLI_EXIT_USAGE,
                        "%s without a broker (blackstart run): add --target mqtt://HOST:PORT, or "
                        "--dialect FILE with it in its templates",
                        o->user_name != NULL ? "--username" : "--password");
    if (o->data != NULL && o->dialect == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "--data without a dialect (blackstart run): its columns stand in the "
                        "templates of --dialect FILE");
    if (o->data != NULL && o->target == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "--data without a target (blackstart run): the built-in cloud knows no "
                        "columns; add --target mqtt://HOST:PORT or coap://HOST:PORT");
    if (o->data_per != NULL && o->data == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "--data-per without data (blackstart run): add --data FILE.csv");
    if (o->password != NULL && o->user_name == NULL && o->dialect == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a password of nobody (--password): add --username NAME");
    return CLI_EXIT_PASS;
}

static cli_exit check_together(const cli_run_options *o, cli_trouble *t) {
    cli_target target = {0};
    if (o->scenario == NULL)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no scenario given (blackstart run): name one; blackstart list shows what there is");
    cli_exit trouble = check_places(o, t);
    if (trouble == CLI_EXIT_PASS && o->target != NULL)
        trouble = cli_target_parse(o->target, &target, t);
    if (trouble == CLI_EXIT_PASS) trouble = check_identities(o, &target, t);
    if (trouble == CLI_EXIT_PASS) trouble = check_speech(o, &target, t);
    if (trouble == CLI_EXIT_PASS) trouble = check_papers(o, &target, t);
    return trouble;
}

cli_exit cli_run_options_parse(cli_run_options *o, int argc, char *const *argv, cli_words *w,
                               cli_trouble *t) {
    *o = (cli_run_options){.seed = 1, .abort_after = SIM_NEVER};
    cli_exit trouble = cli_options_parse(&cli_run_command, argc, argv, o, w, t);
    if (trouble != CLI_EXIT_PASS || w->help) return trouble;
    if (o->threads == 0) o->threads = cli_processors();
    return check_together(o, t);
}

void cli_run_options_deinit(cli_run_options *o) {
    cli_sets_deinit(&o->sets);
    cli_outlets_deinit(&o->outlets);
    *o = (cli_run_options){0};
}

static bool quote_two(char *line, const char *option, const char *value) {
    return value == NULL || (cli_text_quote(line, CLI_REPEAT_MAX, option) &&
                             cli_text_quote(line, CLI_REPEAT_MAX, value));
}

/* The identity, with a word in place of the key. */
static bool quote_psk(char *line, const char *psk) {
    char shown[CLI_TEXT_MAX + 8];
    const char *marked = strstr(psk, ":text:");
    const char *end = marked != NULL ? marked + 5 : strrchr(psk, ':');
    snprintf(shown, sizeof shown, "%.*s:KEY", end == NULL ? 0 : (int)(end - psk), psk);
    return quote_two(line, "--psk", shown);
}

char *cli_run_repeat(const cli_run_options *o, const char *program, char *line) {
    char seed[24], set[CLI_TEXT_MAX + 2];
    line[0] = '\0';
    snprintf(seed, sizeof seed, "%" PRIu64, o->seed);
    snprintf(set, sizeof set, "%s%s", *o->scenario == '-' ? "./" : "",
             o->scenario); /* not to be taken for an option */
    bool good = cli_text_quote(line, CLI_REPEAT_MAX, program) && quote_two(line, "run", set);
    for (size_t i = 0; i < o->sets.count && good; i++) {
        snprintf(set, sizeof set, "%s=%s", o->sets.items[i].name, o->sets.items[i].value);
        good = quote_two(line, "--set", set);
    }
    good = good && quote_two(line, "--product", o->product) && quote_two(line, "--seed", seed) &&
           quote_two(line, "--target", o->target);
    good = good && (o->psk == NULL || quote_psk(line, o->psk)) &&
           quote_two(line, "--psk-file", o->psk_file) &&
           quote_two(line, "--credentials", o->credentials) &&
           quote_two(line, "--source", o->source) && quote_two(line, "--username", o->user_name) &&
           quote_two(line, "--password", o->password != NULL ? "PASSWORD" : NULL) &&
           quote_two(line, "--ca", o->ca) && quote_two(line, "--client-cert", o->client_cert) &&
           quote_two(line, "--client-key", o->client_key) &&
           (!o->insecure || cli_text_quote(line, CLI_REPEAT_MAX, "--insecure")) &&
           quote_two(line, "--dialect", o->dialect) && quote_two(line, "--data", o->data) &&
           quote_two(line, "--data-per", o->data_per) && quote_two(line, "--by", o->by) &&
           quote_two(line, "--abort-on-fail", o->abort_on_fail) &&
           (!o->strict || cli_text_quote(line, CLI_REPEAT_MAX, "--strict"));
    if (!good) line[0] = '\0';
    return line;
}
