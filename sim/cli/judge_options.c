/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/judge_options.h"

#include <string.h>

#include "lua/names.h"
#include "sim/core/units.h"

static cli_exit take_file(void *into, const char *value, cli_trouble *t) {
    cli_judge_options *o = into;
    if (*value == '\0')
        return cli_fail(t, CLI_EXIT_USAGE,
                        "the name of a log is empty (blackstart judge): give a file");
    if (o->file_count == CLI_LOGS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE, "too many logs (blackstart judge): give at most %d",
                        CLI_LOGS_MAX);
    o->files[o->file_count++] = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_declared(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_judge_options *)into)->declared = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_out(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_judge_options *)into)->out = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_device(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_judge_options *)into)->device = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_no_colour(void *into, const char *value, cli_trouble *t) {
    (void)value;
    (void)t;
    ((cli_judge_options *)into)->no_colour = true;
    return CLI_EXIT_PASS;
}

static cli_exit take_power(void *into, const char *value, cli_trouble *t) {
    (void)value;
    (void)t;
    ((cli_judge_options *)into)->power = true;
    return CLI_EXIT_PASS;
}

static cli_exit take_capacity(void *into, const char *value, cli_trouble *t) {
    double number;
    if (sim_units_number(value, &number) != 0 || !(number > 0) || number > 1e9)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no capacity: %.80s (--capacity): give connections a second, above 0, such "
                        "as 100 or 2k",
                        value);
    ((cli_judge_options *)into)->capacity = number;
    return CLI_EXIT_PASS;
}

static cli_exit take_format(void *into, const char *value, cli_trouble *t) {
    cli_judge_options *o = into;
    if (read_format_named(value, &o->read.format) == 0 && o->read.format != READ_FORMAT_ANY)
        return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "unknown format %.80s (--format): say attempts, csv, pcap, mosquitto or emqx",
                    value);
}

static cli_exit take_by(void *into, const char *value, cli_trouble *t) {
    cli_judge_options *o = into;
    if (read_by_named(value, &o->read.by)) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "devices cannot be told apart by %.80s (--by): say address, client-id or mac",
                    value);
}

static cli_exit take_port(void *into, const char *value, cli_trouble *t) {
    cli_judge_options *o = into;
    uint64_t port;
    if (sim_units_count(value, 1, 65535, &port) != 0)
        return cli_fail(t, CLI_EXIT_USAGE, "no port: %.80s (--port): give 1 to 65535", value);
    if (o->read.port_count == READ_PORTS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE, "too many ports (--port): give at most %d",
                        READ_PORTS_MAX);
    o->read.ports[o->read.port_count++] = (uint16_t)port;
    return CLI_EXIT_PASS;
}

/* --- columns --- */

static const char *const column_names[] = {"time",    "device",  "home",
                                           "trigger", "outcome", "latency"};
enum { COLUMN_NAMES = sizeof column_names / sizeof *column_names };

static const char **column_named(read_columns *c, const char *name) {
    const char **const places[COLUMN_NAMES] = {&c->time,    &c->device,  &c->home,
                                               &c->trigger, &c->outcome, &c->latency};
    for (size_t i = 0; i < COLUMN_NAMES; i++)
        if (strcmp(column_names[i], name) == 0) return places[i];
    return NULL;
}

static cli_exit take_columns(void *into, const char *value, cli_trouble *t) {
    cli_judge_options *o = into;
    char *rest = o->columns;
    if (strlen(value) >= sizeof o->columns)
        return cli_fail(t, CLI_EXIT_USAGE, "too long a map (--columns): give at most %zu bytes",
                        sizeof o->columns - 1);
    memcpy(o->columns, value, strlen(value) + 1);
    for (char *pair; (pair = strsep(&rest, ",")) != NULL;) {
        char *equals = strchr(pair, '=');
        if (equals != NULL) *equals = '\0';
        const char **column = equals != NULL ? column_named(&o->read.columns, pair) : NULL;
        if (column == NULL)
            return cli_fail(
                t, CLI_EXIT_USAGE,
                "no column of ours: %.80s (--columns): write OURS=THEIRS, OURS being time, "
                "device, home, trigger, "
                "outcome or latency",
                pair);
        if (*column != NULL)
            return cli_fail(t, CLI_EXIT_USAGE, "%.80s is mapped twice (--columns): map it once",
                            pair);
        *column = equals + 1;
    }
    return CLI_EXIT_PASS;
}

/* --- times --- */

