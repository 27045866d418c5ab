/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/charge.h - what is left in the battery of a device, and what it spends it for: the time
 * in each of its states, datagrams, and what it senses. Pure: time is passed in.
 *
 * The figures are those of a microcontroller with a radio of IEEE 802.15.4 at 3 V, by order of
 * magnitude: 20 mA with the radio on, 5 mA awake without it, 10 uA asleep, and 32 us a byte. */
#ifndef DEV_CHARGE_H
#define DEV_CHARGE_H

#include "devices/device.h"

typedef struct dev_charge {
    double left_j;  /* not below 0 */
    sim_time since; /* what was spent until then is known */
    uint8_t state;  /* dev_state since then */
    bool counts;    /* false: its battery is nobody's business, and never empty */
} dev_charge;

/* `full_j` 0: it does not count. */
void dev_charge_init(dev_charge *c, double full_j);
/* From now on it is in `state`. */
void dev_charge_state(dev_charge *c, dev_state state, sim_time now);
void dev_charge_datagram(dev_charge *c, size_t bytes); /* sent or received */
void dev_charge_sensed(dev_charge *c);
bool dev_charge_is_empty(const dev_charge *c);

#endif
