/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/street.h - one shard: the homes of a street, their devices, the hops between them and the
 * cloud edge, and the cloud's side of their sessions. All that happens here is decided by (seed,
 * spec, street number) and by what the run tells it at the border between two windows. */
#ifndef RUN_STREET_H
#define RUN_STREET_H

#include "devices/anomaly.h"
#include "devices/update.h"
#include "sim/cloud/edge.h"
#include "sim/cloud/front.h"
#include "sim/core/histogram.h"
#include "sim/core/shard.h"
#include "sim/examine/watch.h"
#include "sim/run/credentials.h"
#include "sim/run/packet.h"
#include "sim/run/run.h"
#include "sim/run/watch.h"

enum { RUN_UP = 0, RUN_DOWN = 1, RUN_WAYS = 2 };

typedef struct run_home {
    net_hop uplink[RUN_WAYS];
    bool powered, link_up; /* of the router */
    bool cut;              /* its way to the internet is a black hole */
    /* counts power changes: a router that was cut again does not come up by an older promise */
    uint32_t link_turn;
    sim_stream stream;
} run_home;

/* What the run remembers of a device, beside the device itself. */
typedef struct run_note {
    cloud_edge_peer edge;
    float set_point; /* degrees Celsius that the cloud wants */
    bool struck;     /* was online when the fault at hand hit it */
    bool unpowered;  /* the drill has taken its power */
    /* real world: in the attempt in hand, the client's part of the handshake was all said */
    bool finished_sent;
    bool been_answered; /* a server has answered it at some time */
    uint16_t cohort;    /* of the examiner: zone, kind of device and firmware */
    uint32_t twin;      /* its clone's place in the street's list + 1; 0: none */
    /* of an update, that it was told of: number in run_commons.offers + 1; 0: none */
    uint8_t offer;
} run_note;

/* A clone: another device, in another home, that uses the identity and key of a device of this
 * street. It counts for nobody: not as a device, not as online, not as a report due. In calls and
 * events it is a device of the street with a number of its own, above all others: device_count +
 * its place. */
typedef struct run_clone {
    dev_device device; /* first: a pointer to it is one to its twin */
    run_note note;
    uint32_t place;
    uint32_t original; /* whose identity it is, within the street */
    sim_time until;    /* it is switched off */
} run_clone;

enum { RUN_OFFERS_MAX = 32 };

/* An update that the drill has offered. */
typedef struct run_offer {
    cloud_update *updates; /* by model */
    uint8_t trigger;       /* that who restarts for it comes back under */
} run_offer;

/* Who restarted for an offer. */
typedef struct run_restarts {
    uint64_t devices; /* that were online until then */
    sim_time first;   /* SIM_NEVER: none */
} run_restarts;

/* What the streets of a run have in common; they only read it while a window runs. */
typedef struct run_commons {
    const run_spec *spec;
    uint64_t seed;
    bool real; /* the edge is a real socket */
    bool secure;
    const run_credentials *credentials;
    uint64_t devices; /* of the whole fleet */
    const run_offer *offers;
    net_signing_key update_key; /* where devices take updates */
    /* The real world: put a datagram of fleet device `device` on the wire; a fresh socket for a new
     * connection; no socket any more. */
    void *wire;
    int (*wire_send)(void *wire, uint32_t device, const uint8_t *datagram, size_t n);
    int (*wire_open)(void *wire, uint32_t device);
    void (*wire_close)(void *wire, uint32_t device);
    const examine_watch_fleet *watch; /* NULL: nobody examines */
} run_commons;

/* Sums of a street, merged by addition in street order. */
typedef struct run_tally {
    dev_counts devices;
    uint64_t online;
    uint64_t reports_answered, reports_refused, reports_failed;
    uint64_t attempts_failed[DEV_EVENTS];
    uint64_t ends[NET_SECURE_END_NO_MEMORY + 1];
    uint64_t datagrams_up, datagrams_down, bytes_up, bytes_down; /* at the edge */
    uint64_t wire_errors;
} run_tally;

typedef struct run_street {
    sim_shard shard;
    const run_commons *commons;
    const run_zone *zone;
    uint32_t zone_number, number;        /* street within its zone */
    uint32_t first_home, home_count;     /* in the fleet */
    uint32_t first_device, device_count; /* in the fleet */
    uint32_t per_home;                   /* devices in a home; >= 1 */
    run_home *homes;
    dev_device *devices;
    run_note *notes;   /* by device */
    run_clone **twins; /* clones; each on the heap, where others point to it */
    uint32_t twin_count, twin_room;
    dev_counts twin_counts;                /* nobody asks */
    dev_update *updates;                   /* by device; NULL: none of them takes updates */
    run_restarts restarts[RUN_OFFERS_MAX]; /* by offer */
    net_hop backhaul[RUN_WAYS];
    net_vkernel *kernel;
    net_secure_domain *secure;
    cloud_front *front; /* NULL in the real world */
    uint8_t cloud_life; /* counts its restarts: what was let in before one is lost with it */
    dev_world world;
    cloud_edge edge;
    sim_queue arrivals; /* packets that will reach the edge: wait there for the capacity's word */
    sim_timer *members; /* of the front's CoAP pool */
    uint32_t member_count;
    uint64_t sequence; /* of events that the street itself causes */
    run_tally tally;
    run_ledger ledger;
    sim_histogram request_latency; /* due to answer */
    sim_histogram connect_latency; /* attempt at the edge to online */
    sim_time change_at;            /* the drill asked for changes of the shared value */
    run_watch sight;               /* its watch: owned */
    uint64_t changes_wanted;       /* of devices that were online then */
    sim_histogram change_latency;  /* from then to the change */
    int error;                     /* first failure inside a call that could not return it */
} run_street;