static bool moment_of(const char *text, cli_moment *out) {
    sim_time resolution;
    int64_t ns;
    const char *end = read_stamp(text, &ns, &resolution);
    if (end != NULL && *end == '\0' &&
        (strchr(text, ':') != NULL || ns >= 100000000 * SIM_SECOND)) {
        *out = (cli_moment){ns, true};
        return true;
    }
    if (sim_units_duration(text, &ns) != 0) return false;
    *out = (cli_moment){ns, false};
    return true;
}

static const char remedy[] =
    "write a time since the log began (10m), seconds since 1970, or 2026-11-21T18:30:00Z";

static cli_exit add_outage(cli_judge_options *o, const cli_moments *m, const char *option,
                           cli_trouble *t) {
    if (o->outage_count == CLI_TIMES_MAX)
        return cli_fail(t, CLI_EXIT_USAGE, "too many times (%s): give at most %d", option,
                        CLI_TIMES_MAX);
    o->outages[o->outage_count++] = *m;
    return CLI_EXIT_PASS;
}

static cli_exit take_trigger(void *into, const char *value, cli_trouble *t) {
    cli_moments m = {.has_from = false};
    if (!moment_of(value, &m.to))
        return cli_fail(t, CLI_EXIT_USAGE, "no time: %.80s (--trigger): %s", value, remedy);
    return add_outage(into, &m, "--trigger", t);
}

static cli_exit take_outage(void *into, const char *value, cli_trouble *t) {
    cli_moments m = {.has_from = true};
    char from[80];
    const char *dots = strstr(value, "..");
    size_t n = dots != NULL ? (size_t)(dots - value) : 0;
    if (n == 0 || n >= sizeof from)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no outage: %.80s (--outage): write FROM..TO, as in 10m..15m", value);
    memcpy(from, value, n);
    from[n] = '\0';
    if (!moment_of(from, &m.from) || !moment_of(dots + 2, &m.to))
        return cli_fail(t, CLI_EXIT_USAGE, "no time: %.80s (--outage): %s", value, remedy);
    if (m.from.absolute != m.to.absolute)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "two kinds of time: %.80s (--outage): write both in the same way", value);
    if (m.from.ns > m.to.ns)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "an outage that ends before it begins: %.80s (--outage): write FROM..TO",
                        value);
    return add_outage(into, &m, "--outage", t);
}

/* --- thresholds --- */

typedef struct threshold {
    const char *name;
    double *value; /* one of the two */
    uint64_t *count;
} threshold;

enum { THRESHOLDS = 9 };
static void thresholds_of(cli_judge_options *o, threshold out[THRESHOLDS]) {
    const threshold all[THRESHOLDS] = {
        {"variation", &o->device_policy.variation, NULL},
        {"outages", NULL, &o->device_policy.outages},
        {"retries", NULL, &o->device_policy.attempts},
        {"screening", NULL, &o->device_policy.screening},
        {"peak-over-capacity", &o->fleet_policy.peak_over_capacity, NULL},
        {"ten-seconds-over-capacity", &o->fleet_policy.ten_seconds_over_capacity, NULL},
        {"peak-to-mean", &o->fleet_policy.peak_to_mean, NULL},
        {"attempts-per-success", &o->fleet_policy.attempts_per_success, NULL},
        {"devices", NULL, &o->fleet_policy.devices_minimum},
    };
    memcpy(out, all, sizeof all);
}

static cli_exit unknown_threshold(const threshold all[THRESHOLDS], const char *value,
                                  cli_trouble *t) {
    const char *names[THRESHOLDS];
    for (size_t i = 0; i < THRESHOLDS; i++) names[i] = all[i].name;
    const char *near = script_names_near(value, names, THRESHOLDS);
    return cli_fail(t, CLI_EXIT_USAGE, "unknown threshold %.80s (--threshold): %s%s", value,
                    near != NULL ? "did you mean " : "docs/judge.md lists them",
                    near != NULL ? near : "");
}

