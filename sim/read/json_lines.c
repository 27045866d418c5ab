/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON lines by a map of their keys: an object a line, or several in a list, as platforms write the
 * life of a connection. What is no object with these keys is another's line. */
#include <string.h>

#include "sim/core/heap.h"
#include "sim/read/json.h"
#include "sim/read/rows.h"

typedef struct reader {
    read_rows rows;
    uint64_t objects;
    char value[READ_COLUMNS][READ_JSON_VALUE_MAX];
} reader;

/* EMQX tells what happened in the topic of its message; where only the message was kept, its
 * members do. */
static const char *event_by_members(const char *object) {
    char ignored[READ_JSON_VALUE_MAX];
    if (read_json_get(object, "disconnected_at", ignored)) return "disconnected";
    return read_json_get(object, "connected_at", ignored) ? "connected" : NULL;
}

static int take_object(reader *r, const char *object) {
    read_row row = {.number = 0};
    r->objects++;
    for (int c = 0; c < READ_COLUMNS; c++) {
        const char *path = read_column_name(r->rows.columns, (read_column)c);
        if (path != NULL && read_json_get(object, path, r->value[c])) row.value[c] = r->value[c];
    }
    if (read_column_name(r->rows.columns, READ_EVENT) == NULL)
        row.value[READ_EVENT] = event_by_members(object);
    return read_rows_take(&r->rows, &row);
}

/* The objects of a list, from behind its bracket on. */
static int take_list(reader *r, const char *at) {
    int error = 0;
    for (at += strspn(at, " \t"); error == 0 && at != NULL && *at == '{'; at = read_json_next(at))
        error = take_object(r, at);
    return error;
}

/* {"records": […]}, as Azure sends what happened in one piece. */
static const char *list_in(const char *object) {
    read_text key, value;
    const char *end = read_json_member(object, &key, &value);
    bool alone = end != NULL && *value.at == '[' && end[strspn(end, " \t")] == '}';
    return alone ? value.at + 1 : NULL;
}

static int take_line(reader *r, const char *line) {
    line += strspn(line, " \t");
    if (*line == '[') return take_list(r, line + 1);
    if (*line != '{') {
        read_warn(r->rows.log, READ_WARNING_OTHERS, r->rows.line);
        return 0;
    }
    const char *list = list_in(line);
    return list != NULL ? take_list(r, list) : take_object(r, line);
}

static bool is_mapped(const read_columns *c) {
    return read_column_name(c, READ_TIME) != NULL && read_column_name(c, READ_DEVICE) != NULL;
}

int read_json(FILE *file, const read_options *o, read_log *log, char *why) {
    reader *r = sim_calloc(1, sizeof *r);
    read_lines lines;
    if (r == NULL) return SIM_ENOMEM;
    read_rows_init(&r->rows, log, &o->columns);
    r->rows.json = true;
    int error = read_lines_init(&lines, file);
    if (error == 0 && !is_mapped(&o->columns)) {
        snprintf(why, READ_WHY_MAX,
                 "which keys hold time and device: say --json time=KEY,device=KEY,event=KEY");
        error = SIM_EPARSE;
    }
    for (const char *line; error == 0 && (line = read_lines_next(&lines, log)) != NULL;) {
        r->rows.line = lines.number;
        if (*line != '\0') error = take_line(r, line);
    }
    if (error == 0 && r->objects == 0) {
        snprintf(why, READ_WHY_MAX,
                 "no JSON object in a line of its own among %llu: write one a line, as jq -c does",
                 (unsigned long long)lines.number);
        error = SIM_EPARSE;
    }
    if (error == 0) error = read_rows_end(&r->rows, why);
    read_lines_deinit(&lines);
    sim_free(r);
    return error;
}
