/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/law_json.h - the law that a maker declares, from a file: {"kind": "full-jitter", "initial_window": "2m", "base": "1s", "cap": "1m", "factor": 2}. docs/judge.md describes it. */
#ifndef CLI_LAW_JSON_H
#define CLI_LAW_JSON_H

#include "devices/law.h"
#include "sim/cli/trouble.h"

/* CLI_EXIT_USAGE with a line that names the file when it cannot be read, is no such object, or contradicts itself. */
cli_exit cli_law_json(const char *path, dev_law *law, cli_trouble *t);

/* The same of a text in memory; `name` stands for the file in messages. */
cli_exit cli_law_json_text(const char *text, size_t size, const char *name, dev_law *law, cli_trouble *t);

#endif
