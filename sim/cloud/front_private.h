/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/front_private.h - the inside of a front, for its files: front.c has its verbs and DTLS,
 * front_peers.c who is there, front_resources.c what CoAP is answered. */
#ifndef CLOUD_FRONT_PRIVATE_H
#define CLOUD_FRONT_PRIVATE_H

#include "net/coap_server.h"
#include "sim/cloud/front.h"
#include "sim/core/map.h"
#include "sim/core/random.h"

typedef struct cloud_peer {
    cloud_front *front;
    net_address address;
    net_secure_session *session; /* NULL in plain CoAP */
    net_coap_peer coap;          /* 0: none yet */
    sim_id id;
    sim_stream stream;
    /* hash of the Random that its session began with; a hello with another begins a new one */
    uint64_t hello;
    uint32_t device; /* CLOUD_FRONT_NOBODY until known */
    sim_time heard;
    sim_time due;                     /* of the session or of close_at, as last told */
    sim_time close_at;                /* SIM_NEVER: it may stay */
    struct cloud_peer *older, *newer; /* in order of `heard` */
    struct cloud_peer *next_ended;    /* of those that wait to be dropped */
    /* let in over capacity: its registration is answered 5.03... */
    bool busy;
    /* ...until Max-Age of the first 5.03 is over; SIM_NEVER: none was sent yet */
    sim_time busy_until;
    bool online; /* a registration or report was accepted */
    /* dropped when the verb in hand is over: a library may still be standing on it */
    bool ended;
} cloud_peer;

struct cloud_front {
    cloud_front_config config;
    const cloud_front_calls *calls;
    void *context;
    net_secure_domain *domain; /* NULL in plain CoAP */
    net_coap_server *coap;
    sim_slots slots;
    cloud_peer **peers; /* by slot */
    size_t peers_room;
    uint32_t *slot_of_coap; /* slot + 1 by net_coap_peer */
    size_t slot_of_coap_room;
    sim_map by_address; /* hash of the address -> slot */
    sim_map by_device;  /* device -> slot */
    cloud_peer *oldest, *newest;
    cloud_peer *spare; /* stands ready to become the next peer */
    cloud_peer *ended; /* to be dropped when the verb in hand is over */
    sim_stream secret;
    cloud_fate fate; /* of the datagram in hand */
    sim_time now;    /* of the call in hand */
    /* registered in the call in hand: its set-point is made observable when CoAP has answered */
    cloud_peer *publish;
    char publish_path[NET_SECURE_IDENTITY_MAX + 4];
    uint32_t shared_version; /* of the shared value: its ETag; >= 1 */
    double shared_value;
    cloud_front_counts counts;
};

/* ---- front_peers.c ---- */
/* The peer at that address, or that speaks for that device; NULL: none. */
cloud_peer *cloud_front_peer_at(const cloud_front *f, const net_address *from);
cloud_peer *cloud_front_peer_of(const cloud_front *f, uint32_t device);
/* It spoke just now. */
void cloud_peer_heard(cloud_front *f, cloud_peer *p);
/* The peer that stands ready for a newcomer at that address; NULL: no memory. */
cloud_peer *cloud_front_spare(cloud_front *f, const net_address *from);
/* The spare becomes a peer. SIM_EAGAIN: there is no room. */
SIM_MUST_USE int cloud_peer_enter(cloud_front *f, cloud_peer *p);
/* Ends and frees it. Not while a library stands on it: see cloud_peer_end. */
void cloud_peer_drop(cloud_front *f, cloud_peer *p);
/* It will be dropped when the verb in hand is over. */
void cloud_peer_end(cloud_peer *p);
/* The end of every verb. */
void cloud_front_drop_ended(cloud_front *f);
/* After a verb on a peer: it says when to be woken. */
void cloud_peer_settle(cloud_front *f, cloud_peer *p);
/* This device speaks through the peer now; an older one is replaced. */
SIM_MUST_USE int cloud_peer_is_device(cloud_front *f, cloud_peer *p, uint32_t device);
/* Where its libraries draw from; NULL: the operating system. */
sim_stream *cloud_peer_stream(cloud_peer *p);
/* Gives it a CoAP peer. */
SIM_MUST_USE int cloud_peer_admit_coap(cloud_front *f, cloud_peer *p);

/* ---- front_resources.c ---- */
/* As net_coap_server_calls has it. */
void cloud_front_request(void *owner, net_coap_peer peer, const net_coap_request *request,
                         net_coap_reply *reply);

#endif
