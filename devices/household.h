/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/household.h - a device in its house: a part beside its life, for devices whose profile
 * says so. It keeps what its data sheet says in a flash (devices/store.h), and has nothing else
 * left when power returns; queues what it senses while it has no session, and forwards it
 * afterwards, once, in order and paced, each sample with its own time; is paired and reset (EN 303
 * 645 Annex A, 5.11-1); and is asked by hands whether it works (devices/probe.h). What came of all
 * that is counted (devices/note.h).
 *
 * Of who is not as declared (devices/variant.h) this is the one place that knows. */
#ifndef DEV_HOUSEHOLD_H
#define DEV_HOUSEHOLD_H

#include "devices/backlog.h"
#include "devices/charge.h"
#include "devices/flash.h"
#include "devices/probe.h"
#include "devices/store.h"

/* Annex A: what is known of a home. */
typedef enum dev_stage {
    DEV_STAGE_FACTORY,      /* nothing: it has no network to speak on */
    DEV_STAGE_INITIALIZING, /* somebody is pairing it */
    DEV_STAGE_INITIALIZED
} dev_stage;

enum {
    DEV_HOUSEHOLD_PAGES = 4,  /* of its flash */
    DEV_HOUSEHOLD_KEPT = 64,  /* bytes of all rows of a data sheet */
    DEV_HOUSEHOLD_BATCH = 4,  /* samples of a report */
    DEV_HOUSEHOLD_QUEUE = 128 /* samples, of a constrained device; others have room for four times
                               * as many */
};
#define DEV_HOUSEHOLD_PACE SIM_SECOND          /* between two reports of its queue */
#define DEV_HOUSEHOLD_PAIRING (5 * SIM_SECOND) /* of somebody with a telephone in his hand */

struct dev_household {
    dev_flash flash;
    dev_store store;
    uint8_t root[NET_SEAL_KEY];
    dev_probe probe;
    dev_backlog backlog;
    dev_charge charge;
    sim_stream stream;                        /* steps in which power goes */
    sim_time forward_due, pair_due, save_due; /* SIM_NEVER: none */
    double sensed;                            /* the last sample's value; NAN: none */
    uint32_t out;                             /* samples in the report that is out */
    uint8_t stage;                            /* dev_stage */
    bool forwarding;                          /* the report that is due is for the queue's sake */
    bool boolean;                             /* what it senses is yes or no */
    bool away;                                /* an outage ended its session */
    bool lost;                                /* one ever did */
    bool given_away;                          /* by a reset: until it is paired nobody asks it */
    bool booted;                              /* before: from then on it has something to lose */
    bool writing, resetting; /* power went in the middle of that: both ends are right */
    /* values of the rows, one behind the other: as they are in its flash as far as is known, as a
     * write that was cut wanted them, and as from the factory */
    uint8_t kept[DEV_HOUSEHOLD_KEPT], meant[DEV_HOUSEHOLD_KEPT], factory[DEV_HOUSEHOLD_KEPT];
};

/* NULL, or what does not make sense in the profile of such a device: a static sentence. */
const char *dev_household_wrong(const dev_profile *p);

/* For a device that dev_device_init has made and whose profile has one: paired, and its values are
 * in its flash. From here on d->household is `h`. SIM_ENOMEM, SIM_ELIBRARY. */
SIM_MUST_USE int dev_household_init(dev_household *h, dev_device *d, uint64_t seed);
void dev_household_deinit(dev_household *h);

/* Samples that wait. 0 without a household. */
uint32_t dev_household_waiting(const dev_device *d);
/* Whether it knows any network; without a household it always does. */
bool dev_household_has_network(const dev_device *d);
/* Its session with a service that is not its maker's, if there is one. */
dev_other dev_household_other(const dev_step *s);
/* Whether the device, as it is, does its local function now; without a household it always does. */
bool dev_household_acts(const dev_step *s);

/* It has a fresh battery now; while it is off. */
void dev_household_charge(dev_household *h, const dev_profile *p, sim_time now);
/* Its battery is empty: no power comes to it any more. */
bool dev_household_is_dead(const dev_device *d);

/* ---- for the device; s->device->household is there ---- */
sim_time dev_household_deadline(const dev_device *d);
void dev_household_wake(dev_step *s); /* what is due by now, before a report is */
void dev_household_handle(dev_step *s, dev_handling what);
/* A verb is over: what changed is kept. May find that power goes. */
void dev_household_settle(dev_step *s);
/* With POWER_ON: what is kept is there again, and nothing else. With POWER_OFF. */
void dev_household_boot(dev_step *s);
void dev_household_power_off(dev_step *s);
void dev_household_moved(dev_step *s, dev_state from, dev_state to);
/* A report is due: a sample for it. Something changed that cannot be told now. */
void dev_household_sense(dev_step *s);
void dev_household_sense_change(dev_step *s);
/* Fills in a report: what waits, and the readings of now when it says all that waits. */
void dev_household_measure(dev_step *s, net_senml_pack *pack);
void dev_household_delivered(dev_step *s); /* that report was taken */
void dev_household_offline(dev_step *s);   /* nothing is out any more */
void dev_household_leave(dev_step *s);     /* the cloud answered who asked for leave */
/* How much longer than its law says it stays away. */
sim_time dev_household_clings(const dev_household *h, const dev_profile *p);
void dev_household_note(dev_step *s, dev_note note, uint64_t times);
void dev_household_took(dev_step *s, sim_time time); /* a right answer */

#endif
