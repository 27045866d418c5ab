/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart examine`: telemetry in, scores out; or somebody else's alarms held against the truth.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/examine_operator.h"
#include "sim/cli/examine_options.h"
#include "sim/cli/stop.h"
#include "sim/examine/csv.h"
#include "sim/examine/stream.h"
#include "sim/record/text.h"
#include "sim/report/alarm.h"

enum { INPUT_BYTES = 65536 };

typedef struct session {
    const cli_examine_options *options;
    cli_outlets *outlets;
    const char *name; /* of the input, for messages */
    int input;
    examine_stream *examine;
    bool answered;    /* something came out: the columns at least */
    bool reader_gone; /* nobody reads our output any more: the quiet end */
} session;

static cli_exit interrupted(const session *s, cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_INTERRUPTED, "interrupted (%s): the scores end there", s->name);
}

/* Writes no more than a pipe that is ready takes without blocking: a reader that rests does not
 * keep us from being interrupted. */
static cli_exit write_all(session *s, const char *bytes, size_t n, cli_trouble *t) {
    while (n > 0) {
        struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
        if (!cli_stop_wait(&out, 1)) return interrupted(s, t);
        const ssize_t written = write(STDOUT_FILENO, bytes, n < PIPE_BUF ? n : PIPE_BUF);
        if (written < 0 && errno == EPIPE) {
            s->reader_gone = true;
            return CLI_EXIT_PASS;
        }
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            return cli_fail(t, CLI_EXIT_INTERNAL,
                            "cannot write: %s (standard output): make room for it",
                            strerror(errno));
        if (written > 0) {
            bytes += written;
            n -= (size_t)written;
        }
    }
    return CLI_EXIT_PASS;
}

/* A line of our own output that is an alarm, as JSON for whoever is called:
 * timestamp,value,score,1[,key]. */
static void call_for(session *s, const char *line, size_t n) {
    examine_field fields[EXAMINE_STREAM_FIELDS_MAX];
    char copy[EXAMINE_STREAM_LINE_MAX + 64], text[REPORT_ALERT_LINE_MAX];
    double took_s;
    if (n >= sizeof copy) return;
    memcpy(copy, line, n);
    size_t count = examine_csv_split(copy, n, ',', fields, EXAMINE_STREAM_FIELDS_MAX);
    if (count < 4 || !examine_csv_is(fields[3], "1")) return;
    const report_point point = {
        .time = {fields[0].text, fields[0].n},
        .value = {fields[1].text, fields[1].n},
        .score = {fields[2].text, fields[2].n},
        .key = {count > 4 ? fields[4].text : "", count > 4 ? fields[4].n : 0}};
    /* What does not arrive is told at the end. */
    (void)!cli_outlets_deliver(s->outlets, report_point_line(&point, text, sizeof text), &took_s);
}

static void call_operator(session *s, const char *output, size_t n) {
    for (size_t at = 0; at < n && s->outlets->count > 0;) {
        const char *end = memchr(output + at, '\n', n - at);
        size_t length = end == NULL ? n - at : (size_t)(end - output) - at;
        call_for(s, output + at, length);
        at += length + 1;
    }
}

static cli_exit write_output(session *s, cli_trouble *t) {
    size_t n;
    const char *output = examine_stream_output(s->examine, &n);
    call_operator(s, output, n);
    s->answered = s->answered || n > 0;
    const cli_exit trouble = write_all(s, output, n, t);
    examine_stream_drop(s->examine);
    return trouble;
}

static cli_exit stream_trouble(const session *s, int error, cli_trouble *t) {
    if (error == SIM_EPARSE)
        return cli_fail(t, CLI_EXIT_USAGE, "%s: %s", s->name, examine_stream_why(s->examine));
    return cli_fail(t, CLI_EXIT_INTERNAL,
                    "out of memory with %" PRIu32 " series (%s): give a smaller --series",
                    examine_stream_count(s->examine)->series, s->name);
}

static cli_exit push_all(session *s, const char *bytes, size_t n, cli_trouble *t) {
    cli_exit trouble = CLI_EXIT_PASS;
    for (size_t at = 0, taken = 0; at < n && trouble == CLI_EXIT_PASS && !s->reader_gone;
         at += taken) {
        const int error = examine_stream_push(s->examine, bytes + at, n - at, &taken);
        trouble = error != 0 ? stream_trouble(s, error, t) : write_output(s, t);
    }
    return trouble;
}

static cli_exit end_of_input(session *s, cli_trouble *t) {
    const int error = examine_stream_end(s->examine);
    if (error != 0) return stream_trouble(s, error, t);
    const cli_exit trouble = write_output(s, t);
    if (trouble == CLI_EXIT_PASS && !s->answered)
        return cli_fail(t, CLI_EXIT_USAGE, "nothing to examine (%s): give lines of timestamp,value",
                        s->name);
    return trouble;
}

/* What has come is answered at once: a pipe is examined in real time. While nothing comes, the end
 * of the reader ends us too. */
static cli_exit pump(session *s, cli_trouble *t) {
    char bytes[INPUT_BYTES];
    cli_exit trouble = CLI_EXIT_PASS;
    while (trouble == CLI_EXIT_PASS && !s->reader_gone) {
        struct pollfd ends[] = {{.fd = s->input, .events = POLLIN}, {.fd = STDOUT_FILENO}};
        if (!cli_stop_wait(ends, 2)) return interrupted(s, t);
        s->reader_gone = (ends[1].revents & POLLERR) != 0;
        if (s->reader_gone) break;
        const ssize_t n = read(s->input, bytes, sizeof bytes);
        if (n == 0) return end_of_input(s, t);
        if (n > 0)
            trouble = push_all(s, bytes, (size_t)n, t);
        else if (errno != EINTR && errno != EAGAIN)
            return cli_fail(t, CLI_EXIT_USAGE,
                            "cannot read: %s (%s): give a file or - for standard input",
                            strerror(errno), s->name);
    }
    return trouble;
}

/* No errors, and no lines that look like one: the exit code is 0. */
static void tell_notes(const session *s) {
    const examine_stream_counts *c = examine_stream_count(s->examine);
    char name[CLI_LINE_MAX];
    record_text_line(s->name, name, sizeof name);
    if (c->headless)
        fprintf(stderr,
                "note: no header, the columns are taken as timestamp, value%s (%s): name them if "
                "that is wrong\n",
                s->options->key == NULL ? "" : ", key", name);
    for (int i = 0; i < EXAMINE_ROWS; i++)
        if (c->trouble[i] > 0)
            fprintf(stderr, "note: %" PRIu64 " %s, first in line %" PRIu64 ": %s (%s)\n",
                    c->trouble[i], c->trouble[i] == 1 ? "row" : "rows", c->first_line[i],
                    examine_row_text((examine_row)i), name);
}

static cli_exit examine_input(session *s, cli_trouble *t) {
    const cli_examine_options *o = s->options;
    examine_detector_settings detector = examine_detector_default;
    detector.threshold = (float)o->threshold;
    const examine_stream_settings settings = {o->timestamp, o->value, o->key, o->series, &detector};
    s->examine = examine_stream_new(&settings);
    if (s->examine == NULL)
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "out of memory (blackstart examine): free some and try again");
    const cli_exit trouble = pump(s, t);
    if (trouble == CLI_EXIT_PASS && !s->reader_gone) tell_notes(s);
    examine_stream_free(s->examine);
    return trouble;
}

static cli_exit examine(const cli_examine_options *o, cli_outlets *outlets, cli_trouble *t) {
    session s = {
        .options = o, .outlets = outlets, .name = cli_examine_name(o->file), .input = STDIN_FILENO};
    if (strcmp(o->file, "-") == 0) return examine_input(&s, t);
    s.input = open(o->file, O_RDONLY | O_CLOEXEC);
    if (s.input < 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "cannot open: %s (%s): give a CSV file or - for standard input",
                        strerror(errno), s.name);
    const cli_exit trouble = examine_input(&s, t);
    close(s.input);
    return trouble;
}

cli_exit cli_examine(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    cli_examine_options o;
    cli_words words = {0};
    cli_exit trouble = cli_examine_options_parse(&o, argc, argv, &words, t);
    if (trouble == CLI_EXIT_PASS && words.help)
        cli_help_for(&cli_examine_command);
    else if (trouble == CLI_EXIT_PASS)
        trouble = o.alarms != NULL ? cli_examine_operator(&o, t) : examine(&o, &o.outlets, t);
    cli_outlets_tell(&o.outlets);
    cli_outlets_deinit(&o.outlets);
    cli_words_deinit(&words);
    return trouble;
}
