/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/credentials.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/fingerprint.h"
#include "sim/core/random.h"

#define DERIVED_PREFIX "bs-"
enum { DERIVED_DIGITS = 8 };

static uint64_t identity_hash(const char *identity) {
    sim_fingerprint f;
    sim_fingerprint_init(&f);
    sim_fingerprint_bytes(&f, identity, strlen(identity));
    return f.value;
}

int fleet_credentials_init(fleet_credentials *c, uint64_t seed, const fleet_credential *list,
                           size_t count) {
    *c = (fleet_credentials){.seed = seed, .list = count == 0 ? NULL : list, .count = count};
    sim_map_init(&c->by_identity);
    for (size_t i = 0; i < count; i++) {
        uint32_t there;
        uint64_t hash = identity_hash(list[i].identity);
        int error = sim_map_get(&c->by_identity, hash, &there)
                        ? SIM_ERANGE
                        : sim_map_put(&c->by_identity, hash, (uint32_t)i);
        if (error != 0) {
            fleet_credentials_deinit(c);
            return error;
        }
    }
    return 0;
}

void fleet_credentials_deinit(fleet_credentials *c) {
    sim_map_deinit(&c->by_identity);
    *c = (fleet_credentials){0};
}

static size_t derive(uint64_t seed, uint32_t device, uint8_t *key) {
    sim_stream stream = sim_stream_for(seed, SIM_PURPOSE_KEY, device);
    sim_stream_bytes(&stream, key, FLEET_DERIVED_KEY_SIZE);
    return FLEET_DERIVED_KEY_SIZE;
}

/* "bs-00000042"; by hand, because devices ask for their names more often than for anything. */
static void derive_identity(uint32_t device, char identity[NET_SECURE_IDENTITY_MAX]) {
    char digits[10]; /* the last one first */
    size_t n = 0;
    for (uint32_t left = device; left > 0 || n < DERIVED_DIGITS; left /= 10)
        digits[n++] = (char)('0' + left % 10);
    identity = (char *)memcpy(identity, DERIVED_PREFIX, sizeof DERIVED_PREFIX - 1) +
               sizeof DERIVED_PREFIX - 1;
    while (n > 0) *identity++ = digits[--n];
    *identity = 0;
}

const fleet_credential *fleet_credentials_listed(const fleet_credentials *c, uint32_t device) {
    return c->list == NULL ? NULL : &c->list[c->count == 1 ? 0 : device];
}

size_t fleet_credentials_of(const fleet_credentials *c, uint32_t device,
                            char identity[NET_SECURE_IDENTITY_MAX],
                            uint8_t key[NET_SECURE_KEY_MAX]) {
    const fleet_credential *mine = fleet_credentials_listed(c, device);
    if (mine == NULL) {
        derive_identity(device, identity);
        return derive(c->seed, device, key);
    }
    memcpy(identity, mine->identity, NET_SECURE_IDENTITY_MAX);
    memcpy(key, mine->key, mine->key_size);
    return mine->key_size;
}

/* The number in "bs-00000042", which must be written just as derive_identity does. */
static bool derived_number(const char *identity, uint32_t devices, uint32_t *device) {
    if (strncmp(identity, DERIVED_PREFIX, strlen(DERIVED_PREFIX)) != 0) return false;
    const char *digits = identity + strlen(DERIVED_PREFIX);
    size_t n = strspn(digits, "0123456789");
    if (n < DERIVED_DIGITS || n > 10 || digits[n] != '\0') return false;
    if (n > DERIVED_DIGITS && digits[0] == '0') return false;
    unsigned long long number = strtoull(digits, NULL, 10);
    if (number >= devices) return false;
    *device = (uint32_t)number;
    return true;
}

size_t fleet_credentials_who(const fleet_credentials *c, const char *identity, uint32_t devices,
                             uint32_t *device, uint8_t key[NET_SECURE_KEY_MAX]) {
    uint32_t index;
    if (sim_map_get(&c->by_identity, identity_hash(identity), &index) &&
        strcmp(c->list[index].identity, identity) == 0) {
        *device = index;
        memcpy(key, c->list[index].key, c->list[index].key_size);
        return c->list[index].key_size;
    }
    if (c->list != NULL && !c->derived_too) return 0;
    uint32_t number;
    if (!derived_number(identity, devices, &number)) return 0;
    *device = (uint32_t)c->count + number;
    return derive(c->seed, number, key);
}
