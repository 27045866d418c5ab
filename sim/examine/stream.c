/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/examine/stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/fingerprint.h"
#include "sim/core/heap.h"
#include "sim/core/map.h"
#include "sim/core/units.h"
#include "sim/examine/csv.h"
#include "sim/record/kind.h"
#include "sim/record/stamp.h"

enum {
    OUTPUT_BYTES = 65536,
    /* of output */
    ROW_BYTES_MAX = 2 * (2 * EXAMINE_STREAM_FIELD_MAX + EXAMINE_STREAM_KEY_MAX) + 64,
    COLUMN_NONE = EXAMINE_STREAM_FIELDS_MAX,
    SAME_HASH_MAX = 8, /* keys with one hash that are told apart */
    WHY_BYTES = 512
};

typedef struct series {
    examine_detector detector;
    double last_time;
    size_t key_bytes;
    char key[];
} series;

static_assert(sizeof(series) + EXAMINE_STREAM_KEY_MAX <= EXAMINE_SERIES_BYTES,
              "a series costs more than the header says");

typedef struct columns {
    size_t timestamp, value, key; /* from 0; key COLUMN_NONE: one series */
} columns;

struct examine_stream {
    examine_stream_settings settings;
    examine_stream_counts counts;
    columns columns;
    bool begun; /* the columns are known */
    char separator;
    /* the first time, and its digits behind the point, until it is known to be none of a
     * spreadsheet */
    double first_s;
    int first_digits;
    bool clock_known;
    sim_map by_key;
    series **all; /* counts.series of them */
    size_t room;
    /* so far; more than EXAMINE_STREAM_LINE_MAX: too long, the rest is dropped */
    size_t line_bytes;
    size_t output_bytes;
    char why[WHY_BYTES];
    char bad[EXAMINE_STREAM_FIELD_MAX + 1]; /* what could not be read first */
    char line[EXAMINE_STREAM_LINE_MAX];
    char output[OUTPUT_BYTES];
};

const char *examine_row_text(examine_row trouble) {
    static const char *const texts[EXAMINE_ROWS] = {
#define ROW_TEXT(name, text) [EXAMINE_ROW_##name] = text,
        EXAMINE_ROW_MAP(ROW_TEXT)
#undef ROW_TEXT
    };
    return trouble >= 0 && trouble < EXAMINE_ROWS ? texts[trouble] : "";
}

examine_stream *examine_stream_new(const examine_stream_settings *settings) {
    examine_stream *e = sim_calloc(1, sizeof *e);
    if (e == NULL) return NULL;
    e->settings = *settings;
    if (settings->timestamp == NULL) e->settings.timestamp = "timestamp";
    if (settings->value == NULL) e->settings.value = "value";
    if (settings->series_max == 0) e->settings.series_max = EXAMINE_STREAM_SERIES_DEFAULT;
    if (settings->detector == NULL) e->settings.detector = &examine_detector_default;
    sim_map_init(&e->by_key);
    return e;
}

void examine_stream_free(examine_stream *e) {
    if (e == NULL) return;
    for (size_t i = 0; i < e->counts.series; i++) sim_free(e->all[i]);
    sim_free(e->all);
    sim_map_deinit(&e->by_key);
    sim_free(e);
}

static void note(examine_stream *e, examine_row trouble) {
    if (e->counts.trouble[trouble]++ == 0) e->counts.first_line[trouble] = e->counts.lines;
}

/* Of a header: the column with this name, or with this number from 1. */
static size_t find_column(const examine_field *fields, size_t n, const char *name) {
    uint64_t number;
    for (size_t i = 0; i < n; i++)
        if (examine_csv_is(fields[i], name)) return i;
    if (sim_units_count(name, 1, EXAMINE_STREAM_FIELDS_MAX, &number) == 0)
        return (size_t)number - 1;
    return COLUMN_NONE;
}

static bool is_number_of_column(const char *name) {
    uint64_t number;
    return sim_units_count(name, 1, EXAMINE_STREAM_FIELDS_MAX, &number) == 0;
}

