/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/pem.h - certificates and keys that the command line names, as texts. */
#ifndef CLI_PEM_H
#define CLI_PEM_H

#include "sim/cli/trouble.h"

/* A file, and the option that names it. */
typedef struct cli_pem_name {
    const char *option; /* "client-key" */
    const char *path;   /* NULL: not given */
} cli_pem_name;

/* What is in them; NULL: not given. All 0 is empty. */
typedef struct cli_pem_files {
    char *chain, *key, *authorities;
} cli_pem_files;

/* Reads the files whole, at most 1 MiB of text each. A trouble names the option and the file and
 * never shows what is in it. `f` is the caller's to deinit in any case. */
cli_exit cli_pem_files_read(cli_pem_files *f, cli_pem_name chain, cli_pem_name key,
                            cli_pem_name authorities, cli_trouble *t);

/* Whether a client could use them, tried as its connection would: CLI_EXIT_USAGE when they do not
 * fit, with `where` in the line; CLI_EXIT_INTERNAL: no memory. */
cli_exit cli_pem_files_try(const cli_pem_files *f, const char *where, cli_trouble *t);

void cli_pem_files_deinit(cli_pem_files *f); /* wipes the key */

#endif
