/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/serve_options.h - what `blackstart serve` was asked to do. */
#ifndef CLI_SERVE_OPTIONS_H
#define CLI_SERVE_OPTIONS_H

#include "sim/cli/options.h"
#include "sim/cli/outlets.h"
#include "sim/serve/serve.h"

typedef struct cli_serve_options {
    /* port 0: not served; CoAP on its two default ports when nothing was given */
    net_address coap, coaps, coap_tcp, coaps_tcp, mqtt, mqtts, ws, wss;
    cloud_limits limits;
    uint16_t keep_alive_maximum_s;
    sim_time close_after; /* 0: never */
    bool closes_said, resets;
    uint64_t seed;
    bool json;                          /* totals */
    net_address metrics;                /* for Prometheus; port 0: none */
    const char *cert, *key, *client_ca; /* files; likewise */
    const char *psk, *psk_file;         /* borrowed from the cli_words; NULL: not given */
    bool examine;
    examine_watch_settings examination;
    cli_outlets outlets; /* of its alarms; owned: cli_outlets_deinit, also after a trouble */
} cli_serve_options;

extern const cli_command cli_serve_command;

/* As cli_run_options_parse. Touches no disk. */
cli_exit cli_serve_options_parse(cli_serve_options *o, int argc, char *const *argv, cli_words *w,
                                 cli_trouble *t);

#endif
