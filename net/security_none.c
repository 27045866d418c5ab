/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing between a protocol and its transport: the session is the link itself. */
#include "net/security.h"

static void *none_domain_new(const net_security_settings *settings, const char **wrong) {
    static char nothing;
    (void)settings;
    (void)wrong;
    return &nothing;
}

static void none_domain_free(void *domain) {
    (void)domain;
}

static void *none_open(void *domain, const net_link_setup *setup, net_link *link) {
    (void)domain;
    (void)setup;
    return link;
}

static void none_start(void *session, sim_time now) {
    (void)now;
    net_link_opened(session);
}

static void none_input(void *session, sim_time now, const uint8_t *bytes, size_t n) {
    (void)now;
    net_link_received(session, bytes, n);
}

static void none_output(void *session, sim_time now, const uint8_t *bytes, size_t n) {
    (void)now;
    net_link_send(session, bytes, n);
}

static void none_refused(void *session, sim_time now) {
    (void)now;
    net_link_pass_refused(session);
}

static void none_wake(void *session, sim_time now) {
    (void)session;
    (void)now;
}

static sim_time none_deadline(const void *session) {
    (void)session;
    return SIM_NEVER;
}

static void none_free(void *session) {
    (void)session;
}

const net_security net_security_none = {.name = "none",
                                        .domain_new = none_domain_new,
                                        .domain_free = none_domain_free,
                                        .open = none_open,
                                        .start = none_start,
                                        .input = none_input,
                                        .output = none_output,
                                        .refused = none_refused,
                                        .wake = none_wake,
                                        .deadline = none_deadline,
                                        .free = none_free};
