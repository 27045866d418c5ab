/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/dialect.h - a dialect (net/dialect.h) as a file in JSON says it: templates with
 * placeholders. docs/dialects.md describes it; those that are shipped are
 * scenarios/dialects/NAME.json.
 *
 * "${NAME}" in a text stands for a word or a reading; a text of JSON that is nothing else has the
 * value itself, as a number or an object. A member of an object that stands for a reading which the
 * device does not have is left out, and so is a message whose topic does. */
#ifndef CLI_DIALECT_H
#define CLI_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/cli/trouble.h"

typedef struct cli_data cli_data;
typedef struct net_dialect net_dialect;
typedef struct net_protocol net_protocol;

enum { CLI_DIALECT_FILE_MAX = 65536 };

/* NAME of a shipped one, or FILE. CLI_EXIT_USAGE with a line that names the file and the place. */
cli_exit cli_dialect_read(const char *name, const net_dialect **out, cli_trouble *t);
/* The same, where somebody else than --dialect names it. */
cli_exit cli_dialect_find(const char *name, const char *where, const net_dialect **out,
                          cli_trouble *t);
/* NULL: no memory, or no dialect: `why` (size >= 200) says what is wrong and where. */
const net_dialect *cli_dialect_parse(const char *text, size_t n, char *why, size_t size);
/* A password that the dialect signs with must be a key (or a signature, or none): else
 * CLI_EXIT_USAGE with a line that says whose it is, and nothing of it. */
cli_exit cli_dialect_takes(const net_dialect *d, const char *password, const char *whose,
                           cli_trouble *t);
/* Whether a target of that protocol can be spoken to so: what MQTT alone has, CoAP cannot say, and
 * the other way round. CLI_EXIT_USAGE with a line that says what. `name`: as it was given. */
cli_exit cli_dialect_fits(const net_dialect *d, const net_protocol *protocol, const char *name,
                          cli_trouble *t);
/* Whether devices of that model have something to say in it. */
bool cli_dialect_knows(const net_dialect *d, const char *model);
/* A line on standard error for each reason why reports could not be said; NULL is fine. */
void cli_dialect_tell(const net_dialect *d);
/* Of a target, which one thread speaks to: it keeps count of what it cannot say, and the columns of
 * `data` (borrowed; NULL: none) are placeholders, too. */
void cli_dialect_use(const net_dialect *d, cli_data *data);
bool cli_dialect_has_word(const char *name); /* that a column may not have */
void cli_dialect_free(const net_dialect *d); /* NULL is fine */

#endif