/* Where a column is when there is no header: at the number given, or where it usually is when its
 * usual name was left. */
static size_t usual_column(const char *name, const char *usual_name, size_t usual) {
    if (is_number_of_column(name)) return find_column(NULL, 0, name);
    return usual_name == NULL || strcmp(name, usual_name) == 0 ? usual : COLUMN_NONE;
}

/* Where something else than a comma parts the fields, a comma may be a number's point. */
static bool read_value(const examine_stream *e, examine_field f, double *number) {
    return examine_csv_number(f, e->separator != ',', number);
}

static bool is_data(const examine_stream *e, const columns *c, const examine_field *fields,
                    size_t n) {
    double ignored;
    return c->timestamp < n && c->value < n && examine_csv_time(fields[c->timestamp], &ignored) &&
           read_value(e, fields[c->value], &ignored);
}

static int lacks(examine_stream *e, const char *name, const examine_field *fields, size_t n) {
    size_t at =
        (size_t)snprintf(e->why, sizeof e->why, "no column \"%.80s\" (line 1): name one of ", name);
    for (size_t i = 0; i < n && at + 2 * (size_t)EXAMINE_STREAM_FIELD_MAX + 8 < sizeof e->why;
         i++) {
        examine_field f = fields[i];
        if (f.n > EXAMINE_STREAM_FIELD_MAX) f.n = EXAMINE_STREAM_FIELD_MAX;
        if (i > 0) at += (size_t)snprintf(e->why + at, sizeof e->why - at, ", ");
        at += examine_csv_write(f, e->why + at);
        e->why[at] = '\0';
    }
    return SIM_EPARSE;
}

static void put(examine_stream *e, const char *bytes, size_t n) {
    memcpy(e->output + e->output_bytes, bytes, n);
    e->output_bytes += n;
}

static void put_text(examine_stream *e, const char *text) {
    put(e, text, strlen(text));
}

static void put_field(examine_stream *e, examine_field f, size_t most) {
    if (f.n > most) f.n = most;
    e->output_bytes += examine_csv_write(f, e->output + e->output_bytes);
}

static void put_header(examine_stream *e) {
    put_text(e, "timestamp,value,score,alarm");
    put_text(e, e->settings.key == NULL ? "\n" : ",key\n");
}

static bool has_columns(const examine_stream *e, const columns *c, size_t n) {
    return c->timestamp < n && c->value < n && (e->settings.key == NULL || c->key < n);
}

/* Whether the first line, parted so, is a header or data that comes without one. */
static bool fits(examine_stream *e, const examine_field *fields, size_t n) {
    const examine_stream_settings *s = &e->settings;
    const columns usual = {usual_column(s->timestamp, "timestamp", 0),
                           usual_column(s->value, "value", 1),
                           s->key == NULL ? COLUMN_NONE : usual_column(s->key, NULL, 2)};
    e->counts.headless = has_columns(e, &usual, n) && is_data(e, &usual, fields, n);
    e->columns = usual;
    if (!e->counts.headless)
        e->columns =
            (columns){find_column(fields, n, s->timestamp), find_column(fields, n, s->value),
                      s->key == NULL ? COLUMN_NONE : find_column(fields, n, s->key)};
    return has_columns(e, &e->columns, n);
}

/* Finds the separator with which the first line fits, and parts it; what a person is told when none
 * does is by the one of which it has most. */
static int begin(examine_stream *e, char *line, size_t bytes, examine_field *fields, size_t *n) {
    char copy[EXAMINE_STREAM_LINE_MAX];
    const char most = examine_csv_separator(line, bytes);
    for (const char *s = examine_csv_separators; *s != '\0' && !e->begun; s++) {
        memcpy(copy, line, bytes);
        e->separator = *s;
        e->begun = fits(e, fields, examine_csv_split(copy, bytes, *s, fields, *n));
    }
    if (!e->begun) e->separator = most;
    *n = examine_csv_split(line, bytes, e->separator, fields, *n);
    if (e->begun) {
        put_header(e);
        return 0;
    }
    (void)fits(e, fields, *n);
    const examine_stream_settings *s = &e->settings;
    return lacks(e,
                 e->columns.timestamp >= *n ? s->timestamp
                 : e->columns.value >= *n   ? s->value
                                            : s->key,
                 fields, *n);
}