static cli_exit take_threshold(void *into, const char *value, cli_trouble *t) {
    threshold all[THRESHOLDS];
    char name[40] = "";
    double number;
    uint64_t count;
    const char *equals = strchr(value, '=');
    size_t n = equals != NULL ? (size_t)(equals - value) : 0;
    if (n == 0 || n >= sizeof name)
        return cli_fail(t, CLI_EXIT_USAGE, "no threshold: %.80s (--threshold): write NAME=VALUE",
                        value);
    memcpy(name, value, n);
    thresholds_of(into, all);
    for (size_t i = 0; i < THRESHOLDS; i++) {
        if (strcmp(all[i].name, name) != 0) continue;
        bool good = all[i].value != NULL
                        ? sim_units_number(equals + 1, &number) == 0 && number > 0 && number <= 1e9
                        : sim_units_count(equals + 1, 1, 1000000000, &count) == 0;
        if (!good)
            return cli_fail(
                t, CLI_EXIT_USAGE, "no value for the threshold %s: %.80s (--threshold): give %s",
                name, equals + 1,
                all[i].value != NULL ? "a number above 0" : "a whole number, 1 and more");
        if (all[i].value != NULL) *all[i].value = number;
        if (all[i].count != NULL) *all[i].count = count;
        return CLI_EXIT_PASS;
    }
    return unknown_threshold(all, name, t);
}

static const cli_option options[] = {
    {"declared", "FILE",
     "the law that its maker declares, as JSON: {\"kind\": \"fixed\", \"base\": \"10s\"} or "
     "{\"preset\": "
     "\"paho-c\"}",
     take_declared, false},
    {"capacity", "N",
     "connections a second that the cloud admits; a fleet cannot be judged without", take_capacity,
     false},
    {"trigger", "TIME",
     "when service came back: since the log began (10m), seconds since 1970, or ISO 8601. Without "
     "times, "
     "outages are looked for",
     take_trigger, true},
    {"outage", "FROM..TO", "the same, with the time at which service was lost", take_outage, true},
    {"power", NULL,
     "the outages were power cuts: devices boot, so a fleet's first attempts are held against "
     "those of the "
     "declared law; default: those with power in the log's own name for them",
     take_power, false},
    {"format", "FORMAT",
     "attempts, csv, pcap, mosquitto or emqx; default: found out from how a file begins",
     take_format, false},
    {"columns", "MAP",
     "of a CSV: time=NAME,device=NAME and, where there are such, home=, trigger=, outcome=, "
     "latency=",
     take_columns, false},
    {"by", "address|client-id|mac",
     "what tells devices apart; default: client ids in logs, in captures the address unless "
     "several ids share one; mac: the link-layer address, where a capture has it",
     take_by, false},
    {"port", "N",
     "of a capture: attempts to this port only; default: the port with the most attempts",
     take_port, true},
    {"device", "NAME", "judges this device alone, over its outages", take_device, false},
    {"threshold", "NAME=VALUE",
     "another threshold: variation, outages, retries, screening (one device), peak-over-capacity, "
     "ten-seconds-over-capacity, peak-to-mean, "
     "attempts-per-success, devices (fleet)",
     take_threshold, true},
    {"out", "DIR",
     "writes a folder of results there as well, new, empty or an earlier result; default: none",
     take_out, false},
    {"no-color", NULL, "no colours", take_no_colour, false},
};

const cli_command cli_judge_command = {
    .name = "judge",
    .title = "judges devices that are not ours by a capture, a broker's log or a CSV",
    .usage = "FILE... [options]",
    .examples =
        "  blackstart judge gateway.pcap --port 8883 --declared law.json\n"
        "  blackstart judge /var/log/mosquitto/mosquitto.log --capacity 100\n"
        "  blackstart judge export.csv --columns time=ts,device=id,outcome=status --trigger 10m\n",
    .about =
        "Reads who tried to connect and when, finds the outages, and judges one device over "
        "several of them, "
        "or a fleet: "
        "is the reconnect randomised and orderly (EN 303 645 5.9-3)? It says which of the two it "
        "did, and "
        "the law it found. "
        "Several files are read as one log. Exit codes: see blackstart --help.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .take_word = take_file,
};

cli_exit cli_judge_options_parse(cli_judge_options *o, int argc, char *const *argv, cli_words *w,
                                 cli_trouble *t) {
    *o = (cli_judge_options){.device_policy = judge_device_policy_default,
                             .fleet_policy = judge_reconnect_policy_default};
    cli_exit trouble = cli_options_parse(&cli_judge_command, argc, argv, o, w, t);
    if (trouble != CLI_EXIT_PASS || w->help) return trouble;
    if (o->file_count == 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no log given (blackstart judge): name a capture, a broker's log or a CSV");
    bool csv = o->read.format == READ_FORMAT_COLUMNS;
    if (o->columns[0] != '\0' && o->read.format != READ_FORMAT_ANY && !csv)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "columns for a format that has none (--columns): leave out --format or say csv");
    if (csv && o->read.columns.time == NULL)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "a CSV without a map of its columns (--format): add --columns time=NAME,device=NAME");
    return CLI_EXIT_PASS;
}
