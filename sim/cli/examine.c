/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/examine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <popt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/examine_private.h"
#include "sim/cloud/examine_stream.h"
#include "sim/core/time.h"
#include "sim/core/units.h"
#include "sim/report/text.h"

enum { INPUT_BYTES = 65536, LINE_BYTES = 1024, SERIES_MAX = 100000000 };

static const char help[] =
    "usage: blackstart examine FILE.csv|- [options]\n"
    "\n"
    "  blackstart examine readings.csv > scores.csv\n"
    "  tail -f readings.csv | blackstart examine - --key device\n"
    "  blackstart examine readings.csv --key device --operator alarms.csv --truth injected.csv\n"
    "\n"
    "Reads telemetry (timestamp,value, in any columns, with or without a header) as it comes and writes\n"
    "timestamp,value,score,alarm, and the key behind them. The score is 0..1; nothing is looked at twice or\n"
    "in advance. The first 200 points of a series set its scale and have no score.\n"
    "\n"
    "  --timestamp COL   column of the time, by name or number from 1 (default timestamp): RFC 3339,\n"
    "                    YYYY-MM-DD HH:MM:SS (UTC), or seconds since 1970\n"
    "  --value COL       column of the value (default value)\n"
    "  --key COL         column that tells series apart (default: one series)\n"
    "  --threshold X     score that raises an alarm, above 0 to 1 (default 0.5)\n"
    "  --series N        most series at once (default 100000; about 8 KB each)\n"
    "\n"
    "  --operator FILE   score these alarms of your own platform (timestamp[,key][,alarm]) instead; rows "
    "with\n"
    "                    alarm 0 are no alarms\n"
    "  --truth FILE      what was really injected (start,end,kind[,key])\n"
    "  --grace DURATION  an alarm up to this long after the end still counts (default 10m)\n"
    "  --help            this text\n"
    "\n"
    "Exit codes\n"
    "  0  done, also when some rows could not be scored (told on standard error) or the reader went away\n"
    "  2  interrupted   3  the machine was not enough   4  wrong use: an option, a file\n";

int examine_fail(int code, const char *format, ...) {
    char line[LINE_BYTES], safe[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fprintf(stderr, "blackstart: %s\n", report_text_line(line, safe, sizeof safe));
    return code;
}

static const char *name_of(const examine_options *o) {
    return strcmp(o->file, "-") == 0 ? "standard input" : o->file;
}

/* 0; EXAMINE_DONE with *over: the reader is gone; else the exit code. */
static int write_all(const char *bytes, size_t n, bool *over) {
    while (n > 0) {
        const ssize_t written = write(STDOUT_FILENO, bytes, n);
        if (written < 0 && errno == EPIPE) {
            *over = true;
            return EXAMINE_DONE;
        }
        if (written < 0 && errno == EINTR)
            return examine_fail(EXAMINE_INTERRUPTED, "interrupted (standard output): run it again");
        if (written < 0)
            return examine_fail(EXAMINE_INTERNAL, "cannot write: %s (standard output): make room for it",
                                strerror(errno));
        bytes += written;
        n -= (size_t)written;
    }
    return EXAMINE_DONE;
}

static int write_output(cloud_examine *e, bool *over) {
    size_t n;
    const char *output = cloud_examine_output(e, &n);
    const int code = write_all(output, n, over);
    cloud_examine_drop(e);
    return code;
}

static int stream_trouble(const examine_options *o, const cloud_examine *e, int error) {
    if (error == SIM_EPARSE) return examine_fail(EXAMINE_USAGE, "%s (%s)", cloud_examine_why(e), name_of(o));
    return examine_fail(EXAMINE_INTERNAL,
                        "out of memory with %" PRIu32 " series (%s): give a smaller --series",
                        cloud_examine_count(e)->series, name_of(o));
}

static int push_all(const examine_options *o, cloud_examine *e, const char *bytes, size_t n, bool *over) {
    int code = EXAMINE_DONE;
    for (size_t at = 0, taken = 0; at < n && code == EXAMINE_DONE && !*over; at += taken) {
        const int error = cloud_examine_push(e, bytes + at, n - at, &taken);
        if (error != 0) return stream_trouble(o, e, error);
        code = write_output(e, over);
    }
    return code;
}

/* What has come is answered at once: a pipe is examined in real time. */
static int pump(const examine_options *o, cloud_examine *e, int input, bool *over) {
    char bytes[INPUT_BYTES];
    int code = EXAMINE_DONE;
    while (code == EXAMINE_DONE && !*over) {
        const ssize_t n = read(input, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            return examine_fail(EXAMINE_INTERRUPTED, "interrupted (%s): run it again", name_of(o));
        if (n < 0)
            return examine_fail(EXAMINE_USAGE, "cannot read: %s (%s): give a file or - for standard input",
                                strerror(errno), name_of(o));
        if (n == 0) {
            const int error = cloud_examine_end(e);
            return error != 0 ? stream_trouble(o, e, error) : write_output(e, over);
        }
        code = push_all(o, e, bytes, (size_t)n, over);
    }
    return code;
}

static void tell_troubles(const examine_options *o, const cloud_examine_counts *c) {
    if (c->headless)
        examine_fail(
            0,
            "note: no header, the columns are taken as timestamp, value%s (%s): name them if that is wrong",
            o->key == NULL ? "" : ", key", name_of(o));
    for (int i = 0; i < CLOUD_ROWS; i++)
        if (c->trouble[i] > 0)
            examine_fail(0, "note: %" PRIu64 " rows, first in line %" PRIu64 ": %s (%s)", c->trouble[i],
                         c->first_line[i], cloud_row_text((cloud_row)i), name_of(o));
}

static int examine_input(const examine_options *o, int input) {
    cloud_detector_settings detector = cloud_detector_default;
    detector.threshold = (float)o->threshold;
    const cloud_examine_settings settings = {o->timestamp, o->value, o->key, (uint32_t)o->series, &detector};
    cloud_examine *e = cloud_examine_new(&settings);
    if (e == NULL) return examine_fail(EXAMINE_INTERNAL, "out of memory (blackstart examine): free some");
    bool over = false;
    int code = pump(o, e, input, &over);
    const cloud_examine_counts *c = cloud_examine_count(e);
    if (code == EXAMINE_DONE && !over && c->lines == 0)
        code =
            examine_fail(EXAMINE_USAGE, "nothing to examine (%s): give lines of timestamp,value", name_of(o));
    if (code == EXAMINE_DONE) tell_troubles(o, c);
    cloud_examine_free(e);
    return code;
}

static int examine_file(const examine_options *o) {
    if (strcmp(o->file, "-") == 0) return examine_input(o, STDIN_FILENO);
    const int input = open(o->file, O_RDONLY | O_CLOEXEC);
    if (input < 0)
        return examine_fail(EXAMINE_USAGE, "cannot open: %s (%s): give a CSV file or - for standard input",
                            strerror(errno), o->file);
    const int code = examine_input(o, input);
    close(input);
    return code;
}

/* What popt keeps; strings are ours to free. */
typedef struct words {
    char *timestamp, *value, *key, *threshold, *series, *alarms, *truth, *grace;
    int help;
} words;

static void words_deinit(words *w) {
    char *all[] = {w->timestamp, w->value, w->key, w->threshold, w->series, w->alarms, w->truth, w->grace};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]); /* popt's */
}

