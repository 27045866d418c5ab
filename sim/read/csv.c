/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV with a header: attempts.csv of ours, and any other by a map of its columns (RFC 4180, but a
 * field holds no line break; separators are comma, semicolon or tab). */
#include <string.h>

#include "sim/read/rows.h"
#include "sim/record/csv.h"

enum { FIELDS_MAX = 256, OUR_NUMBER = 4, OUR_FIELDS = 7 };

static const read_columns ours = {.time = "time_s",
                                  .device = "device",
                                  .home = "home",
                                  .trigger = "trigger",
                                  .outcome = "outcome",
                                  .latency = "latency_s"};
static const char our_head[] = "time_s,device,home,trigger,attempt,outcome,latency_s";

typedef struct table {
    read_rows rows;
    char separator;
    int column[READ_COLUMNS]; /* -1: there is none */
    char *field[FIELDS_MAX];
    int fields;
} table;

bool read_looks_like_attempts(const char *head) {
    return strncmp(head, our_head, sizeof our_head - 1) == 0;
}

static bool split(table *t, char *line) {
    t->fields = 0;
    for (char *at = line; at != NULL;)
        if (t->fields == FIELDS_MAX || !record_csv_take(&at, t->separator, &t->field[t->fields++]))
            return false;
    return true;
}

static char separator_of(const char *head) {
    static const char separators[] = ",;\t";
    char best = ',';
    size_t most = 0;
    for (const char *s = separators; *s != '\0'; s++) {
        size_t n = 0;
        for (const char *at = head; *at != '\0'; at++) n += *at == *s;
        if (n <= most) continue;
        most = n;
        best = *s;
    }
    return best;
}

static bool find_column(table *t, read_column c, const char *name, char *why) {
    t->column[c] = -1;
    if (name == NULL) return true;
    for (int i = 0; i < t->fields; i++)
        if (strcmp(t->field[i], name) == 0) t->column[c] = i;
    if (t->column[c] >= 0) return true;
    if (t->fields == 1)
        snprintf(why, READ_WHY_MAX,
                 "no column %.60s in its first line, which has one: %.60s; what parts columns is a "
                 "comma, a semicolon or a tab",
                 name, t->field[0]);
    else
        snprintf(why, READ_WHY_MAX, "no column %.60s in its first line: it has %.60s, %.60s, ...",
                 name, t->field[0], t->field[1]);
    return false;
}

static bool find_columns(table *t, char *why) {
    const read_columns *c = t->rows.columns;
    if (read_column_name(c, READ_TIME) == NULL || read_column_name(c, READ_DEVICE) == NULL) {
        snprintf(why, READ_WHY_MAX,
                 "which columns hold time and device: say --columns time=NAME,device=NAME");
        return false;
    }
    for (int i = 0; i < READ_COLUMNS; i++)
        if (!find_column(t, (read_column)i, read_column_name(c, (read_column)i), why)) return false;
    return true;
}

/* Of one of ours: the number of the attempt. */
static bool take_number(const table *t, uint32_t *number) {
    return t->fields == OUR_FIELDS && read_whole_number(t->field[OUR_NUMBER], number);
}

static int take_row(table *t) {
    read_row row = {.number = 0};
    for (int c = 0; c < READ_COLUMNS; c++) {
        int i = t->column[c];
        if (i >= 0 && i < t->fields) row.value[c] = t->field[i];
    }
    if (t->rows.is_ours && !take_number(t, &row.number)) {
        read_warn(t->rows.log, READ_WARNING_MALFORMED, t->rows.line);
        return 0;
    }
    return read_rows_take(&t->rows, &row);
}

static int take_rows(table *t, read_lines *lines) {
    int error = 0;
    for (char *line; error == 0 && (line = read_lines_next(lines, t->rows.log)) != NULL;) {
        t->rows.line = lines->number;
        if (*line == '\0') continue;
        if (split(t, line))
            error = take_row(t);
        else
            read_warn(t->rows.log, READ_WARNING_MALFORMED, lines->number);
    }
    return error;
}

/* Spreadsheets write what parts the columns in front of the header: "sep=;". */
static bool is_separator(const char *line) {
    return strncmp(line, "sep=", 4) == 0 && line[4] != '\0' && strchr(",;\t", line[4]) != NULL &&
           line[5] == '\0';
}

static int take_head(table *t, read_lines *lines, char *why) {
    char *line = read_lines_next(lines, t->rows.log);
    const char said = line != NULL && is_separator(line) ? line[4] : '\0';
    if (said != '\0') line = read_lines_next(lines, t->rows.log);
    if (line == NULL || *line == '\0') {
        snprintf(why, READ_WHY_MAX,
                 "no header in its first line: put the names of the columns there");
        return SIM_EPARSE;
    }
    if (t->rows.is_ours && strcmp(line, our_head) != 0) {
        snprintf(why, READ_WHY_MAX, "not attempts.csv: its first line must be %s", our_head);
        return SIM_EPARSE;
    }
    t->separator = said != '\0' ? said : separator_of(line);
    if (!split(t, line)) {
        snprintf(why, READ_WHY_MAX, "a header of more than %d columns, or with an open quote",
                 FIELDS_MAX);
        return SIM_EPARSE;
    }
    return find_columns(t, why) ? 0 : SIM_EPARSE;
}

int read_csv(FILE *file, const read_options *o, read_log *log, char *why) {
    bool is_ours = log->format == READ_FORMAT_ATTEMPTS;
    table t = {.separator = ','};
    read_lines lines;
    read_rows_init(&t.rows, log, is_ours ? &ours : &o->columns);
    t.rows.is_ours = is_ours;
    int error = read_lines_init(&lines, file);
    if (error == 0) error = take_head(&t, &lines, why);
    if (error == 0) error = take_rows(&t, &lines);
    if (error == 0) error = read_rows_end(&t.rows, why);
    read_lines_deinit(&lines);
    return error;
}
