/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint8_t magic[4] = {'B', 'S', 'U', '1'};

enum {
    VERSION_AT = sizeof magic,
    SIZE_AT = VERSION_AT + 4,
    DIGEST_AT = SIZE_AT + 4,
    MODEL_AT = DIGEST_AT + NET_DIGEST_SIZE,
    SIGNATURE_AT = MODEL_AT + NET_MANIFEST_MODEL_MAX
};
_Static_assert(SIGNATURE_AT + NET_SIGNATURE_SIZE == NET_MANIFEST_SIZE, "as the header says");

static void put32(uint8_t *out, uint32_t value) {
    for (int i = 0; i < 4; i++) out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *in) {
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

/* One text, and nothing behind its end. */
static bool is_model(const uint8_t *text) {
    size_t n = strnlen((const char *)text, NET_MANIFEST_MODEL_MAX);
    if (n == 0 || n == NET_MANIFEST_MODEL_MAX) return false;
    for (size_t i = 0; i < NET_MANIFEST_MODEL_MAX; i++) {
        if (i < n ? text[i] <= ' ' || text[i] >= 0x7F : text[i] != 0) return false;
    }
    return true;
}

int net_manifest_write(const net_manifest *m, const net_signing_key *key, sim_stream *stream,
                       uint8_t out[NET_MANIFEST_SIZE]) {
    uint8_t digest[NET_DIGEST_SIZE];
    net_manifest again;
    memset(out, 0, NET_MANIFEST_SIZE);
    memcpy(out, magic, sizeof magic);
    put32(out + VERSION_AT, m->version);
    put32(out + SIZE_AT, m->size);
    memcpy(out + DIGEST_AT, m->digest, NET_DIGEST_SIZE);
    memcpy(out + MODEL_AT, m->model, strnlen(m->model, NET_MANIFEST_MODEL_MAX));
    SIM_PROMISE(net_manifest_read(out, NET_MANIFEST_SIZE, &again) == 0);
    int error = net_digest_of(out, SIGNATURE_AT, digest);
    return error != 0 ? error : net_signature_make(key, digest, stream, out + SIGNATURE_AT);
}

int net_manifest_read(const uint8_t *data, size_t n, net_manifest *out) {
    if (n != NET_MANIFEST_SIZE || memcmp(data, magic, sizeof magic) != 0) return SIM_EPARSE;
    if (!is_model(data + MODEL_AT)) return SIM_EPARSE;
    out->version = get32(data + VERSION_AT);
    out->size = get32(data + SIZE_AT);
    memcpy(out->digest, data + DIGEST_AT, NET_DIGEST_SIZE);
    memcpy(out->model, data + MODEL_AT, NET_MANIFEST_MODEL_MAX);
    return out->version == 0 || out->size == 0 ? SIM_EPARSE : 0;
}

int net_manifest_check(const uint8_t *data, const uint8_t public[NET_PUBLIC_KEY_SIZE]) {
    uint8_t digest[NET_DIGEST_SIZE];
    int error = net_digest_of(data, SIGNATURE_AT, digest);
    return error != 0 ? error : net_signature_check(public, digest, data + SIGNATURE_AT);
}

/* ---- names of blocks ---- */

void net_manifest_block_name(uint32_t version, uint32_t number,
                             char out[NET_MANIFEST_BLOCK_NAME_MAX]) {
    snprintf(out, NET_MANIFEST_BLOCK_NAME_MAX, "v=%" PRIu32 "&block=%" PRIu32, version, number);
}

/* `key` and a number, after which `*at` stands. False: something else is there. */
static bool read_field(const char **at, const char *key, uint32_t *out) {
    uint64_t value = 0;
    if (strncmp(*at, key, strlen(key)) != 0) return false;
    const char *digits = *at + strlen(key);
    const char *c = digits;
    for (; *c >= '0' && *c <= '9' && value <= UINT32_MAX; c++)
        value = 10 * value + (uint64_t)(*c - '0');
    *at = c;
    *out = (uint32_t)value;
    return c > digits && value <= UINT32_MAX;
}

bool net_manifest_block_named(const char *text, uint32_t *version, uint32_t *number) {
    return read_field(&text, "v=", version) && read_field(&text, "&block=", number) &&
           *text == '\0';
}