static int read_numbers(const words *w, examine_options *o) {
    sim_time grace = 10 * SIM_MINUTE;
    o->threshold = (double)cloud_detector_default.threshold;
    o->series = CLOUD_EXAMINE_SERIES_DEFAULT;
    if (w->threshold != NULL &&
        (sim_units_number(w->threshold, &o->threshold) != 0 || o->threshold <= 0 || o->threshold > 1))
        return examine_fail(
            EXAMINE_USAGE,
            "--threshold %.40s is no score (blackstart examine): give a number above 0, at most 1",
            w->threshold);
    if (w->series != NULL && sim_units_count(w->series, 1, SERIES_MAX, &o->series) != 0)
        return examine_fail(EXAMINE_USAGE, "--series %.40s is no count (blackstart examine): give 1 to 100M",
                            w->series);
    if (w->grace != NULL && sim_units_duration(w->grace, &grace) != 0)
        return examine_fail(EXAMINE_USAGE,
                            "--grace %.40s is no duration (blackstart examine): give one such as 10m",
                            w->grace);
    o->grace = sim_time_seconds(grace);
    return EXAMINE_DONE;
}

static int read_words(poptContext popt, const words *w, examine_options *o) {
    *o = (examine_options){poptGetArg(popt), w->timestamp, w->value, w->key, 0, 0, w->alarms, w->truth, 0};
    if (o->file == NULL)
        return examine_fail(EXAMINE_USAGE,
                            "no file (blackstart examine): give a CSV file, or - for standard input");
    const char *more = poptPeekArg(popt);
    if (more != NULL)
        return examine_fail(EXAMINE_USAGE,
                            "%.80s is one word too many (blackstart examine): examine one file at a time",
                            more);
    if ((o->alarms == NULL) != (o->truth == NULL))
        return examine_fail(EXAMINE_USAGE,
                            "--operator and --truth need each other (blackstart examine): give both files");
    return read_numbers(w, o);
}

static int parse(poptContext popt, const words *w, examine_options *o) {
    const int error = poptGetNextOpt(popt);
    if (w->help != 0) return EXAMINE_DONE;
    if (error < -1)
        return examine_fail(EXAMINE_USAGE, "%s: %.80s (blackstart examine): see blackstart examine --help",
                            poptStrerror(error), poptBadOption(popt, POPT_BADOPTION_NOALIAS));
    return read_words(popt, w, o);
}

int cli_examine(int argc, const char **argv) {
    words w = {0};
    examine_options o = {0};
    const struct poptOption table[] = {{"timestamp", 0, POPT_ARG_STRING, &w.timestamp, 0, NULL, NULL},
                                       {"value", 0, POPT_ARG_STRING, &w.value, 0, NULL, NULL},
                                       {"key", 0, POPT_ARG_STRING, &w.key, 0, NULL, NULL},
                                       {"threshold", 0, POPT_ARG_STRING, &w.threshold, 0, NULL, NULL},
                                       {"series", 0, POPT_ARG_STRING, &w.series, 0, NULL, NULL},
                                       {"operator", 0, POPT_ARG_STRING, &w.alarms, 0, NULL, NULL},
                                       {"truth", 0, POPT_ARG_STRING, &w.truth, 0, NULL, NULL},
                                       {"grace", 0, POPT_ARG_STRING, &w.grace, 0, NULL, NULL},
                                       {"help", 'h', POPT_ARG_NONE, &w.help, 0, NULL, NULL},
                                       {NULL, 0, 0, NULL, 0, NULL, NULL}};
    poptContext popt = poptGetContext("blackstart", argc, argv, table, 0);
    if (popt == NULL) return examine_fail(EXAMINE_INTERNAL, "out of memory (blackstart examine): free some");
    int code = parse(popt, &w, &o);
    if (code == EXAMINE_DONE && w.help != 0)
        fputs(help, stdout);
    else if (code == EXAMINE_DONE)
        code = o.alarms != NULL ? examine_operator(&o) : examine_file(&o);
    poptFreeContext(popt);
    words_deinit(&w);
    return code;
}
