/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/json_read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/core/heap.h"
#include "sim/report/text.h"

enum { NAME_SHOWN = 160, CHUNK = 65536 };

static int complain(char *why, int error, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "NAME: what". */
static int complain(char *why, int error, const char *name, const char *format, ...) {
    char shown[NAME_SHOWN], what[REPORT_JSON_WHY_MAX - NAME_SHOWN - 2], line[sizeof what];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(what, sizeof what, format, values);
    va_end(values);
    (void)snprintf(why, REPORT_JSON_WHY_MAX, "%s: %s", report_text_line(name, shown, sizeof shown),
                   report_text_line(what, line, sizeof line));
    return error;
}

typedef struct place {
    size_t line, column;
} place;

/* Where brackets go deeper than they may; false when they do not. What is in quotes does not count. */
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
            if (++depth > REPORT_JSON_DEPTH_MAX) return true;
        } else if (!quoted && (text[i] == '}' || text[i] == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

int report_json_parse(const char *text, size_t size, const char *name, json_t **out, char *why) {
    place at;
    json_error_t error;
    *out = NULL;
    if (too_deep(text, size, &at))
        return complain(why, SIM_EPARSE, name, "line %zu, column %zu: nested deeper than %d; make it flatter",
                        at.line, at.column, REPORT_JSON_DEPTH_MAX);
    json_set_alloc_funcs(sim_malloc, sim_free);
    *out = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (*out != NULL) return 0;
    if (json_error_code(&error) == json_error_out_of_memory)
        return complain(why, SIM_ENOMEM, name, "out of memory; free some and try again");
    return complain(why, SIM_EPARSE, name, "line %d, column %d: %s; mend it there", error.line, error.column,
                    error.text);
}

/* The whole of an open file on the heap. SIM_ERANGE when it is larger than `most`. */
static int read_all(int fd, size_t most, char **text, size_t *size) {
    size_t room = 0;
    ssize_t n = 1;
    *size = 0;
    while (n > 0 && *size <= most) {
        if (*size == room) {
            char *more = sim_realloc(*text, room + CHUNK);
            if (more == NULL) return SIM_ENOMEM;
            *text = more;
            room += CHUNK;
        }
        n = read(fd, *text + *size, room - *size);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            *size += (size_t)n;
    }
    if (n < 0) return SIM_EIO;
    return *size > most ? SIM_ERANGE : 0;
}

static int parse_open(int fd, const char *path, size_t most, json_t **out, char *why) {
    char *text = NULL;
    size_t size = 0;
    int error = read_all(fd, most, &text, &size);
    if (error == 0)
        error = report_json_parse(text, size, path, out, why);
    else if (error == SIM_ERANGE)
        error = complain(why, SIM_EPARSE, path, "larger than %zu bytes; give the file that is meant", most);
    else if (error == SIM_EIO)
        (void)complain(why, error, path, "%s; give a file that can be read", strerror(errno));
    else
        (void)complain(why, error, path, "out of memory; free some and try again");
    sim_free(text);
    return error;
}

int report_json_file(const char *path, size_t most, json_t **out, char *why) {
    *out = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return complain(why, SIM_EIO, path, "%s; give a file that can be read", strerror(errno));
    int error = parse_open(fd, path, most, out, why);
    close(fd);
    return error;
}

int report_summary_file(const char *folder, json_t **out, char *why) {
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/summary.json", folder);
    *out = NULL;
    if (n < 0 || (size_t)n >= sizeof path) return complain(why, SIM_EIO, folder, "too long a name");
    int error = report_json_file(path, REPORT_JSON_BYTES_MAX, out, why);
    if (error != 0) return error;
    const char *schema = json_string_value(json_object_get(*out, "schema"));
    if (schema != NULL && strncmp(schema, "blackstart-summary-", strlen("blackstart-summary-")) == 0)
        return 0;
    json_decref(*out);
    *out = NULL;
    return complain(why, SIM_EPARSE, path,
                    "not a summary of ours; give a folder that `blackstart run` wrote");
}
