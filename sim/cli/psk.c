/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/psk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/text.h"
#include "sim/core/heap.h"
#include "sim/fleet/spec.h"

static const char both_forms[] =
    "write the key's bytes in hex, two digits each, or its letters after text:";

enum column { IDENTITY, KEY, USER_NAME, PASSWORD, CERTIFICATE, PRIVATE_KEY, COLUMNS };
const char *const cli_psk_columns[] = {[IDENTITY] = "identity",
                                       [KEY] = "psk",
                                       [USER_NAME] = "username",
                                       [PASSWORD] = "password",
                                       [CERTIFICATE] = "certificate",
                                       [PRIVATE_KEY] = "private_key",
                                       NULL};

/* How the lines of a file are to be read. */
typedef struct form {
    const char *advice;      /* what to write, for messages */
    uint8_t places[COLUMNS]; /* which column stands where */
    size_t count;            /* of columns; 0: the next line says */
} form;

/* A field of a line, not 0-terminated. */
typedef struct field {
    const char *at;
    size_t n;
} field;

/* Where a key stands, for messages: --psk, or a line of a file. */
typedef struct place {
    const char *name;
    uint32_t line; /* 0: not in a file */
} place;

__attribute__((format(printf, 4, 5))) static cli_exit wrong(cli_trouble *t, const place *at,
                                                            const char *what_to_do,
                                                            const char *format, ...) {
    char what[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (at->line == 0)
        return cli_fail(t, CLI_EXIT_USAGE, "%s (%s): %s", what, at->name, what_to_do);
    return cli_fail(t, CLI_EXIT_USAGE, "%s (%.200s:%" PRIu32 "): %s", what, at->name, at->line,
                    what_to_do);
}

static cli_exit no_memory(const cli_psk *p, const place *at, cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_INTERNAL,
                    "out of memory after %zu keys (%.200s): free some, or give fewer keys",
                    p->count, at->name);
}

static void free_secret(char *text) {
    if (text != NULL) explicit_bzero(text, strlen(text));
    sim_free(text);
}

static void free_arrays(cli_psk *p) {
    if (p->items != NULL) explicit_bzero(p->items, p->capacity * sizeof *p->items);
    sim_free(p->items);
    sim_free(p->papers);
    sim_free(p->lines);
    *p = (cli_psk){0};
}

void cli_psk_deinit(cli_psk *p) {
    for (size_t i = 0; i < p->count; i++) {
        sim_free(p->items[i].user_name);
        free_secret(p->items[i].password);
        net_certificate_free(p->items[i].certificate);
        sim_free(p->papers[i].certificate);
        sim_free(p->papers[i].key);
    }
    free_arrays(p);
}

