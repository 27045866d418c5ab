/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/text.h - text from outside, made safe to print, to compare and to paste. Pure; UTF-8 by RFC 3629, whatever the locale. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* True when `text` is valid UTF-8 without control characters (C0, DEL, C1). */
bool cli_text_is_clean(const char *text);

/* Replaces, in place, each control character and each byte that is no UTF-8 by '?'. */
void cli_text_scrub(char *text);

/* Appends `word` to `line` (of `size` bytes, 0-terminated), after a blank when there is something before it, quoted so that a POSIX
 * shell reads it as one word again. `word` is clean. False when there is no room: `line` is then unchanged. */
bool cli_text_quote(char *line, size_t size, const char *word);

/* The name of `names` (NULL ends them) that was probably meant by `word`: at most one and a third of its letters away, counting
 * insertions, deletions, replacements and swaps of neighbours (Damerau 1964, restricted form), or the only one that begins with it.
 * NULL when none is near. */
const char *cli_text_near(const char *word, const char *const *names);

#endif
