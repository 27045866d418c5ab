/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/street_private.h - the inside of a street, for its own files: street.c handles its
 * events, street_path.c carries packets, street_edge.c is the cloud's end of their path,
 * street_world.c answers its devices, street_cloud.c its cloud, street_drill.c does what a drill
 * wants, street_account.c tells what was counted, street_build.c makes and unmakes it. */
#ifndef SIM_FLEET_STREET_PRIVATE_H
#define SIM_FLEET_STREET_PRIVATE_H

#include "devices/update.h"
#include "sim/cloud/door.h"
#include "sim/cloud/intake.h"
#include "sim/core/histogram.h"
#include "sim/core/rough.h"
#include "sim/core/shard.h"
#include "sim/fleet/capture.h"
#include "sim/fleet/packet.h"
#include "sim/fleet/selection.h"
#include "sim/fleet/shared.h"
#include "sim/fleet/sums.h"
#include "sim/fleet/tape.h"
#include "sim/fleet/watch.h"

typedef struct fleet_street fleet_street;

enum { FLEET_UP = 0, FLEET_DOWN = 1, FLEET_WAYS = 2 };

typedef struct fleet_home {
    net_hop uplink[FLEET_WAYS];
    bool powered, link_up; /* of the router */
    bool cut;              /* its way to the internet is a black hole */
    /* counts power changes: a router that was cut again does not come up by an older promise */
    uint32_t link_turn;
    bool cell_cut;      /* the mobile network's is */
    bool mast_up;       /* of the mobile network that serves it */
    uint32_t mast_turn; /* as link_turn */
    /* what its devices need before the cloud; SIM_NEVER: gone */
    sim_time server_after[FLEET_SERVERS];
    sim_stream stream;
} fleet_home;

/* What the run remembers of a device, beside the device itself; large members first, there are many
 * of it. */
typedef struct fleet_device {
    cloud_edge_peer edge;
    net_link_memory *memory; /* what the device remembers of its last connection; NULL: nothing */
    sim_time answered_at;    /* by the built-in cloud, the last time */
    /* Reports that were due, were not sent, and wait for the next answer: when the first and the
     * last of them were due, and how many. */
    sim_time late_first, late_last;
    uint32_t late;
    float desired;                  /* what the cloud wants of it, in its model's unit */
    uint32_t clone;                 /* its clone's place in the street's list + 1; 0: none */
    uint16_t join_turn, mains_turn; /* as fleet_home.link_turn */
    uint16_t cohort;                /* of the examiner: zone, kind of device and firmware */
    /* of an update, that it was told of: number in fleet_shared.offers + 1; 0: none */
    uint8_t offer;
    bool struck;    /* was online when the fault at hand hit it */
    bool unpowered; /* the drill has taken its power */
    bool joined;    /* its hub's mesh */
    /* real world: in the attempt in hand, the client's part of the handshake was all said */
    bool finished_sent;
    bool unaware;       /* the cloud has fallen silent, and the device has not noticed */
    bool watched;       /* ... whether it does is looked at, or was */
    bool been_answered; /* a server has answered it at some time */
    uint8_t unanswered; /* attempts in a row; counted of those that have two ways to the internet */
    bool second_way;    /* it goes by the mobile network, though its router has a link */
} fleet_device;

/* A clone: another device, in another home, that uses the identity and key of a device of this
 * street. It counts for nobody: not as a device, not as online, not as a report due. In calls and
 * events it is a device of the street with a number of its own, above all others: device_count +
 * its place.
 *
 * What a device has to do with a service that is not its maker's is one of them, too: in the same
 * home, by the same way, but to doors of that service's own (street_non_associated.c). */
typedef struct fleet_clone {
    dev_device device; /* first: a pointer to it is one to its clone */
    fleet_device note;
    uint32_t place;
    uint32_t original;   /* whose identity it is, within the street */
    sim_time until;      /* it is switched off */
    bool non_associated; /* it is no clone: the original itself, at that other service */
} fleet_clone;