/* As realloc would, but without leaving keys in freed memory. */
static bool grow(cli_psk *p) {
    size_t capacity = p->capacity == 0 ? 16 : p->capacity * 2;
    fleet_credential *items = sim_malloc(capacity * sizeof *items);
    uint32_t *lines = sim_malloc(capacity * sizeof *lines);
    cli_psk_papers *papers = sim_malloc(capacity * sizeof *papers);
    if (items == NULL || lines == NULL || papers == NULL) {
        sim_free(items);
        sim_free(lines);
        sim_free(papers);
        return false;
    }
    cli_psk larger = {
        .items = items, .papers = papers, .lines = lines, .count = p->count, .capacity = capacity};
    if (p->count > 0) {
        memcpy(items, p->items, p->count * sizeof *items);
        memcpy(papers, p->papers, p->count * sizeof *papers);
        memcpy(lines, p->lines, p->count * sizeof *lines);
    }
    free_arrays(p);
    *p = larger;
    return true;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static cli_exit key_from_hex(fleet_credential *out, const char *hex, size_t n, const place *at,
                             cli_trouble *t) {
    for (size_t i = 0; i < n; i++)
        if (hex_digit(hex[i]) < 0)
            return wrong(t, at, both_forms, "the key of %s is not hexadecimal", out->identity);
    if (n % 2 != 0)
        return wrong(t, at, both_forms, "the key of %s has an odd number of hex digits (%zu)",
                     out->identity, n);
    if (n / 2 > NET_SECURE_KEY_MAX)
        return wrong(t, at, "give at most 32 bytes", "the key of %s is too long (%zu bytes)",
                     out->identity, n / 2);
    for (size_t i = 0; i < n / 2; i++)
        out->key[i] = (uint8_t)(hex_digit(hex[2 * i]) * 16 + hex_digit(hex[2 * i + 1]));
    out->key_size = n / 2;
    return CLI_EXIT_PASS;
}

static cli_exit key_from_text(fleet_credential *out, const char *text, size_t n, const place *at,
                              cli_trouble *t) {
    if (n > NET_SECURE_KEY_MAX)
        return wrong(t, at, "give at most 32 bytes", "the key of %s is too long (%zu bytes)",
                     out->identity, n);
    memcpy(out->key, text, n);
    out->key_size = n;
    return CLI_EXIT_PASS;
}

static const char text_mark[] = "text:";
enum { TEXT_MARK = sizeof text_mark - 1 };

/* In hex, or as the letters after a mark. */
static cli_exit take_key(fleet_credential *c, field key, const place *at, cli_trouble *t) {
    bool is_text = key.n >= TEXT_MARK && memcmp(key.at, text_mark, TEXT_MARK) == 0;
    if (key.n == (is_text ? TEXT_MARK : 0))
        return wrong(t, at, both_forms, "the key of %s is empty", c->identity);
    return is_text ? key_from_text(c, key.at + TEXT_MARK, key.n - TEXT_MARK, at, t)
                   : key_from_hex(c, key.at, key.n, at, t);
}

/* Appends one without a key. */
static cli_exit add_identity(cli_psk *p, field identity, const place *at, cli_trouble *t) {
    if (identity.n == 0) return wrong(t, at, "write identity and key", "the identity is empty");
    if (identity.n >= NET_SECURE_IDENTITY_MAX)
        return wrong(t, at, "give at most 63 bytes", "the identity is too long (%zu bytes)",
                     identity.n);
    if (p->count == FLEET_DEVICES_MAX)
        return wrong(t, at, "give one line per device",
                     "there are more keys than a fleet can have devices (%d)", FLEET_DEVICES_MAX);
    if (p->count == p->capacity && !grow(p)) return no_memory(p, at, t);
    p->papers[p->count] = (cli_psk_papers){0};
    p->lines[p->count] = at->line;
    fleet_credential *c = &p->items[p->count++];
    *c = (fleet_credential){0};
    memcpy(c->identity, identity.at, identity.n);
    return CLI_EXIT_PASS;
}

static cli_exit add(cli_psk *p, field identity, field key, const place *at, cli_trouble *t) {
    cli_exit trouble = add_identity(p, identity, at, t);
    return trouble != CLI_EXIT_PASS ? trouble : take_key(&p->items[p->count - 1], key, at, t);
}

/* An identity may hold colons ("urn:dev:1"), a hex key none: the last colon parts them, or the one
 * before "text:". */
cli_exit cli_psk_shared(cli_psk *p, const char *text, cli_trouble *t) {
    const place at = {"--psk", 0};
    const char *marked = strstr(text, ":text:");
    const char *colon = marked != NULL ? marked : strrchr(text, ':');
    if (colon == NULL)
        return wrong(t, &at, "write identity:hexkey, or identity:text:secret",
                     "there is no colon between identity and key");
    return add(p, (field){text, (size_t)(colon - text)}, (field){colon + 1, strlen(colon + 1)}, &at,
               t);
}

/* ---- files ---- */

typedef enum got { GOT_LINE, GOT_END, GOT_LONG, GOT_BINARY, GOT_ERROR } got;

/* One line without its end; bounded, whatever the file is. */
static got read_line(FILE *in, char *line, size_t *n) {
    int c;
    *n = 0;
    while ((c = getc(in)) != EOF && c != '\n') {
        if (*n == CLI_PSK_LINE_BYTES) return GOT_LONG;
        line[(*n)++] = (char)c;
    }
    if (c == EOF && ferror(in)) return GOT_ERROR;
    if (c == EOF && *n == 0) return GOT_END;
    if (*n > 0 && line[*n - 1] == '\r') (*n)--;
    line[*n] = '\0';
    return memchr(line, '\0', *n) != NULL ? GOT_BINARY : GOT_LINE;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static field trimmed(const char *start, size_t n) {
    for (; n > 0 && is_blank(*start); n--) start++;
    while (n > 0 && is_blank(start[n - 1])) n--;
    return (field){start, n};
}

/* The fields of a line; returns how many there are, which may be more than `most`. */
static size_t part(const char *text, field *out, size_t most) {
    size_t count = 0;
    for (const char *at = text;; at++) {
        size_t n = strcspn(at, ",");
        if (count < most) out[count] = trimmed(at, n);
        count++;
        at += n;
        if (*at == '\0') return count;
    }
}

/* ---- tables ---- */

static bool is_word(field f, const char *word) {
    return f.n == strlen(word) && memcmp(f.at, word, f.n) == 0;
}

/* The line that names the columns. */
static cli_exit take_names(form *how, const char *text, const place *at, cli_trouble *t) {
    field names[COLUMNS];
    uint32_t seen = 0;
    size_t count = part(text, names, COLUMNS);
    for (size_t i = 0; i < count && i < COLUMNS; i++) {
        size_t c = 0;
        while (c < COLUMNS && !is_word(names[i], cli_psk_columns[c])) c++;
        if (c == COLUMNS)
            return wrong(t, at, how->advice, "no column is called %.*s",
                         (int)(names[i].n < 60 ? names[i].n : 60), names[i].at);
        if ((seen >> c & 1) != 0)
            return wrong(t, at, how->advice, "the column %s is there twice", cli_psk_columns[c]);
        seen |= 1U << c;
        how->places[i] = (uint8_t)c;
    }
    if (count > COLUMNS) return wrong(t, at, how->advice, "there are too many columns");
    if ((seen >> IDENTITY & 1) == 0)
        return wrong(t, at, how->advice, "the first line names no column identity");
    if ((seen >> CERTIFICATE & 1) != (seen >> PRIVATE_KEY & 1))
        return wrong(t, at, how->advice,
                     "a certificate and its private_key go together, and one of the columns is "
                     "missing");
    how->count = count;
    return CLI_EXIT_PASS;
}

/* NULL: no memory. */
static char *copy_of(field f) {
    char *text = sim_malloc(f.n + 1);
    if (text == NULL) return NULL;
    memcpy(text, f.at, f.n);
    text[f.n] = '\0';
    return text;
}

static cli_exit take_rest(cli_psk *p, const field fields[COLUMNS], const place *at,
                          cli_trouble *t) {
    fleet_credential *c = &p->items[p->count - 1];
    cli_psk_papers *papers = &p->papers[p->count - 1];
    char **const texts[COLUMNS] = {[USER_NAME] = &c->user_name,
                                   [PASSWORD] = &c->password,
                                   [CERTIFICATE] = &papers->certificate,
                                   [PRIVATE_KEY] = &papers->key};
    if ((fields[CERTIFICATE].n > 0) != (fields[PRIVATE_KEY].n > 0))
        return wrong(t, at, "give both files, or none",
                     "%s has a certificate without its private_key, or the other way round",
                     c->identity);
    if (fields[PASSWORD].n > 0 && fields[USER_NAME].n == 0)
        return wrong(t, at, "give a username as well", "%s has a password of nobody", c->identity);
    for (size_t i = 0; i < COLUMNS; i++) {
        if (texts[i] == NULL || fields[i].n == 0) continue;
        *texts[i] = copy_of(fields[i]);
        if (*texts[i] == NULL) return no_memory(p, at, t);
    }
    return CLI_EXIT_PASS;
}

static cli_exit take_row(cli_psk *p, const form *how, const char *text, const place *at,
                         cli_trouble *t) {
    field found[COLUMNS], fields[COLUMNS] = {{0}};
    size_t count = part(text, found, COLUMNS);
    if (count != how->count)
        return wrong(t, at, how->advice, "this line has %zu fields, and there are %zu columns",
                     count, how->count);
    for (size_t i = 0; i < count; i++) fields[how->places[i]] = found[i];
    cli_exit trouble = add_identity(p, fields[IDENTITY], at, t);
    if (trouble == CLI_EXIT_PASS && fields[KEY].n > 0)
        trouble = take_key(&p->items[p->count - 1], fields[KEY], at, t);
    return trouble != CLI_EXIT_PASS ? trouble : take_rest(p, fields, at, t);
}

/* ---- lines ---- */

static const char keys_advice[] = "write identity,hexkey";

/* A comma parts them, however many there are behind it. */
static cli_exit take_pair(cli_psk *p, const char *text, const place *at, cli_trouble *t) {
    const char *comma = strchr(text, ',');
    if (comma == NULL) return wrong(t, at, keys_advice, "there is no comma in this line");
    return add(p, trimmed(text, (size_t)(comma - text)), trimmed(comma + 1, strlen(comma + 1)), at,
               t);
}

/* `how` NULL: of keys alone. */
static cli_exit take_line(cli_psk *p, form *how, const char *line, size_t n, const place *at,
                          cli_trouble *t) {
    if (at->line == 1 && n >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
        line += 3;
        n -= 3;
    }
    field whole = trimmed(line, n);
    if (whole.n == 0 || *whole.at == '#') return CLI_EXIT_PASS;
    char text[CLI_PSK_LINE_BYTES + 1];
    memcpy(text, whole.at, whole.n);
    text[whole.n] = '\0';
    if (!cli_text_is_clean(text))
        return wrong(t, at, "write lines of identity,hexkey", "this line is not text in UTF-8");
    cli_exit trouble = how == NULL       ? take_pair(p, text, at, t)
                       : how->count == 0 ? take_names(how, text, at, t)
                                         : take_row(p, how, text, at, t);
    explicit_bzero(text, sizeof text);
    return trouble;
}

static int by_identity(const void *left, const void *right) {
    const fleet_credential *a = *(const fleet_credential *const *)left,
                           *b = *(const fleet_credential *const *)right;
    int order = strcmp(a->identity, b->identity);
    return order != 0 ? order : (a > b) - (a < b); /* same identity: as in the file */
}

static cli_exit refuse_twins(const cli_psk *p, const char *name, cli_trouble *t) {
    const place whole = {name, 0};
    const fleet_credential **order = sim_malloc(p->count * sizeof(*order));
    if (order == NULL) return no_memory(p, &whole, t);
    for (size_t i = 0; i < p->count; i++) order[i] = &p->items[i];
    qsort(order, p->count, sizeof(*order), by_identity);
    cli_exit trouble = CLI_EXIT_PASS;
    for (size_t i = 1; i < p->count && trouble == CLI_EXIT_PASS; i++) {
        if (strcmp(order[i - 1]->identity, order[i]->identity) != 0) continue;
        const place at = {name, p->lines[order[i] - p->items]};
        trouble = wrong(t, &at, "give each identity once",
                        "identity %s stands in line %" PRIu32 " already", order[i]->identity,
                        p->lines[order[i - 1] - p->items]);
    }
    sim_free(order);
    return trouble;
}

static cli_exit read_all(cli_psk *p, form *how, FILE *in, const char *name, cli_trouble *t) {
    const char *advice = how != NULL ? how->advice : keys_advice;
    char line[CLI_PSK_LINE_BYTES + 1];
    cli_exit trouble = CLI_EXIT_PASS;
    for (place at = {name, 1}; trouble == CLI_EXIT_PASS; at.line++) {
        size_t n;
        got what = read_line(in, line, &n);
        if (what == GOT_END) break;
        if (what == GOT_ERROR)
            return cli_fail(t, CLI_EXIT_USAGE,
                            "cannot read the keys: %s (%.200s): give a text file", strerror(errno),
                            name);
        if (what == GOT_LONG)
            return wrong(t, &at, advice, "this line is longer than %d bytes", CLI_PSK_LINE_BYTES);
        if (what == GOT_BINARY)
            return wrong(t, &at, "write lines of identity,hexkey",
                         "this line holds a NUL byte: not a text file");
        if (at.line > CLI_PSK_LINES_MAX)
            return wrong(t, &at, "give one line per device", "more than %d lines",
                         CLI_PSK_LINES_MAX);
        trouble = take_line(p, how, line, n, &at, t);
    }
    explicit_bzero(line, sizeof line);
    return trouble;
}

cli_exit cli_psk_read(cli_psk *p, FILE *in, const char *name, cli_trouble *t) {
    cli_exit trouble = read_all(p, NULL, in, name, t);
    if (trouble == CLI_EXIT_PASS && p->count == 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "there are no keys in the file (%.200s): write lines of identity,hexkey",
                        name);
    return trouble != CLI_EXIT_PASS ? trouble : refuse_twins(p, name, t);
}

cli_exit cli_psk_table(cli_psk *p, FILE *in, const char *name, cli_trouble *t) {
    form how = {.advice =
                    "the first line names the columns: identity, and of psk, username, "
                    "password, certificate and private_key what there is"};
    cli_exit trouble = read_all(p, &how, in, name, t);
    if (trouble == CLI_EXIT_PASS && p->count == 0)
        return cli_fail(t, CLI_EXIT_USAGE, "there is nobody in the file (%.200s): %s", name,
                        how.advice);
    return trouble != CLI_EXIT_PASS ? trouble : refuse_twins(p, name, t);
}

cli_exit cli_psk_file(cli_psk *p, const char *path, cli_trouble *t) {
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "cannot open the file of keys: %s (%.200s): check --psk-file",
                        strerror(errno), path);
    cli_exit trouble = cli_psk_read(p, in, path, t);
    fclose(in);
    return trouble;
}
