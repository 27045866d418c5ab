/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/selection.h - which homes and devices a drill means: a rule that each street can apply
 * by itself, not a list. */
#ifndef SIM_FLEET_SELECTION_H
#define SIM_FLEET_SELECTION_H

#include <stdbool.h>
#include <stdint.h>

enum { FLEET_FILTERS_MAX = 6 };
typedef struct fleet_filter {
    enum {
        FLEET_FILTER_STREET,
        FLEET_FILTER_HOME_SHARE,
        FLEET_FILTER_DEVICE_SHARE,
        FLEET_FILTER_MODEL,
        FLEET_FILTER_POWER,
        FLEET_FILTER_FEED,
        FLEET_FILTER_REGION,
        FLEET_FILTER_ISP,
        FLEET_FILTER_NAME
    } kind;
    /* street index within its zone; salt of a share; 1: on battery, 0: on mains; of a power zone */
    uint32_t number;
    /* 0..1: by a hash of (seed, salt, home or device), so the same call picks the same ones */
    double share;
    char text[32]; /* of a model, a region, an ISP or a device */
} fleet_filter;
typedef struct fleet_selection {
    uint32_t zone;                           /* UINT32_MAX: all */
    fleet_filter filters[FLEET_FILTERS_MAX]; /* all must hold */
    uint32_t filter_count;
} fleet_selection;

/* What is known of the firmware of the devices that a rule selects. */
typedef struct fleet_firmware {
    uint64_t devices, running;   /* that were asked about; of these with the version */
    uint64_t installs, failures; /* updates that they installed, and refused */
} fleet_firmware;

#endif
