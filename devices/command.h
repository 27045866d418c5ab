/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/command.h - what a cloud wants of a device, as it stands on its channel of commands
 * ("c/IDENTITY"): a line for each thing, "WORD VALUE", such as "set-point 21.50" or "firmware 2". A
 * device takes the words that it knows and leaves the others alone, so a cloud may say more than
 * one model understands. */
#ifndef DEV_COMMAND_H
#define DEV_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value of the first line that begins with `word` and a blank; it stands in `list`, and may be
 * empty. False: there is no such line. */
bool dev_command_find(const uint8_t *list, size_t size, const char *word, const uint8_t **value,
                      size_t *n);

#endif
