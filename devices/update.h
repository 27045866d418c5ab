/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/update.h - how a device gets new firmware: a small state table beside the model's, for
 * devices whose profile says so. It hears of an update from the commands that it follows ("firmware
 * 2") or by asking now and then, fetches the signed manifest, then the image block by block, checks
 * both against the key that it trusts, writes the image to its other slot and restarts into it, by
 * its own boot and its own back-off law. Until that very moment the old version is what runs: a
 * power cut at any time leaves it, or the new one, whole (EN 303 645, 5.3-9 and 5.9-1).
 *
 * A profile with a single slot has no old version left while it installs: power lost then is a
 * device that somebody has to carry home.
 *
 * Refused is whatever is not signed with that key, not for this model, not newer than what runs (a
 * replay), longer than the slot, or not the image that was signed; nobody is told why. */
#ifndef DEV_UPDATE_H
#define DEV_UPDATE_H

#include "devices/model.h"
#include "net/manifest.h"

typedef enum dev_update_state {
    DEV_UPDATE_IDLE,
    DEV_UPDATE_CHECKING,    /* the manifest was asked for */
    DEV_UPDATE_DOWNLOADING, /* a block was asked for; those before are digested */
    DEV_UPDATE_VERIFYING,
    DEV_UPDATE_INSTALLING, /* verified; being written; then it restarts */
    DEV_UPDATE_STATES
} dev_update_state;

enum {
    DEV_UPDATE_FACTORY = 1,          /* the version that devices are made with */
    DEV_UPDATE_SLOT_BYTES = 1 << 20, /* the largest image that fits */
};
/* What a microcontroller of class C2 takes, by order of magnitude: for a digest and a P-256
 * signature in software; for a slot of flash. */
#define DEV_UPDATE_VERIFY (500 * SIM_MILLISECOND)
#define DEV_UPDATE_INSTALL (2 * SIM_SECOND)

struct dev_update {
    uint8_t state; /* dev_update_state; RAM, as all below but where it says flash */
    /* a check fell into a time without cloud: it is made when the cloud is back */
    bool missed;
    /* that runs; flash. 0: none, what was written is torn, and the device does not boot */
    uint32_t version;
    uint32_t failures;            /* updates whose authenticity could not be shown; flash */
    uint32_t installs;            /* flash */
    uint32_t told;                /* of `failures`, as of the last report; flash */
    sim_time check_due, step_due; /* SIM_NEVER: none */
    sim_stream stream;
    /* the version that it was told of, and does not run; 0: it asks on its own account */
    uint32_t wanted;
    uint32_t next_version, size, got; /* of the image: as the manifest says; bytes that came */
    uint8_t expected[NET_DIGEST_SIZE];
    net_digest *digest; /* of what came; NULL: nothing did */
};

/* For a device that dev_device_init has made and whose profile updates; from here on d->update is
 * `u`. */
void dev_update_init(dev_update *u, dev_device *d, uint64_t seed);
void dev_update_deinit(dev_update *u);

/* What is known of any device: 1 and 0 where it takes no updates. */
uint32_t dev_update_version(const dev_device *d);
uint32_t dev_update_failures(const dev_device *d);

/* ---- for the device; s->device->update is there ---- */
sim_time dev_update_deadline(const dev_update *u);
/* What is due by now. A device that sleeps asks when it is awake next. */
void dev_update_wake(dev_step *s);
/* One is being asked for, fetched, checked or installed; false for NULL, too. */
bool dev_update_is_busy(const dev_update *u);
/* Whether there is anything to boot. */
bool dev_update_can_boot(const dev_update *u);
void dev_update_booted(dev_step *s);
void dev_update_online(dev_step *s);
void dev_update_offline(dev_step *s);
/* RAM is lost; after dev_update_offline. */
void dev_update_power_off(dev_step *s);
/* Appends what a report says of it to a pack with room for two records (promise): the version that
 * runs, and the failures since the last report (sim/record/metric.h: firmware, update-failures). */
void dev_update_tell(dev_update *u, net_senml_pack *pack);
/* Takes the commands (devices/command.h) of what the device follows apart: the version that is
 * offered, or 0, and what is left is the set-point's text. Other answers, and texts without a
 * set-point, are left alone. */
uint32_t dev_update_take_notice(net_answer *answer);
/* An answer came, which the model has seen; with the notice that was in it. */
void dev_update_answered(dev_step *s, const net_answer *answer, uint32_t notice);

#endif
