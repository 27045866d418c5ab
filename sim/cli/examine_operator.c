/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/examine_operator.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/stop.h"
#include "sim/core/fingerprint.h"
#include "sim/core/heap.h"
#include "sim/core/map.h"
#include "sim/core/units.h"
#include "sim/examine/csv.h"
#include "sim/examine/stream.h"
#include "sim/judge/alarms.h"
#include "sim/record/kind.h"

enum {
    LINE_BYTES = EXAMINE_STREAM_LINE_MAX,
    COLUMNS = 4,
    NOWHERE = EXAMINE_STREAM_FIELDS_MAX,
    KIND_BYTES = 40,
    ROWS_MAX = 10000000 /* of alarms, and of injections: bounds the memory */
};

typedef struct device {
    double first, last; /* s; first > last: no telemetry seen */
} device;

typedef struct case_file {
    sim_map device_of_key; /* by a 64-bit hash of the key */
    device *devices;
    size_t device_count, device_room;
    judge_alert *alarms;
    size_t alarm_count, alarm_room;
    judge_injection *injections;
    size_t injection_count, injection_room;
    char kinds[JUDGE_KINDS_MAX][KIND_BYTES];
    size_t kind_count;
} case_file;

/* A file of a table: which columns it must have, and who takes a row. Column names may be NULL. */
typedef struct table {
    const char *path;
    const char *column[COLUMNS];
    size_t required; /* the first so many must be there */
    cli_exit (*take)(case_file *c, const struct table *t, const examine_field *fields);
    cli_trouble *trouble;
    const char *name; /* of the file, for messages */
    size_t at[COLUMNS];
    uint64_t line;
    char separator;
} table;

static cli_exit out_of_memory(const table *t) {
    return cli_fail(t->trouble, CLI_EXIT_INTERNAL,
                    "out of memory (%s, line %" PRIu64 "): free some, or give less", t->name,
                    t->line);
}

static cli_exit bad_row(const table *t, const char *what) {
    return cli_fail(t->trouble, CLI_EXIT_USAGE, "%s (%s, line %" PRIu64 "): mend the line", what,
                    t->name, t->line);
}

/* The device of a key, made when new. JUDGE_ANY_DEVICE for no key. False: no memory. */
static bool device_of(case_file *c, examine_field key, uint32_t *out) {
    sim_fingerprint f;
    *out = JUDGE_ANY_DEVICE;
    if (key.n == 0) return true;
    sim_fingerprint_init(&f);
    sim_fingerprint_bytes(&f, key.text, key.n);
    if (sim_map_get(&c->device_of_key, f.value, out)) return true;
    device *devices = sim_more(c->devices, c->device_count, &c->device_room, sizeof *devices);
    if (devices == NULL) return false;
    c->devices = devices;
    if (sim_map_put(&c->device_of_key, f.value, (uint32_t)c->device_count) != 0) return false;
    c->devices[c->device_count] = (device){INFINITY, -INFINITY};
    *out = (uint32_t)c->device_count++;
    return true;
}

static examine_field of_row(const table *t, const examine_field *fields, size_t column) {
    return t->at[column] == NOWHERE ? (examine_field){"", 0} : fields[t->at[column]];
}

static cli_exit take_telemetry(case_file *c, const table *t, const examine_field *fields) {
    double at;
    uint32_t d;
    const examine_field key = t->column[1] == NULL ? (examine_field){"-", 1} : of_row(t, fields, 1);
    /* nobody's time */
    if (!examine_csv_time(of_row(t, fields, 0), &at) || key.n == 0) return CLI_EXIT_PASS;
    if (!device_of(c, key, &d)) return out_of_memory(t);
    c->devices[d].first = fmin(c->devices[d].first, at);
    c->devices[d].last = fmax(c->devices[d].last, at);
    return CLI_EXIT_PASS;
}

static cli_exit take_alarm(case_file *c, const table *t, const examine_field *fields) {
    judge_alert alarm = {0};
    if (examine_csv_is(of_row(t, fields, 2), "0")) return CLI_EXIT_PASS;
    if (!examine_csv_time(of_row(t, fields, 0), &alarm.at))
        return bad_row(t, "the timestamp cannot be read");
    if (c->alarm_count == ROWS_MAX) return bad_row(t, "more alarms than can be scored");
    judge_alert *alarms = sim_more(c->alarms, c->alarm_count, &c->alarm_room, sizeof *alarms);
    if (alarms != NULL) c->alarms = alarms;
    if (alarms == NULL || !device_of(c, of_row(t, fields, 1), &alarm.device))
        return out_of_memory(t);
    c->alarms[c->alarm_count++] = alarm;
    return CLI_EXIT_PASS;
}