/* One way into the cloud: what some devices of a street speak, and a door for it. */
typedef struct fleet_gate {
    struct fleet_street *street;
    uint32_t number; /* within the street */
    const net_protocol *protocol;
    const net_security *kind;      /* NULL: nothing protects it */
    const net_backend *backend;    /* whose dialect its devices speak; NULL: none */
    net_security_domain *security; /* of the devices; NULL likewise */
    const cloud_door_kind *door_kind;
    cloud_door *door;   /* NULL in the real world */
    sim_timer *members; /* standing timers of the door */
    uint32_t member_count;
} fleet_gate;

/* How quick a server of a home is that nobody has slowed down. */
#define FLEET_SERVER_AFTER (20 * SIM_MILLISECOND)

/* The service that is not the makers': one protocol, secured or not. */
enum { FLEET_OTHER_GATES = 2 };

typedef struct fleet_booting fleet_booting;     /* street_chain.c */
typedef struct fleet_household fleet_household; /* street_household.c */

struct fleet_street {
    sim_shard shard;
    const fleet_shared *shared;
    const fleet_zone *zone;
    uint32_t zone_number, number;        /* street within its zone */
    uint32_t first_home, home_count;     /* in the fleet */
    uint32_t first_device, device_count; /* in the fleet */
    uint32_t per_home;                   /* devices in a home; >= 1 */
    fleet_home *homes;
    dev_device **devices; /* NULL: it was never on, and is what fleet_street_made would make */
    uint32_t *starts;     /* devices in the order in which they are switched on first */
    uint32_t started;     /* how many of them have been, or are about to be */
    fleet_device *notes;  /* by device */
    fleet_clone **clones; /* clones; each on the heap, where others point to it */
    uint32_t clone_count;
    size_t clone_room;
    dev_counts clone_counts; /* nobody asks */
    uint32_t *others; /* by device: its place in `clones` at the other service + 1; NULL: none */
    fleet_gate other_gates[FLEET_OTHER_GATES]; /* by whether something protects it */
    cloud_service other_service;
    sim_time other_until;                      /* that service is gone until then */
    dev_update *updates;                       /* by device; NULL: none of them takes updates */
    fleet_household **households;              /* by device, owned; NULL: none has one */
    fleet_restarts restarts[FLEET_OFFERS_MAX]; /* by offer */
    net_hop backhaul[FLEET_WAYS];
    sim_time *hub_lost;     /* by device: when its hub went; NULL: nobody looks for one by a law */
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
    dev_world world, clone_world, other_world; /* of devices, of clones, at the other service */
    cloud_edge edge;
    sim_queue arrivals; /* packets that will reach the edge: wait there for the capacity's word */
    uint64_t sequence;  /* of events that the street itself causes */
    fleet_sums sums;
    fleet_ledger ledger;
    /* From when a report was due to the first success that its device then had: its own or, for a
     * report that could not be sent, the next one's. Not of reports that the drill cut off. */
    sim_histogram request_latency;
    sim_rough second; /* the same of those that were answered since the last row of series.csv */
    sim_histogram request_never;   /* when those were due that had none */
    sim_histogram connect_latency; /* attempt at the edge to online */
    sim_time change_at;            /* the drill asked for changes of the shared value */
    fleet_watch heard;             /* its watch: owned */
    uint64_t changes_wanted;       /* of devices that were online then */
    sim_histogram change_latency;  /* from then to the change */
    fleet_tape tapes[FLEET_TAPES]; /* since the last window's end */
    int error;                     /* first failure inside a call that could not return it */
};

/* A packet goes through the hops of its route, an event between any two: up through the
 * home's uplink and the street's backhaul to the edge, down the same way back to the device. */
