/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS (net/secure_stream.h) as the security of a link: with certificates, or with a key that was
 * shared before. */
#include <string.h>

#include "net/protocol.h"
#include "net/secure_stream.h"
#include "net/security.h"
#include "sim/core/heap.h"

typedef struct tls_domain {
    net_secure_stream_domain *library;
    char *host; /* NULL: whichever */
    bool keys;
} tls_domain;

/* One link's; what it proves with a key, it needs for as long as the handshake. */
typedef struct tls {
    net_secure_stream *stream;
    net_link *link;
    uint8_t key[NET_KEY_MAX];
} tls;

/* ---- what a stream tells ---- */

static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    net_link_send(((tls *)owner)->link, bytes, n);
}

static void on_opened(void *owner) {
    net_link_opened(((tls *)owner)->link);
}

static void on_received(void *owner, const uint8_t *data, size_t n) {
    net_link_received(((tls *)owner)->link, data, n);
}

static void on_ended(void *owner, net_end why) {
    net_link_over(((tls *)owner)->link, why);
}

/* ---- the rows ---- */

static void tls_domain_free(void *domain) {
    tls_domain *d = domain;
    if (d == NULL) return;
    net_secure_stream_domain_free(d->library);
    sim_free(d->host);
    sim_free(d);
}

static tls_domain *domain_new(const net_security_settings *settings, bool keys,
                              const char **wrong) {
    static const net_secure_stream_calls calls = {on_send, on_opened, on_received, on_ended};
    const net_secure_stream_papers papers = {
        .chain = keys ? NULL : settings->chain,
        .key = keys ? NULL : settings->key,
        .authorities = keys ? NULL : settings->authorities,
        .version = settings->old ? NET_SECURE_12 : NET_SECURE_ANY,
        .offset = settings->offset};
    tls_domain *d = sim_calloc(1, sizeof *d);
    if (d == NULL) return NULL;
    d->keys = keys;
    if (!keys && settings->host != NULL) d->host = sim_strdup(settings->host);
    if (keys || settings->host == NULL || d->host != NULL)
        d->library = net_secure_stream_client_domain(&papers, &calls, wrong);
    if (d->library != NULL) return d;
    tls_domain_free(d);
    return NULL;
}

static void *tls_domain_new(const net_security_settings *settings, const char **wrong) {
    return domain_new(settings, false, wrong);
}

static void *psk_domain_new(const net_security_settings *settings, const char **wrong) {
    return domain_new(settings, true, wrong);
}

static void *tls_open(void *domain, const net_link_setup *setup, net_link *link) {
    const tls_domain *d = domain;
    const net_credentials *who = setup->who;
    tls *t = sim_calloc(1, sizeof *t);
    if (t == NULL) return NULL;
    t->link = link;
    const net_link_memory *memory = setup->memory == NULL ? NULL : *setup->memory;
    net_secure_stream_client client = {
        .host = d->host,
        .application = setup->settings->protocol->application,
        .certificate = d->keys ? NULL : who->certificate,
        .kept = memory == NULL || memory->kind != setup->settings->security ? NULL : memory->kept,
        .offset = who->clock};
    if (d->keys) {
        memcpy(t->key, who->key, who->key_size);
        client.identity = who->identity;
        client.key = t->key;
        client.key_size = who->key_size;
    }
    t->stream = net_secure_stream_connect(d->library, &client, setup->stream, t);
    if (t->stream != NULL) return t;
    sim_free(t);
    return NULL;
}

static void tls_start(void *session, sim_time now) {
    net_secure_stream_start(((tls *)session)->stream, now);
}

static void tls_input(void *session, sim_time now, const uint8_t *bytes, size_t n) {
    net_secure_stream_input(((tls *)session)->stream, now, bytes, n);
}

/* A stream has no holes: what cannot be written ends the link. */
static void tls_output(void *session, sim_time now, const uint8_t *bytes, size_t n) {
    tls *t = session;
    if (net_secure_stream_write(t->stream, now, bytes, n) == SIM_ENOMEM)
        net_link_over(t->link, NET_END_NO_MEMORY);
}

static void tls_refused(void *session, sim_time now) {
    (void)now;
    net_link_over(((tls *)session)->link, NET_END_REFUSED);
}

static void tls_wake(void *session, sim_time now) {
    (void)session;
    (void)now;
}

static sim_time tls_deadline(const void *session) {
    (void)session;
    return SIM_NEVER; /* who waits too long for the other side ends it */
}

static void tls_free(void *session) {
    tls *t = session;
    if (t == NULL) return;
    net_secure_stream_free(t->stream);
    explicit_bzero(t->key, sizeof t->key);
    sim_free(t);
}

static void *tls_keep(void *session) {
    return net_secure_stream_keep(((tls *)session)->stream);
}

static void tls_forget(void *kept) {
    net_secure_kept_free(kept);
}

#define TLS_ROW(word, with_certificates, new_domain)                                              \
    {                                                                                             \
        .name = word, .certificates = with_certificates, .domain_new = new_domain,                \
        .domain_free = tls_domain_free, .open = tls_open, .start = tls_start, .input = tls_input, \
        .output = tls_output, .refused = tls_refused, .wake = tls_wake, .deadline = tls_deadline, \
        .free = tls_free, .keep = tls_keep, .forget = tls_forget                                  \
    }

const net_security net_security_tls = TLS_ROW("tls", true, tls_domain_new);
const net_security net_security_tls_psk = TLS_ROW("tls-psk", false, psk_domain_new);
