/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/markdown.h - foreign text in Markdown: it stays text, in a table's cell too. */
#ifndef SIM_RECORD_MARKDOWN_H
#define SIM_RECORD_MARKDOWN_H

#include <stdio.h>

/* Writes `text` (NULL: nothing) on one line, with everything escaped that would be markup, HTML or
 * the end of a cell. Failures show in ferror(file). */
void record_markdown(FILE *file, const char *text);

#endif
