/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever the bytes: no crash; and what was read as a pack can be written and read again with the
 * same content. */
#include <stdio.h>
#include <string.h>

#include "net/senml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const net_senml_pack *a, const net_senml_pack *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        const net_senml_record *x = &a->records[i], *y = &b->records[i];
        if (strcmp(x->name, y->name) != 0 || strcmp(x->unit, y->unit) != 0) return false;
        if (x->is_boolean != y->is_boolean || x->boolean != y->boolean) return false;
        if (x->value != y->value || x->time_s != y->time_s) return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static net_senml_pack pack, again;
    static uint8_t out[8192];
    size_t written = 0;
    if (net_senml_read(data, size, &pack) != 0 || pack.count == 0) return 0;
    pack.base_name[0] = 0; /* names and times are resolved */
    pack.base_time_s = 0;
    SIM_PROMISE(net_senml_write(&pack, out, sizeof out, &written) == 0);
    SIM_PROMISE(net_senml_read(out, written, &again) == 0);
    SIM_PROMISE(same(&pack, &again));
    return 0;
}
