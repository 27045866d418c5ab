/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/flash.h - the flash of one device: pages that are erased whole and programmed in units,
 * where programming only clears bits. Power may go in the middle of every step; the step then did
 * part of its work, and which part is chance. Cells that nobody programmed cost no memory.
 *
 * Sizes are those of small microcontrollers by order of magnitude: a double word is the least that
 * an STM32L4 programs at once, and pages are between 0.5 and 4 KiB. */
#ifndef DEV_FLASH_H
#define DEV_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/random.h"

enum {
    DEV_FLASH_UNIT = 8,   /* bytes that one step programs */
    DEV_FLASH_PAGE = 512, /* bytes that one step erases */
    DEV_FLASH_PAGES_MAX = 64,
    DEV_FLASH_ERASED = 0xff
};

typedef struct dev_flash_page {
    uint8_t *cells; /* owned; the first `used` bytes of the page, the rest is erased */
    uint16_t used, room;
    uint32_t erases; /* in its life: how worn it is */
} dev_flash_page;

typedef struct dev_flash {
    dev_flash_page *pages; /* owned; NULL: as it left the factory */
    uint8_t count;
    bool dark;       /* power went in the middle of a step */
    uint32_t cut_in; /* the step in which power goes, counted from the next; 0: in none */
    uint32_t steps;  /* programmed and erased in its life */
    sim_stream torn; /* what is left of a step that was cut */
} dev_flash;

/* All erased. `pages` is 1 .. DEV_FLASH_PAGES_MAX. */
void dev_flash_init(dev_flash *f, uint8_t pages, sim_stream torn);
void dev_flash_deinit(dev_flash *f);
/* Makes `to`, which holds nothing, a copy. SIM_ENOMEM: `to` holds nothing still. */
SIM_MUST_USE int dev_flash_copy(dev_flash *to, const dev_flash *from);

/* One step each. SIM_EIO: power went in it, or is gone. SIM_ENOMEM: nothing happened. */
SIM_MUST_USE int dev_flash_program(dev_flash *f, uint32_t at, const uint8_t unit[DEV_FLASH_UNIT]);
SIM_MUST_USE int dev_flash_erase(dev_flash *f, uint32_t page);

/* Reads are no steps; a promise: all of it is within the flash. */
void dev_flash_read(const dev_flash *f, uint32_t at, void *out, size_t n);
/* Whether these n bytes are erased cells. */
bool dev_flash_is_blank(const dev_flash *f, uint32_t at, uint32_t n);
uint32_t dev_flash_size(const dev_flash *f); /* bytes */
/* Of the page that was erased most often. */
uint32_t dev_flash_worn(const dev_flash *f);

/* Power goes in the middle of step number `steps` from now (1: the next). 0: in none. */
void dev_flash_cut_in(dev_flash *f, uint32_t steps);
/* Power is back. */
void dev_flash_power(dev_flash *f);

#endif