static int add_series(examine_stream *e, uint64_t hash, examine_field key, series **out) {
    series **all = sim_more(e->all, e->counts.series, &e->room, sizeof(series *));
    if (all == NULL) return SIM_ENOMEM;
    e->all = all;
    series *s = sim_malloc(sizeof *s + key.n);
    if (s == NULL) return SIM_ENOMEM;
    if (sim_map_put(&e->by_key, hash, e->counts.series) != 0) {
        sim_free(s);
        return SIM_ENOMEM;
    }
    examine_detector_init(&s->detector, e->settings.detector);
    s->last_time = -INFINITY;
    s->key_bytes = key.n;
    memcpy(s->key, key.text, key.n);
    e->all[e->counts.series++] = s;
    *out = s;
    return 0;
}

/* The series of a key; *out is NULL when there is no place for it (SIM_ERANGE). */
static int find_series(examine_stream *e, examine_field key, series **out) {
    sim_fingerprint f;
    *out = NULL;
    sim_fingerprint_init(&f);
    sim_fingerprint_bytes(&f, key.text, key.n);
    for (uint64_t attempt = 0; attempt < SAME_HASH_MAX; attempt++) {
        const uint64_t hash = f.value + attempt * SIM_HASH_STEP;
        uint32_t index;
        if (!sim_map_get(&e->by_key, hash, &index))
            return e->counts.series >= e->settings.series_max ? SIM_ERANGE
                                                              : add_series(e, hash, key, out);
        series *s = e->all[index];
        if (s->key_bytes == key.n && memcmp(s->key, key.text, key.n) == 0) {
            *out = s;
            return 0;
        }
    }
    return SIM_ERANGE;
}

typedef struct row {
    examine_field timestamp, value, key;
    double time, number;
    series *series;
} row;

/* Reads a row and finds its series; EXAMINE_ROWS: fine, otherwise what is wrong. SIM_ENOMEM through
 * *error. */
static examine_row read_row(examine_stream *e, const examine_field *fields, size_t n, row *r,
                            int *error) {
    const columns *c = &e->columns;
    const bool keyed = c->key != COLUMN_NONE;
    *r = (row){{"", 0}, {"", 0}, {"", 0}, 0, 0, NULL};
    if (c->timestamp < n) r->timestamp = fields[c->timestamp];
    if (c->value < n) r->value = fields[c->value];
    if (keyed && c->key < n) r->key = fields[c->key];
    if (c->timestamp >= n || c->value >= n || (keyed && c->key >= n)) return EXAMINE_ROW_FIELDS;
    if (keyed && (r->key.n == 0 || r->key.n > EXAMINE_STREAM_KEY_MAX)) return EXAMINE_ROW_KEY;
    if (!examine_csv_time(r->timestamp, &r->time)) return EXAMINE_ROW_TIME;
    if (!read_value(e, r->value, &r->number)) return EXAMINE_ROW_VALUE;
    *error = find_series(e, r->key, &r->series);
    if (*error != SIM_ERANGE) return EXAMINE_ROWS;
    *error = 0;
    return EXAMINE_ROW_SERIES;
}

static void put_score(examine_stream *e, const examine_verdict *v) {
    char text[16] = ",0.0000,0";
    int tenthousandths = (int)(v->score * 10000.0f + 0.5f);
    if (!v->scored) text[1] = ',', text[2] = v->alarm ? '1' : '0', text[3] = '\0';
    if (v->scored) {
        text[8] = v->alarm ? '1' : '0';
        text[1] = (char)('0' + tenthousandths / 10000);
        for (int i = 6; i >= 3; i--, tenthousandths /= 10)
            text[i] = (char)('0' + tenthousandths % 10);
    }
    put_text(e, text);
}

