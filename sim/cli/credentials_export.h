/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/credentials_export.h - a folder with all that a fleet's devices, and a broker for them,
 * need: the authority, certificates, keys, pre-shared keys, and Mosquitto's files. */
#ifndef CLI_CREDENTIALS_EXPORT_H
#define CLI_CREDENTIALS_EXPORT_H

#include "sim/cli/trouble.h"
#include "sim/fleet/authority.h"

typedef struct cli_export {
    const char *folder; /* is made, whole or not at all; it must not exist */
    const char *host;   /* that the broker's certificate names */
    uint64_t seed;
    uint32_t first, count; /* of the devices */
} cli_export;

cli_exit cli_credentials_export(const cli_export *e, cli_trouble *t);

#endif
