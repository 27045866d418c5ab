/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/target.h - somebody's real server, instead of the built-in cloud. */
#ifndef RUN_TARGET_H
#define RUN_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"
#include "net/dialect.h"

typedef struct net_protocol net_protocol;

/* Whom the devices believe, and who they are, where certificates protect the way to the target.
 * Texts in PEM, borrowed. */
typedef struct run_papers {
    const char *authorities; /* NULL: any server is believed */
    const char *host;        /* whom the server's certificate must name */
    /* of all devices; NULL: each has its own, of the fleet's authority (sim/fleet/authority.h) */
    const char *chain, *key;
    /* who they are comes from elsewhere: who has no certificate there has none */
    bool imported;
} run_papers;

typedef struct run_target {
    /* what its scheme says */
    const net_protocol *protocol;
    bool secure;
    run_papers papers;
    net_address address;
    char text[128];      /* as the user wrote it */
    net_backend backend; /* its epoch is the run's own business */
    /* source addresses to spread over (one socket, design D7); with source_bits 0: a socket per
     * device */
    uint8_t source_prefix[16];
    uint8_t source_bits; /* prefix length within the 128 bits; 0: none given */
} run_target;

#endif
