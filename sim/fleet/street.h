/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/street.h - one shard: the homes of a street, their devices, the hops between them and
 * the
 * cloud edge, and the cloud's side of their sessions. All that happens here is decided by (seed,
 * spec, street number) and by what the run tells it at the border between two windows. */
#ifndef SIM_FLEET_STREET_H
#define SIM_FLEET_STREET_H

#include "devices/anomaly.h"
#include "devices/update.h"
#include "sim/cloud/door.h"
#include "sim/cloud/intake.h"
#include "sim/core/histogram.h"
#include "sim/core/rough.h"
#include "sim/core/shard.h"
#include "sim/examine/watch.h"
#include "sim/fleet/authority.h"
#include "sim/fleet/capture.h"
#include "sim/fleet/credentials.h"
#include "sim/fleet/fault.h"
#include "sim/fleet/packet.h"
#include "sim/fleet/selection.h"
#include "sim/fleet/spec.h"
#include "sim/fleet/trace.h"
#include "sim/fleet/watch.h"

enum { FLEET_UP = 0, FLEET_DOWN = 1, FLEET_WAYS = 2 };

typedef struct fleet_home {
    net_hop uplink[FLEET_WAYS];
    bool powered, link_up; /* of the router */
    bool cut;              /* its way to the internet is a black hole */
    /* counts power changes: a router that was cut again does not come up by an older promise */
    uint32_t link_turn;
    bool mast_up;       /* of the mobile network that serves it */
    uint32_t mast_turn; /* as link_turn */
    /* what its devices need before the cloud; SIM_NEVER: gone */
    sim_time server_after[FLEET_SERVERS];
    sim_stream stream;
} fleet_home;

/* What the run remembers of a device, beside the device itself. */
typedef struct fleet_device {
    cloud_edge_peer edge;
    net_link_memory *memory; /* what the device remembers of its last connection; NULL: nothing */
    float desired;           /* what the cloud wants of it, in its model's unit */
    bool struck;             /* was online when the fault at hand hit it */
    bool unpowered;          /* the drill has taken its power */
    bool joined;             /* its hub's mesh */
    uint16_t join_turn, mains_turn; /* as fleet_home.link_turn */
    /* real world: in the attempt in hand, the client's part of the handshake was all said */
    bool finished_sent;
    bool unaware;         /* the cloud has fallen silent, and the device has not noticed */
    sim_time answered_at; /* by the built-in cloud, the last time */
    bool been_answered;   /* a server has answered it at some time */
    uint16_t cohort;      /* of the examiner: zone, kind of device and firmware */
    uint32_t twin;        /* its clone's place in the street's list + 1; 0: none */
    /* Reports that were due, were not sent, and wait for the next answer: how many, and when the
     * first and the last of them were due. */
    uint32_t late;
    sim_time late_first, late_last;
    /* of an update, that it was told of: number in fleet_shared.offers + 1; 0: none */
    uint8_t offer;
} fleet_device;

/* A clone: another device, in another home, that uses the identity and key of a device of this
 * street. It counts for nobody: not as a device, not as online, not as a report due. In calls and
 * events it is a device of the street with a number of its own, above all others: device_count +
 * its place. */
typedef struct fleet_clone {
    dev_device device; /* first: a pointer to it is one to its twin */
    fleet_device note;
    uint32_t place;
    uint32_t original; /* whose identity it is, within the street */
    sim_time until;    /* it is switched off */
} fleet_clone;

enum { FLEET_OFFERS_MAX = 32 };

/* An update that the drill has offered. */
typedef struct fleet_offer {
    cloud_update *updates; /* by model */
    uint8_t trigger;       /* that who restarts for it comes back under */
} fleet_offer;

/* Who restarted for an offer. */
typedef struct fleet_restarts {
    uint64_t devices; /* that were online until then */
    sim_time first;   /* SIM_NEVER: none */
} fleet_restarts;

/* What the streets of a run have in common; they only read it while a window runs. */
typedef struct fleet_shared {
    const fleet_spec *spec;
    uint64_t seed;
    bool real; /* the edge is a real socket */
    bool secure;
    /* of links with certificates; borrowed. NULL: those of the fleet's own authority and cloud */
    const net_security_settings *papers;
    bool captured;              /* streets keep what passes the edge for the run's capture */
    const fleet_traced *traced; /* what they keep for the run's trace; NULL: nothing */
    const fleet_credentials *credentials;
    const fleet_authority *authority; /* where devices have certificates */
    uint64_t devices;                 /* of the whole fleet */
    const fleet_offer *offers;
    net_signing_key update_key; /* where devices take updates */
    /* The real world: put a packet of fleet device `device` on the wire; a fresh socket for a new
     * connection; no socket any more (`silent`: the device is gone without a word). */
    void *wire;
    int (*wire_send)(void *wire, uint32_t device, const uint8_t *datagram, size_t n);
    int (*wire_open)(void *wire, uint32_t device);
    void (*wire_close)(void *wire, uint32_t device, bool silent);
    const examine_watch_fleet *watch; /* NULL: nobody examines */
} fleet_shared;

