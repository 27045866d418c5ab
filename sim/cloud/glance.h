/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/glance.h - what one packet shows of itself at the cloud's edge, before anybody has
 * opened it. A door of each protocol reads it (cloud_door_kind.look). */
#ifndef CLOUD_GLANCE_H
#define CLOUD_GLANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/cloud/capacity.h"

typedef struct cloud_glance {
    cloud_demand demand; /* as the bytes alone say */
    /* with CONNECTION: what it demands when its attempt has been let in already */
    cloud_demand later;
    uint64_t tag;  /* with CONNECTION: which attempt it belongs to */
    uint16_t port; /* where it came from */
    /* with CONNECTION: its sender has shown that it gets what is sent to it, or the protocol knows
     * no such proof. An edge that keeps no memory of strangers charges nobody before that. */
    bool proven;
    /* The client has said its whole part of the handshake: what is left to do is the server's. */
    bool last;
} cloud_glance;

/* Of `n` bytes of a stream: none, it was made, and asks for a connection; some, it may ask for
 * something in them. */
cloud_glance cloud_glance_of_stream(uint16_t source_port, size_t n, bool asks);
/* Sealed by TLS, all data is a request: what it is nobody on the way can see. */
cloud_glance cloud_glance_of_sealed_stream(uint16_t source_port, const uint8_t *bytes, size_t n);

#endif
