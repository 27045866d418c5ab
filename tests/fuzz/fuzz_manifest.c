/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever the bytes: no crash. What was read as a manifest says all that a manifest must, nobody
 * signed it, and written again it is the same but for the signature. The same bytes as the answer
 * of an observed resource: what is left of it after a notice is a beginning of it. */
#include <string.h>

#include "devices/connection.h"
#include "devices/update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIGNATURE_AT = NET_MANIFEST_SIZE - NET_SIGNATURE_SIZE };

static void as_manifest(const uint8_t *data, size_t size) {
    static net_signing_key key;
    static uint8_t again[NET_MANIFEST_SIZE];
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_FIRMWARE, 1);
    net_manifest m;
    if (key.public[0] == 0) SIM_PROMISE(net_signing_key_draw(&key, &stream) == 0);
    if (net_manifest_read(data, size, &m) != 0) return;
    SIM_PROMISE(m.version > 0 && m.size > 0 && m.model[0] != '\0');
    SIM_PROMISE(strlen(m.model) < NET_MANIFEST_MODEL_MAX);
    SIM_PROMISE(net_manifest_check(data, key.public) == SIM_EAUTH);
    SIM_PROMISE(net_manifest_write(&m, &key, &stream, again) == 0);
    SIM_PROMISE(memcmp(again, data, SIGNATURE_AT) == 0);
    SIM_PROMISE(net_manifest_check(again, key.public) == 0);
}

static void as_notice(const uint8_t *data, size_t size) {
    net_answer r = {.tag = DEV_TAG_FOLLOW, .body = data, .size = size};
    uint32_t version = dev_update_take_notice(&r);
    SIM_PROMISE(r.body == data && r.size <= size);
    SIM_PROMISE((version == 0) == (r.size == size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    as_manifest(data, size);
    as_notice(data, size);
    return 0;
}
