/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/webhook.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/heap.h"

struct net_webhook {
    CURL *curl;
    struct curl_slist *headers;
    char detail[CURL_ERROR_SIZE];
    char why[CURL_ERROR_SIZE + 40];
};

/* What is answered besides the status interests nobody. */
static size_t discard(char *data, size_t size, size_t n, void *context) {
    (void)data;
    (void)context;
    return size * n;
}

static bool set_up(net_webhook *w, const char *url, double timeout_s) {
    long ms = (long)(timeout_s * 1000);
    w->curl = curl_easy_init();
    w->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (w->curl == NULL || w->headers == NULL) return false;
    return curl_easy_setopt(w->curl, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(w->curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(w->curl, CURLOPT_HTTPHEADER, w->headers) == CURLE_OK &&
           curl_easy_setopt(w->curl, CURLOPT_USERAGENT, "blackstart") == CURLE_OK &&
           curl_easy_setopt(w->curl, CURLOPT_WRITEFUNCTION, discard) == CURLE_OK &&
           curl_easy_setopt(w->curl, CURLOPT_ERRORBUFFER, w->detail) == CURLE_OK &&
           curl_easy_setopt(w->curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(w->curl, CURLOPT_TIMEOUT_MS, ms) == CURLE_OK;
}

static bool is_http(const char *url) {
    return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

net_webhook *net_webhook_new(const char *url, double timeout_s, char *why, size_t size) {
    (void)snprintf(why, size, "not an address that begins with http:// or https://");
    if (!is_http(url)) return NULL;
    net_webhook *w = sim_calloc(1, sizeof *w);
    (void)snprintf(why, size, "out of memory");
    if (w != NULL && set_up(w, url, timeout_s)) return w;
    net_webhook_free(w);
    return NULL;
}

void net_webhook_free(net_webhook *w) {
    if (w == NULL) return;
    curl_easy_cleanup(w->curl);
    curl_slist_free_all(w->headers);
    sim_free(w);
}

static int fail(net_webhook *w, CURLcode code) {
    (void)snprintf(w->why, sizeof w->why, "%s",
                   w->detail[0] != '\0' ? w->detail : curl_easy_strerror(code));
    return code == CURLE_OPERATION_TIMEDOUT ? SIM_ETIMEOUT : SIM_EUNREACHABLE;
}

int net_webhook_post(net_webhook *w, const char *json) {
    long status = 0;
    w->detail[0] = '\0';
    CURLcode code = curl_easy_setopt(w->curl, CURLOPT_COPYPOSTFIELDS, json);
    if (code == CURLE_OK) code = curl_easy_perform(w->curl);
    if (code != CURLE_OK) return fail(w, code);
    (void)curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) return 0;
    (void)snprintf(w->why, sizeof w->why, "answered with status %ld", status);
    return SIM_ECLOSED;
}

const char *net_webhook_why(const net_webhook *w) {
    return w->why;
}
