/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/psk.h - pre-shared keys as people give them: one shared by all devices (--psk), or a file
 * with one per device (--psk-file).
 *
 * A key is written in hex, "identity:736563726574", or as the text that other tools take,
 * "identity:text:secret" (libcoap's -k secret). In a file: a line "identity,KEY" per device, KEY as
 * above; blank lines and lines that begin with # are skipped; a byte order mark and CRLF are
 * tolerated. No message ever holds a key.
 *
 * A table (--credentials) begins with a line that names its columns, `identity` among them, the
 * others of `cli_psk_columns` as wanted; an empty field is none. */
#ifndef CLI_PSK_H
#define CLI_PSK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/cli/trouble.h"
#include "sim/fleet/credentials.h"

enum {
    CLI_PSK_LINES_MAX = 10000000, /* of a file, with comments: beyond that it is some other file */
    CLI_PSK_LINE_BYTES = 512
};

/* Files that a row of a table names; NULL: none. */
typedef struct cli_psk_papers {
    char *certificate, *key;
} cli_psk_papers;

/* All 0 is empty. */
typedef struct cli_psk {
    fleet_credential *items; /* and what they point to */
    cli_psk_papers *papers;  /* of each */
    uint32_t *lines;         /* where each one stands in its file */
    size_t count, capacity;
} cli_psk;

extern const char *const cli_psk_columns[]; /* "identity", "psk", ...; NULL ends them */

void cli_psk_deinit(cli_psk *p); /* wipes the keys */

/* Adds the one of "--psk TEXT". 0, CLI_EXIT_USAGE or CLI_EXIT_INTERNAL (memory). */
cli_exit cli_psk_shared(cli_psk *p, const char *text, cli_trouble *t);

/* Adds all of an open file, in their order; `name` is for messages. Memory is bounded by
 * FLEET_DEVICES_MAX keys. */
cli_exit cli_psk_read(cli_psk *p, FILE *in, const char *name, cli_trouble *t);
cli_exit cli_psk_file(cli_psk *p, const char *path, cli_trouble *t);
/* The same of a table. */
cli_exit cli_psk_table(cli_psk *p, FILE *in, const char *name, cli_trouble *t);

#endif
