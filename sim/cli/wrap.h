/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/wrap.h - text and commands that are to be read, in lines of so many columns. Pure. */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

#include <stdint.h>
#include <stdio.h>

/* Prints `text` wrapped to `columns`, each line after the first indented by `indent`; `at` is the
 * column where it starts. */
void cli_wrap(const char *text, uint32_t at, uint32_t indent, uint32_t columns, FILE *out);

/* Prints lines of shell commands, each broken before a word where it would be wider than
 * `columns`, with a backslash at its end: what is read is also what can be pasted. A quoted word,
 * and one that is wider by itself, stay whole. */
void cli_wrap_commands(const char *lines, uint32_t columns, FILE *out);

#endif
