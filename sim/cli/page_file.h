/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/page_file.h - results read and pages written for `blackstart report` and `blackstart
 * compare`. */
#ifndef CLI_PAGE_FILE_H
#define CLI_PAGE_FILE_H

#include "sim/cli/trouble.h"
#include "sim/report/result.h"

/* Reads a folder of results. CLI_EXIT_USAGE when it holds none. */
cli_exit cli_page_read(const char *folder, report_result *out, cli_trouble *t);

/* Writes a page; 0, or what report_page says. */
typedef int cli_page_writer(FILE *out, const void *context);

/* Makes the file, or replaces it once the new one is whole. CLI_EXIT_USAGE when it cannot be
 * written there, CLI_EXIT_INTERNAL for want of memory. */
cli_exit cli_page_write(const char *path, cli_page_writer *write, const void *context,
                        cli_trouble *t);

#endif
