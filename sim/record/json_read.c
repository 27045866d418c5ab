/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/json_read.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/record/text.h"

enum { NAME_SHOWN = 160, CHUNK = 65536 };

static int complain(char *why, int error, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "NAME: what". */
static int complain(char *why, int error, const char *name, const char *format, ...) {
    char shown[NAME_SHOWN], what[RECORD_JSON_WHY_MAX - NAME_SHOWN - 2], line[sizeof what];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(what, sizeof what, format, values);
    va_end(values);
    (void)snprintf(why, RECORD_JSON_WHY_MAX, "%s: %s", record_text_line(name, shown, sizeof shown),
                   record_text_line(what, line, sizeof line));
    return error;
}

typedef struct place {
    size_t line, column;
} place;

/* Where brackets go deeper than they may; false when they do not. What is in quotes does not count.
 */
static bool too_deep(const char *text, size_t size, place *at) {
    size_t depth = 0;
    bool quoted = false;
    *at = (place){1, 0};
    for (size_t i = 0; i < size; i++) {
        at->column++;
        if (text[i] == '\n') *at = (place){at->line + 1, 0};
        if (quoted && text[i] == '\\') {
            i++;
            at->column++;
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && (text[i] == '{' || text[i] == '[')) {
            if (++depth > RECORD_JSON_DEPTH_MAX) return true;
        } else if (!quoted && (text[i] == '}' || text[i] == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

/* jansson 2.14 tells a lack of memory in its reader as an error of syntax, or not at all: what it
 * then gives is not what stands in the file. */
static json_t *load(const char *text, size_t size, json_error_t *error, bool *short_of_memory) {
    const uint64_t before = sim_heap_refusals();
    json_set_alloc_funcs(sim_malloc, sim_free);
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES, error);
    *short_of_memory = sim_heap_refusals() != before;
    if (!*short_of_memory) return value;
    json_decref(value);
    return NULL;
}

int record_json_parse(const char *text, size_t size, const char *name, json_t **out, char *why) {
    place at;
    json_error_t error;
    bool short_of_memory;
    *out = NULL;
    if (too_deep(text, size, &at))
        return complain(why, SIM_EPARSE, name, "line %zu, column %zu: nested deeper than %d",
                        at.line, at.column, RECORD_JSON_DEPTH_MAX);
    *out = load(text, size, &error, &short_of_memory);
    if (*out != NULL) return 0;
    if (short_of_memory) return complain(why, SIM_ENOMEM, name, "out of memory");
    return complain(why, SIM_EPARSE, name, "line %d, column %d: %s", error.line, error.column,
                    error.text);
}

/* The whole of an open file on the heap. SIM_ERANGE when it is larger than `most`. */
static int read_all(FILE *file, size_t most, char **text, size_t *size) {
    size_t room = 0;
    for (*size = 0; *size <= most; *size += fread(*text + *size, 1, room - *size, file)) {
        if (ferror(file)) return SIM_EIO;
        if (feof(file)) return 0;
        if (*size < room) continue;
        char *more = sim_realloc(*text, room + CHUNK);
        if (more == NULL) return SIM_ENOMEM;
        *text = more;
        room += CHUNK;
    }
    return SIM_ERANGE;
}

int record_json_read(FILE *file, const char *name, size_t most, json_t **out, char *why) {
    char *text = NULL;
    size_t size = 0;
    *out = NULL;
    int error = read_all(file, most, &text, &size);
    if (error == 0)
        error = record_json_parse(text, size, name, out, why);
    else if (error == SIM_ERANGE)
        error = complain(why, SIM_EPARSE, name, "larger than %zu bytes", most);
    else
        (void)complain(why, error, name, "%s",
                       error == SIM_EIO ? strerror(errno) : "out of memory");
    sim_free(text);
    return error;
}

int record_json_file(const char *path, size_t most, json_t **out, char *why) {
    *out = NULL;
    FILE *file = fopen(path, "re");
    if (file == NULL) return complain(why, SIM_EIO, path, "%s", strerror(errno));
    int error = record_json_read(file, path, most, out, why);
    fclose(file);
    return error;
}

const char *record_json_text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

const char *record_json_text(const json_t *object, const char *key) {
    const char *text = record_json_text_of(object, key);
    return text != NULL ? text : "";
}

double record_json_number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

bool record_json_lists(const json_t *object, const char *key, const char *text) {
    const json_t *all = json_object_get(object, key);
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *one = json_string_value(json_array_get(all, i));
        if (one != NULL && strcmp(one, text) == 0) return true;
    }
    return false;
}
