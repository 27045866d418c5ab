/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/product_json.h - one product of a maker, from a file, for all scenarios: the law that it
 * ships with, how long it boots, how often it reports, what is declared of it. docs/scenarios.md
 * describes the file, docs/schema/product.schema.json is its schema. */
#ifndef CLI_PRODUCT_JSON_H
#define CLI_PRODUCT_JSON_H

#include <jansson.h>

#include "lua/script.h"
#include "sim/cli/trouble.h"

/* All 0 is none. */
typedef struct cli_product {
    json_t *root;           /* owned: where the product's texts live */
    script_product product; /* what the file says */
} cli_product;

/* Reads a file. CLI_EXIT_USAGE with a line that names it, what is wrong in it and what to do. */
cli_exit cli_product_json(const char *path, cli_product *out, cli_trouble *t);
/* The same of what stands in the file (taken over); `name` stands for it in messages. */
cli_exit cli_product_json_take(json_t *root, const char *name, cli_product *out, cli_trouble *t);
void cli_product_deinit(cli_product *p);

#endif
