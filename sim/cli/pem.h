/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/pem.h - certificates and keys that the command line names, as texts. */
#ifndef CLI_PEM_H
#define CLI_PEM_H

#include "sim/cli/trouble.h"

/* The whole file, at most 1 MiB of text; *out (sim_free) stays NULL after a trouble, which names
 * `option` and the file and never shows what is in it. */
cli_exit cli_pem_read(const char *option, const char *path, char **out, cli_trouble *t);

#endif
