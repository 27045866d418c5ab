/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/device.h - one virtual device: identity, state, deadlines, and the connection it may
 * have. What it does is its model's table (devices/model.h); where its bytes go and who wakes it
 * is its world. */
#ifndef DEV_DEVICE_H
#define DEV_DEVICE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "devices/law.h"
#include "devices/models.h"
#include "devices/note.h"
#include "devices/variant.h"
#include "net/link.h"
#include "sim/core/queue.h"
#include "sim/core/random.h"
#include "sim/core/time.h"

/* States inside "initialized" (EN 303 645 Annex A, refined), with their word in traces and
 * scenarios. */
#define DEV_STATE_MAP(X)                                                                 \
    X(OFF, "off") /* no power: nothing volatile exists */                                \
    X(BOOTING, "booting")                                                                \
    X(WAITING_FOR_LINK, "waiting for link")           /* the home router is not there */ \
    X(WAITING_FOR_ATTEMPT, "waiting for its attempt") /* the back-off law decides */     \
    X(CONNECTING, "connecting")                       /* handshake, then registration */ \
    X(ONLINE, "online")                                                                  \
    X(ASLEEP, "asleep") /* online as far as it knows; its radio is off */

typedef enum dev_state {
#define DEV_STATE_ENUM(name, word) DEV_STATE_##name,
    DEV_STATE_MAP(DEV_STATE_ENUM)
#undef DEV_STATE_ENUM
        DEV_STATES
} dev_state;
const char *dev_state_word(dev_state state);

#define DEV_EVENT_MAP(X)                                                                 \
    X(POWER_ON, "power on")                                                              \
    X(POWER_OFF, "power off")                                                            \
    X(BOOTED, "booted")                                                                  \
    X(LINK_UP, "link up")                                                                \
    X(LINK_DOWN, "link down")                                                            \
    X(ATTEMPT_DUE, "attempt due")                                                        \
    X(SECURED, "secured")             /* the link is ready for asks */                   \
    X(ACCEPTED, "accepted")           /* registration taken, or none is needed */        \
    X(BUSY, "busy")                   /* the cloud wants to be left alone for a while */ \
    X(REFUSED, "refused")             /* by the cloud */                                 \
    X(UNANSWERED, "unanswered")       /* nobody answered an ask */                       \
    X(SESSION_ENDED, "session ended") /* the link gave up, or the peer closed it */      \
    X(CONNECT_TIMEOUT, "connect timeout")                                                \
    X(REPORT_DUE, "report due")                                                          \
    X(REPORT_TAKEN, "report taken") /* a report was */                                   \
    X(TOLD, "told")                 /* a value of what the device follows */             \
    X(REST_DUE, "rest due")         /* nothing left to do: its radio may go off */

typedef enum dev_event {
#define DEV_EVENT_ENUM(name, word) DEV_EVENT_##name,
    DEV_EVENT_MAP(DEV_EVENT_ENUM)
#undef DEV_EVENT_ENUM
        DEV_EVENTS
} dev_event;
const char *dev_event_word(dev_event event);

/* Whether it has a session, as far as it knows. */
static inline bool dev_state_is_online(dev_state state) {
    return state == DEV_STATE_ONLINE || state == DEV_STATE_ASLEEP;
}

/* Why a report that was due was not sent: X(name, word). */
#define DEV_SKIP_MAP(X)                                                     \
    X(WAITING, "waiting") /* the one before has no answer yet (NSTART 1) */ \
    X(HELD, "held")       /* the cloud asked to be left alone */            \
    X(OFFLINE, "offline") /* it has no session */                           \
    X(CUT, "cut")         /* its link is down or something silences it: not the cloud */

typedef enum dev_skip {
#define DEV_SKIP_ENUM(name, word) DEV_SKIP_##name,
    DEV_SKIP_MAP(DEV_SKIP_ENUM)
#undef DEV_SKIP_ENUM
        DEV_SKIPS
} dev_skip;

/* What a device has of the service that is not its maker's: no such thing, a session there or none,
 * or that service itself is gone. */
