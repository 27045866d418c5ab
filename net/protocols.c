/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "net/protocol.h"

const net_protocol *const net_protocols[] = {&net_protocol_coap, &net_protocol_mqtt, NULL};

const net_protocol *net_protocol_named(const char *name) {
    for (size_t i = 0; net_protocols[i] != NULL; i++) {
        if (strcmp(net_protocols[i]->name, name) == 0) return net_protocols[i];
    }
    return NULL;
}
