/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/update.h"

#include <stdio.h>
#include <string.h>

#include "sim/core/fingerprint.h"
#include "sim/core/heap.h"

enum { FACTORY_VERSION = 1 };

/* Ids of the streams that are not an image's. */
#define MAKER UINT64_MAX
#define STRANGER (UINT64_MAX - 1)

static sim_stream stream_of(uint64_t seed, uint64_t id) {
    return sim_stream_for(seed, SIM_PURPOSE_FIRMWARE, id);
}

static uint64_t image_id(const char *model, uint32_t version) {
    sim_fingerprint f;
    sim_fingerprint_init(&f);
    sim_fingerprint_bytes(&f, (const uint8_t *)model, strlen(model));
    sim_fingerprint_word(&f, version);
    return f.value;
}

int cloud_update_key(uint64_t seed, net_signing_key *out) {
    sim_stream stream = stream_of(seed, MAKER);
    return net_signing_key_draw(out, &stream);
}

static int signer(uint64_t seed, cloud_rogue rogue, net_signing_key *out) {
    if (rogue != CLOUD_ROGUE_WRONG_KEY) return cloud_update_key(seed, out);
    sim_stream stream = stream_of(seed, STRANGER);
    return net_signing_key_draw(out, &stream);
}

static int sign(cloud_update *u, cloud_rogue rogue, uint64_t seed) {
    net_signing_key key;
    net_manifest m = {.version = u->version, .size = u->size};
    snprintf(m.model, sizeof m.model, "%s",
             rogue == CLOUD_ROGUE_WRONG_MODEL ? "another-model" : u->model);
    sim_stream nonce = stream_of(seed, ~image_id(u->model, u->version));
    int error = net_digest_of(u->image, u->size, m.digest);
    if (error == 0) error = signer(seed, rogue, &key);
    return error == 0 ? net_manifest_write(&m, &key, &nonce, u->manifest) : error;
}

/* What a thief of the service does to it after the maker has signed. */
static void spoil(cloud_update *u, cloud_rogue rogue) {
    enum { LOWEST_BYTE_OF_VERSION = 7 };
    switch (rogue) {
        case CLOUD_ROGUE_TAMPERED:
            u->image[u->size / 2] ^= 1;
            break;
        case CLOUD_ROGUE_ALTERED:
            u->manifest[LOWEST_BYTE_OF_VERSION] ^= 0x80;
            u->version ^= 0x80;
            break;
        case CLOUD_ROGUE_TRUNCATED:
            u->size = (u->size + 1) / 2;
            /* A last block that is full would not show that it is the last. */
            if (u->size % NET_MANIFEST_BLOCK == 0) u->size--;
            break;
        default:
            break;
    }
}

int cloud_update_add(cloud_update **list, const char *model, uint32_t version, uint32_t size,
                     cloud_rogue rogue, uint64_t seed) {
    SIM_PROMISE(version > 0 && size > 0 && size <= CLOUD_UPDATE_SIZE_MAX);
    cloud_update *u = sim_malloc(sizeof *u + size);
    if (u == NULL) return SIM_ENOMEM;
    *u = (cloud_update){.next = *list,
                        .announced = version,
                        .version = rogue == CLOUD_ROGUE_OLD ? (uint32_t)FACTORY_VERSION : version,
                        .size = size};
    snprintf(u->model, sizeof u->model, "%s", model);
    sim_stream bytes = stream_of(seed, image_id(model, u->version));
    sim_stream_bytes(&bytes, u->image, size);
    int error = sign(u, rogue, seed);
    if (error != 0) {
        sim_free(u);
        return error;
    }
    spoil(u, rogue);
    *list = u;
    return 0;
}

void cloud_update_free(cloud_update *list) {
    while (list != NULL) {
        cloud_update *next = list->next;
        sim_free(list);
        list = next;
    }
}

const cloud_update *cloud_update_for(const cloud_update *list, const char *model) {
    while (list != NULL && strcmp(list->model, model) != 0) list = list->next;
    return list;
}

size_t cloud_update_block(const cloud_update *u, uint32_t number, const uint8_t **out) {
    uint64_t from = (uint64_t)number * NET_MANIFEST_BLOCK;
    if (from >= u->size) return 0;
    *out = u->image + from;
    return u->size - from < NET_MANIFEST_BLOCK ? (size_t)(u->size - from)
                                               : (size_t)NET_MANIFEST_BLOCK;
}