enum fleet_street_event {
    FLEET_EVENT_SWITCH_ON, /* target: device */
    FLEET_EVENT_DEVICE,    /* target: device; its alarm */
    FLEET_EVENT_LINK,      /* target: home; payload: turn */
    /* payload: a packet that enters the next hop of its route; detail: FLEET_TO_EDGE or
     * FLEET_TO_DEVICE */
    FLEET_EVENT_HOP,
    /* payload: a packet. Virtual world: waits in `arrivals` for its decision; real world: goes on
     * the wire */
    FLEET_EVENT_EDGE,
    FLEET_EVENT_SERVE, /* payload: a packet that the cloud takes in hand */
    /* payload: a packet that has reached its device. The number before it stays free: it stands in
     * fingerprints for a hop on the way to a device. */
    FLEET_EVENT_DELIVER = FLEET_EVENT_SERVE + 2,
    /* target: gate and slot; payload: sim_id of a session's timer at the gate's door */
    FLEET_EVENT_PEER,
    FLEET_EVENT_MEMBER, /* target: gate, and number of a standing timer of its door */
    FLEET_EVENT_CLONE,  /* target: place of a clone; payload: 1 on, 0 off */
    FLEET_EVENT_OFFER,  /* target: device; payload: number of an offer + 1; it is told */
    FLEET_EVENT_THAW,   /* the cloud speaks again */
    FLEET_EVENT_HUB,    /* target: device, a hub; payload: 1 it is there, 0 it is gone */
    FLEET_EVENT_JOIN,   /* target: device, a child of a hub; payload: turn */
    FLEET_EVENT_MAST,   /* target: home; payload: turn, and 1 when its mast is there again */
    FLEET_EVENT_CHAIN,  /* target: device; payload: turn; a step of its boot chain */
    FLEET_EVENT_EMPTY,  /* target: device, whose backup battery is; payload: turn */
    FLEET_EVENT_OTHER,  /* target: device; payload: a fleet_other_turn */
};

/* Which way a packet goes through a hop, as the detail of its event. */
enum { FLEET_TO_EDGE = 0, FLEET_TO_DEVICE = FLEET_EVENT_DELIVER - 1 - FLEET_EVENT_HOP };

/* Sources of events that belong to the street and not to a device lie above all device numbers. */
#define FLEET_STREET_SOURCE 0x80000000u

/* Clones are numbered in the fleet as their originals are, from here on: above all devices, below
 * the streets' sources. */
#define FLEET_CLONES 0x40000000u

/* Likewise, at the other service. */
#define FLEET_NON_ASSOCIATED 0x60000000u

/* A timer of a gate's door, as the target of an event; gates of the other service have the last
 * numbers. */
enum { FLEET_GATE_SHIFT = 28, FLEET_OTHER_GATE = FLEET_WAYS_MAX };

static inline fleet_clone *fleet_street_clone_at(const fleet_street *s, uint32_t device) {
    return device < s->device_count ? NULL : s->clones[device - s->device_count];
}

/* The device of that number within the street (NULL: it was never on), and what the run remembers
 * of it; clones included. */
static inline dev_device *fleet_street_device(const fleet_street *s, uint32_t device) {
    fleet_clone *clone = fleet_street_clone_at(s, device);
    return clone == NULL ? s->devices[device] : &clone->device;
}
static inline fleet_device *fleet_street_device_of(const fleet_street *s, uint32_t device) {
    fleet_clone *clone = fleet_street_clone_at(s, device);
    return clone == NULL ? &s->notes[device] : &clone->note;
}
static inline bool fleet_street_is_other(const fleet_street *s, uint32_t device) {
    const fleet_clone *clone = fleet_street_clone_at(s, device);
    return clone != NULL && clone->non_associated;
}
/* The world that it lives in, and where its counts go: a clone's tells nobody of what it does. */
static inline const dev_world *fleet_street_world(const fleet_street *s, uint32_t device) {
    if (device < s->device_count) return &s->world;
    return s->clones[device - s->device_count]->non_associated ? &s->other_world : &s->clone_world;
}
static inline dev_counts *fleet_street_counts(fleet_street *s, uint32_t device) {
    return device < s->device_count ? &s->sums.devices : &s->clone_counts;
}

/* The number within the street of a device that has `index` in the fleet. */
static inline uint32_t fleet_street_number(const fleet_street *s, uint32_t index) {
    if (index < FLEET_CLONES) return index - s->first_device;
    if (index >= FLEET_NON_ASSOCIATED)
        return s->device_count + s->others[index - FLEET_NON_ASSOCIATED - s->first_device] - 1;
    return s->device_count + s->notes[index - FLEET_CLONES - s->first_device].clone - 1;
}

/* Whose identity a device (within the street) uses, in the fleet: its own, or its original's. */
static inline uint32_t fleet_street_identity(const fleet_street *s, uint32_t device) {
    const fleet_clone *clone = fleet_street_clone_at(s, device);
    return s->first_device + (clone == NULL ? device : clone->original);
}