typedef enum dev_other { DEV_OTHER_NONE, DEV_OTHER_HERE, DEV_OTHER_AWAY, DEV_OTHER_GONE } dev_other;

typedef struct dev_device dev_device;
typedef struct dev_model dev_model;         /* devices/model.h */
typedef struct dev_step dev_step;           /* devices/model.h */
typedef struct dev_vitals dev_vitals;       /* devices/vitals.h */
typedef struct dev_update dev_update;       /* devices/update.h */
typedef struct dev_household dev_household; /* devices/household.h */

/* What all devices of one kind in a run share; borrowed by the devices. */
typedef struct dev_profile {
    const dev_model *model;
    /* The declared mechanism, and what the device does (a liar would have two). */
    dev_law law;
    sim_time boot_minimum, boot_maximum; /* power on to booted, uniform */
    sim_time connect_limit;              /* an attempt that is not online by then has failed */
    /* 0 or SIM_NEVER: no reports; the phase is the device's own */
    sim_time report_every;
    net_protocol_settings link;
    uint8_t randomness; /* a dev_randomness + 1; 0: as its law has it, and its model */
    bool follows;       /* "s/IDENTITY", once online; only where it registers */
    bool metrics;       /* reports carry the device's vitals */
    bool battery;       /* runs on one */
    /* takes firmware updates (devices/update.h); wants dev_device.update */
    bool updates;
    /* What it remembers of its last connection, for a shorter beginning of the next: for as long as
     * it has power, in flash, or not at all. */
    enum dev_memory { DEV_MEMORY_VOLATILE, DEV_MEMORY_KEPT, DEV_MEMORY_NONE } memory;
    sim_time clock;   /* its clock goes wrong by that much */
    bool unverified;  /* a bad twin: installs whatever it is offered */
    bool single_slot; /* another: writes the new image over the one that runs */
    /* with updates: asks for one so often, at a phase of its own; 0: only when it is told */
    sim_time check_every;
    /* It has a flash, a queue and people who ask whether it works (devices/household.h); wants
     * dev_device.household. */
    bool household;
    dev_variant variant;  /* with it: what it does wrong */
    sim_time probe_every; /* with it: mean time between two hands; > 0 */
    double charge_j;      /* with it, on a battery: what that holds; 0: as if without end */
    /* with it: each has spent up to that share of it before it begins, uniform */
    double charge_spent;
    bool gasps;   /* with it: a last report goes out while its power does */
    bool durable; /* with it: samples that wait are in flash, and outlast the power */
} dev_profile;

/* NULL when the profile makes sense, else a static sentence that says what does not. */
const char *dev_profile_wrong(const dev_profile *p);

