/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/outlets.h - where alarms go: webhooks and MQTT topics that the user named with
 * --alarm-to. One that fails rests for a while, so that a dead one does not hold everything up. */
#ifndef CLI_OUTLETS_H
#define CLI_OUTLETS_H

#include "net/mqtt_topic.h"
#include "net/webhook.h"
#include "sim/cli/options.h"

enum { CLI_OUTLETS_MAX = 8 };

typedef struct cli_outlet {
    const char *url; /* borrowed */
    net_webhook *webhook;
    net_mqtt_topic *topic;
    double rests_until; /* of a monotonic clock */
    uint64_t delivered, failed;
    char why[200]; /* of the first failure */
} cli_outlet;

typedef struct cli_outlets {
    cli_outlet items[CLI_OUTLETS_MAX];
    size_t count;
} cli_outlets;

/* For the option --alarm-to. */
cli_exit cli_outlets_take(cli_outlets *o, const char *url, cli_trouble *t);
void cli_outlets_deinit(cli_outlets *o);
/* Takes the line to all outlets; *took_s: how long the quickest took. SIM_EUNREACHABLE: it reached
 * none. */
SIM_MUST_USE int cli_outlets_deliver(cli_outlets *o, const char *line, double *took_s);
/* A line on standard error for each outlet that failed. */
void cli_outlets_tell(const cli_outlets *o);

#endif
