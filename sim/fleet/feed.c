/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/feed.h"

#include <stdio.h>
#include <string.h>

uint32_t fleet_feed_named(const fleet_feeds *f, const char *name) {
    for (uint32_t i = 0; i < f->count; i++) {
        if (strcmp(f->items[i].name, name) == 0) return i + 1;
    }
    return FLEET_FEED_NONE;
}

const char *fleet_feed_add(fleet_feeds *f, const char *name, const char *under, uint32_t *out) {
    uint32_t above = under == NULL ? FLEET_FEED_NONE : fleet_feed_named(f, under);
    if (strlen(name) == 0 || strlen(name) >= FLEET_FEED_NAME) return "a name has 1 to 31 letters";
    if (fleet_feed_named(f, name) != FLEET_FEED_NONE) return "there is another of that name";
    if (under != NULL && strcmp(name, under) == 0) return "a power zone cannot feed itself";
    if (under != NULL && above == FLEET_FEED_NONE)
        return "what it hangs on is not declared above it: what feeds comes first, so that no zone "
               "feeds itself in a loop";
    if (f->count == FLEET_FEEDS_MAX) return "there can be 64 power zones at most";
    (void)snprintf(f->items[f->count].name, FLEET_FEED_NAME, "%s", name);
    f->items[f->count].under = above;
    *out = ++f->count;
    return NULL;
}

bool fleet_feed_hangs(const fleet_feeds *f, uint32_t feed, uint32_t on) {
    while (feed != on && feed != FLEET_FEED_NONE) {
        SIM_PROMISE(feed <= f->count && f->items[feed - 1].under < feed);
        feed = f->items[feed - 1].under;
    }
    return feed == on;
}
