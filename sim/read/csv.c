/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV with a header: attempts.csv of ours, and any other by a map of its columns (RFC 4180, but a
 * field holds no line break; separators are comma, semicolon or tab). */
#include <string.h>
#include <strings.h>

#include "sim/core/units.h"
#include "sim/read/read_private.h"
#include "sim/record/csv.h"

enum { FIELDS_MAX = 256, TRIGGERS_MAX = UINT8_MAX };

enum column { TIME, DEVICE, HOME, TRIGGER, OUTCOME, LATENCY, COLUMNS };

static const read_columns ours = {"time_s", "device", "home", "trigger", "outcome", "latency_s"};
static const char our_head[] = "time_s,device,home,trigger,attempt,outcome,latency_s";

typedef struct table {
    read_log *log;
    char separator;
    int column[COLUMNS]; /* -1: there is none */
    char *field[FIELDS_MAX];
    int fields;
    bool is_ours;
    int64_t previous;
    uint64_t line, rows;
} table;

bool read_looks_like_attempts(const char *head) {
    return strncmp(head, our_head, sizeof our_head - 1) == 0;
}

static bool split(table *t, char *line) {
    t->fields = 0;
    for (char *at = line; at != NULL;)
        if (t->fields == FIELDS_MAX || !record_csv_take(&at, t->separator, &t->field[t->fields++]))
            return false;
    return true;
}

static char separator_of(const char *head) {
    static const char separators[] = ",;\t";
    char best = ',';
    size_t most = 0;
    for (const char *s = separators; *s != '\0'; s++) {
        size_t n = 0;
        for (const char *at = head; *at != '\0'; at++) n += *at == *s;
        if (n <= most) continue;
        most = n;
        best = *s;
    }
    return best;
}

static bool find_column(table *t, enum column c, const char *name, char *why) {
    t->column[c] = -1;
    if (name == NULL || name[0] == '\0') return true;
    for (int i = 0; i < t->fields; i++)
        if (strcmp(t->field[i], name) == 0) t->column[c] = i;
    if (t->column[c] >= 0) return true;
    snprintf(why, READ_WHY_MAX, "no column %.60s in its first line: it has %.60s, %.60s, ...", name,
             t->field[0], t->fields > 1 ? t->field[1] : "");
    return false;
}

static bool find_columns(table *t, const read_columns *c, char *why) {
    if (c->time == NULL || c->time[0] == '\0' || c->device == NULL || c->device[0] == '\0') {
        snprintf(why, READ_WHY_MAX,
                 "which columns hold time and device: say --columns time=NAME,device=NAME");
        return false;
    }
    return find_column(t, TIME, c->time, why) && find_column(t, DEVICE, c->device, why) &&
           find_column(t, HOME, c->home, why) && find_column(t, TRIGGER, c->trigger, why) &&
           find_column(t, OUTCOME, c->outcome, why) && find_column(t, LATENCY, c->latency, why);
}

/* NULL where there is no such column or the row is too short. */
static const char *get(const table *t, enum column c) {
    int i = t->column[c];
    return i >= 0 && i < t->fields ? t->field[i] : NULL;
}

/* Words for outcomes, ours first. */
static const struct {
    const char *word;
    record_outcome outcome;
} words[] = {
    {"none", RECORD_OUTCOME_NONE},        {"online", RECORD_OUTCOME_ONLINE},
    {"dropped", RECORD_OUTCOME_DROPPED},  {"busy", RECORD_OUTCOME_BUSY},
    {"refused", RECORD_OUTCOME_REFUSED},  {"", RECORD_OUTCOME_NONE},
    {"unknown", RECORD_OUTCOME_NONE},     {"timeout", RECORD_OUTCOME_NONE},
    {"ok", RECORD_OUTCOME_ONLINE},        {"success", RECORD_OUTCOME_ONLINE},
    {"connected", RECORD_OUTCOME_ONLINE}, {"accepted", RECORD_OUTCOME_ONLINE},
    {"true", RECORD_OUTCOME_ONLINE},      {"yes", RECORD_OUTCOME_ONLINE},
    {"failed", RECORD_OUTCOME_REFUSED},   {"failure", RECORD_OUTCOME_REFUSED},
    {"error", RECORD_OUTCOME_REFUSED},    {"rejected", RECORD_OUTCOME_REFUSED},
    {"denied", RECORD_OUTCOME_REFUSED},   {"false", RECORD_OUTCOME_REFUSED},
    {"no", RECORD_OUTCOME_REFUSED},       {"throttled", RECORD_OUTCOME_BUSY},
    {"unavailable", RECORD_OUTCOME_BUSY},
};

/* A word of the list, a CONNACK code (0), or a status as HTTP has them (200, 503). */
static bool outcome_of(const char *text, record_outcome *out) {
    uint64_t code;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(text, words[i].word) != 0) continue;
        *out = words[i].outcome;
        return true;
    }
    if (sim_units_count(text, 0, 999, &code) != 0) return false;
    if (code >= 200)
        *out = code < 300                   ? RECORD_OUTCOME_ONLINE
               : code == 429 || code == 503 ? RECORD_OUTCOME_BUSY
                                            : RECORD_OUTCOME_REFUSED;
    else
        *out = read_connack((unsigned)code);
    return true;
}

