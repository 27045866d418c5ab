/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A flash that holds anything is opened, used, cut and opened again: what was put is there, and
 * nothing crashes. The first byte says where the power goes; the rest is the flash. */
#include <string.h>

#include "devices/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PAGES = 2, KEY = DEV_STORE_KEY(DEV_DATA_SETTINGS, 0) };

static void fill(dev_flash *f, const uint8_t *data, size_t size) {
    uint8_t unit[DEV_FLASH_UNIT];
    for (size_t at = 0; at < size && at < dev_flash_size(f); at += sizeof unit) {
        size_t n = size - at < sizeof unit ? size - at : sizeof unit;
        memset(unit, DEV_FLASH_ERASED, sizeof unit);
        memcpy(unit, data + at, n);
        SIM_PROMISE(dev_flash_program(f, (uint32_t)at, unit) == 0);
    }
}

static void use(dev_store *s, const uint8_t *data) {
    uint8_t value[DEV_STORE_VALUE_MAX];
    SIM_PROMISE(dev_store_open(s) == 0);
    int error = dev_store_put(s, KEY, "value", 5);
    SIM_PROMISE(error == 0 || error == SIM_ERANGE);
    dev_flash_cut_in(s->flash, data[0]);
    if (dev_store_put(s, (uint8_t)(KEY + 1), data, 1) == 0)
        SIM_PROMISE(dev_store_get(s, (uint8_t)(KEY + 1), value) == 1);
    dev_flash_power(s->flash);
    SIM_PROMISE(dev_store_open(s) == 0);
    if (error == 0) {
        SIM_PROMISE(dev_store_get(s, KEY, value) == 5);
        SIM_PROMISE(memcmp(value, "value", 5) == 0);
    }
    SIM_PROMISE(dev_store_reset(s) == 0 && dev_store_get(s, KEY, value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dev_flash flash;
    dev_store store;
    if (size == 0) return 0;
    dev_flash_init(&flash, PAGES, sim_stream_for(data[0], SIM_PURPOSE_DEVICE, 0));
    dev_store_init(&store, &flash, NULL, sim_stream_for(1, SIM_PURPOSE_DEVICE, 0));
    fill(&flash, data + 1, size - 1);
    use(&store, data);
    dev_flash_deinit(&flash);
    return 0;
}
