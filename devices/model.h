/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/model.h - a kind of device is a table one can read: per state and event, what to do and
 * where to go. An empty slot is a decision: the event is counted as ignored. What most kinds do
 * alike is in devices/actions.h. */
#ifndef DEV_MODEL_H
#define DEV_MODEL_H

#include "devices/device.h"
#include "net/senml.h"

/* What came with an event from the network. */
typedef struct dev_cause {
    /* with ACCEPTED, BUSY, REFUSED, REPORT_TAKEN, SET_POINT; may be NULL with ACCEPTED */
    const net_answer *answer;
    /* with these and UNANSWERED: enum dev_tag of the ask (devices/connection.h) */
    uint32_t tag;
    net_end why; /* with SESSION_ENDED */
    int error;   /* with UNANSWERED */
} dev_cause;

/* What one verb of a device, and every action that it leads to, works with; on the verb's stack. */
struct dev_step {
    dev_device *device;
    const dev_world *world;
    dev_counts *counts;
    sim_time now;
    /* being handled, and the state in which it came; read them before raising another */
    dev_event event;
    dev_state from;
    dev_cause cause;
    sim_time due;   /* with REPORT_DUE: the intended time */
    uint32_t depth; /* of events raised by actions */
    /* ended in this verb, freed when it is over: never inside the link's own calls */
    net_link *dead;
};

/* Runs in the new state. May raise a further event with dev_model_step, as the last thing it does.
 */
typedef void dev_action(dev_step *s);

typedef struct dev_rule {
    bool handled;    /* false: the event is ignored in this state, and counted */
    dev_action *act; /* NULL: nothing to do but the change of state */
    dev_state next;
} dev_rule;

struct dev_model {
    const char *name;         /* "thermostat" */
    const char *title;        /* a line for `blackstart list models` */
    const char *device_class; /* RFC 7228: "C2" */
    const char *energy;       /* RFC 7228: "E9" */
    dev_rule rules[DEV_STATES][DEV_EVENTS];
    /* The local function: called when power came or went (state OFF), when a setting changed and at
     * device->local_due. Returns its next time, above now. */
    sim_time (*local)(dev_step *s);
    /* How much of the time since device->local_since the local function kept what it is there to
     * keep, when nothing changed meanwhile. NULL: nobody can say. */
    sim_time (*kept)(const dev_device *d, sim_time now);
    /* Fills in the records of a report, the main reading first; the base name is there. */
    void (*measure)(dev_step *s, net_senml_pack *pack);
    /* The model's own part of dev_device_init. */
    void (*init)(dev_device *d);
};

enum { DEV_STEP_DEPTH_MAX = 8 }; /* events that lead to events: more is a defect of the model */

/* Runs one event through the table: the change of state first, then the action, which may find the
 * answer to its first packet already there. The one place where a state changes. Promise: no deeper
 * than DEV_STEP_DEPTH_MAX. */
void dev_model_step(dev_step *s, dev_event event);

/* All models; NULL ends the list. */
extern const dev_model *const dev_models[];
const dev_model *dev_model_named(const char *name); /* NULL: there is none */
/* Its place in dev_models, below DEV_MODELS_MAX; of one that is not there (a test has such) the
 * place behind the last. */
size_t dev_model_number(const dev_model *m);

/* Adds what the local function kept until now to the counts. Before anything changes what it keeps.
 */
void dev_model_kept(dev_step *s);

extern const dev_model dev_thermostat;

#endif
