/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/http_page.h - one page at one path that others fetch by HTTP/1.1 while the program does
 * something else: a thread of its own answers them, a few at a time. The one file pair that sees
 * libmicrohttpd. Real world only. */
#ifndef NET_HTTP_PAGE_H
#define NET_HTTP_PAGE_H

#include <stdio.h>

#include "net/address.h"

typedef struct net_http_page net_http_page;

/* The page as it is now. Called in the thread that answers, never twice at once: what it reads must
 * be guarded. 0, or an error: who asked is told 500. */
typedef int net_http_page_write(void *context, FILE *out);

typedef struct net_http_page_settings {
    net_address at;
    const char *path, *type; /* "/metrics", "text/plain; version=0.0.4"; static */
    net_http_page_write *write;
    void *context;
} net_http_page_settings;

/* Answers from now on. GET and HEAD of the path; another path is 404, another method 405. NULL:
 * `why` (size >= 200) says what was in the way. */
net_http_page *net_http_page_new(const net_http_page_settings *settings, char *why, size_t size);
/* Ends it, and waits for the answer that is being written; NULL is fine. */
void net_http_page_free(net_http_page *p);

#endif