/* What a device asks of the world it lives in. One per shard. */
typedef struct dev_world {
    void *context;
    net_vkernel *kernel;
    /* What protects the link of this device; NULL: nothing does. The function may be NULL too. */
    net_security_domain *(*security)(void *context, const dev_device *d);
    /* the ends that carry streams as segments; NULL: this world carries streams itself */
    const net_tcp_settings *streams;
    /* the libraries draw from the operating system: the real world's keys are nobody's to repeat */
    bool system_randomness;
    /* What the link of this device sends leaves its radio. */
    void (*transmit)(void *context, dev_device *d, const uint8_t *bytes, size_t n);
    /* The earliest deadline of this device is now `due` (SIM_NEVER: none). */
    void (*wake_at)(void *context, dev_device *d, sim_time due);
    bool (*link_is_up)(void *context, const dev_device *d);
    /* The device begins a connection attempt with a fresh socket (d->connection counts it). */
    void (*connecting)(void *context, dev_device *d);
    void (*state_changed)(void *context, dev_device *d, dev_state from, dev_state to);
    /* Where the world keeps what the device remembers of its last connection. NULL: it does not. */
    net_link_memory **(*memory)(void *context, const dev_device *d);
    /* Who the device is: identity and key. All of `out` is 0 before. */
    void (*credentials)(void *context, const dev_device *d, net_credentials *out);
    /* Its certificate, where it has one, else *out is NULL. SIM_ENOMEM. NULL: none has. */
    int (*certificate)(void *context, const dev_device *d, const net_certificate **out);
    /* A report that was due at `due` was answered, NET_UNANSWERED (with `error`) among the
     * answers. Once for each report sent, unless the device is deinitialised first. */
    void (*reported)(void *context, dev_device *d, sim_time due, const net_answer *answer);
    /* A report that was due at `due` is not sent. */
    void (*skipped)(void *context, dev_device *d, sim_time due, dev_skip why);
    /* The device restarts into a new version: what it lost by that is about to end. NULL: nobody
     * wants to know. */
    void (*rebooting)(void *context, dev_device *d);
    /* Its session with a service that is not its maker's. NULL: there is no such service. */
    dev_other (*other)(void *context, const dev_device *d);
    /* NET_PUBLIC_KEY_SIZE bytes: whose updates devices take; with profiles that update */
    const uint8_t *update_key;
    /* An attempt ended without success (also by LINK_DOWN and POWER_OFF), for the device's own
     * reason (statistics, not evidence). `why` is NET_END_NONE when the link did not end; `answer`
     * is NULL unless one ended it.
     */
    void (*attempt_failed)(void *context, dev_device *d, dev_event reason, net_end why,
                           const net_answer *answer);
    /* The connection of a device that was online ended, not by the device. NULL: nobody wants to
     * know. */
    void (*session_ended)(void *context, dev_device *d, net_end why);
} dev_world;

/* How long the devices of one model had power, were able to do their local function (powered and
 * booted), and kept what it is there to keep (a thermostat: the room within its band); in
 * microseconds, from the devices' own states, whatever becomes of the network. Accumulated where
 * a state changes: until dev_device_local_end they hold, modulo 2^64, what has ended less when
 * the rest began. */
#define DEV_LOCAL_MAP(X) X(powered_us) X(able_us) X(kept_us)
typedef struct dev_local {
#define DEV_LOCAL_FIELD(name) uint64_t name;
    DEV_LOCAL_MAP(DEV_LOCAL_FIELD)
#undef DEV_LOCAL_FIELD
} dev_local;

enum { DEV_COUNTERS_MAX = 2 };

/* X(name): what is in this list is in the struct, and is added. */
#define DEV_COUNTS_MAP(X)                                                                \
    X(reports_due) /* = sent + skipped */                                                \
    X(reports_sent)                                                                      \
    X(reports_skipped)                                                                   \
    X(told_ignored) /* values that it was told, and that were no number or not for it */ \
    X(other_asked)  /* hands, while the service that is not the makers' was gone */      \
    X(other_right)

typedef struct dev_counts { /* per shard, summed by the run */
#define DEV_COUNTS_FIELD(name) uint64_t name;
    DEV_COUNTS_MAP(DEV_COUNTS_FIELD)
#undef DEV_COUNTS_FIELD
    /* events that a state does not handle: a decision, counted */
    uint64_t ignored[DEV_STATES][DEV_EVENTS];
    /* Both by dev_model_number; what the counters count is dev_model.counters. */
    dev_local local[DEV_MODELS + 1];
    uint64_t counters[DEV_MODELS + 1][DEV_COUNTERS_MAX];
    /* of those with a household, and the time that right answers took in all */
    uint64_t notes[DEV_MODELS + 1][DEV_PHASES][DEV_NOTES];
    uint64_t took_us[DEV_MODELS + 1][DEV_PHASES];
} dev_counts;
void dev_counts_add(dev_counts *into, const dev_counts *from);

