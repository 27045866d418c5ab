/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/text.h - words from a command line or a file: safe to keep and to paste. Pure. What is
 * printed goes through sim/record/text.h. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { CLI_TEXT_MAX = 4000 }; /* bytes; also of one word on the command line */

/* True when `text` is UTF-8, at most CLI_TEXT_MAX bytes, and holds nothing that would steer a
 * terminal or hide text (control characters, marks of direction). */
bool cli_text_is_clean(const char *text);

/* Appends `word` to `line` (of `size` bytes, 0-terminated), after a blank when there is something
 * before it, quoted so that a POSIX shell reads it as one word again. `word` is clean. False when
 * there is no room: `line` is then unchanged. */
bool cli_text_quote(char *line, size_t size, const char *word);

#endif
