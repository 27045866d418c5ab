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

void cli_psk_deinit(cli_psk *p) {
    if (p->items != NULL) explicit_bzero(p->items, p->capacity * sizeof *p->items);
    sim_free(p->items);
    sim_free(p->lines);
    *p = (cli_psk){0};
}

/* As realloc would, but without leaving keys in freed memory. */
static bool grow(cli_psk *p) {
    size_t capacity = p->capacity == 0 ? 16 : p->capacity * 2;
    fleet_credential *items = sim_malloc(capacity * sizeof *items);
    uint32_t *lines = sim_malloc(capacity * sizeof *lines);
    if (items == NULL || lines == NULL) {
        sim_free(items);
        sim_free(lines);
        return false;
    }
    cli_psk larger = {.items = items, .lines = lines, .count = p->count, .capacity = capacity};
    if (p->count > 0) {
        memcpy(items, p->items, p->count * sizeof *items);
        memcpy(lines, p->lines, p->count * sizeof *lines);
    }
    cli_psk_deinit(p);
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

/* Appends one credential; identity and key as they stand in `text`, not 0-terminated. */
static cli_exit add(cli_psk *p, const char *identity, size_t identity_size, const char *key,
                    size_t key_size, const place *at, cli_trouble *t) {
    if (identity_size == 0) return wrong(t, at, "write identity and key", "the identity is empty");
    if (identity_size >= NET_SECURE_IDENTITY_MAX)
        return wrong(t, at, "give at most 63 bytes", "the identity is too long (%zu bytes)",
                     identity_size);
    if (p->count == p->capacity && !grow(p)) return no_memory(p, at, t);
    fleet_credential *c = &p->items[p->count];
    *c = (fleet_credential){0};
    memcpy(c->identity, identity, identity_size);
    bool is_text = key_size >= TEXT_MARK && memcmp(key, text_mark, TEXT_MARK) == 0;
    if (key_size == (is_text ? TEXT_MARK : 0))
        return wrong(t, at, both_forms, "the key of %s is empty", c->identity);
    cli_exit trouble = is_text ? key_from_text(c, key + TEXT_MARK, key_size - TEXT_MARK, at, t)
                               : key_from_hex(c, key, key_size, at, t);
    if (trouble == CLI_EXIT_PASS) p->lines[p->count++] = at->line;
    return trouble;
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
    return add(p, text, (size_t)(colon - text), colon + 1, strlen(colon + 1), &at, t);
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

static void trim(const char **start, size_t *n) {
    for (; *n > 0 && is_blank(**start); (*n)--) (*start)++;
    while (*n > 0 && is_blank((*start)[*n - 1])) (*n)--;
}

static cli_exit take_line(cli_psk *p, const char *line, size_t n, const place *at, cli_trouble *t) {
    if (at->line == 1 && n >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
        line += 3;
        n -= 3;
    }
    trim(&line, &n);
    if (n == 0 || *line == '#') return CLI_EXIT_PASS;
    char text[CLI_PSK_LINE_BYTES + 1];
    memcpy(text, line, n);
    text[n] = '\0';
    if (!cli_text_is_clean(text))
        return wrong(t, at, "write lines of identity,hexkey", "this line is not text in UTF-8");
    const char *comma = memchr(text, ',', n);
    if (comma == NULL)
        return wrong(t, at, "write identity,hexkey", "there is no comma in this line");
    const char *identity = text, *key = comma + 1;
    size_t identity_size = (size_t)(comma - text), key_size = n - identity_size - 1;
    trim(&identity, &identity_size);
    trim(&key, &key_size);
    if (p->count == FLEET_DEVICES_MAX)
        return wrong(t, at, "give one line per device",
                     "there are more keys than a fleet can have devices (%d)", FLEET_DEVICES_MAX);
    cli_exit trouble = add(p, identity, identity_size, key, key_size, at, t);
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

cli_exit cli_psk_read(cli_psk *p, FILE *in, const char *name, cli_trouble *t) {
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
            return wrong(t, &at, "write identity,hexkey", "this line is longer than %d bytes",
                         CLI_PSK_LINE_BYTES);
        if (what == GOT_BINARY)
            return wrong(t, &at, "write lines of identity,hexkey",
                         "this line holds a NUL byte: not a text file");
        if (at.line > CLI_PSK_LINES_MAX)
            return wrong(t, &at, "give one line per device", "more than %d lines",
                         CLI_PSK_LINES_MAX);
        trouble = take_line(p, line, n, &at, t);
    }
    explicit_bzero(line, sizeof line);
    if (trouble == CLI_EXIT_PASS && p->count == 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "there are no keys in the file (%.200s): write lines of identity,hexkey",
                        name);
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
