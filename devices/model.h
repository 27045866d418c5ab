/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/model.h - a kind of device is a table one can read: per state and event, what to do and where to go. An empty slot is a decision: the event is counted as ignored. */
#ifndef DEV_MODEL_H
#define DEV_MODEL_H

#include "devices/device.h"

/* What an action works with. */
typedef struct dev_step {
    dev_device *device;
    const dev_world *world;
    dev_counts *counts;
    sim_time now;
    const net_coap_response *response; /* with ACCEPTED, BUSY, REFUSED, REPORT_TAKEN, SET_POINT */
    net_secure_end why;                /* with SESSION_ENDED */
    int error;                         /* with UNANSWERED */
} dev_step;

typedef void dev_action(dev_step *s);

typedef struct dev_rule {
    bool handled;     /* false: the event is ignored in this state, and counted */
    dev_action *act;  /* NULL: nothing to do but the change of state */
    dev_state next;
} dev_rule;

struct dev_model {
    const char *name;        /* "thermostat" */
    const char *title;       /* a line for `blackstart list models` */
    const char *device_class; /* RFC 7228: "C2" */
    const char *energy;      /* RFC 7228: "E9" */
    dev_rule rules[DEV_STATES][DEV_EVENTS];
    /* The local function: when the clock reaches device->local_due (NULL: none). Returns the next time. */
    sim_time (*local)(dev_step *s);
    void (*init)(dev_device *d); /* the model's own part of dev_device_init */
};

/* Runs one event through the table: action first, then the change of state. The one place where a state changes. */
void dev_model_step(dev_step *s, dev_event event);

/* All models; NULL ends the list. */
extern const dev_model *const dev_models[];
const dev_model *dev_model_named(const char *name); /* NULL: there is none */

#endif
