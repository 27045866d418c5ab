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
    sim_map by_key;
    series **all; /* counts.series of them */
    size_t room;
    /* so far; more than EXAMINE_STREAM_LINE_MAX: too long, the rest is dropped */
    size_t line_bytes;
    size_t output_bytes;
    char why[WHY_BYTES];
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

static bool is_data(const columns *c, const examine_field *fields, size_t n) {
    double ignored;
    return c->timestamp < n && c->value < n && examine_csv_time(fields[c->timestamp], &ignored) &&
           examine_csv_number(fields[c->value], &ignored);
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

/* The first line: a header, or data that comes without one (*data). */
static int begin(examine_stream *e, const examine_field *fields, size_t n, bool *data) {
    const examine_stream_settings *s = &e->settings;
    columns usual = {usual_column(s->timestamp, "timestamp", 0), usual_column(s->value, "value", 1),
                     s->key == NULL ? COLUMN_NONE : usual_column(s->key, NULL, 2)};
    *data = is_data(&usual, fields, n) && (s->key == NULL || usual.key < n);
    if (*data) {
        e->columns = usual;
        e->counts.headless = true;
    } else {
        e->columns =
            (columns){find_column(fields, n, s->timestamp), find_column(fields, n, s->value),
                      s->key == NULL ? COLUMN_NONE : find_column(fields, n, s->key)};
        if (e->columns.timestamp >= n) return lacks(e, s->timestamp, fields, n);
        if (e->columns.value >= n) return lacks(e, s->value, fields, n);
        if (s->key != NULL && e->columns.key >= n) return lacks(e, s->key, fields, n);
    }
    e->begun = true;
    put_header(e);
    return 0;
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
    if (!examine_csv_number(r->value, &r->number)) return EXAMINE_ROW_VALUE;
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

static int examine_one_row(examine_stream *e, const examine_field *fields, size_t n) {
    row r;
    int error = 0;
    examine_verdict v = {0};
    const examine_row trouble = read_row(e, fields, n, &r, &error);
    if (error != 0) return error;
    if (trouble != EXAMINE_ROWS) {
        note(e, trouble);
    } else {
        if (r.time < r.series->last_time) note(e, EXAMINE_ROW_BACKWARDS);
        r.series->last_time = r.time;
        v = examine_detector_step(&r.series->detector, r.time, r.number);
    }
    answer(e, &r, &v);
    return 0;
}

static bool is_blank(const examine_field *fields, size_t n) {
    return n == 1 && fields[0].n == 0;
}

/* e->line holds a whole line. */
static int take_line(examine_stream *e) {
    examine_field fields[EXAMINE_STREAM_FIELDS_MAX];
    char *line = e->line;
    size_t n = e->line_bytes;
    const bool too_long = n > EXAMINE_STREAM_LINE_MAX;
    e->counts.lines++;
    e->line_bytes = 0;
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
    const size_t count = examine_csv_split(line, n, fields, EXAMINE_STREAM_FIELDS_MAX);
    if (is_blank(fields, count)) return 0;
    bool data = true;
    if (!e->begun) {
        const int error = begin(e, fields, count, &data);
        if (error != 0) return error;
    }
    return data ? examine_one_row(e, fields, count) : 0;
}

static bool has_room(const examine_stream *e) {
    return e->output_bytes + ROW_BYTES_MAX <= OUTPUT_BYTES;
}

/* Adds the bytes up to a line end to the line; what is too long is dropped, not kept. */
static void gather(examine_stream *e, const char *bytes, size_t n) {
    if (e->line_bytes + n > EXAMINE_STREAM_LINE_MAX) {
        e->line_bytes = EXAMINE_STREAM_LINE_MAX + 1;
        return;
    }
    memcpy(e->line + e->line_bytes, bytes, n);
    e->line_bytes += n;
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

int examine_stream_end(examine_stream *e) {
    return e->line_bytes == 0 ? 0 : take_line(e);
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
