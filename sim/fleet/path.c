/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/path.h"

#include "net/place.h"

const char *fleet_path_wrong(const char *path, const net_protocol *protocol) {
    const char *wrong = net_place_wrong(path);
    if (wrong != NULL) return wrong;
    if (net_place_is_template(path) && !protocol->path_is_whole)
        return "each device has a topic of its own below it (t/DEVICE) without that; others are a "
               "--dialect's";
    return NULL;
}