static void answer(examine_stream *e, const row *r, const examine_verdict *v) {
    put_field(e, r->timestamp, EXAMINE_STREAM_FIELD_MAX);
    put(e, ",", 1);
    put_field(e, r->value, EXAMINE_STREAM_FIELD_MAX);
    put_score(e, v);
    if (e->columns.key != COLUMN_NONE) {
        put(e, ",", 1);
        put_field(e, r->key, EXAMINE_STREAM_KEY_MAX);
    }
    put(e, "\n", 1);
    e->counts.scored += v->scored;
    e->counts.alarms += v->alarm;
}

/* Remembers what could not be read first. */
static void keep_bad(examine_stream *e, examine_row trouble, const row *r) {
    const examine_field f = trouble == EXAMINE_ROW_TIME    ? r->timestamp
                            : trouble == EXAMINE_ROW_VALUE ? r->value
                                                           : r->key;
    const size_t n = f.n < sizeof e->bad ? f.n : sizeof e->bad - 1;
    for (size_t i = 0; i < n; i++)
        e->bad[i] = (unsigned char)f.text[i] < 0x20 || f.text[i] == 0x7f ? '?' : f.text[i];
    e->bad[n] = '\0';
}

/* Digits behind the point of a plain number. */
static int digits_of(examine_field f) {
    const char *point = memchr(f.text, '.', f.n);
    return point == NULL ? 0 : (int)(f.text + f.n - point) - 1;
}

/* Days of a spreadsheet would be taken for seconds: asked about until two times have been seen. */
static int ask_about_sheet(examine_stream *e, const row *r) {
    const bool first = e->counts.read == 1;
    if (first) e->first_s = r->time, e->first_digits = digits_of(r->timestamp);
    const bool same = !first && r->time == e->first_s;
    if (!record_stamp_is_sheet(e->first_s, e->first_digits, r->time)) {
        e->clock_known = !first && !same;
        return 0;
    }
    snprintf(
        e->why, sizeof e->why,
        "times such as %.10g look like days of a spreadsheet (line %llu): write (days - %.10g) "
        "* 86400, which is seconds since 1970, or format them as 2026-11-21 18:30:00",
        e->first_s, (unsigned long long)e->counts.lines, record_stamp_sheet_1970(e->first_s));
    return SIM_EPARSE;
}

static int examine_one_row(examine_stream *e, const examine_field *fields, size_t n) {
    row r;
    int error = 0;
    examine_verdict v = {0};
    const examine_row trouble = read_row(e, fields, n, &r, &error);
    if (error != 0) return error;
    if (trouble != EXAMINE_ROWS) {
        if (e->counts.read == 0 && e->counts.unread++ == 0) keep_bad(e, trouble, &r);
        note(e, trouble);
    } else {
        e->counts.read++;
        if (!e->clock_known) error = ask_about_sheet(e, &r);
        if (error != 0) return error;
        if (r.time < r.series->last_time) note(e, EXAMINE_ROW_BACKWARDS);
        r.series->last_time = r.time;
        v = examine_detector_step(&r.series->detector, r.time, r.number);
    }
    answer(e, &r, &v);
    return 0;
}

static bool is_empty(const char *line, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') return false;
    return true;
}

static bool is_blank(const examine_field *fields, size_t n) {
    return n == 1 && fields[0].n == 0;
}

/* What is no text at all says so in its first line. */
static int look_at_kind(examine_stream *e, size_t n) {
    const record_kind *kind = record_kind_of(e->line, n < sizeof e->line ? n : sizeof e->line);
    if (kind == NULL) return 0;
    snprintf(e->why, sizeof e->why, "%s, which is not read: %s", kind->name, kind->remedy);
    return SIM_EPARSE;
}