enum { FLEET_ANSWERS = 256 };

/* Sums of a street, merged by addition in street order: what is in these lists is in the struct,
 * and is added. X(name), and X(name, how many). */
#define FLEET_SUMS_MAP(X)                                                                          \
    X(online)                                                                                      \
    X(reports_answered)                                                                            \
    X(reports_refused)                                                                             \
    X(reports_failed) /* no answer in time */                                                      \
    X(reports_cut)    /* of those, while the drill kept the device from the cloud */               \
    X(behind)       /* devices with reports that were due, not sent, and not answered for since */ \
    X(datagrams_up) /* at the edge, as the next three */                                           \
    X(datagrams_down)                                                                              \
    X(bytes_up)                                                                                    \
    X(bytes_down)                                                                                  \
    X(wire_errors)                                                                                 \
    X(chains) /* boot chains that came to their end */
#define FLEET_SUMS_LISTS_MAP(X)                                                          \
    X(skipped, DEV_SKIPS)     /* reports that were due and not sent */                   \
    X(answers, FLEET_ANSWERS) /* by net_answer.detail; those that ended attempts, too */ \
    X(asked, FLEET_SERVERS)   /* requests of boot chains */                              \
    X(attempts_failed, DEV_EVENTS)                                                       \
    X(ends, NET_ENDS)

typedef struct fleet_sums {
#define FLEET_SUMS_FIELD(name) uint64_t name;
#define FLEET_SUMS_LIST(name, count) uint64_t name[count];
    dev_counts devices;
    FLEET_SUMS_MAP(FLEET_SUMS_FIELD)
    FLEET_SUMS_LISTS_MAP(FLEET_SUMS_LIST)
#undef FLEET_SUMS_FIELD
#undef FLEET_SUMS_LIST
} fleet_sums;

/* One way into the cloud: what some devices of a street speak, and a door for it. */
typedef struct fleet_gate {
    struct fleet_street *street;
    uint32_t number; /* within the street */
    const net_protocol *protocol;
    const net_security *kind;      /* NULL: nothing protects it */
    net_security_domain *security; /* of the devices; NULL likewise */
    const cloud_door_kind *door_kind;
    cloud_door *door;   /* NULL in the real world */
    sim_timer *members; /* standing timers of the door */
    uint32_t member_count;
} fleet_gate;

/* Who of those that were online noticed that the cloud had fallen silent. */
typedef struct fleet_silence {
    uint64_t struck, noticed, unnoticed;
    sim_time slowest;
    double slowest_share, unnoticed_share; /* of what devices declare */
} fleet_silence;

/* How quick a server of a home is that nobody has slowed down. */
#define FLEET_SERVER_AFTER (20 * SIM_MILLISECOND)

typedef struct fleet_booting fleet_booting; /* street_chain.c */

typedef struct fleet_street {
    sim_shard shard;
    const fleet_shared *commons;
    const fleet_zone *zone;
    uint32_t zone_number, number;        /* street within its zone */
    uint32_t first_home, home_count;     /* in the fleet */
    uint32_t first_device, device_count; /* in the fleet */
    uint32_t per_home;                   /* devices in a home; >= 1 */
    fleet_home *homes;
    dev_device *devices;
    uint8_t *states;     /* of their models, home by home */
    fleet_device *notes; /* by device */
    fleet_clone **twins; /* clones; each on the heap, where others point to it */
    uint32_t twin_count;
    size_t twin_room;
    dev_counts twin_counts;                    /* nobody asks */
    dev_update *updates;                       /* by device; NULL: none of them takes updates */
    fleet_restarts restarts[FLEET_OFFERS_MAX]; /* by offer */
    net_hop backhaul[FLEET_WAYS];
    fleet_booting *booting; /* boot chains, by device; NULL: nobody has one */
    net_hop *cells;         /* of the mobile network, by home and way; NULL: nobody is on it */
    net_vkernel *kernel;
    fleet_gate gates[FLEET_GROUPS_MAX]; /* of all kinds of device, each once */
    uint32_t gate_count;
    uint8_t gate_of[FLEET_GROUPS_MAX]; /* by group: number of its gate */
    cloud_service service;             /* unused in the real world, as are the doors */
    uint8_t cloud_life; /* counts its restarts: what was let in before one is lost with it */
    uint8_t frozen;     /* cloud_frozen */
    sim_time frozen_until;
    size_t held; /* bytes that wait in the sockets of a process that does not read */
    fleet_silence silence;
    dev_world world, twin_world; /* of devices, of clones */
    cloud_edge edge;
    sim_queue arrivals; /* packets that will reach the edge: wait there for the capacity's word */
    uint64_t sequence;  /* of events that the street itself causes */
    fleet_sums tally;
    fleet_ledger ledger;
    /* From when a report was due to the first success that its device then had: its own or, for a
     * report that could not be sent, the next one's. Not of reports that the drill cut off. */
    sim_histogram request_latency;
    sim_rough second; /* the same of those that were answered since the last row of series.csv */
    sim_histogram request_never;   /* when those were due that had none */
    sim_histogram connect_latency; /* attempt at the edge to online */
    sim_time change_at;            /* the drill asked for changes of the shared value */
    fleet_watch sight;             /* its watch: owned */
    uint64_t changes_wanted;       /* of devices that were online then */
    sim_histogram change_latency;  /* from then to the change */
    fleet_tape capture, trace;     /* since the last window's end */
    int error;                     /* first failure inside a call that could not return it */
} fleet_street;

