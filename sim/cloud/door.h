/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/door.h - how devices get in: a door turns the packets of one protocol into requests to
 * the cloud's service and its answers back into packets (design D15). For one shard of a run, or
 * one real socket. A kind of door is a row of functions; docs/add/door.md says how to add one. */
#ifndef CLOUD_DOOR_H
#define CLOUD_DOOR_H

#include "net/address.h"
#include "net/dialect.h"
#include "net/protocol.h"
#include "net/secure.h"
#include "net/secure_stream.h"
#include "net/vkernel.h"
#include "sim/cloud/counts.h"
#include "sim/cloud/glance.h"
#include "sim/cloud/service.h"
#include "sim/core/random.h"
#include "sim/core/slots.h"

enum { CLOUD_DOOR_TOPICS_MAX = 8 };

/* What a door asks of whoever keeps it. */
typedef struct cloud_door_calls {
    void (*send)(void *context, const net_address *to, const uint8_t *packet, size_t n);
    /* Timer `timer` of the door is due then; SIM_NEVER: no longer. One with generation 0 stands as
     * long as the door does, its slot is a small number, and it moves often; any other belongs to a
     * session, and a call for it at a time that it has moved away from, or after its end, does no
     * harm. */
    void (*wake_at)(void *context, sim_id timer, sim_time due);
    /* Who is `identity`: its device number (or CLOUD_ANYBODY) and key (length returned, 0 unknown).
     * Also asked for names where nothing is secured and the key is not used. */
    size_t (*who)(void *context, const char *identity, uint32_t *device,
                  uint8_t key[NET_SECURE_KEY_MAX]);
    /* Of a door of streams: no more of this connection, after what was sent; `reset`: at once. The
     * door has forgotten it. NULL where there are no streams. */
    void (*close)(void *context, const net_address *to, bool reset);
} cloud_door_calls;

typedef struct cloud_door_settings {
    /* 1..; the session unheard for longest makes room if it has been idle for long enough, else the
     * new one is refused */
    uint32_t peers_maximum;
    const char *report_topics[CLOUD_DOOR_TOPICS_MAX]; /* borrowed; "t" is always one */
    /* the libraries draw from the operating system; `seed` is then not used */
    bool system_randomness;
    /* Of a door whose clients need not say who they are: here they must, with their key. */
    bool identities_required;
    /* of a door of plain CoAP: who registers under a name that nobody knows is a guest */
    bool guests;
    /* of a door of secured streams; borrowed while it is made */
    const net_secure_stream_papers *papers;
    uint16_t keep_alive_maximum_s; /* of a door that may say so; 0: its clients have their own */
    /* of a door whose clients speak a dialect: the backend that they take it for; borrowed; NULL:
     * they know it as it is */
    const net_backend *backend;
    bool keys; /* ... that takes its clients' keys, whatever certificates there are */
    uint64_t seed;
    uint32_t number; /* of this door's shard among the run's, for its secrets, */
    uint32_t beside; /* and how many doors of streams that shard has before it */
    uint32_t awake;  /* as net_security_settings.awake */
} cloud_door_settings;

/* What random numbers of a door of streams are for; a door beside it has others. */
typedef enum cloud_door_use { CLOUD_DOOR_SEQUENCES = 1, CLOUD_DOOR_TICKETS = 2 } cloud_door_use;
static inline sim_stream cloud_door_stream(const cloud_door_settings *settings,
                                           cloud_door_use use) {
    enum { USES = 4 };
    uint64_t id = (uint64_t)use + (uint64_t)USES * settings->beside;
    return sim_stream_for(settings->seed, SIM_PURPOSE_SERVER, id << 32 | settings->number);
}

typedef struct cloud_door cloud_door;

/* What a cloud withholds. */
typedef enum cloud_frozen {
    CLOUD_FROZEN_NOT,
    CLOUD_FROZEN_ALL,       /* its process stands still; the system below goes on */
    CLOUD_FROZEN_HANDSHAKE, /* its part of it: whoever comes hears nothing of DTLS or TLS */
    CLOUD_FROZEN_CONNACK,
    CLOUD_FROZEN_PUBACK, /* and what answers publications of QoS 2 */
    CLOUD_FROZEN_PINGRESP,
    CLOUD_FROZEN_CSM,
    CLOUD_FROZEN_CREATED, /* whatever answers a registration, */
    CLOUD_FROZEN_CHANGED, /* and a report */
    CLOUD_FROZEN_NOTIFICATION,
    CLOUD_FROZEN_PONG
} cloud_frozen;