struct dev_device {
    /* hot: one cache line */
    uint32_t index;      /* in the fleet */
    uint32_t home;       /* in the fleet */
    uint32_t attempts;   /* by its own count since power on (RAM) */
    uint16_t connection; /* sockets opened so far */
    uint8_t state;       /* dev_state */
    bool follow_due : 1; /* online: what it follows is yet to be asked for */
    /* has been online once: from then on, power or not, reports are due (flash) */
    bool commissioned : 1;
    const dev_profile *profile;
    sim_time step_due;    /* boot, attempt or connect limit, by state; SIM_NEVER */
    sim_time link_due;    /* of the link */
    sim_time report_due;  /* SIM_NEVER before BOOTED, and before it was ever online */
    sim_time local_due;   /* of the local function; SIM_NEVER while off */
    sim_time local_since; /* counts.local[].kept_us of this device is known until then */
    net_link *link;       /* NULL: none */
    dev_update *update;   /* the world's, borrowed, by dev_update_init; NULL: takes no updates */
    dev_household *household; /* the same, by dev_household_init; NULL: nobody asks */
    /* cold */
    sim_timer alarm;       /* the world's */
    sim_time report_every; /* from one report to the next; its profile's until told otherwise */
    uint64_t sequence;     /* the world's: of events that this device causes */
    /* while a verb runs: what the calls of the link work with; else NULL */
    dev_step *step;
    sim_time quiet_until;     /* the cloud asked to be left alone until then; 0: it did not */
    sim_time report_sent_due; /* intended time of the report that is out; SIM_NEVER: none */
    dev_law_state law_state;
    /* of its wish to change the shared value, begun for each; owned, NULL: it never had one */
    dev_law_state *change_state;
    sim_stream stream; /* its own draws */
    sim_stream law_stream;
    sim_stream library_stream;
    dev_vitals *vitals; /* owned; NULL: nobody asked for them */
    void *own;          /* its model's state: the world's, borrowed */
};

/* A device without power and without vitals. `state` has room for its model's
 * (dev_model.state_size, aligned for any type) and is borrowed for the device's life. */
void dev_device_init(dev_device *d, uint32_t index, uint32_t home, const dev_profile *profile,
                     uint64_t seed, void *state);
/* Frees the connection and the vitals; no packet, no call. */
void dev_device_deinit(dev_device *d);

/* Verbs of the world; what is due at one instant goes in this order: local function, step, link,
 * report. Each ends with wake_at when the deadline moved (dev_device_wake always). They must not
 * be called from within the world's own functions. */
void dev_device_power(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now, bool on);
void dev_device_link(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now, bool up);
void dev_device_input(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now,
                      const uint8_t *bytes, size_t n);
/* Its socket reports that nobody listens there: the connection is over. */
void dev_device_refused(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now);
void dev_device_wake(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now);

/* Somebody at home turns the knob: the device, if it is online, changes the value that its street
 * shares. */
void dev_device_change(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now);

/* Another report period from now on, above 0: the next report is due after the same share of it
 * as was left of the old one. */
void dev_device_report_every(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now,
                             sim_time period);

/* What somebody in the house does to a device with a household (devices/household.h). */
typedef enum dev_handling {
    DEV_HANDLING_RESET,     /* a factory reset */
    DEV_HANDLING_CUT_RESET, /* the same, and power goes in the middle of it */
    DEV_HANDLING_PAIR,      /* it gets a network, an owner and his consent */
    DEV_HANDLING_CUT_WRITE  /* power goes while it writes what it was just told */
} dev_handling;
void dev_device_handle(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now,
                       dev_handling what);

/* The run is over at `now`: what is still going on is added to the local function's times in
 * `counts`. The device stays as it is. */
void dev_device_local_end(const dev_device *d, dev_counts *counts, sim_time now);

/* Whether it has a session, as far as it knows. */
static inline bool dev_device_is_online(const dev_device *d) {
    return dev_state_is_online((dev_state)d->state);
}

/* What is due next: never asks the network layers. */
sim_time dev_device_deadline(const dev_device *d);

/* Without power a device is this, and its model's state, and nothing else (design section 4):
 * each model asserts the sum. */
#define DEV_OFF_BUDGET 300 /* bytes */
#define DEV_ASSERT_OFF_BUDGET(state)                                    \
    static_assert(sizeof(dev_device) + sizeof(state) <= DEV_OFF_BUDGET, \
                  "a device that is off has a budget of 300 bytes")

#endif
