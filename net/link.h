/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/link.h - all that a device may know of its connection to a cloud (design D13). It *asks*, is
 * *answered*, or the cloud speaks first; the link *ends* for a neutral reason. Which protocol
 * speaks
 * on the wire, and what protects it, is the business of the floors below: protocol (net/protocol.h)
 * over security (net/security.h) over the transport, which is the owner's `send` and
 * net_link_input, with a TCP of our own (net/tcp.h) where a stream goes through a virtual world. A
 * link is made for one connection attempt and freed when it ended; a power loss is just a free.
 *
 * docs/add/protocol.md holds the words against CoAP and against MQTT. */
#ifndef NET_LINK_H
#define NET_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/end.h"
#include "net/secure_certificate.h"
#include "net/tcp.h"
#include "net/vkernel.h"

typedef struct net_link net_link;
typedef struct net_protocol net_protocol;               /* net/protocol.h */
typedef struct net_security net_security;               /* net/security.h */
typedef struct net_security_domain net_security_domain; /* net/security.h */
typedef struct net_link_memory net_link_memory;
typedef struct net_backend net_backend; /* net/dialect.h */
typedef struct net_credentials net_credentials;

enum {
    NET_IDENTITY_MAX = 64, /* bytes with the final 0 */
    NET_KEY_MAX = 32,      /* bytes */
    NET_BODY_MAX = 1024    /* bytes of one ask or answer */
};

typedef enum net_format {
    NET_FORMAT_NONE, /* it does not say */
    NET_FORMAT_TEXT,
    NET_FORMAT_OCTETS,
    NET_FORMAT_SENML_CBOR, /* RFC 8428 */
    NET_FORMAT_OTHER,      /* it says something that no device knows */
    NET_FORMATS
} net_format;

typedef enum net_ask_kind {
    NET_ASK_REGISTER, /* here I am: `name` on `topic` */
    NET_ASK_REPORT,   /* a reading, on `topic` */
    NET_ASK_FOLLOW,   /* the value of `topic`, and each later one */
    NET_ASK_READ,     /* the value of `topic`, once */
    NET_ASK_CHANGE,   /* `body` is to be the value of `topic`, if it is still `edition` */
    NET_ASK_BLOCK,    /* piece `number` of `version` of what `topic` offers */
    NET_ASKS
} net_ask_kind;

typedef struct net_ask {
    net_ask_kind kind;
    uint32_t tag;               /* the asker's number; comes back with the answer */
    const char *topic;          /* "a/b"; all pointers are borrowed for the call */
    const char *name;           /* with REGISTER: of the device */
    const net_credentials *who; /* with REPORT before a backend: of the device; else NULL */
    uint32_t edition; /* with CHANGE: that of the answer that was read; 0: whatever it is now */
    uint32_t version, number; /* with BLOCK */
    net_format format;
    const uint8_t *body;
    size_t size; /* 0..NET_BODY_MAX */
} net_ask;

typedef enum net_answer_kind {
    NET_TAKEN,      /* done as asked; with FOLLOW, READ and BLOCK the body is what was asked for */
    NET_BUSY,       /* the cloud wants to be left alone, for `hold` */
    NET_REFUSED,    /* not this, or not from this device: `unknown` tells */
    NET_OVERTAKEN,  /* the value is of another edition by now */
    NET_UNANSWERED, /* nothing came, for `error` */
    NET_ANSWERS
} net_answer_kind;

typedef struct net_answer { /* borrowed for the call */
    uint32_t tag;           /* of the ask; of the FOLLOW, when the cloud speaks first */
    net_answer_kind kind;
    bool unasked;     /* the cloud speaks first: a later value of what is followed */
    bool unknown;     /* with REFUSED: the cloud does not know this device, or not any more */
    uint16_t detail;  /* the protocol's own number, for the record; never to decide by */
    int error;        /* with UNANSWERED: SIM_ETIMEOUT, SIM_ECLOSED, SIM_EUNREACHABLE; else 0 */
    sim_time hold;    /* with BUSY; >= 0 */
    uint32_t edition; /* of the value; 0: it has none */
    net_format format;
    const uint8_t *body;
    size_t size;
} net_answer;

