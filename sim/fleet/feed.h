/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/feed.h - what feeds what: power zones as a tree under the substation. Streets hang on
 * one of them, and lose their power with any above it. A zone is declared after what feeds it, so
 * that none can feed itself. Plain data. */
#ifndef SIM_FLEET_FEED_H
#define SIM_FLEET_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/error.h"

enum {
    FLEET_FEEDS_MAX = 64,
    FLEET_FEED_NAME = 32,
    FLEET_FEED_NONE = 0 /* the substation itself; those declared are numbered from 1 */
};

typedef struct fleet_feed {
    char name[FLEET_FEED_NAME];
    uint32_t under; /* by number */
} fleet_feed;

typedef struct fleet_feeds {
    fleet_feed items[FLEET_FEEDS_MAX]; /* number 1 is the first */
    uint32_t count;
} fleet_feeds;

/* The number of the power zone of that name; FLEET_FEED_NONE: there is none. */
uint32_t fleet_feed_named(const fleet_feeds *f, const char *name);
/* Declares one under another (`under` NULL: the substation). NULL, or a static sentence that says
 * why it cannot be; *out gets its number. */
const char *fleet_feed_add(fleet_feeds *f, const char *name, const char *under, uint32_t *out);
/* Whether `feed` is `on`, or has its power from there. */
bool fleet_feed_hangs(const fleet_feeds *f, uint32_t feed, uint32_t on);

#endif
