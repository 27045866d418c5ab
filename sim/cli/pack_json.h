/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/pack_json.h - rules of others from a file: --by NAME or FILE.json, with #PART behind it
 * where a pack has parts. docs/packs.md describes it, docs/schema/pack.schema.json is its schema;
 * those that are shipped are scenarios/packs/NAME.json. */
#ifndef CLI_PACK_JSON_H
#define CLI_PACK_JSON_H

#include <jansson.h>

#include "sim/cli/trouble.h"
#include "sim/judge/pack.h"

enum { CLI_PACK_THRESHOLDS_MAX = 16 };

/* All 0 is empty: judged by EN 303 645 with the thresholds of this project. */
typedef struct cli_pack {
    json_t *root; /* what the texts of `pack` belong to */
    judge_pack pack;
    /* of our own checks, by their name in --threshold */
    const char *thresholds[CLI_PACK_THRESHOLDS_MAX];
    double values[CLI_PACK_THRESHOLDS_MAX];
    size_t threshold_count;
} cli_pack;

/* CLI_EXIT_USAGE with a line that names the file, the rule and what to do. */
cli_exit cli_pack_read(cli_pack *p, const char *name, cli_trouble *t);
/* The same of what p->root holds, read from `path`. */
cli_exit cli_pack_take(cli_pack *p, const char *path, cli_trouble *t);
void cli_pack_deinit(cli_pack *p);
/* The packs that are shipped, a line or three for each. */
cli_exit cli_pack_list(cli_trouble *t);

#endif
