/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/security.h - the floor between a protocol and its transport: nothing, or DTLS; bytes in,
 * bytes
 * out. A kind is a row of functions; it talks to the link that it serves by the three calls at the
 * end of this file. */
#ifndef NET_SECURITY_H
#define NET_SECURITY_H

#include "net/link.h"

typedef struct net_security {
    /* What the clients of one shard share. NULL: no memory. */
    void *(*domain_new)(void);
    void (*domain_free)(void *domain);
    /* For one link; sends nothing yet. NULL: no memory. */
    void *(*open)(void *domain, const net_link_setup *setup, net_link *link);
    void (*start)(void *session, sim_time now);
    /* From the transport below, and from the protocol above. What is not taken any more is lost. */
    void (*input)(void *session, sim_time now, const uint8_t *bytes, size_t n);
    void (*output)(void *session, sim_time now, const uint8_t *bytes, size_t n);
    void (*refused)(void *session, sim_time now); /* by the transport */
    void (*wake)(void *session, sim_time now);
    sim_time (*deadline)(const void *session);
    void (*free)(void *session); /* NULL is fine */
} net_security;

extern const net_security net_security_none, net_security_dtls;

/* One per shard: it is not shared between threads. NULL: no memory. */
net_security_domain *net_security_domain_new(const net_security *kind);
void net_security_domain_free(net_security_domain *d); /* after its links; NULL is fine */

/* ---- for a security: what it tells its link ---- */
void net_link_send(net_link *l, const uint8_t *bytes, size_t n);     /* down, to the transport */
void net_link_opened(net_link *l);                                   /* the protocol may speak */
void net_link_received(net_link *l, const uint8_t *bytes, size_t n); /* up, to the protocol */
/* The transport below refused, and nothing that the security could end stands between. */
void net_link_pass_refused(net_link *l);
void net_link_over(net_link *l, net_end why); /* also for a protocol whose peer ends it */

#endif