/* JUDGE_KINDS_MAX: there are too many. */
static uint32_t kind_of(case_file *c, examine_field name) {
    uint32_t i = 0;
    if (name.n >= KIND_BYTES) name.n = KIND_BYTES - 1;
    for (; i < c->kind_count; i++)
        if (examine_csv_is(name, c->kinds[i])) return i;
    if (i == JUDGE_KINDS_MAX) return i;
    for (size_t k = 0; k < name.n; k++) /* for a table on a terminal */
        c->kinds[i][k] =
            (unsigned char)name.text[k] < 0x20 || name.text[k] == 0x7f ? '?' : name.text[k];
    c->kind_count++;
    return i;
}

static cli_exit take_injection(case_file *c, const table *t, const examine_field *fields) {
    judge_injection i = {0};
    if (!examine_csv_time(of_row(t, fields, 0), &i.start) ||
        !examine_csv_time(of_row(t, fields, 1), &i.end))
        return bad_row(t, "start or end cannot be read");
    if (i.end < i.start) return bad_row(t, "the end lies before the start");
    i.kind = kind_of(c, of_row(t, fields, 2));
    if (i.kind == JUDGE_KINDS_MAX) return bad_row(t, "more than 64 kinds");
    if (c->injection_count == ROWS_MAX) return bad_row(t, "more injections than can be scored");
    judge_injection *all =
        sim_more(c->injections, c->injection_count, &c->injection_room, sizeof *all);
    if (all != NULL) c->injections = all;
    if (all == NULL || !device_of(c, of_row(t, fields, 3), &i.device)) return out_of_memory(t);
    c->injections[c->injection_count++] = i;
    return CLI_EXIT_PASS;
}

static size_t column_named(const char *name, const examine_field *fields, size_t n) {
    uint64_t number;
    if (name == NULL) return NOWHERE;
    for (size_t i = 0; i < n; i++)
        if (examine_csv_is(fields[i], name)) return i;
    return sim_units_count(name, 1, n, &number) == 0 ? (size_t)number - 1 : NOWHERE;
}

static cli_exit take_header(table *t, const examine_field *fields, size_t n) {
    for (size_t i = 0; i < COLUMNS; i++) {
        t->at[i] = column_named(t->column[i], fields, n);
        if (t->at[i] == NOWHERE && i < t->required)
            return cli_fail(
                t->trouble, CLI_EXIT_USAGE,
                "no column \"%.80s\" (%s, line 1): give the file a header that names it",
                t->column[i], t->name);
    }
    return CLI_EXIT_PASS;
}

static cli_exit take_row(case_file *c, const table *t, const examine_field *fields, size_t n) {
    for (size_t i = 0; i < COLUMNS; i++)
        if (t->at[i] != NOWHERE && t->at[i] >= n) return bad_row(t, "the line lacks a column");
    return t->take(c, t, fields);
}

static cli_exit take_line(case_file *c, table *t, char *line, size_t n) {
    examine_field fields[EXAMINE_STREAM_FIELDS_MAX];
    if (n > 0 && line[n - 1] == '\n') n--;
    if (++t->line == 1 && n >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
        line += 3;
        n -= 3;
    }
    if (t->line == 1) {
        const record_kind *kind = record_kind_of(line, n);
        if (kind != NULL)
            return cli_fail(t->trouble, CLI_EXIT_USAGE, "%s, which is not read (%s): %s",
                            kind->name, t->name, kind->remedy);
        t->separator = examine_csv_separator(line, n);
    }
    const size_t count =
        examine_csv_split(line, n, t->separator, fields, EXAMINE_STREAM_FIELDS_MAX);
    if (t->line == 1) return take_header(t, fields, count);
    return count == 1 && fields[0].n == 0 ? CLI_EXIT_PASS : take_row(c, t, fields, count);
}

static cli_exit read_lines(case_file *c, table *t, FILE *in) {
    char line[LINE_BYTES];
    cli_exit code = CLI_EXIT_PASS;
    while (code == CLI_EXIT_PASS && fgets(line, sizeof line, in) != NULL) {
        const size_t n = strlen(line);
        if (n + 1 == sizeof line && line[n - 1] != '\n') return bad_row(t, "the line is too long");
        code = take_line(c, t, line, n);
    }
    if (code != CLI_EXIT_PASS) return code;
    if (*cli_stop_flag() != 0)
        return cli_fail(t->trouble, CLI_EXIT_INTERRUPTED,
                        "interrupted (%s): nothing was scored, run it again", t->name);
    if (ferror(in))
        return cli_fail(t->trouble, CLI_EXIT_USAGE, "cannot read: %s (%s): give a CSV file",
                        strerror(errno), t->name);
    if (t->line == 0)
        return cli_fail(t->trouble, CLI_EXIT_USAGE, "empty file (%s): give it a header at least",
                        t->name);
    return CLI_EXIT_PASS;
}

