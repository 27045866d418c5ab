/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/door_coap_private.h - the inside of the CoAP door, for its files: door_coap.c has its
 * verbs and DTLS, door_coap_stream.c those of connections (RFC 8323) and TLS, door_coap_look.c what
 * a packet shows, door_coap_peers.c who is there, door_coap_resources.c what each resource is
 * answered.
 *
 * Resources: POST rd?ep=NAME registers (RFC 9176's idea, without lifetime) -> 2.01 with
 * Location-Path rd/NAME, where POST updates the registration -> 2.04 and DELETE ends it -> 2.02;
 * POST or PUT on
 * a report topic takes telemetry (SenML CBOR is read and counted, anything else is counted) ->
 * 2.04; GET s/NAME is the device's set-point ("21.50"), GET c/NAME all that the cloud wants of it,
 * a command a line ("set-point 21.50", and while an update is offered to it "firmware 2"); that of
 * the two which the device follows is observable; GET fw/MODEL is the manifest of that update, GET
 * fw/MODEL?v=VERSION&block=N a block of its image, 4.04 for who is offered none; GET v and PUT v
 * with If-Match are a value that all devices of the service share, a number with an ETag (4.12 for
 * who was overtaken, 4.00 without If-Match); GET .well-known/core lists them. With DTLS, NAME must
 * be the PSK identity, with TLS what that has proved, else 4.03; in plain CoAP a set-point is for
 * who has registered under its NAME. */
#ifndef CLOUD_DOOR_COAP_PRIVATE_H
#define CLOUD_DOOR_COAP_PRIVATE_H

#include "net/coap_server.h"
#include "net/coap_stream.h"
#include "sim/cloud/door.h"
#include "sim/core/map.h"
#include "sim/core/random.h"

typedef struct coap_door coap_door;

typedef struct coap_peer {
    coap_door *door;
    cloud_session session;
    net_secure_session *secure; /* DTLS; NULL: none */
    net_secure_stream *tls;     /* NULL: none */
    net_coap_stream *messages;  /* of its connection, once they can flow; NULL on datagrams */
    net_coap_peer coap;         /* 0: none yet */
    sim_id id;
    sim_stream stream;
    /* tag of the attempt that its session began with; a hello with another begins a new one */
    uint64_t hello;
    uint64_t guest; /* hash of the name that it has registered under, which is nobody's; else 0 */
    sim_time due;   /* of DTLS or of close_at, as last told */
    struct coap_peer *older, *newer; /* in order of `heard` */
    struct coap_peer *next_ended;    /* of those that wait to be dropped */
    /* dropped when the verb in hand is over: a library may still be standing on it */
    bool ended;
    bool closed; /* its connection is, by us */
} coap_peer;

struct coap_door {
    cloud_door base; /* first: a pointer to it is one to its door */
    cloud_door_settings settings;
    const cloud_door_calls *calls;
    void *context;
    cloud_service *service;
    net_secure_domain *domain;     /* of DTLS; NULL: none */
    net_secure_stream_domain *tls; /* NULL: none */
    sim_stream tickets;            /* feeds the keys of its session tickets */
    net_coap_server *coap;
    sim_slots slots;
    coap_peer **peers; /* by slot */
    size_t peers_room;
    uint32_t *slot_of_coap; /* slot + 1 by net_coap_peer */
    size_t slot_of_coap_room;
    sim_map by_address; /* hash of the address -> slot */
    sim_map by_device;  /* device -> slot */
    coap_peer *oldest, *newest;
    coap_peer *spare; /* stands ready to become the next peer */
    coap_peer *ended; /* to be dropped when the verb in hand is over */
    sim_stream secret;
    cloud_frozen frozen;   /* what it withholds; never ALL */
    coap_peer *unanswered; /* whose request in hand is not to be answered; NULL: none is */
    cloud_fate fate;       /* of the datagram in hand */
    sim_time now;          /* of the call in hand */
    /* registered in the call in hand: its channel is made observable when CoAP has answered */
    coap_peer *publish;
    char publish_path[NET_SECURE_IDENTITY_MAX + 4];
    char location[NET_SECURE_IDENTITY_MAX + 4]; /* of the registration in hand */
    cloud_door_counts counts;
};

/* ---- door_coap_look.c: as cloud_door_kind.look has it ---- */
cloud_glance cloud_coap_look(uint16_t source_port, const uint8_t *packet, size_t n);
cloud_glance cloud_coaps_look(uint16_t source_port, const uint8_t *packet, size_t n);
cloud_glance cloud_coap_stream_look(uint16_t source_port, const uint8_t *bytes, size_t n);
/* It begins like a message of plain CoAP. */
bool coap_door_can_read(const uint8_t *packet, size_t n);

/* ---- door_coap_peers.c ---- */
/* The peer at that address, or that speaks for that device; NULL: none. */
coap_peer *coap_door_peer_at(const coap_door *d, const net_address *from);
coap_peer *coap_door_peer_of(const coap_door *d, uint32_t device);
/* It spoke just now. */
void coap_peer_heard(coap_door *d, coap_peer *p);
/* The peer that stands ready for a newcomer at that address; NULL: no memory. */
coap_peer *coap_door_spare(coap_door *d, const net_address *from);
/* The spare becomes a peer. SIM_EAGAIN: there is no room. */
SIM_MUST_USE int coap_peer_enter(coap_door *d, coap_peer *p);
/* Ends and frees it. Not while a library stands on it: see coap_peer_end. */
void coap_peer_drop(coap_door *d, coap_peer *p);
/* It will be dropped when the verb in hand is over. */
void coap_peer_end(coap_peer *p);
/* The end of every verb. */
void coap_door_drop_ended(coap_door *d);
/* After a verb on a peer: it says when to be woken. */
void coap_peer_settle(coap_door *d, coap_peer *p);
/* This device speaks through the peer now; an older one is replaced. */
SIM_MUST_USE int coap_peer_is_device(coap_door *d, coap_peer *p, uint32_t device);
/* It speaks for nobody any more, and may register again. */
void coap_peer_leaves_device(coap_door *d, coap_peer *p);
/* The name that it has proved to have; NULL: none. */
const char *coap_peer_proven(const coap_peer *p);
/* Ends the peer's session; in order if it is open. Its connection is closed. */
void coap_peer_close(coap_peer *p);
/* Its session has lasted long enough, and is closed as the service has it. */
void coap_peer_expire(coap_peer *p);
/* What the peer wanted cannot be had, and its connection ends for it. */
void coap_peer_turn_away(coap_peer *p);
/* Where its libraries draw from; NULL: the operating system. */
sim_stream *coap_peer_stream(coap_peer *p);
/* Gives it a CoAP peer. */
SIM_MUST_USE int coap_peer_admit_coap(coap_door *d, coap_peer *p);

/* ---- door_coap.c ---- */
/* After a request of the peer: it can observe what it has registered for. A device that could not
 * be given its path finds 4.04 there and goes without. */
void coap_door_publish(coap_door *d);
/* It has sent this message. */
void coap_peer_asks(coap_peer *p, const uint8_t *datagram, size_t n);
/* Who the peer's security says that it is not, or that it cannot be. */
void coap_peer_unproven(coap_peer *p, net_end why);
/* What `p` says in DTLS or TLS, of which `open` says whether it is through, is withheld. */
bool coap_peer_mute(const coap_peer *p, bool open);
/* As net_secure_find_key has it; the context is the door. */
size_t coap_door_find_key(void *context, const char *identity, uint8_t key[NET_SECURE_KEY_MAX]);

/* ---- door_coap_stream.c ---- */
/* False: no memory. */
bool coap_door_make_tls(coap_door *d);
/* As cloud_door_kind has them. */
int coap_door_stream_input(cloud_door *door, sim_time now, const net_address *from,
                           const uint8_t *bytes, size_t n, cloud_fate fate);
void coap_door_stream_ended(cloud_door *door, sim_time now, const net_address *from);

/* ---- door_coap_resources.c ---- */
/* As net_coap_server_calls has it. */
void coap_door_request(void *owner, net_coap_peer peer, const net_coap_request *request,
                       net_coap_reply *reply);

#endif
