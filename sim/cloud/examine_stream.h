/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/examine_stream.h - CSV in, CSV out: "timestamp,value" becomes "timestamp,value,score,alarm", for any number of
 * interleaved series told apart by a key column ("timestamp,value,score,alarm,key"). Bytes are pushed in as they come, finished
 * lines taken out; no input or output of its own.
 *
 * Input: RFC 4180 fields (quotes, CRLF), a header with the columns in any order or none (then the columns are timestamp, value,
 * key in this order), timestamps as RFC 3339, "YYYY-MM-DD HH:MM:SS" (taken as UTC) or seconds since 1970. A row that cannot be scored is answered with an
 * empty score and no alarm, counted by its trouble, and the first of each kind remembered. Every row is answered, in order.
 *
 * Memory: a fixed part, and CLOUD_SERIES_BYTES for each series up to the bound; rows of series beyond it are not scored. */
#ifndef SIM_CLOUD_EXAMINE_STREAM_H
#define SIM_CLOUD_EXAMINE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/cloud/detector.h"
#include "sim/core/error.h"

enum {
    CLOUD_EXAMINE_LINE_MAX = 4096, /* bytes of a line */
    CLOUD_EXAMINE_FIELDS_MAX = 64, /* columns looked at */
    CLOUD_EXAMINE_FIELD_MAX = 64,  /* bytes of a timestamp or a value */
    CLOUD_EXAMINE_KEY_MAX = 128,   /* bytes of a key */
    CLOUD_EXAMINE_SERIES_DEFAULT = 100000,
    CLOUD_SERIES_BYTES = 8448 /* of memory for a series with its key */
};

/* Why a row was not scored, with the sentence for a person. */
#define CLOUD_ROW_MAP(X)                                     \
    X(LONG, "the line is longer than 4096 bytes")            \
    X(FIELDS, "the line lacks a column")                     \
    X(TIME, "the timestamp cannot be read")                  \
    X(VALUE, "the value is no finite number")                \
    X(KEY, "the key is empty or longer than 128 bytes")      \
    X(SERIES, "there are more series than the bound allows") \
    X(BACKWARDS, "the time runs backwards (scored all the same)")

typedef enum cloud_row {
#define CLOUD_ROW_ENUM(name, text) CLOUD_ROW_##name,
    CLOUD_ROW_MAP(CLOUD_ROW_ENUM)
#undef CLOUD_ROW_ENUM
        CLOUD_ROWS
} cloud_row;
const char *cloud_row_text(cloud_row trouble);

typedef struct cloud_examine_settings {
    const char *timestamp, *value; /* column names, or their numbers from 1; NULL: "timestamp", "value" */
    const char *key;               /* the same; NULL: one series */
    uint32_t series_max;           /* bound of series; 0: the default */
    const cloud_detector_settings *detector; /* NULL: the default */
} cloud_examine_settings;

typedef struct cloud_examine_counts {
    uint64_t lines, scored, alarms;
    uint64_t trouble[CLOUD_ROWS], first_line[CLOUD_ROWS]; /* per trouble: rows, and the line of the first */
    uint32_t series;
    bool headless; /* the first line was data */
} cloud_examine_counts;

typedef struct cloud_examine cloud_examine;

/* The strings of `settings` are borrowed. NULL: out of memory. */
cloud_examine *cloud_examine_new(const cloud_examine_settings *settings);
void cloud_examine_free(cloud_examine *e);

/* Takes bytes until they end or the output is full; *taken of them are done with. 0; SIM_EPARSE: the header lacks a column (cloud_examine_why says which);
 * SIM_ENOMEM: no memory for another series; the row is lost. After an error only free is allowed. The output must be
 * empty enough: push takes nothing when it is not. */
SIM_MUST_USE int cloud_examine_push(cloud_examine *e, const char *bytes, size_t n, size_t *taken);

/* No more bytes will come: a last line without its end is a line. Drop the output before. As push. */
SIM_MUST_USE int cloud_examine_end(cloud_examine *e);

/* Finished output: *n bytes that stay until cloud_examine_drop. */
const char *cloud_examine_output(const cloud_examine *e, size_t *n);
void cloud_examine_drop(cloud_examine *e);

const char *cloud_examine_why(const cloud_examine *e); /* "" without an error */
const cloud_examine_counts *cloud_examine_count(const cloud_examine *e);

#endif
