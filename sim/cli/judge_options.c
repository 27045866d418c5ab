/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/judge_options.h"

#include <string.h>

#include "lua/names.h"
#include "sim/core/units.h"

static cli_exit take_file(void *into, const char *value, cli_trouble *t) {
    cli_judge_options *o = into;
    if (*value == '\0')
        return cli_fail(t, CLI_EXIT_USAGE,
                        "the name of a log is empty (blackstart judge): give a file, or - for "
                        "standard input");
    for (size_t i = 0; i < o->file_count && strcmp(value, "-") == 0; i++)
        if (strcmp(o->files[i], "-") == 0)
            return cli_fail(t, CLI_EXIT_USAGE,
                            "standard input is read once only (blackstart judge): give - once");
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
    return cli_fail(
        t, CLI_EXIT_USAGE,
        "unknown format %.80s (--format): say attempts, csv, json, pcap, mosquitto or emqx", value);
}

static cli_exit take_by(void *into, const char *value, cli_trouble *t) {
    cli_judge_options *o = into;
    read_by by = READ_BY_ANY;
    (void)read_by_named(value, &by);
    if (by != READ_BY_ANY && o->read.by == READ_BY_ANY) {
        o->read.by = by;
        return CLI_EXIT_PASS;
    }
    if (by != READ_BY_ANY || o->by != NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "one word too many: %.80s (--by): give one way to tell devices apart and "
                        "one pack of rules at most",
                        value);
    o->by = value;
    return CLI_EXIT_PASS;
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

static const char **column_named(read_columns *c, const char *name) {
    const struct {
        const char *name, **place;
    } all[] = {{"time", &c->time},       {"device", &c->device},   {"home", &c->home},
               {"trigger", &c->trigger}, {"outcome", &c->outcome}, {"latency", &c->latency},
               {"event", &c->event},     {"reason", &c->reason}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, name) == 0) return all[i].place;
    return NULL;
}

static cli_exit take_map(cli_judge_options *o, const char *value, const char *option,
                         cli_trouble *t) {
    char *rest = o->columns;
    if (o->map != NULL)
        return cli_fail(t, CLI_EXIT_USAGE, "two maps (%s and %s): give one", o->map, option);
    if (strlen(value) >= sizeof o->columns)
        return cli_fail(t, CLI_EXIT_USAGE, "too long a map (%s): give at most %zu bytes", option,
                        sizeof o->columns - 1);
    o->map = option;
    memcpy(o->columns, value, strlen(value) + 1);
    for (char *pair; (pair = strsep(&rest, ",")) != NULL;) {
        char *equals = strchr(pair, '=');
        if (equals != NULL) *equals = '\0';
        const char **column = equals != NULL ? column_named(&o->read.columns, pair) : NULL;
        if (column == NULL)
            return cli_fail(
                t, CLI_EXIT_USAGE,
                "no column of ours: %.80s (%s): write OURS=THEIRS, OURS being time, device, home, "
                "trigger, outcome, latency, event or reason",
                pair, option);
        if (*column != NULL)
            return cli_fail(t, CLI_EXIT_USAGE, "%.80s is mapped twice (%s): map it once", pair,
                            option);
        *column = equals + 1;
    }
    return CLI_EXIT_PASS;
}

static cli_exit take_columns(void *into, const char *value, cli_trouble *t) {
    return take_map(into, value, "--columns", t);
}

