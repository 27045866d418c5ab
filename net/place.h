/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/place.h - where a report goes: "t", or a place of each device's own, as backends have them:
 * "devices/${device}/telemetry?kind=${model}". Pure. */
#ifndef NET_PLACE_H
#define NET_PLACE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    NET_PLACE_TEMPLATE_MAX = 128, /* with the final 0 */
    NET_PLACE_MAX = 1024          /* a template full of the longest names */
};

/* NULL, or what is wrong with it, in a few words: ${device} and ${model} may stand in it, and end a
 * segment where they stand before the question mark; no slash at either end, no empty segment. */
const char *net_place_wrong(const char *place);
/* It is not the same for all devices, or has a query. */
bool net_place_is_template(const char *place);
/* The place of that device. SIM_ERANGE: NET_PLACE_MAX bytes are too few. */
int net_place_of(const char *place, const char *device, const char *model,
                 char text[NET_PLACE_MAX]);
/* Whether `path` (no query) can be the place of some device. */
bool net_place_has(const char *place, const char *path);

#endif
