/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/access.h - by which way a device of a home reaches the internet: its router, a hub that
 * carries what its children cannot, or the mobile network. And how long it lives without mains. */
#ifndef SIM_FLEET_ACCESS_H
#define SIM_FLEET_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/law.h"
#include "sim/fleet/chain.h"

typedef enum fleet_over {
    FLEET_OVER_ROUTER,
    FLEET_OVER_MOBILE,
    /* the router's way, and the mobile network's while there is no link, or when nobody has
     * answered by the router's */
    FLEET_OVER_EITHER
} fleet_over;

/* So many attempts by one way that nobody answers, one after the other, and who has two takes the
 * other: a black hole says of itself nothing else. Our figure; it is more than a loss explains. */
enum { FLEET_TRIES_BY_ONE_WAY = 3 };

/* Of a kind of device in a zone; all zero: straight at the router, without a battery. */
typedef struct fleet_access {
    fleet_over over;
    uint8_t hub; /* its hub's place among the kinds of its home + 1; 0: it has none */
    /* how long a child takes to join its hub's mesh again once that is there, uniform */
    sim_time join_minimum, join_maximum;
    /* ... and before that, how it looks for its hub from when it lost it: with the first attempt
     * that finds the hub there it begins to join. Unless it `seeks` it finds it at once */
    dev_law rejoin;
    bool seeks;
    const fleet_chain_kind *chain; /* before its first packet to the cloud; NULL: nothing */
    sim_time backup; /* goes on so long when the mains is off, less up to a tenth; 0: not at all */
} fleet_access;

struct fleet_zone;
/* NULL when all of a zone's kinds of device can be reached as they say, else a static sentence. */
const char *fleet_access_wrong(const struct fleet_zone *zone);
bool fleet_access_has_mobile(const struct fleet_zone *zone);

#endif