/* The home of a device, both within the street. */
static inline uint32_t fleet_street_home_of(const fleet_street *s, uint32_t device) {
    return device < s->device_count ? device / s->per_home
                                    : fleet_street_device(s, device)->home - s->first_home;
}

/* The device of the street whose radio it speaks by: a clone's is in no home's books. */
#define FLEET_NO_RADIO UINT32_MAX
static inline uint32_t fleet_street_radio(const fleet_street *s, uint32_t device) {
    const fleet_clone *clone = fleet_street_clone_at(s, device);
    if (clone == NULL) return device;
    return clone->non_associated ? clone->original : FLEET_NO_RADIO;
}

/* By which gate a device (within the street) goes. */
fleet_gate *fleet_street_gate(fleet_street *s, uint32_t device);

/* ---- street_device.c: a device takes its room when it has power for the first time. Of a fleet
 * that is never switched on nobody has to remember more than that it is there. ---- */
/* What kind of device stands at that place, clones not included. */
const fleet_group *fleet_street_group(const fleet_street *s, uint32_t local);
static inline const dev_profile *fleet_street_profile(const fleet_street *s, uint32_t local) {
    return &fleet_street_group(s, local)->profile;
}
static inline dev_state fleet_street_state(const fleet_street *s, uint32_t local) {
    return s->devices[local] == NULL ? DEV_STATE_OFF : (dev_state)s->devices[local]->state;
}
static inline bool fleet_street_is_online(const fleet_street *s, uint32_t local) {
    return dev_state_is_online(fleet_street_state(s, local));
}
/* The device, made now unless it is. It has streams of its own: when it is made changes nothing of
 * it. NULL: no memory; the street's error is set. */
dev_device *fleet_street_made(fleet_street *s, uint32_t local);
/* What the cloud wants of it in the beginning, and what stands by the wall in its box: those who
 * must be there before they have power. SIM_ENOMEM. */
SIM_MUST_USE int fleet_street_build_devices(fleet_street *s);
void fleet_street_free_devices(fleet_street *s); /* once they are unplugged */
/* Its way, or its power, is there or gone. */
void fleet_street_tell_link(fleet_street *s, uint32_t local, bool up);
void fleet_street_tell_power(fleet_street *s, uint32_t local, bool on);

/* Keeps the first failure inside a call that cannot return it; fleet_street_step ends with it. */
static inline void fleet_street_fail(fleet_street *s, int error) {
    if (s->error == 0) s->error = error;
}

/* ---- street.c ---- */
sim_handler fleet_street_handle;
/* Its router is switched on in `off`: the link will be there after that and the router's boot time,
 * unless power goes again. */
SIM_MUST_USE int fleet_street_promise_link(fleet_street *s, uint32_t home, sim_time off);

/* ---- street_access.c ---- */
/* The link of one home's router comes or goes; the devices that are concerned are told. */
void fleet_street_set_router(fleet_street *s, uint32_t home, bool up);
/* Its uplink passes nothing while the link is gone or the way is cut, nor a cell without a mast. */
void fleet_street_set_down(fleet_street *s, uint32_t home);
SIM_MUST_USE int fleet_street_build_cells(fleet_street *s); /* SIM_ENOMEM */
/* Devices are numbered within the street, clones excluded. */
#define FLEET_NO_HUB UINT32_MAX
uint32_t fleet_street_hub_of(const fleet_street *s, uint32_t local);
bool fleet_street_is_hub(const fleet_street *s, uint32_t local);
bool fleet_street_by_router(const fleet_street *s, uint32_t local); /* now; or else by a mast */
bool fleet_street_reaches(const fleet_street *s, uint32_t local);   /* its link is up */
/* It has power without the mains, of a battery that is not empty. */
bool fleet_street_lives_on(const fleet_street *s, uint32_t local);
/* A device changes its state: one that has booted begins its chain, and a hub's children hear. */
void fleet_street_powered(fleet_street *s, uint32_t local, dev_state from, dev_state to);
void fleet_street_mark_children(fleet_street *s, uint32_t hub, bool on, uint8_t trigger);
/* The mains of a home comes or goes, for the mast that serves it. */
SIM_MUST_USE int fleet_street_mast_power(fleet_street *s, uint32_t home, bool on);
/* The mains has gone from a device that has a backup battery. */
SIM_MUST_USE int fleet_street_on_backup_from(fleet_street *s, uint32_t local);
SIM_MUST_USE int fleet_street_build_seekers(fleet_street *s); /* SIM_ENOMEM */
SIM_MUST_USE int fleet_street_on_hub(fleet_street *s, const sim_event *e);
void fleet_street_on_join(fleet_street *s, const sim_event *e);
void fleet_street_on_mast(fleet_street *s, const sim_event *e);
/* An attempt by the way that it takes has failed, as dev_world has it: it may take the other. Or it
 * is online by that way. */