static bool whole_number(const char *text, uint32_t *n) {
    uint64_t value;
    if (sim_units_count(text, 0, UINT32_MAX - 1, &value) != 0) return false;
    *n = (uint32_t)value;
    return true;
}

static bool read_times(table *t, record_attempt *a) {
    const char *time = get(t, TIME), *latency = get(t, LATENCY), *end;
    sim_time resolution = 1;
    if (time == NULL) return false;
    end = t->is_ours ? read_stamp_seconds(time, &a->at) : read_stamp(time, &a->at, &resolution);
    if (end == NULL || *end != '\0') return false;
    a->latency = SIM_NEVER;
    if (latency != NULL && *latency != '\0') {
        end = read_stamp_seconds(latency, &a->latency);
        if (end == NULL || *end != '\0' || a->latency < 0) return false;
    }
    if (resolution > t->log->resolution) t->log->resolution = resolution;
    return true;
}

static int name_them(table *t, record_attempt *a) {
    const char *device = get(t, DEVICE), *home = get(t, HOME), *trigger = get(t, TRIGGER);
    uint32_t number = 0;
    if (home == NULL) home = device;
    int error = read_names_number(&t->log->devices, device, strlen(device), &a->device);
    if (error == 0) error = read_names_number(&t->log->homes, home, strlen(home), &a->home);
    if (error == 0 && trigger != NULL)
        error = read_names_number(&t->log->triggers, trigger, strlen(trigger), &number);
    if (error == 0 && number >= TRIGGERS_MAX) return SIM_ERANGE;
    a->trigger = (uint8_t)number;
    return error;
}

static bool is_plausible(const table *t, const record_attempt *a) {
    bool answered = a->outcome != RECORD_OUTCOME_NONE && a->outcome != RECORD_OUTCOME_DROPPED;
    return !t->is_ours || answered == (a->latency != SIM_NEVER);
}

/* One row; what cannot be read is left out and counted. */
static int take_row(table *t) {
    record_attempt a = {0};
    record_outcome outcome = RECORD_OUTCOME_NONE;
    uint32_t index, number;
    const char *device = get(t, DEVICE), *word = get(t, OUTCOME);
    bool good = device != NULL && *device != '\0' && read_times(t, &a);
    good = good && (word == NULL || outcome_of(word, &outcome));
    good = good && (!t->is_ours || (t->fields == 7 && whole_number(device, &number) &&
                                    whole_number(t->field[4], &a.number)));
    a.outcome = (uint8_t)outcome;
    if (!good || !is_plausible(t, &a)) {
        read_warn(t->log, READ_WARNING_MALFORMED, t->line);
        return 0;
    }
    int64_t previous = 0; /* rows may come in any order */
    if (!read_clock(t->log, t->is_ours ? &t->previous : &previous, a.at, t->line)) return 0;
    t->rows++;
    int error = name_them(t, &a);
    if (error == 0 && word != NULL && a.latency == SIM_NEVER && outcome != RECORD_OUTCOME_NONE &&
        outcome != RECORD_OUTCOME_DROPPED)
        a.latency = 0; /* answered, and nobody says when */
    return error != 0 ? error : read_add(t->log, &a, &index);
}

static int take_rows(table *t, read_lines *lines) {
    int error = 0;
    for (char *line; error == 0 && (line = read_lines_next(lines, t->log)) != NULL;) {
        t->line = lines->number;
        if (*line == '\0') continue;
        if (split(t, line))
            error = take_row(t);
        else
            read_warn(t->log, READ_WARNING_MALFORMED, t->line);
    }
    return error;
}

static int take_head(table *t, read_lines *lines, const read_columns *c, char *why) {
    char *line = read_lines_next(lines, t->log);
    if (line != NULL && strncmp(line, "\xef\xbb\xbf", 3) == 0) line += 3; /* a byte order mark */
    if (line == NULL || *line == '\0') {
        snprintf(why, READ_WHY_MAX,
                 "no header in its first line: put the names of the columns there");
        return SIM_EPARSE;
    }
    if (t->is_ours && strcmp(line, our_head) != 0) {
        snprintf(why, READ_WHY_MAX, "not attempts.csv: its first line must be %s", our_head);
        return SIM_EPARSE;
    }
    t->separator = separator_of(line);
    if (!split(t, line)) {
        snprintf(why, READ_WHY_MAX, "a header of more than %d columns, or with an open quote",
                 FIELDS_MAX);
        return SIM_EPARSE;
    }
    return find_columns(t, c, why) ? 0 : SIM_EPARSE;
}

int read_csv(FILE *file, const read_options *o, read_log *log, char *why) {
    table t = {.log = log, .is_ours = log->format == READ_FORMAT_ATTEMPTS};
    read_lines lines;
    if (log->resolution == 0) log->resolution = 1;
    int error = read_lines_init(&lines, file);
    if (error == 0) error = take_head(&t, &lines, t.is_ours ? &ours : &o->columns, why);
    if (error == 0) error = take_rows(&t, &lines);
    if (error == 0 && t.rows == 0) {
        snprintf(why, READ_WHY_MAX, "not one row that could be read among %llu",
                 (unsigned long long)(lines.number > 0 ? lines.number - 1 : 0));
        error = SIM_EPARSE;
    }
    read_lines_deinit(&lines);
    return error;
}
