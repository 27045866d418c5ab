/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/target.h - where the devices of the real world talk to (--target), and from which
 * addresses (--source). The one place that resolves names. */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include "sim/cli/trouble.h"
#include "sim/run/target.h"

/* A target's parts, before its name is resolved. */
typedef struct cli_target {
    const net_protocol *protocol;
    bool secure;
    bool websocket; /* under it */
    char path[256]; /* of that; "/mqtt" by default */
    bool bracketed; /* [..]: must be IPv6 */
    char host[256];
    char port[6]; /* 1..65535; by default that of the protocol */
} cli_target;

/* Reads SCHEME://HOST[:PORT] with coap, coaps, coap+tcp, coaps+tcp, mqtt, mqtts, ws or wss; HOST is
 * a name, an IPv4 address or an IPv6 address in brackets. Pure. CLI_EXIT_USAGE. */
cli_exit cli_target_parse(const char *text, cli_target *out, cli_trouble *t);

/* Reads PREFIX/BITS ("127.1.0.0/16", "fd00::/64") into out->source_prefix and source_bits.
 * CLI_EXIT_USAGE. */
cli_exit cli_target_source(const char *text, run_target *out, cli_trouble *t);

/* The whole: `source` may be NULL. Asks the resolver, which may take its time; the first address it
 * names is taken (of the family of `source` when that is given). CLI_EXIT_USAGE, or
 * CLI_EXIT_INCONCLUSIVE when the name is not known. */
cli_exit cli_target_resolve(const char *text, const char *source, run_target *out, cli_trouble *t);

#endif
