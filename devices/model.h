/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/model.h - a kind of device (design D14): a life that it shares with others
 * (devices/life.h), and what it is there for, with state of its own. A model is one file and one
 * line in devices/models.h (docs/add/model.md). */
#ifndef DEV_MODEL_H
#define DEV_MODEL_H

#include <stddef.h>

#include "devices/device.h"
#include "devices/sheet.h"
#include "net/senml.h"

/* What came with an event from the network. */
typedef struct dev_cause {
    /* with ACCEPTED, BUSY, REFUSED, REPORT_TAKEN, TOLD; may be NULL with ACCEPTED */
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

typedef struct dev_life dev_life; /* devices/life.h */

/* What a scenario's own model measures besides: a value that follows the day between two limits, in
 * each device at an hour of its own. */
typedef struct dev_own_reading {
    char name[24];
    char unit[NET_SENML_UNIT_MAX]; /* as in SenML */
    double low, high;
} dev_own_reading;

enum { DEV_OWN_READINGS_MAX = 4 };

struct dev_model {
    const char *name;         /* "thermostat" */
    const dev_model *base;    /* a scenario's own is counted with that one; NULL: it is built in */
    const char *title;        /* a line for `blackstart list models` */
    const char *device_class; /* RFC 7228: "C2" */
    const char *energy;       /* RFC 7228: "E9" */
    const dev_sheet *sheet;   /* what its maker declares; static */
    const dev_life *life;     /* how it lives with its power and its network */
    size_t state_size;        /* bytes of its own state (dev_device.own) */
    bool updates;             /* can take firmware updates at all */
    sim_time report_every;    /* when a scenario says nothing else */
    /* Begins its state: `draw` is the device's own stream; `people` that of who lives there. */
    void (*init)(void *state, sim_stream *draw, sim_stream people);
    /* The local function: called when power came or went (state OFF), when a setting changed and at
     * device->local_due. Returns its next time, above now. */
    sim_time (*local)(dev_step *s);
    /* How much of the time from `since` to `now` the local function kept what it is there to keep,
     * when nothing changed meanwhile. NULL: nobody can say. */
    sim_time (*kept)(const void *state, sim_time since, sim_time now);
    /* Fills in the records of a report, the main reading first; the base name is there. */
    void (*measure)(dev_step *s, net_senml_pack *pack);
    /* The cloud wants `what` ("set-point") to be `value`. False: not for it, nothing changed. NULL:
     * it can be told nothing. */
    bool (*told)(dev_step *s, const char *what, double value);
    /* What it has for `what`, before anybody told it; with `told`. */
    double (*setting)(const void *state, const char *what);
    /* Somebody has paired it, and tells it what only he knows: a code. NULL: there is nothing. */
    void (*paired)(void *state);
    const dev_own_reading *own; /* of a scenario's own, behind those of `measure`; borrowed */
    uint32_t own_count;
    /* What dev_counts.counters of it count, as metrics are called; unused ones are NULL. */
    const char *counters[DEV_COUNTERS_MAX];
};

enum { DEV_STEP_DEPTH_MAX = 8 }; /* events that lead to events: more is a defect of the model */

/* Runs one event through the table: the change of state first, then the action, which may find the
 * answer to its first packet already there. The one place where a state changes. Promise: no deeper
 * than DEV_STEP_DEPTH_MAX. */
void dev_model_step(dev_step *s, dev_event event);

/* All models; NULL ends the list. */
extern const dev_model *const dev_models[];
const dev_model *dev_model_named(const char *name); /* NULL: there is none */
/* Its place in dev_models; of one that is not there (a test has such) DEV_MODELS. */
size_t dev_model_number(const dev_model *m);

/* Where the devices of a profile take their randomness from when they boot: as their law has it, or
 * as their model. */
dev_randomness dev_profile_randomness(const dev_profile *p);

/* All that it measures, in the order of its reports. */
void dev_model_measure(dev_step *s, net_senml_pack *pack);

/* Adds what the local function kept until now to the counts. Before anything changes what it keeps.
 */
void dev_model_kept(dev_step *s);

/* Bytes that a state takes among others: aligned for any type. */
static inline size_t dev_model_state_room(const dev_model *m) {
    const size_t unit = sizeof(max_align_t);
    return m->state_size == 0 ? unit : (m->state_size + unit - 1) / unit * unit;
}

/* Adds one to the device's own counter number `counter`. */
void dev_model_count(dev_step *s, size_t counter);

#define DEV_MODEL_DECLARE(model) extern const dev_model dev_##model;
DEV_MODEL_LIST(DEV_MODEL_DECLARE)
#undef DEV_MODEL_DECLARE

#endif
