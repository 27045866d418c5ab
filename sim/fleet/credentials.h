/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/credentials.h - who a device is in DTLS: derived from the seed, one shared pair, or a
 * list from a file. Both ends of a run ask here. */
#ifndef SIM_FLEET_CREDENTIALS_H
#define SIM_FLEET_CREDENTIALS_H

#include "net/secure.h"
#include "net/secure_certificate.h"
#include "sim/core/map.h"

enum { FLEET_DERIVED_KEY_SIZE = 16 };

typedef struct fleet_credential {
    char identity[NET_SECURE_IDENTITY_MAX];
    uint8_t key[NET_SECURE_KEY_MAX];
    size_t key_size; /* 0: it has none; ..NET_SECURE_KEY_MAX */
    /* Of those that come from elsewhere, with whoever has the list; NULL: none. */
    char *user_name, *password;
    net_certificate *certificate;
} fleet_credential;

typedef struct fleet_credentials {
    uint64_t seed;
    const fleet_credential *list; /* borrowed; NULL: derived */
    size_t count;                 /* 1: shared by all devices, else one per device in order */
    bool derived_too;             /* a list, and the derived ones besides (served for real) */
    sim_map by_identity;          /* hash -> index in the list */
} fleet_credentials;

/* SIM_ENOMEM; SIM_ERANGE when two of the list have the same identity. */
SIM_MUST_USE int fleet_credentials_init(fleet_credentials *c, uint64_t seed,
                                        const fleet_credential *list, size_t count);
void fleet_credentials_deinit(fleet_credentials *c);
/* What device number `device` says and holds: identity ("bs-00000042" when derived) and key;
 * returns the key's length. */
size_t fleet_credentials_of(const fleet_credentials *c, uint32_t device,
                            char identity[NET_SECURE_IDENTITY_MAX],
                            uint8_t key[NET_SECURE_KEY_MAX]);
/* What there is of that device in the list; NULL: it is derived. */
const fleet_credential *fleet_credentials_listed(const fleet_credentials *c, uint32_t device);
/* Who says `identity`: device number (index in the list; or the number in a derived name, below
 * `devices`, after all of the list) and key; 0 when nobody does. */
size_t fleet_credentials_who(const fleet_credentials *c, const char *identity, uint32_t devices,
                             uint32_t *device, uint8_t key[NET_SECURE_KEY_MAX]);

#endif
