/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/data.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/dialect.h"
#include "sim/core/heap.h"
#include "sim/record/csv.h"

struct cli_data {
    const char *path;
    char *text;     /* the file, taken apart in place */
    char **cells;   /* row by row, the header first */
    size_t rows;    /* without the header */
    size_t columns; /* of each */
    size_t taken;   /* by reports */
    bool per_request;
};

static cli_exit fail(const cli_data *d, size_t line, const char *what, const char *then,
                     cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_USAGE, "no table: %s (--data %.200s, line %zu): %s", what, d->path,
                    line, then);
}

/* ---- the file ---- */

static cli_exit read_text(cli_data *d, cli_trouble *t) {
    FILE *file = fopen(d->path, "rbe");
    if (file == NULL)
        return cli_fail(t, CLI_EXIT_USAGE, "cannot open the table: %s (--data %.200s): check it",
                        strerror(errno), d->path);
    size_t room = 1 << 16, n = 0;
    d->text = sim_malloc(room);
    while (d->text != NULL && n <= CLI_DATA_FILE_MAX) {
        size_t got = fread(d->text + n, 1, room - n - 1, file);
        n += got;
        if (got == 0) break;
        if (n + 1 < room) continue;
        char *more = sim_realloc(d->text, room *= 2);
        if (more == NULL) sim_free(d->text);
        d->text = more;
    }
    bool bad = ferror(file) != 0;
    (void)fclose(file);
    if (d->text == NULL)
        return cli_fail(t, CLI_EXIT_INTERNAL, "out of memory (--data %.200s): give a smaller table",
                        d->path);
    d->text[n] = '\0';
    if (bad)
        return cli_fail(t, CLI_EXIT_USAGE, "cannot read the table: %s (--data %.200s): check it",
                        strerror(errno), d->path);
    if (n > CLI_DATA_FILE_MAX)
        return fail(d, 1, "more than 64 MiB", "give fewer rows: they begin again", t);
    if (strlen(d->text) != n) return fail(d, 1, "a byte 0 in it", "give a text in UTF-8", t);
    return CLI_EXIT_PASS;
}

/* ---- its rows ---- */

/* The line at *at without its end; *at becomes the next. */
static char *take_line(char **at) {
    char *line = *at;
    size_t n = strcspn(line, "\n");
    *at = line + n + (line[n] == '\n' ? 1 : 0);
    if (n > 0 && line[n - 1] == '\r') line[n - 1] = '\0';
    line[n] = '\0';
    return line;
}

static bool is_skipped(const char *line) {
    return line[strspn(line, " \t")] == '\0' || line[0] == '#';
}

static size_t count_lines(const char *text) {
    size_t n = 1;
    for (; (text = strchr(text, '\n')) != NULL; text++) n++;
    return n;
}

static cli_exit check_column(const cli_data *d, size_t i, size_t line, cli_trouble *t) {
    const char *name = d->cells[i];
    if (name[0] == '\0' || name[strcspn(name, "${}")] != '\0')
        return fail(d, line, "a column without a name that can stand in ${NAME}", "name it", t);
    if (cli_dialect_has_word(name))
        return fail(d, line, "a column has the name of a word of dialects (docs/dialects.md)",
                    "call it something else", t);
    for (size_t k = 0; k < i; k++)
        if (strcmp(d->cells[k], name) == 0)
            return fail(d, line, "two columns have one name", "rename one", t);
    return CLI_EXIT_PASS;
}

/* Into the cells of row `row` (0: the header). */
static cli_exit take_row(cli_data *d, char *text, size_t row, size_t line, cli_trouble *t) {
    char *field;
    size_t n = 0;
    const size_t most = row == 0 ? CLI_DATA_COLUMNS_MAX : d->columns;
    if (strlen(text) > CLI_DATA_LINE_MAX)
        return fail(d, line, "a line of more than 4,096 bytes", "give shorter fields", t);
    for (char *at = text; at != NULL; n++) {
        if (n == most)
            return row == 0 ? fail(d, line, "more than 64 columns", "give fewer", t)
                            : fail(d, line, "more fields than columns", "quote what has commas", t);
        if (!record_csv_take(&at, ',', &field))
            return fail(d, line, "a quote that is never closed", "close it", t);
        d->cells[row * d->columns + n] = field;
    }
    if (row == 0) d->columns = n;
    if (n < d->columns) return fail(d, line, "fewer fields than columns", "fill it up", t);
    return CLI_EXIT_PASS;
}

/* A row has a byte for each of its columns at least, whatever blank lines there are. */
static bool make_room(cli_data *d, size_t lines, size_t bytes) {
    const size_t columns = d->columns == 0 ? CLI_DATA_COLUMNS_MAX : d->columns;
    const size_t rows = lines < bytes / columns ? lines : bytes / columns;
    const size_t room = columns * (d->columns == 0 ? 1 : rows + 2);
    char **cells = sim_realloc(d->cells, room * sizeof *cells);
    if (cells != NULL) d->cells = cells;
    return cells != NULL;
}

static cli_exit take_rows(cli_data *d, cli_trouble *t) {
    const size_t lines = count_lines(d->text), bytes = strlen(d->text);
    char *at = d->text;
    size_t line = 0, rows = 0;
    if (memcmp(at, "\xef\xbb\xbf", strnlen(at, 3) < 3 ? 0 : 3) == 0 && strlen(at) >= 3) at += 3;
    while (*at != '\0') {
        char *text = take_line(&at);
        line++;
        if (is_skipped(text)) continue;
        if (rows <= 1 && !make_room(d, lines, bytes))
            return cli_fail(t, CLI_EXIT_INTERNAL,
                            "out of memory (--data %.200s): give a smaller table", d->path);
        cli_exit trouble = take_row(d, text, rows, line, t);
        for (size_t i = 0; trouble == CLI_EXIT_PASS && rows == 0 && i < d->columns; i++)
            trouble = check_column(d, i, line, t);
        if (trouble != CLI_EXIT_PASS) return trouble;
        rows++;
    }
    if (rows < 2) return fail(d, line, "no row", "give a line of names, and one for each row", t);
    d->rows = rows - 1;
    return CLI_EXIT_PASS;
}

cli_exit cli_data_read(const char *path, bool per_request, cli_data **out, cli_trouble *t) {
    *out = sim_calloc(1, sizeof **out);
    if (*out == NULL) return cli_fail(t, CLI_EXIT_INTERNAL, "out of memory (--data): free some");
    **out = (cli_data){.path = path, .per_request = per_request};
    cli_exit trouble = read_text(*out, t);
    if (trouble == CLI_EXIT_PASS) trouble = take_rows(*out, t);
    if (trouble == CLI_EXIT_PASS) return trouble;
    cli_data_free(*out);
    *out = NULL;
    return trouble;
}

void cli_data_free(cli_data *d) {
    if (d == NULL) return;
    sim_free(d->cells);
    sim_free(d->text);
    sim_free(d);
}

/* ---- its cells ---- */

size_t cli_data_row_of(const cli_data *d, uint32_t device) {
    return device % d->rows;
}

size_t cli_data_next(cli_data *d, uint32_t device) {
    return d->per_request ? d->taken++ % d->rows : cli_data_row_of(d, device);
}

const char *cli_data_cell(const cli_data *d, size_t row, const char *column) {
    for (size_t i = 0; i < d->columns; i++)
        if (strcmp(d->cells[i], column) == 0) return d->cells[(row + 1) * d->columns + i];
    return NULL;
}
