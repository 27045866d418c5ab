/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/protocol.h - a protocol that devices speak, as a row of functions over a client of it: a
 * stock library on the virtual kernel. One file net/protocol_X.c and one line in NET_PROTOCOL_MAP
 * (docs/add/protocol.md). */
#ifndef NET_PROTOCOL_H
#define NET_PROTOCOL_H

#include "net/link.h"
#include "net/security.h"

/* From this number on net_answer.detail says no: 4.00 of CoAP (RFC 7252 12.1), and the reason codes
 * of MQTT (MQTT 5 2.4). */
enum { NET_ANSWER_SAYS_NO = 0x80 };

typedef enum net_transport { NET_DATAGRAMS, NET_STREAM } net_transport;

struct net_protocol {
    const char *name;        /* "coap" */
    const char *application; /* as TLS names it (RFC 7301); NULL: it has no name there */
    /* What its packets are those of, in a wrapping that says so itself: a target of that protocol
     * does for it. NULL: they are its own. */
    const net_protocol *wraps;
    /* Interfaces as a maker's statement names them, ended by NULL: without security, and with it.
     * */
    const char *const *plain, *const *secured;
    net_transport transport;
    uint16_t port, secured_port; /* of its servers */
    /* How often a link shows that it lives where nothing is said; 0: never. How long it waits for
     * an answer. */
    sim_time alive_usual, answer_limit;
    bool opens_by_registering; /* nothing else can be asked before */
    /* Kinds of its server's answers, any of which it can withhold alone, as the protocol calls
     * them: "connack"; ended by NULL. NULL: they are of one kind. */
    const char *const *answers;
    bool has_dialects;  /* topics and payloads can be as a backend has them (net/dialect.h) */
    bool path_is_whole; /* a report goes to its topic as it is; else to one below it, by identity */
    const net_security *const *securities; /* what can protect it; NULL ends the list */
    const net_security *usual_security;    /* one of them; NULL: none of them */
    /* A client for one link; sends nothing yet. NULL: no memory. */
    void *(*open)(const net_link_setup *setup, sim_time now, net_link *link);
    /* What is below it is open: it speaks first, and calls net_link_established when its peer has
     * spoken, too. NULL: then the link is ready at once. */
    void (*start)(void *client, sim_time now);
    /* As net_link_ask; the link is ready. */
    int (*ask)(void *client, const net_protocol_settings *settings, sim_time now,
               const net_ask *ask);
    void (*input)(void *client, sim_time now, const uint8_t *bytes, size_t n);
    void (*refused)(void *client, sim_time now); /* only where nothing protects it */
    void (*wake)(void *client, sim_time now);    /* at its deadline; early is harmless */
    sim_time (*deadline)(const void *client);
    void (*free)(void *client); /* NULL is fine; sends nothing, calls nobody */
    /* What a number in net_answer.detail is called: "4.04 Not Found". NULL: it has no name. May
     * be NULL itself: numbers have none. */
    const char *(*answer_text)(uint16_t detail);
};

/* All protocols, the usual one first. */
#define NET_PROTOCOL_MAP(X) \
    X(coap)                 \
    X(mqtt)                 \
    X(mqtt_ws)              \
    X(coap_tcp)

#define NET_PROTOCOL_DECLARE(name) extern const net_protocol net_protocol_##name;
NET_PROTOCOL_MAP(NET_PROTOCOL_DECLARE)
#undef NET_PROTOCOL_DECLARE

#define NET_PROTOCOL_ONE(name) +1
enum { NET_PROTOCOLS = 0 NET_PROTOCOL_MAP(NET_PROTOCOL_ONE) };
#undef NET_PROTOCOL_ONE

/* Those of the map; NULL ends the list. */
extern const net_protocol *const net_protocols[];
const net_protocol *net_protocol_named(const char *name); /* NULL: there is none */
/* The place in the list of whose answers it gives: its own, or that of what it wraps. */
size_t net_protocol_answering(const net_protocol *p);
/* A target of that protocol does for devices that speak the other. */
bool net_protocol_understands(const net_protocol *target, const net_protocol *device);

/* What protects it under that name, "none" among them (*found is NULL then). False: it has no such
 * security. */
bool net_protocol_security(const net_protocol *p, const char *name, const net_security **found);

/* ---- for a protocol: what it tells its link (and net_link_over) ---- */
void net_link_established(net_link *l);
void net_link_output(net_link *l, const uint8_t *bytes, size_t n); /* down, to the security */
void net_link_answered(net_link *l, const net_answer *answer);

#endif