static cli_exit take_json(void *into, const char *value, cli_trouble *t) {
    return take_map(into, value, "--json", t);
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

/* The numbers that a pack has for our own checks. */
static cli_exit take_pack_thresholds(cli_judge_options *o, cli_trouble *t) {
    threshold all[THRESHOLDS];
    thresholds_of(o, all);
    for (size_t i = 0; i < o->pack.threshold_count; i++) {
        size_t k = 0;
        double number = o->pack.values[i];
        while (k < THRESHOLDS && strcmp(all[k].name, o->pack.thresholds[i]) != 0) k++;
        if (k == THRESHOLDS || (all[k].count != NULL && number != (double)(uint64_t)number))
            return cli_fail(t, CLI_EXIT_USAGE,
                            "%s threshold %.80s (%.200s): docs/judge.md lists them",
                            k < THRESHOLDS ? "no whole number for the" : "unknown",
                            o->pack.thresholds[i], o->by);
        if (all[k].value != NULL) *all[k].value = number;
        if (all[k].count != NULL) *all[k].count = (uint64_t)number;
    }
    return CLI_EXIT_PASS;
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
     "attempts, csv, json, pcap, mosquitto or emqx; default: found out from how a file begins",
     take_format, false},
    {"columns", "MAP",
     "of a CSV: time=NAME,device=NAME and, where there are such, home=, trigger=, outcome=, "
     "latency=, event=, reason=",
     take_columns, false},
    {"json", "MAP",
     "of JSON lines, the same with keys: time=timestamp,device=clientId,event=eventType; a key "
     "within another with a dot, as in properties.deviceId",
     take_json, false},
    {"by", "address|client-id|mac|PACK",
     "what tells devices apart; default: client ids in logs, in captures the address unless "
     "several ids share one; mac: the link-layer address in a capture. Or a pack of rules to judge "
     "by, from blackstart list packs or as "
     "FILE.json (docs/packs.md): both may be given",
     take_by, true},
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
    .usage = "FILE...|- [options]",
    .examples =
        "  blackstart judge gateway.pcap --port 8883 --declared law.json\n"
        "  blackstart judge /var/log/mosquitto/mosquitto.log --capacity 100\n"
        "  blackstart judge export.csv --columns time=ts,device=id,outcome=status --trigger 10m\n"
        "  zcat events.jsonl.gz | blackstart judge - --json time=timestamp,device=clientId,event="
        "eventType\n",
    .about =
        "Reads who tried to connect and when, finds the outages, and judges one device over "
        "several of them, "
        "or a fleet: "
        "is the reconnect randomised and orderly (EN 303 645 5.9-3)? It says which of the two it "
        "did, and "
        "the law it found. "
        "Several files are read as one log, in the order of their times. Exit codes: see "
        "blackstart --help.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .take_word = take_file,
};

/* Which format a map is of, and which map a format needs. */
static cli_exit check_map(cli_judge_options *o, cli_trouble *t) {
    const read_format given = o->read.format;
    const bool json = o->map != NULL && strcmp(o->map, "--json") == 0;
    const read_format mapped = json ? READ_FORMAT_JSON : READ_FORMAT_COLUMNS;
    if (o->map != NULL && given != READ_FORMAT_ANY && given != mapped)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a map for a format that has none (%s): leave out --format or say %s",
                        o->map, json ? "json" : "csv");
    if (json) o->read.format = READ_FORMAT_JSON;
    if (o->read.columns.time != NULL && o->read.columns.device != NULL) return CLI_EXIT_PASS;
    if (given == READ_FORMAT_COLUMNS)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a CSV without a map of its columns (--format): add --columns "
                        "time=NAME,device=NAME");
    if (json || given == READ_FORMAT_JSON)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "JSON lines without a map of their keys (--json): say "
                        "time=KEY,device=KEY,event=KEY");
    return CLI_EXIT_PASS;
}

cli_exit cli_judge_options_parse(cli_judge_options *o, int argc, char *const *argv, cli_words *w,
                                 cli_trouble *t) {
    *o = (cli_judge_options){.device_policy = judge_device_policy_default,
                             .fleet_policy = judge_reconnect_policy_default};
    cli_exit trouble = cli_options_parse(&cli_judge_command, argc, argv, o, w, t);
    if (trouble != CLI_EXIT_PASS || w->help) return trouble;
    if (o->file_count == 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no log given (blackstart judge): name a capture, a broker's log, a CSV or "
                        "JSON lines, or "
                        "give - for standard input");
    return check_map(o, t);
}

cli_exit cli_judge_options_pack(cli_judge_options *o, cli_trouble *t) {
    cli_exit trouble = o->by != NULL ? cli_pack_read(&o->pack, o->by, t) : CLI_EXIT_PASS;
    return trouble == CLI_EXIT_PASS ? take_pack_thresholds(o, t) : trouble;
}