/* For fopencookie(3): as read(2), but a signal ends it. */
static ssize_t read_unless_stopped(void *descriptor, char *bytes, size_t n) {
    struct pollfd in = {.fd = *(const int *)descriptor, .events = POLLIN};
    if (cli_stop_wait(&in, 1)) return read(in.fd, bytes, n);
    errno = EINTR;
    return -1;
}

static cli_exit read_table(case_file *c, table *t) {
    const bool standard = strcmp(t->path, "-") == 0;
    int input = standard ? STDIN_FILENO : open(t->path, O_RDONLY | O_CLOEXEC);
    t->name = cli_examine_name(t->path);
    if (input < 0)
        return cli_fail(t->trouble, CLI_EXIT_USAGE, "cannot open: %s (%s): give a CSV file",
                        strerror(errno), t->name);
    FILE *in = fopencookie(&input, "r", (cookie_io_functions_t){.read = read_unless_stopped});
    const cli_exit code = in == NULL ? out_of_memory(t) : read_lines(c, t, in);
    if (in != NULL) (void)fclose(in);
    if (!standard) close(input);
    return code;
}

static cli_exit read_all(case_file *c, const cli_examine_options *o, cli_trouble *t) {
    table tables[] = {
        {.path = o->file,
         .column = {o->timestamp == NULL ? "timestamp" : o->timestamp, o->key},
         .required = o->key == NULL ? 1 : 2,
         .take = take_telemetry},
        {.path = o->alarms,
         .column = {"timestamp", "key", "alarm"},
         .required = 1,
         .take = take_alarm},
        {.path = o->truth,
         .column = {"start", "end", "kind", "key"},
         .required = 3,
         .take = take_injection},
    };
    cli_exit code = CLI_EXIT_PASS;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && code == CLI_EXIT_PASS; i++) {
        tables[i].trouble = t;
        code = read_table(c, &tables[i]);
    }
    return code;
}

static double device_days(const case_file *c) {
    double seconds = 0;
    for (size_t i = 0; i < c->device_count; i++)
        if (c->devices[i].last > c->devices[i].first)
            seconds += c->devices[i].last - c->devices[i].first;
    return seconds / 86400;
}

static void print_kind(const char *name, const judge_kind *k) {
    printf("%-24.40s %8" PRIu64 " %8" PRIu64 "   %5.3f (%.3f-%.3f)", name, k->injected, k->noticed,
           k->recall.value, k->recall.low, k->recall.high);
    if (k->noticed > 0)
        printf("  %10.0f s %10.0f s\n", k->delay_median, k->delay_most);
    else
        printf("  %12s %12s\n", "-", "-");
}

static void print_finding(const case_file *c, const judge_alerts_finding *f) {
    printf("%-24s %8s %8s   %-19s  %12s %12s\n", "kind", "injected", "noticed", "recall (95 %)",
           "delay median", "delay most");
    for (size_t i = 0; i < c->kind_count; i++) print_kind(c->kinds[i], &f->kind[i]);
    print_kind("all", &f->all);
    const double days = device_days(c);
    printf("\nalarms %" PRIu64 ", false %" PRIu64 ", precision %.3f (%.3f-%.3f)\n", f->alarms,
           f->false_alarms, f->precision.value, f->precision.low, f->precision.high);
    if (days > 0)
        printf("false alarms per device-day %.5f (%.1f device-days)\n",
               (double)f->false_alarms / days, days);
    else
        printf("false alarms per device-day: the telemetry spans no time\n");
}

static cli_exit judge(const case_file *c, double grace_s, cli_trouble *t) {
    judge_alerts_finding *f = sim_calloc(1, sizeof *f);
    const bool failed = f == NULL || judge_alerts(c->alarms, c->alarm_count, c->injections,
                                                  c->injection_count, grace_s, f) != 0;
    if (!failed) print_finding(c, f);
    sim_free(f);
    if (!failed) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_INTERNAL,
                    "out of memory (blackstart examine): free some and try again");
}

cli_exit cli_examine_operator(const cli_examine_options *o, cli_trouble *t) {
    case_file c = {0};
    sim_map_init(&c.device_of_key);
    cli_exit code = read_all(&c, o, t);
    if (code == CLI_EXIT_PASS && c.injection_count == 0)
        code = cli_fail(t, CLI_EXIT_USAGE,
                        "no injection (%s): without a truth there is nothing to score",
                        cli_examine_name(o->truth));
    if (code == CLI_EXIT_PASS) code = judge(&c, o->grace_s, t);
    sim_map_deinit(&c.device_of_key);
    sim_free(c.devices);
    sim_free(c.alarms);
    sim_free(c.injections);
    return code;
}
