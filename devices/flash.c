/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/flash.h"

#include <string.h>

#include "sim/core/heap.h"

void dev_flash_init(dev_flash *f, uint8_t pages, sim_stream torn) {
    SIM_PROMISE(pages >= 1 && pages <= DEV_FLASH_PAGES_MAX);
    *f = (dev_flash){.count = pages, .torn = torn};
}

void dev_flash_deinit(dev_flash *f) {
    for (uint32_t i = 0; f->pages != NULL && i < f->count; i++) sim_free(f->pages[i].cells);
    sim_free(f->pages);
    f->pages = NULL;
}

/* Its first `n` cells have memory. */
static int reserve(dev_flash_page *p, uint32_t n) {
    enum { PIECE = 64 };
    if (n <= p->room) return 0;
    uint32_t room = (n + PIECE - 1) / PIECE * PIECE;
    uint8_t *cells = sim_realloc(p->cells, room);
    if (cells == NULL) return SIM_ENOMEM;
    p->cells = cells;
    p->room = (uint16_t)room;
    return 0;
}

static int reserve_pages(dev_flash *f) {
    if (f->pages != NULL) return 0;
    f->pages = sim_calloc(f->count, sizeof *f->pages);
    return f->pages == NULL ? SIM_ENOMEM : 0;
}

int dev_flash_copy(dev_flash *to, const dev_flash *from) {
    *to = *from;
    to->pages = NULL;
    if (from->pages == NULL) return 0;
    int error = reserve_pages(to);
    for (uint32_t i = 0; error == 0 && i < from->count; i++) {
        const dev_flash_page *p = &from->pages[i];
        to->pages[i].erases = p->erases;
        error = reserve(&to->pages[i], p->used);
        if (error != 0 || p->used == 0) continue;
        memcpy(to->pages[i].cells, p->cells, p->used);
        to->pages[i].used = p->used;
    }
    if (error != 0) dev_flash_deinit(to);
    return error;
}

/* ---- steps ---- */

/* Counts a step. Whether power goes in it. */
static bool is_cut(dev_flash *f) {
    f->steps++;
    if (f->cut_in == 0 || --f->cut_in > 0) return false;
    f->dark = true;
    return true;
}

/* Programmed cells grow up to `n`. */
static void use(dev_flash_page *p, uint32_t n) {
    if (n <= p->used) return;
    memset(p->cells + p->used, DEV_FLASH_ERASED, n - p->used);
    p->used = (uint16_t)n;
}

int dev_flash_program(dev_flash *f, uint32_t at, const uint8_t unit[DEV_FLASH_UNIT]) {
    SIM_PROMISE(at % DEV_FLASH_UNIT == 0 && at < dev_flash_size(f));
    if (f->dark) return SIM_EIO;
    uint32_t in = at % DEV_FLASH_PAGE;
    int error = reserve_pages(f);
    dev_flash_page *p = error == 0 ? &f->pages[at / DEV_FLASH_PAGE] : NULL;
    if (error == 0) error = reserve(p, in + DEV_FLASH_UNIT);
    if (error != 0) return error;
    bool cut = is_cut(f);
    use(p, in + DEV_FLASH_UNIT);
    for (uint32_t i = 0; i < DEV_FLASH_UNIT; i++) {
        unsigned kept = cut ? (unsigned)sim_stream_next(&f->torn) : 0; /* bits left as they were */
        p->cells[in + i] &= (uint8_t)(unit[i] | kept);
    }
    return cut ? SIM_EIO : 0;
}

int dev_flash_erase(dev_flash *f, uint32_t page) {
    SIM_PROMISE(page < f->count);
    if (f->dark) return SIM_EIO;
    bool cut = is_cut(f);
    if (f->pages == NULL) return cut ? SIM_EIO : 0;
    dev_flash_page *p = &f->pages[page];
    p->erases++;
    for (uint32_t i = 0; cut && i < p->used; i++) p->cells[i] |= (uint8_t)sim_stream_next(&f->torn);
    if (!cut) p->used = 0;
    return cut ? SIM_EIO : 0;
}

/* ---- looking ---- */

uint32_t dev_flash_size(const dev_flash *f) {
    return (uint32_t)f->count * DEV_FLASH_PAGE;
}

static uint8_t cell(const dev_flash *f, uint32_t at) {
    const dev_flash_page *p = f->pages == NULL ? NULL : &f->pages[at / DEV_FLASH_PAGE];
    uint32_t in = at % DEV_FLASH_PAGE;
    return p != NULL && in < p->used ? p->cells[in] : DEV_FLASH_ERASED;
}

void dev_flash_read(const dev_flash *f, uint32_t at, void *out, size_t n) {
    SIM_PROMISE(at <= dev_flash_size(f) && n <= dev_flash_size(f) - at);
    for (size_t i = 0; i < n; i++) ((uint8_t *)out)[i] = cell(f, at + (uint32_t)i);
}

bool dev_flash_is_blank(const dev_flash *f, uint32_t at, uint32_t n) {
    for (uint32_t end = at + n; at < end; at++)
        if (cell(f, at) != DEV_FLASH_ERASED) return false;
    return true;
}

uint32_t dev_flash_worn(const dev_flash *f) {
    uint32_t worn = 0;
    for (uint32_t i = 0; f->pages != NULL && i < f->count; i++)
        if (f->pages[i].erases > worn) worn = f->pages[i].erases;
    return worn;
}

void dev_flash_cut_in(dev_flash *f, uint32_t steps) {
    f->cut_in = steps;
}

void dev_flash_power(dev_flash *f) {
    f->dark = false;
    f->cut_in = 0;
}
