/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/wrap.h"

#include <stdbool.h>
#include <string.h>

void cli_wrap(const char *text, uint32_t at, uint32_t indent, uint32_t columns, FILE *out) {
    bool first = true;
    for (const char *word = text; *word != '\0'; word += strspn(word, " ")) {
        uint32_t n = (uint32_t)strcspn(word, " ");
        if (!first && at + 1 + n > columns) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            fputc(' ', out);
            at++;
        }
        fwrite(word, 1, n, out);
        at += n;
        word += n;
        first = false;
    }
    fputc('\n', out);
}

/* The length of the word of a shell that begins here: blanks between quotes belong to it. */
static size_t shell_word(const char *word) {
    char quote = '\0';
    size_t n = 0;
    for (; word[n] != '\0' && word[n] != '\n'; n++) {
        if (quote == '\0' && word[n] == ' ') break;
        if (quote != '\0' ? word[n] == quote : word[n] == '\'' || word[n] == '"')
            quote = quote != '\0' ? '\0' : word[n];
    }
    return n;
}

/* An option stays with its value. */
static size_t with_value(const char *word) {
    size_t n = shell_word(word);
    if (*word != '-' || word[n] != ' ' || word[n + 1] == '-') return n;
    return n + 1 + shell_word(word + n + 1);
}

void cli_wrap_commands(const char *lines, uint32_t columns, FILE *out) {
    enum { ROOM = 2, MORE = 4 }; /* for the backslash; what goes on is indented deeper */
    while (*lines != '\0') {
        size_t indent = strspn(lines, " "), at = indent;
        fprintf(out, "%*s", (int)indent, "");
        lines += indent;
        for (bool first = true; *lines != '\0' && *lines != '\n'; first = false) {
            size_t n = with_value(lines);
            bool last = lines[n] == '\0' || lines[n] == '\n';
            if (!first && at + 1 + n + (last ? 0 : ROOM) > columns) {
                at = indent + MORE;
                fprintf(out, " \\\n%*s", (int)at, "");
            } else if (!first) {
                fputc(' ', out);
                at++;
            }
            fwrite(lines, 1, n, out);
            at += n;
            lines += n;
            lines += strspn(lines, " ");
        }
        fputc('\n', out);
        if (*lines == '\n') lines++;
    }
}
