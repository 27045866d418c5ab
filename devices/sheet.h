/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/sheet.h - the data sheet of a model: what its maker declares, and `blackstart show NAME`
 * tells. */
#ifndef DEV_SHEET_H
#define DEV_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/store.h"
#include "sim/core/time.h"

typedef struct dev_step dev_step; /* devices/model.h */

/* One record of its reports. */
typedef struct dev_reading {
    const char *name, *unit; /* as in SenML (RFC 8428); "" of what has no unit */
    uint16_t ipso;           /* object of the IPSO registry: 3303 is a temperature sensor */
    const char *component;   /* of Home Assistant's discovery: "sensor" */
    const char *what;        /* "air in the room" */
} dev_reading;

/* What is in its flash, and where its model has it in RAM. A row without a size is kept by other
 * means than its store: it is not lost there. */
typedef struct dev_keep {
    dev_data data;
    const char *what; /* NULL ends the list */
    uint16_t offset, size;
    sim_time every; /* what always changes is written so often; 0: at once */
} dev_keep;

/* Of a row: a member of its model's state. */
#define DEV_KEPT(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)

/* What a hand does to it that wants to know whether it works (design D17): the oracle of its local
 * function. `wants` says beforehand what it will show then, and may make it ready to be asked; NAN:
 * it makes no sense just now. The device does `act` within `fastest` to `slowest`, as its hardware
 * takes; `shows` is compared at the deadline. */
typedef struct dev_deed {
    const char *what, *expected; /* "a press of its button", "it switches" */
    sim_time deadline, fastest, slowest;
    double (*wants)(void *state);
    void (*act)(dev_step *s);
    double (*shows)(const void *state);
} dev_deed;

/* What it does when power returns: X(name, word). */
#define DEV_RETURN_MAP(X)                                 \
    X(MEASURES, "measures again: there is nothing to be") \
    X(AS_BEFORE, "is as it was before")                   \
    X(OFF, "is off")                                      \
    X(ON, "is on")

typedef enum dev_return {
#define DEV_RETURN_ENUM(name, word) DEV_RETURN_##name,
    DEV_RETURN_MAP(DEV_RETURN_ENUM)
#undef DEV_RETURN_ENUM
        DEV_RETURNS
} dev_return;
const char *dev_return_word(dev_return r);

/* Where its random numbers come from when it boots: X(name, word in scenarios, in words). The last
 * two are no source: no model has them, and a scenario's devices may as bad twins. */
#define DEV_RANDOMNESS_MAP(X)                                                             \
    X(HARDWARE, "hardware", "a generator in its processor")                               \
    X(SERIAL_MIXED, "serial-mixed", "noise of its radio, mixed with its serial number")   \
    X(BOOT_TIME, "boot-time", "the time at which it boots, in seconds: the same in many") \
    X(CONSTANT, "constant", "a constant: the same in all, at every boot")

typedef enum dev_randomness {
#define DEV_RANDOMNESS_ENUM(name, said, word) DEV_RANDOMNESS_##name,
    DEV_RANDOMNESS_MAP(DEV_RANDOMNESS_ENUM)
#undef DEV_RANDOMNESS_ENUM
        DEV_RANDOMNESSES
} dev_randomness;
const char *dev_randomness_word(dev_randomness r); /* in words */
extern const char *const dev_randomness_said[];    /* by number, as scenarios have it; NULL ends */

typedef struct dev_sheet {
    /* What it does in the house without anybody's network (5.9-1); NULL: it only measures. */
    const char *local;
    const char *senses; /* external sensing (5.8-3); NULL: nothing of the world */
    const char *takes;  /* what it can be told, with its range; NULL: nothing */
    dev_return returns;
    const dev_reading *readings; /* as its reports have them, in order; a NULL name ends */
    const dev_keep *keeps;       /* NULL: nothing but its identity */
    const dev_deed *deed;        /* NULL: there is nothing to ask, it only measures */
    dev_randomness randomness;
    bool seals; /* secure storage (5.4-1): what it keeps is sealed in its flash */
} dev_sheet;

#endif
