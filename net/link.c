/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/link.h"

#include "net/protocol.h"
#include "sim/core/heap.h"

struct net_link {
    const net_protocol_settings *settings; /* and so the protocol */
    const net_security *security;
    const net_link_calls *calls;
    void *owner;
    void *client;  /* of the protocol */
    void *session; /* of the security */
    sim_time now;  /* of the verb that runs: one floor's output is the next one's input */
    bool ready;
};

struct net_security_domain {
    const net_security *kind;
    void *shared;
};

/* ---- domains ---- */

net_security_domain *net_security_domain_new(const net_security *kind) {
    net_security_domain *d = sim_malloc(sizeof *d);
    if (d == NULL) return NULL;
    *d = (net_security_domain){.kind = kind, .shared = kind->domain_new()};
    if (d->shared != NULL) return d;
    sim_free(d);
    return NULL;
}

void net_security_domain_free(net_security_domain *d) {
    if (d == NULL) return;
    d->kind->domain_free(d->shared);
    sim_free(d);
}

/* ---- what the floors tell ---- */

void net_link_output(net_link *l, const uint8_t *bytes, size_t n) {
    l->security->output(l->session, l->now, bytes, n);
}

void net_link_answered(net_link *l, const net_answer *answer) {
    l->calls->answered(l->owner, answer);
}

void net_link_send(net_link *l, const uint8_t *bytes, size_t n) {
    l->calls->send(l->owner, bytes, n);
}

void net_link_opened(net_link *l) {
    l->ready = true;
    l->calls->ready(l->owner);
}

void net_link_received(net_link *l, const uint8_t *bytes, size_t n) {
    l->settings->protocol->input(l->client, l->now, bytes, n);
}

void net_link_pass_refused(net_link *l) {
    l->settings->protocol->refused(l->client, l->now);
}

void net_link_over(net_link *l, net_end why) {
    l->ready = false;
    l->calls->ended(l->owner, why);
}

/* ---- verbs ---- */

net_link *net_link_new(const net_link_setup *setup, sim_time now, const net_link_calls *calls,
                       void *owner) {
    const net_security_domain *d = setup->domain;
    SIM_PROMISE(d == NULL || d->kind == setup->settings->protocol->security);
    net_link *l = sim_malloc(sizeof *l);
    if (l == NULL) return NULL;
    *l = (net_link){.settings = setup->settings,
                    .security = d == NULL ? &net_security_none : d->kind,
                    .calls = calls,
                    .owner = owner,
                    .now = now};
    l->client = setup->settings->protocol->open(setup, now, l);
    if (l->client != NULL) l->session = l->security->open(d == NULL ? NULL : d->shared, setup, l);
    if (l->session != NULL) return l;
    net_link_free(l);
    return NULL;
}

void net_link_free(net_link *l) {
    if (l == NULL) return;
    l->settings->protocol->free(l->client);
    l->security->free(l->session);
    sim_free(l);
}

void net_link_start(net_link *l, sim_time now) {
    l->now = now;
    l->security->start(l->session, now);
}

int net_link_ask(net_link *l, sim_time now, const net_ask *ask) {
    if (!l->ready) return SIM_ESTATE;
    l->now = now;
    return l->settings->protocol->ask(l->client, l->settings, now, ask);
}

void net_link_input(net_link *l, sim_time now, const uint8_t *bytes, size_t n) {
    l->now = now;
    l->security->input(l->session, now, bytes, n);
}

void net_link_refused(net_link *l, sim_time now) {
    l->now = now;
    l->security->refused(l->session, now);
}

void net_link_wake(net_link *l, sim_time now) {
    const net_protocol *p = l->settings->protocol;
    l->now = now;
    if (l->security->deadline(l->session) <= now) l->security->wake(l->session, now);
    if (p->deadline(l->client) <= now) p->wake(l->client, now);
}

sim_time net_link_deadline(const net_link *l) {
    return sim_time_min(l->settings->protocol->deadline(l->client),
                        l->security->deadline(l->session));
}
