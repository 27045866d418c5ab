/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/keeping.h - between a model's state and its flash: which rows of its data sheet are
 * written when, and what a device has when power returns (EN 303 645, 5.9-2 and 5.11-1). */
#ifndef DEV_KEEPING_H
#define DEV_KEEPING_H

#include "devices/household.h"

/* A flash as it leaves the shop where somebody has paired it. SIM_ENOMEM, SIM_ELIBRARY. */
SIM_MUST_USE int dev_keeping_init(dev_household *h, dev_device *d);
/* Writes what changed and is due at `now`. SIM_EIO: power goes. SIM_ENOMEM, SIM_ELIBRARY: not all
 * of it is written yet. */
SIM_MUST_USE int dev_keeping_save(dev_household *h, const dev_device *d, sim_time now);
/* Writes that it is paired. As dev_keeping_save. */
SIM_MUST_USE int dev_keeping_pair(dev_household *h);
/* Erases what a factory reset does, in the flash. As dev_keeping_save. */
SIM_MUST_USE int dev_keeping_reset(dev_household *h);
/* The state is as from the factory in all that a reset erases. */
void dev_keeping_forget(dev_household *h, const dev_device *d);
bool dev_keeping_is_paired(const dev_household *h);
/* Whether the flash holds nothing of what a reset erases. */
bool dev_keeping_is_empty(const dev_household *h, const dev_model *m);
/* The state is what the flash says; DEV_NOTE_RESTORED_SAME, _WORSE or _CORRUPT. */
dev_note dev_keeping_boot(dev_household *h, const dev_device *d);
/* Power goes in the middle of a write: what it meant to write is right, too. */
void dev_keeping_cut(dev_household *h, const dev_device *d);

#endif
