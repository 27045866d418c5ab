/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http_page.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "sim/core/heap.h"

enum { CONNECTIONS_MAX = 16, SILENCE_S = 10 };

struct net_http_page {
    net_http_page_settings settings;
    struct MHD_Daemon *daemon;
};

static enum MHD_Result answer(struct MHD_Connection *c, unsigned status, char *text, size_t n,
                              enum MHD_ResponseMemoryMode mode, const char *type) {
    struct MHD_Response *response = MHD_create_response_from_buffer(n, text, mode);
    if (response == NULL) {
        if (mode == MHD_RESPMEM_MUST_FREE) free(text);
        return MHD_NO;
    }
    enum MHD_Result done = MHD_add_response_header(response, "Content-Type", type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        done = MHD_add_response_header(response, "Allow", "GET, HEAD");
    if (done == MHD_YES) done = MHD_queue_response(c, status, response);
    MHD_destroy_response(response);
    return done;
}

static enum MHD_Result say(struct MHD_Connection *c, unsigned status, const char *line) {
    return answer(c, status, (char *)(uintptr_t)line, strlen(line), MHD_RESPMEM_PERSISTENT,
                  "text/plain; charset=utf-8");
}

static enum MHD_Result show(const net_http_page *p, struct MHD_Connection *c) {
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL) return MHD_NO;
    int error = p->settings.write(p->settings.context, out);
    if (fclose(out) == 0 && error == 0)
        return answer(c, MHD_HTTP_OK, text, n, MHD_RESPMEM_MUST_FREE, p->settings.type);
    free(text);
    return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
}

static enum MHD_Result asked(void *context, struct MHD_Connection *c, const char *url,
                             const char *method, const char *version, const char *body,
                             size_t *body_size, void **request) {
    static int seen;
    const net_http_page *p = context;
    (void)version;
    (void)body;
    if (*request == NULL) { /* its head alone: the rest of it is to come */
        *request = &seen;
        return MHD_YES;
    }
    if (*body_size > 0) { /* nobody reads it */
        *body_size = 0;
        return MHD_YES;
    }
    if (strcmp(url, p->settings.path) != 0)
        return say(c, MHD_HTTP_NOT_FOUND, "there is one page here: /metrics\n");
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return say(c, MHD_HTTP_METHOD_NOT_ALLOWED, "this page can only be read: GET\n");
    return show(p, c);
}

/* Signals are for the threads that were there before. */
static struct MHD_Daemon *start(net_http_page *p) {
    const bool mapped = memcmp(p->settings.at.ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(p->settings.at.port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(p->settings.at.port)};
    memcpy(&six.sin6_addr, p->settings.at.ip, sizeof six.sin6_addr);
    memcpy(&four.sin_addr, p->settings.at.ip + 12, sizeof four.sin_addr);
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD;
    struct MHD_Daemon *daemon =
        MHD_start_daemon(mapped ? flags : flags | MHD_USE_IPv6, p->settings.at.port, NULL, NULL,
                         asked, p, MHD_OPTION_SOCK_ADDR, mapped ? (void *)&four : (void *)&six,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_S, MHD_OPTION_END);
    const int error = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return daemon;
}

net_http_page *net_http_page_new(const net_http_page_settings *settings, char *why, size_t size) {
    net_http_page *p = sim_calloc(1, sizeof *p);
    (void)snprintf(why, size, "out of memory");
    if (p == NULL) return NULL;
    p->settings = *settings;
    errno = 0;
    p->daemon = start(p);
    if (p->daemon != NULL) return p;
    (void)snprintf(why, size, "%s", errno != 0 ? strerror(errno) : "no socket for it");
    sim_free(p);
    return NULL;
}

void net_http_page_free(net_http_page *p) {
    if (p == NULL) return;
    MHD_stop_daemon(p->daemon);
    sim_free(p);
}
