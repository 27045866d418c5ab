/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/json_private.h - what the writers of JSON in this folder share: a tree of jansson's
 * that is built with one error for all, and printed. */
#ifndef SIM_REPORT_JSON_PRIVATE_H
#define SIM_REPORT_JSON_PRIVATE_H

#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "sim/core/error.h"
#include "sim/core/heap.h"
#include "sim/report/json_read.h"
#include "sim/report/record.h"
#include "sim/report/text.h"

/* 15 digits: every decimal number of that length comes back as it was, and 0.1 is printed as 0.1.
 */
#define REPORT_JSON_DIGITS JSON_REAL_PRECISION(15)

/* Everything is added through these: the first failure is kept, and the rest does nothing. */
typedef struct report_json_writer {
    int error;
} report_json_writer;

/* Takes over `value`, which is NULL when memory ran out. */
static inline void report_json_set(report_json_writer *w, json_t *object, const char *key,
                                   json_t *value) {
    if (w->error != 0)
        json_decref(value);
    else if (json_object_set_new_nocheck(object, key, value) != 0)
        w->error = SIM_ENOMEM;
}

static inline void report_json_append(report_json_writer *w, json_t *array, json_t *value) {
    if (w->error != 0)
        json_decref(value);
    else if (json_array_append_new(array, value) != 0)
        w->error = SIM_ENOMEM;
}

static inline json_t *report_json_string(const char *value) {
    if (value == NULL) return json_null();
    char *clean = report_text_utf8(value);
    json_t *string = clean != NULL ? json_string_nocheck(clean) : NULL;
    sim_free(clean);
    return string;
}

static inline json_t *report_json_real(double value) {
    return isfinite(value) ? json_real(value == 0 ? 0 : value) : json_null(); /* no "-0.0" */
}

static inline json_t *report_json_count(report_json_writer *w, uint64_t value) {
    if (value <= INT64_MAX) return json_integer((json_int_t)value);
    if (w->error == 0) w->error = SIM_ERANGE;
    return NULL;
}

/* Where jansson prints to. json_dumps would do, but 2.14 loses a failure of its own string buffer
 * and then gives half an object. */
typedef struct report_json_sink {
    FILE *file;
    bool open_end; /* keep the last two bytes, "\n}", back: another member follows */
    char kept[2];
    size_t have;
} report_json_sink;

static inline int report_json_put(const char *bytes, size_t count, void *context) {
    report_json_sink *s = context;
    for (size_t i = 0; i < count; i++) {
        char out = bytes[i];
        if (s->open_end) {
            out = s->kept[0];
            s->kept[0] = s->kept[1];
            s->kept[1] = bytes[i];
            if (s->have++ < sizeof s->kept) continue;
        }
        if (fputc(out, s->file) == EOF) return -1;
    }
    return 0;
}

/* jansson does not say why it stopped: when the file is in order, memory ran out. */
static inline int report_json_dump(FILE *file, const json_t *value, bool open_end, size_t flags) {
    report_json_sink s = {.file = file, .open_end = open_end};
    if (json_dump_callback(value, report_json_put, &s, flags | REPORT_JSON_DIGITS) == 0) return 0;
    return ferror(file) ? SIM_EIO : SIM_ENOMEM;
}

/* The text that an object has under a key, whatever else it may hold: NULL when there is none. */
static inline const char *report_json_text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

/* summary_json.c: all of summary.json but its machine, as a tree; free with json_decref. */
SIM_MUST_USE int report_summary_tree(const report_run *run, uint64_t attempts, uint64_t seconds,
                                     json_t **out);

#endif