/* Builds street `number` of zone `zone_number` without power anywhere but in the routers; devices
 * are switched on over zone->start_over. SIM_ENOMEM, SIM_ELIBRARY. */
SIM_MUST_USE int fleet_street_init(fleet_street *s, const fleet_shared *commons, uint32_t index,
                                   uint32_t zone_number, uint32_t number, uint32_t first_home,
                                   uint32_t first_device);
void fleet_street_deinit(fleet_street *s);                            /* frees what is in flight */
uint32_t fleet_street_homes(const fleet_zone *zone, uint32_t number); /* of that street */
uint32_t fleet_zone_per_home(const fleet_zone *zone);                 /* devices */
/* Handles events before `until`. */
SIM_MUST_USE int fleet_street_step(fleet_street *s, sim_time until);
/* Time of the next event, arrivals at the edge included. */
sim_time fleet_street_next(const fleet_street *s);

/* ---- the edge, for whoever decides (between two windows) ---- */
/* The earliest arrival before `until`; NULL: none. Valid until the next call. */
const sim_event *fleet_street_arrival(const fleet_street *s, sim_time until);
/* Takes that arrival: notes it at the edge, asks `capacity` for its fate and queues or drops it. */
SIM_MUST_USE int fleet_street_decide(fleet_street *s, cloud_capacity *capacity);
/* The real world: a datagram came from the wire for device `device` (in this street). */
SIM_MUST_USE int fleet_street_from_wire(fleet_street *s, sim_time now, uint32_t device,
                                        const uint8_t *datagram, size_t n);

/* ---- what the drill does, at `now`, between two windows ---- */
/* A fault strikes; SIM_ENOMEM. `trigger`: what devices that lose their service, or have it back,
 * come back under. */
SIM_MUST_USE int fleet_street_strike(fleet_street *s, sim_time now, const fleet_fault *fault,
                                     const fleet_selection *sel, const void *order,
                                     uint8_t trigger);
/* Devices in the homes selected that are online. */
uint64_t fleet_street_online(const fleet_street *s, const fleet_selection *sel);
/* Those of them that reach the internet through the router. */
uint64_t fleet_street_online_by_router(const fleet_street *s, const fleet_selection *sel);
void fleet_street_count(const fleet_street *s, const fleet_selection *sel, uint64_t *homes,
                        uint64_t *devices);
/* Writes the selected devices (numbers within the street, ascending) to out[device_count]; returns
 * how many. */
uint32_t fleet_street_pick(const fleet_street *s, const fleet_selection *sel, uint32_t *out);
/* A device (within the street) misbehaves as ordered. SIM_ENOMEM. */
SIM_MUST_USE int fleet_street_inject(fleet_street *s, sim_time now, uint32_t device,
                                     const dev_anomaly_order *order);
/* Tells the devices that take updates of offer `number`, each at a random time within `over`. */
SIM_MUST_USE int fleet_street_offer(fleet_street *s, sim_time now, const fleet_selection *sel,
                                    uint32_t number, sim_time over);
/* Adds to *out. */
void fleet_street_firmware(const fleet_street *s, const fleet_selection *sel, uint32_t version,
                           fleet_firmware *out);
/* Devices selected that the cut struck, have lost their service, and would come back now with the
 * power (or with the network). */
uint64_t fleet_street_struck(const fleet_street *s, const fleet_selection *sel, bool power);

/* The real world ends: the devices go without a word, as their sockets are about to. */
void fleet_street_unplug(fleet_street *s);
/* At the end of the run: attempts that never got in are called dropped. */
void fleet_street_close(fleet_street *s);
/* Adds what the doors of its cloud counted, in the virtual world. */
void fleet_street_door_counts(const fleet_street *s, cloud_door_counts *into);
/* Packets found in the queues, for the ledger's check. */
uint64_t fleet_street_in_flight(const fleet_street *s);
void fleet_sums_add(fleet_sums *into, const fleet_sums *from);

#endif
