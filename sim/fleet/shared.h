/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/shared.h - what the streets of a run have in common: they only read it while a window
 * runs. */
#ifndef SIM_FLEET_SHARED_H
#define SIM_FLEET_SHARED_H

#include "net/signature.h"
#include "sim/cloud/update.h"
#include "sim/examine/watch.h"
#include "sim/fleet/authority.h"
#include "sim/fleet/credentials.h"
#include "sim/fleet/spec.h"
#include "sim/fleet/trace.h"

enum { FLEET_OFFERS_MAX = 32 };

/* An update that the drill has offered. */
typedef struct fleet_offer {
    cloud_update *updates; /* by model */
    uint8_t trigger;       /* that who restarts for it comes back under */
} fleet_offer;

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

#endif