void fleet_street_way_failed(fleet_street *s, uint32_t local, dev_event reason, net_end why);
void fleet_street_way_works(fleet_street *s, uint32_t local);
void fleet_street_on_empty(fleet_street *s, const sim_event *e);

const fleet_access *fleet_street_access_of(const fleet_street *s, uint32_t local);
/* An event of the street's own. SIM_ENOMEM. */
SIM_MUST_USE int fleet_street_post(fleet_street *s, sim_time at, enum fleet_street_event kind,
                                   uint32_t target, uint64_t payload);

/* ---- street_chain.c ---- */
SIM_MUST_USE int fleet_street_build_chains(fleet_street *s); /* SIM_ENOMEM */
/* A device that has power and a way to the network begins its chain. False: it has none. */
bool fleet_street_chain_begin(fleet_street *s, uint32_t local);
/* It loses the way, or its power. */
void fleet_street_chain_end(fleet_street *s, uint32_t local, bool power);
bool fleet_street_chained(const fleet_street *s, uint32_t local); /* is through, or has none */
SIM_MUST_USE int fleet_street_on_chain(fleet_street *s, const sim_event *e);

/* ---- street_silence.c ---- */
/* The cloud withholds its answers from now on, all or some. SIM_ENOMEM. */
SIM_MUST_USE int fleet_street_freeze(fleet_street *s, cloud_frozen what, sim_time until);
void fleet_street_thaw(fleet_street *s); /* early is harmless */
/* Nobody reads the datagrams of this gate, nor looks at its timers. */
bool fleet_street_frozen(const fleet_street *s, const fleet_gate *g);
/* The timer, or the packet, of an event waits until the thaw. */
SIM_MUST_USE int fleet_street_defer(fleet_street *s, const sim_event *e);
SIM_MUST_USE int fleet_street_hold(fleet_street *s, const sim_event *e);
/* Words of what may be withheld, by cloud_frozen, less 1; NULL ends them. */
extern const char *const fleet_silence_words[];
/* A server of devices of that kind gives such answers. */
bool fleet_silence_concerns(const net_protocol *protocol, bool secured, cloud_frozen what);
/* A device (within its street) begins an attempt. */
void fleet_silence_began(fleet_street *s, uint32_t local);
/* It is in another state now: it may have given up its connection, or its attempt. */
void fleet_silence_changed(fleet_street *s, uint32_t local, dev_state from, dev_state to);

/* ---- street_reports.c ---- */
/* A report ended (as dev_world has it), or was due and not sent. */
void fleet_street_reported(fleet_street *s, const dev_device *d, sim_time due,
                           const net_answer *answer);
void fleet_street_skipped(fleet_street *s, const dev_device *d, sim_time due, dev_skip why);
/* What the device had yet to say is lost, as with its power. */
void fleet_street_lose_late(fleet_street *s, uint32_t local);
/* The run ends: what has no answer by now has none. */
void fleet_street_end_reports(fleet_street *s);

/* ---- street_household.c ---- */
SIM_MUST_USE int fleet_street_build_households(fleet_street *s); /* SIM_ENOMEM */
/* Power comes to a device (within the street), or goes. With the first it gets its household, if it
 * has one: of a fleet that is never switched on nobody has to remember any. */
void fleet_street_switch(fleet_street *s, uint32_t local, bool on);
void fleet_street_free_households(fleet_street *s); /* once the devices are gone */
/* A report of the device came to the cloud; NULL: it cannot be read. */
void fleet_street_arrived(fleet_street *s, uint32_t local, const net_senml_pack *pack);

