/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/examine_operator.h - how good were somebody else's alarms? (`blackstart examine
 * --operator`) */
#ifndef CLI_EXAMINE_OPERATOR_H
#define CLI_EXAMINE_OPERATOR_H

#include "sim/cli/examine_options.h"

/* Reads telemetry, alarms and truth, and prints the table on standard output. */
cli_exit cli_examine_operator(const cli_examine_options *o, cli_trouble *t);

#endif
