/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/thermostat.h - a thermostat's own state, for its model and its tests. */
#ifndef DEV_THERMOSTAT_H
#define DEV_THERMOSTAT_H

#include "devices/model.h"
#include "devices/thermal.h"

typedef struct dev_thermostat_state {
    dev_thermal thermal;                 /* set_point_c is kept in flash */
    uint8_t night_from_h, night_until_h; /* its schedule, hours of the day; flash */
} dev_thermostat_state;

/* Of a device whose model is dev_thermostat. */
static inline dev_thermostat_state *dev_thermostat_of(const dev_device *d) {
    return d->own;
}

#endif
