/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/law_json.h - the law that a maker declares, from a file: {"kind": "full-jitter",
 * "initial_window": "2m", "base": "1s", "cap": "1m", "factor": 2}, or {"preset": "paho-c"}.
 * docs/judge.md describes it, docs/schema/law.schema.json is its schema. */
#ifndef CLI_LAW_JSON_H
#define CLI_LAW_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "devices/law.h"
#include "sim/cli/trouble.h"

/* CLI_EXIT_USAGE with a line that names the file when it cannot be read, is no such object, or
 * contradicts itself. */
cli_exit cli_law_json(const char *path, dev_law *law, cli_trouble *t);

/* The same of what stands in the file (root borrowed), `name` stands for it in messages. */
cli_exit cli_law_json_take(json_t *root, const char *name, dev_law *law, cli_trouble *t);

/* Writes such a file: what is read from it is the same law. CLI_EXIT_INTERNAL without memory. */
cli_exit cli_law_json_write(const dev_law *law, FILE *out, cli_trouble *t);

#endif
