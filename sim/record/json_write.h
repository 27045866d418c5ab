/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/json_write.h - what all writers of JSON share: a tree of jansson's that is built with
 * one error for all, and printed. */
#ifndef SIM_RECORD_JSON_WRITE_H
#define SIM_RECORD_JSON_WRITE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/core/error.h"

/* Everything is added through these: the first failure is kept, and the rest does nothing. All 0 is
 * a writer; afterwards `error` is 0, SIM_ENOMEM or SIM_ERANGE. */
typedef struct record_json_writer {
    int error;
} record_json_writer;

/* Takes over `value`, which is NULL when memory ran out. */
void record_json_set(record_json_writer *w, json_t *object, const char *key, json_t *value);
void record_json_append(record_json_writer *w, json_t *array, json_t *value);

/* Values for them. Foreign text becomes valid UTF-8, NULL and what is not finite become null. */
json_t *record_json_string(const char *value);
json_t *record_json_real(double value);
/* SIM_ERANGE in the writer, and NULL, above INT64_MAX. */
json_t *record_json_count(record_json_writer *w, uint64_t value);

/* Prints `value` with jansson's `flags`; with `open_end` without its last two bytes, "\n}", because
 * another member follows. SIM_ENOMEM, SIM_EIO (see errno). */
SIM_MUST_USE int record_json_dump(FILE *file, const json_t *value, bool open_end, size_t flags);

#endif