/* Builds street `number` of zone `zone_number` without power anywhere but in the routers; devices
 * are switched on over zone->start_over. SIM_ENOMEM, SIM_ELIBRARY. */
SIM_MUST_USE int run_street_init(run_street *s, const run_commons *commons, uint32_t index,
                                 uint32_t zone_number, uint32_t number, uint32_t first_home,
                                 uint32_t first_device);
void run_street_deinit(run_street *s);                            /* frees what is in flight */
uint32_t run_street_homes(const run_zone *zone, uint32_t number); /* of that street */
uint32_t run_zone_per_home(const run_zone *zone);                 /* devices */
/* Handles events before `until`. */
SIM_MUST_USE int run_street_step(run_street *s, sim_time until);
/* Time of the next event, arrivals at the edge included. */
sim_time run_street_next(const run_street *s);

/* ---- the edge, for whoever decides (between two windows) ---- */
/* The earliest arrival before `until`; NULL: none. Valid until the next call. */
const sim_event *run_street_arrival(const run_street *s, sim_time until);
/* Takes that arrival: notes it at the edge, asks `capacity` for its fate and queues or drops it. */
SIM_MUST_USE int run_street_decide(run_street *s, cloud_capacity *capacity);
/* The real world: a datagram came from the wire for device `device` (in this street). */
SIM_MUST_USE int run_street_from_wire(run_street *s, sim_time now, uint32_t device,
                                      const uint8_t *datagram, size_t n);

/* ---- what the drill does, at `now`, between two windows ---- */
/* All return SIM_ENOMEM on lack of memory. struck: how many devices were online when hit (off), or
 * had been hit and now come back (on). */
SIM_MUST_USE int run_street_power(run_street *s, sim_time now, const run_selection *sel, bool on,
                                  uint8_t trigger);
SIM_MUST_USE int run_street_network(run_street *s, sim_time now, const run_selection *sel, bool on,
                                    uint8_t trigger);
/* The routers of the homes lose their power for `off`, and then boot; devices keep theirs. Those
 * that are online go under `trigger`. */
SIM_MUST_USE int run_street_restart_routers(run_street *s, sim_time now, const run_selection *sel,
                                            sim_time off, uint8_t trigger);
/* Devices in the homes selected that are online. */
uint64_t run_street_online(const run_street *s, const run_selection *sel);
/* The cloud loses all sessions of this street, and tells so or not. Devices that are online go
 * under `trigger`. */
SIM_MUST_USE int run_street_restart_cloud(run_street *s, sim_time now, bool tell, uint8_t trigger);
/* From now on the cloud closes each session so long after its registration, and those that there
 * are at once, their devices going under `trigger`; 0: no longer. */
SIM_MUST_USE int run_street_close_after(run_street *s, sim_time now, sim_time close_after,
                                        uint8_t trigger);
void run_street_uplink(run_street *s, const run_selection *sel, const net_hop_settings *settings);
void run_street_set_point(run_street *s, sim_time now, const run_selection *sel, double celsius);
/* The devices change the value that their street shares. */
void run_street_change(run_street *s, sim_time now, const run_selection *sel);
void run_street_count(const run_street *s, const run_selection *sel, uint64_t *homes,
                      uint64_t *devices);
/* Writes the selected devices (numbers within the street, ascending) to out[device_count]; returns
 * how many. */
uint32_t run_street_pick(const run_street *s, const run_selection *sel, uint32_t *out);
/* A device (within the street) misbehaves as ordered. SIM_ENOMEM. */
SIM_MUST_USE int run_street_inject(run_street *s, sim_time now, uint32_t device,
                                   const dev_anomaly_order *order);
/* Tells the devices that take updates of offer `number`, each at a random time within `over`. */
SIM_MUST_USE int run_street_offer(run_street *s, sim_time now, const run_selection *sel,
                                  uint32_t number, sim_time over);
/* Adds to *out. */
void run_street_firmware(const run_street *s, const run_selection *sel, uint32_t version,
                         run_firmware *out);
/* Devices selected that the cut struck, have lost their service, and would come back now with the
 * power (or with the network). */
uint64_t run_street_struck(const run_street *s, const run_selection *sel, bool power);

/* The real world ends: the devices go without a word, as their sockets are about to. */
void run_street_unplug(run_street *s);
/* At the end of the run: attempts that never got in are called dropped. */
void run_street_close(run_street *s);
/* Packets found in the queues, for the ledger's check. */
uint64_t run_street_in_flight(const run_street *s);
void run_tally_add(run_tally *into, const run_tally *from);

#endif
