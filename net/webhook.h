/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/webhook.h - posts JSON to somebody's HTTP address and waits for the answer. The one file pair
 * that sees libcurl. Real world only. */
#ifndef NET_WEBHOOK_H
#define NET_WEBHOOK_H

#include <stddef.h>

#include "sim/core/error.h"

typedef struct net_webhook net_webhook;

/* http:// or https:// (the certificate is verified); redirects are not followed. `timeout_s` > 0,
 * for one post in all. NULL: no memory, or not such an address; `why` (size >= 200) has what. */
net_webhook *net_webhook_new(const char *url, double timeout_s, char *why, size_t size);
void net_webhook_free(net_webhook *w); /* NULL is fine */

/* 0 when it was answered 2xx; else SIM_EUNREACHABLE, SIM_ETIMEOUT, SIM_ECLOSED (answered
 * otherwise), and net_webhook_why has a line. */
SIM_MUST_USE int net_webhook_post(net_webhook *w, const char *json);
const char *net_webhook_why(const net_webhook *w);

#endif
