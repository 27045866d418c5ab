/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DTLS (net/secure.h) as the security of a link. */
#include <assert.h>

#include "net/secure.h"
#include "net/security.h"

static_assert((int)NET_IDENTITY_MAX == (int)NET_SECURE_IDENTITY_MAX &&
                  (int)NET_KEY_MAX == (int)NET_SECURE_KEY_MAX,
              "what a link is given fits a session");

/* ---- what a session tells: its owner is the link ---- */

static void on_send(void *owner, const uint8_t *datagram, size_t n) {
    net_link_send(owner, datagram, n);
}

static void on_opened(void *owner) {
    net_link_opened(owner);
}

static void on_received(void *owner, const uint8_t *data, size_t n) {
    net_link_received(owner, data, n);
}

static void on_ended(void *owner, net_end why) {
    net_link_over(owner, why);
}

/* ---- the row ---- */

static void *dtls_domain_new(const net_security_settings *settings, const char **wrong) {
    static const net_secure_calls calls = {on_send, on_opened, on_received, on_ended};
    net_secure_domain *d = net_secure_client_domain_new(&net_secure_timing_default, &calls);
    (void)wrong; /* no settings are */
    if (d != NULL && settings->awake != 0) net_secure_keep_awake(d, settings->awake);
    return d;
}

static void dtls_domain_free(void *domain) {
    net_secure_domain_free(domain);
}

static void *dtls_open(void *domain, const net_link_setup *setup, net_link *link) {
    return net_secure_client_new(domain, setup->who->identity, setup->who->key,
                                 setup->who->key_size, setup->stream, link);
}

static void dtls_start(void *session, sim_time now) {
    net_secure_client_start(session, now);
}

static void dtls_input(void *session, sim_time now, const uint8_t *bytes, size_t n) {
    net_secure_input(session, now, bytes, n);
}

/* A datagram that DTLS does not take any more is lost like any other; the protocol repeats it or
 * gives up. */
static void dtls_output(void *session, sim_time now, const uint8_t *bytes, size_t n) {
    int error = net_secure_write(session, now, bytes, n);
    (void)error;
}

static void dtls_refused(void *session, sim_time now) {
    (void)now;
    net_secure_refused(session);
}

static void dtls_wake(void *session, sim_time now) {
    net_secure_wake(session, now);
}

static sim_time dtls_deadline(const void *session) {
    return net_secure_deadline(session);
}

static void dtls_free(void *session) {
    net_secure_free(session);
}

const net_security net_security_dtls = {.name = "dtls",
                                        .sleeps = true,
                                        .domain_new = dtls_domain_new,
                                        .domain_free = dtls_domain_free,
                                        .open = dtls_open,
                                        .start = dtls_start,
                                        .input = dtls_input,
                                        .output = dtls_output,
                                        .refused = dtls_refused,
                                        .wake = dtls_wake,
                                        .deadline = dtls_deadline,
                                        .free = dtls_free};
