/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/link.h"

#include "net/protocol.h"
#include "sim/core/heap.h"

/* Of a protocol on a stream in a virtual world. */
typedef struct stream {
    net_tcp tcp; /* begins when the link starts */
    const net_tcp_settings *settings;
    uint32_t initial; /* its first number */
    uint16_t port, peer_port;
} stream;

struct net_link {
    const net_protocol_settings *settings; /* and so the protocol */
    const net_security *security;
    const net_link_calls *calls;
    void *owner;
    void *client;   /* of the protocol */
    void *session;  /* of the security */
    stream *stream; /* NULL: the transport carries what the security gives it */
    net_link_memory **memory;
    sim_time now; /* of the verb that runs: one floor's output is the next one's input */
    bool ready, over;
};

struct net_security_domain {
    const net_security *kind;
    void *shared;
};

/* ---- domains ---- */

net_security_domain *net_security_domain_new(const net_security *kind,
                                             const net_security_settings *settings,
                                             const char **wrong) {
    net_security_domain *d = sim_malloc(sizeof *d);
    *wrong = NULL;
    if (d == NULL) return NULL;
    *d = (net_security_domain){.kind = kind, .shared = kind->domain_new(settings, wrong)};
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

/* A peer that acknowledges nothing fills the buffer, and what does not fit would be a hole. */
void net_link_send(net_link *l, const uint8_t *bytes, size_t n) {
    if (l->stream == NULL) {
        l->calls->send(l->owner, bytes, n);
    } else if (!l->over && net_tcp_write(&l->stream->tcp, l->now, bytes, n) < n) {
        net_link_over(l, NET_END_LOST);
    }
}

void net_link_opened(net_link *l) {
    const net_protocol *p = l->settings->protocol;
    if (p->start != NULL)
        p->start(l->client, l->now);
    else
        net_link_established(l);
}

void net_link_established(net_link *l) {
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
    if (l->over) return;
    l->over = true;
    l->ready = false;
    if (l->stream != NULL) net_tcp_close(&l->stream->tcp, l->now);
    l->calls->ended(l->owner, why);
}

/* ---- what the TCP tells ---- */

static void tcp_send(void *owner, const uint8_t *segment, size_t n) {
    net_link *l = owner;
    l->calls->send(l->owner, segment, n);
}

static void tcp_opened(void *owner) {
    net_link *l = owner;
    l->security->start(l->session, l->now);
}

static void tcp_received(void *owner, const uint8_t *bytes, size_t n) {
    net_link *l = owner;
    if (!l->over) l->security->input(l->session, l->now, bytes, n);
}

static void tcp_room(void *owner) {
    (void)owner; /* what did not fit has ended the link */
}

static void tcp_ended(void *owner, net_end why) {
    net_link_over(owner, why);
}

static const net_tcp_calls tcp_calls = {tcp_send, tcp_opened, tcp_received, tcp_room, tcp_ended};

/* ---- verbs ---- */

/* False: no memory, or no randomness. */
static bool prepare_stream(net_link *l, const net_link_setup *setup, sim_time now) {
    const net_protocol *p = setup->settings->protocol;
    if (p->transport != NET_STREAM || setup->tcp == NULL) return true;
    net_vkernel_scope previous = net_vkernel_enter(NULL, 0, now, setup->stream);
    uint32_t initial;
    int error = net_vkernel_random(&initial, sizeof initial);
    net_vkernel_leave(previous);
    l->stream = error == 0 ? sim_malloc(sizeof *l->stream) : NULL;
    if (l->stream == NULL) return false;
    *l->stream = (stream){.settings = setup->tcp,
                          .initial = initial,
                          .port = setup->port,
                          .peer_port = setup->domain != NULL ? p->secured_port : p->port};
    return true;
}

net_link *net_link_new(const net_link_setup *setup, sim_time now, const net_link_calls *calls,
                       void *owner) {
    const net_security_domain *d = setup->domain;
    SIM_PROMISE(d == NULL || d->kind == setup->settings->security);
    net_link *l = sim_malloc(sizeof *l);
    if (l == NULL) return NULL;
    *l = (net_link){.settings = setup->settings,
                    .security = d == NULL ? &net_security_none : d->kind,
                    .calls = calls,
                    .owner = owner,
                    .memory = setup->memory,
                    .now = now};
    if (!prepare_stream(l, setup, now)) {
        sim_free(l);
        return NULL;
    }
    l->client = setup->settings->protocol->open(setup, now, l);
    if (l->client != NULL) l->session = l->security->open(d == NULL ? NULL : d->shared, setup, l);
    if (l->session != NULL) return l;
    net_link_free(l);
    return NULL;
}

void net_link_forget(net_link_memory **memory) {
    if (*memory == NULL) return;
    (*memory)->kind->forget((*memory)->kept);
    sim_free(*memory);
    *memory = NULL;
}

/* Without memory it is forgotten, and costs the next link a longer handshake. */
static void keep(net_link *l) {
    void *kept = l->memory == NULL || l->security->keep == NULL || l->session == NULL
                     ? NULL
                     : l->security->keep(l->session);
    if (kept == NULL) return;
    net_link_forget(l->memory);
    *l->memory = sim_malloc(sizeof **l->memory);
    if (*l->memory == NULL)
        l->security->forget(kept);
    else
        **l->memory = (net_link_memory){.kind = l->security, .kept = kept};
}

void net_link_free(net_link *l) {
    if (l == NULL) return;
    keep(l);
    l->settings->protocol->free(l->client);
    l->security->free(l->session);
    if (l->stream != NULL) net_tcp_free(&l->stream->tcp);
    sim_free(l->stream);
    sim_free(l);
}

void net_link_start(net_link *l, sim_time now) {
    l->now = now;
    if (l->stream == NULL) {
        l->security->start(l->session, now);
    } else {
        stream *t = l->stream;
        net_tcp_connect(&t->tcp, t->settings, &tcp_calls, l, t->port, t->peer_port, t->initial,
                        now);
    }
}

int net_link_ask(net_link *l, sim_time now, const net_ask *ask) {
    if (!l->ready) return SIM_ESTATE;
    l->now = now;
    return l->settings->protocol->ask(l->client, l->settings, now, ask);
}

void net_link_input(net_link *l, sim_time now, const uint8_t *bytes, size_t n) {
    l->now = now;
    if (l->stream == NULL) {
        l->security->input(l->session, now, bytes, n);
    } else {
        net_tcp_input(&l->stream->tcp, now, bytes, n);
    }
}

void net_link_refused(net_link *l, sim_time now) {
    l->now = now;
    if (l->stream != NULL) {
        net_link_over(l, NET_END_REFUSED);
        return;
    }
    l->security->refused(l->session, now);
}

void net_link_wake(net_link *l, sim_time now) {
    const net_protocol *p = l->settings->protocol;
    l->now = now;
    if (l->stream != NULL) net_tcp_wake(&l->stream->tcp, now);
    if (l->over) return;
    if (l->security->deadline(l->session) <= now) l->security->wake(l->session, now);
    if (p->deadline(l->client) <= now) p->wake(l->client, now);
}

sim_time net_link_deadline(const net_link *l) {
    sim_time due = l->stream != NULL ? net_tcp_deadline(&l->stream->tcp) : SIM_NEVER;
    if (l->over) return due;
    due = sim_time_min(due, l->security->deadline(l->session));
    return sim_time_min(due, l->settings->protocol->deadline(l->client));
}
