/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/presets.h - the back-off laws of clients that are in use, and of mistakes that are: data,
 * each with the place that its numbers come from. A preset stands for the client's defaults; the
 * first attempt of an episode is made at once. */
#ifndef DEV_PRESETS_H
#define DEV_PRESETS_H

#include <stddef.h>

#include "devices/law.h"

typedef struct dev_preset {
    const char *name;   /* "paho-c" */
    const char *title;  /* whose law it is */
    const char *source; /* of the numbers */
    dev_law law;
} dev_preset;

/* The order of lists: clients first, then misbehaviours. */
extern const dev_preset dev_presets[];
extern const size_t dev_preset_count;

/* NULL: there is none of this name. */
const dev_preset *dev_preset_named(const char *name);

#endif
