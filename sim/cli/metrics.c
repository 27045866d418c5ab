/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/metrics.h"

#include "sim/core/error.h"
#include "sim/report/prometheus.h"

static int write_page(void *context, FILE *out) {
    cli_metrics *m = context;
    cli_metrics_hold(m);
    int error = m->write(out, m->what);
    cli_metrics_release(m);
    return error;
}

cli_exit cli_metrics_open(cli_metrics *m, const net_address *at,
                          int (*write)(FILE *file, const void *what), const void *what,
                          cli_trouble *t) {
    char why[200], text[64];
    *m = (cli_metrics){.page = NULL};
    if (at->port == 0) return CLI_EXIT_PASS;
    *m = (cli_metrics){.lock = PTHREAD_MUTEX_INITIALIZER, .write = write, .what = what};
    const net_http_page_settings settings = {.at = *at,
                                             .path = "/metrics",
                                             .type = REPORT_PROMETHEUS_TYPE,
                                             .write = write_page,
                                             .context = m};
    m->page = net_http_page_new(&settings, why, sizeof why);
    if (m->page != NULL) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "cannot serve metrics: %s (--metrics %s): give another address or port, or end "
                    "who has it",
                    why, net_address_text(at, text, sizeof text));
}

void cli_metrics_hold(cli_metrics *m) {
    if (m->write != NULL) SIM_PROMISE(pthread_mutex_lock(&m->lock) == 0);
}

void cli_metrics_release(cli_metrics *m) {
    if (m->write != NULL) SIM_PROMISE(pthread_mutex_unlock(&m->lock) == 0);
}

void cli_metrics_close(cli_metrics *m) {
    net_http_page_free(m->page);
    *m = (cli_metrics){.page = NULL};
}
