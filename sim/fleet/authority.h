/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/authority.h - the papers of a fleet: its authority, what it has signed for the cloud,
 * and for each device. All of it is made from the seed, and a device's when it is first needed. */
#ifndef SIM_FLEET_AUTHORITY_H
#define SIM_FLEET_AUTHORITY_H

#include "net/secure_certificate.h"
#include "sim/core/error.h"
#include "sim/fleet/credentials.h"

#define FLEET_CLOUD_NAME "cloud.blackstart.test" /* the host that devices want (RFC 6761 6.2) */

/* What is wrong with the certificate that the cloud shows. */
typedef enum fleet_cloud_paper {
    FLEET_PAPER_VALID,
    FLEET_PAPER_EXPIRED,
    FLEET_PAPER_OTHER_HOST,
    FLEET_PAPER_UNKNOWN_AUTHORITY,
    FLEET_PAPERS
} fleet_cloud_paper;

typedef struct fleet_authority {
    uint64_t seed;
    const fleet_credentials *credentials; /* NULL: there is no authority */
    net_certificate *root;
    char *root_text, *cloud_text, *cloud_key_text; /* in PEM */
    net_certificate **devices;                     /* by number in the fleet; NULL: not yet made */
    uint32_t count;
} fleet_authority;

/* `credentials` is borrowed: it says what devices are called. SIM_ENOMEM. */
SIM_MUST_USE int fleet_authority_init(fleet_authority *a, uint64_t seed, uint32_t devices,
                                      const fleet_credentials *credentials,
                                      fleet_cloud_paper paper);
void fleet_authority_deinit(fleet_authority *a);
/* Made for whoever asks, who frees it: a device's, and one for a server of that name. NULL: no
 * memory. */
net_certificate *fleet_authority_make(const fleet_authority *a, uint32_t device);
net_certificate *fleet_authority_serve(const fleet_authority *a, const char *host);
/* The device's own, borrowed. Two threads may ask for two devices at a time. NULL: no memory. */
const net_certificate *fleet_authority_device(const fleet_authority *a, uint32_t device);

#endif
