/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "net/protocol.h"

#define ROW(name) &net_protocol_##name,
const net_protocol *const net_protocols[] = {NET_PROTOCOL_MAP(ROW) NULL};
#undef ROW

bool net_protocol_security(const net_protocol *p, const char *name, const net_security **found) {
    *found = NULL;
    for (size_t i = 0; p->securities[i] != NULL; i++) {
        if (strcmp(p->securities[i]->name, name) == 0) *found = p->securities[i];
    }
    return *found != NULL || strcmp(name, net_security_none.name) == 0;
}

bool net_protocol_understands(const net_protocol *target, const net_protocol *device) {
    return device == target || device->wraps == target;
}

const net_protocol *net_protocol_named(const char *name) {
    for (size_t i = 0; net_protocols[i] != NULL; i++) {
        if (strcmp(net_protocols[i]->name, name) == 0) return net_protocols[i];
    }
    return NULL;
}