/* ---- street_update.c ---- */
/* The device is told of the offer, unless it has been told of a later one. */
void fleet_street_tell(fleet_street *s, uint32_t device, uint8_t offer);
/* As dev_world and cloud_service_calls have them. */
void fleet_street_rebooting(void *context, dev_device *d);
const cloud_update *fleet_street_update(void *context, uint32_t device);
bool fleet_street_commanded(void *context, uint32_t device);

/* ---- street_drill.c ---- */
/* Some of its filters are about devices, not about homes. */
bool fleet_selection_has_devices(const fleet_selection *sel);
/* Goes through the homes (NULL: skip) and devices (NULL: skip) that are selected, by their numbers
 * within the street; the verb's first error, or the street's. */
typedef int fleet_home_verb(fleet_street *s, uint32_t home, void *with);
typedef void fleet_device_verb(fleet_street *s, uint32_t device, void *with);
int fleet_street_each(fleet_street *s, const fleet_selection *sel, fleet_home_verb *on_home,
                      fleet_device_verb *on_device, void *with);
/* Devices in the homes selected that are online. */
uint64_t fleet_street_online(const fleet_street *s, const fleet_selection *sel);
/* Those of them that reach the internet through the router. */
uint64_t fleet_street_online_by_router(const fleet_street *s, const fleet_selection *sel);
/* Devices selected that the cut struck, have lost their service, and would come back now with the
 * power (or with the network). */
uint64_t fleet_street_struck(const fleet_street *s, const fleet_selection *sel, bool power);
/* A device loses its service (off), or has what it needs again and comes back under `trigger`. */
void fleet_street_mark(fleet_street *s, uint32_t device, bool on, uint8_t trigger);
/* A device that is online comes back under `trigger`; who is not has lost nothing. */
void fleet_street_comes_after(fleet_street *s, uint32_t device, uint8_t trigger);

/* ---- street_cloud.c ---- */
extern const cloud_door_calls fleet_street_door_calls;
extern const cloud_service_calls fleet_street_service_calls;
extern const cloud_observer fleet_street_observer;

/* ---- street_world.c ---- */
/* How the latest attempt of a device (within its street) ended. */
void fleet_street_attempt_ended(fleet_street *s, uint32_t local, record_outcome outcome);
/* What the devices of this street, and what their clones, may ask of it. */
dev_world fleet_street_make_world(fleet_street *s);
dev_world fleet_street_make_clone_world(fleet_street *s);

/* ---- street_watch.c: what the examiner in the cloud is told; nothing without one ---- */
SIM_MUST_USE int fleet_watch_init(fleet_street *s);
void fleet_watch_attempt(fleet_street *s, uint32_t local, sim_time now);
void fleet_watch_refused(fleet_street *s, uint32_t local);
void fleet_watch_report(fleet_street *s, uint32_t local, const net_senml_pack *pack, size_t bytes);
/* The device speaks from fleet device `at`'s place now, or no longer. */
void fleet_watch_session(fleet_street *s, uint32_t local, uint32_t at, bool up, sim_time heard);
/* ---- street_clone.c ---- */
/* The original (within the street) is cloned from..to. SIM_ENOMEM. */
SIM_MUST_USE int fleet_street_clone(fleet_street *s, uint32_t original, sim_time from, sim_time to);
/* A clone is switched on or off. */
void fleet_street_on_clone(fleet_street *s, const sim_event *e);
void fleet_street_free_clones(fleet_street *s);
/* One more in the list of clones, of a profile, with a number in the fleet and in a home of the
 * street. SIM_ENOMEM. */
SIM_MUST_USE int fleet_street_make_clone(fleet_street *s, uint32_t original,
                                         const dev_profile *profile, uint32_t index, uint32_t home,
                                         fleet_clone **out);

/* ---- street_build.c ---- */
/* A gate with its protocol and what protects it: its security, and its door before the service. */
/* The next device that has yet to be switched on is so at its time: one event for all of a street,
 * however many never are. SIM_ENOMEM. */
SIM_MUST_USE int fleet_street_post_start(fleet_street *s);
SIM_MUST_USE int fleet_street_build_gate(fleet_street *s, fleet_gate *g, cloud_service *service);

