/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/examine/stream.h - CSV in, CSV out: "timestamp,value" becomes "timestamp,value,score,alarm",
 * for any number of interleaved series told apart by a key column
 * ("timestamp,value,score,alarm,key"). Bytes are pushed in as they come, finished lines taken out;
 * no input or output of its own.
 *
 * Input: RFC 4180 fields (quotes, CRLF) between commas, semicolons or tabs, a header with the
 * columns in any order or none (then the columns are timestamp, value, key in this order),
 * timestamps as sim/examine/csv.h reads them. Where no comma parts the fields, values may have one
 * for their point. A row that cannot be scored is answered with an empty score
 * and no alarm, counted by its trouble, and the first of each kind remembered. Every row is
 * answered, in order.
 *
 * Memory: a fixed part, and EXAMINE_SERIES_BYTES for each series up to the bound; rows of series
 * beyond it are not scored. */
#ifndef SIM_EXAMINE_STREAM_H
#define SIM_EXAMINE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/examine/detector.h"

enum {
    EXAMINE_STREAM_LINE_MAX = 4096, /* bytes of a line */
    EXAMINE_STREAM_FIELDS_MAX = 64, /* columns looked at */
    EXAMINE_STREAM_FIELD_MAX = 64,  /* bytes of a timestamp or a value */
    EXAMINE_STREAM_KEY_MAX = 128,   /* bytes of a key */
    EXAMINE_STREAM_SERIES_DEFAULT = 100000,
    EXAMINE_SERIES_BYTES = 8448 /* of memory for a series with its key */
};

/* Why a row was not scored, with the sentence for a person. */
#define EXAMINE_ROW_MAP(X)                                   \
    X(LONG, "the line is longer than 4096 bytes")            \
    X(FIELDS, "the line lacks a column")                     \
    X(TIME, "the timestamp cannot be read")                  \
    X(VALUE, "the value is no finite number")                \
    X(KEY, "the key is empty or longer than 128 bytes")      \
    X(SERIES, "there are more series than the bound allows") \
    X(BACKWARDS, "the time runs backwards (scored all the same)")

typedef enum examine_row {
#define EXAMINE_ROW_ENUM(name, text) EXAMINE_ROW_##name,
    EXAMINE_ROW_MAP(EXAMINE_ROW_ENUM)
#undef EXAMINE_ROW_ENUM
        EXAMINE_ROWS
} examine_row;
const char *examine_row_text(examine_row trouble);

typedef struct examine_stream_settings {
    /* column names, or their numbers from 1; NULL: "timestamp", "value" */
    const char *timestamp, *value;
    const char *key;                           /* the same; NULL: one series */
    uint32_t series_max;                       /* bound of series; 0: the default */
    const examine_detector_settings *detector; /* NULL: the default */
} examine_stream_settings;

typedef struct examine_stream_counts {
    uint64_t lines, scored, alarms;
    uint64_t read, unread; /* rows that could be read; those that could not before the first */
    /* per trouble: rows, and the line of the first */
    uint64_t trouble[EXAMINE_ROWS], first_line[EXAMINE_ROWS];
    uint32_t series;
    bool headless; /* the first line was data */
} examine_stream_counts;

typedef struct examine_stream examine_stream;

/* The strings of `settings` are borrowed. NULL: out of memory. */
examine_stream *examine_stream_new(const examine_stream_settings *settings);
void examine_stream_free(examine_stream *e);

/* Takes bytes until they end or the output is full; *taken of them are done with. 0; SIM_EPARSE:
 * the header lacks a column, it is no text, or its times are days of a spreadsheet
 * (examine_stream_why says which); SIM_ENOMEM: no memory for another
 * series; the row is lost. After an error only free is allowed. The output must be empty enough:
 * push takes nothing when it is not. */
SIM_MUST_USE int examine_stream_push(examine_stream *e, const char *bytes, size_t n, size_t *taken);

/* No more bytes will come: a last line without its end is a line. Drop the output before. As push;
 * SIM_EPARSE also when there were rows and not one could be read. */
SIM_MUST_USE int examine_stream_end(examine_stream *e);

/* Finished output: *n bytes that stay until examine_stream_drop. */
const char *examine_stream_output(const examine_stream *e, size_t *n);
void examine_stream_drop(examine_stream *e);

const char *examine_stream_why(const examine_stream *e); /* "" without an error */
const examine_stream_counts *examine_stream_count(const examine_stream *e);

#endif
