/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/session.h - a device's association with the cloud, whatever it speaks: kept by its
 * door, read and marked by the service. */
#ifndef CLOUD_SESSION_H
#define CLOUD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"
#include "sim/core/time.h"

enum {
    CLOUD_NOBODY = UINT32_MAX,
    /* Who answers to an identity that several devices share: none of them replaces another, and
     * none can follow what is wanted of it, only ask for it. */
    CLOUD_ANYBODY = UINT32_MAX - 1
};

typedef struct cloud_session {
    net_address address;
    uint32_t device;   /* CLOUD_NOBODY until known */
    sim_time heard;    /* last */
    sim_time close_at; /* SIM_NEVER: it may stay */
    /* let in over capacity: its registration is answered BUSY... */
    bool busy;
    /* ...until that answer's hold is over; SIM_NEVER: none was given yet */
    sim_time busy_until;
    bool online; /* a registration or report was accepted */
} cloud_session;

/* One that begins at `now`; `busy`: let in over capacity. */
static inline cloud_session cloud_session_begun(const net_address *from, sim_time now, bool busy) {
    return (cloud_session){.address = *from,
                           .device = CLOUD_NOBODY,
                           .heard = now,
                           .close_at = SIM_NEVER,
                           .busy = busy,
                           .busy_until = SIM_NEVER};
}

/* A device of its own speaks, not nobody and not anybody. */
static inline bool cloud_session_named(const cloud_session *s) {
    return s->device < CLOUD_ANYBODY;
}

#endif