/* ---- street_non_associated.c: devices at the service that is not their maker's ---- */
typedef enum fleet_other_turn {
    FLEET_OTHER_POWER, /* the device has booted, or has no power any more */
    FLEET_OTHER_LOST   /* its session there has ended */
} fleet_other_turn;
SIM_MUST_USE int fleet_street_build_others(fleet_street *s); /* SIM_ENOMEM */
/* What the device does there begins and ends with its power, and hears of its way. */
void fleet_street_other_powered(fleet_street *s, uint32_t local);
void fleet_street_other_link(fleet_street *s, uint32_t local, bool up);
SIM_MUST_USE int fleet_street_on_other(fleet_street *s, const sim_event *e);
/* The service is gone from now on until `until`; its sessions end. Who had one, and is told by
 * `trigger`: whoever comes to the makers' cloud after that. */
uint64_t fleet_street_others_online(const fleet_street *s, const fleet_selection *sel);
SIM_MUST_USE int fleet_street_other_outage(fleet_street *s, sim_time until, uint8_t trigger);
/* The session there of one of this street's devices, as dev_world has it; and the world in which
 * devices are there. */
dev_other fleet_street_other(void *context, const dev_device *d);
dev_world fleet_street_make_other_world(fleet_street *s);
/* A packet has come to it. Takes the packet. */
SIM_MUST_USE int fleet_street_at_other(fleet_street *s, fleet_packet *p);

/* ---- street_path.c ---- */
/* A datagram leaves a device's radio (`up`), or the edge towards a device. */
void fleet_street_send(fleet_street *s, uint32_t device, uint16_t connection, bool up,
                       const uint8_t *data, size_t n);
/* The cloud's firewall answers in its stead that the connection is refused. */
void fleet_street_send_refusal(fleet_street *s, uint32_t device, uint16_t connection);
/* The packet that an event carries, and its end. */
fleet_packet *fleet_street_packet_of(const sim_event *e);
void fleet_street_packet_end(fleet_street *s, fleet_packet *p);
/* A packet goes through the next hop of its route, and towards the one after that or to where it
 * ends; or it has come to its device. Both take the packet. */
SIM_MUST_USE int fleet_street_forward(fleet_street *s, fleet_packet *p);
SIM_MUST_USE int fleet_street_at_device(fleet_street *s, fleet_packet *p);
void fleet_street_free_packets(sim_queue *queue);

/* ---- street_trace.c: lines of the run's trace; nothing without one ---- */
bool fleet_street_wants_trace(const fleet_street *s, uint32_t device, bool drop);
/* Whether a line about `device` (within the street) is wanted; `drop`: it tells of a lost packet.
 */
static inline bool fleet_street_traces(const fleet_street *s, uint32_t device, bool drop) {
    return s->shared->traced != NULL && fleet_street_wants_trace(s, device, drop);
}
void fleet_trace_state(fleet_street *s, uint32_t device, dev_state from, dev_state to);
/* An attempt or a session of the device is over. */
void fleet_trace_failed(fleet_street *s, uint32_t device, dev_event event, net_end why);
/* A session of the device begins or ends at the cloud. */
void fleet_trace_session(fleet_street *s, uint32_t device, bool up);
/* A hop has said what becomes of a packet: `out` when its copies leave. */
void fleet_trace_hop(fleet_street *s, const fleet_packet *p, const char *hop,
                     const net_hop_count *before, const net_hop_count *after,
                     const sim_time out[2]);
/* The edge has decided about a packet. */
void fleet_trace_edge(fleet_street *s, const fleet_packet *p, sim_time at,
                      const cloud_passage *passage);
/* A packet is lost elsewhere than in a hop. */
void fleet_trace_lost(fleet_street *s, const fleet_packet *p, const char *why);

/* ---- street_edge.c ---- */
/* What passes the edge of this gate's service at `at` is kept when the run has a capture. */
void fleet_street_capture(fleet_street *s, sim_time at, fleet_captured_kind kind,
                          const net_address *device, const uint8_t *data, size_t n);
bool fleet_gate_is_other(const fleet_gate *g);
/* The cloud takes a packet in hand; in the real world it goes on the wire. */
SIM_MUST_USE int fleet_street_at_cloud(fleet_street *s, fleet_packet *p);
/* The same for the packet of an event, unless the cloud does not read. */
SIM_MUST_USE int fleet_street_serve(fleet_street *s, const sim_event *e);
SIM_MUST_USE int fleet_street_at_wire(fleet_street *s, fleet_packet *p);

#endif
