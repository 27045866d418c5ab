/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/probe.h - the oracle of a local function (design D17): now and then a hand does its
 * model's deed (devices/sheet.h), and looks at the deadline whether the device shows what it
 * should. */
#ifndef DEV_PROBE_H
#define DEV_PROBE_H

#include "devices/model.h"

typedef struct dev_probe {
    sim_stream stream;
    sim_time due;   /* of the next hand; SIM_NEVER: nobody asks this model */
    sim_time asked; /* SIM_NEVER: nobody waits for an answer */
    sim_time acts;  /* then the device does it; SIM_NEVER: it does not, or has */
    double wants;
} dev_probe;

/* Nobody asks before it was first switched on. */
void dev_probe_init(dev_probe *p, sim_stream stream);
void dev_probe_begin(dev_step *s, dev_probe *p);
sim_time dev_probe_deadline(const dev_probe *p, const dev_model *m);
/* What is due by now. */
void dev_probe_wake(dev_step *s, dev_probe *p);
/* The cloud gives it leave, where it asked for that. */
void dev_probe_leave(dev_step *s, dev_probe *p);
/* Power goes: who waits has no answer. */
void dev_probe_power_off(dev_step *s, dev_probe *p);

#endif
