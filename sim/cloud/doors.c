/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>

#include "sim/cloud/door.h"

#define DATAGRAMS(name) {&cloud_door_##name, &cloud_door_##name},
#define STREAM(name) {&cloud_door_##name, &cloud_door_##name##_tcp},
static const struct {
    const cloud_door_kind *kind, *in_virtual;
} doors[] = {CLOUD_DATAGRAM_DOOR_MAP(DATAGRAMS) CLOUD_STREAM_DOOR_MAP(STREAM)};
#undef STREAM
#undef DATAGRAMS

const cloud_door_kind *cloud_door_virtual(const net_protocol *protocol, bool secured) {
    for (size_t i = 0; i < sizeof doors / sizeof *doors; i++) {
        const cloud_door_kind *kind = doors[i].kind;
        if (kind->protocol == protocol && kind->secured == secured) return doors[i].in_virtual;
    }
    return NULL;
}
