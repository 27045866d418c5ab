/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/examine_options.h"

#include <string.h>

#include "sim/core/time.h"
#include "sim/core/units.h"
#include "sim/examine/detector.h"
#include "sim/examine/stream.h"

enum { SERIES_MAX = 100000000, GRACE_DEFAULT_S = 600 };

static cli_exit take_file(void *into, const char *value, cli_trouble *t) {
    cli_examine_options *o = into;
    if (o->file != NULL)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "%.80s is one word too many (blackstart examine): examine one file at a time", value);
    o->file = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_timestamp(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_examine_options *)into)->timestamp = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_value(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_examine_options *)into)->value = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_key(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_examine_options *)into)->key = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_threshold(void *into, const char *value, cli_trouble *t) {
    double number;
    if (sim_units_number(value, &number) != 0 || !(number > 0 && number <= 1))
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no score: %.80s (--threshold): give a number above 0, at most 1", value);
    ((cli_examine_options *)into)->threshold = number;
    return CLI_EXIT_PASS;
}

static cli_exit take_series(void *into, const char *value, cli_trouble *t) {
    uint64_t number;
    if (sim_units_count(value, 1, SERIES_MAX, &number) != 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no number of series: %.80s (--series): give a whole number from 1 to 100M",
                        value);
    ((cli_examine_options *)into)->series = (uint32_t)number;
    return CLI_EXIT_PASS;
}

static cli_exit take_operator(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_examine_options *)into)->alarms = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_truth(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((cli_examine_options *)into)->truth = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_grace(void *into, const char *value, cli_trouble *t) {
    sim_time grace;
    if (sim_units_duration(value, &grace) != 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no duration: %.80s (--grace): give one with a unit, such as 10m", value);
    ((cli_examine_options *)into)->grace_s = sim_time_seconds(grace);
    return CLI_EXIT_PASS;
}

static cli_exit take_alarm_to(void *into, const char *value, cli_trouble *t) {
    return cli_outlets_take(&((cli_examine_options *)into)->outlets, value, t);
}

static const cli_option options[] = {
    {"timestamp", "COL",
     "column of the time, by name or number from 1; default timestamp. RFC 3339, YYYY-MM-DD "
     "HH:MM:SS (UTC), "
     "or seconds since 1970",
     take_timestamp, false},
    {"value", "COL", "column of the value; default value", take_value, false},
    {"key", "COL", "column that tells series apart; default: all is one series", take_key, false},
    {"threshold", "X", "score that raises an alarm, above 0, at most 1; default 0.5",
     take_threshold, false},
    {"series", "N", "most series at once, about 8 KB each, 1 to 100M; default 100k", take_series,
     false},
    {"operator", "FILE",
     "do not examine, but say how good these alarms of your own platform were: "
     "timestamp[,key][,alarm]; rows "
     "with alarm 0 are none. Needs --truth",
     take_operator, false},
    {"truth", "FILE", "what was really injected, for --operator: start,end,kind[,key]", take_truth,
     false},
    {"grace", "DURATION",
     "an alarm up to this long after the end of an injection still counts; default 10m", take_grace,
     false},
    {"alarm-to", "URL",
     "where alarms go besides the output, as they come: a webhook http://HOST/PATH or "
     "https://HOST/PATH, or "
     "a topic "
     "mqtt://HOST/TOPIC; once for each",
     take_alarm_to, true},
};

const cli_command cli_examine_command = {
    .name = "examine",
    .title = "examines telemetry for anomalies as it comes, or somebody's alarms against the truth",
    .usage = "FILE.csv|- [options]",
    .examples =
        "  blackstart examine readings.csv > scores.csv\n"
        "  tail -n +1 -f readings.csv | blackstart examine - --key device\n"
        "  blackstart examine readings.csv --key device --operator alarms.csv --truth "
        "injected.csv\n",
    .about =
        "Reads telemetry (timestamp,value, in any columns, with or without a header) from a file "
        "or, with -, "
        "from standard input, and writes timestamp,value,score,alarm, and the key behind them: a "
        "line for a "
        "line, at once, without a look ahead. Scores are 0 to 1; the first 250 points of a series "
        "set its "
        "scale and have none. Rows that could not be scored are told on standard error afterwards, "
        "in lines "
        "that begin with note:.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .take_word = take_file,
};

/* What each option takes for itself is fine; what they take together? */
static cli_exit check(const cli_examine_options *o, cli_trouble *t) {
    if (o->file == NULL || *o->file == '\0')
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no file given (blackstart examine): name a CSV file, or give - for standard input");
    if ((o->alarms == NULL) != (o->truth == NULL))
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "--operator and --truth need each other (blackstart examine): give both files");
    if (o->alarms == NULL) return CLI_EXIT_PASS;
    int inputs = 0;
    const char *const files[] = {o->file, o->alarms, o->truth};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        inputs += strcmp(files[i], "-") == 0;
    if (inputs > 1)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "standard input is read once only (blackstart examine): give - for one of the files");
    return CLI_EXIT_PASS;
}

cli_exit cli_examine_options_parse(cli_examine_options *o, int argc, char *const *argv,
                                   cli_words *w, cli_trouble *t) {
    *o = (cli_examine_options){.threshold = (double)examine_detector_default.threshold,
                               .series = EXAMINE_STREAM_SERIES_DEFAULT,
                               .grace_s = GRACE_DEFAULT_S};
    cli_exit trouble = cli_options_parse(&cli_examine_command, argc, argv, o, w, t);
    return trouble != CLI_EXIT_PASS || w->help ? trouble : check(o, t);
}

const char *cli_examine_name(const char *file) {
    return strcmp(file, "-") == 0 ? "standard input" : file;
}
