/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/text.h"

#include <string.h>

#include "sim/record/text.h"

bool cli_text_is_clean(const char *text) {
    char harmless[CLI_TEXT_MAX + 1];
    return strlen(text) <= CLI_TEXT_MAX &&
           strcmp(record_text_line(text, harmless, sizeof harmless), text) == 0;
}

static bool needs_quotes(const char *word) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
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
        good =
            *at == '\'' ? append(line, size, &used, "'\\''", 4) : append(line, size, &used, at, 1);
    if (quotes) good = good && append(line, size, &used, "'", 1);
    if (!good) line[before] = '\0';
    return good;
}
