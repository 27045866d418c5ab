/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/metrics.h - --metrics [HOST:]PORT: a page at /metrics for Prometheus, of run and of
 * serve. */
#ifndef CLI_METRICS_H
#define CLI_METRICS_H

#include <pthread.h>

#include "net/http_page.h"
#include "sim/cli/trouble.h"

typedef struct cli_metrics {
    pthread_mutex_t lock; /* of what the page is written from */
    net_http_page *page;  /* NULL: none */
    int (*write)(FILE *file, const void *what);
    const void *what;
} cli_metrics;

/* `write` makes the page from `what`, which must stay where it is until cli_metrics_close. `at`
 * with port 0: no page. */
cli_exit cli_metrics_open(cli_metrics *m, const net_address *at,
                          int (*write)(FILE *file, const void *what), const void *what,
                          cli_trouble *t);
/* What the page is written from changes between these two alone; without a page they do nothing. */
void cli_metrics_hold(cli_metrics *m);
void cli_metrics_release(cli_metrics *m);
/* One that is all 0 is fine. */
void cli_metrics_close(cli_metrics *m);

#endif