typedef struct cloud_door_kind {
    const char *scheme;           /* of its addresses: "coaps" */
    const net_protocol *protocol; /* that its clients speak, */
    bool secured;                 /* and whether something protects it */
    /* Its packets are parts of a connection's bytes, each in its turn and none left out; one of no
     * bytes says that the connection was made. Else they are datagrams. */
    bool stream;
    /* What a packet from a client's port shows of itself, to anybody on the way. Pure. */
    cloud_glance (*look)(uint16_t source_port, const uint8_t *packet, size_t n);
    /* Everything but the settings is borrowed. NULL: no memory. */
    cloud_door *(*make)(const cloud_door_settings *settings, net_vkernel *kernel,
                        cloud_service *service, const cloud_door_calls *calls, void *context);
    /* A packet is taken in hand, with what the capacity decided for it: BUSY answers registrations
     * and requests so; RESTART ends the session instead. A stream has no holes: it gets also what
     * was to fall (DROP), and leaves the requests in it unheard. */
    int (*input)(cloud_door *d, sim_time now, const net_address *from, const uint8_t *packet,
                 size_t n, cloud_fate fate);
    void (*wake)(cloud_door *d, sim_time now, sim_id timer); /* a stale one is ignored */
    /* Of a stream: its connection is gone, and nothing can be sent on it. NULL for datagrams. */
    void (*ended)(cloud_door *d, sim_time now, const net_address *from);
    /* What is wanted of the device changed: whoever follows it is told. */
    void (*notify)(cloud_door *d, sim_time now, uint32_t device);
    /* The attempt that the glance belongs to has a session at that address. */
    bool (*knows)(const cloud_door *d, const net_address *from, const cloud_glance *glance);
    /* The service's close_after is another now; with more than 0 the sessions that are registered
     * already have lasted long enough, and are closed. */
    void (*expire)(cloud_door *d, sim_time now);
    /* From now on until `until` it stands still, or withholds some of its answers; or no longer:
     * what came meanwhile is then read. NULL: whoever keeps it hands it nothing meanwhile. */
    void (*freeze)(cloud_door *d, sim_time now, cloud_frozen what, sim_time until);
    /* Loses all sessions and what is known of them. `tell`: open ones are closed in order, if the
     * protocol can; else nobody hears of it. */
    void (*forget)(cloud_door *d, sim_time now, bool tell);
    const cloud_door_counts *(*count)(cloud_door *d); /* valid until the next verb */
    void (*free)(cloud_door *d);
} cloud_door_kind;

/* The verbs that every kind has, where a file calls its own so; but for `takes`, its input. */
#define CLOUD_DOOR_VERBS(takes)                                                       \
    .input = takes, .wake = wake, .notify = notify, .knows = knows, .expire = expire, \
    .forget = forget, .count = count, .free = free_door

struct cloud_door { /* the part that all kinds begin with */
    const cloud_door_kind *kind;
};

/* All doors: of datagrams, and of streams. `coap_stream` and `coaps_stream`: CoAP over TCP and TLS
 * (RFC 8323); `ws` and `wss`: MQTT in a WebSocket (MQTT 5 6), at the path /mqtt. */
#define CLOUD_DATAGRAM_DOOR_MAP(X) \
    X(coap)                        \
    X(coaps)
#define CLOUD_STREAM_DOOR_MAP(X) \
    X(coap_stream)               \
    X(coaps_stream)              \
    X(mqtt)                      \
    X(mqtts)                     \
    X(ws)                        \
    X(wss)

#define CLOUD_DOOR_DECLARE(name) extern const cloud_door_kind cloud_door_##name;
CLOUD_DATAGRAM_DOOR_MAP(CLOUD_DOOR_DECLARE)
CLOUD_STREAM_DOOR_MAP(CLOUD_DOOR_DECLARE)
/* Each of streams once more, for a virtual world (door_tcp.c): its packets are segments of TCP. */
#define CLOUD_DOOR_DECLARE_TCP(name) CLOUD_DOOR_DECLARE(name##_tcp)
CLOUD_STREAM_DOOR_MAP(CLOUD_DOOR_DECLARE_TCP)
#undef CLOUD_DOOR_DECLARE_TCP
#undef CLOUD_DOOR_DECLARE

/* The door of a protocol, secured or not, for a virtual world. NULL: the cloud has none. */
const cloud_door_kind *cloud_door_virtual(const net_protocol *protocol, bool secured);

static inline void cloud_door_free(cloud_door *d) { /* NULL is fine */
    if (d != NULL) d->kind->free(d);
}

#endif
