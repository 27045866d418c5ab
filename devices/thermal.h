/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/thermal.h - the thermostat's local function: a room, a heater, a hysteresis. It runs
 * whenever there is power, network or not (EN 303 645 5.9-2).
 *
 * One time constant: dT/dt = (rest - T)/tau with rest = outside when the heater is off, outside +
 * gain when on. Closed form, so nothing is stepped. The heater goes on below set_point - set_back -
 * band, off above set_point - set_back + band. */
#ifndef DEV_THERMAL_H
#define DEV_THERMAL_H

#include <stdbool.h>

#include "sim/core/time.h"

typedef struct dev_thermal {
    float outside_c;     /* degrees Celsius */
    float gain_c;        /* what full heating adds in the end, > 0 */
    float tau_s;         /* time constant of the room, > 0 */
    float set_point_c;   /* what it was told to keep */
    float set_back_c;    /* kept lower by this much just now (night), >= 0 */
    float band_c;        /* >= 0.01 */
    float temperature_c; /* at `since` */
    bool heating;
    bool powered;
    sim_time since;
} dev_thermal;

/* Brings temperature_c to `now` (>= since), switching nothing. */
void dev_thermal_advance(dev_thermal *t, sim_time now);
/* Applies the hysteresis at `now`: switches the heater when the temperature is outside the band. No
 * power: heater off. */
void dev_thermal_control(dev_thermal *t, sim_time now);
/* How much of the time from `from` (<= since) to `since` the temperature lay within the band about
 * what is to be kept, as near as its sensor can tell, when nothing was switched or set meanwhile.
 * After a change of the set-point or of the set-back it is outside until the room has followed. */
sim_time dev_thermal_in_band(const dev_thermal *t, sim_time from);
/* When the hysteresis, once it had its say at `since`, will next switch if nothing else changes;
 * SIM_NEVER when it never will (no power, or out of reach). */
sim_time dev_thermal_next(const dev_thermal *t);

#endif
