/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/front.h - the built-in cloud's CoAP side for one shard, or for real sockets: DTLS
 * sessions, CoAP peers, registration, telemetry sink, set-points.
 *
 * Resources: POST rd?ep=NAME registers (RFC 9176's idea, without lifetime) -> 2.01; POST or PUT on
 * a report path takes telemetry (SenML CBOR is read and counted, anything else is counted) -> 2.04;
 * GET s/NAME is what the cloud wants of the device, observable: its set-point ("21.50"), and while
 * an update is offered to it that version ("21.50 fw=2"); GET fw/MODEL is the manifest of that
 * update, GET fw/MODEL?v=VERSION&block=N a block of its image, 4.04 for who is offered none; GET v
 * and PUT v with If-Match are a value that all devices of this front share, a number with an ETag
 * (4.12 for who was overtaken, 4.00 without If-Match); GET .well-known/core lists them. With DTLS,
 * NAME must be the PSK identity, else 4.03; in plain CoAP a set-point is for who has registered
 * under its NAME. */
#ifndef CLOUD_FRONT_H
#define CLOUD_FRONT_H

#include "net/address.h"
#include "net/secure.h"
#include "net/senml.h"
#include "net/vkernel.h"
#include "sim/cloud/capacity.h"
#include "sim/cloud/update.h"
#include "sim/core/slots.h"
#include "sim/record/attempt.h"

typedef struct cloud_front cloud_front;

enum {
    CLOUD_FRONT_NOBODY = UINT32_MAX,
    /* Who answers to an identity that several devices share: none of them replaces another, and
     * none can observe its set-point, only ask for it. */
    CLOUD_FRONT_ANYBODY = UINT32_MAX - 1,
    CLOUD_FRONT_PATHS_MAX = 8
};

typedef struct cloud_front_calls {
    void (*send)(void *context, const net_address *to, const uint8_t *datagram, size_t n);
    /* The peer's or the pool member's deadline moved; SIM_NEVER: none. */
    void (*peer_wake_at)(void *context, sim_id peer, sim_time due);
    void (*member_wake_at)(void *context, uint32_t member, sim_time due);
    /* Who is `identity`: its device number (or ANYBODY) and key (length returned, 0 unknown). Also
     * asked for names in plain CoAP, where the key is not used. */
    size_t (*who)(void *context, const char *identity, uint32_t *device,
                  uint8_t key[NET_SECURE_KEY_MAX]);
    /* How the connection from `from` ended up: ONLINE, BUSY or REFUSED. */
    void (*outcome)(void *context, const net_address *from, record_outcome outcome);
    double (*set_point)(void *context, uint32_t device); /* degrees Celsius */
    /* The device (or ANYBODY) wrote the shared value: it was changed, or somebody else had been
     * faster. NULL: nobody wants to know. */
    void (*change)(void *context, uint32_t device, bool made);
    /* A device's report was taken: what it says (NULL: nothing that can be read), and the bytes of
     * its payload. NULL: nobody examines. */
    void (*telemetry)(void *context, uint32_t device, const net_senml_pack *pack, size_t bytes);
    /* The device speaks from this address now, or no longer; last heard there at `heard`. A device
     * that comes back without having said goodbye is told as gone first. NULL: nobody examines. */
    void (*session)(void *context, uint32_t device, const net_address *from, bool up,
                    sim_time heard);
    /* Somebody said the device's identity and did not have its key. NULL: nobody examines. */
    void (*refused)(void *context, uint32_t device);
    /* The update that is offered to the device just now, borrowed until the run's next instant;
     * NULL: none. May itself be NULL: this cloud has no updates. */
    const cloud_update *(*update)(void *context, uint32_t device);
} cloud_front_calls;

typedef struct cloud_front_config {
    bool secure;
    uint32_t max_age_s;   /* of a 5.03 */
    sim_time close_after; /* a DTLS session is closed so long after its registration; 0: never */
    /* 1..; the peer unheard for longest makes room, idle for CLOUD_FRONT_IDLE at least, else the
     * new one is refused */
    uint32_t peers_maximum;
    const char *report_paths[CLOUD_FRONT_PATHS_MAX]; /* borrowed; "t" is always one */
    /* the libraries draw from the operating system; `seed` is then not used */
    bool system_randomness;
    uint64_t seed;
    uint32_t number; /* of this front among the run's, for its cookie secret */
} cloud_front_config;

typedef struct cloud_front_counts {
    uint64_t requests, registrations, reports, reports_malformed, refused_busy, forbidden,
        not_found;
    uint64_t set_points_sent;
    uint64_t manifests_sent, blocks_sent;        /* of updates */
    uint64_t value_changes, value_conflicts;     /* of the shared value */
    uint64_t sessions_opened, sessions_replaced; /* replaced: the same identity came again */
    uint64_t unknown_identity, wrong_key, handshake_timeouts, garbage, peers_refused;
    uint64_t closed;      /* sessions that we closed, by close_after or cloud_front_forget */
    uint64_t unpublished; /* registered, but no memory was left for its observable path */
} cloud_front_counts;

cloud_front *cloud_front_new(const cloud_front_config *config, net_vkernel *kernel,
                             const cloud_front_calls *calls, void *context);
void cloud_front_free(cloud_front *f); /* NULL is fine */
/* A datagram arrives. `fate` is what the capacity model decided for it: BUSY answers registrations
 * and requests with 5.03. */
SIM_MUST_USE int cloud_front_input(cloud_front *f, sim_time now, const net_address *from,
                                   const uint8_t *datagram, size_t n, cloud_fate fate);
void cloud_front_wake_peer(cloud_front *f, sim_time now, sim_id peer); /* a stale id is ignored */
void cloud_front_wake_member(cloud_front *f, sim_time now, uint32_t member);
/* The device's set-point changed: observers are told. */
void cloud_front_notify(cloud_front *f, sim_time now, uint32_t device);
bool cloud_front_knows(const cloud_front *f, const net_address *from);
/* peers alive: with DTLS, sessions open or opening */
uint32_t cloud_front_peers(const cloud_front *f);
const cloud_front_counts *cloud_front_count(const cloud_front *f);
void cloud_front_counts_add(cloud_front_counts *into, const cloud_front_counts *from);
uint64_t cloud_front_discarded(const cloud_front *f); /* datagrams that DTLS threw away unread */
void cloud_front_max_age(cloud_front *f, uint32_t max_age_s);
/* As in the configuration, from now on; with more than 0 the sessions that are registered already
 * have lasted long enough, and are closed now. */
void cloud_front_close_after(cloud_front *f, sim_time now, sim_time close_after);
/* Loses all peers and what is known of them. `tell`: open DTLS sessions are closed in order
 * (close_notify); else nobody hears of it. */
void cloud_front_forget(cloud_front *f, sim_time now, bool tell);

#endif
