/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/outlets.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/wall.h"
#include "sim/record/text.h"

/* The address without user and password, for messages. */
static const char *shown(const char *url, char *text, size_t size) {
    const char *host = strstr(url, "://"), *at = strrchr(url, '@');
    if (host == NULL || at == NULL) return url;
    (void)snprintf(text, size, "%.*s%s", (int)(host + 3 - url), url, at + 1);
    return text;
}

static const double timeout_s = 5; /* of one delivery */
static const double rest_s = 30;   /* after a failure */

cli_exit cli_outlets_take(cli_outlets *o, const char *url, cli_trouble *t) {
    char why[200], masked[240];
    if (o->count == CLI_OUTLETS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE, "too many outlets (--alarm-to): give at most %d",
                        CLI_OUTLETS_MAX);
    cli_outlet *outlet = &o->items[o->count];
    *outlet = (cli_outlet){.url = url};
    if (strncmp(url, "mqtt:", 5) == 0)
        outlet->topic = net_mqtt_topic_new(url, timeout_s, why, sizeof why);
    else
        outlet->webhook = net_webhook_new(url, timeout_s, why, sizeof why);
    if (outlet->topic == NULL && outlet->webhook == NULL)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "%.80s: %s (--alarm-to): give http://HOST/PATH, https://HOST/PATH or mqtt://HOST/TOPIC",
            shown(url, masked, sizeof masked), why);
    o->count++;
    return CLI_EXIT_PASS;
}

void cli_outlets_deinit(cli_outlets *o) {
    for (size_t i = 0; i < o->count; i++) {
        net_webhook_free(o->items[i].webhook);
        net_mqtt_topic_free(o->items[i].topic);
    }
    *o = (cli_outlets){0};
}

/* To one; how long it took, or negative. */
static double deliver(cli_outlet *outlet, const char *line) {
    double begin = sim_wall();
    if (begin < outlet->rests_until) {
        outlet->failed++;
        return -1;
    }
    int error = outlet->webhook != NULL ? net_webhook_post(outlet->webhook, line)
                                        : net_mqtt_topic_publish(outlet->topic, line);
    double end = sim_wall();
    if (error == 0) {
        outlet->delivered++;
        return end - begin;
    }
    if (outlet->failed++ == 0)
        (void)snprintf(outlet->why, sizeof outlet->why, "%s",
                       outlet->webhook != NULL ? net_webhook_why(outlet->webhook)
                                               : net_mqtt_topic_why(outlet->topic));
    outlet->rests_until = end + rest_s;
    return -1;
}

int cli_outlets_deliver(cli_outlets *o, const char *line, double *took_s) {
    *took_s = -1;
    for (size_t i = 0; i < o->count; i++) {
        double took = deliver(&o->items[i], line);
        if (took >= 0 && (*took_s < 0 || took < *took_s)) *took_s = took;
    }
    return *took_s < 0 ? SIM_EUNREACHABLE : 0;
}

void cli_outlets_tell(const cli_outlets *o) {
    for (size_t i = 0; i < o->count; i++) {
        const cli_outlet *outlet = &o->items[i];
        char why[240], url[240], masked[240];
        if (outlet->failed == 0) continue;
        fprintf(stderr, "note: %" PRIu64 " of %" PRIu64 " alarms did not reach %s: %s\n",
                outlet->failed, outlet->failed + outlet->delivered,
                record_text_line(shown(outlet->url, masked, sizeof masked), url, sizeof url),
                record_text_line(outlet->why, why, sizeof why));
    }
}
