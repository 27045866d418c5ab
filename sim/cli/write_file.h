/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/write_file.h - a file that a user asked for: it stands under its name only when it is
 * whole. */
#ifndef CLI_WRITE_FILE_H
#define CLI_WRITE_FILE_H

#include "sim/cli/trouble.h"

/* Writes into an open file: 0, SIM_ENOMEM, or SIM_EIO (see errno). */
typedef int cli_writer(FILE *file, const void *context);

/* Writes `path` (NULL: standard output) by way of "PATH.partial". CLI_EXIT_USAGE when the place
 * will not do, CLI_EXIT_INTERNAL when memory or the disk will not. */
cli_exit cli_write_file(const char *path, cli_writer *write, const void *context, cli_trouble *t);

/* Whether a file could stand there, said before the work that it is to tell of; leaves nothing.
 * CLI_EXIT_USAGE when it could not. */
cli_exit cli_write_file_try(const char *path, cli_trouble *t);

#endif
