/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/json_read.h - JSON that somebody else wrote: bounded in size and depth, no member
 * twice, and a line with the place when it is none. The only reader of JSON; not for two threads at
 * once. */
#ifndef SIM_RECORD_JSON_READ_H
#define SIM_RECORD_JSON_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/core/error.h"

enum {
    RECORD_JSON_DEPTH_MAX = 24,
    RECORD_JSON_BYTES_MAX = 16 << 20,
    RECORD_JSON_WHY_MAX = 512 /* room for `why` */
};

/* The value in `text`; free with json_decref. SIM_EPARSE, SIM_ENOMEM; then `why` has a line that
 * names `name`, the line and the column, and leaves what to do to the caller. */
SIM_MUST_USE int record_json_parse(const char *text, size_t size, const char *name, json_t **out,
                                   char *why);
/* The same of what is left of an open file, at most `most` bytes; of a file by its path. SIM_EIO
 * besides. */
SIM_MUST_USE int record_json_read(FILE *file, const char *name, size_t most, json_t **out,
                                  char *why);
SIM_MUST_USE int record_json_file(const char *path, size_t most, json_t **out, char *why);

/* Of an object, whatever it may hold: text "" and number NAN when there is none of that type under
 * the key. */
const char *record_json_text(const json_t *object, const char *key);
/* The same text, but NULL when there is none. */
const char *record_json_text_of(const json_t *object, const char *key);
double record_json_number(const json_t *object, const char *key);
/* Whether a list of texts under the key has this one. */
bool record_json_lists(const json_t *object, const char *key, const char *text);

#endif
