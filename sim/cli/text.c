/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/text.h"

#include <string.h>

#include "sim/report/text.h"

bool cli_text_is_clean(const char *text) {
    char harmless[CLI_TEXT_MAX + 1];
    return strlen(text) <= CLI_TEXT_MAX &&
           strcmp(report_text_line(text, harmless, sizeof harmless), text) == 0;
}

static bool needs_quotes(const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
    return *word == '\0' || word[strspn(word, plain)] != '\0';
}

static bool append(char *line, size_t size, size_t *used, const char *piece, size_t n) {
    if (n >= size - *used) return false;
    memcpy(line + *used, piece, n);
    *used += n;
    line[*used] = '\0';
    return true;
}

bool cli_text_quote(char *line, size_t size, const char *word) {
    size_t before = strlen(line), used = before;
    bool quotes = needs_quotes(word);
    bool good = before == 0 || append(line, size, &used, " ", 1);
    if (quotes) good = good && append(line, size, &used, "'", 1);
    for (const char *at = word; *at != '\0' && good; at++)
        good = *at == '\'' ? append(line, size, &used, "'\\''", 4) : append(line, size, &used, at, 1);
    if (quotes) good = good && append(line, size, &used, "'", 1);
    if (!good) line[before] = '\0';
    return good;
}

enum { NEAR_MAX = 40 }; /* no name of ours is longer */

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Edits between two words of at most NEAR_MAX letters. */
static size_t distance(const char *a, size_t n, const char *b, size_t m) {
    size_t rows[3][NEAR_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++) last[j] = j;
    memset(before, 0, sizeof rows[0]);
    for (size_t i = 1; i <= n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[m];
}

static const char *only_beginning(const char *word, const char *const *names) {
    const char *found = NULL;
    for (; *names != NULL; names++) {
        if (strncmp(*names, word, strlen(word)) != 0) continue;
        if (found != NULL) return NULL;
        found = *names;
    }
    return found;
}

const char *cli_text_near(const char *word, const char *const *names) {
    size_t n = strnlen(word, NEAR_MAX + 1);
    if (n == 0 || n > NEAR_MAX) return NULL;
    const char *nearest = NULL;
    size_t best = n / 3 + 2; /* one letter may be wrong in any word */
    for (const char *const *name = names; *name != NULL; name++) {
        size_t m = strlen(*name);
        size_t far = m > NEAR_MAX ? best : distance(word, n, *name, m);
        if (far < best && far < n && far < m) {
            best = far;
            nearest = *name;
        }
    }
    return nearest != NULL ? nearest : only_beginning(word, names);
}