/* How surely a report arrives, where the protocol leaves the choice. */
typedef enum net_assurance {
    NET_AT_LEAST_ONCE, /* the usual one */
    NET_AT_MOST_ONCE,
    NET_EXACTLY_ONCE
} net_assurance;

/* How the devices of one kind speak: of their protocol, not of any one link. Strings are borrowed.
 * */
typedef struct net_protocol_settings {
    const net_protocol *protocol;
    const net_security *security; /* one of its protocol's; NULL: nothing protects it */
    const char *report_topic;     /* "t" */
    /* "rd", or NULL: who is connected is online (a foreign server) */
    const char *register_topic;
    bool report_replaces; /* a report takes the place of the last one, instead of adding to it */
    bool report_reads;    /* it says nothing, and asks for what stands at its topic */
    /* The rest is for protocols that have it. */
    net_assurance assurance;
    /* how often a link that has nothing to say shows that it lives; whole seconds; 0: the usual;
     * SIM_NEVER: it does not */
    sim_time alive_every;
    /* the cloud keeps what it knows of the device so long after a link; whole seconds; 0: not */
    sim_time remembered;
    /* on which the cloud says that the device is gone, once it hears nothing of it; NULL: none */
    const char *absence_topic;
    const char *model;          /* what kind of device it is, for those that say it */
    const net_backend *backend; /* NULL: the built-in cloud, or one that is like it */
} net_protocol_settings;

/* May be made from within any verb below. Inside a call the owner may ask again, but must not free
 * the link, nor hand it input or wake it. */
typedef struct net_link_calls {
    void (*send)(void *owner, const uint8_t *bytes, size_t n); /* to the transport */
    void (*ready)(void *owner);                                /* it may ask */
    /* Each ask is answered once, UNANSWERED at the worst, unless the link ends before; unasked
     * answers apart. */
    void (*answered)(void *owner, const net_answer *answer);
    /* Over, and the open asks with it; free the link, but not inside a call. */
    void (*ended)(void *owner, net_end why);
} net_link_calls;

/* Who a device is. */
struct net_credentials {
    char identity[NET_IDENTITY_MAX];
    uint8_t key[NET_KEY_MAX];
    size_t key_size;                    /* 0: none */
    const net_certificate *certificate; /* borrowed; NULL: none */
    /* what it logs in with, where that is something else; borrowed for the link's life; NULL: as
     * the backend has it, or nothing */
    const char *user_name, *password;
    sim_time clock;  /* its clock goes wrong by that much */
    uint32_t number; /* of the device, in the fleet */
};

typedef struct net_link_setup {
    const net_protocol_settings *settings; /* borrowed for the link's life, as the next two */
    net_vkernel *kernel;
    net_security_domain *domain; /* NULL: nothing protects the link */
    /* of the device, borrowed for the link's life; NULL: the operating system's randomness */
    sim_stream *stream;
    const net_credentials *who; /* borrowed for the call */
    /* What the device remembers of its last link, and will of this one: the device's, until it
     * forgets it. NULL: it remembers nothing. */
    net_link_memory **memory;
    /* With a protocol on a stream: what the transport carries is segments of a virtual TCP, from
     * this port. NULL: the transport is a stream itself, and open when the link starts. */
    const net_tcp_settings *tcp;
    uint16_t port;
} net_link_setup;

/* Sends nothing yet. `calls` is borrowed. NULL: no memory. */
net_link *net_link_new(const net_link_setup *setup, sim_time now, const net_link_calls *calls,
                       void *owner);
void net_link_free(net_link *l);                /* NULL is fine; sends nothing, calls nobody */
void net_link_forget(net_link_memory **memory); /* of a device; it may be empty */
void net_link_start(net_link *l, sim_time now);
/* SIM_ESTATE before it is ready and after it ended; SIM_ENOMEM, SIM_ERANGE (body or topic too
 * long), SIM_ELIBRARY: then no answer follows. */
SIM_MUST_USE int net_link_ask(net_link *l, sim_time now, const net_ask *ask);
void net_link_input(net_link *l, sim_time now, const uint8_t *bytes, size_t n);
/* The transport reports that nobody listens there. */
void net_link_refused(net_link *l, sim_time now);
void net_link_wake(net_link *l, sim_time now);
sim_time net_link_deadline(const net_link *l); /* the earliest of all floors; SIM_NEVER: none */

#endif
