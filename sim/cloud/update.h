/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/update.h - the update service: a firmware image for a model, its signed manifest, and
 * the ways in which somebody who got hold of the service, but not of the signing key, can spoil
 * them (EN 303 645, 5.3-9 and 5.3-10). Made once for all devices; whoever serves it only reads.
 *
 * An image is random bytes that follow from (seed, model, version); its signing key follows from
 * the seed: a secret of the virtual world, of no use anywhere else. */
#ifndef CLOUD_UPDATE_H
#define CLOUD_UPDATE_H

#include "net/manifest.h"

#define CLOUD_ROGUE_MAP(X)                                                                        \
    X(NONE, "none", "the maker's own update")                                                     \
    X(WRONG_KEY, "wrong-key", "signed with another key")                                          \
    X(TAMPERED, "tampered", "one bit of the image is another")                                    \
    X(ALTERED, "altered-manifest", "the version in the manifest was changed after it was signed") \
    X(TRUNCATED, "truncated", "the image ends too early")                                         \
    X(OLD, "old", "the genuine version 1, announced as the new one")                              \
    X(WRONG_MODEL, "wrong-model", "genuine, but for another model")

typedef enum cloud_rogue {
#define CLOUD_ROGUE_ENUM(name, word, title) CLOUD_ROGUE_##name,
    CLOUD_ROGUE_MAP(CLOUD_ROGUE_ENUM)
#undef CLOUD_ROGUE_ENUM
        CLOUD_ROGUES
} cloud_rogue;

enum {
    /* bytes of an image: what the flash of class C2 and more can hold */
    CLOUD_UPDATE_SIZE_MAX = 1 << 20
};

typedef struct cloud_update {
    struct cloud_update *next;          /* the same offer for another model; NULL ends the list */
    char model[NET_MANIFEST_MODEL_MAX]; /* whom it is served to */
    uint32_t announced;                 /* the version that devices are told of */
    uint32_t version;                   /* as the manifest says */
    uint32_t size;                      /* of the image as it is served */
    uint8_t manifest[NET_MANIFEST_SIZE];
    uint8_t image[];
} cloud_update;

/* The key that signs the updates of a run, and whose public half its devices trust. SIM_ENOMEM,
 * SIM_ELIBRARY. */
SIM_MUST_USE int cloud_update_key(uint64_t seed, net_signing_key *out);
/* An update of `size` bytes (1..CLOUD_UPDATE_SIZE_MAX) to `version` (1..), in front of the list
 * *list. SIM_ENOMEM, SIM_ELIBRARY. */
SIM_MUST_USE int cloud_update_add(cloud_update **list, const char *model, uint32_t version,
                                  uint32_t size, cloud_rogue rogue, uint64_t seed);
void cloud_update_free(cloud_update *list);
/* The one for this model; NULL: none. */
const cloud_update *cloud_update_for(const cloud_update *list, const char *model);
/* Block `number` of the image, of NET_MANIFEST_BLOCK bytes but for the last: its length, 0 when
 * there is none. */
size_t cloud_update_block(const cloud_update *u, uint32_t number, const uint8_t **out);

#endif
