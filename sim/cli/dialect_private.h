/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/dialect_private.h - the inside of a dialect, for its files: dialect.c reads the file and
 * speaks as a device, dialect_backend.c hears as its backend. */
#ifndef CLI_DIALECT_PRIVATE_H
#define CLI_DIALECT_PRIVATE_H

#include <jansson.h>

#include "net/dialect.h"
#include "sim/cli/dialect.h"

const json_t *cli_dialect_root(const net_dialect *d); /* the file, as it was found good */
/* The placeholder at the front of `text`: its name, and its length in the text; 0: there is none.
 */
size_t cli_dialect_placeholder(const char *text, char name[NET_SENML_NAME_MAX]);
bool cli_dialect_has_word(const char *name); /* a placeholder's; else it is that of a reading */
/* The text to out[NET_DIALECT_TEXT_MAX]. SIM_ERANGE: too long, or it stands for what is not there.
 */
int cli_dialect_text(const net_dialect_words *w, const json_t *template, char *out);
int cli_dialect_dump(json_t *value, net_dialect_message *out); /* SIM_ERANGE: too long */

/* As net_dialect_calls has them. */
bool cli_dialect_names(const net_dialect *d, const char *client_id, const char *user_name,
                       char device[NET_DIALECT_TEXT_MAX]);
bool cli_dialect_reads(const net_dialect *d, const char *topic, const uint8_t *payload, size_t n,
                       net_dialect_heard *out);
bool cli_dialect_commands(const net_dialect *d, const char *filter,
                          char device[NET_DIALECT_TEXT_MAX]);
int cli_dialect_order(const net_dialect *d, const net_dialect_words *w, const char *line,
                      void (*say)(void *context, const char *filter, const net_dialect_message *m),
                      void *context);

#endif