/* e->line holds a whole line. */
static int take_line(examine_stream *e) {
    examine_field fields[EXAMINE_STREAM_FIELDS_MAX];
    char *line = e->line;
    size_t n = e->line_bytes;
    const bool too_long = n > EXAMINE_STREAM_LINE_MAX;
    e->line_bytes = 0;
    if (e->counts.lines++ == 0 && look_at_kind(e, n) != 0) return SIM_EPARSE;
    if (too_long) {
        const row nothing = {{"", 0}, {"", 0}, {"", 0}, 0, 0, NULL};
        note(e, EXAMINE_ROW_LONG);
        if (e->begun) answer(e, &nothing, &(examine_verdict){0});
        return 0;
    }
    /* byte order mark */
    if (e->counts.lines == 1 && n >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
        line += 3;
        n -= 3;
    }
    size_t count = EXAMINE_STREAM_FIELDS_MAX;
    if (e->begun) count = examine_csv_split(line, n, e->separator, fields, count);
    if (e->begun) return is_blank(fields, count) ? 0 : examine_one_row(e, fields, count);
    if (is_empty(line, n)) return 0;
    const int error = begin(e, line, n, fields, &count);
    return error == 0 && e->counts.headless ? examine_one_row(e, fields, count) : error;
}

static bool has_room(const examine_stream *e) {
    return e->output_bytes + ROW_BYTES_MAX <= OUTPUT_BYTES;
}

/* Adds the bytes up to a line end to the line; what is too long is dropped, not kept. */
static void gather(examine_stream *e, const char *bytes, size_t n) {
    const size_t room = e->line_bytes < sizeof e->line ? sizeof e->line - e->line_bytes : 0;
    if (room > 0) memcpy(e->line + e->line_bytes, bytes, n < room ? n : room);
    e->line_bytes = n <= room ? e->line_bytes + n : EXAMINE_STREAM_LINE_MAX + 1;
}

int examine_stream_push(examine_stream *e, const char *bytes, size_t n, size_t *taken) {
    *taken = 0;
    while (*taken < n && has_room(e)) {
        const char *from = bytes + *taken, *end = memchr(from, '\n', n - *taken);
        gather(e, from, end == NULL ? n - *taken : (size_t)(end - from));
        *taken = end == NULL ? n : (size_t)(end - bytes) + 1;
        if (end == NULL) break;
        const int error = take_line(e);
        if (error != 0) return error;
    }
    return 0;
}

/* Rows, and not one that could be read: what was wrong with the first. */
static int nothing_read(examine_stream *e) {
    size_t first = 0;
    while (e->counts.trouble[first] == 0) first++;
    for (size_t i = first + 1; i < EXAMINE_ROWS; i++)
        if (e->counts.trouble[i] > 0 && e->counts.first_line[i] < e->counts.first_line[first])
            first = i;
    snprintf(e->why, sizeof e->why, "not one of %llu rows could be read (line %llu, \"%s\"): %s%s",
             (unsigned long long)e->counts.unread, (unsigned long long)e->counts.first_line[first],
             e->bad, examine_row_text((examine_row)first),
             first == EXAMINE_ROW_TIME    ? ": write seconds since 1970 (or ms, us, ns), or "
                                            "2026-11-21T18:30:00Z"
             : first == EXAMINE_ROW_VALUE ? ": write a number, or name another column with --value"
                                          : ": mend the file");
    return SIM_EPARSE;
}

int examine_stream_end(examine_stream *e) {
    const int error = e->line_bytes == 0 ? 0 : take_line(e);
    return error == 0 && e->counts.read == 0 && e->counts.unread > 0 ? nothing_read(e) : error;
}

const char *examine_stream_output(const examine_stream *e, size_t *n) {
    *n = e->output_bytes;
    return e->output;
}

void examine_stream_drop(examine_stream *e) {
    e->output_bytes = 0;
}

const char *examine_stream_why(const examine_stream *e) {
    return e->why;
}

const examine_stream_counts *examine_stream_count(const examine_stream *e) {
    return &e->counts;
}
