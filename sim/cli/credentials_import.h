/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/credentials_import.h - who the devices of a run are, from elsewhere (--credentials): a
 * table (sim/cli/psk.h), or a folder as `blackstart credentials --out` writes it, with the table
 * credentials.csv in it and perhaps ca.pem. Files that a table names lie where it does. */
#ifndef CLI_CREDENTIALS_IMPORT_H
#define CLI_CREDENTIALS_IMPORT_H

#include "sim/cli/psk.h"

#define CLI_CREDENTIALS_TABLE "credentials.csv"
#define CLI_CREDENTIALS_AUTHORITY "ca.pem"

/* Reads them all, with the certificates, each of which fits its key. */
cli_exit cli_credentials_import(cli_psk *p, const char *path, cli_trouble *t);
/* Where the folder's authority stands, owned (sim_free); NULL: `path` is no folder, or has none. */
char *cli_credentials_authority(const char *path);

#endif
