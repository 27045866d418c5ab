/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/json_write.h"

#include <math.h>

#include "sim/core/heap.h"
#include "sim/record/text.h"

/* 15 digits: every decimal number of that length comes back as it was, and 0.1 is printed as 0.1.
 */
#define DIGITS JSON_REAL_PRECISION(15)

void record_json_set(record_json_writer *w, json_t *object, const char *key, json_t *value) {
    if (w->error != 0)
        json_decref(value);
    else if (json_object_set_new_nocheck(object, key, value) != 0)
        w->error = SIM_ENOMEM;
}

void record_json_append(record_json_writer *w, json_t *array, json_t *value) {
    if (w->error != 0)
        json_decref(value);
    else if (json_array_append_new(array, value) != 0)
        w->error = SIM_ENOMEM;
}

json_t *record_json_string(const char *value) {
    if (value == NULL) return json_null();
    char *clean = record_text_utf8(value);
    json_t *string = clean != NULL ? json_string_nocheck(clean) : NULL;
    sim_free(clean);
    return string;
}

json_t *record_json_real(double value) {
    return isfinite(value) ? json_real(value == 0 ? 0 : value) : json_null(); /* no "-0.0" */
}

json_t *record_json_count(record_json_writer *w, uint64_t value) {
    if (value <= INT64_MAX) return json_integer((json_int_t)value);
    if (w->error == 0) w->error = SIM_ERANGE;
    return NULL;
}

/* Where jansson prints to. json_dumps would do, but 2.14 loses a failure of its own string buffer
 * and then gives half an object. */
typedef struct sink {
    FILE *file;
    bool open_end; /* keep the last two bytes, "\n}", back: another member follows */
    char kept[2];
    size_t have;
} sink;

static int put(const char *bytes, size_t count, void *context) {
    sink *s = context;
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
int record_json_dump(FILE *file, const json_t *value, bool open_end, size_t flags) {
    sink s = {.file = file, .open_end = open_end};
    if (json_dump_callback(value, put, &s, flags | DIGITS) == 0) return 0;
    return ferror(file) ? SIM_EIO : SIM_ENOMEM;
}
