/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/fault.h - what a drill can do to a fleet: each fault is a row (design D16). The script
 * language's methods, their arguments and complaints, `blackstart list faults`, the table of the
 * documentation and the fuzzer are made from the rows. A fault is one file, fault_X.c, and a line
 * in faults.c (docs/add/fault.md). */
#ifndef SIM_FLEET_FAULT_H
#define SIM_FLEET_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/cloud/capacity.h"
#include "sim/core/field.h"
#include "sim/core/time.h"

struct fleet_selection;
struct fleet_spec;
struct fleet_street;
struct fleet_zone;

typedef enum fleet_reach {
    FLEET_REACH_DEVICES, /* said of streets, homes or devices */
    FLEET_REACH_HOMES, /* said of streets or homes: the home's router or its way to the internet */
    FLEET_REACH_CLOUD  /* a word of its own: there is one cloud */
} fleet_reach;

enum { FLEET_FAULT_WHY = 200 }; /* bytes of a sentence that says why not */

typedef union fleet_order { /* room for what any fault is ordered with */
    max_align_t aligned;
    char bytes[256];
} fleet_order;

typedef struct fleet_fault {
    const char *verb; /* as the scenario says it */
    const char *help; /* a line for people */
    /* The usual name of what devices come back after: the order begins with a `const char *` then,
     * which may rename it (NULL there: nobody comes back for this order). NULL: for none. */
    const char *trigger;
    fleet_reach reach;
    bool built_in_only;      /* SIM_ESTATE against a target */
    const sim_field *fields; /* of the order; NULL: it has none */
    bool may_be_empty;       /* the braces may be left out: no field is needed */
    const char *bare;   /* not NULL: the only field is said without name; complaints call it so */
    bool word_of_setup; /* the word is setup's too, and reads its fields itself */
    size_t size;        /* of the order; 0: it has none */
    const void *usual;  /* the order before anything is said; NULL: zeros */
    /* The usual order depends on the zone: a selection of several is struck zone by zone. */
    void (*of_zone)(const struct fleet_zone *zone, void *order);
    /* Completes the order. NULL, or what is wrong with it: a sentence (of `why`, FLEET_FAULT_WHY
     * bytes, or static). NULL: nothing is wrong ever. */
    const char *(*wrong)(const struct fleet_spec *spec, sim_time now,
                         const struct fleet_selection *s, void *order);
    bool power; /* who comes back had lost its RAM */
    /* Devices of a street that it strikes, counted before the street is struck; NULL: none. */
    uint64_t (*struck)(const struct fleet_street *s, const struct fleet_selection *sel);
    /* The line of the story: a text that the number of homes and devices follows, or a function
     * that writes all of it. */
    const char *told;
    void (*tell)(const void *order, uint64_t struck, char *line, size_t size);
    /* What it does to the cloud's capacity, and to each street, in this order; NULL: nothing. */
    void (*cloud)(cloud_capacity *c, sim_time now, const void *order);
    int (*street)(struct fleet_street *s, const struct fleet_selection *sel, const void *order,
                  uint8_t trigger);
} fleet_fault;

/* The first member of an order with a trigger. */
#define FLEET_FIELD_TRIGGER \
    { .name = "trigger", .kind = SIM_FIELD_TEXT, .help = "the name under which the judge finds it" }

extern const fleet_fault *const fleet_faults[]; /* NULL ends the list */
/* NULL: no such fault. */
const fleet_fault *fleet_fault_named(const char *verb);

#endif
