/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/markdown.h - foreign text in Markdown: it stays text, in a table's cell too. */
#ifndef SIM_REPORT_MARKDOWN_H
#define SIM_REPORT_MARKDOWN_H

#include <stdio.h>

/* Writes `text` (NULL: nothing) on one line, with everything escaped that would be markup, HTML or
 * the end of a cell. Failures show in ferror(file). */
void report_markdown(FILE *file, const char *text);

#endif
