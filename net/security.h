/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/security.h - the floor between a protocol and its transport: nothing, DTLS or TLS; bytes in,
 * bytes out. A kind is a row of functions; it talks to the link that it serves by the calls at the
 * end of this file. */
#ifndef NET_SECURITY_H
#define NET_SECURITY_H

#include "net/link.h"

/* What the links of a domain share; borrowed while it is made, but for `host`. All 0: as usual. */
typedef struct net_security_settings {
    const char *authorities; /* in PEM, whom they believe; NULL: any server (where that matters) */
    const char *host;        /* the name that a server must bear; NULL: whichever */
    const char *chain, *key; /* in PEM, one for all; NULL: each link has its own */
    bool old;                /* speak the older version alone */
    sim_time offset;         /* of their clocks, from the virtual kernel's */
    /* of links that are open and rest, how many keep their library's memory, where the others can
     * sleep; 0: all */
    uint32_t awake;
} net_security_settings;

typedef struct net_security {
    const char *name; /* "dtls" */
    /* With certificates: a link has its own, or its domain one for all. */
    bool certificates;
    bool sleeps; /* its links that rest can do without their library's memory: settings.awake */
    /* What the clients of one shard share. NULL: *wrong becomes a sentence about settings that are
     * wrong, or is left as it is where there was no memory. */
    void *(*domain_new)(const net_security_settings *settings, const char **wrong);
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
    /* What the next link of the same device can begin with (net_link_setup.memory); NULL: nothing.
     * Both are NULL where nothing ever is. */
    void *(*keep)(void *session);
    void (*forget)(void *kept);
} net_security;

/* What a device remembers of its last link. */
struct net_link_memory {
    const net_security *kind;
    void *kept;
};

extern const net_security net_security_none, net_security_dtls, net_security_tls,
    net_security_tls_psk;

/* One per shard: it is not shared between threads. NULL: *wrong is a sentence about
 * settings that are wrong, or NULL where there was no memory. */
net_security_domain *net_security_domain_new(const net_security *kind,
                                             const net_security_settings *settings,
                                             const char **wrong);
void net_security_domain_free(net_security_domain *d); /* after its links; NULL is fine */

/* ---- for a security: what it tells its link ---- */
void net_link_send(net_link *l, const uint8_t *bytes, size_t n);     /* down, to the transport */
void net_link_opened(net_link *l);                                   /* the protocol may speak */
void net_link_received(net_link *l, const uint8_t *bytes, size_t n); /* up, to the protocol */
/* The transport below refused, and nothing that the security could end stands between. */
void net_link_pass_refused(net_link *l);
void net_link_over(net_link *l, net_end why); /* also for a protocol whose peer ends it */

#endif
